"""What is remembered of a claim: its phase as a class, what was sent and every answer."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol

from aggregates.claim.facts import (
    AdjudicationReversed,
    BilledAnew,
    ClaimAcknowledged,
    ClaimAdjudicated,
    ClaimPrepared,
    ClaimReinstated,
    ClaimRejected,
    ClaimReplaced,
    ClaimSubmitted,
    ClaimVoided,
)
from aggregates.kit import turned

REPLACEMENT = "7"
VOID = "8"
DENIED = "4"
"""CLP02 of a denial."""
FORWARDED = frozenset({"19", "20", "21"})
"""CLP02 of an answer whose payer sent the claim on to the next one itself (X12 code list 1029)."""
UNPROCESSABLE = "MA130"
"""The remark code (RARC) of a claim that could not be processed: no right to appeal, correct it and send it again."""
Key = tuple[str, str]
"""The kind and key of a reservation."""
Standing = Literal["prepared", "submitted", "acknowledged", "rejected", "adjudicated"]
AT_PAYER = frozenset({"submitted", "acknowledged", "adjudicated"})
"""What a claim is that was sent and stands."""
STANDS = AT_PAYER | {"prepared"}
"""What a claim is that stands: not rejected, and nothing took its place."""
REVERSAL: Literal["reversal"] = "reversal"
ACCEPTING = frozenset({"277CA", "portal", REVERSAL})
"""Who can say that a payer took a claim in; of a void, or a replacement that it denied, also its taking back the answer
to the earlier claim. A 999 says only that the file could be read."""


class Frequent(Protocol):
    """A claim as facts and read models have it."""

    @property
    def frequency(self) -> str:
        """CLM05-3."""


class TakesBack(Frequent, Protocol):
    """One that may replace or void an earlier one."""

    @property
    def accepted(self) -> bool:
        """Whether its payer took it in by what it said of this claim alone."""

    @property
    def answered(self) -> bool:
        """Whether its payer ever answered it."""


class Earlier(Protocol):
    """One that may be replaced or voided."""

    @property
    def allows(self) -> bool:
        """Whether an answer to it stands that pays something or leaves something to the patient."""


class Answer(Protocol):
    """An answer as its fact has it."""

    @property
    def status(self) -> str | None:
        """CLP02."""


def standing(*, rejected: bool, adjudicated: bool, acknowledged: bool, submitted: bool) -> Standing:
    """What a claim is by its own way to the payer, whatever took its place."""
    if rejected:
        return "rejected"
    if adjudicated:
        return "adjudicated"
    if acknowledged:
        return "acknowledged"
    return "submitted" if submitted else "prepared"


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
    billed_anew: tuple[BilledAnew, ...] = ()

    @property
    def held(self) -> tuple[Key, ...]:
        """What it bills and holds as reservations; not what another claim bills as well."""
        anew = self.others
        return tuple(one for one in reservations(self.prepared) if one not in anew) if self.prepared else ()

    @property
    def others(self) -> dict[Key, str]:
        """What it bills and another claim holds, by whom it was held when this one was reinstated."""
        return {(one.kind, one.key): one.claim_id for one in self.billed_anew}

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
    def frequency(self) -> str:
        """CLM05-3; empty before it is prepared."""
        return self.prepared.frequency if self.prepared else ""

    @property
    def accepted(self) -> bool:
        """Whether its payer ever took it in: said so, or answered other than by denying that it takes another one back;
        see `taken_in` for what else that rests on."""
        answered = any(not denies_correction(self, one) for one in self.answers)
        return answered or any(one.source in ACCEPTING for one in self.acknowledged)

    @property
    def answered(self) -> bool:
        """Whether its payer ever answered it."""
        return bool(self.answers)

    @property
    def allows(self) -> bool:
        """Whether an answer stands that pays something or leaves something to the patient."""
        told = self.adjudicated
        adjusted = (one for line in told.lines for one in line.adjustments) if told else ()
        paid = told.paid_cents if told else 0
        return paid > 0 or any(one.group == "PR" and one.amount_cents > 0 for one in adjusted)

    @property
    def unprocessable(self) -> bool:
        """Whether the answer that stands returns it as a whole (MA130)."""
        told = self.adjudicated
        return told is not None and unprocessable(told.paid_cents, (
            {one.rarc for one in line.adjustments if one.group != "PR"} for line in told.lines
        ))  # fmt: skip

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


def denies_correction(claim: Frequent, answer: Answer) -> bool:
    """Whether an answer denies a claim that takes another one back, so that it may accept nothing.

    Its status alone says so: one of processed (1) whose every line is refused as CO-18 or CO-16 counts as accepted.
    """
    return claim.frequency in {REPLACEMENT, VOID} and answer.status == DENIED


def stands_beside(claim: Frequent, earlier: Earlier | None) -> bool:
    """Whether a denial of this claim leaves the earlier one as it was: always of a void; of a replacement as long as
    what was allowed for the earlier one stands. Of one that was taken back, or denied itself, nothing is left."""
    return claim.frequency == VOID or (earlier is not None and earlier.allows)


def taken_in(claim: TakesBack, earlier: Earlier | None) -> bool:
    """Whether its payer ever took in a claim that may take an earlier one back."""
    denied = claim.answered and claim.frequency in {REPLACEMENT, VOID}
    return claim.accepted or (denied and not stands_beside(claim, earlier))


def unprocessable(paid_cents: int, remarks: Iterable[Collection[str | None]]) -> bool:
    """Whether an answer returns a claim as a whole as unprocessable: nothing is paid, and each line's remarks say so.
    Its payer then treats it as never filed."""
    return paid_cents == 0 and all(UNPROCESSABLE in one for one in remarks)


def per_diem_key(patient_id: str, payer_id: str, day: str) -> Key:
    """A patient's day has one per diem of a payer."""
    return "per_diem_day", f"{patient_id}:{payer_id}:{day}"


def service_key(patient_id: str, payer_id: str, day: str, code: tuple[str, str | None]) -> Key:
    """A patient's day has a service once for a payer: by its revenue and procedure code."""
    revenue, procedure = code
    return "billed_day", f"{patient_id}:{payer_id}:{day}:{revenue}:{procedure or '-'}"


def reservations(prepared: ClaimPrepared) -> tuple[Key, ...]:
    """The (kind, key) pairs of what a claim bills: each day and service (whatever the modifiers of its lines), each
    day's per diem, each unit drawn; a void bills nothing."""
    if prepared.frequency == VOID:
        return ()
    whose = prepared.patient_id, prepared.payer_id
    days = dict.fromkeys(
        service_key(*whose, one.service_date, (one.revenue_code, one.procedure_code)) for one in prepared.lines
    )
    units = (
        ("authorization_unit", f"{one.authorization_id}:{number}")
        for one in prepared.lines for number in one.authorization_units
    )
    per_diems = (per_diem_key(*whose, day) for day in prepared.per_diem_days or ())
    return (*days, *per_diems, *units)


def kept(prepared: ClaimPrepared, replaced: Bill | None) -> tuple[Key, ...]:
    """What a replacement or a void keeps of the claim that it takes back until the payer has accepted that."""
    own = set(reservations(prepared))
    return tuple(one for one in replaced.held if one not in own) if replaced else ()


def evolve(state: Bill, fact: Any) -> Bill:  # noqa: PLR0911 # one arm a fact
    """The state after the fact."""
    match fact:
        case ClaimPrepared():
            return turned(Prepared, state, prepared=fact)
        case ClaimSubmitted():
            return _standing(replace(state, submitted=fact))
        case ClaimAcknowledged():
            return _standing(replace(state, acknowledged=(*state.acknowledged, fact)))
        case ClaimRejected():
            return turned(Rejected, state, rejected=fact)
        case ClaimAdjudicated():
            return _standing(replace(state, adjudicated=fact, answers=(*state.answers, fact)))
        case AdjudicationReversed():
            return _standing(replace(state, adjudicated=None, reversals=(*state.reversals, fact)))
        case ClaimReplaced():
            return turned(Replaced, state, replaced=fact)
        case ClaimVoided():
            return turned(Voided, state, voided=fact)
        case ClaimReinstated():
            return _standing(replace(state, replaced=None, voided=None, billed_anew=fact.billed_anew))
        case _:
            return state


def _standing(state: Bill) -> Bill:
    """The phase that the answers so far amount to; an answer that comes late does not revive a claim."""
    if state.replaced or state.voided:
        return state
    phase = standing(
        rejected=state.rejected is not None, adjudicated=state.adjudicated is not None,
        acknowledged=bool(state.acknowledged), submitted=True,
    )
    return turned(_PHASES[phase], state)


_PHASES: dict[Standing, type[Bill]] = {
    "submitted": Submitted, "acknowledged": Acknowledged, "rejected": Rejected, "adjudicated": Adjudicated,
}
