"""Write-offs: one person asks, another approves the very same, and at either time no more than is left; until then the
request can be withdrawn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aggregates.account import commands as ask
from aggregates.account import refusals as no
from aggregates.account.counting import counts
from aggregates.account.facts import BalanceWrittenOff, WriteOffRequested, WriteOffRequestWithdrawn
from aggregates.account.state import Account
from aggregates.approval import must_be_another, must_be_theirs
from aggregates.decision import made, only
from aggregates.kit import Act, Seen

Outcomes = tuple[Any, ...]


def ask_for(state: Account, command: ask.RequestWriteOff, act: Act, seen: Mapping[str, Seen]) -> Outcomes:
    """Whoever orders it asks."""
    fact = made(WriteOffRequested, command, requested_by=act.by)
    _must_not_be_withdrawn(state, fact.write_off_id)
    told = no.WriteOffToldOtherwise(write_off_id=fact.write_off_id)
    earlier = state.write_off_requests.get(fact.write_off_id)
    if earlier is None:
        if fact.write_off_id in state.write_offs:  # of before requests were facts
            raise told
        _must_be_left(state, fact, seen)
    return only(earlier, fact, told)


def give_up(
    state: Account, command: ask.WriteOffBalance | ask.WriteOffSelfPayCharge, act: Act, seen: Mapping[str, Seen]
) -> Outcomes:
    """Whoever orders it approves what somebody else asked for; a request is used up by that."""
    earlier = state.write_offs.get(command.write_off_id)
    known = earlier or state.write_off_requests.get(command.write_off_id)
    if known is None:
        raise no.UnknownWriteOffRequest(write_off_id=command.write_off_id)
    share = command.share if isinstance(command, ask.WriteOffBalance) else "patient"
    fact = made(BalanceWrittenOff, command, share=share, requested_by=known.requested_by, approved_by=act.by)
    if earlier is None:
        _must_not_be_withdrawn(state, fact.write_off_id)
        if made(WriteOffRequested, fact) != known:
            raise no.WriteOffRequestedOtherwise(write_off_id=fact.write_off_id)
        must_be_another(fact.requested_by, act)
        _must_be_left(state, fact, seen)
    return only(earlier, fact, no.WriteOffToldOtherwise(write_off_id=fact.write_off_id))


def withdraw(
    state: Account, command: ask.WithdrawWriteOffRequest, act: Act, _seen: Mapping[str, Seen]
) -> Outcomes:  # fmt: skip
    """Whoever asked takes it back, or a director, once."""
    asked = state.write_off_requests.get(command.write_off_id)
    if asked is None:
        raise no.UnknownWriteOffRequest(write_off_id=command.write_off_id)
    must_be_theirs(asked.requested_by, act)
    if command.write_off_id in state.write_offs:
        raise no.WriteOffApproved(write_off_id=command.write_off_id)
    fact = made(WriteOffRequestWithdrawn, asked, cause=command.cause, withdrawn_by=act.by)
    return () if command.write_off_id in state.requests_withdrawn else (fact,)


def must_be_charged(state: Account, claim_id: str | None, number: int | None) -> None:
    """A named line is on the account. Raises UnknownLineOnAccount, UnknownClaimOnAccount, ChargedElsewhere or
    LineWithoutClaim."""
    if claim_id is None:
        if number is not None:
            raise no.LineWithoutClaim
        return
    if not any(claim == claim_id for claim, _ in state.lines):
        posted = (one for (claim, _, _), facts in state.postings.items() if claim == claim_id for one in facts)
        after = next((one.after_claim for one in posted), None)
        if after is not None:
            raise no.ChargedElsewhere(claim_id=claim_id, after_claim=after)
        raise no.UnknownClaimOnAccount(claim_id=claim_id)
    if number is not None and (claim_id, number) not in state.lines:
        raise no.UnknownLineOnAccount(claim_id=claim_id, line=number)


def _must_not_be_withdrawn(state: Account, write_off_id: str) -> None:
    if write_off_id in state.requests_withdrawn:
        raise no.WriteOffRequestTakenBack(write_off_id=write_off_id)


def _must_be_left(state: Account, fact: WriteOffRequested | BalanceWrittenOff, seen: Mapping[str, Seen]) -> None:
    what, left = _balance(state, fact, seen)
    if fact.amount_cents > left:
        raise no.WriteOffBeyondBalance(
            what=what, share=fact.share, open_cents=max(left, 0), amount_cents=fact.amount_cents,
        )


def _balance(
    state: Account, fact: WriteOffRequested | BalanceWrittenOff, seen: Mapping[str, Seen]
) -> tuple[str, int]:
    """What it is of, and what could be given up of it."""
    match fact.claim_id, fact.line, fact.charge_id, fact.share:
        case str(claim_id), int(number), None, share:
            must_be_charged(state, claim_id, number)
            if not counts(claim_id, seen):
                raise no.ChargeWithdrawn(claim_id=claim_id)
            line = state.lines[claim_id, number]
            return f"Line {number}", line.open_cents if share == "payer" else line.owed_cents
        case None, None, str(charge_id), "patient":
            charge = state.self_pay.get(charge_id)
            if charge is None:
                raise no.UnknownSelfPayCharge(charge_id=charge_id)
            return f"Charge {charge_id}", charge.owed_cents
        case _:
            raise no.WriteOffOfNothing
