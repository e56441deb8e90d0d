"""The biller's worklists over HTTP, on a morning whose notes are not signed yet."""

from __future__ import annotations

import pytest

from aggregates.claim.facts import ClaimLine, ClaimPrepared, ClaimSubmitted
from tests.api.clinic import CHARGE, PATIENTS, PAYER, at, draft, morning, on
from tests.api.house import PROGRAM, House, an_id
from tests.api.test_problems import problem
from tests.projections.story import Story

SESSION = 301


@pytest.fixture
def worked(own_house: House) -> House:
    """Patients 5 and 6 were in a group yesterday; of patient 5 there is a draft."""
    session = morning(own_house, session=SESSION, patients=range(5, 7), days=-1)
    own_house.done("clinician", f"/sessions/{session}/take-roster", {"started_at": at("09:00", -1)})
    version = own_house.found("clinician", f"/sessions/{session}")["version"]
    stayed = {"ended_at": at("12:30", -1), "everyone_else_stayed": True}
    own_house.done("clinician", f"/sessions/{session}/close", stayed, If_Match=f'"{version}"')
    draft(own_house, note=SESSION, patient=5, kind="daily")
    return own_house


def test_a_draft_keeps_its_day_from_being_billed(worked: House) -> None:
    """Under its author, with the day's charge; the day without a note is nobody's to sign."""
    [mine] = worked.found("biller", "/billing/unsigned")
    assert (mine["clinician_id"], mine["task"]) == (an_id("clinician"), "sign")
    assert (mine["notes"], mine["days"], mine["cents"]) == (1, 1, CHARGE)


def test_unbilled_days_are_counted_by_age_and_state(worked: House) -> None:
    """All of yesterday's days are the youngest age, and they are all there are."""
    found = worked.found("director", "/billing/unbilled")
    assert {one["age"] for one in found} == {"0-30"}
    assert (sum(one["days"] for one in found), sum(one["cents"] for one in found)) == (2, 2 * CHARGE)


def test_a_check_takes_a_coverage_off_the_list(worked: House) -> None:
    """Nobody was ever checked; whoever is checked today is not there for a month."""
    path = "/billing/eligibility"
    assert len(worked.found("front_desk", path)) == PATIENTS
    worked.done("front_desk", f"/patients/{an_id('patient', 7)}/check-eligibility", {
        "coverage_id": an_id("coverage", 7), "for_date": on(), "source": "portal", "active": True,
    })  # fmt: skip
    left = {one["patient_id"] for one in worked.found("front_desk", path)}
    assert left == {an_id("patient", one) for one in range(1, PATIENTS + 1) if one != 7}
    problem(worked.get("clinician", path), 403, "not-permitted")


def test_authorizations_run_out_within_the_days_asked_for(worked: House) -> None:
    """Their last day is thirty days ahead: not soon, but within a month."""
    path = "/billing/running-out"
    ends = {one["authorization_id"] for one in worked.found("biller", path, within_days=30)}
    assert {an_id("authorization", one) for one in range(1, PATIENTS + 1)} == ends
    assert not any(one["because"] == "last_day" for one in worked.found("biller", path))
    problem(worked.get("biller", path, within_days=-1), 422, "invalid")


def test_what_must_be_filed_is_paged(worked: House) -> None:
    """Within a year every unbilled day is on the list, page after page; of another payer there is none."""
    path = "/billing/filing"
    whole = worked.found("biller", path, within_days=366, limit=500)
    paged, after = [], {}
    while True:
        body = worked.get("biller", path, within_days=366, limit=1, project=False, **after).json()
        paged += body["items"]
        if body["next"] is None:
            break
        after = {"after": body["next"]}
    assert paged == whole
    assert len(whole) == 2
    mine = worked.found("biller", path, within_days=366, patient_id=an_id("patient", 5), payer_id=PAYER)
    assert [(one["kind"], one["from_date"], one["cents"]) for one in mine] == [("day", on(-1), CHARGE)]
    assert worked.found("biller", path, within_days=366, payer_id=an_id("nobody")) == []
    problem(worked.get("biller", path, after="2026-01-01|day|somewhere"), 422, "cursor-unknown")


def test_nothing_is_left_for_a_second_payer(worked: House) -> None:
    """No claim was answered, and the demonstration's payer asks for no papers that are due."""
    assert worked.found("biller", "/billing/secondary") == []
    assert isinstance(worked.found("utilization_reviewer", "/billing/recertifications"), list)


def test_what_was_sent_and_not_answered_is_the_billers_to_ask_for(worked: House) -> None:
    """Once more days have passed than whoever asks allows; no clinician and no director is asked."""
    path, claim_id = "/billing/unanswered", an_id("claim", 5)
    line = ClaimLine(
        line=1, service_date=on(-1), level_of_care="intensive_outpatient", revenue_code="0905", procedure_code="S9480",
        units=1, charge_cents=CHARGE,
    )  # fmt: skip
    story = Story()
    story.tell(claim_id, ClaimPrepared(
        patient_id=an_id("patient", 5), enrollment_id=an_id("enrollment", 5), program_id=PROGRAM, payer_id=PAYER,
        policy_id=an_id("policy"), form="837I", type_of_bill="0131", frequency="1", from_date=on(-1),
        through_date=on(-1), lines=(line,), total_cents=CHARGE, decided_at=1,
    ))  # fmt: skip
    story.tell(claim_id, ClaimSubmitted(submitted_at=at("13:00", -1), batch="b", control_number="C5"))
    story.append(worked.log)
    assert worked.found("biller", path) == []
    [one] = worked.found("utilization_reviewer", path, older_than_days=0, payer_id=PAYER)
    assert (one["claim_id"], one["status"], one["since"], one["days"], one["cents"]) == (
        claim_id, "submitted", on(-1), 1, CHARGE
    )
    assert "claim.acknowledge" in one["next_step"] and one["unverified"] == ["older_than_days"]
    assert worked.found("biller", path, older_than_days=0, payer_id=an_id("nobody")) == []
    for role in ("clinician", "director", "auditor"):
        problem(worked.get(role, path), 403, "not-permitted")
