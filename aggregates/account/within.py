"""What of a patient's account is whose: several programs may have charged, and been paid, on one.

An order is about a thing (a line, a charge, a request, an overpayment) of one program. One of a program beyond those of
who orders is as unknown to it as one that is not there. An id stays taken for all: nothing new comes under it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from aggregates.account import commands as ask
from aggregates.account.facts import (
    BalanceWrittenOff,
    OverpaymentInvestigationOpened,
    OverpaymentReturned,
    PaymentReversed,
    RemittancePosted,
    SelfPayChargeReversed,
    WriteOffRequested,
    WriteOffRequestWithdrawn,
)
from aggregates.account.state import Account

OF_WHAT_IS_THERE = (
    ask.ReverseSelfPayCharge | ask.RequestWriteOff | ask.WithdrawWriteOffRequest | ask.WriteOffBalance
    | ask.WriteOffSelfPayCharge | ask.IssueRefund | ask.IdentifyOverpayment | ask.OpenOverpaymentInvestigation
    | ask.ReturnOverpayment | ask.AssignUnmatched
)  # fmt: skip
"""Orders that begin no account and do not say whose it is: an account is known by what is on it alone."""
OF_A_REQUEST = ask.WithdrawWriteOffRequest | ask.WriteOffBalance | ask.WriteOffSelfPayCharge
OF_AN_OVERPAYMENT = ask.OpenOverpaymentInvestigation | ask.ReturnOverpayment


def within(state: Account, command: Any, programs: frozenset[str]) -> Account:
    """The account as an order of these programs sees it: what others charged is not there, nor what was asked for of
    that.

    The charges of days stay for a charge of the same day, which a patient who forbade disclosure pays once.
    """
    if state.programs <= programs:
        return state
    beyond = {claim for (claim, _), one in state.lines.items() if one.charge.program_id not in programs}
    kept = isinstance(command, ask.PostSelfPayCharge)
    near = replace(
        state,
        lines={key: one for key, one in state.lines.items() if key[0] not in beyond},
        self_pay={key: one for key, one in state.self_pay.items() if kept or one.charge.program_id in programs},
        postings={
            where: posted for where, posted in state.postings.items()
            if where[0] not in beyond and not any(one.after_claim in beyond for one in posted)
        },
    )  # fmt: skip
    if isinstance(command, OF_A_REQUEST):
        return replace(
            near,
            write_off_requests={
                key: one for key, one in state.write_off_requests.items() if program_of(state, one) in programs
            },
            write_offs={key: one for key, one in state.write_offs.items() if program_of(state, one) in programs},
        )
    if isinstance(command, OF_AN_OVERPAYMENT):
        known = {key: one for key, one in state.overpayments.items() if one.identified.program_id in programs}
        return replace(near, overpayments=known)
    return near


def program_of(state: Account, fact: Any) -> str | None:
    """Whose a fact of an account is, by the account after it; None where it is nobody's that is known."""
    match fact:
        case RemittancePosted():
            return _of_line(state, fact.after_claim or fact.claim_id)
        case PaymentReversed():
            where = fact.claim_id, fact.posted_trace_number, fact.posted_sequence
            after = next((one.after_claim for one in state.postings.get(where, ())), None)
            return _of_line(state, after or fact.claim_id)
        case WriteOffRequested() | WriteOffRequestWithdrawn() | BalanceWrittenOff():
            return _of_line(state, fact.claim_id) if fact.claim_id else _of_charge(state, fact.charge_id)
        case SelfPayChargeReversed():
            return _of_charge(state, fact.charge_id)
        case OverpaymentInvestigationOpened() | OverpaymentReturned():
            known = state.overpayments.get(fact.overpayment_id)
            return known.identified.program_id if known else None
    program: str | None = fact.program_id
    return program


def _of_line(state: Account, claim_id: str) -> str | None:
    return next((one.charge.program_id for (claim, _), one in state.lines.items() if claim == claim_id), None)


def _of_charge(state: Account, charge_id: str | None) -> str | None:
    known = state.self_pay.get(charge_id or "")
    return known.charge.program_id if known else None
