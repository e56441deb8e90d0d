"""Characters that nobody sees: refused at the door by field and number, read where they were stored before."""

from __future__ import annotations

import pytest

from aggregates.kit import altered
from aggregates.note.commands import DraftNote
from aggregates.note.facts import NoteContent, Section
from api.commands.order import Order
from tests.api.clinic import at, draft, on
from tests.api.house import PROGRAM, House, an_id
from tests.api.test_problems import problem
from tests.api.test_signatures import addendum

HIDDEN = "Denies intent: \u202elaud\u202c not suicidal"


@pytest.mark.parametrize(("character", "number"), [("\u202e", "U+202E"), ("\u2066", "U+2066"), ("\u200b", "U+200B")])
def test_words_that_would_be_shown_otherwise_are_refused(house: House, character: str, number: str) -> None:
    """In a draft and in what is to be signed: the field is named, and the character by its number."""
    note = draft(house, 920)
    words = {"content": {"sections": [{"name": "data", "words": f"not{character} suicidal"}]}}
    revised = problem(house.post("clinician", f"/notes/{note}/revise", words, If_Match='"1"'), 422, "invalid")
    name, data = addendum(note, 1, f"not{character} suicidal")
    commands = {"commands": [{"command": name, "data": data}]}
    amended = problem(house.post("clinician", "/signatures/challenge", commands), 422, "invalid")
    for told in (revised, amended):
        [error] = told["errors"]
        assert error["field"].endswith("content.sections.0.words")
        assert f"{number} makes it read otherwise than it is" in error["message"]


def test_words_that_were_stored_before_are_still_read_and_signed(house: House) -> None:
    """What was let in once stays in the record as it was written."""
    note, section = an_id("note", 921), Section(name="data", words="x")
    content = altered(NoteContent(sections=(section,)), sections=(altered(section, words=HIDDEN),))
    command = DraftNote(
        note_id=note, kind="individual", program_id=PROGRAM, service_date=on(-1), service_ended_at=at("10:00", -1),
        patient_id=an_id("patient", 1), service_kind="individual", content=content,
    )
    house.desk.commands.handle(
        Order(command, an_id("clinician"), "clinician", frozenset({PROGRAM}), "stored before", b"\x00" * 32)
    )
    house.signed("clinician", ("note.sign", {"note_id": note, "incomplete_cause": "brief"}))
    found = house.found("clinician", f"/notes/{note}")
    assert [one["words"] for one in found["wordings"][0]["sections"]] == [HIDDEN]
    [signature] = house.found("clinician", f"/notes/{note}/signatures")["signatures"]
    assert signature["standing"] == "verified"
    assert house.get("clinician", f"/notes/{note}/print", purpose="treatment").status_code == 200
