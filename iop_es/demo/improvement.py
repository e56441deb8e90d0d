"""The report's cohorts: who completed beside everybody, and how long they stay, program by program."""

from __future__ import annotations

from aggregates.assessment.instruments import current
from iop_es.demo import figures as told
from iop_es.demo.reading import Reading
from projections.outcomes.cohorts import queries
from projections.outcomes.cohorts.views import CohortView, StayView

WEEKS = (2, 4, 8)


def cohorts(reading: Reading) -> list[told.Cohort]:
    """One for each program and instrument with a total that somebody was measured with."""
    return [
        found
        for instrument in current().values() if instrument.total is not None
        for view in reading.ask("outcomes", queries.cohorts, instrument=instrument.code)
        for found in [_cohort(reading, instrument.label, view)] if found
    ]


def stays(reading: Reading) -> list[told.Stay]:
    """One for each program with an admission."""
    return [_stay(reading, view) for view in reading.ask("outcomes", queries.stay)]


def _cohort(reading: Reading, label: str, view: CohortView) -> told.Cohort | None:
    everybody, completers, again = view.everybody, view.completers, view.measured_again
    if not everybody or not everybody.n or not completers or not again:
        return None
    return told.Cohort(
        program=reading.programs[view.cohort or ""].code, instrument=label, everybody=everybody.n,
        never_again=everybody.n - again.n, change=everybody.change.value, effect=everybody.effect_size.value,
        completers=completers.n, completers_change=completers.change.value,
        completers_effect=completers.effect_size.value,
    )  # fmt: skip


def _stay(reading: Reading, view: StayView) -> told.Stay:
    by_week = {point.day // 7: point.survival for point in view.points}
    ends = {end.ended: end.n or 0 for end in view.ends}
    return told.Stay(
        program=reading.programs[view.cohort or ""].code, admitted=view.n or 0, completed=ends["completed"],
        dropped_out=ends["dropped_out"], other=ends["other"], in_care=ends["in_care"],
        survival={str(week): by_week[week] for week in WEEKS if week in by_week},
    )  # fmt: skip
