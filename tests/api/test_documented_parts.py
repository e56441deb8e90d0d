"""A group's documentation answers part by part, whatever is wrong with one of them, and says what is missing."""

from __future__ import annotations

from typing import get_args

from aggregates.note.facts import DocumentKind
from tests.api.clinic import at, morning
from tests.api.house import House, an_id
from tests.api.test_documentation import SHARED, acts, by_patient, closed, documented, part, sections


def test_empty_words_leave_their_section_out_and_bad_ones_only_their_own_part(house: House) -> None:
    """The section is told as empty; a part whose words cannot be kept is refused by itself, without repeating them."""
    session = closed(house, 792, range(1, 4))
    blank = [*sections(1, plan=""), {"name": "plan", "words": " \n"}]
    bad = sections(2, response="It\u202e turned round.")
    answer = documented(house, session, part(1, sections=blank), part(2, sections=bad), part(3))
    assert [one["outcome"] for one in answer["documents"]] == ["stored", "stored", "refused", "stored"]
    assert answer["documents"][1]["unready"] == [{"section": "plan", "why": "empty"}]
    refused = answer["documents"][2]["refused"]
    assert refused["type"].endswith(":words-not-kept")
    assert "response" in refused["detail"] and "U+202E" in refused["detail"] and "turned" not in refused["detail"]
    assert [(one["patient_id"], one["sections"], one["cause"]) for one in answer["skipped"]] == [
        (an_id("patient", 1), ["plan"], "not_ready"), (an_id("patient", 2), [], "not_stored"),
    ]
    assert len(acts(answer)) == 2


def test_a_refused_narrative_does_not_take_the_parts_with_it(house: House) -> None:
    """It begins without words, the parts are kept and wait for it; mended, all is laid out. What is there stays."""
    session = closed(house, 793, range(1, 4))
    name = house.found("clinician", f"/patients/{an_id('patient', 2)}/identity")["identity"]
    full = f"{name['given_name']} {name['family_name']}"
    naming = {"sections": [SHARED[0], {"name": "interventions", "words": full}]}
    for _ in range(2):
        answer = documented(house, session, part(1), part(2), narrative=naming)
        assert answer["documents"][0]["refused"]["type"].endswith(":identity-of-another")
        assert [one["refused"] for one in answer["documents"][1:]] == [None, None]
        waiting = "narrative_not_signed"
        assert [one["cause"] for one in answer["skipped"]] == ["not_stored", waiting, waiting]
        assert acts(answer) == []
    shared = house.found("clinician", f"/notes/{answer['documents'][0]['note_id']}")
    assert (shared["state"], shared["version"]) == ("draft", 1)
    mended = documented(house, session, part(1), part(2))
    assert [one["outcome"] for one in mended["documents"]] == ["stored", "unchanged", "unchanged"]
    assert (mended["skipped"], len(acts(mended))) == ([], 3)
    again = documented(house, session, part(1), part(3), narrative=naming)
    assert [one["outcome"] for one in again["documents"]] == ["refused", "unchanged", "stored"]
    assert acts(again) == []  # what stands is a draft that nobody signs


def test_without_any_narrative_a_part_says_so_by_a_name_of_its_own(house: House) -> None:
    """Nothing was not found: there is nothing yet that it could rest on."""
    session = closed(house, 794, range(1, 3))
    answer = documented(house, session, part(1), narrative=None)
    assert answer["documents"][0]["refused"]["type"].endswith(":narrative-not-stored")


def test_the_templates_are_read_as_plain_data_and_a_document_says_which_it_began_under(house: House) -> None:
    """Every kind, each section with its label and starting words; whoever works here may read them."""
    answer = house.get("biller", "/note-templates").json()
    forms = {(one["kind"], one["version"]): one for one in answer["items"]}
    assert answer["next"] is None and len(forms) == len(answer["items"]) == len(get_args(DocumentKind))
    part_of_a_group = forms["group", 1]
    [risk] = [one for one in part_of_a_group["sections"] if one["name"] == "risk"]
    assert (risk["label"], risk["starting_words"][:11], risk["required"]) == ("Risk", "Risk today:", True)
    assert part_of_a_group["latest"]
    note = documented(house, closed(house, 795, range(1, 3)), part(1))["documents"][1]["note_id"]
    assert house.found("clinician", f"/notes/{note}")["template_version"] == 1


def test_a_section_left_as_the_template_had_it_is_missing_in_the_caseload(own_house: House) -> None:
    """By name, in the session's documentation and in the list of what waits; no word of it is in the read model."""
    session = closed(own_house, 796, range(1, 3))
    start = "Risk today: [none voiced, or what was said and what was done]."
    documented(own_house, session, part(1, sections=sections(1, risk=start)))
    found = own_house.found("clinician", f"/sessions/{session}/documentation")
    assert [one["missing"] for one in by_patient(found)] == [["risk"], []]
    waiting = own_house.found("clinician", "/caseload/notes-to-sign")
    assert [one["missing"] for one in waiting if one["patient_id"] == an_id("patient", 1)] == [["risk"]]


def test_a_session_that_nobody_closed_waits_to_be_closed(own_house: House) -> None:
    """Once its planned end is past, with the moment at which its notes will be due; found page by page."""
    session = morning(own_house, session=797, patients=range(1, 3), days=-1)
    [waiting] = own_house.found("clinician", "/caseload/notes-to-sign")
    assert (waiting["task"], waiting["session_id"], waiting["due_at"]) == ("close", session, at("12:30", 2))
    found = own_house.found("clinician", f"/sessions/{session}/documentation")
    assert (found["closed"], [one["state"] for one in found["parts"]]) == (False, ["none", "none"])
    assert own_house.get("clinician", "/caseload/notes-to-sign", after=waiting["cursor"]).json()["items"] == []
