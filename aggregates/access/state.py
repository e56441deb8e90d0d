"""What is remembered of who was let in, and of what was disclosed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from aggregates.access.facts import BreakGlassOpened, BreakGlassReviewed, DisclosureMade


@dataclass(frozen=True, slots=True)
class Grant:
    """A broken glass and how it was judged."""

    opened: BreakGlassOpened
    reviewed: BreakGlassReviewed | None = None

    def admits(self, person: str, now: str) -> bool:
        """Whether it lets this person in at this moment; it ends by time alone."""
        return self.opened.opened_by == person and self.opened.opened_at <= now < self.opened.ends_at


@dataclass(frozen=True, slots=True)
class Access:
    """Every grant and every disclosure, in the order of recording."""

    grants: tuple[Grant, ...] = ()
    disclosures: tuple[DisclosureMade, ...] = ()

    def open_to(self, person: str, now: str) -> BreakGlassOpened | None:
        """The grant that lets this person in at this moment."""
        return next((one.opened for one in self.grants if one.admits(person, now)), None)

    def grant(self, grant_id: str) -> Grant | None:
        """The grant of an id."""
        return next((one for one in self.grants if one.opened.grant_id == grant_id), None)


State = Access


def evolve(state: State, fact: Any) -> State:
    """The state after the fact; of several reviews the first stands."""
    match fact:
        case BreakGlassOpened():
            return replace(state, grants=(*state.grants, Grant(fact)))
        case BreakGlassReviewed():
            return replace(state, grants=tuple(_reviewed(one, fact) for one in state.grants))
        case DisclosureMade():
            return replace(state, disclosures=(*state.disclosures, fact))
        case _:
            return state


def _reviewed(grant: Grant, fact: BreakGlassReviewed) -> Grant:
    told = grant.opened.grant_id == fact.grant_id and grant.reviewed is None
    return replace(grant, reviewed=fact) if told else grant
