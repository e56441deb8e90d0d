"""The differences between two moments of a document, on paper."""

from __future__ import annotations

from collections.abc import Iterator

from projections.chart.differences import Differences
from projections.chart.manifestations import signature
from projections.chart.pages import Block, PageSet, Print, Row, Sheet
from projections.chart.sheets import amendment, answered, disagreement, returned, running, struck_through
from projections.chart.shown import Rendition
from projections.chart.words import PHASES, clock

NOTHING = Block("notice", "Nothing differs")


def of_differences(found: Differences, now: Rendition) -> Print:
    """What came to a document between two moments; `now` is the later one."""
    zone, title = now.zone, f"Changes of: {now.document.title}"
    since, through = (clock(at, zone, seconds=True) for at in (found.since_at, found.through_at))
    blocks, rows = tuple(_blocks(found, zone)), found.goals_added or found.goals_removed or found.figures
    sheet = Sheet(
        title=title, dated=now.service_date, watermark=None,
        rows=tuple(_rows(found, since, through)), blocks=blocks or (() if rows else (NOTHING,)),
        foot=f"Document {found.note_id}. Times are of {zone}.",
    )  # fmt: skip
    return Print(title, (PageSet(running(now), title, contents=False, sheets=(sheet,)),))


def _rows(found: Differences, since: str, through: str) -> Iterator[Row]:
    yield "Then", f"as recorded through fact {found.since_position:,} of {since}: {_phase(found.phase_then)}"
    yield "Now", f"as recorded through fact {found.through_position:,} of {through}: {_phase(found.phase_now)}"
    if found.narrative_phase_now is not None:
        then, now = _phase(found.narrative_phase_then), _phase(found.narrative_phase_now)
        yield "Narrative", f"then: {then}; now: {now}"
    if found.goals_added:
        yield "Goals added", ", ".join(found.goals_added)
    if found.goals_removed:
        yield "Goals removed", ", ".join(found.goals_removed)
    yield from _figures(found)


def _figures(found: Differences) -> Iterator[Row]:
    for one in found.figures:
        yield one.label, f"then: {one.before or 'not told'}; now: {one.after or 'not told'}"


def _phase(phase: str | None) -> str:
    return PHASES[phase] if phase else "not written yet"


def _blocks(found: Differences, zone: str) -> Iterator[Block]:
    for one in found.sections:
        of = "narrative" if one.of == "narrative" else "document"
        runs = tuple((run.change, run.words) for run in one.runs)
        yield Block("changes", one.label, mark=f"{one.change.capitalize()}, in the {of}", runs=runs)
    for title, signatures, amendments, struck in (
        ("Came to the narrative", found.narrative_signatures, found.narrative_amendments, found.narrative_struck),
        ("Came to the document", found.signatures, found.amendments, found.struck),
    ):
        if signatures or amendments or struck:
            yield Block("heading", title)
        yield from (signature(one, zone) for one in signatures if struck is None or one.key != struck.signature.key)
        for each in amendments:
            yield from amendment(each, zone, struck=False)
        if struck is not None:
            yield from struck_through(struck, zone)
    yield from (answered(one) for one in found.answers)
    yield from (returned(one, zone) for one in found.returns)
    yield from (disagreement(one) for one in found.disagreements)
