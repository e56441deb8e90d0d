"""A packet's contents: its sections in order, the pages, the data beside them, and which facts are in the proof."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from aggregates.assessment.facts import AssessmentAdministered, AssessmentCorrected
from aggregates.canonical import canonical
from aggregates.dispute.tracks import WITHIN
from iop_es.engine.log import Log
from projections.chart.pages import PageSet, Print, Sheet
from projections.chart.pdf import pdf
from projections.packet.attendance import attendance
from projections.packet.differences import ClaimedDay, days, differences
from projections.packet.documents import DOCUMENTS
from projections.packet.evidence_of_care import audit_trail, credentials, outcome_scores, supervision_evidence
from projections.packet.items import ITEMS, Item, Withheld
from projections.packet.letter import letter
from projections.packet.money import claim, policy, remittance, timely_filing
from projections.packet.notice import notice
from projections.packet.notice import shown as consent
from projections.packet.reading import Folded, Record, Wanted, read
from projections.packet.sections import LISTINGS, Section, shown
from projections.packet.summary import compared, summary

MOST_BYTES = 10_000_000
"""A PDF that would be larger is split; portals of payers take so much at once (a convention)."""

SECTIONS: dict[Item, Callable[[Record], Section]] = {
    **{one.item: one for one in LISTINGS}, **{one.item: one for one in DOCUMENTS}, "letter": letter,
    "remittance": remittance, "claim": claim, "attendance": attendance, "outcome_scores": outcome_scores,
    "timely_filing": timely_filing, "credentials": credentials, "supervision_evidence": supervision_evidence,
    "policy": policy, "audit_trail": audit_trail,
}
"""How each item is made; of one without a way the system keeps no records."""
ANSWERS: Withheld = "outcome_answers"
"""What a payer's edition never shows of an outcome measure: the answer to each question. They lie in the open part of
their facts, which has no part that could be shown without them, so the whole fact is withheld, proven in its place; the
scores, bands and classes on the pages are our word."""


@dataclass(frozen=True, slots=True)
class Contents:
    """The sheets that people read, section by section; which facts they rest on (True: opened); what is in it, and what
    is not: not in the record, or withheld."""

    record: Record
    sections: tuple[tuple[Sheet, ...], ...]
    shows: dict[int, bool]
    items: tuple[Item, ...]
    left_out: tuple[Item | Withheld, ...]

    @property
    def enrollment_id(self) -> str:
        """The claims' episode."""
        return self.record.episode

    def files(self) -> dict[str, bytes]:
        """The pages, and for ourselves the data beside them, by file name."""
        data = {"claim.json": canonical(_data(self.record))} if self.record.wanted.edition == "internal" else {}
        return _files(self.record, self.sections) | data


def contents(log: Log, wanted: Wanted, folded: Folded) -> Contents:
    """A packet's contents, a function of what is wanted and the log. Raises NotTheirClaim."""
    record = read(log, wanted, folded)
    asked = [item for item in ITEMS if item in _meant(wanted.items)]
    sections = [SECTIONS[item](record) if item in SECTIONS else Section(item) for item in asked]
    internal = wanted.edition == "internal"
    told = notice(record)
    front = [*([told] if told else []), summary(record, sections), *([compared(record)] if internal else [])]
    shows: dict[int, bool] = consent(record)
    for section in sections:
        for position, whole in section.shows.items():
            shows[position] = shows.get(position, False) or whole
    answers = set() if internal else {one.position for one in record.facts if _has_answers(one.told)} & {*shows}
    if internal:
        shows = shown(record.facts, whole=True) | shows
    shows = {position: whole for position, whole in shows.items() if position not in answers}
    left_out = (*(one.item for one in sections if not one.sheets), *((ANSWERS,) if answers else ()))
    return Contents(
        record, ((*front,), *(one.sheets for one in sections if one.sheets)), shows,
        tuple(one.item for one in sections if one.sheets), left_out,
    )


def _has_answers(told: object) -> bool:
    return isinstance(told, AssessmentAdministered | AssessmentCorrected) and bool(told.items)


def _meant(items: frozenset[Item]) -> frozenset[Item]:
    return frozenset(each for one in items for each in _sections_of(one))


def _sections_of(item: Item) -> tuple[Item, ...]:
    found: tuple[Item, ...] = WITHIN.get(item, ())
    return found or (item,)


def _files(record: Record, sections: Sequence[tuple[Sheet, ...]]) -> dict[str, bytes]:
    """The PDF, or where it would be too large its parts, each of whole sections."""
    whole = _pdf(record, [one for sheets in sections for one in sheets], "")
    if len(whole) <= MOST_BYTES or len(sections) == 1:
        return {"packet.pdf": whole}
    parts: list[list[Sheet]] = [[]]
    for sheets in sections:
        if parts[-1] and len(_pdf(record, [*parts[-1], *sheets], "")) > MOST_BYTES:
            parts.append([])
        parts[-1] += sheets
    return {
        f"packet-{number}.pdf": _pdf(record, part, f", part {number} of {len(parts)}")
        for number, part in enumerate(parts, 1)
    }


def _pdf(record: Record, sheets: Sequence[Sheet], part: str) -> bytes:
    title = f"Dispute packet{part}"
    return pdf(Print(title, (PageSet(record.running, title, contents=True, sheets=tuple(sheets)),)))


def _data(record: Record) -> dict[str, Any]:
    return {
        "as_of": record.then.position, "known_to": record.now.position,
        "days": [_day(one) for one in days(record)], "differences": differences(record),
    }  # fmt: skip


def _day(one: ClaimedDay) -> dict[str, Any]:
    return {
        "claim_id": one.claim_id, "date": one.date, "billed": [asdict(line) for line in one.billed],
        "then": one.then and one.then.model_dump(), "now": one.now and one.now.model_dump(),
        "later": [replace_told(fact) for fact in one.later],
    }  # fmt: skip


def replace_told(fact: Any) -> dict[str, Any]:
    """A fact's place and times, without what it says."""
    found = asdict(replace(fact, told=None))
    del found["told"]
    return found
