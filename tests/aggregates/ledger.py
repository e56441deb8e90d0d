"""An account for the tests: the biller's claim of two days, sent and answered, its patient, and what may be asked."""

from __future__ import annotations

from typing import Any

from aggregates.account import AGGREGATE
from aggregates.account import commands as ask
from aggregates.account.streams import account_of, account_with
from aggregates.claim import AGGREGATE as CLAIM
from aggregates.claim.facts import AdjudicatedLine, Adjustment
from aggregates.decision import made
from aggregates.kit import Act, Seen
from aggregates.patient import AGGREGATE as PATIENT
from aggregates.patient.facts import PatientRegistered
from tests.aggregates import biller
from tests.aggregates.biller import IT, JUNE, ON_ITS_WAY, PATIENT_ID, PAYER, PROGRAM_ID
from tests.aggregates.scenario import Decided, Given, an_act, an_id, given, seen_as

ACCOUNT, WITH_PAYER = account_of(PATIENT_ID), account_with(PROGRAM_ID, PAYER)
BOSS = an_act(occurred_at="2026-06-01T12:00:00Z", role="director", by=an_id("director"))
REGISTERED = seen_as(PATIENT, PATIENT_ID, PatientRegistered(
    year_of_birth=1990, has_medical_record_number=False, has_address=False, patient_id=PATIENT_ID,
))


def answered(number: int, cents: int, *adjustments: tuple[Any, str, int]) -> AdjudicatedLine:
    """The payer's answer to a line; adjustments are (group, CARC, cents)."""
    return AdjudicatedLine(line=number, paid_cents=cents, adjustments=tuple(
        Adjustment(group=group, carc=carc, amount_cents=amount) for group, carc, amount in adjustments
    ))


# Line 1: 325 dollars charged, 240 paid, 35 above the fee, 50 the patient's. Line 2: all of it denied.
FIRST = biller.adjudicate(
    answered(1, 24_000, ("CO", "45", 3_500), ("PR", "2", 5_000)), answered(2, 0, ("CO", "197", 32_500)),
    paid_cents=24_000, trace_number="EFT-1", remittance_on="2026-04-01",
)
SECOND = biller.adjudicate(
    answered(1, 24_000, ("CO", "45", 3_500), ("PR", "2", 5_000)),
    answered(2, 24_000, ("CO", "45", 3_500), ("PR", "2", 5_000)),
    paid_cents=48_000, trace_number="EFT-2", remittance_on="2026-05-02", adjudicated_on="2026-04-30",
)


def claim_after(*commands: Any) -> Seen:
    """The claim as an account sees it, sent and then whatever else."""
    return seen_as(CLAIM, IT, *biller.after(*ON_ITS_WAY, *commands).facts)


SENT, ANSWERED, REVERSED = claim_after(), claim_after(FIRST), claim_after(FIRST, biller.reverse())
ANSWERED_AGAIN = claim_after(FIRST, biller.reverse(), SECOND)


def charges(**changes: Any) -> ask.PostCharges:
    """The claim's two charges."""
    return ask.PostCharges(**({"account_id": ACCOUNT, "claim_id": IT} | changes))


def post(**changes: Any) -> ask.PostRemittance:
    """The first answer."""
    fields: dict[str, Any] = {"claim_id": IT, "trace_number": "EFT-1", "remittance_on": "2026-04-01"}
    return ask.PostRemittance(account_id=ACCOUNT, **(fields | changes))


def post_again(**changes: Any) -> ask.PostRemittance:
    """The second answer, which came second in the remittance that reversed the first one."""
    return post(**({"trace_number": "EFT-2", "remittance_on": "2026-05-02", "sequence": 2} | changes))


def take_back(**changes: Any) -> ask.ReversePayment:
    """The reversal, first in its remittance."""
    fields: dict[str, Any] = {"claim_id": IT, "trace_number": "EFT-2", "remittance_on": "2026-05-02"}
    return ask.ReversePayment(account_id=ACCOUNT, **(fields | changes))


def receive(cents: int = 5_000, number: int = 1, **changes: Any) -> ask.ReceivePatientPayment:
    """The patient pays by card."""
    fields: dict[str, Any] = {
        "account_id": ACCOUNT, "patient_id": PATIENT_ID, "program_id": PROGRAM_ID, "method": "card",
        "payment_id": an_id("payment", number), "received_on": "2026-05-10",
    }
    return ask.ReceivePatientPayment(amount_cents=cents, **(fields | changes))


def request_write_off(cents: int, line: int | None = 2, number: int = 1, **changes: Any) -> ask.RequestWriteOff:
    """Of what the payer denied."""
    fields: dict[str, Any] = {
        "account_id": ACCOUNT, "claim_id": IT, "share": "payer", "cause": "small-balance",
        "write_off_id": an_id("write_off", number),
    }
    return ask.RequestWriteOff(line=line, amount_cents=cents, **(fields | changes))


def write_off(cents: int, line: int = 2, number: int = 1, **changes: Any) -> ask.WriteOffBalance:
    """The same, approved."""
    return made(ask.WriteOffBalance, request_write_off(cents, line, number, **changes))


def written_off(
    cents: int, line: int = 2, number: int = 1, **changes: Any
) -> tuple[ask.RequestWriteOff, ask.WriteOffBalance]:
    """Asked for and approved."""
    return request_write_off(cents, line, number, **changes), write_off(cents, line, number, **changes)


def refund(cents: int, number: int = 1, **changes: Any) -> ask.IssueRefund:
    """By check."""
    fields: dict[str, Any] = {
        "account_id": ACCOUNT, "program_id": PROGRAM_ID, "refund_id": an_id("refund", number), "method": "check",
        "issued_on": "2026-05-20", "cause": "paid-twice",
    }
    return ask.IssueRefund(amount_cents=cents, **(fields | changes))


def overpaid(**changes: Any) -> ask.IdentifyOverpayment:
    """240 dollars, seen on 10 May."""
    fields: dict[str, Any] = {
        "account_id": ACCOUNT, "overpayment_id": an_id("overpayment"), "program_id": PROGRAM_ID, "payer_id": PAYER,
        "claim_id": IT, "amount_cents": 24_000, "cause": "duplicate", "identified_on": "2026-05-10",
    }
    return ask.IdentifyOverpayment(**(fields | changes))


def investigate(**changes: Any) -> ask.OpenOverpaymentInvestigation:
    """Opened two days later."""
    fields: dict[str, Any] = {"account_id": ACCOUNT, "overpayment_id": an_id("overpayment"), "opened_on": "2026-05-12"}
    return ask.OpenOverpaymentInvestigation(**(fields | changes))


def give_back(cents: int = 24_000, number: int = 1, **changes: Any) -> ask.ReturnOverpayment:
    """By check, on 28 May."""
    fields: dict[str, Any] = {
        "account_id": ACCOUNT, "overpayment_id": an_id("overpayment"), "return_id": an_id("return", number),
        "returned_on": "2026-05-28", "method": "check",
    }
    return ask.ReturnOverpayment(amount_cents=cents, **(fields | changes))


def adjust(**changes: Any) -> ask.PostProviderAdjustment:
    """A takeback of 240 dollars by the payer (PLB, WO)."""
    fields: dict[str, Any] = {
        "account_id": WITH_PAYER, "program_id": PROGRAM_ID, "payer_id": PAYER, "trace_number": "EFT-3", "sequence": 1,
        "remittance_on": "2026-05-20", "reason_code": "WO", "amount_cents": 24_000, "reference": "P88",
    }
    return ask.PostProviderAdjustment(**(fields | changes))


def unmatched(**changes: Any) -> ask.RecordUnmatched:
    """A claim that nobody here sent."""
    fields: dict[str, Any] = {
        "account_id": WITH_PAYER, "unmatched_id": an_id("unmatched"), "program_id": PROGRAM_ID, "payer_id": PAYER,
        "source": "835", "part": "claim", "why": "claim-unknown", "trace_number": "EFT-3", "paid_cents": -100,
        "sentence": "No claim of ours has this control number.",
    }
    return ask.RecordUnmatched(**(fields | changes))


def assign(**changes: Any) -> ask.AssignUnmatched:
    """To the claim that it was."""
    fields: dict[str, Any] = {
        "account_id": WITH_PAYER, "unmatched_id": an_id("unmatched"), "resolution": "posted-by-hand", "claim_id": IT,
    }
    return ask.AssignUnmatched(**(fields | changes))


Asked = tuple[Any, Seen] | Any


def after(*asked: Asked) -> Given:
    """The account after commands that are all accepted in June; a pair is a command and the claim as it stands."""
    stream = given(AGGREGATE)
    for one in asked:
        decided = decided_by(stream, one)
        assert decided.refusal is None, decided.refusal
        stream = decided.after
    return stream


def decided_by(stream: Given, asked: Asked, act: Act | None = None) -> Decided:
    """The decision in June: the director's where one must approve, else the biller's."""
    command, claim = asked if isinstance(asked, tuple) else (asked, ANSWERED)
    who = BOSS if isinstance(command, ask.WriteOffBalance) else JUNE
    return stream.when(command, act or who, {"claim": claim, f"claim:{claim.id}": claim, "patient": REGISTERED})


def decision(asked: Asked, *before: Asked, act: Act | None = None) -> Decided:
    """The decision in June after what was accepted before."""
    return decided_by(after(*before), asked, act)
