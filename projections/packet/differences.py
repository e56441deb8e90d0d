"""A claimed day three times: as it was billed, as it was known at the earlier moment, as it is known today."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from aggregates.claim.facts import ClaimLine
from aggregates.values import ClaimId
from projections.audit.words import sentence
from projections.billing.views import BillLineView, DayView
from projections.billing.words import dollars
from projections.packet.reading import Claim, Fact, Known, Record, control_number


@dataclass(frozen=True, slots=True)
class ClaimedDay:
    """A day of one claim. Money in cents; `later` are the facts behind the day that came after the earlier moment."""

    claim_id: ClaimId
    date: str
    billed: tuple[ClaimLine, ...]
    then: DayView | None
    now: DayView | None
    later: tuple[Fact, ...]

    @property
    def billed_cents(self) -> int:
        """What the claim charges for it."""
        return sum(one.charge_cents for one in self.billed)

    @property
    def changed(self) -> bool:
        """Whether what is known today gives it other lines, or another state, than what was known then."""
        return _stands(self.then) != _stands(self.now)


def days(record: Record) -> tuple[ClaimedDay, ...]:
    """Every day of every version of the claims, in order of date and of sending."""
    return tuple(sorted((day for one in record.claims for day in _of(record, one)), key=lambda one: one.date))


def differences(record: Record) -> list[str]:
    """In sentences: which days are other today than then, by how much, and what came between."""
    words = [sentence for day in days(record) if day.changed for sentence in _told(record, day)]
    return words or ["Nothing that is known today changes a day of these claims against what was known then."]


def standing(day: DayView | None) -> str:
    """What a day is without its claim, in a few words."""
    if day is None:
        return "not decided"
    minutes = f"{day.minutes} min"
    if day.underlying == "billable":
        return f"billable, {minutes}"
    return f"{day.underlying.replace('_', ' ')} ({_reason(day)}), {minutes}"


def lines_of(lines: Sequence[ClaimLine | BillLineView]) -> str:
    """Lines as a bill shows them: revenue code, procedure code with modifiers, units."""
    return ", ".join(
        f"{one.revenue_code} {'-'.join([one.procedure_code or 'no code', *one.modifiers])} × {one.units}"
        for one in lines
    )


def late_by(record: Record, fact: Fact, day: str) -> str:
    """How long after the service a fact became known, in whole days of the program's zone."""
    known = date.fromisoformat(record.clock(fact.recorded_at)[:10])
    passed = (known - date.fromisoformat(day)).days
    return "on the day of service" if passed == 0 else f"{passed} day{'s' if passed != 1 else ''} after the service"


def told(record: Record, fact: Fact) -> str:
    """What a fact says, with the people and claims in it by name."""
    return record.named(sentence(fact.name, fact.told))


def _of(record: Record, claim: Claim) -> Iterator[ClaimedDay]:
    for day in sorted({line.service_date for line in claim.prepared.lines}):
        now = _day(record.now, day, claim)
        behind = set(now.positions) if now is not None else set()
        yield ClaimedDay(
            claim.claim_id, day, tuple(line for line in claim.prepared.lines if line.service_date == day),
            _day(record.then, day, claim), now,
            tuple(one for one in record.facts if one.position in behind and one.position > record.then.position),
        )  # fmt: skip


def _day(known: Known, day: str, claim: Claim) -> DayView | None:
    found = (one for one in known.days.get(day, ()) if one.enrollment_id == claim.prepared.enrollment_id)
    return next(found, None)


def _stands(day: DayView | None) -> tuple[object, ...]:
    if day is None:
        return ()
    reason = day.reason if day.underlying != "billable" else None
    return day.underlying, reason, day.minutes, lines_of(day.lines), day.cents


def _told(record: Record, day: ClaimedDay) -> Iterator[str]:
    claim = next(one for one in record.claims if one.claim_id == day.claim_id)
    right = day.now.cents if day.now is not None and day.now.underlying == "billable" else 0
    difference = (right or 0) - day.billed_cents
    money = "the money is the same" if difference == 0 else (
        f"{dollars(abs(difference))} {'less' if difference < 0 else 'more'} than billed"
    )
    yield (
        f"{day.date}, claim {control_number(claim)}: billed {dollars(day.billed_cents)} ({lines_of(day.billed)});"
        f" then {standing(day.then)}; today {standing(day.now)}: {money}."
    )
    for fact in day.later:
        because = f", because {fact.reason}" if fact.reason else ""
        yield (
            f"{record.clock(fact.recorded_at)}, {late_by(record, fact, day.date)}, {record.who(fact)}:"
            f" {told(record, fact)}{because}"
        )


def _reason(day: DayView) -> str:
    return (day.reason or "no reason").replace("_", " ")
