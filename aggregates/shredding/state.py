"""What is remembered of a patient's shredding: requests, holds, and what was destroyed. Folding judges nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from aggregates.shredding.facts import (
    HoldPlaced,
    HoldReleased,
    PatientKeysShredded,
    ShreddingApproved,
    ShreddingRequested,
    ShreddingWithdrawn,
)


@dataclass(frozen=True, slots=True)
class Request:
    """A request and how it ended, if it did."""

    asked: ShreddingRequested
    approved: ShreddingApproved | None = None
    ended: ShreddingWithdrawn | PatientKeysShredded | None = None


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold, and its end."""

    placed: HoldPlaced
    released: HoldReleased | None = None


@dataclass(frozen=True, slots=True)
class Shredding:
    """Every request and hold, in the order of recording."""

    requests: tuple[Request, ...] = ()
    holds: tuple[Hold, ...] = ()

    @property
    def waiting(self) -> Request | None:
        """The request that is neither withdrawn nor carried out."""
        return next((one for one in self.requests if one.ended is None), None)

    @property
    def standing(self) -> tuple[HoldPlaced, ...]:
        """The holds that stand."""
        return tuple(one.placed for one in self.holds if one.released is None)

    @property
    def shredded(self) -> tuple[PatientKeysShredded, ...]:
        """What was destroyed."""
        return tuple(one.ended for one in self.requests if isinstance(one.ended, PatientKeysShredded))

    def request(self, request_id: str) -> Request | None:
        """The request of an id."""
        return next((one for one in self.requests if one.asked.request_id == request_id), None)

    def hold(self, hold_id: str) -> Hold | None:
        """The hold of an id."""
        return next((one for one in self.holds if one.placed.hold_id == hold_id), None)


State = Shredding


def evolve(state: State, fact: Any) -> State:
    """The state after the fact."""
    match fact:
        case ShreddingRequested():
            return replace(state, requests=(*state.requests, Request(fact)))
        case ShreddingApproved():
            return _moved(state, fact.request_id, approved=fact)
        case ShreddingWithdrawn() | PatientKeysShredded():
            return _moved(state, fact.request_id, ended=fact)
        case HoldPlaced():
            return replace(state, holds=(*state.holds, Hold(fact)))
        case HoldReleased():
            ended = tuple(
                replace(one, released=fact) if one.placed.hold_id == fact.hold_id else one for one in state.holds
            )
            return replace(state, holds=ended)
        case _:
            return state


def _moved(state: State, request_id: str, **changes: Any) -> State:
    moved = tuple(
        replace(one, **changes) if one.asked.request_id == request_id else one for one in state.requests
    )
    return replace(state, requests=moved)
