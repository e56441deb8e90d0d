"""A section of a packet, and the sections that are lists of facts: which facts, and what of them is opened."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from projections.chart.pages import Block, Row, Sheet
from projections.packet.differences import told
from projections.packet.items import TITLES, Item
from projections.packet.reading import Fact, Known, Record

Cells = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the packet: its sheets (none: the record has nothing of it) and the positions that it rests on, with
    True where what is sealed is shown too."""

    item: Item
    sheets: tuple[Sheet, ...] = ()
    shows: dict[int, bool] = field(default_factory=dict)


def table(title: str, names: Sequence[str], rows: Iterable[Sequence[str]], mark: str | None = None) -> Block:
    """A table; an empty one says so."""
    cells: Cells = (tuple(names), *(tuple(row) for row in rows))
    if len(cells) == 1:
        return Block("words", title, ("Nothing is recorded.",), mark)
    return Block("table", title, mark=mark, cells=cells)


def sheet(
    record: Record, title: str, blocks: Iterable[Block], rows: Iterable[Row] = (), known: Known | None = None
) -> Sheet:
    """Pages of the packet that are no document of the chart, as known today or at another moment."""
    upto = known or record.now
    foot = f"As recorded through fact {upto.position:,} of {record.clock(upto.at)}."
    return Sheet(title, "", None, tuple(rows), tuple(blocks), foot)


def shown(facts: Iterable[Fact], *, whole: bool = False) -> dict[int, bool]:
    """The positions of facts, opened or not."""
    return {one.position: whole for one in facts}


def listed(record: Record, title: str, facts: Sequence[Fact], mark: str | None = None) -> Block:
    """Facts as an auditor reads them: place in the log, when it became known, by whom, what."""
    rows = [(f"{one.position:,}", record.clock(one.recorded_at), record.who(one), told(record, one)) for one in facts]
    return table(title, ("fact", "recorded", "by", "what"), rows, mark)


@dataclass(frozen=True, slots=True)
class Listing:
    """A section that is the list of the patient's facts of some names; `whole` also opens what is sealed in them."""

    item: Item
    names: tuple[str, ...]
    whole: bool = False

    def __call__(self, record: Record) -> Section:
        """The section of a record."""
        facts = record.of(*self.names)
        if not facts:
            return Section(self.item)
        page = sheet(record, TITLES[self.item], [listed(record, "", facts), *_opened(facts)])
        return Section(self.item, (page,), shown(facts, whole=self.whole))


def _opened(facts: Sequence[Fact]) -> Iterable[Block]:
    """The words that a reader of these facts needs beside the sentences: goals, numbers of authorizations."""
    for one in facts:
        for goal in getattr(getattr(one.told, "sealed", None), "goals", ()):
            yield Block("words", f"{goal.goal}, as of fact {one.position:,}", (goal.words,))
    numbers = [
        (f"{one.position:,}", number) for one in facts
        if (number := getattr(getattr(one.told, "sealed", None), "number", None))
    ]
    if numbers:
        yield table("Numbers", ("fact", "number"), numbers)


LISTINGS: tuple[Listing, ...] = (
    Listing(
        "authorization",
        ("authorization.requested", "authorization.approved", "authorization.extended", "authorization.denied",
         "authorization.voided"), whole=True,
    ),
    Listing(
        "call_log",
        ("authorization.review_submitted", "authorization.peer_to_peer_held", "authorization.payer_contact_logged",
         "dispute.call_logged", "dispute.peer_to_peer_held"),
    ),
    Listing(
        "eligibility",
        ("patient.coverage_recorded", "patient.coverage_ended", "patient.eligibility_checked",
         "enrollment.benefits_verified"),
    ),
    Listing("referral_source", ("enrollment.patient_referred",)),
    Listing(
        "level_of_care_criteria",
        ("enrollment.level_of_care_assessed", "enrollment.patient_admitted", "enrollment.admission_corrected",
         "enrollment.diagnosis_recorded", "enrollment.level_of_care_changed"),
    ),
    Listing("schedules", ("group.patient_rostered", "group.patient_unrostered")),
)  # fmt: skip
