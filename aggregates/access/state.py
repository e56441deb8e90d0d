"""What is remembered of who was let in, of what was disclosed, and of what stands revoked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from aggregates.access.facts import AccessGranted, AccessRevoked, BreakGlassOpened, BreakGlassReviewed, DisclosureMade


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
    """Every grant, every disclosure, and what of a person's access stands revoked, in the order of recording."""

    grants: tuple[Grant, ...] = ()
    disclosures: tuple[DisclosureMade, ...] = ()
    revoked: tuple[AccessRevoked, ...] = ()

    def open_to(self, person: str, now: str) -> BreakGlassOpened | None:
        """The grant that lets this person in at this moment."""
        return next((one.opened for one in self.grants if one.admits(person, now)), None)

    def grant(self, grant_id: str) -> Grant | None:
        """The grant of an id."""
        return next((one for one in self.grants if one.opened.grant_id == grant_id), None)

    def shuts_out(self, role: str, token_id: str | None) -> bool:
        """Whether a request in a role, by the token of an id, is refused."""
        return any(
            one.role in {None, role} if one.token_id is None else one.token_id == token_id for one in self.revoked
        )


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
        case AccessRevoked():
            return replace(state, revoked=(*state.revoked, fact))
        case AccessGranted():
            return replace(state, revoked=tuple(one for one in state.revoked if not given_back(one, fact)))
        case _:
            return state


def _reviewed(grant: Grant, fact: BreakGlassReviewed) -> Grant:
    told = grant.opened.grant_id == fact.grant_id and grant.reviewed is None
    return replace(grant, reviewed=fact) if told else grant


def given_back(revoked: AccessRevoked, granted: AccessGranted) -> bool:
    """Whether it gives that back: a role, or with none named everything but a token."""
    return revoked.token_id is None and granted.role in {None, revoked.role}
