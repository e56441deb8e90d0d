"""What is remembered of a dispute: its phase as a class, requests, levels, answers and what was sent. Folding judges
nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from aggregates.dispute.facts import (
    AppealFiled,
    CallLogged,
    DisputeOpened,
    DisputeResolved,
    HearingHeld,
    OwnerAssigned,
    PacketIssued,
    PeerToPeerHeld,
    RecordsRequested,
    RecordsSent,
)
from aggregates.dispute.tracks import Level, Track
from aggregates.kit import turned


@dataclass(frozen=True, slots=True)
class Dispute:
    """One patient's dispute with one payer, whatever its phase. `told` are calls, hearings and peer-to-peers."""

    requests: tuple[RecordsRequested, ...] = ()
    sent: tuple[RecordsSent, ...] = ()
    opened: DisputeOpened | None = None
    appeals: tuple[AppealFiled, ...] = ()
    resolutions: tuple[DisputeResolved, ...] = ()
    packets: tuple[PacketIssued, ...] = ()
    told: tuple[Any, ...] = ()
    owner_id: str | None = None

    @property
    def first(self) -> RecordsRequested | DisputeOpened | None:
        """What it began with: whose it is, with which payer, on which way."""
        return self.requests[0] if self.requests else self.opened

    @property
    def patient_id(self) -> str | None:
        """Whose claims."""
        return self.first.patient_id if self.first else None

    @property
    def program_id(self) -> str | None:
        """The billing program."""
        return self.first.program_id if self.first else None

    @property
    def track(self) -> Track | None:
        """Which way it takes."""
        return self.first.track if self.first else None

    @property
    def claims(self) -> tuple[str, ...]:
        """All claims that it is about, each once."""
        named = [*self.requests, *([self.opened] if self.opened else ())]
        return tuple(dict.fromkeys(claim for one in named for claim in one.claims))

    @property
    def level(self) -> Level | None:
        """The level that it stands at; None while nothing is contested."""
        filed = self.appeals[-1].level if self.appeals else None
        return filed or (self.opened.level if self.opened else None)

    @property
    def answer(self) -> DisputeResolved | None:
        """The answer at the level that it stands at; None while it is awaited."""
        last = self.resolutions[-1] if self.resolutions else None
        return last if last is not None and last.level == self.level else None

    @property
    def due_on(self) -> str | None:
        """Until when the next appeal is in time: at this level, or after an answer at the one after it."""
        if self.answer is not None:
            return self.answer.next_due_on
        return self.opened.due_on if self.opened and not self.resolutions and not self.appeals else None

    @property
    def over(self) -> bool:
        """Whether nobody goes on: it was said, everything was won, or there is no level left."""
        answer = self.answer
        return answer is not None and (answer.final or answer.next_level is None)


@dataclass(frozen=True, slots=True)
class Unopened(Dispute):
    """Nothing is recorded yet."""


@dataclass(frozen=True, slots=True)
class Requested(Dispute):
    """Records were asked for, and nothing is contested."""


@dataclass(frozen=True, slots=True)
class Open(Dispute):
    """An answer is awaited, or the appeal has yet to be filed."""


@dataclass(frozen=True, slots=True)
class Answered(Dispute):
    """The level has its answer; a later appeal opens it again."""


def evolve(state: Dispute, fact: Any) -> Dispute:  # noqa: PLR0911 # one arm a fact
    """The state after the fact."""
    match fact:
        case RecordsRequested():
            phase = Requested if isinstance(state, Unopened) else type(state)
            return turned(phase, state, requests=(*state.requests, fact), owner_id=state.owner_id or fact.recorded_by)
        case RecordsSent():
            return replace(state, sent=(*state.sent, fact))
        case DisputeOpened():
            return turned(Open, state, opened=fact, owner_id=state.owner_id or fact.opened_by)
        case AppealFiled():
            return turned(Open, state, appeals=(*state.appeals, fact))
        case DisputeResolved():
            return turned(Answered, state, resolutions=(*state.resolutions, fact))
        case PacketIssued():
            return replace(state, packets=(*state.packets, fact))
        case OwnerAssigned():
            return replace(state, owner_id=fact.owner_id)
        case HearingHeld() | PeerToPeerHeld() | CallLogged():
            return replace(state, told=(*state.told, fact))
        case _:
            return state
