"""What is remembered of an authorization: its phase as a class, its units and days."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from aggregates.authorization.facts import (
    AuthorizationApproved,
    AuthorizationDenied,
    AuthorizationExtended,
    AuthorizationRequested,
    AuthorizationVoided,
    PayerContactLogged,
    PeerToPeerHeld,
    ReviewSubmitted,
)
from aggregates.days import covers
from aggregates.kit import turned


@dataclass(frozen=True, slots=True)
class Authorization:
    """One authorization, whatever its phase."""

    requested: AuthorizationRequested | None = None
    approved: AuthorizationApproved | None = None
    extensions: tuple[AuthorizationExtended, ...] = ()
    denied: AuthorizationDenied | None = None
    voided: AuthorizationVoided | None = None
    reviews: tuple[ReviewSubmitted, ...] = ()
    peer_to_peers: tuple[PeerToPeerHeld, ...] = ()
    contacts: tuple[PayerContactLogged, ...] = ()

    @property
    def patient_id(self) -> str | None:
        """Whose authorization."""
        return self.requested.patient_id if self.requested else None

    @property
    def program_id(self) -> str | None:
        """For which program."""
        return self.requested.program_id if self.requested else None

    @property
    def enrollment_id(self) -> str | None:
        """For which episode."""
        return self.requested.enrollment_id if self.requested else None

    @property
    def payer_id(self) -> str | None:
        """Whose answer."""
        return self.requested.payer_id if self.requested else None

    @property
    def units(self) -> int:
        """Units approved, extensions included; 0 unless approved."""
        return self.approved.units + sum(one.added_units for one in self.extensions) if self.approved else 0

    @property
    def valid_from(self) -> str | None:
        """The first day approved."""
        return self.approved.valid_from if self.approved else None

    @property
    def valid_through(self) -> str | None:
        """The last day approved, extensions included."""
        return self.extensions[-1].valid_through if self.extensions else self.first_valid_through

    @property
    def first_valid_through(self) -> str | None:
        """The last day of the approval itself, before any extension."""
        return self.approved.valid_through if self.approved else None

    @property
    def retroactive(self) -> bool:
        """Whether the approval was decided after its own first day."""
        return self.approved is not None and self.approved.decided_on > self.approved.valid_from

    def covers(self, day: str) -> bool:
        """Whether the day is approved; a void covers nothing."""
        if self.voided or self.approved is None:
            return False
        return covers(self.approved.valid_from, self.valid_through, day)


@dataclass(frozen=True, slots=True)
class Unrequested(Authorization):
    """Nothing was asked yet."""


@dataclass(frozen=True, slots=True)
class Requested(Authorization):
    """Waiting for the payer."""


@dataclass(frozen=True, slots=True)
class Approved(Authorization):
    """Units and days are given."""


@dataclass(frozen=True, slots=True)
class Denied(Authorization):
    """The payer said no; an appeal may still turn it into an approval."""


@dataclass(frozen=True, slots=True)
class Voided(Authorization):
    """Counts as never given."""


def evolve(state: Authorization, fact: Any) -> Authorization:  # noqa: PLR0911 # one arm a fact
    """The state after the fact."""
    match fact:
        case AuthorizationRequested():
            return turned(Requested, state, requested=fact)
        case ReviewSubmitted():
            return replace(state, reviews=(*state.reviews, fact))
        case PeerToPeerHeld():
            return replace(state, peer_to_peers=(*state.peer_to_peers, fact))
        case PayerContactLogged():
            return replace(state, contacts=(*state.contacts, fact))
        case AuthorizationApproved():
            return turned(Approved, state, approved=fact)
        case AuthorizationExtended():
            return replace(state, extensions=(*state.extensions, fact))
        case AuthorizationDenied():
            return turned(Denied, state, denied=fact)
        case AuthorizationVoided():
            return turned(Voided, state, voided=fact)
        case _:
            return state
