"""A document is held to the template that it began under, whatever came later."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from aggregates.codec import decode, encode
from aggregates.note import AGGREGATE, likeness, templates
from aggregates.note.commands import DraftNote, ReviseNote
from aggregates.note.facts import NoteContent, NoteDrafted, NoteRevised, Section
from aggregates.note.likeness import Wording, within
from aggregates.note.templates import lacking, template, unready
from projections.chart.words import label, title
from tests.aggregates.clinic import EVENING, FACILITATOR, MONDAY, PROGRAM, anything, at, patient
from tests.aggregates.documents import NOTE
from tests.aggregates.scenario import an_id, given

FIRST_RISK = "Risk today: [none voiced, or what was said and what was done]."
SECOND_RISK = "Safety today, asked of everybody in the room at its end: [ ]."


@pytest.fixture
def second_version(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A later template of an individual session: another name, label and starting words, and one section more."""
    first = template("individual")
    sections = tuple(
        replace(one, label="Safety today", starting_words=SECOND_RISK) if one.name == "risk" else one
        for one in first.sections
    )
    more = replace(first.sections[0], name="homework", label="Homework", required=True)
    second = replace(first, version=2, name="Individual session, second form", sections=(*sections, more))
    kept = (templates.template, templates._sections_of, templates._lacking, likeness._template)
    known = (*templates.templates(), second)
    with monkeypatch.context() as patch:
        patch.setattr(templates, "templates", lambda: known)
        for one in kept:
            one.cache_clear()
        yield
    for one in kept:
        one.cache_clear()


def to_draft(*said: tuple[str, str], **changes: Any) -> DraftNote:
    """A part outside any session."""
    fields: dict[str, Any] = {
        "note_id": NOTE, "kind": "individual", "program_id": PROGRAM, "service_date": MONDAY,
        "service_ended_at": at("10:30"), "patient_id": patient(1), "content": content(*said),
    }
    return DraftNote(**(fields | changes))


def content(*said: tuple[str, str]) -> NoteContent:
    """Words, section by section."""
    return NoteContent(sections=tuple(Section(name=name, words=words) for name, words in said))


def test_a_draft_records_its_template_and_names_what_still_says_the_same() -> None:
    """Names alone are told in clear; a revision tells anew."""
    command = to_draft(("risk", FIRST_RISK), ("plan", "Call."))
    [fact] = given(AGGREGATE).when(command, EVENING, {"patient": anything(patient(1))}).facts
    assert (fact.template_version, fact.untouched) == (1, ("risk",))
    again = ReviseNote(note_id=NOTE, content=content(("risk", "None voiced."), ("plan", "Call.")))
    [revised] = given(AGGREGATE, fact).when(again, EVENING, {}).facts
    assert revised.untouched == ()


def test_a_fact_that_tells_none_was_written_under_the_first(second_version: None) -> None:
    """Its readiness, its labels and its likeness follow that one, as before there was a second."""
    fact = older(("risk", FIRST_RISK))
    assert fact.template_version == 1 and fact.untouched is None
    state = AGGREGATE.evolve(AGGREGATE.initial, fact)
    assert state.wording.untouched == ("risk",)
    revised = NoteRevised(content_digest="1" * 64, sections=("risk",), sealed=older(("risk", SECOND_RISK)).sealed)
    assert AGGREGATE.evolve(state, revised).wording.untouched == ()
    assert (label("individual", "risk", {}, 1), label("individual", "risk", {})) == ("Risk", "Safety today")
    assert (title("individual", 1), title("individual")) == ("Individual session", "Individual session, second form")
    required = [one.name for one in template("individual", 1).sections if one.required]
    assert lacking("individual", required, names_goal=True, version=1) == ()
    assert lacking("individual", required, names_goal=True, version=2) == ("homework",)
    assert "risk" not in {one.section for one in unready("individual", [("risk", SECOND_RISK)], (), version=1)}
    for form, alike in ((1, 1), (2, 0)):
        told = [Wording(an_id("note", one), "individual", [("risk", SECOND_RISK)], form=form) for one in (1, 2)]
        assert len(within(told)) == alike


def test_a_new_document_begins_under_the_latest_and_the_same_command_again_is_no_other(second_version: None) -> None:
    """Also where a later template came between."""
    seen = {"patient": anything(patient(1))}
    [fact] = given(AGGREGATE).when(to_draft(("risk", SECOND_RISK)), EVENING, seen).facts
    assert (fact.template_version, fact.untouched) == (2, ("risk",))
    began = replace(fact, template_version=1, untouched=())
    given(AGGREGATE, began).when(to_draft(("risk", SECOND_RISK)), EVENING, seen).nothing_happened()


def older(*said: tuple[str, str]) -> NoteDrafted:
    """A fact as it was stored before it told its template."""
    fact = NoteDrafted(
        kind="individual", program_id=PROGRAM, author_id=FACILITATOR, service_date=MONDAY, service_ended_at=at("10:30"),
        patient_id=patient(1), sections=("risk",), content_digest="0" * 64,
        sealed={"sections": content(*said).sections},  # type: ignore[arg-type] # pydantic makes it
    )
    stored, state, sealed = encode(fact)
    before = {name: one for name, one in json.loads(state).items() if name not in {"template_version", "untouched"}}
    read: NoteDrafted = decode(stored.topic, json.dumps(before).encode(), sealed)
    return read
