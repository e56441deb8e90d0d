"""Two who led a group, over HTTP: the author signs, the other signs beside them, and the day can be billed."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from iop_es.demo.policies import load_policy
from tests.api.clinic import DIRECTOR, POLICY, at, morning, on
from tests.api.house import ELSEWHERE, House, an_id
from tests.api.test_documentation import SHARED, acts, part, sections
from tests.api.test_gate import last_read
from tests.api.test_problems import problem
from tests.api.test_signatures import act
from tests.api.test_struck_and_damaged import flip

BESIDE = "note.sign_as_facilitator"
AUTHOR, SECOND, OUTSIDER = an_id("clinician"), an_id("second"), an_id("outsider")
PATIENTS = [an_id("patient", number) for number in (1, 2, 3)]
LACKING, BILLABLE = ("waiting", "facilitator_signature_missing"), ("billable", None)


def joins(house: House, person: str, given_name: str) -> None:
    """A licensed clinician who treats nobody yet."""
    house.done("director", "/clinicians", {
        "clinician_id": person, "programs": list(DIRECTOR), "discipline": "LPC", "associate": False,
        "joined_on": "2020-01-01", "family_name": "Okoye", "given_name": given_name,
    }, programs=DIRECTOR)  # fmt: skip
    house.done("director", f"/clinicians/{person}/record-credential", {
        "credential_id": an_id(f"credential-{given_name}"), "title": "LPC", "jurisdiction": "NY",
        "active_from": "2020-01-01", "number": "178-22",
    }, programs=DIRECTOR)  # fmt: skip


def led_by_two(house: House, number: int) -> str:
    """A group that is over, led by the author and another, of a payer who wants the signature of each; its id."""
    joins(house, SECOND, "Ines")
    joins(house, OUTSIDER, "Kit")
    terms = msgspec.to_builtins(load_policy("commercial_mental_health"))["terms"]
    wants = {"every_facilitator_signs": "hold", "unverified": [*terms["unverified"], "every_facilitator_signs"]}
    revision = {"effective_from": on(-3), "terms": terms | wants, "cause": "contract_amended"}
    etag = house.get("biller", f"/streams/{POLICY}").headers["ETag"]
    house.done("biller", f"/payer-policies/{POLICY}/revise", revision, If_Match=etag)
    session = morning(house, session=number, patients=range(1, 4))
    led = {"started_at": at("09:00"), "facilitators": [AUTHOR, SECOND]}
    house.done("clinician", f"/sessions/{session}/take-roster", led)
    etag = house.get("clinician", f"/sessions/{session}").headers["ETag"]
    closing = {"ended_at": at("12:30"), "everyone_else_stayed": True}
    house.done("clinician", f"/sessions/{session}/close", closing, If_Match=etag)
    return session


def documents(house: House, session: str) -> list[str]:
    """What all share and a part each, by the author, signed; their ids."""
    topic, interventions = SHARED
    whose = [interventions | {"name": f"interventions:{one}"} for one in (AUTHOR, SECOND)]
    answer = house.done("clinician", f"/sessions/{session}/documentation", {
        "narrative": {"sections": [topic, *whose]}, "parts": [part(number) for number in (1, 2, 3)],
    })  # fmt: skip
    assert answer["skipped"] == []
    house.signed("clinician", *acts(answer))
    return [one["note_id"] for one in answer["documents"]]


def days(house: House) -> list[tuple[str, str | None]]:
    """State and reason of each patient's day, as it is decided now."""
    found = {one["patient_id"]: one for one in house.found("biller", "/billing/days", from_date=on())}
    return [(found[one]["state"], found[one]["reason"]) for one in PATIENTS]


def tasks(house: House) -> list[dict[str, Any]]:
    """What waits for the other one who led."""
    found: list[dict[str, Any]] = house.found("clinician", "/caseload/notes-to-sign", person=SECOND, mine=True)
    return found


@pytest.fixture
def written(own_house: House) -> tuple[House, str, list[str]]:
    """The house, the session, and its documents that the author has signed."""
    session = led_by_two(own_house, 890)
    return own_house, session, documents(own_house, session)


def test_the_other_facilitator_signs_and_the_day_can_be_billed(
    written: tuple[House, str, list[str]], clinic_url: str
) -> None:
    """One signature under what all share, chained to the author's, lifts the day of each; one bit of it less does not
    verify."""
    house, session, (narrative, *parts) = written
    assert days(house) == [LACKING] * 3
    [task] = tasks(house)
    assert (task["task"], task["note_id"], task["people"]) == ("sign_as_facilitator", narrative, [SECOND])
    asked = house.found("clinician", f"/sessions/{session}/documentation")
    assert (asked["unsigned_facilitators"], asked["undone"]) == ([SECOND], 0)

    read = house.found("clinician", f"/notes/{narrative}", person=SECOND)
    given = act(narrative, BESIDE, content_digest=read["content_digest"])
    [shown] = house.shown("clinician", given, person=SECOND)["signatures"]
    said = shown["to_be_signed"]
    assert (said["meaning"], said["signer_id"], said["signer_name"]) == ("co-facilitator", SECOND, "Ines Okoye")
    assert (said["credential"], said["license"]) == ("LPC", "NY 178-22")
    [done] = house.signed("clinician", given, person=SECOND)
    assert done["facts"] == ["note.facilitator_signed"]

    first, second = house.found("auditor", f"/notes/{narrative}/signatures")["signatures"]
    assert [(one["meaning"], one["standing"], one["covers_current"]) for one in (first, second)] == [
        ("author", "verified", True), ("co-facilitator", "verified", True),
    ]  # fmt: skip
    assert first["key_id"] != second["key_id"]
    envelopes = house.found("clinician", f"/notes/{narrative}/signatures/envelopes", person=SECOND)["signatures"]
    assert envelopes[1]["prev_sig"] == envelopes[0]["signed_digest"] == first["signed_digest"]
    assert (days(house), tasks(house)) == ([BILLABLE] * 3, [])

    page = house.get("clinician", f"/notes/{parts[0]}/print", format="html").text
    assert "Ines Okoye, LPC, license NY 178-22" in page
    assert "Responsibility for the session, as one of those who led it." in page
    entries = house.found("auditor", "/audit/entries", limit=500)
    assert any(one["stream"] == narrative and "beside the author" in one["words"] for one in entries)
    flip(clinic_url, narrative, 3, "state")
    found = house.found("auditor", f"/notes/{narrative}/signatures")["signatures"]
    assert [one["standing"] for one in found] == ["verified", "invalid"]
    flip(clinic_url, narrative, 3, "state")


def seen(house: House, note: str, person: str = SECOND, **more: Any) -> set[int]:
    """How a document is answered to somebody, in each of the ways in which it is read."""
    paths = [f"/notes/{note}{one}" for one in ("", "/print", "/signatures", "/signatures/envelopes")]
    return {house.get("clinician", path, person=person, project=False, **more).status_code for path in paths}


def test_whose_signature_is_owed_reads_the_part_until_it_is_given(written: tuple[House, str, list[str]]) -> None:
    """Signed by its author a part is closed to who led beside them, but for what the payer still wants of them; with
    what all share signed, nothing is owed. The chart stays closed all along, and so do the program's walls."""
    house, _, (narrative, *parts) = written
    chart = f"/patients/{PATIENTS[0]}/chart"
    days_ago = {"from": on(-30), "through": on()}
    for note in (narrative, *parts):
        assert seen(house, note) == {200}
        assert seen(house, note, programs=(ELSEWHERE,)) == {404}
    assert seen(house, parts[0], OUTSIDER) == {404}
    problem(house.get("clinician", chart, person=SECOND, **days_ago), 404, "not-found")
    problem(house.get("clinician", f"/patients/{PATIENTS[0]}/notes", person=SECOND), 404, "not-found")
    house.done("front_desk", f"/patients/{PATIENTS[2]}/end-coverage", {
        "coverage_id": an_id("coverage", 3), "ended_on": on(-1), "cause": "employment_ended",
    })  # fmt: skip
    assert seen(house, parts[2]) == {404}  # no payer of that day wants it
    house.signed("clinician", act(narrative, BESIDE), person=SECOND)
    assert [seen(house, one) for one in (narrative, *parts)] == [{200}, {404}, {404}, {404}]


def test_what_one_signed_one_reads_for_ever_as_it_was_before_too(written: tuple[House, str, list[str]]) -> None:
    """A part that was signed beside its author, and that part alone once all is signed."""
    house, _, (narrative, *parts) = written
    before = house.log.head().position
    house.signed("clinician", act(parts[0], BESIDE), person=SECOND)
    house.signed("clinician", act(narrative, BESIDE), person=SECOND)
    assert [seen(house, one) for one in parts] == [{200}, {404}, {404}]
    assert [seen(house, one, as_of=before) for one in parts] == [{200}, {404}, {404}]


def test_a_sessions_print_holds_what_is_owed_and_then_what_was_signed(written: tuple[House, str, list[str]]) -> None:
    """Given the author signed all, when a signature beside theirs is owed for each, then the other's print is whole;
    when it is given under one part and what all share, the print holds those and says that two are left out."""
    house, session, (narrative, *parts) = written
    path = f"/sessions/{session}/notes/print"

    def printed() -> tuple[list[bool], bool]:
        text = house.get("clinician", path, person=SECOND).text
        words = [SHARED[0]["words"], *(sections(one)[0]["words"] for one in (1, 2, 3))]
        return [one in text for one in words], "not in this print: 2." in text

    assert printed() == ([True] * 4, False)
    problem(house.get("clinician", path, person=OUTSIDER), 404, "not-found")
    house.signed("clinician", act(parts[0], BESIDE), act(narrative, BESIDE), person=SECOND)
    assert printed() == ([True, True, False, False], True)
    assert last_read(house)["patients"] == [PATIENTS[0]]


def test_what_all_share_is_closed_to_who_led_it_and_owes_no_signature(
    written: tuple[House, str, list[str]]
) -> None:
    """Given each part has the other's signature, or no payer of that day wants it, then what all share is theirs no
    more to read or sign."""
    house, _, (narrative, *parts) = written
    house.signed("clinician", *(act(one, BESIDE) for one in parts[:2]), person=SECOND)
    assert seen(house, narrative) == {200}  # for the third
    house.done("front_desk", f"/patients/{PATIENTS[2]}/end-coverage", {
        "coverage_id": an_id("coverage", 3), "ended_on": on(-1), "cause": "employment_ended",
    })  # fmt: skip
    assert seen(house, narrative) == {404}
    [shown] = house.shown("clinician", act(narrative, BESIDE), person=SECOND)["signatures"]
    assert shown["refused"]["type"].endswith(":not-found")


def test_who_did_not_lead_it_or_has_signed_it_does_not(written: tuple[House, str, list[str]]) -> None:
    """The author and a colleague are told the rule, or that there is nothing; a part can be signed as well as what all
    share; and it is no command of its own route."""
    house, _, (narrative, *parts) = written
    [author] = house.shown("clinician", act(narrative, BESIDE))["signatures"]
    assert author["refused"]["type"].endswith(":signs-as-author")
    [colleague] = house.shown("clinician", act(narrative, BESIDE), person=OUTSIDER)["signatures"]
    assert colleague["refused"]["type"].endswith(":not-found")
    [supervisor] = house.shown("supervisor", act(narrative, BESIDE))["signatures"]
    assert supervisor["refused"]["type"].endswith(":not-a-facilitator")
    both = (act(parts[0], BESIDE), act(parts[1], BESIDE, late_reason="holiday"))
    house.signed("clinician", *both, person=SECOND)
    [again] = house.shown("clinician", both[0], person=SECOND)["signatures"]
    assert again["refused"]["type"].endswith(":nothing-to-sign")
    [twice] = house.shown("clinician", act(parts[0], BESIDE, content_digest="f" * 64), person=SECOND)["signatures"]
    assert twice["refused"]["type"].endswith(":facilitator-has-signed")
    assert days(house) == [BILLABLE, BILLABLE, LACKING]
    own = house.found("clinician", f"/notes/{parts[0]}", person=SECOND)
    assert own["facilitators"] == [SECOND]
    [listed] = [one for one in house.found("clinician", f"/patients/{PATIENTS[0]}/notes") if one["kind"] == "group"]
    assert listed["facilitators"] == [SECOND]
    problem(house.post("clinician", f"/notes/{narrative}/sign-as-facilitator", {}, person=SECOND), 404, "not-found")
