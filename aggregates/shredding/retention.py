"""What of a patient's own facts decides whether the record may be given up: care, disputes, and the last service."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from aggregates.dispute.state import Answered, Dispute, Unopened
from aggregates.dispute.state import evolve as evolve_dispute
from aggregates.enrollment.facts import DischargeCorrected, PatientAdmitted, PatientDischarged
from aggregates.patient.facts import DemographicsCorrected, PatientRegistered
from aggregates.values import Date

LEAST_YEARS = 6
"""45 CFR 164.316(b)(2)(i); a state's law may ask for more, and never makes it less."""
OF_AGE_YEARS = 18
SERVED = ("service_date", "administered_on", "discharged_on")
"""The fields of facts that are a day of service, or the last day of an episode."""


@dataclass(frozen=True, slots=True)
class Retention:
    """How long a record is kept: `years` from the last service or discharge, and where `minor_years` is set, the
    record of somebody who was a minor then until so many years after coming of age, too. Only the six years are a
    federal rule's; everything beyond is configuration, unverified."""

    years: int = LEAST_YEARS
    minor_years: int | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """What the facts say: open episodes and disputes, the last service or discharge, the last day of any fact, and the
    year of birth."""

    in_care: tuple[str, ...]
    open_disputes: tuple[str, ...]
    last_service_on: Date | None
    last_fact_on: Date
    year_of_birth: int | None

    def retained_until(self, rule: Retention) -> Date:
        """The last day on which the record has to be kept; a record without any service counts from its last fact."""
        begins = date.fromisoformat(self.last_service_on or self.last_fact_on)
        until = _years_after(begins, max(rule.years, LEAST_YEARS))
        if rule.minor_years is not None and self.year_of_birth is not None:
            of_age = date(self.year_of_birth + OF_AGE_YEARS, 12, 31)  # the year is all that stands in the clear
            if begins <= of_age:
                until = max(until, date(of_age.year + rule.minor_years, 12, 31))
        return until.isoformat()


def kept(facts: Iterable[tuple[str, str, Any]]) -> Kept:
    """What a patient's facts say: each its stream, the day on which it was recorded, and the fact, in order."""
    in_care: dict[str, None] = {}
    disputes: dict[str, Dispute] = {}
    served, last, born = "", "", None
    for stream, recorded_on, fact in facts:
        last = max(last, recorded_on)
        served = max([served, *(day for name in SERVED if (day := getattr(fact, name, None)))])
        match fact:
            case PatientAdmitted():
                in_care[stream] = None
            case PatientDischarged():
                in_care.pop(stream, None)
            case DischargeCorrected():
                in_care.pop(stream, None)
                if fact.discharged_on is None:
                    in_care[stream] = None
            case PatientRegistered() | DemographicsCorrected():
                born = fact.year_of_birth
        if type(fact).__module__ == "aggregates.dispute.facts":
            disputes[stream] = evolve_dispute(disputes.get(stream, Unopened()), fact)
    unsettled = tuple(sorted(stream for stream, one in disputes.items() if not _settled(one)))
    return Kept(tuple(sorted(in_care)), unsettled, served or None, last, born)


def _settled(dispute: Dispute) -> bool:
    """Whether nobody waits for anything any more: every request was met, and what was contested is at its end."""
    met = {one.request_id for one in dispute.sent} >= {one.request_id for one in dispute.requests}
    return met and (dispute.opened is None or (isinstance(dispute, Answered) and dispute.over))


def _years_after(day: date, years: int) -> date:
    """The same day so many years later; of 29 February the 1st of March, where there is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)
