"""Charges of a claim, its answers posted line by line, and postings taken back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aggregates.account import commands as ask
from aggregates.account import refusals as no
from aggregates.account.facts import ChargePosted, PaymentReversed, RemittancePosted
from aggregates.account.state import Account
from aggregates.account.state import Place as Posted
from aggregates.account.streams import account_of
from aggregates.claim.before import Place, lines_before, place_of
from aggregates.claim.facts import ClaimAdjudicated, ClaimPrepared
from aggregates.claim.refusals import UnknownClaim
from aggregates.claim.state import Bill
from aggregates.decision import made, not_in_the_future
from aggregates.kit import Act, Claim, Seen

Outcomes = tuple[Any, ...]
KIND, VOID = "remittance_line", "8"


def post_charges(state: Account, command: ask.PostCharges, _act: Act, seen: Mapping[str, Seen]) -> Outcomes:
    """The charges of a claim that are not on the account yet."""
    return _charges(state, command.claim_id, _prepared(command, seen))


def post_remittance(state: Account, command: ask.PostRemittance, act: Act, seen: Mapping[str, Seen]) -> Outcomes:
    """The claim's standing answer, each line under its reservation."""
    prepared, bill = _prepared(command, seen), seen["claim"].state
    not_in_the_future(act, command.remittance_on)
    answer = _answer(command, bill)
    charged = _charged_lines(state, command.claim_id, prepared)
    facts = tuple(_line(command, prepared, answer, number, charged) for number in range(len(answer.lines)))
    where = command.claim_id, command.trace_number, command.sequence
    if where in state.postings:
        return _posted_before(state, where, facts)
    if command.claim_id in state.standing:
        raise no.PostingStands(claim_id=command.claim_id, posted_trace_number=state.standing[command.claim_id][1])
    return *_charges(state, command.claim_id, prepared), *facts, *(_reservation(one) for one in facts)


def reverse(state: Account, command: ask.ReversePayment, act: Act, seen: Mapping[str, Seen]) -> Outcomes:
    """Each line of the posting that stands, taken back under the reservation of the reversing remittance."""
    _prepared(command, seen)
    not_in_the_future(act, command.remittance_on)
    if (command.claim_id, command.trace_number, command.sequence) in state.reversals:
        return ()
    standing = _standing(state, command)
    if _still_answered(seen["claim"].state, standing):
        raise no.AnswerStands(claim_id=command.claim_id)
    facts = tuple(
        made(
            PaymentReversed, command, line=one.line, payer_id=one.payer_id, posted_trace_number=one.trace_number,
            posted_sequence=one.sequence, paid_cents=one.paid_cents,
        )
        for one in state.postings[standing]
    )  # fmt: skip
    return *facts, *(_reservation(one) for one in facts)


def _prepared(command: Any, seen: Mapping[str, Seen]) -> ClaimPrepared:
    """The claim as it was sent, of the patient whose account this is."""
    bill: Bill = seen["claim"].state
    if bill.prepared is None:
        raise UnknownClaim(claim_id=command.claim_id)
    wanted = account_of(bill.prepared.patient_id)
    if command.account_id != wanted:
        raise no.AccountOfAnother(account_id=command.account_id, wanted=wanted)
    if bill.submitted is None:
        raise no.ClaimNotSent(claim_id=command.claim_id, phase=bill.phase)
    return bill.prepared


def _charges(state: Account, claim_id: str, prepared: ClaimPrepared) -> tuple[ChargePosted, ...]:
    """A service is charged once: not again by a claim to a second payer, nor by one that takes another back."""
    if prepared.after_claim or prepared.frequency == VOID:
        return ()
    return tuple(
        ChargePosted(
            patient_id=prepared.patient_id, program_id=prepared.program_id, payer_id=prepared.payer_id,
            claim_id=claim_id, line=one.line, service_date=one.service_date, charge_cents=one.charge_cents,
        )
        for one in prepared.lines if (claim_id, one.line) not in state.lines
    )  # fmt: skip


def _answer(command: ask.PostRemittance, bill: Bill) -> ClaimAdjudicated:
    answer = bill.adjudicated
    if answer is None:
        raise no.ClaimUnanswered(claim_id=command.claim_id)
    if answer.trace_number not in {None, command.trace_number}:
        raise no.AnswerOfAnotherRemittance(claim_id=command.claim_id, answer_trace_number=answer.trace_number)
    return answer


def _charged_lines(state: Account, claim_id: str, prepared: ClaimPrepared) -> dict[int, int] | None:
    """The charged line of the claim before for each line of a secondary claim.

    None for any other claim, and for one whose own charges an earlier release posted: it is answered there.
    """
    if prepared.after_claim is None or any(claim == claim_id for claim, _ in state.lines):
        return None
    there = [one.charge for (claim, _), one in state.lines.items() if claim == prepared.after_claim]
    if not there:
        raise no.ChargedClaimNotPosted(claim_id=claim_id, after_claim=prepared.after_claim)
    charges = (Place(one.line, one.service_date, one.charge_cents) for one in there)
    return lines_before(map(place_of, prepared.lines), charges)


def _line(
    command: ask.PostRemittance, prepared: ClaimPrepared, answer: ClaimAdjudicated, number: int,
    charged: Mapping[int, int] | None,
) -> RemittancePosted:  # fmt: skip
    one = answer.lines[number]
    return made(
        RemittancePosted, command, payer_id=prepared.payer_id, line=one.line, paid_cents=one.paid_cents,
        adjustments=one.adjustments, allowed_cents=one.allowed_cents,
        after_claim=None if charged is None else prepared.after_claim, charged_line=(charged or {}).get(one.line),
    )


def _posted_before(state: Account, where: Posted, facts: tuple[RemittancePosted, ...]) -> Outcomes:
    if state.postings[where] != facts:
        raise no.PostedOtherwise(claim_id=where[0], trace_number=where[1])
    return ()


def _standing(state: Account, command: ask.ReversePayment) -> Posted:
    standing = state.standing.get(command.claim_id)
    if standing is None:
        raise no.NothingPosted(claim_id=command.claim_id)
    _, trace_number, sequence = standing
    named = (command.posted_trace_number or trace_number, command.posted_sequence or sequence)
    if named != (trace_number, sequence):
        raise no.AnotherPostingStands(claim_id=command.claim_id, posted_trace_number=trace_number)
    return standing


def _still_answered(bill: Bill, standing: Posted) -> bool:
    """Whether the posted answer still stands on the claim; a newer one may, posted after this reversal."""
    return bill.adjudicated is not None and bill.adjudicated.trace_number in {None, standing[1]}


def _reservation(posted: RemittancePosted | PaymentReversed) -> Claim:
    """One line of a claim in one remittance of a payer; trace numbers are the payer's own."""
    key = f"{posted.payer_id}:{posted.trace_number}:{posted.claim_id}:{posted.line}:{posted.sequence}"
    return Claim(KIND, key, held=no.RemittanceLinePosted)
