"""Two walls keep a program's rows from others: the application's own checks, and row-level security. Each holds alone.

Whoever asks here works in the other program, and asks about this one's patients, sessions, notes and days.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import cycle
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import Cursor, sql
from psycopg.conninfo import make_conninfo

from api.access import QUESTIONS
from api.asking import Ask
from api.gate import gate
from api.gate.admission import Admission
from api.gate.asked import Question
from iop_es.engine.connections import transaction
from iop_es.engine.readmodel.place import DOCUMENT, DOCUMENT_USE
from iop_es.engine.readmodel.reading import set_scope
from iop_es.wiring import MODELS
from tests.api.clinic import GROUP, PATIENTS, STRANGER, draft, take_in
from tests.api.house import ELSEWHERE, PROGRAM, House, an_id, opened
from tests.api.test_permissions import PROBES, queries
from tests.api.test_queries import NEEDED, a_days_work, filled

OURS = {an_id("patient", number) for number in range(1, PATIENTS + 1)}
SECRETS = OURS | {an_id("enrollment", number) for number in range(1, PATIENTS + 1)} | {
    an_id("session", 201), an_id("note", 201), GROUP,
}  # fmt: skip
ORGANIZATIONS = {"audit.entries", "audit.export"}
"""What also tells of streams of no program, such as a patient's own, to those who see the organization's."""
FROM_THE_LOG = {
    "note.read", "note.signatures", "note.envelopes", "note.print", "note.differences", "session.print",
    "patient.chart", "patient.identity", "stream.version",
}  # fmt: skip
"""What the log answers, which holds no program's rows: there the database is asked of a table that is guarded."""
NOBODYS = PROBES | {"me", "log.proof", "note.templates"}
Seen = dict[str, set[str]]


@pytest.fixture(scope="module")
def town(postgres_url: str, open_store: str, keys: Path) -> Iterator[tuple[House, str]]:
    """A clinic after a day's work, and its database."""
    with psycopg.connect(postgres_url, autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE town TEMPLATE {}").format(sql.Identifier(open_store)))
    url = make_conninfo(postgres_url, dbname="town")
    with opened(url, keys) as house:
        a_days_work(house)
        yield house, url


@pytest.fixture
def no_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    """The application with its checks of scope switched off: everything asked for is let in, for every program, also by
    what the log itself says of a patient."""
    def admits(self: Admission, cursor: Cursor[Any], question: Question) -> bool:
        self.scope(cursor, question)
        return True

    def everybody(_cursor: Cursor[Any], *, patients: Iterable[str], **_given: Any) -> set[str]:
        return set(patients)

    monkeypatch.setattr(Admission, "admits", admits)
    for check in ("knows", "reaches", "treats"):
        monkeypatch.setattr(Admission, check, lambda *_given: True)
    monkeypatch.setattr(gate, "reached", everybody)
    monkeypatch.setattr(Ask, "_programs", lambda _ask, _program: [PROGRAM, ELSEWHERE])


@pytest.fixture
def no_security(town: tuple[House, str]) -> Iterator[None]:
    """The database with the security of all rows switched off."""
    change_all(town[1], "NO FORCE", "DISABLE")
    yield
    change_all(town[1], "FORCE", "ENABLE")


def change_all(url: str, *words: str) -> None:
    """Switches the row-level security of every table of every read model."""
    with psycopg.connect(url, autocommit=True) as owner:
        for schema, table in owner.execute(
            "SELECT r.schema, c.relname FROM iop.read_model r"
            " JOIN pg_class c ON c.relnamespace = r.schema::regnamespace WHERE c.relkind = 'r'"
        ).fetchall():
            for word in words:
                statement = sql.SQL("ALTER TABLE {} " + word + " ROW LEVEL SECURITY")  # type: ignore[arg-type]
                owner.execute(statement.format(sql.Identifier(schema, table)))


def seen_from_elsewhere(house: House) -> Seen:
    """What of this program each query shows to somebody of the other, beside what was said in asking."""
    found: Seen = {}
    for name, (path, operation) in queries(house).items():
        if name in NOBODYS:
            continue
        where, given = filled(path), dict(NEEDED.get(name, {}))
        optional = {one["name"]: one for one in operation.get("parameters", ()) if one["in"] == "query"}
        for more in [{}] + [{"program_id": PROGRAM}] * ("program_id" in optional):
            role = min(QUESTIONS[name].roles)
            response = house.get(role, where, project=False, programs=(ELSEWHERE,), **given, **more)
            assert response.status_code in {200, 404, 409}, (name, response.text)
            told = re.sub(r"\s+", " ", response.text)
            secrets = SECRETS - OURS if name in ORGANIZATIONS else SECRETS
            found[name] = found.get(name, set()) | {one for one in secrets if one in told and one not in where}
            if name.startswith(("patient.", "note.", "session.", "stream.")) and response.status_code == 200:
                found[name].add(where)
    return found


def leaks(seen: Seen) -> set[str]:
    """The queries that showed anything."""
    return {name for name, told in seen.items() if told}


@pytest.mark.usefixtures("no_checks")
def test_with_the_applications_checks_off_the_database_alone_shows_nothing(town: tuple[House, str]) -> None:
    """No query shows an id of the other program's, also none that the log answers."""
    assert leaks(seen_from_elsewhere(town[0])) == set()


@pytest.mark.usefixtures("no_security")
def test_with_the_databases_security_off_the_application_alone_shows_nothing(town: tuple[House, str]) -> None:
    """Every query, also those that the log answers."""
    assert leaks(seen_from_elsewhere(town[0])) == set()


@pytest.mark.usefixtures("no_checks", "no_security")
def test_with_both_off_everything_is_seen(town: tuple[House, str]) -> None:
    """So that the two tests before say something: these would show what they must not."""
    assert leaks(seen_from_elsewhere(town[0])) == FROM_THE_LOG | {
        "audit.entries", "audit.export", "audit.stream", "billing.authorizations", "billing.days",
        "billing.eligibility", "billing.patient_authorizations", "billing.patient_day", "billing.patient_days",
        "caseload.groups", "caseload.notes_to_sign", "caseload.patient_notes", "caseload.patient_summary",
        "caseload.patients", "caseload.session", "caseload.session_documentation", "outcomes.expected",
        "outcomes.patient", "outcomes.patient_picture",
    }  # fmt: skip


def tables(cursor: Cursor[Any]) -> list[tuple[str, str, tuple[str, ...]]]:
    """Every table of the shipped read models: its schema, its name and its columns."""
    places = dict(cursor.execute("SELECT name, schema FROM iop.read_model WHERE active").fetchall())
    return [(places[name], one.name, one.columns) for name, model in MODELS.items() for one in model.tables]


def counted(cursor: Cursor[Any], schema: str, table: str) -> int:
    """How many rows are seen."""
    found = cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(schema, table))).fetchone()
    assert found is not None
    return int(found[0])


def test_without_a_scope_no_table_shows_a_row(town: tuple[House, str]) -> None:
    """Fail closed: the owner counts rows in most tables where the role that answers questions counts none."""
    house, url = town
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute("SET ROLE iop_owner")
        full = {one[:2]: counted(owner.cursor(), *one[:2]) for one in tables(owner.cursor())}
    assert sum(map(bool, full.values())) > 20
    with transaction(house.asking) as cursor:
        assert {one: counted(cursor, *one) for one in full} == dict.fromkeys(full, 0)
        set_scope(cursor, programs="", person="", unreferred="on", organization_wide="on")
        assert sum(counted(cursor, *one) for one in full if one[1] not in {"entry", "entry_patient", "thing_program",
                                                                           "patient"}) == 0  # fmt: skip


@pytest.mark.parametrize(("mine", "theirs"), [(PROGRAM, ELSEWHERE), (ELSEWHERE, PROGRAM)])
def test_within_one_program_no_row_names_the_other_or_its_patients(
    mine: str, theirs: str, town: tuple[House, str]
) -> None:
    """Table by table: each row that is seen tells by its own columns that it is this program's."""
    foreign = {"program_id": {theirs}, "patient_id": OURS if mine == ELSEWHERE else {STRANGER}}
    seen = 0
    with transaction(town[0].asking) as cursor:
        set_scope(cursor, programs=mine, person=an_id("director"), unreferred="on", organization_wide="off")
        for schema, table, columns in tables(cursor):
            for column, others in foreign.items():
                if column in columns:
                    query = sql.SQL("SELECT {}::text FROM {}")
                    named = query.format(sql.Identifier(column), sql.Identifier(schema, table))
                    values = {value for (value,) in cursor.execute(named)}
                    assert not values & others, (schema, table)
                    seen += len(values)
    assert seen > 5


def test_every_table_says_whose_rows_they_are_and_none_is_seen_that_does_not(town: tuple[House, str]) -> None:
    """No statement is missing, none is about a table that is not there; the fold's own tables are nobody's."""
    for model in MODELS.values():
        assert set(model.reach) == {one.name for one in model.tables}
    with transaction(town[0].asking) as cursor:
        places = {schema for schema, _, _ in tables(cursor)}
        for schema in places:
            for table in (DOCUMENT, DOCUMENT_USE):
                with pytest.raises(psycopg.errors.InsufficientPrivilege), cursor.connection.transaction():
                    counted(cursor, schema, table.name)


def test_a_thousand_uses_of_the_same_connections_leak_no_scope(town: tuple[House, str]) -> None:
    """Callers of one program, of the other, of none and failing ones take turns; each finds what is its own."""
    house = town[0]
    with transaction(house.asking) as cursor:
        ((place,),) = cursor.execute("SELECT schema FROM iop.read_model WHERE active AND name = 'caseload'").fetchall()
    query = sql.SQL("SELECT DISTINCT program_id FROM {}").format(sql.Identifier(place, "episode"))
    turns = cycle((PROGRAM, None, "", ELSEWHERE, None, "fails", None, f"{PROGRAM},{ELSEWHERE}", None))
    for programs, _ in zip(turns, range(1_000), strict=False):
        if programs == "fails":
            with pytest.raises(psycopg.errors.DivisionByZero), transaction(house.asking) as cursor:
                set_scope(cursor, programs=PROGRAM, person=PROGRAM)
                cursor.execute("SELECT 1 / 0")
            continue
        with transaction(house.asking) as cursor:
            if programs is not None:
                set_scope(cursor, programs=programs, person=PROGRAM)
            found = {value for (value,) in cursor.execute(query)}
        assert found == set((programs or "").split(",")) - {""}


def test_who_wrote_reads_it_again_before_any_read_model_has_it(town: tuple[House, str]) -> None:
    """A new patient and a new document, asked for at once: the wall before the log's answers needs no row of them."""
    house = town[0]
    patient = take_in(house, 77)
    note = draft(house, note=277, patient=77)
    for role, path in (("clinician", f"/notes/{note}"), ("front_desk", f"/patients/{patient}/identity")):
        assert house.get(role, path, project=False).status_code == 200
        assert house.get(role, path, project=False, programs=(ELSEWHERE,)).status_code == 404
