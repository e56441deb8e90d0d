"""Billable days into claims: pure, so that the same days always make the same claims.

One claim holds the days of one patient, episode, coverage, policy and form in one calendar week or month. The charge
of a line is the day's worth under the payer's terms. Every claim is an original (frequency 1) unless `frequency` counts
the bills of a stay.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Literal

from projections.billing.day import Day
from projections.billing.standing import standing

Period = Literal["week", "month"]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A day that is not put on a claim, and why."""

    day: Day
    why: str


@dataclass(frozen=True, slots=True)
class Prepared:
    """Data of `claim.prepare` commands, and the days that were left out."""

    claims: list[dict[str, Any]]
    left_out: list[LeftOut]


def prepare(
    days: Iterable[Day], *, decided_at: int, now: str, period: Period, new_id: Callable[[], str],
) -> Prepared:
    """Claims over these days, which were decided at position `decided_at`.

    A day is left out when it is not billable at `now`, when its worth is unknown, or when the consent that lets it be
    disclosed ran out before today (42 CFR 2.31).
    """
    left_out: list[LeftOut] = []
    ready: list[Day] = []
    for day in days:
        why = _objection(day, now)
        if why is None:
            ready.append(day)
        else:
            left_out.append(LeftOut(day, why))
    ready.sort(key=lambda day: (_key(day, period), day.service_date))
    claims = [
        _claim(list(group), decided_at, new_id()) for _, group in groupby(ready, key=lambda day: _key(day, period))
    ]
    return Prepared(claims, left_out)


def _objection(day: Day, now: str) -> str | None:
    state, _, _ = standing(day, now)
    if state != "billable":
        return f"The day is {state.replace('_', ' ')}."
    if day.cents is None or day.payer_id is None or day.policy_id is None or day.revenue_code is None:
        return "The day has no known worth or payer."
    if day.disclosure_through is not None and day.disclosure_through < now[:10]:
        return f"The consent to disclose ran out on {day.disclosure_through}; ask the patient for a new one."
    return None


def _key(day: Day, period: Period) -> tuple[str, ...]:
    when = day.week if period == "week" else day.service_date[:7]
    whose = (day.patient_id, day.enrollment_id, day.payer_id, day.coverage_id)
    parts = (*whose, day.policy_id, day.claim_form, day.type_of_bill, when)
    return tuple(part or "" for part in parts)


def _claim(days: list[Day], decided_at: int, claim_id: str) -> dict[str, Any]:
    first, last = days[0], days[-1]
    lines = [_line(number, day) for number, day in enumerate(days, 1)]
    return {
        "claim_id": claim_id,
        "patient_id": first.patient_id,
        "enrollment_id": first.enrollment_id,
        "program_id": first.program_id,
        "payer_id": first.payer_id,
        "policy_id": first.policy_id,
        "form": first.claim_form,
        "type_of_bill": first.type_of_bill if first.claim_form == "837I" else None,
        "frequency": "1",
        "from_date": first.service_date,
        "through_date": last.service_date,
        "lines": lines,
        "total_cents": sum(line["charge_cents"] for line in lines),
        "decided_at": decided_at,
        "coverage_id": first.coverage_id,
    }


def _line(number: int, day: Day) -> dict[str, Any]:
    return {
        "line": number,
        "service_date": day.service_date,
        "level_of_care": day.level_of_care,
        "revenue_code": day.revenue_code,
        "procedure_code": day.procedure_code,
        "units": day.units,
        "charge_cents": day.cents,
        "authorization_id": day.authorization_id,
        "authorization_units": list(day.authorization_units),
    }
