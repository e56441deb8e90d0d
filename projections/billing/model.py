"""Billing as a read model: a document a patient, weeks decided when a batch is settled."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.resources import files

from iop_es.engine.readmodel.model import EVERYONE, Grain, Recorded, Rows
from projections.billing.accounts.payer_credits import settled_claims
from projections.billing.accounts.provider import MAKES
from projections.billing.documents import ALWAYS, Patient
from projections.billing.inputs import REFERS, TAKES
from projections.billing.reach import REACH
from projections.billing.references import Reference
from projections.billing.rows import TABLES, parked_rows, rows_of
from projections.billing.weeks import walk


class Billing:
    """The read model; see the package."""

    name = "billing"
    version = 11
    ddl = (files("projections.billing") / "schema.sql").read_text(encoding="utf-8")
    reach = REACH
    tables = TABLES
    grain: Grain = "patient"
    handles = frozenset({*TAKES, *REFERS, *MAKES})
    makes = frozenset(MAKES)
    # What concerns no patient is in no patient's share of a rebuild, so it is read with what all share.
    references = frozenset({*REFERS, *MAKES})
    sealed: frozenset[str] = frozenset()
    context = False
    document = Patient
    reference = Reference

    def keys(self, recorded: Recorded) -> tuple[str, ...]:
        """The patients that a fact is indexed to; a reference fact belongs to nobody."""
        return () if recorded.name in self.references else recorded.patients

    def apply(self, key: str, document: Patient, recorded: Recorded) -> None:
        """Takes a fact in and marks the days that it concerns."""
        TAKES[recorded.name](document, recorded)

    def refer(self, reference: Reference, recorded: Recorded) -> tuple[str, ...]:
        """Takes a reference fact in; of what a payer settles with the provider only credits rest on it."""
        return REFERS[recorded.name](reference, recorded) if recorded.name in REFERS else ()

    def touch(self, document: Patient, reference_id: str, recorded: Recorded) -> None:
        """Every day may rest on a reference. Reference facts are few: all weeks of their users are decided again. On
        what a payer withheld for a claim only the money rests."""
        if reference_id in document.claims:
            document.dirty_money = True
        else:
            document.touch_from(ALWAYS)

    def uses(self, document: Patient) -> Iterable[str]:
        """Programs, payers, whoever signed or certified, and claims that a payer answered."""
        yield from settled_claims(document)
        for episode in document.episodes.values():
            yield episode.program_id
            yield from (who for _, who in episode.attendings)
            yield from (one.value for one in episode.certifications)
        for coverage in document.coverages.values():
            yield coverage.payer_id
        for note in document.notes.values():
            if note.signer_id is not None:
                yield note.signer_id
            if note.cosigner_id is not None:
                yield note.cosigner_id

    def concerns(self, reference: Reference, name: str, stream: str) -> tuple[str, ...]:
        """Programs and clinicians go by their stream; a policy by its payer, and an unknown one may be anybody's."""
        if name in MAKES:
            return ()
        if not name.startswith("payer_policy."):
            return (stream,)
        known = reference.policies.get(stream)
        return (EVERYONE,) if known is None else (known.payer_id,)

    def parked(self, key: str, document: Patient, position: int) -> Rows:
        """Every day that is known of the patient, held without an amount."""
        return parked_rows(key, document)

    def settle(self, key: str, document: Patient, reference: Reference) -> Rows:
        """Decides the dirty weeks."""
        rows = rows_of(key, document, reference, walk(key, document, reference))
        document.dirty_days, document.dirty_from, document.dirty_claims = {}, None, {}
        document.dirty_money = False
        return rows

    def entries(self, recorded: Recorded, rows: Rows) -> None:
        """What a payer settles with the provider, and what of its files nobody could place."""
        MAKES[recorded.name](recorded, rows)


MODEL = Billing()
"""The one instance that drivers and gates use."""

