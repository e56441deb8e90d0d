"""A patient whom two programs treat has one account: each orders of its own, and learns nothing of the other's."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID, uuid4

import pytest
from httpx import Response

from aggregates.account.facts import ChargePosted
from aggregates.account.streams import account_of
from aggregates.codec import encode
from iop_es.engine.log import Append, NewFact
from tests.api.clinic import PAYER, on
from tests.api.house import ELSEWHERE, PROGRAM, House, an_id
from tests.api.test_presence import EPISODE, PATIENT, THERE, in_both
from tests.api.test_problems import problem

ACCOUNT, ALONE = account_of(PATIENT), an_id("patient", 2)
AGREED, CHARGE, BILL = an_id("agreement", 70), an_id("charge", 70), an_id("claim", 70)
OF_REQUEST = {"write_off_id": an_id("write_off", 70), "cause": "hardship"}
OF_CHARGE = {"charge_id": CHARGE, "share": "patient", "amount_cents": 5_000}


def pay(house: House, patient: str, number: int, program: str = PROGRAM, **more: Any) -> Response:
    """One dollar at the front desk of a program."""
    body = {"patient_id": patient, "program_id": program, "payment_id": an_id("payment", number), "received_on": on(),
            "amount_cents": 100, "method": "cash"}  # fmt: skip
    where = {"programs": (program,)}
    return house.post("front_desk", f"/accounts/{account_of(patient)}/receive-patient-payment", body | more, **where)


def agree(house: House, patient: str, number: int, program: str = PROGRAM) -> Response:
    """The price of a day."""
    body = {"patient_id": patient, "program_id": program, "agreement_id": an_id("agreement", number),
            "kind": "self_pay", "day_cents": 9_000, "effective_from": on(-5)}  # fmt: skip
    where = {"programs": (program,)}
    return house.post("biller", f"/accounts/{account_of(patient)}/set-patient-agreement", body, **where)


def a_claims_charge(house: House, program: str, claim: str) -> None:
    """A line of a claim, charged on the patient's account."""
    stored, state, _ = encode(ChargePosted(
        patient_id=PATIENT, program_id=program, payer_id=PAYER, claim_id=claim, line=1, service_date=on(-1),
        charge_cents=20_000,
    ))  # fmt: skip
    context = {"actor": str(uuid4()), "occurred_at": f"{on()}T12:00:00.000000Z", "name": stored.name}
    known = house.log.streams([ACCOUNT]).get(ACCOUNT, [])
    house.log.append(Append((NewFact(
        UUID(ACCOUNT), len(known) + 1, stored.topic, state, None, json.dumps(context).encode(),
        context["occurred_at"], context["actor"], ((PATIENT, str(uuid4())),),
    ),)))  # fmt: skip


def charged_there(house: House) -> None:
    """The other program has a day of the patient's own to pay, a claim's line, a request, and an overpayment."""
    in_both(house, "09:10")
    assert agree(house, PATIENT, 70, ELSEWHERE).status_code == 200
    house.ordered("biller", "account.post_self_pay_charge", {
        "account_id": ACCOUNT, "charge_id": CHARGE, "patient_id": PATIENT, "program_id": ELSEWHERE,
        "enrollment_id": EPISODE, "service_date": on(), "charge_cents": 9_000, "owed_cents": 9_000,
        "basis": "self_pay", "agreement_id": AGREED, "decided_at": house.log.head().position,
    })  # fmt: skip
    a_claims_charge(house, ELSEWHERE, BILL)
    house.done("biller", f"/accounts/{ACCOUNT}/request-write-off", OF_REQUEST | OF_CHARGE, programs=THERE)
    house.done("biller", f"/accounts/{ACCOUNT}/identify-overpayment", identified(ELSEWHERE), programs=THERE)


def identified(program: str, number: int = 70, **more: Any) -> dict[str, Any]:
    """Five cents too much."""
    return {"overpayment_id": an_id("overpayment", number), "program_id": program, "payer_id": PAYER,
            "amount_cents": 5, "cause": "duplicate", "identified_on": on()} | more  # fmt: skip


@pytest.mark.parametrize("begin", [pay, agree])
def test_an_account_is_open_alike_whether_another_program_has_money_on_it(own_house: House, begin: Any) -> None:
    """A patient of two programs pays at each; and neither the answer to that nor a refusal tells of the other's."""
    house = own_house
    charged_there(house)
    for way in ({"claim_id": an_id("claim", 99)}, {"claim_id": BILL}, {"claim_id": BILL, "line": 1}, {"line": 1}):
        assert told(pay(house, PATIENT, 1, **way)) == told(pay(house, ALONE, 2, **way)), way
    for number, (name, body) in enumerate(OF_THE_OTHER):
        shared, alone = (
            house.post(ORDERING[name], f"/accounts/{account_of(patient)}/{name}", body) for patient in (PATIENT, ALONE)
        )
        assert told(shared) == told(alone), (number, name)
        problem(shared, 404, "not-found")
    for number, patient in enumerate((PATIENT, ALONE)):
        answer = begin(house, patient, number)
        assert (answer.status_code, answer.json()["version"]) == (200, None)


ORDERING = {
    "withdraw-write-off-request": "director", "write-off-self-pay-charge": "director", "issue-refund": "biller",
    "reverse-self-pay-charge": "biller", "request-write-off": "biller", "identify-overpayment": "biller",
    "open-overpayment-investigation": "biller", "return-overpayment": "director", "receive-patient-payment": "biller",
}
OVERPAID = {"overpayment_id": an_id("overpayment", 70)}
WRITTEN_OFF = {"write_off_id": an_id("write_off", 71), "cause": "hardship"}
OF_THE_OTHER: tuple[tuple[str, dict[str, Any]], ...] = (
    ("withdraw-write-off-request", OF_REQUEST),
    ("write-off-self-pay-charge", OF_REQUEST | {"charge_id": CHARGE, "amount_cents": 5_000}),
    ("reverse-self-pay-charge", {"charge_id": CHARGE, "cause": "x"}),
    ("request-write-off", WRITTEN_OFF | OF_CHARGE),
    ("request-write-off", WRITTEN_OFF | {"claim_id": BILL, "line": 1, "share": "payer", "amount_cents": 1}),
    ("identify-overpayment", identified(PROGRAM, 71)),
    ("identify-overpayment", identified(PROGRAM, 71, claim_id=BILL)),
    ("open-overpayment-investigation", OVERPAID | {"opened_on": on()}),
    ("return-overpayment", OVERPAID | {
        "return_id": an_id("return", 70), "returned_on": on(), "amount_cents": 5, "method": "check",
    }),
)  # fmt: skip
"""Orders about what the other program has on the account."""


def told(answer: Response) -> tuple[int, Any, Any]:
    """What the caller learns."""
    return answer.status_code, answer.json().get("type"), answer.json().get("detail")


def unknown(body: Any) -> Any:
    """The same order about things that nobody has."""
    named = {BILL: an_id("claim", 99), CHARGE: an_id("charge", 99), OF_REQUEST["write_off_id"]: an_id("write_off", 99),
             OVERPAID["overpayment_id"]: an_id("overpayment", 99)}  # fmt: skip
    return {key: named.get(value, value) for key, value in body.items()}


def test_what_another_program_has_on_the_account_is_not_there(own_house: House) -> None:
    """Where both have money on it: a charge, a request, an overpayment, a claim of the other's is refused word for word
    like one that nobody has; and a program finds an overpayment only of what it charged."""
    house = own_house
    charged_there(house)
    assert pay(house, PATIENT, 1).status_code == 200
    for name, body in (*OF_THE_OTHER, ("receive-patient-payment", {
        "patient_id": PATIENT, "program_id": PROGRAM, "payment_id": an_id("payment", 3), "received_on": on(),
        "amount_cents": 1, "method": "cash", "claim_id": BILL, "line": 1,
    })):
        path = f"/accounts/{ACCOUNT}/{name}"
        refused = house.post(ORDERING[name], path, body)
        problem(refused, 404, "not-found")
        assert told(refused) == told(house.post(ORDERING[name], path, unknown(body))), (name, body)
    a_claims_charge(house, PROGRAM, an_id("claim", 71))
    house.done("biller", f"/accounts/{ACCOUNT}/identify-overpayment", identified(PROGRAM, 71))
    both = {"programs": (PROGRAM, ELSEWHERE)}
    problem(house.post("biller", f"/accounts/{ACCOUNT}/identify-overpayment", identified(PROGRAM, 72, claim_id=BILL),
                       **both), 404, "not-found")  # fmt: skip
    refused = house.post("biller", f"/accounts/{ACCOUNT}/identify-overpayment", identified(PROGRAM, amount_cents=6))
    problem(refused, 409, "overpayment-told-otherwise")


def test_who_works_in_both_programs_orders_of_both_on_one_account(own_house: House) -> None:
    """A token of both reaches all that is on it, and so does the program whose it is."""
    house = own_house
    charged_there(house)
    both, path = {"programs": (PROGRAM, ELSEWHERE)}, f"/accounts/{ACCOUNT}"
    house.done("director", f"{path}/write-off-self-pay-charge", OF_REQUEST | {
        "charge_id": CHARGE, "amount_cents": 5_000}, **both)
    house.done("biller", f"{path}/open-overpayment-investigation", OVERPAID | {"opened_on": on()}, **both)
    house.done("biller", f"{path}/reverse-self-pay-charge", {"charge_id": CHARGE, "cause": "x"}, programs=THERE)


def test_an_account_out_of_reach_tells_nothing(own_house: House) -> None:
    """Of a patient whom the program does not treat: whatever is ordered, it is answered like one with no money."""
    house = own_house
    charged_there(house)
    assert pay(house, ALONE, 1).status_code == 200
    third = {"programs": (an_id("program", 3),)}
    refund = {"program_id": an_id("program", 3), "refund_id": an_id("refund"), "issued_on": on(400),
              "amount_cents": 1, "method": "check", "cause": "x"}  # fmt: skip
    late = identified(an_id("program", 3), 73, identified_on=on(400))
    for name, body in (*OF_THE_OTHER, ("issue-refund", refund), ("identify-overpayment", late)):
        answers = {
            told(house.post(ORDERING[name], f"/accounts/{account_of(patient)}/{name}", body, **third))
            for patient in (PATIENT, ALONE, an_id("patient", 3), an_id("patient", 999))
        }
        assert len(answers) == 1, (name, answers)
