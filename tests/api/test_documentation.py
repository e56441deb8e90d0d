"""A group documented in one call and signed in another."""

from __future__ import annotations

from typing import Any

import msgspec

from iop_es.demo.policies import load_policy
from tests.api.clinic import at, attendance, morning, on
from tests.api.house import ELSEWHERE, PROGRAM, House, an_id
from tests.api.test_problems import problem
from tests.api.test_races import together

READY = ("participation", "response", "progress", "risk", "plan")
SHARED = [
    {"name": "topic", "words": "Noticing early signs of a hard day."},
    {"name": "interventions", "words": "Taught the chain of events and practiced it in pairs."},
]
TOLD = (
    "Named the quarrel before breakfast as the first link.", "Drew the chain on the board for a loss at work.",
    "Kept to one word answers until the break and then spoke of the dog.", "Asked what to do when nobody is at home.",
    "Practiced calling the sister and found the number was an old one.", "Laughed about the alarm and set two clocks.",
    "Said the walk helps more than the list.", "Wrote every link down and read it aloud once.",
    "Was tired after a night shift, stayed all the same.", "Brought last week's sheet with all seven days filled in.",
    "Disagreed that the chain has one beginning.", "Thanked the group for Tuesday.",
)
"""Twelve honest parts: none reads like another."""


def sections(number: int, **changes: str) -> list[dict[str, str]]:
    """A part that is ready to be signed."""
    own = TOLD[number % len(TOLD)]
    words = {
        "participation": own, "response": f"After that: {TOLD[(number + 5) % len(TOLD)].lower()}",
        "progress": f"Toward the goal of {TOLD[(number + 3) % len(TOLD)].split()[1]} evenings.",
        "risk": "Risk today: none voiced.", "plan": f"Next: {TOLD[(number + 7) % len(TOLD)].split()[2]} again.",
    } | changes
    return [{"name": name, "words": told} for name, told in words.items() if told]


def part(number: int, **changes: Any) -> dict[str, Any]:
    """The body of a patient's part."""
    return {"patient_id": an_id("patient", number), "sections": sections(number), "goals": ["goal-1"]} | changes


def documented(house: House, session: str, *parts: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The group's documentation, stored and laid out."""
    body = {"narrative": {"sections": SHARED}, "parts": list(parts)} | more
    return house.done("clinician", f"/sessions/{session}/documentation", body)


def closed(house: House, number: int, patients: range, days: int = 0) -> str:
    """A closed session of the group, on a day counted from the clinic's."""
    session = morning(house, session=number, patients=patients, days=days)
    house.done("clinician", f"/sessions/{session}/take-roster", {"started_at": at("09:00", days)})
    etag = house.get("clinician", f"/sessions/{session}").headers["ETag"]
    closing = {"ended_at": at("10:30", days), "everyone_else_stayed": True}
    house.done("clinician", f"/sessions/{session}/close", closing, If_Match=etag)
    return session


def acts(answer: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """What was laid out, as it is sent back."""
    return [(one["command"], {"note_id": one["note_id"]}) for one in answer["signing"]["signatures"]]


def test_a_group_of_twelve_is_documented_and_signed_in_two_calls(own_house: House) -> None:
    """Narrative and twelve parts are stored, one challenge covers all thirteen, and every signature verifies."""
    session = closed(own_house, 751, range(1, 13))
    answer = documented(own_house, session, *(part(number) for number in range(1, 13)))
    assert [one["outcome"] for one in answer["documents"]] == ["stored"] * 13
    assert answer["skipped"] == []
    shown = answer["signing"]
    assert [one["refused"] for one in shown["signatures"]] == [None] * 13
    token = own_house.issuer.signing_token(an_id("clinician"), shown["challenge"], ["pwd", "otp"], "iop-es")
    commands = [{"command": name, "data": data} for name, data in acts(answer)]
    done = own_house.done("clinician", "/signatures", {"commands": commands, "token": token})
    assert [one["facts"] for one in done["signatures"]] == [["note.signed"]] * 13
    for one in answer["documents"]:
        [signature] = own_house.found("clinician", f"/notes/{one['note_id']}/signatures")["signatures"]
        assert (signature["standing"], signature["broken"], signature["covers_current"]) == ("verified", [], True)
        assert (signature["printed_name"], signature["credential"]) == ("Miriam Hale", "LCSW")
        assert signature["meaning"] == "author"
    assert own_house.found("clinician", "/caseload/notes-to-sign") == []


def test_a_part_is_stored_whole_or_not_at_all(house: House) -> None:
    """One that is refused leaves the others alone, and nothing of itself behind."""
    session = closed(house, 752, range(1, 4))
    stranger = part(9)
    answer = documented(house, session, part(1), stranger, part(2))
    assert [one["outcome"] for one in answer["documents"]] == ["stored", "stored", "refused", "stored"]
    refused = answer["documents"][2]
    assert refused["refused"]["type"].endswith(":document-incomplete")
    assert "roster" in refused["refused"]["detail"]
    problem(house.get("clinician", f"/notes/{refused['note_id']}"), 404, "not-found")
    [left] = answer["skipped"]
    assert (left["note_id"], left["refused"]) == (refused["note_id"], refused["refused"])


def test_the_same_call_again_changes_nothing_and_a_mended_one_rewrites_the_draft(house: House) -> None:
    """A document's id follows from session and patient."""
    session = closed(house, 753, range(1, 3))
    first = documented(house, session, part(1))
    again = documented(house, session, part(1))
    assert [one["outcome"] for one in again["documents"]] == ["unchanged", "unchanged"]
    assert [one["note_id"] for one in again["documents"]] == [one["note_id"] for one in first["documents"]]
    mended = documented(house, session, part(1, sections=sections(4)))
    assert [one["outcome"] for one in mended["documents"]] == ["unchanged", "stored"]
    house.signed("clinician", *acts(mended))
    later = documented(house, session, part(1))
    assert later["documents"][1]["refused"]["type"].endswith(":note-already-signed")


def test_a_session_is_documented_once(house: House) -> None:
    """A second narrative and a second part for the same patient are refused by the id of what stands, also when both
    are begun at once; after that was struck another takes its place."""
    session = closed(house, 762, range(1, 3))
    shared, own = (one["note_id"] for one in documented(house, session, part(1))["documents"])
    about = {"program_id": PROGRAM, "session_id": session, "service_date": on(), "service_ended_at": at("10:30")}
    whole = {"note_id": an_id("note", 7621), "kind": "group_narrative", "content": {"sections": SHARED}, **about}
    assert shared in problem(house.post("clinician", "/notes", whole), 409, "document-stands")["detail"]
    again = {"note_id": an_id("note", 7622), "kind": "group", "narrative_id": shared, "goals": ["goal-1"],
             "patient_id": an_id("patient", 1), "content": {"sections": sections(4)}, **about}  # fmt: skip
    for role in ("clinician", "supervisor"):
        assert own in problem(house.post(role, "/notes", again), 409, "document-stands")["detail"]
    other = again | {"patient_id": an_id("patient", 2)}
    both = together(*[
        lambda one=one: house.post("clinician", "/notes", other | {"note_id": an_id("note", one)})
        for one in (7623, 7624)
    ])  # fmt: skip
    assert sorted(one.status_code for one in both) == [201, 409]
    house.signed("clinician", ("note.enter_in_error", {"note_id": own, "cause": "duplicate", "words": "Twice."}))
    house.done("clinician", "/notes", again)


def test_sign_all_leaves_out_by_name_what_is_not_ready(house: House) -> None:
    """A missing section, a template's words unchanged, no goal named: each is said, and the rest can be signed."""
    session = closed(house, 754, range(1, 5))
    start = "Risk today: [none voiced, or what was said and what was done]."
    answer = documented(
        house, session, part(1), part(2, sections=sections(2, plan="")), part(3, sections=sections(3, risk=start)),
        part(4, goals=[]),
    )
    assert [(one["patient_id"], one["sections"]) for one in answer["skipped"]] == [
        (an_id("patient", 2), ["plan"]), (an_id("patient", 3), ["risk"]), (an_id("patient", 4), ["progress"]),
    ]
    assert {one["cause"] for one in answer["skipped"]} == {"not_ready"}
    assert len(acts(answer)) == 2


def test_no_part_is_laid_out_over_a_narrative_that_nobody_signs(house: House) -> None:
    """Each is left out by name, until the narrative is signed or laid out with it."""
    session = closed(house, 798, range(1, 3))
    unfinished = {"sections": SHARED[:1]}
    answer = documented(house, session, part(1), part(2), narrative=unfinished)
    assert [(one["patient_id"], one["cause"], one["sections"]) for one in answer["skipped"]] == [
        (None, "not_ready", ["interventions"]), (an_id("patient", 1), "narrative_not_signed", []),
        (an_id("patient", 2), "narrative_not_signed", []),
    ]
    assert acts(answer) == []
    again = documented(house, session, part(1), part(2), narrative=None)
    assert [one["cause"] for one in again["skipped"]] == ["narrative_not_signed"] * 2
    whole = documented(house, session, part(1))
    assert (whole["skipped"], len(acts(whole))) == ([], 2)
    house.signed("clinician", acts(whole)[0])
    last = documented(house, session, part(2), narrative=None)
    assert (last["skipped"], len(acts(last))) == ([], 1)


def test_nobody_stands_in_anothers_chart(house: House) -> None:
    """Another member's full name is refused unless a cause speaks for it; a given name alone only warns."""
    session = closed(house, 755, range(1, 4))
    name = house.found("clinician", f"/patients/{an_id('patient', 2)}/identity")["identity"]
    full = f"{name['given_name']} {name['family_name']}"
    told = sections(1, response=f"Answered {full} kindly.")
    own = part(2, sections=sections(2, response=f"{full} nodded."))
    answer = documented(house, session, part(1, sections=told), own)
    assert [one["outcome"] for one in answer["documents"]] == ["stored", "refused", "stored"]
    refused = answer["documents"][1]["refused"]
    assert refused["type"].endswith(":identity-of-another")
    assert name["family_name"] not in refused["detail"]
    forced = documented(house, session, part(1, sections=told, identity_override="sibling"))
    assert forced["documents"][1]["outcome"] == "stored"
    [exposure] = forced["documents"][1]["exposures"]
    assert (exposure["severity"], exposure["patient_id"]) == ("refused", an_id("patient", 2))
    draft = {"note_id": an_id("note", 755), "kind": "individual", "program_id": an_id("program"), "session_id": session,
             "service_date": at("09:00")[:10], "service_ended_at": at("10:30"), "patient_id": an_id("patient", 3),
             "content": {"sections": told}}
    problem(house.post("clinician", "/notes", draft), 409, "identity-of-another")


def test_cloned_parts_are_shown_before_signing(own_house: House) -> None:
    """Two parts alike in the group, and a part like the same patient's last one; both can be signed all the same."""
    session = closed(own_house, 756, range(1, 4))
    answer = documented(own_house, session, part(1), part(2, sections=sections(1)), part(3))
    alike = [one for one in answer["documents"] if one["likenesses"]]
    assert [one["patient_id"] for one in alike] == [an_id("patient", 1)]
    [likeness] = alike[0]["likenesses"]
    assert (likeness["other_id"], likeness["score"]) == (answer["documents"][2]["note_id"], 100)
    assert len(acts(answer)) == 4
    following = closed(own_house, 757, range(1, 4))
    again = documented(own_house, following, part(1), part(3, sections=sections(5)))
    [carried] = again["documents"][1]["likenesses"]
    assert carried["other_id"] == answer["documents"][1]["note_id"]
    assert again["documents"][2]["likenesses"] == []


def test_nothing_is_held_against_what_another_program_wrote(own_house: House) -> None:
    """Its documents about the same patient are not for who writes here: neither which there are, nor how they read."""
    there, episode = {"programs": (ELSEWHERE,)}, an_id("enrollment-elsewhere")
    own_house.done("front_desk", "/enrollments", {
        "enrollment_id": episode, "patient_id": an_id("patient"), "program_id": ELSEWHERE, "referred_on": on(-3),
        "source": "hospital",
    }, **there)  # fmt: skip
    own_house.done("clinician", "/notes", {
        "note_id": an_id("note-elsewhere"), "kind": "individual", "program_id": ELSEWHERE, "service_date": on(-1),
        "service_ended_at": at("10:00", -1), "patient_id": an_id("patient"), "enrollment_id": episode,
        "content": {"sections": sections(1)},
    }, **there)  # fmt: skip
    answer = documented(own_house, closed(own_house, 760, range(1, 3)), part(1))
    assert [one["likenesses"] for one in answer["documents"]] == [[], []]


def test_who_was_absent_has_no_part(house: House) -> None:
    """The attendance says who was there."""
    session = morning(house, session=758, patients=range(1, 4))
    absent = {"attendance_id": attendance(758, 2), "excused": False, "cause": "no-show"}
    house.done("clinician", f"/sessions/{session}/mark-absent", absent)
    house.done("clinician", f"/sessions/{session}/take-roster", {"started_at": at("09:00")})
    etag = house.get("clinician", f"/sessions/{session}").headers["ETag"]
    closing = {"ended_at": at("10:30"), "everyone_else_stayed": True}
    house.done("clinician", f"/sessions/{session}/close", closing, If_Match=etag)
    answer = documented(house, session, part(1), part(2))
    assert answer["documents"][2]["refused"]["type"].endswith(":not-in-the-group")


def test_a_part_of_somebody_marked_absent_since_is_left_out_by_name(house: House) -> None:
    """It was written before the session was closed; what is laid out afterwards can be signed whole without it."""
    session = morning(house, session=761, patients=range(1, 4))
    documented(house, session, part(1), part(2))
    absent = {"attendance_id": attendance(761, 2), "excused": False, "cause": "no-show"}
    house.done("clinician", f"/sessions/{session}/mark-absent", absent)
    house.done("clinician", f"/sessions/{session}/take-roster", {"started_at": at("09:00")})
    etag = house.get("clinician", f"/sessions/{session}").headers["ETag"]
    closing = {"ended_at": at("10:30"), "everyone_else_stayed": True}
    house.done("clinician", f"/sessions/{session}/close", closing, If_Match=etag)
    answer = documented(house, session, part(1), part(2))
    [left] = answer["skipped"]
    assert (left["patient_id"], left["refused"]["type"]) == (
        an_id("patient", 2), "urn:iop-es:problem:not-in-the-group",
    )
    house.signed("clinician", *acts(answer))
    [alone] = house.shown("clinician", ("note.sign", {"note_id": left["note_id"]}))["signatures"]
    assert alone["refused"]["type"].endswith(":not-in-the-group")


def test_who_is_named_before_coming_onto_the_roster_is_not_named_under_a_signature(house: House) -> None:
    """A part that was written before somebody walked in is left out by name, also of what was written alike again."""
    session = morning(house, session=763, patients=range(1, 4))
    name = house.found("clinician", f"/patients/{an_id('patient', 11)}/identity")["identity"]
    full = f"{name['given_name']} {name['family_name']}"
    named = part(1, sections=sections(1, response=f"Was upset by {full}."))
    assert documented(house, session, named, part(2))["documents"][1]["outcome"] == "stored"
    house.done("clinician", f"/sessions/{session}/take-roster", {"started_at": at("09:00")})
    house.done("front_desk", f"/sessions/{session}/check-in", {
        "patient_id": an_id("patient", 11), "enrollment_id": an_id("enrollment", 11),
        "attendance_id": attendance(763, 11), "arrived_at": at("09:05"),
    })  # fmt: skip
    etag = house.get("clinician", f"/sessions/{session}").headers["ETag"]
    closing = {"ended_at": at("10:30"), "everyone_else_stayed": True}
    house.done("clinician", f"/sessions/{session}/close", closing, If_Match=etag)
    answer = documented(house, session, named, part(2))
    [left] = answer["skipped"]
    assert (left["patient_id"], left["refused"]["type"].rpartition(":")[2]) == (
        an_id("patient", 1), "identity-of-another",
    )
    [exposure] = answer["documents"][1]["exposures"]
    assert (exposure["severity"], exposure["patient_id"]) == ("refused", an_id("patient", 11))
    house.signed("clinician", *acts(answer))
    [alone] = house.shown("clinician", ("note.sign", {"note_id": left["note_id"]}))["signatures"]
    assert alone["refused"]["type"].endswith(":identity-of-another")
    explained = documented(house, session, named | {"identity_override": "sibling"})
    house.signed("clinician", *acts(explained))


def test_a_session_is_documented_within_reach_only(house: House) -> None:
    """Another program's session and an unknown one are the same 404; a biller documents nothing."""
    session = closed(house, 759, range(1, 3))
    body = {"narrative": {"sections": SHARED}, "parts": [part(1)]}
    path = f"/sessions/{session}/documentation"
    theirs = problem(house.post("clinician", path, body, programs=(ELSEWHERE,)), 404, "not-found")
    unknown = problem(house.post("clinician", f"/sessions/{an_id('nothing')}/documentation", body), 404, "not-found")
    assert theirs["detail"] == unknown["detail"]
    problem(house.post("biller", path, body), 403, "not-permitted")


def test_a_part_names_the_sections_that_its_patients_payer_wants(own_house: House) -> None:
    """Beside the template's own, from the terms in force on the day; whose payer wants none is asked for none."""
    terms = msgspec.to_builtins(load_policy("commercial_mental_health"))["terms"]
    wants = terms | {"note_sections": ["medical_necessity"], "unverified": [*terms["unverified"], "note_sections"]}
    other = {"policy_id": an_id("policy", 2), "payer_id": an_id("payer", 2), "payer_kind": "commercial",
             "payer_name": "Payer 2", "code": "payer-2", "effective_from": "2020-01-01", "terms": wants}
    own_house.done("biller", "/payer-policies", other)
    patient = an_id("patient", 1)
    own_house.done("biller", f"/patients/{patient}/end-coverage", {
        "coverage_id": an_id("coverage"), "ended_on": on(-1), "cause": "changed_payer",
    })  # fmt: skip
    own_house.done("front_desk", f"/patients/{patient}/record-coverage", {
        "coverage_id": an_id("coverage", 101), "payer_id": an_id("payer", 2), "plan": "ppo", "rank": 1,
        "relationship": "self", "effective_from": on(), "member": {"member_number": "N-1"},
    })  # fmt: skip
    session = closed(own_house, 781, range(1, 3))
    answer = documented(own_house, session, part(1), part(2))
    assert [[(one["section"], one["why"]) for one in told["unready"]] for told in answer["documents"]] == [
        [], [("medical_necessity", "missing")], [],
    ]
    assert [one["patient_id"] for one in answer["skipped"]] == [patient]
    note = answer["skipped"][0]["note_id"]
    [alone] = own_house.shown("clinician", ("note.sign", {"note_id": note}))["signatures"]
    assert alone["refused"]["type"].endswith(":not-ready") and "medical_necessity" in alone["refused"]["detail"]
    forced = ("note.sign", {"note_id": note, "incomplete_cause": "payer_waived"})
    [shown] = own_house.shown("clinician", forced)["signatures"]
    assert shown["to_be_signed"]["unready"] == ["medical_necessity"]
    mended = part(1, sections=[*sections(1), {"name": "medical_necessity", "words": "Two absences from work."}])
    assert documented(own_house, session, mended)["skipped"] == []


def test_the_caseload_says_what_a_sessions_documentation_misses_until_when(own_house: House) -> None:
    """After the first call one part is a draft without a section and another is signed; the third is still to write."""
    session = closed(own_house, 791, range(1, 4))
    answer = documented(own_house, session, part(1), part(2, sections=sections(2, plan="")))
    own_house.signed("clinician", *acts(answer))
    found = own_house.found("clinician", f"/sessions/{session}/documentation")
    due_at = at("10:30", 3)
    assert [(one["patient_id"], one["state"], one["missing"], one["due_at"]) for one in by_patient(found)] == [
        (an_id("patient", 1), "signed", [], due_at), (an_id("patient", 2), "draft", ["plan"], due_at),
        (an_id("patient", 3), "none", [], due_at),
    ]
    assert (found["narrative"]["state"], found["undone"], found["due_at"]) == ("signed", 2, due_at)
    [listed] = own_house.found("clinician", "/caseload/documentation", mine=True)
    assert listed["parts"] == found["parts"]
    waiting = own_house.found("clinician", "/caseload/notes-to-sign")
    assert sorted((one["task"], one["due_at"], one["overdue"], one["missing"]) for one in waiting) == [
        ("sign", due_at, False, ["plan"]), ("write", due_at, False, []),
    ]
    assert own_house.get("front_desk", f"/sessions/{session}/documentation").status_code == 403


def by_patient(found: dict[str, Any]) -> list[dict[str, Any]]:
    """The parts, patient by patient."""
    order = [an_id("patient", number) for number in range(1, 13)]
    return sorted(found["parts"], key=lambda one: order.index(one["patient_id"]))
