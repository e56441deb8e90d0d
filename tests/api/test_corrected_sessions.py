"""A session that was corrected after its documents were signed: what was signed stays told beside what is known now."""

from __future__ import annotations

import json
import re
from typing import Any

from tests.api.clinic import at, attendance
from tests.api.house import House, an_id
from tests.api.test_documentation import acts, closed, documented, part
from tests.api.test_problems import problem


def correct(house: House, session: str, number: int, patient: int, spans: list[tuple[str, str]]) -> None:
    """Says anew when a patient was there; nowhere: they were absent."""
    etag = house.get("clinician", f"/sessions/{session}").headers["ETag"]
    house.done("clinician", f"/sessions/{session}/correct-attendance", {
        "patient_id": an_id("patient", patient), "attendance_id": attendance(number, patient),
        "status": "present" if spans else "absent", "cause": "entry_error", "explanation": "Wrong line.",
        "intervals": [{"start": at(start), "stop": at(stop)} for start, stop in spans],
    }, If_Match=etag)  # fmt: skip


def printed(house: House, note: str, **when: int) -> list[str]:
    """The lines of a document on paper."""
    page = house.get("clinician", f"/notes/{note}/print", format="html", **when).text
    return [line.strip() for line in re.sub(r"<[^>]+>", "\n", page).splitlines() if line.strip()]


def covered(house: House, note: str, **when: int) -> list[tuple[str, bool | None]]:
    """Of each signature whether it holds, and whether the session's figures are still those that it covers."""
    found = house.found("clinician", f"/notes/{note}/signatures", **when)["signatures"]
    return [(one["standing"], one["covers_session"]) for one in found]


def changed(house: House, note: str, since: int) -> list[tuple[str, str, str]]:
    """What came to the session's figures since a position, in words without the zone and the day."""
    found = house.found("clinician", f"/notes/{note}/differences", since=since)["figures"]
    aside = re.compile(r"\d{4}-\d\d-\d\d | [A-Z]+([+-]\d{4})?\b")
    return [(one["label"], aside.sub("", one["before"]), aside.sub("", one["after"])) for one in found]


def test_what_was_signed_of_a_session_stays_told_beside_its_correction(own_house: House) -> None:
    """Head-count in every document of the session, a patient's own time in theirs alone; in the print, as a notice, in
    the differences, and under the signature, which stays good for what it covered."""
    house, number = own_house, 791
    session = closed(house, number, range(1, 5))
    answer = documented(house, session, part(1), part(2), part(3))
    shared, first, second, third = (one["note_id"] for one in answer["documents"])
    house.signed("clinician", *acts(answer)[:3])
    signed = house.log.head().position
    before = printed(house, first)
    correct(house, session, number, 1, [("09:00", "09:40")])
    correct(house, session, number, 4, [])

    assert covered(house, first) == covered(house, second) == covered(house, shared) == [("verified", False)]
    assert covered(house, first, as_of=signed) == [("verified", True)]
    note = house.found("clinician", f"/notes/{first}")["session_correction"]
    told = ("head_count", "minutes", "status", "start", "stop")
    assert [[note[end][name] for name in told[:3]] for end in ("signed", "now")] == [
        [4, 90, "present"], [3, 40, "present"]
    ]
    assert [note[end][name] for end in ("signed", "now") for name in told[3:]] == [at("09:00"), at("10:30")] * 2
    assert house.found("clinician", f"/notes/{first}", as_of=signed)["session_correction"] is None
    of_group = house.found("clinician", f"/notes/{shared}")["session_correction"]
    assert [of_group[end][name] for end in ("signed", "now") for name in ("head_count", "minutes")] == [
        4, None, 3, None
    ]

    assert changed(house, first, signed) == [
        ("Patient present", "09:00 to 10:30; 90 minutes without breaks", "09:00 to 09:40; 40 minutes without breaks"),
        ("Participants", "4, of all payers", "3, of all payers"),
    ]
    assert changed(house, second, signed) == [("Participants", "4, of all payers", "3, of all payers")]
    assert changed(house, first, house.log.head().position) == []

    lines = printed(house, first)
    for label, words in (("Participants, as signed", "4, of all payers"),
                         ("Participants, corrected since", "3, of all payers")):  # fmt: skip
        assert lines[lines.index(label) + 1] == words
    assert "Participants" not in lines and "Session" in lines
    assert "The session was corrected after this was signed" in lines
    assert "The session was corrected after the shared narrative was signed" in lines
    assert "Signed when the session said otherwise than now: participants: 4, of all payers." in lines
    assert "Participants" in before and "The session was corrected after this was signed" not in before
    assert [line for line in printed(house, first, as_of=signed) if "corrected" in line] == []

    house.signed("clinician", ("note.sign", {"note_id": third, "late_reason": "corrected"}))
    assert covered(house, third) == [("verified", True)]
    assert house.found("clinician", f"/notes/{third}")["session_correction"] is None


def test_what_is_signed_of_a_session_stands_in_the_envelope(own_house: House) -> None:
    """As it is shown before signing; a correction in between has to be looked at first."""
    house, number = own_house, 792
    session = closed(house, number, range(1, 3))
    answer = documented(house, session, part(1))
    shown: list[dict[str, Any]] = [one["to_be_signed"] for one in answer["signing"]["signatures"]]
    figures = [(one["v"], one["session"]["head_count"], one["session"]["minutes"]) for one in shown]
    assert figures == [(3, 2, None), (3, 2, 90)]
    assert shown[1]["session"]["intervals"] == [{"start": at("09:00"), "stop": at("10:30")}]
    commands = [{"command": name, "data": data} for name, data in acts(answer)]
    token = house.issuer.signing_token(
        an_id("clinician"), answer["signing"]["challenge"], ["pwd", "otp"], "iop-es"
    )
    correct(house, session, number, 2, [])
    refused = house.post("clinician", "/signatures", {"commands": commands, "token": token})
    told = problem(refused, 409, "changed-since-shown")["detail"]
    shared, first = (one["note_id"] for one in answer["documents"])
    assert f"in group_narrative {shared} (session); group {first} (session); have it shown again" in told
    house.signed("clinician", *acts(documented(house, session, part(1))))
    note = answer["documents"][1]["note_id"]
    [proof] = house.found("clinician", f"/notes/{note}/signatures/envelopes")["signatures"]
    assert json.loads(proof["envelope"])["session"] == {
        "start": at("09:00"), "stop": at("10:30"), "closed": True, "head_count": 1, "status": "present", "minutes": 90,
        "intervals": [{"start": at("09:00"), "stop": at("10:30")}],
    }


def test_a_correction_before_signing_names_the_documents_that_say_something_else_by_it(own_house: House) -> None:
    """One patient's minutes stand in that patient's part alone. Nothing is signed, the others neither; shown again, all
    of it is."""
    house, number = own_house, 793
    session = closed(house, number, range(1, 3))
    answer = documented(house, session, part(1), part(2))
    commands = [{"command": name, "data": data} for name, data in acts(answer)]
    token = house.issuer.signing_token(an_id("clinician"), answer["signing"]["challenge"], ["pwd", "otp"], "iop-es")
    correct(house, session, number, 2, [("09:00", "09:40")])
    before = house.log.head().position
    second = answer["documents"][2]["note_id"]
    refused = house.post("clinician", "/signatures", {"commands": commands, "token": token})
    told = problem(refused, 409, "changed-since-shown")["detail"]
    assert f"say something else, in group {second} (session); have it shown again" in told
    assert house.log.head().position == before
    shown = [one["to_be_signed"]["session"] for one in house.shown("clinician", *acts(answer))["signatures"]]
    assert [one["minutes"] for one in shown] == [None, 90, 40]
    assert [one["facts"] for one in house.signed("clinician", *acts(answer))] == [["note.signed"]] * 3
