"""Every day as `iop-es explain` tells it: each patient's own facts folded in memory, nothing read from a read model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from aggregates.codec import decode
from iop_es.engine.readmodel.asof import as_of
from iop_es.wiring import House
from projections.billing import MODEL, queries
from projections.billing.views import DayView, TraceView


def explained_days(house: House) -> list[DayView]:
    """All days of all patients who were ever referred, as known at the log's head."""
    referred = house.log.by_topics(["enrollment.patient_referred"])
    return [trace.day for trace in explained(house, {patient for fact in referred for patient in fact.patients})]


def explained(house: House, patients: Iterable[str]) -> list[TraceView]:
    """All days of these patients, each with every rule that was asked."""
    log, now = house.log, house.gate.now()
    programs = [fact.stream for fact in log.by_topics(["program.opened"])]
    return [
        trace
        for patient in sorted(patients)
        for delta in [as_of(MODEL, log, decode, patient, None)]
        for date in sorted({day.service_date for day in queries.days_from(delta, patient)})
        for trace in queries.traces_from_rows(
            delta, patient_id=patient, programs=programs, now=now, service_date=date
        )
    ]


def summed(days: list[DayView]) -> dict[str, tuple[int, int]]:
    """Days and cents by state; billed days count their charge, a day of unknown worth nothing."""
    count, cents = Counter[str](), Counter[str]()
    for day in days:
        count[day.state] += 1
        cents[day.state] += (day.charge_cents if day.state == "billed" else day.cents) or 0
    return {state: (count[state], cents[state]) for state in count}
