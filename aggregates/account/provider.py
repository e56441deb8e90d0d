"""What a payer settles with the provider (PLB), and what of its files could not be trusted or matched."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aggregates.account import commands as ask
from aggregates.account import refusals as no
from aggregates.account.facts import (
    AdjustmentReference,
    ProviderAdjustmentPosted,
    RemittanceUnmatched,
    UnmatchedAssigned,
    UnmatchedWords,
)
from aggregates.account.state import Account
from aggregates.account.streams import account_with
from aggregates.claim.refusals import UnknownClaim
from aggregates.decision import made, not_in_the_future, only
from aggregates.kit import Act, Claim, Seen

Outcomes = tuple[Any, ...]
KIND = "provider_adjustment"


def post_adjustment(
    state: Account, command: ask.PostProviderAdjustment, act: Act, seen: Mapping[str, Seen]
) -> Outcomes:
    """Once, under a reservation of the payer's trace number and the adjustment's place in the remittance."""
    _must_be_the_programs(command)
    _must_be_known(command.claim_id, seen)
    not_in_the_future(act, command.remittance_on)
    words = None if command.reference is None else AdjustmentReference(reference=command.reference)
    fact = made(ProviderAdjustmentPosted, command, has_reference=words is not None, sealed=words)
    where = command.payer_id, command.trace_number, command.sequence
    told = no.AdjustmentPosted(trace_number=command.trace_number, sequence=command.sequence)
    key = f"{command.payer_id}:{command.trace_number}:{command.sequence}"
    posted = only(state.adjustments.get(where), fact, told)
    return (*posted, Claim(KIND, key, held=no.AdjustmentHeld)) if posted else ()


def keep_unmatched(state: Account, command: ask.RecordUnmatched, _act: Act, seen: Mapping[str, Seen]) -> Outcomes:
    """Kept as it came; it moves nothing. A payer's date may be any, so only what is ours is checked."""
    _must_be_the_programs(command)
    _must_be_known(command.claim_id, seen)
    words = made(UnmatchedWords, command)
    fact = made(RemittanceUnmatched, command, sealed=words)
    told = no.UnmatchedToldOtherwise(unmatched_id=fact.unmatched_id)
    return only(state.unmatched.get(fact.unmatched_id), fact, told)


def assign(state: Account, command: ask.AssignUnmatched, _act: Act, seen: Mapping[str, Seen]) -> Outcomes:
    """Once; to a claim that is known, or to none."""
    unmatched = state.unmatched.get(command.unmatched_id)
    if unmatched is None:
        raise no.UnknownUnmatched(unmatched_id=command.unmatched_id)
    _must_be_known(command.claim_id, seen)
    fact = made(UnmatchedAssigned, command, program_id=unmatched.program_id)
    earlier = state.assigned.get(command.unmatched_id)
    told = no.AlreadyAssigned(resolution=command.resolution if earlier is None else earlier.resolution)
    return only(earlier, fact, told)


def _must_be_the_programs(command: Any) -> None:
    wanted = account_with(command.program_id, command.payer_id)
    if command.account_id != wanted:
        raise no.AccountOfAnother(account_id=command.account_id, wanted=wanted)


def _must_be_known(claim_id: str | None, seen: Mapping[str, Seen]) -> None:
    if claim_id is not None and seen["claim"].state.prepared is None:
        raise UnknownClaim(claim_id=claim_id)
