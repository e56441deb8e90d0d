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
from aggregates.claim.state import (
    REPLACEMENT,
    REVERSAL,
    VOID,
    Acknowledged,
    Adjudicated,
    Bill,
    Key,
    kept,
    reservations,
    taken_in,
)
from aggregates.kit import Act, Claim, Elsewhere, Refusal, Release, Seen, Stream

Outcomes = tuple[Any, ...]
WAITING = "billed_anew"
"""The kind of reservation under which a claim waits for what another one bills as well: it is its own again once the
other one is gone."""
BEFORE = "before_replaced"
"""The name under which the claim is looked at that the one to be replaced had replaced."""
HELD: dict[str, type[Refusal]] = {
    "billed_day": no.DayAlreadyBilled, "per_diem_day": no.PerDiemAlreadyBilled,
    "authorization_unit": no.UnitAlreadyDrawn, WAITING: no.DayAlreadyBilled,
}


def further(state: Bill, command: Any, seen: Mapping[str, Seen]) -> dict[str, Stream]:
    """Whoever ends a claim looks at who holds by now what the claim that it was to replace or void has billed, and
    whoever gives something back at who waits for that. Whoever replaces a replacement looks at what that one
    replaced."""
    keys: tuple[Key, ...] = ()
    if isinstance(command, ask.RejectClaim | ask.VoidClaim | ask.ReverseAdjudication):
        keys = state.held
    if isinstance(command, ask.PrepareClaim):
        return _before_it(seen)
    if state.prepared is None or "replaced" not in seen:
        return _waiting_for(keys)
    earlier = seen["replaced"].state.prepared
    held = () if earlier is None else reservations(earlier)
    if isinstance(command, ask.RejectClaim | ask.VoidClaim):
        return {held_by(one): Stream("claim", holder_of=one) for one in held} | _waiting_for((*keys, *held))
    if isinstance(command, ask.AcknowledgeClaim | ask.AdjudicateClaim) and not taken_in(state, seen["replaced"].state):
        return _waiting_for(still_kept(state.prepared, seen))
    return {}


def _before_it(seen: Mapping[str, Seen]) -> dict[str, Stream]:
    sent = seen["replaced"].state.prepared if "replaced" in seen else None
    return {BEFORE: Stream("claim", sent.replaces)} if sent is not None and sent.replaces else {}


def _waiting_for(keys: Iterable[Key]) -> dict[str, Stream]:
    return {waits_for(one): Stream("claim", holder_of=_behind(one)) for one in keys}


def correction_accepted(
    state: Bill, command: ask.ReverseAdjudication, act: Act, seen: Mapping[str, Seen]
) -> Outcomes:
    """The void that was sent for this claim, or the replacement that was denied, is accepted, unless its payer said so
    before: what it keeps is free."""
    over = state.voided or state.replaced
    keepers = {key: held_by(key) for key in state.held if held_by(key) in seen} if over else {}
    for name in keepers.values():
        one = seen[name]
        later: Bill = one.state
        if later.prepared is None or later.prepared.replaces != command.claim_id:
            continue
        if later.submitted and not later.rejected and not taken_in(later, state) and _is_settled(later):
            own = reservations(later.prepared)
            fact = ClaimAcknowledged(acknowledged_at=act.occurred_at, source=REVERSAL, reference=command.reversed_on)
            free = [key for key, keeper in keepers.items() if seen[keeper].id == one.id and key not in own]
            return (Elsewhere(name, (fact, *releases(free))), *_alone_again(free, command.claim_id, seen))
    return ()


def _is_settled(later: Bill) -> bool:
    """Whether a reversal of the earlier answer says that it was taken in: a replacement's own answer does, but for a
    denial."""
    return later.frequency == VOID or (later.frequency == REPLACEMENT and later.adjudicated is not None)


def take_over(fact: ClaimPrepared, command: ask.PrepareClaim, act: Act, seen: Mapping[str, Seen]) -> Outcomes:
    """A replacement or a void ends the earlier claim and takes over its days and units, in the same append."""
    if fact.frequency not in {"7", VOID}:
        if fact.replaces:
            raise no.OriginalReplacesNothing(frequency=fact.frequency)
        return ()
    if fact.replaces is None:
        raise no.ReplacedClaimMissing(frequency=fact.frequency)
    earlier: Bill = seen["replaced"].state
    _must_be_replaceable(fact, fact.replaces, earlier, seen[BEFORE].state if BEFORE in seen else None)
    cause = command.replacement_cause
    ended = (
        ClaimVoided(voided_on=act.occurred_at[:10], cause=cause) if fact.frequency == VOID
        else ClaimReplaced(replaced_by=command.claim_id, cause=cause)
    )
    return (Elsewhere("replaced", (ended, *releases((*earlier.held, *_queues(earlier))))),)


def _must_be_replaceable(fact: ClaimPrepared, claim_id: str, earlier: Bill, before: Bill | None) -> None:
    sent = earlier.prepared
    if sent is None:
        raise no.UnknownClaim(claim_id=claim_id)
    if (sent.patient_id, sent.payer_id, sent.program_id) != (fact.patient_id, fact.payer_id, fact.program_id):
        raise no.ReplacesAnother(claim_id=claim_id)
    if not isinstance(earlier, Acknowledged | Adjudicated) or sent.frequency == VOID:
        raise no.NotReplaceable(claim_id=claim_id, phase="a void" if sent.frequency == VOID else earlier.phase)
    if sent.replaces and not taken_in(earlier, before):  # it still keeps days of the claim that it replaces
        raise no.NotReplaceable(claim_id=claim_id, phase="a replacement that the payer has not accepted yet")


def still_kept(prepared: ClaimPrepared, seen: Mapping[str, Seen]) -> tuple[Key, ...]:
    """What a replacement or a void keeps of the claim that it takes back."""
    return kept(prepared, seen["replaced"].state if prepared.replaces else None)


def accept(state: Bill, prepared: ClaimPrepared, seen: Mapping[str, Seen]) -> Outcomes:
    """The payer has taken a replacement or a void in: what is not billed any more is free, from the first time on."""
    if prepared.replaces is None or taken_in(state, seen["replaced"].state):
        return ()
    free = still_kept(prepared, seen)
    return *releases(free), *_alone_again(free, prepared.replaces, seen)


def end(state: Bill, prepared: ClaimPrepared, claim_id: str, seen: Mapping[str, Seen]) -> Outcomes:
    """All that the claim holds is given back: to the claim that it was to replace or void, which stands again, or to
    whoever waits for it."""
    earlier = seen["replaced"].state if prepared.replaces else None
    held = (*state.held, *(() if taken_in(state, earlier) else still_kept(prepared, seen)))
    again = _reinstated(prepared, claim_id, seen)
    taken = {(one.kind, one.key) for each in again for one in each.outcomes if isinstance(one, Claim)}
    free = [key for key in held if key not in taken]
    return *releases((*held, *_queues(state))), *again, *_alone_again(free, claim_id, seen)


def _reinstated(prepared: ClaimPrepared, claim_id: str, seen: Mapping[str, Seen]) -> tuple[Elsewhere, ...]:
    """The claim that this one was to replace or void stands again, with its days and units.

    What another claim bills of it by now stays that one's: the payer has both then, and the fact says so. For that it
    waits, unless another claim does already.
    """
    if prepared.replaces is None:
        return ()
    earlier: Bill = seen["replaced"].state
    by_this = earlier.replaced is not None and earlier.replaced.replaced_by == claim_id
    if earlier.prepared is None or not (by_this or (prepared.frequency == VOID and earlier.voided)):
        return ()
    holders = {key: seen.get(held_by(key)) for key in reservations(earlier.prepared)}
    anew = {key: one.id for key, one in holders.items() if one and one.id not in {claim_id, prepared.replaces}}
    queues = (_behind(key) for key in anew if waits_for(key) not in seen)
    own = (key for key in holders if key not in anew)
    return (Elsewhere("replaced", (_again(claim_id, anew), *claims(own), *claims(queues))),)


def _alone_again(free: Iterable[Key], gone: str, seen: Mapping[str, Seen]) -> Outcomes:
    """Whoever waits for what is free now holds it, and is the only bill for it again."""
    waiting: dict[str, tuple[str, list[Key]]] = {}
    for key in free:
        one = seen.get(waits_for(key))
        if one is not None and key in one.state.others:
            waiting.setdefault(one.id, (waits_for(key), []))[1].append(key)
    return tuple(
        Elsewhere(name, (
            _again(gone, {key: other for key, other in seen[name].state.others.items() if key not in keys}),
            *releases(map(_behind, keys)), *claims(keys),
        ))
        for name, keys in waiting.values()
    )  # fmt: skip


def _again(instead_of: str, anew: Mapping[Key, str]) -> ClaimReinstated:
    return ClaimReinstated(instead_of=instead_of, billed_anew=tuple(
        BilledAnew(kind=kind, key=key, claim_id=holder) for (kind, key), holder in anew.items()  # type: ignore[arg-type] # the kinds of `reservations`
    ))  # fmt: skip


def _queues(state: Bill) -> Iterable[Key]:
    """Where a claim waits for what another one holds."""
    return map(_behind, state.others)


def _behind(key: Key) -> Key:
    return WAITING, ":".join(key)


def waits_for(key: Key) -> str:
    """The name under which whoever waits for a reservation is looked at."""
    return f"waits:{':'.join(key)}"


def held_by(key: Key) -> str:
    """The name under which whoever holds a reservation is looked at."""
    return f"holder:{':'.join(key)}"


def claims(keys: Iterable[Key]) -> tuple[Claim, ...]:
    """Reservations to claim, each with the refusal for one that is taken."""
    return tuple(Claim(kind, key, held=HELD[kind]) for kind, key in keys)


def releases(keys: Iterable[Key]) -> tuple[Release, ...]:
    """Reservations to give back."""
    return tuple(Release(kind, key) for kind, key in keys)
