"""Checks of the payer's side of a claim: its addresses and numbers, and what the payer before answered."""

from __future__ import annotations

from projections.claim_file.contents import Answered, Contents, Insurance
from projections.claim_file.parties import member_numbers, subscriber_names
from projections.claim_file.wording import Objection, Objections, readable, unbroken

ADDRESS = "Record the payer's electronic address."
ANSWER = "Correct the record of the payer's answer, or send this claim on paper."
CONTROL = "Submit it under another control number."


def payers(claim: Contents) -> Objections:
    """This payer's part, the numbers that lead back to earlier answers, and the payer before."""
    if claim.insurance is None:
        yield Objection(
            "coverage", "the patient has none with this payer on the claim's first day", "Record the coverage.",
        )  # fmt: skip
    else:
        yield from _insurance(claim.insurance, "")
        yield from _order(claim, claim.insurance)
    for other in claim.others:
        yield from _insurance(other, "other ")
        yield from subscriber_names(other, "other ")
    yield from _numbers(claim)
    if claim.before is not None:
        yield from _before(claim, claim.before)


def _insurance(insurance: Insurance, whose: str) -> Objections:
    yield from member_numbers(insurance, whose)
    yield from readable(f"{whose}payer's name", insurance.payer_name, "Revise the payer's policy.")
    if insurance.address is None:
        yield Objection(f"{whose}payer id and receiver", "none are recorded for the day of sending", ADDRESS)
    else:
        yield from readable(f"{whose}receiver's name", insurance.address.receiver_name, ADDRESS)


def _order(claim: Contents, insurance: Insurance) -> Objections:
    """A payer of rank 2 is told what the one before it answered, and the one of rank 1 has none before it."""
    if insurance.coverage.rank > 2:
        yield Objection("order of payers", "files to a third payer are not written yet", "Send the claim on paper.")
        return
    if (insurance.coverage.rank > 1) != (claim.before is not None):
        told = "needs the answer of the payer before" if claim.before is None else "has no payer before it"
        yield Objection(
            "order of payers", f"a coverage of rank {insurance.coverage.rank} {told}",
            "Correct the coverage's rank, or prepare the claim again.",
        )  # fmt: skip


def _numbers(claim: Contents) -> Objections:
    yield from unbroken("control number", claim.control_number, 20, CONTROL)
    for number in claim.authorization_numbers:
        yield from unbroken("prior authorization", number, 50, "Have the authorization's number recorded again.")
    if claim.prepared.frequency in {"7", "8"} and not claim.payer_control_number:
        yield Objection(
            "payer's control number",
            f"frequency {claim.prepared.frequency} needs the payer's number of the claim that it corrects",
            "Record the payer's answer to that claim first.",
        )  # fmt: skip
    yield from unbroken("payer's control number", claim.payer_control_number, 50, ANSWER)
    for code in claim.condition_codes:
        yield from unbroken("condition code", code, 2, "Correct it in the payer's terms.")


def _before(claim: Contents, before: Answered) -> Objections:
    """The payer before is named like this one, and its answer accounts for every line's charge to the cent."""
    if before.insurance is None:
        yield Objection("payer before", "its coverage or policy is not recorded", "Record the coverage.")
        return
    yield from _insurance(before.insurance, "earlier ")
    yield from subscriber_names(before.insurance, "earlier ")
    yield from unbroken("earlier payer's control number", before.answer.payer_control_number, 50, ANSWER)
    for line in claim.prepared.lines:
        answer = before.line(line)
        if answer is None:
            yield Objection(
                f"line {line.line}", "the payer before was not billed this day at this charge",
                "Prepare the claim again with the lines of the earlier one.",
            )  # fmt: skip
            continue
        if answer.paid_cents + sum(one.amount_cents for one in answer.adjustments) != line.charge_cents:
            yield Objection(f"line {line.line}", "the earlier answer does not add up to the charge", ANSWER)
        if any(len(one.carc) > 5 for one in answer.adjustments):
            yield Objection(f"line {line.line}", "an adjustment's reason has more than five characters", ANSWER)
    paid = sum(one.paid_cents for one in before.answer.lines)
    if paid != before.answer.paid_cents:
        yield Objection(
            "paid by the payer before", f"its lines make {paid} cents, its answer says {before.answer.paid_cents}",
            ANSWER,
        )  # fmt: skip
