"""What is remembered of a claim: its phase as a class, what was sent and every answer."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any, TypeVar

from aggregates.claim.facts import (
    AdjudicationReversed,
    ClaimAcknowledged,
    ClaimAdjudicated,
    ClaimPrepared,
    ClaimReinstated,
    ClaimRejected,
    ClaimReplaced,
    ClaimSubmitted,
    ClaimVoided,
)


@dataclass(frozen=True, slots=True)
class Bill:
    """One claim, whatever its phase. `adjudicated` is the answer that stands, `answers` are all that ever came."""

    prepared: ClaimPrepared | None = None
    submitted: ClaimSubmitted | None = None
    acknowledged: tuple[ClaimAcknowledged, ...] = ()
    rejected: ClaimRejected | None = None
    adjudicated: ClaimAdjudicated | None = None
    answers: tuple[ClaimAdjudicated, ...] = ()
    reversals: tuple[AdjudicationReversed, ...] = ()
    replaced: ClaimReplaced | None = None
    voided: ClaimVoided | None = None

    @property
    def patient_id(self) -> str | None:
        """Whose services."""
        return self.prepared.patient_id if self.prepared else None

    @property
    def program_id(self) -> str | None:
        """The billing program."""
        return self.prepared.program_id if self.prepared else None

    @property
    def payer_control_number(self) -> str | None:
        """The payer's own number of this claim, known once it was adjudicated, also when that was reversed."""
        return self.answers[-1].payer_control_number if self.answers else None

    @property
    def phase(self) -> str:
        """The phase as a word for messages."""
        return type(self).__name__.lower()


@dataclass(frozen=True, slots=True)
class Unprepared(Bill):
    """Nothing is recorded yet."""


@dataclass(frozen=True, slots=True)
class Prepared(Bill):
    """Ready to be sent."""


@dataclass(frozen=True, slots=True)
class Submitted(Bill):
    """Sent, no answer yet."""


@dataclass(frozen=True, slots=True)
class Acknowledged(Bill):
    """Taken in by the payer or its clearing house."""


@dataclass(frozen=True, slots=True)
class Rejected(Bill):
    """Not taken in: it never counted as filed."""


@dataclass(frozen=True, slots=True)
class Adjudicated(Bill):
    """Answered line by line."""


@dataclass(frozen=True, slots=True)
class Replaced(Bill):
    """A later claim stands in its place."""


@dataclass(frozen=True, slots=True)
class Voided(Bill):
    """Taken back."""


B = TypeVar("B", bound=Bill)


def reservations(prepared: ClaimPrepared) -> tuple[tuple[str, str], ...]:
    """The (kind, key) pairs that a claim holds: each billed day and service, each unit drawn; a void holds none."""
    if prepared.frequency == "8":
        return ()
    whose = f"{prepared.patient_id}:{prepared.payer_id}"
    days = (
        ("billed_day", f"{whose}:{one.service_date}:{one.revenue_code}:{one.procedure_code or '-'}")
        for one in prepared.lines
    )
    units = (
        ("authorization_unit", f"{one.authorization_id}:{number}")
        for one in prepared.lines for number in one.authorization_units
    )
    return (*days, *units)


def evolve(state: Bill, fact: Any) -> Bill:  # noqa: PLR0911 # one arm a fact
    """The state after the fact."""
    match fact:
        case ClaimPrepared():
            return _turned(Prepared, state, prepared=fact)
        case ClaimSubmitted():
            return _standing(replace(state, submitted=fact))
        case ClaimAcknowledged():
            return _standing(replace(state, acknowledged=(*state.acknowledged, fact)))
        case ClaimRejected():
            return _turned(Rejected, state, rejected=fact)
        case ClaimAdjudicated():
            return _standing(replace(state, adjudicated=fact, answers=(*state.answers, fact)))
        case AdjudicationReversed():
            return _standing(replace(state, adjudicated=None, reversals=(*state.reversals, fact)))
        case ClaimReplaced():
            return _turned(Replaced, state, replaced=fact)
        case ClaimVoided():
            return _turned(Voided, state, voided=fact)
        case ClaimReinstated():
            return _standing(replace(state, replaced=None, voided=None))
        case _:
            return state


def _standing(state: Bill) -> Bill:
    """The phase that the answers so far amount to; an answer that comes late does not revive a claim."""
    if state.replaced or state.voided or state.rejected:
        return state
    if state.adjudicated:
        return _turned(Adjudicated, state)
    if state.acknowledged:
        return _turned(Acknowledged, state)
    return _turned(Submitted, state)


def _turned(phase: type[B], state: Bill, **changes: Any) -> B:
    return phase(**({one.name: getattr(state, one.name) for one in fields(state)} | changes))
