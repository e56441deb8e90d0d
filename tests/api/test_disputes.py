"""Disputes over HTTP, from a payer's letter to its answer, and a self-audit of what was billed."""

from __future__ import annotations

from typing import Any

import pytest

from aggregates.claim.facts import (
    AdjudicatedLine,
    Adjustment,
    ClaimAdjudicated,
    ClaimLine,
    ClaimPrepared,
    ClaimSubmitted,
)
from tests.api.clinic import CHARGE, PAYER, at, morning, on
from tests.api.house import ELSEWHERE, PROGRAM, House, an_id
from tests.api.test_problems import problem
from tests.projections.story import Story

PATIENT, CLAIM, DISPUTE, SESSION = an_id("patient", 5), an_id("claim", 491), an_id("dispute", 491), 491
LIST = "/billing/disputes"


@pytest.fixture
def denied(own_house: House) -> House:
    """A clinic with a denied claim and nothing else that was billed."""
    denied_claim(own_house)
    return own_house


def denied_claim(house: House) -> None:
    """Patient 5 was in a group yesterday; the claim for it was sent and denied today."""
    session = morning(house, session=SESSION, patients=range(5, 6), days=-1)
    house.done("clinician", f"/sessions/{session}/take-roster", {"started_at": at("09:00", -1)})
    version = house.found("clinician", f"/sessions/{session}")["version"]
    stayed = {"ended_at": at("12:30", -1), "everyone_else_stayed": True}
    house.done("clinician", f"/sessions/{session}/close", stayed, If_Match=f'"{version}"')
    line = ClaimLine(
        line=1, service_date=on(-1), level_of_care="intensive_outpatient", revenue_code="0905", procedure_code="S9480",
        units=1, charge_cents=CHARGE,
    )  # fmt: skip
    story = Story()
    for fact in (
        ClaimPrepared(
            patient_id=PATIENT, enrollment_id=an_id("enrollment", 5), program_id=PROGRAM, payer_id=PAYER,
            policy_id=an_id("policy"), form="837I", type_of_bill="0131", frequency="1", from_date=on(-1),
            through_date=on(-1), lines=(line,), total_cents=CHARGE, decided_at=1,
        ),
        ClaimSubmitted(submitted_at=at("13:00", -1), batch="b", control_number="c1"),
        ClaimAdjudicated(
            adjudicated_on=on(), payer_control_number="p1", paid_cents=0,
            lines=(AdjudicatedLine(line=1, paid_cents=0, adjustments=(
                Adjustment(group="CO", carc="50", amount_cents=CHARGE),
            )),),
        ),
    ):  # fmt: skip
        story.tell(CLAIM, fact)
    story.append(house.log)


def matter(**more: Any) -> dict[str, Any]:
    """Whose it is."""
    return {
        "patient_id": PATIENT, "program_id": PROGRAM, "payer_id": PAYER, "track": "commercial", "claims": [CLAIM],
        **more,
    }  # fmt: skip


def test_a_dispute_goes_from_a_suggestion_to_its_answer(denied: House) -> None:
    """Opened by the biller, given away by the director, filed, answered; another dispute of the claim is refused."""
    [suggested] = denied.found("biller", LIST)
    assert (suggested["kind"], suggested["claims"], suggested["denied_cents"]) == ("denial", [CLAIM], CHARGE)
    opening = matter(codes=["CO-50"], level="internal_appeal", received_on=on(), amount_cents=CHARGE)
    denied.done("biller", f"/disputes/{DISPUTE}/open", opening)
    again = denied.post("utilization_reviewer", f"/disputes/{an_id('dispute', 2)}/open", opening)
    problem(again, 409, "already-disputed")
    owned = {"owner_id": an_id("utilization_reviewer"), "cause": "clinical"}
    problem(denied.post("biller", f"/disputes/{DISPUTE}/assign-owner", owned), 403, "not-permitted")
    denied.done("director", f"/disputes/{DISPUTE}/assign-owner", owned)
    denied.done("biller", f"/disputes/{DISPUTE}/log-call", {
        "contacted_at": at("00:00"), "channel": "phone", "outcome": "in-review", "words": "Ask again on Friday.",
    })  # fmt: skip
    [one] = denied.found("director", LIST, owner_id=an_id("utilization_reviewer"))
    assert (one["dispute_id"], one["task"], one["contacts"], one["unverified"]) == (DISPUTE, "file_appeal", 1, True)
    filed = {"appeal_id": an_id("appeal"), "level": "internal_appeal", "filed_on": on(), "means": "portal",
             "amount_cents": CHARGE}  # fmt: skip
    denied.done("utilization_reviewer", f"/disputes/{DISPUTE}/file-appeal", filed)
    assert [one["task"] for one in denied.found("biller", LIST)] == ["await_answer"]
    won = {"level": "internal_appeal", "outcome": "overturned", "decided_on": on(), "upheld_cents": 0,
           "overturned_cents": CHARGE}  # fmt: skip
    denied.done("biller", f"/disputes/{DISPUTE}/resolve", won)
    assert denied.found("biller", LIST) == []
    [over] = denied.found("biller", LIST, closed=True, patient_id=PATIENT)
    assert (over["status"], over["overturned_cents"]) == ("over", CHARGE)


def test_a_request_is_listed_with_what_the_record_lacks(denied: House) -> None:
    """The session has no note; a letter of a kind whose clock nobody knows must state its day."""
    path = f"/disputes/{an_id('dispute', 3)}/receive-request"
    asked = matter(request_id=an_id("request"), letter_id=an_id("letter"), kind="other", received_on=on(),
                   items=["group_notes", "attendance"])  # fmt: skip
    problem(denied.post("biller", path, asked), 409, "clock-unknown")
    denied.done("biller", path, asked | {"stated_due_on": on(30)})
    [one] = denied.found("biller", LIST, kind="records")
    assert (one["missing"], one["days_left"], one["confidence"]) == ({"group_notes": 1}, 30, "stated")
    problem(denied.post("front_desk", path, asked), 403, "not-permitted")
    problem(denied.get("front_desk", LIST), 403, "not-permitted")
    problem(denied.post("biller", path, asked, programs=(ELSEWHERE,)), 404, "not-found")
    assert denied.found("biller", LIST, programs=(ELSEWHERE,)) == []


def test_a_self_audit_asks_a_reviewers_questions_as_of_any_moment(denied: House) -> None:
    """The billed day has no note; before the claim nothing was billed; who was asked about is on record."""
    path, window = "/billing/self-audit", {"from_date": on(-1), "to_date": on(-1)}
    found = denied.found("auditor", path, **window)
    assert (found["billed_days"], found["failing_days"], found["exposure_billed_cents"]) == (1, 1, CHARGE)
    assert "note" in found["days"][0]["failed"]
    assert denied.found("biller", path, sample=1, seed="x", **window)["days"][0]["patient_id"] == PATIENT
    then = denied.found("auditor", path, as_of=1, **window)
    assert (then["as_of"], then["billed_days"]) == (1, 0)
    problem(denied.get("clinician", path, **window), 403, "not-permitted")
    reads = denied.found("privacy_officer", f"/patients/{PATIENT}/reads")
    assert "billing.self_audit" in {one["resource"] for one in reads}
