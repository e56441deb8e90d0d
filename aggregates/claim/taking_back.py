"""What a claim holds, takes over of another one, keeps until the payer accepts that, and gives back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from aggregates.claim import commands as ask
from aggregates.claim import refusals as no
from aggregates.claim.facts import (
    BilledAnew,
    ClaimAcknowledged,
    ClaimPrepared,
    ClaimReinstated,
    ClaimReplaced,
    ClaimVoided,
)
from aggregates.claim.state import REVERSAL, VOID, Acknowledged, Adjudicated, Bill, kept, reservations
from aggregates.kit import Act, Claim, Elsewhere, Refusal, Release, Seen, Stream

Outcomes = tuple[Any, ...]
HELD: dict[str, type[Refusal]] = {
    "billed_day": no.DayAlreadyBilled, "per_diem_day": no.PerDiemAlreadyBilled,
    "authorization_unit": no.UnitAlreadyDrawn,
}


def further(state: Bill, command: Any, seen: Mapping[str, Seen]) -> dict[str, Stream]:
    """A rejection that comes after the payer's acceptance looks at who bills by now what was free since then."""
    if not isinstance(command, ask.RejectClaim) or not state.accepted or "replaced" not in seen:
        return {}
    earlier = seen["replaced"].state.prepared
    keys = () if earlier is None else reservations(earlier)
    return {held_by(one): Stream("claim", holder_of=one) for one in keys}


def void_accepted(state: Bill, command: ask.ReverseAdjudication, act: Act, seen: Mapping[str, Seen]) -> Outcomes:
    """The void that was sent for this claim is accepted, unless its payer said so before: what it keeps is free."""
    keepers = {key: held_by(key) for key in state.held if held_by(key) in seen} if state.voided else {}
    for name in keepers.values():
        one = seen[name]
        void: Bill = one.state
        mine = void.prepared is not None and void.prepared.replaces == command.claim_id
        if mine and void.submitted is not None and not void.accepted and not void.rejected:
            fact = ClaimAcknowledged(acknowledged_at=act.occurred_at, source=REVERSAL, reference=command.reversed_on)
            free = (key for key, keeper in keepers.items() if seen[keeper].id == one.id)
            return (Elsewhere(name, (fact, *releases(free))),)
    return ()


def take_over(fact: ClaimPrepared, command: ask.PrepareClaim, act: Act, seen: Mapping[str, Seen]) -> Outcomes:
    """A replacement or a void ends the earlier claim and takes over its days and units, in the same append."""
    if fact.frequency not in {"7", VOID}:
        if fact.replaces:
            raise no.OriginalReplacesNothing(frequency=fact.frequency)
        return ()
    if fact.replaces is None:
        raise no.ReplacedClaimMissing(frequency=fact.frequency)
    earlier: Bill = seen["replaced"].state
    _must_be_replaceable(fact, fact.replaces, earlier)
    cause = command.replacement_cause
    ended = (
        ClaimVoided(voided_on=act.occurred_at[:10], cause=cause) if fact.frequency == VOID
        else ClaimReplaced(replaced_by=command.claim_id, cause=cause)
    )
    return (Elsewhere("replaced", (ended, *releases(earlier.held))),)


def _must_be_replaceable(fact: ClaimPrepared, claim_id: str, earlier: Bill) -> None:
    sent = earlier.prepared
    if sent is None:
        raise no.UnknownClaim(claim_id=claim_id)
    if (sent.patient_id, sent.payer_id, sent.program_id) != (fact.patient_id, fact.payer_id, fact.program_id):
        raise no.ReplacesAnother(claim_id=claim_id)
    if not isinstance(earlier, Acknowledged | Adjudicated) or sent.frequency == VOID:
        raise no.NotReplaceable(claim_id=claim_id, phase="a void" if sent.frequency == VOID else earlier.phase)
    if sent.replaces and not earlier.accepted:  # it still keeps days of the claim that it replaces
        raise no.NotReplaceable(claim_id=claim_id, phase="a replacement that the payer has not accepted yet")


def still_kept(prepared: ClaimPrepared, seen: Mapping[str, Seen]) -> tuple[tuple[str, str], ...]:
    """What a replacement or a void keeps of the claim that it takes back."""
    return kept(prepared, seen["replaced"].state if prepared.replaces else None)


def accept(state: Bill, prepared: ClaimPrepared, seen: Mapping[str, Seen]) -> tuple[Release, ...]:
    """The payer has taken a replacement or a void in: what is not billed any more is free, from the first time on."""
    return () if state.accepted else releases(still_kept(prepared, seen))


def given_back(state: Bill, prepared: ClaimPrepared, seen: Mapping[str, Seen]) -> tuple[Release, ...]:
    """All that the claim holds."""
    return *releases(state.held), *accept(state, prepared, seen)


def reinstate(prepared: ClaimPrepared, claim_id: str, seen: Mapping[str, Seen]) -> Outcomes:
    """The claim that this one was to replace or void stands again, with its days and units.

    What another claim bills of it by now stays that one's: the payer has both then, and the fact says so.
    """
    if prepared.replaces is None:
        return ()
    earlier: Bill = seen["replaced"].state
    by_this = earlier.replaced is not None and earlier.replaced.replaced_by == claim_id
    if earlier.prepared is None or not (by_this or (prepared.frequency == VOID and earlier.voided)):
        return ()
    holders = {key: seen.get(held_by(key)) for key in reservations(earlier.prepared)}
    anew = {key: one.id for key, one in holders.items() if one and one.id not in {claim_id, prepared.replaces}}
    fact = ClaimReinstated(instead_of=claim_id, billed_anew=tuple(
        BilledAnew(kind=kind, key=key, claim_id=holder) for (kind, key), holder in anew.items()  # type: ignore[arg-type] # the kinds of `reservations`
    ))  # fmt: skip
    return (Elsewhere("replaced", (fact, *claims(key for key in holders if key not in anew))),)


def held_by(key: tuple[str, str]) -> str:
    """The name under which whoever holds a reservation is looked at."""
    return f"holder:{':'.join(key)}"


def claims(keys: Iterable[tuple[str, str]]) -> tuple[Claim, ...]:
    """Reservations to claim, each with the refusal for one that is taken."""
    return tuple(Claim(kind, key, held=HELD[kind]) for kind, key in keys)


def releases(keys: Iterable[tuple[str, str]]) -> tuple[Release, ...]:
    """Reservations to give back."""
    return tuple(Release(kind, key) for kind, key in keys)
