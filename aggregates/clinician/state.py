"""What a clinician's record remembers. Folding judges nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace

from aggregates.clinician.facts import (
    ClinicianJoined,
    ClinicianLeft,
    CredentialLapsed,
    CredentialRecorded,
    OnCallAssigned,
    OnCallEnded,
    PayerCredentialingRecorded,
    SigningKeyCreated,
    SigningKeyRevoked,
    SupervisorAssigned,
)
from aggregates.days import covers, day_before, earliest_day


@dataclass(frozen=True, slots=True)
class NotJoined:
    """Nobody is recorded under this id; every question about a day has the answer no."""

    printed_name: str | None = None
    signing_key: SigningKey | None = None
    signing_keys: tuple[SigningKey, ...] = ()

    def is_associate_on(self, day: str) -> bool:  # answers as Clinician does
        """No associate."""
        return False

    def license_on(self, day: str) -> str | None:  # answers as Clinician does
        """No license."""
        return None

    def credential_on(self, day: str) -> str | None:  # answers as Clinician does
        """No credential."""
        return None

    def supervisor_on(self, day: str) -> str | None:  # answers as Clinician does
        """No supervisor."""
        return None

    def active_on(self, day: str) -> bool:  # answers as Clinician does
        """Not employed."""
        return False

    def on_call_for(self, at: str) -> frozenset[str]:  # answers as Clinician does
        """On call for no program."""
        return frozenset()


@dataclass(frozen=True, slots=True)
class Employment:
    """One time with the program, as an associate or not; a last day of None is open."""

    joined: ClinicianJoined
    left_on: str | None = None


@dataclass(frozen=True, slots=True)
class Credential:
    """One active period of a credential; a lapse has cut `active_through` short."""

    recorded: CredentialRecorded
    active_through: str | None


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key and until when it signs (None: it still does)."""

    created: SigningKeyCreated
    ended_at: str | None = None

    def signs_at(self, at: str) -> bool:
        """Whether it was in force at the moment."""
        return self.created.created_at <= at < (self.ended_at or "9999")


@dataclass(frozen=True, slots=True)
class OnCall:
    """A time on call; `ended_at` is its end, or the moment at which it was ended before."""

    assigned: OnCallAssigned
    ended_at: str

    def covers(self, at: str) -> bool:
        """Whether the moment lies in it."""
        return self.assigned.starts_at <= at < self.ended_at


@dataclass(frozen=True, slots=True)
class Clinician:
    """Somebody who has joined, perhaps more than once, and may have left."""

    employments: tuple[Employment, ...]
    credentials: tuple[Credential, ...] = ()
    lapses: tuple[CredentialLapsed, ...] = ()
    payer_periods: tuple[PayerCredentialingRecorded, ...] = ()
    supervisors: tuple[SupervisorAssigned, ...] = ()
    signing_keys: tuple[SigningKey, ...] = ()
    on_call: tuple[OnCall, ...] = ()

    def on_call_for(self, at: str) -> frozenset[str]:
        """The programs for which the clinician is on call at a moment."""
        return frozenset(one.assigned.program_id for one in self.on_call if one.covers(at))

    @property
    def printed_name(self) -> str | None:
        """Given and family name as signatures show them; None when their key is gone."""
        known = self.employments[-1].joined.sealed
        return None if known is None else f"{known.given_name} {known.family_name}"

    @property
    def signing_key(self) -> SigningKey | None:
        """The key that signs now."""
        return next((one for one in reversed(self.signing_keys) if one.ended_at is None), None)

    @property
    def programs(self) -> tuple[str, ...]:
        """The programs of the latest employment."""
        return self.employments[-1].joined.programs

    def is_associate_on(self, day: str) -> bool:
        """Whether the employment of that day is as an associate: the one that began last by then, or the first."""
        began = [one.joined for one in self.employments if one.joined.joined_on <= day]
        return (began[-1] if began else self.employments[0].joined).associate

    @property
    def left_on(self) -> str | None:
        """The last day of the latest employment, None while it goes on."""
        return self.employments[-1].left_on

    def left_by(self, at: str) -> bool:
        """Whether the last day of the latest employment is over wherever on earth that was."""
        return self.left_on is not None and self.left_on < earliest_day(at)

    def credential_on(self, day: str) -> str | None:
        """The title of a credential that was active on the day; the one that started last, if several were."""
        latest = self._credential_on(day)
        return None if latest is None else latest.title

    def license_on(self, day: str) -> str | None:
        """Jurisdiction and number of that credential, as signatures show them; None when no number is recorded."""
        latest = self._credential_on(day)
        return None if latest is None or latest.sealed is None else f"{latest.jurisdiction} {latest.sealed.number}"

    def _credential_on(self, day: str) -> CredentialRecorded | None:
        active = [one.recorded for one in self.credentials if covers(one.recorded.active_from, one.active_through, day)]
        return max(active, key=lambda one: one.active_from, default=None)

    def supervisor_on(self, day: str) -> str | None:
        """Who supervised on the day; the one recorded last, if two start on one day."""
        started = [(one.effective_from, place, one) for place, one in enumerate(self.supervisors)
                   if one.effective_from <= day]
        return max(started)[2].supervisor_id if started else None

    def active_on(self, day: str) -> bool:
        """Whether the clinician was employed on the day."""
        return any(covers(one.joined.joined_on, one.left_on, day) for one in self.employments)


State = NotJoined | Clinician


def evolve(state: State, fact: object) -> State:  # noqa: C901, PLR0911 # one arm a fact
    """The state after the fact."""
    match state, fact:
        case NotJoined(), ClinicianJoined():
            return Clinician(employments=(Employment(fact),))
        case Clinician(), ClinicianJoined():
            return replace(state, employments=(*state.employments, Employment(fact)))
        case Clinician(), CredentialRecorded():
            return replace(state, credentials=(*state.credentials, Credential(fact, fact.active_through)))
        case Clinician(), CredentialLapsed():
            return replace(state, credentials=_cut(state, fact), lapses=(*state.lapses, fact))
        case Clinician(), PayerCredentialingRecorded():
            return replace(state, payer_periods=_with_payer_period(state, fact))
        case Clinician(), SupervisorAssigned():
            return replace(state, supervisors=(*state.supervisors, fact))
        case Clinician(), OnCallAssigned():
            return replace(state, on_call=(*state.on_call, OnCall(fact, fact.ends_at)))
        case Clinician(), OnCallEnded():
            return replace(state, on_call=tuple(_called_off(one, fact) for one in state.on_call))
        case Clinician(), ClinicianLeft():
            last = replace(state.employments[-1], left_on=fact.left_on)
            return replace(state, employments=(*state.employments[:-1], last))
        case Clinician(), SigningKeyCreated():
            earlier = (_ended(one, fact.created_at) for one in state.signing_keys)
            return replace(state, signing_keys=(*earlier, SigningKey(fact)))
        case Clinician(), SigningKeyRevoked():
            keys = state.signing_keys
            ended = (_ended(one, fact.revoked_at) if one.created.key_id == fact.key_id else one for one in keys)
            return replace(state, signing_keys=tuple(ended))
        case _:
            return state


def _called_off(one: OnCall, fact: OnCallEnded) -> OnCall:
    return replace(one, ended_at=fact.ended_at) if one.assigned.on_call_id == fact.on_call_id else one


def _ended(key: SigningKey, at: str) -> SigningKey:
    return key if key.ended_at is not None else replace(key, ended_at=at)


def _cut(state: Clinician, lapse: CredentialLapsed) -> tuple[Credential, ...]:
    return tuple(
        replace(one, active_through=day_before(lapse.lapsed_on))
        if one.recorded.credential_id == lapse.credential_id
        and covers(one.recorded.active_from, one.active_through, lapse.lapsed_on)
        else one
        for one in state.credentials
    )


def _with_payer_period(
    state: Clinician, fact: PayerCredentialingRecorded
) -> tuple[PayerCredentialingRecorded, ...]:
    kept = (
        one for one in state.payer_periods
        if (one.payer_id, one.effective_from) != (fact.payer_id, fact.effective_from)
    )
    return (*kept, fact)
