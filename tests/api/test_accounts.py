"""Accounts over HTTP: the work on what is unmatched, and who may write off."""

from __future__ import annotations

import pytest

from aggregates.account.streams import account_with
from tests.api.clinic import PAYER, on
from tests.api.house import ELSEWHERE, PROGRAM, House, an_id
from tests.api.test_problems import problem

ACCOUNT = account_with(PROGRAM, PAYER)


def unmatched(number: int, program: str | None = PROGRAM) -> dict[str, object]:
    """A claim in a payer's file that nobody here sent."""
    return {
        "unmatched_id": an_id("unmatched", number), "program_id": program, "payer_id": PAYER, "source": "835",
        "part": "claim", "why": "claim-unknown", "trace_number": "EFT-1", "charge_cents": 20_000, "paid_cents": -100,
        "sentence": "No claim of ours has this control number.", "control_number": "A-17",
        "segments": "CLP*A-17~\nNM1*QC*1*QUEEG*PHILIP",
    }


@pytest.fixture(scope="module", autouse=True)
def kept(house: House) -> None:
    """Two unmatched parts, one of which somebody settles."""
    for number in (1, 2):
        house.done("biller", f"/accounts/{ACCOUNT}/record-unmatched", unmatched(number))
    house.done("biller", f"/accounts/{ACCOUNT}/assign-unmatched", {
        "unmatched_id": an_id("unmatched", 2), "resolution": "not-ours",
    })  # fmt: skip


def test_what_is_unmatched_waits_on_the_list(house: House) -> None:
    """With why, what to do and the account to order the assignment on; what was assigned is set apart."""
    [one] = house.found("biller", "/billing/unmatched", assigned=False)
    assert one["account_id"] == ACCOUNT
    assert (one["why"], one["paid_cents"], one["resolution"]) == ("claim-unknown", -100, None)
    assert "control number" in one["sentence"]
    settled = house.found("director", "/billing/unmatched", assigned=True)
    assert [each["resolution"] for each in settled] == ["not-ours"]


def test_payers_credits_are_the_billers_to_look_at(house: House) -> None:
    """Nothing was paid for a claim that stands no longer; the front desk is not asked."""
    assert house.found("biller", "/billing/payer-credits", payer_id=PAYER) == []
    problem(house.get("front_desk", "/billing/payer-credits"), 403, "not-permitted")


def test_self_pay_days_are_the_billers_to_charge(house: House) -> None:
    """The list is open to the biller, and nobody else."""
    assert house.found("biller", "/billing/self-pay", program_id=PROGRAM) == []
    problem(house.get("front_desk", "/billing/self-pay"), 403, "not-permitted")


def test_a_biller_sees_the_number_to_look_for_and_no_name(house: House) -> None:
    """The payer's text stays sealed; the account of another program is as if it were not there."""
    answer = house.get("biller", f"/accounts/{ACCOUNT}/unmatched")
    first, second = answer.json()["item"]["parts"]
    assert (first["control_number"], first["resolution"], second["resolution"]) == ("A-17", None, "not-ours")
    assert "QUEEG" not in answer.text
    problem(house.get("front_desk", f"/accounts/{ACCOUNT}/unmatched"), 403, "not-permitted")
    problem(house.post("biller", f"/accounts/{account_with(ELSEWHERE, PAYER)}/record-unmatched",
                       unmatched(3, ELSEWHERE)), 404, "not-found")


def test_a_write_off_is_the_directors_to_order(house: House) -> None:
    """A biller asks for it and may not order it; on nothing that was charged there is nothing to write off."""
    body = {
        "write_off_id": an_id("write_off"), "claim_id": an_id("claim"), "line": 1, "share": "payer",
        "amount_cents": 100, "cause": "small-balance",
    }
    problem(house.post("director", f"/accounts/{ACCOUNT}/request-write-off", body), 403, "not-permitted")
    problem(house.post("biller", f"/accounts/{ACCOUNT}/request-write-off", body), 404, "not-found")
    problem(house.post("biller", f"/accounts/{ACCOUNT}/write-off-balance", body), 403, "not-permitted")
    problem(house.post("director", f"/accounts/{ACCOUNT}/write-off-balance", body), 404, "not-found")


def test_a_day_is_given_up_by_two_and_waits_on_the_list_until_then(own_house: House) -> None:
    """A biller asks and a director approves; another biller withdraws nothing, a director does."""
    episode = an_id("enrollment", 5)
    path, of_it = f"/enrollments/{episode}", {"service_date": on(-1), "cause": "no_note"}
    problem(own_house.post("director", f"{path}/request-day-write-off", of_it), 403, "not-permitted")
    problem(own_house.post("director", f"{path}/write-off-day", of_it), 409, "day-write-off-not-requested")
    own_house.done("biller", f"{path}/request-day-write-off", of_it)
    [waiting] = own_house.found("director", "/billing/write-off-requests", program_id=PROGRAM)
    assert (waiting["kind"], waiting["enrollment_id"], waiting["requested_by"]) == ("day", episode, an_id("biller"))
    problem(own_house.get("clinician", "/billing/write-off-requests"), 403, "not-permitted")
    found = {"service_date": on(-1), "cause": "found"}
    refused = own_house.post(
        "biller", f"{path}/withdraw-day-write-off-request", found, person=an_id("biller", 2)
    )
    problem(refused, 409, "anothers-request")
    own_house.done("director", f"{path}/withdraw-day-write-off-request", found)
    assert own_house.found("biller", "/billing/write-off-requests") == []
    own_house.done("biller", f"{path}/request-day-write-off", of_it)
    alone = own_house.post("director", f"{path}/write-off-day", of_it, person=an_id("biller"))
    problem(alone, 409, "approver-asked-themselves")
    own_house.done("director", f"{path}/write-off-day", of_it)
    assert own_house.found("biller", "/billing/write-off-requests") == []
