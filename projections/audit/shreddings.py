"""Whose record is asked to be given up, who asked and agreed, when it can be carried out, and what stands against it.

Made from the facts themselves, so that a request is seen at once, whatever the projections are at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal

from pydantic import BaseModel, Field

from aggregates.codec import legible
from aggregates.shredding.facts import HoldKind, ShreddingWithdrawn
from aggregates.shredding.retention import Retention, kept
from aggregates.shredding.state import Request, Shredding, evolve
from aggregates.values import Code, Date, Id, Instant
from iop_es.engine.log import StoredFact

NAMES = (
    "shredding.requested", "shredding.approved", "shredding.withdrawn", "shredding.hold_placed",
    "shredding.hold_released", "shredding.patient_keys_shredded",
)  # fmt: skip


class Obstacle(BaseModel):
    """Something for which a record may not be given up now."""

    kind: Literal["hold", "care", "dispute", "retention"]
    id: Id | None = Field(description="Of the hold, the open episode or the open dispute.")
    hold: HoldKind | None = Field(description="What the hold is for.")
    cause: Code | None = Field(description="Why the hold was placed.")
    placed_by: Id | None
    until: Date | None = Field(description="The last day on which the record has to be kept.")


class ShreddingView(BaseModel):
    """A request that a patient's names, numbers and words be given up for ever."""

    request_id: Id
    patient_id: Id
    cause: Code
    requested_by: Id
    requested_at: Instant
    approved_by: Id | None
    approved_at: Instant | None
    not_before: Instant | None = Field(description="From when on it can be carried out; null: nobody has approved it.")
    held_by: list[Obstacle] = Field(description="What stands against it now; nothing against one that is over.")
    due: bool = Field(description="Whether it can be carried out now.")
    ended: Literal["withdrawn", "carried_out"] | None
    ended_at: Instant | None


def shreddings(
    facts: Sequence[StoredFact], own: Callable[[str], Sequence[StoredFact]], rule: Retention, now: str
) -> list[ShreddingView]:
    """Every request that these facts tell of: those that wait before those that are over, the oldest first.

    `own` answers all facts of a patient.
    """
    states: dict[str, Shredding] = {}
    at: dict[Any, str] = {}
    for one in sorted(facts):
        fact: Any = legible(one.topic, one.state)
        states[one.stream] = evolve(states.get(one.stream, Shredding()), fact)
        at[one.name, getattr(fact, "request_id", None)] = one.recorded_at
    found = [
        _view(request, list(_against(state, request, own, rule, now)), at, now)
        for state in states.values() for request in state.requests
    ]  # fmt: skip
    return sorted(found, key=lambda one: (one.ended is not None, one.requested_at))


def _against(
    state: Shredding, request: Request, own: Callable[[str], Sequence[StoredFact]], rule: Retention, now: str
) -> Iterator[Obstacle]:
    """What would refuse it now, as carrying it out would find it."""
    if request.ended is not None:
        return
    for hold in state.standing:
        yield _obstacle("hold", id=hold.hold_id, hold=hold.kind, cause=hold.cause, placed_by=hold.placed_by)
    facts = own(request.asked.patient_id)
    said = kept((one.stream, one.recorded_at[:10], legible(one.topic, one.state)) for one in facts)
    for enrollment in said.in_care:
        yield _obstacle("care", id=enrollment)
    for dispute in said.open_disputes:
        yield _obstacle("dispute", id=dispute)
    if now[:10] <= (until := said.retained_until(rule)):
        yield _obstacle("retention", until=until)


def _obstacle(kind: str, **told: Any) -> Obstacle:
    nothing = dict.fromkeys(("id", "hold", "cause", "placed_by", "until"))
    return Obstacle.model_validate({"kind": kind, **nothing, **told})


def _view(request: Request, against: list[Obstacle], at: dict[Any, str], now: str) -> ShreddingView:
    asked, approved, ended = request.asked, request.approved, request.ended
    withdrawn = isinstance(ended, ShreddingWithdrawn)
    name = "shredding.withdrawn" if withdrawn else "shredding.patient_keys_shredded"
    ripe = approved is not None and ended is None and approved.not_before <= now
    return ShreddingView(
        request_id=asked.request_id, patient_id=asked.patient_id, cause=asked.cause, requested_by=asked.requested_by,
        requested_at=at["shredding.requested", asked.request_id],
        approved_by=approved.approved_by if approved else None, approved_at=approved.approved_at if approved else None,
        not_before=approved.not_before if approved else None, held_by=against, due=ripe and not against,
        ended=None if ended is None else "withdrawn" if withdrawn else "carried_out",
        ended_at=None if ended is None else at[name, asked.request_id],
    )  # fmt: skip
