"""What can go wrong under a group's documents: a narrative that was struck, a bit that was flipped, an early hand."""

from __future__ import annotations

import json
from hashlib import sha256

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from psycopg import sql

from tests.api.clinic import attendance, draft, morning, on
from tests.api.house import House, an_id
from tests.api.test_documentation import SHARED, acts, closed, documented, part, sections
from tests.api.test_problems import problem


def signed_group(house: House, number: int, *patients: int) -> tuple[str, list[str]]:
    """A documented and signed group; answers the session and its documents, the narrative first."""
    session = closed(house, number, range(min(patients), max(patients) + 1))
    answer = documented(house, session, *(part(one) for one in patients))
    house.signed("clinician", *acts(answer))
    return session, [one["note_id"] for one in answer["documents"]]


def tasks(house: House, *notes: str) -> list[str]:
    """What the clinician is asked to do about these documents."""
    return [one["task"] for one in house.found("clinician", "/caseload/notes-to-sign") if one["note_id"] in notes]


def test_a_struck_narrative_is_written_anew_and_its_parts_rest_on_that(own_house: House) -> None:
    """The session's documentation moves on by itself; what was signed is laid out to rest on what follows, a draft is
    rewritten, and nothing begins on what was struck."""
    session, (shared, first, second) = signed_group(own_house, 861, 1, 2)
    own_house.signed(
        "clinician", ("note.enter_in_error", {"note_id": shared, "cause": "wrong_session", "words": "Another day's."})
    )
    assert sorted(tasks(own_house, first, second)) == ["rest_on", "rest_on"]
    again = documented(own_house, session)
    [following] = again["documents"]
    assert (following["outcome"], following["note_id"] != shared) == ("stored", True)
    laid_out = again["signing"]["signatures"]
    assert [one["command"] for one in laid_out] == ["note.sign", "note.rest_on", "note.rest_on"]
    assert {one["to_be_signed"]["narrative_id"] for one in laid_out[1:]} == {following["note_id"]}
    rests = [
        ("note.rest_on", {"note_id": one, "narrative_id": following["note_id"], "cause": "narrative_in_error"})
        for one in (first, second)
    ]
    own_house.signed("clinician", ("note.sign", {"note_id": following["note_id"]}), *rests)
    assert tasks(own_house, first, second) == []
    read = own_house.found("clinician", f"/notes/{first}")
    assert (read["narrative_id"], read["state"]) == (following["note_id"], "signed")
    told = own_house.found("clinician", f"/notes/{first}/signatures")["signatures"]
    assert [(one["fact"], one["standing"], one["covers_current"]) for one in told] == [
        ("note.signed", "verified", True), ("note.narrative_replaced", "verified", True),
    ]
    assert "resting this part on another narrative" in own_house.get("clinician", f"/notes/{first}/print").text
    assert documented(own_house, session)["documents"][0]["outcome"] == "refused"
    assert own_house.found("clinician", f"/sessions/{session}/documentation")["undone"] == 0


def test_a_draft_moves_with_its_sessions_narrative(house: House) -> None:
    """The same call again has it rest on the narrative that stands."""
    session = closed(house, 862, range(1, 2))
    answer = documented(house, session, part(1))
    shared, own = (one["note_id"] for one in answer["documents"])
    house.signed("clinician", ("note.sign", {"note_id": shared}))
    house.signed("clinician", ("note.enter_in_error", {"note_id": shared, "cause": "wrong_day", "words": "No."}))
    [refused] = house.shown("clinician", ("note.sign", {"note_id": own}))["signatures"]
    assert refused["refused"]["type"].endswith(":narrative-struck")
    mended = documented(house, session, part(1))
    assert [one["outcome"] for one in mended["documents"]] == ["stored", "stored"]
    house.signed("clinician", *acts(mended))
    assert house.found("clinician", f"/notes/{own}")["narrative_id"] == mended["documents"][0]["note_id"]


def test_nobody_signs_before_the_group_was_held_and_who_was_not_there_shows(house: House) -> None:
    """Before the planned end the challenge says until when; a part about somebody who did not come says so."""
    session = morning(house, session=863, patients=range(1, 3), start="22:00", end="23:30")
    answer = documented(house, session, part(1))
    refused = [one["refused"]["type"].rpartition(":")[2] for one in answer["skipped"]]
    assert (refused, answer["signing"]["signatures"]) == (["service-not-over", "service-not-over"], [])
    yesterday = morning(house, session=864, days=-1, patients=range(1, 3))
    own = documented(house, yesterday, part(1), part(2))
    house.signed("clinician", *acts(own))
    note = own["documents"][2]["note_id"]
    assert house.found("clinician", f"/notes/{note}")["absent"] is False
    absent = {"attendance_id": attendance(864, 2), "excused": False, "cause": "no-show"}
    house.done("clinician", f"/sessions/{yesterday}/mark-absent", absent)
    assert house.found("clinician", f"/notes/{note}")["absent"] is True
    assert "The patient was absent from this session" in house.get("clinician", f"/notes/{note}/print").text


def test_who_did_not_lead_the_group_reads_so_before_signing(house: House) -> None:
    """In what is laid out, in the record, and on paper."""
    session = closed(house, 865, range(1, 2))
    body = {"narrative": {"sections": SHARED}, "parts": [part(1)]}
    answer = house.done("supervisor", f"/sessions/{session}/documentation", body)
    assert [one["to_be_signed"]["facilitator"] for one in answer["signing"]["signatures"]] == [False, False]
    house.signed("supervisor", *acts(answer))
    note = answer["documents"][1]["note_id"]
    [told] = house.found("clinician", f"/notes/{note}/signatures")["signatures"]
    assert told["facilitator"] is False
    assert "not among those who led the session" in house.get("clinician", f"/notes/{note}/print").text


def test_what_sign_all_leaves_out_is_signed_with_a_cause_alone(house: House) -> None:
    """A direct signature names what is not ready; the cause stands under the signature and on paper."""
    session = closed(house, 866, range(1, 2))
    start = "Risk today: [none voiced, or what was said and what was done]."
    answer = documented(house, session, part(1, sections=sections(1, risk=start, plan="")))
    note = answer["documents"][1]["note_id"]
    [shown] = house.shown("clinician", ("note.sign", {"note_id": note}))["signatures"]
    assert shown["refused"]["type"].endswith(":not-ready")
    assert "plan, risk" in shown["refused"]["detail"]
    forced = ("note.sign", {"note_id": note, "incomplete_cause": "left_early"})
    [shown] = house.shown("clinician", forced)["signatures"]
    assert (shown["to_be_signed"]["unready"], shown["to_be_signed"]["incomplete_cause"]) == (
        ["plan", "risk"], "left_early",
    )
    house.signed("clinician", forced)
    [told] = house.found("clinician", f"/notes/{note}/signatures")["signatures"]
    assert (told["standing"], told["unready"], told["incomplete_cause"]) == ("verified", ["plan", "risk"], "left_early")
    assert "not ready: plan, risk; reason: Left early" in house.get("clinician", f"/notes/{note}/print").text


def test_signatures_can_be_checked_by_a_stranger(house: House) -> None:
    """With SHA-256, Ed25519 and what the address gives: commitments, envelopes, keys, and the chain between them; to
    those alone who may read the words."""
    _, (_, note) = signed_group(house, 867, 1)
    addition = {"note_id": note, "amendment_id": an_id("amendment", 867), "kind": "addendum", "cause": "more",
                "content": {"sections": [{"name": "note", "words": "Called in the evening – α."}]}}
    house.signed("clinician", ("note.amend", addition))
    house.signed("clinician", ("note.enter_in_error", {"note_id": note, "cause": "duplicate", "words": "Twice."}))
    given = house.found("clinician", f"/notes/{note}/signatures/envelopes")
    before = None
    for one in given["signatures"]:
        envelope = json.loads(one["envelope"])
        signed = given["signed_prefix"].encode() + one["envelope"].encode()
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(one["public_key"])).verify(
            bytes.fromhex(one["signature"]), signed
        )
        assert sha256(signed).hexdigest() == one["signed_digest"]
        assert (envelope["prev_sig"], one["prev_sig"]) == (before, before)
        prefix = given["content_prefix"].encode()
        told = {
            sha256(prefix + bytes.fromhex(each["salt"]) + each["content"].encode()).hexdigest()
            for each in one["committed"]
        }
        assert {each["commitment"] for each in one["committed"]} == told
        assert envelope["content_sha256"] in told
        assert envelope["meaning"] != "void" or envelope["rests_on"] in told
        before = one["signed_digest"]
    assert len(given["signatures"]) == 3
    assert house.get("auditor", f"/notes/{note}/signatures/envelopes").status_code == 403


def test_one_damaged_fact_takes_down_nothing_else(own_house: House, clinic_url: str) -> None:
    """It is shown as invalid or said to be unreadable; the chart prints the rest, and the next group is documented."""
    session, (_, note, other) = signed_group(own_house, 868, 1, 2)
    alone = draft(own_house, note=868, patient=1)
    own_house.signed("clinician", ("note.sign", {"note_id": alone}))
    own_house.project()
    whose, stretch = an_id("patient", 1), {"from": on(-9), "through": on()}
    for number, (column, version) in enumerate((("sealed", 1), ("state", 1), ("state", 2), ("sealed", 2))):
        begun = (column, version) != ("state", 1)
        flip(clinic_url, note, version, column)
        chart = own_house.get("clinician", f"/patients/{whose}/chart", format="html", **stretch)
        assert (chart.status_code, "The same next week." in chart.text) == (200, True)
        assert ("INVALID" if begun else "Damaged document") in chart.text
        assert own_house.get("clinician", f"/sessions/{session}/notes/print").status_code == 200
        for path in ("", "/print", "/signatures", "/signatures/envelopes"):
            assert own_house.get("clinician", f"/notes/{other}{path}").status_code == 200
            answer = own_house.get("clinician", f"/notes/{note}{path}")
            if begun:
                assert answer.status_code == 200, answer.text
            else:
                problem(answer, 409, "record-damaged")
        if begun:
            [told] = own_house.found("clinician", f"/notes/{note}/signatures")["signatures"]
            assert told["standing"] == "invalid"
        following = closed(own_house, 870 + number, range(1, 2))
        assert documented(own_house, following, part(1))["documents"][1]["outcome"] == "stored"
        flip(clinic_url, note, version, column)


def flip(url: str, stream: str, version: int, column: str) -> None:
    """One bit of what is stored, there and back."""
    named = sql.Identifier(column)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ALTER TABLE iop.fact DISABLE TRIGGER ALL")
        connection.execute(
            sql.SQL(
                "UPDATE iop.fact SET {0} = set_byte({0}, 40, get_byte({0}, 40) # 128)"
                " WHERE stream = %s AND version = %s"
            ).format(named),
            (stream, version),
        )
