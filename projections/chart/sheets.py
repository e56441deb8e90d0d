"""Renditions in words and in order, ready to be set in type: rows, and blocks of one shape.

HTML and PDF are set from the same sheets, so that neither says more than the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from projections.chart.figures import in_words
from projections.chart.manifestations import signature
from projections.chart.pages import Block, PageSet, Print, Row, Sheet
from projections.chart.shown import (
    AmendmentShown,
    AnswerShown,
    Disagreement,
    DocumentShown,
    FigureChange,
    PersonShown,
    Rendition,
    ReturnShown,
    SectionShown,
    ServiceShown,
    StruckShown,
    WordingShown,
)
from projections.chart.words import AMENDMENTS, PHASES, UNREADABLE, clock, said

RETURNED = "Earlier wording, signed and then returned"
RESTED_ON = "As it was when this part was signed"
"""Why a wording that stands no longer is shown."""


def of_document(shown: Rendition) -> Print:
    """One document."""
    return Print(shown.document.title, (_set((shown,)),))


def of_session(shown: Sequence[Rendition], left_out: int = 0) -> Print:
    """A session's documents, each patient's in a set of pages of its own, with the narrative in each; the narrative by
    itself only where no part rests on it. How many are left out stands in front, on a page of nobody's."""
    rested_on = {one.narrative.note_id for one in shown if one.narrative}
    alone = (one for one in shown if one.note_id not in rested_on)
    ordered = sorted(alone, key=lambda one: (one.patient_id is not None, _name(one), one.patient_id or "", one.note_id))
    whose = dict.fromkeys(one.patient_id for one in ordered)
    sets = [_set([one for one in ordered if one.patient_id == patient]) for patient in whose]
    return Print("Session documents", (*([_left_out(left_out)] if left_out else []), *sets))


def of_chart(running: str, first: str, through: str, shown: Sequence[Rendition], lost: Sequence[str] = ()) -> Print:
    """The documents of a stretch of one patient's chart, in order of service, with their contents in front; `lost` are
    the ids of documents that can no longer be read."""
    ordered = sorted(shown, key=lambda one: (one.service_date, one.service_ended_at, one.note_id))
    title = f"Chart from {first} through {through}"
    sheets = (*(sheet(one) for one in ordered), *(_lost(one) for one in lost))
    pages = PageSet(running, title, contents=True, sheets=sheets)
    return Print(title, (pages,))


def running(shown: Rendition) -> str:
    """Whose page it is: name, birth date and record number, as every page has to say."""
    if shown.patient is None:
        return "Narrative that a group shares; of no patient"
    return patient_line(shown.patient.name, shown.patient.birth_date, shown.patient.medical_record_number)


def patient_line(name: str | None, birth_date: str | None, number: str | None) -> str:
    """A patient in one line."""
    return f"{name or f'Name {UNREADABLE}'} · born {birth_date or UNREADABLE} · MRN {number or 'none'}"


def sheet(shown: Rendition) -> Sheet:
    """One document in words."""
    document = shown.document
    watermark = {"draft": "DRAFT, NOT SIGNED", "returned": "DRAFT, NOT SIGNED", "entered_in_error": "ENTERED IN ERROR"}
    when = clock(shown.through_at, shown.zone, seconds=True)
    return Sheet(
        title=document.title, dated=shown.service_date, watermark=watermark.get(document.phase),
        rows=tuple(_rows(shown)), blocks=tuple(_blocks(shown)),
        foot=f"Document {shown.note_id}, version {document.version}. As recorded through fact"
        f" {shown.through_position:,} of {when}. Times are of {shown.zone}.",
    )  # fmt: skip


def _set(shown: Sequence[Rendition]) -> PageSet:
    sheets = tuple(sheet(one) for one in shown)
    return PageSet(running(shown[0]), shown[0].document.title, contents=False, sheets=sheets)


def _left_out(number: int) -> PageSet:
    told = (
        f"Documents of this session that are not in this print: {number}. Whoever printed it treats none of their"
        " patients now, and neither wrote nor signed them."
    )
    sheet = Sheet("Not the whole session", "", None, (), (Block("notice", "Left out", (told,)),), "Of no patient.")
    return PageSet("Session documents; of no patient", sheet.title, contents=False, sheets=(sheet,))


def _lost(note_id: str) -> Sheet:
    """In the place of a document whose beginning is damaged."""
    told = "What it says, of whom and of when can no longer be read; have it restored from a copy of the log."
    return Sheet("Damaged document", "", None, (), (Block("notice", "Damaged", (told,)),), f"Document {note_id}.")


def _name(shown: Rendition) -> str:
    return (shown.patient.name if shown.patient else None) or ""


def _rows(shown: Rendition) -> Iterator[Row]:
    yield "State", PHASES[shown.document.phase]
    name = shown.program_name or shown.program_code or shown.program_id
    yield "Program", f"{name} ({shown.program_code})" if shown.program_code and shown.program_name else name
    yield "Date of service", shown.service_date
    service, zone = shown.service, shown.zone
    if service is None:
        yield "Service", said(shown.service_kind) if shown.service_kind else "No session"
        yield "Service ended", clock(shown.service_ended_at, zone)
    else:
        yield "Service", f"{said(service.kind)}: {said(service.topic)}"
        yield from _figures(shown, service)
        yield "Facilitators", "; ".join(_who(one) for one in service.facilitators) or "none named"
        yield "Place", f"{service.place_of_service}, {said(service.modality).lower()}"
    if shown.diagnosis is not None:
        yield "Diagnosis", shown.diagnosis
    yield "Author", _who(shown.document.author)
    for goal in shown.goals:
        stray = "not in the plan of care that was in force on that day"
        gone = "as signed; corrected below"
        told = (goal.words, stray if goal.planned is False else None, gone if goal.corrected else None)
        yield f"Goal {goal.goal}", "; ".join(filter(None, told)) or "no words of it in the plan of care"


def _figures(shown: Rendition, service: ServiceShown) -> Iterator[Row]:
    """The session's figures; what was corrected after the author signed stands beside what was signed."""
    corrected = {one.label: one for one in shown.document.corrected}
    for label in dict.fromkeys((*(told := in_words(service.figures, shown.zone)), *corrected)):
        if label in corrected:
            yield f"{label}, as signed", corrected[label].before or "not told"
            yield f"{label}, corrected since", told.get(label, "not told")
        else:
            yield label, told[label]


def _who(one: PersonShown) -> str:
    return ", ".join(part for part in (one.name or one.person_id, one.credential) if part)


def _blocks(shown: Rendition) -> Iterator[Block]:
    document, narrative = shown.document, shown.narrative
    yield from _notices(shown)
    struck = document.struck is not None
    if narrative is not None:
        yield Block("heading", "Group narrative, shared")
        if shown.rested_on is not None and shown.rested_on not in narrative.earlier:
            yield from _superseded(shown.rested_on, shown.zone, RESTED_ON)
        yield from _document(
            narrative, shown.zone, struck=struck or narrative.struck is not None, rested_on=shown.rested_on
        )
        yield Block("heading", "This patient's own part")
    yield from _document(document, shown.zone, struck=struck)
    for one in shown.disagreements:
        yield disagreement(one)


def _notices(shown: Rendition) -> Iterator[Block]:
    document = shown.document
    if document.struck is not None:
        yield Block("notice", "Entered in error", (f"Struck through and kept; reason: {said(document.struck.cause)}.",))
    if shown.absent:
        told = "This part is about somebody who was not there."
        yield Block("notice", "The patient was absent from this session", (told,))
    if document.corrected:
        yield Block("notice", "The session was corrected after this was signed", _corrected(document.corrected))
    if shown.narrative_lost:
        yield Block("notice", f"The shared narrative is {UNREADABLE}")
    if shown.narrative is not None:
        yield from _narrative_notices(shown, shown.narrative)


def _narrative_notices(shown: Rendition, narrative: DocumentShown) -> Iterator[Block]:
    zone = shown.zone
    if narrative.struck is not None:
        at, cause = clock(narrative.struck.at, zone), said(narrative.struck.cause)
        yield Block("notice", "The shared narrative was entered in error", (f"On {at}; reason: {cause}.",))
    if narrative.phase in ("draft", "returned"):
        yield Block("notice", "The shared narrative is not signed")
    if narrative.corrected:
        told = _corrected(narrative.corrected)
        yield Block("notice", "The session was corrected after the shared narrative was signed", told)
    if shown.rested_on is not None:
        yield Block("notice", "The shared narrative was written anew after this part was signed")
    for one in narrative.amendments:
        yield Block("notice", "The shared narrative was amended after it was signed", (_amended(one, zone),))


def _corrected(found: Sequence[FigureChange]) -> tuple[str, ...]:
    return tuple(f"{one.label}: signed as {one.before or 'not told'}; now {one.after or 'not told'}." for one in found)


def _document(
    document: DocumentShown, zone: str, *, struck: bool, rested_on: WordingShown | None = None
) -> Iterator[Block]:
    for earlier in document.earlier:
        yield from _superseded(earlier, zone, RESTED_ON if earlier == rested_on else RETURNED)
    for section in document.wording.sections:
        corrections = document.wording.corrections(section.name)
        mark = "Original, corrected below" if corrections else None
        yield _words(section, struck=struck or bool(corrections), mark=mark)
        for one in corrections:
            yield from amendment(one, zone, struck=struck)
    yield from (signature(one, zone) for one in document.wording.signatures)
    if not document.wording.signatures:
        yield Block("notice", "Not signed")
    yield from (answered(one) for one in document.wording.patient)
    for one in document.wording.additions:
        yield from amendment(one, zone, struck=struck)
    for back in document.returns:
        yield returned(back, zone)
    if document.struck is not None:
        yield from struck_through(document.struck, zone)


def struck_through(one: StruckShown, zone: str) -> Iterator[Block]:
    """Why and by whom it was struck through, with the signature under that."""
    told = f"{clock(one.at, zone)} by {_who(one.by)}; reason: {said(one.cause)}."
    yield Block("notice", "Entered in error", (told, *_lines(one.words)))
    yield signature(one.signature, zone)


def answered(one: AnswerShown) -> Block:
    """Who signed for the patient's side, or would not, and who saw it."""
    whose = f"{said(one.by)}{f' ({said(one.relationship).lower()})' if one.relationship else ''}"
    witness = f"witnessed by {_who(one.witness)}"
    if one.how is not None:
        told = f"{whose}, {said(one.how).lower()}, {one.on}; {witness}."
        return Block("notice", "Signed by the patient's side", (told,))
    told = f"{whose}, {one.on}; reason: {said(one.cause or '')}; {witness}."
    return Block("notice", "Signature refused", (told, *_lines(one.words)))


def returned(back: ReturnShown, zone: str) -> Block:
    """That a supervisor wanted changes, and which."""
    told = f"{clock(back.at, zone)} by {_who(back.by)}; reason: {said(back.cause)}."
    return Block("notice", "Returned for changes", (told, *_lines(back.words)))


def _superseded(one: WordingShown, zone: str, why: str) -> Iterator[Block]:
    """A wording that stands no longer, with what was signed over it."""
    mark = f"{why}; written {clock(one.recorded_at, zone)}"
    for section in one.sections:
        yield _words(section, struck=True, mark=mark, depth=1)
        for each in one.corrections(section.name):
            yield from amendment(each, zone, struck=True)
    yield from (signature(each, zone, depth=1) for each in one.signatures)
    yield from (answered(each) for each in one.patient)
    for each in one.additions:
        yield from amendment(each, zone, struck=True)


def amendment(one: AmendmentShown, zone: str, *, struck: bool) -> Iterator[Block]:
    """An amendment in its place, marked as one, with its own signature."""
    mark = _amended(one, zone) + (" Corrected again below." if one.superseded else "")
    for section in one.sections:
        yield _words(section, struck=struck or one.superseded, mark=mark, depth=1)
    yield signature(one.signature, zone, depth=1)


def _amended(one: AmendmentShown, zone: str) -> str:
    of = f" of {one.section_label}" if one.section_label else ""
    by = one.signature.printed_name or one.signature.signer_id
    return f"{AMENDMENTS[one.kind]}{of}, {clock(one.signature.at, zone)}, by {by}; reason: {said(one.cause)}."


def _words(section: SectionShown, *, struck: bool, mark: str | None, depth: int = 0) -> Block:
    lines = _lines(section.words) if section.words is not None else (f"The words are {UNREADABLE}.",)
    return Block("words", section.label, lines, mark, struck, depth)


def disagreement(one: Disagreement) -> Block:
    """What the patient asked to have changed, the answer, and the objection to a denial."""
    answer = {None: "not answered yet", True: "accepted", False: "denied"}[one.accepted]
    parts = (one.asked, one.answer, one.objection and f"Statement of disagreement: {one.objection}")
    told = tuple(line for part in parts for line in _lines(part))
    return Block("notice", f"Amendment requested by the patient on {one.received_on}: {answer}", told)


def _lines(words: str | None) -> tuple[str, ...]:
    return () if words is None else tuple(words.split("\n"))
