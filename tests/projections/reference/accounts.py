"""The afternoon's money: answers posted, taken back and posted anew, what the patient pays, what nobody could place,
what a second payer is asked for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec

from aggregates.account.streams import account_of, account_with
from aggregates.values import Role
from tests.aggregates.scenario import an_id

if TYPE_CHECKING:
    from tests.projections.reference.making import Afternoon

BILLER: Role = "biller"
DIRECTOR: Role = "director"


def money(afternoon: Afternoon) -> None:
    """One claim through everything that can happen to its account, and its payer's files."""
    claim_id, answer = afternoon.untouched(
        "claim.adjudicated", "claim.replaced", "claim.voided", "claim.reinstated", "claim.rejected"
    )[0]
    sent = dict(afternoon.all("claim.prepared"))[claim_id]
    account = account_of(sent.patient_id)
    _answers(afternoon, claim_id, account, json.loads(msgspec.json.encode(answer)))
    _patients_own(afternoon, claim_id, account, sent)
    _overpayment(afternoon, claim_id, account, sent)
    _provider(afternoon, claim_id, account_with(sent.program_id, sent.payer_id), sent)
    _second_payer(afternoon, claim_id, sent)


def _answers(afternoon: Afternoon, claim_id: str, account: str, answer: dict[str, Any]) -> None:
    """The answer that the office posted is reversed by a second remittance, which denies a part of the first line."""
    both = {"account_id": account, "claim_id": claim_id, "remittance_on": afternoon.today}
    afternoon.order("account.post_charges", BILLER, account_id=account, claim_id=claim_id)
    afternoon.order(
        "claim.reverse_adjudication", BILLER, claim_id=claim_id, reversed_on=afternoon.today, trace_number="EFT-2"
    )
    afternoon.order("account.reverse_payment", BILLER, trace_number="EFT-2", **both)
    first, *rest = answer["lines"]
    whole = first["paid_cents"] + sum(one["amount_cents"] for one in first["adjustments"])
    parts = [("CO", "45", None, 3_000), ("PR", "2", None, 1_000), ("CO", "198", "N54", 2_000)]
    adjustments = [dict(zip(("group", "carc", "rarc", "amount_cents"), one, strict=True)) for one in parts]
    amounts = {"paid_cents": whole - 6_000, "allowed_cents": whole - 3_000, "adjustments": adjustments}
    lines = [first | amounts, *rest]
    again = {"adjudicated_on": afternoon.today, "trace_number": "EFT-2", "remittance_on": afternoon.today}
    paid = sum(one["paid_cents"] for one in lines)
    afternoon.order(
        "claim.adjudicate", BILLER, **answer | again | {"claim_id": claim_id, "lines": lines, "paid_cents": paid}
    )
    afternoon.order("account.post_remittance", BILLER, trace_number="EFT-2", sequence=2, **both)


def _patients_own(afternoon: Afternoon, claim_id: str, account: str, sent: Any) -> None:
    """Payment, agreement, a write-off of each kind, one that is withdrawn and one that waits, as of days, a refund."""
    whose = {"account_id": account, "patient_id": sent.patient_id, "program_id": sent.program_id}
    afternoon.order(
        "account.receive_patient_payment", "front_desk", **whose, payment_id=an_id("payment"), method="card",
        received_on=afternoon.today, amount_cents=40_000,
    )
    afternoon.order(
        "account.set_patient_agreement", BILLER, **whose, agreement_id=an_id("agreement"), kind="sliding_fee",
        effective_from=afternoon.today, percent=40,
    )
    for number, share in enumerate(("payer", "patient", "payer", "payer"), 1):
        it = {
            "account_id": account, "write_off_id": an_id("write_off", number), "claim_id": claim_id, "line": 1,
            "share": share, "amount_cents": 500, "cause": "hardship",
        }  # fmt: skip
        afternoon.order("account.request_write_off", BILLER, **it)
        if number < 3:
            afternoon.order("account.write_off_balance", DIRECTOR, **it)
    withdrawn = {"account_id": account, "write_off_id": an_id("write_off", 3), "cause": "appealed"}
    afternoon.order("account.withdraw_write_off_request", BILLER, **withdrawn)
    for number in (0, 1):
        a_day = {"enrollment_id": sent.enrollment_id, "service_date": sent.lines[number].service_date}
        afternoon.order("enrollment.request_day_write_off", BILLER, **a_day, cause="billed-in-error")
        if number:
            afternoon.order("enrollment.withdraw_day_write_off_request", BILLER, **a_day, cause="paid")
    afternoon.order(
        "account.issue_refund", BILLER, account_id=account, program_id=sent.program_id, refund_id=an_id("refund"),
        issued_on=afternoon.today, amount_cents=1_000, method="check", cause="paid-twice",
    )


def _overpayment(afternoon: Afternoon, claim_id: str, account: str, sent: Any) -> None:
    """Found by a person, investigated, returned in part."""
    it = {"account_id": account, "overpayment_id": an_id("overpayment")}
    afternoon.order(
        "account.identify_overpayment", BILLER, **it, program_id=sent.program_id, payer_id=sent.payer_id,
        claim_id=claim_id, amount_cents=2_500, cause="duplicate", identified_on=afternoon.today,
    )
    afternoon.order("account.open_overpayment_investigation", BILLER, **it, opened_on=afternoon.today)
    afternoon.order(
        "account.return_overpayment", BILLER, **it, return_id=an_id("return"), returned_on=afternoon.today,
        amount_cents=1_500, method="check",
    )


def _provider(afternoon: Afternoon, claim_id: str, account: str, sent: Any) -> None:
    """A takeback, and two parts of a file that nobody could place, one of them later assigned."""
    theirs = {"account_id": account, "program_id": sent.program_id, "payer_id": sent.payer_id}
    afternoon.order(
        "account.post_provider_adjustment", BILLER, **theirs, trace_number="EFT-2", sequence=1,
        remittance_on=afternoon.today, reason_code="WO", amount_cents=2_500, claim_id=claim_id, reference="PCN 1",
    )
    for number, why in enumerate(("claim-unknown", "line-unmatched"), 1):
        afternoon.order(
            "account.record_unmatched", BILLER, **theirs, unmatched_id=an_id("unmatched", number), source="835",
            part="claim", why=why, trace_number="EFT-2", remittance_on=afternoon.today, charge_cents=20_000,
            paid_cents=-10_000, sentence="Reference.", segments="CLP*X*22*200*-100~",
        )
    afternoon.order(
        "account.assign_unmatched", BILLER, account_id=account, unmatched_id=an_id("unmatched", 2),
        resolution="posted-by-hand", claim_id=claim_id,
    )


def _second_payer(afternoon: Afternoon, claim_id: str, sent: Any) -> None:
    """The patient has a second payer, who pays what the first one left; then the first one pays nothing after all."""
    policy_id, published = afternoon.one("payer_policy.published", lambda fact: fact.payer_id != sent.payer_id)
    second, coverage_id, payer_id = an_id("claim", 3), an_id("coverage"), published.payer_id
    afternoon.order(
        "patient.record_coverage", "front_desk", patient_id=sent.patient_id, coverage_id=coverage_id, payer_id=payer_id,
        plan="ppo", rank=2, relationship="self", effective_from="2025-01-01", member={"member_number": "M-2"},
    )
    afternoon.order(
        "patient.sign_consent", "front_desk", patient_id=sent.patient_id, consent_id=an_id("consent"),
        kind="disclosure", discloser="Program (reference)", information="Diagnosis, plan of care and attendance.",
        recipients="The second payer.", recipient_payers=[payer_id],
        redisclosure_statement="The recipient may disclose it again as the privacy rules allow.",
        purpose="payment", right_to_revoke_stated=True, expires_upon="none", signed_by="patient",
        signed_on=afternoon.today, capacity_rule="adult",
    )
    told = json.loads(msgspec.json.encode(sent))
    bill = {name: value for name, value in told.items() if name not in ("per_diem_days", "header")}
    lines = [one | {"authorization_id": None, "authorization_units": []} for one in bill["lines"]]
    afternoon.order(
        "claim.prepare", BILLER, **bill | {
            "claim_id": second, "payer_id": payer_id, "policy_id": policy_id, "coverage_id": coverage_id,
            "after_claim": claim_id, "lines": lines, "demonstration": True,
        },
    )
    afternoon.order(
        "claim.submit", BILLER, claim_id=second, submitted_at=afternoon.now, batch="second", control_number="second1",
        demonstration=True,
    )
    parts = [(1_000, ("OA", "23", one["charge_cents"] - 1_000)) for one in lines]
    answers = [
        {"line": number, "paid_cents": paid,
         "adjustments": [dict(zip(("group", "carc", "amount_cents"), part, strict=True))]}
        for number, (paid, part) in enumerate(parts, 1)
    ]  # fmt: skip
    afternoon.order(
        "claim.adjudicate", BILLER, claim_id=second, adjudicated_on=afternoon.today, payer_control_number="second",
        lines=answers, paid_cents=1_000 * len(lines), trace_number="EFT-3", remittance_on=afternoon.today,
    )
    afternoon.order(
        "claim.reverse_adjudication", BILLER, claim_id=claim_id, reversed_on=afternoon.today, cause="payer-reversal",
    )
    left = [{"line": one["line"], "paid_cents": 0, "adjustments": [
        {"group": "PR", "carc": "1", "amount_cents": one["charge_cents"]}]} for one in bill["lines"]]  # fmt: skip
    afternoon.order(
        "claim.adjudicate", BILLER, claim_id=claim_id, adjudicated_on=afternoon.today, payer_control_number="again",
        lines=left, paid_cents=0, trace_number="EFT-4", remittance_on=afternoon.today,
    )
