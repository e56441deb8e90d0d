"""The sections that are documents of the chart, each as it is printed, with every fact of it in the proof."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aggregates.kit import FACT_OF
from aggregates.note.facts import DocumentKind, NoteDrafted
from aggregates.values import NoteId
from projections.chart import reading as chart
from projections.chart import sheets
from projections.packet.items import TITLES, Item
from projections.packet.reading import Fact, Record
from projections.packet.sections import Section, listed, sheet, shown

SERVICES: tuple[DocumentKind, ...] = (
    "individual", "family", "medication_visit", "nursing", "collateral", "case_management", "crisis",
)  # fmt: skip
KEYS = frozenset({"clinician.joined", "clinician.credential_recorded", "clinician.credential_lapsed",
                  "clinician.signing_key_created", "clinician.signing_key_revoked"})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Documents:
    """A section of documents of some kinds, behind the list of the facts of some names: those of the claimed days, or
    with `always` those of the whole record."""

    item: Item
    kinds: tuple[DocumentKind, ...]
    names: tuple[str, ...] = ()
    always: bool = False

    def __call__(self, record: Record) -> Section:
        """The section of a record."""
        facts, notes = record.of(*self.names), wanted(record, self.kinds, always=self.always)
        printed = [sheets.sheet(one) for one in chart.documents(record.log, notes, record.now.position)]
        listing = [sheet(record, TITLES[self.item], [listed(record, "", facts)])] if facts else []
        shows = shown(facts, whole=True) | proven(record, notes)
        return Section(self.item, (*listing, *printed), shows)


def wanted(record: Record, kinds: Sequence[DocumentKind], *, always: bool) -> list[NoteId]:
    """The documents of these kinds about the patient, by date of service."""
    found = [
        (one.told.service_date, one.stream) for one in record.of("note.drafted")
        if isinstance(one.told, NoteDrafted) and one.told.kind in kinds
        and one.told.patient_id == record.wanted.patient_id and (always or one.told.service_date in record.days)
    ]  # fmt: skip
    return [stream for _, stream in sorted(found)]


def proven(record: Record, notes: Sequence[NoteId]) -> dict[int, bool]:
    """The facts of documents and of the narratives that they rest on, opened, and of their signers the keys."""
    facts = [fact for note in notes for fact in record.streams.get(note, ())]
    narratives = {told for one in facts if (told := getattr(one.told, "narrative_id", None))}
    facts += [fact for narrative in sorted(narratives) for fact in record.streams.get(narrative, ())]
    return shown(facts, whole=True) | dict.fromkeys(keys_of(record, facts), True)


def keys_of(record: Record, facts: Sequence[Fact]) -> list[int]:
    """Where the signers of these facts joined, were credentialed, and got the keys that they sign with."""
    signers = {person for one in facts if (person := getattr(one.told, "signer_id", None))}
    return [
        one.position for person in sorted(signers) if (story := record.stories.get(person)) is not None
        for one in story.told if is_key(one.fact)
    ]  # fmt: skip


def is_key(fact: object) -> bool:
    """Whether a clinician's fact is about who they are, and what they sign with: not who else pays for them."""
    stored = FACT_OF.get(type(fact))
    return stored is not None and stored.name in KEYS


DOCUMENTS: tuple[Documents, ...] = (
    Documents("psychiatric_evaluation", ("intake", "psychiatric_evaluation"), always=True),
    Documents(
        "treatment_plan", ("plan_of_care", "plan_review"),
        ("enrollment.plan_of_care_adopted", "enrollment.plan_reviewed"), always=True,
    ),
    Documents("group_notes", ("group",)),
    Documents("individual_notes", SERVICES),
    Documents("progress_notes", ("daily",)),
    Documents(
        "certification", ("order", "certification"),
        ("enrollment.plan_certified", "enrollment.plan_recertified"), always=True,
    ),
    Documents(
        "discharge_plan", ("discharge_summary",), ("enrollment.discharge_planned", "enrollment.patient_discharged"),
        always=True,
    ),
)  # fmt: skip
