"""The defects. Each is one that stores, proofs and clinics are known for; it changes as little as it can."""

from __future__ import annotations

from dataclasses import dataclass


class NoLongerFits(Exception):
    """The code that the defect changes is not there as it was: look where the line went, and let the defect follow."""


@dataclass(frozen=True, slots=True)
class Defect:
    """In one file `sound` becomes `broken`; `tests` are those that have to notice."""

    name: str
    file: str
    sound: str
    broken: str
    tests: tuple[str, ...]

    def put_into(self, text: str) -> str:
        """The file with the defect in it. Raises NoLongerFits."""
        if text.count(self.sound) != 1:
            raise NoLongerFits(f"{self.name}: {self.file}")
        return text.replace(self.sound, self.broken)


SCHEMA = "iop_es/engine/schema"
TRANSPARENCY = "iop_es/engine/transparency"

DEFECTS = (
    Defect(
        "drop a trigger", f"{SCHEMA}/03_append_only.sql",
        "ARRAY['fact', 'fact_patient', 'idempotency', 'access_log']",
        "ARRAY['fact_patient', 'idempotency', 'access_log']",
        ("tests/engine/test_store_roles.py",),
    ),
    Defect(
        "drop the associated data", "iop_es/engine/subjects/layout.py",
        'return b"iop-aad/v1\\n" + header + _place(part) + _LENGTH.pack(len(name)) + name',
        'return b"iop-aad/v1\\n" + header + name[:0]',
        ("tests/engine/subjects/test_layout.py",),
    ),
    Defect(
        "row-level security off", f"{SCHEMA}/12_guard.sql",
        "EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', one.full_name);",
        "EXECUTE format('ALTER TABLE %s DISABLE ROW LEVEL SECURITY', one.full_name);",
        ("tests/engine/test_checking.py", "tests/api/test_layers.py"),
    ),
    Defect(
        "skip a position", "iop_es/engine/readmodel/driver.py",
        "project(cursor, place, fold, page, self._decode,",
        "project(cursor, place, fold, [one for one in page if one.position % 7], self._decode,",
        ("tests/engine/test_readmodel.py",),
    ),
    Defect(
        "unsigned checkpoint", f"{TRANSPARENCY}/signed.py",
        "if Verifier(head.origin, self.log.public_key).signed(note) is None:",
        "if Verifier(head.origin, self.log.public_key).signed(note) is None and False:",
        ("tests/engine/transparency/test_verifying.py",),
    ),
    Defect(
        "retry without lookup", f"{SCHEMA}/04_append.sql",
        "IF EXISTS (SELECT FROM idempotency WHERE key = ANY (key_names)) THEN",
        "IF false THEN",
        ("tests/engine/test_store_append.py", "tests/engine/test_store_concurrency.py"),
    ),
    Defect(
        "merge without checkpoint", "iop_es/engine/readmodel/driver.py",
        'self._pause("merged")', 'cursor.execute("COMMIT"); cursor.execute("BEGIN"); self._pause("merged")',
        ("tests/engine/test_crashes.py",),
    ),
    Defect(
        "clock from the client", f"{SCHEMA}/04_append.sql",
        "moment := greatest(clock_timestamp(), head.recorded_at);",
        "moment := coalesce((SELECT max(o) FROM unnest(occurred) o), clock_timestamp());",
        ("tests/engine/test_store_append.py", "tests/engine/test_store_concurrency.py"),
    ),
    Defect(
        "plain cursor on uncommitted ids", f"{TRANSPARENCY}/reads.sql",
        "WHERE a.transaction > {schema}.access_ordered() AND a.transaction < pg_snapshot_xmin(pg_current_snapshot())",
        "WHERE a.id > coalesce((SELECT max(id) FROM {schema}.access_order), 0)",
        ("tests/engine/transparency/test_read_order.py",),
    ),
    Defect(
        "no wall before what the log answers", "api/gate/admission.py",
        " and known and self.shows(cursor, question)", " and known", ("tests/api/test_layers.py",),
    ),
    Defect(
        "wrong half-open interval", "aggregates/session/minutes.py",
        "return sum(stop - start for start, stop in present) - lost",
        "return sum(stop - start + 1 for start, stop in present) - lost",
        ("tests/aggregates/test_session_minutes.py",),
    ),
)  # fmt: skip
