"""Overpayments: identified by a person, investigated, returned.

The days until an overpayment is due (60) and those for which an investigation suspends them (180) are known from
secondary sources only (42 CFR 401.305 as restated; C2): they are given with the command, and kept with the fact.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aggregates.account import commands as ask
from aggregates.account import refusals as no
from aggregates.account.facts import OverpaymentIdentified, OverpaymentInvestigationOpened, OverpaymentReturned
from aggregates.account.state import Account, Overpayment
from aggregates.days import days_after
from aggregates.decision import made, not_in_the_future, only
from aggregates.kit import Act, Seen

Outcomes = tuple[Any, ...]
PROGRAMS = "system"
"""The role of the operator's own tools, which are nobody."""


def identify(state: Account, command: ask.IdentifyOverpayment, act: Act, _seen: Mapping[str, Seen]) -> Outcomes:
    """The clock starts on the day on which the person who orders this identified it, of what the program charged."""
    if act.role == PROGRAMS:
        raise no.NobodyIdentifiedIt
    not_in_the_future(act, command.identified_on)
    charged = {claim for (claim, _), line in state.lines.items() if line.charge.program_id == command.program_id}
    if not charged or (command.claim_id is not None and command.claim_id not in charged):
        raise no.UnknownClaimOnAccount(claim_id=command.claim_id or "unnamed")
    due = days_after(command.identified_on, command.return_days)
    fact = made(OverpaymentIdentified, command, identified_by=act.by, return_due_on=due)
    known = state.overpayments.get(fact.overpayment_id)
    told = no.OverpaymentToldOtherwise(overpayment_id=fact.overpayment_id)
    return only(None if known is None else known.identified, fact, told)


def investigate(
    state: Account, command: ask.OpenOverpaymentInvestigation, act: Act, _seen: Mapping[str, Seen]
) -> Outcomes:
    """The clock stands still for the days given, once."""
    known = _known(state, command.overpayment_id)
    not_in_the_future(act, command.opened_on)
    _must_follow(known, command.opened_on)
    due = days_after(known.identified.return_due_on, command.suspended_days)
    fact = made(OverpaymentInvestigationOpened, command, return_due_on=due)
    if known.investigation == fact:
        return ()
    if known.investigation is not None:
        raise no.InvestigationOpen(opened_on=known.investigation.opened_on)
    if not known.left_cents:
        raise no.OverpaymentOver
    return (fact,)


def send_back(state: Account, command: ask.ReturnOverpayment, act: Act, _seen: Mapping[str, Seen]) -> Outcomes:
    """No more goes back than was identified."""
    known = _known(state, command.overpayment_id)
    not_in_the_future(act, command.returned_on)
    _must_follow(known, command.returned_on)
    fact = made(OverpaymentReturned, command)
    earlier = known.returns.get(fact.return_id)
    if earlier is None and command.amount_cents > known.left_cents:
        raise no.ReturnBeyondOverpayment(left_cents=known.left_cents, amount_cents=command.amount_cents)
    return only(earlier, fact, no.ReturnToldOtherwise(return_id=fact.return_id))


def _known(state: Account, overpayment_id: str) -> Overpayment:
    known = state.overpayments.get(overpayment_id)
    if known is None:
        raise no.UnknownOverpayment(overpayment_id=overpayment_id)
    return known


def _must_follow(known: Overpayment, on: str) -> None:
    if on < known.identified.identified_on:
        raise no.BeforeIdentified(on=on, identified_on=known.identified.identified_on)
