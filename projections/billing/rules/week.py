"""Does the week hold what the payer asks of a week (Monday through Sunday in the program's zone)?

Until the week is over a week that falls short keeps its days waiting. A week in which the episode began or ended, or
in which the program was closed for a day, is not judged: how payers judge such weeks is not confirmed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from projections.billing.day import Case
from projections.billing.documents import Visit
from projections.billing.times import end_of_week, plus_days


@dataclass(slots=True)
class Total:
    """What one episode's week holds: minutes and days, scheduled and attended."""

    attended_minutes: int = 0
    attended_days: set[str] = field(default_factory=set)
    scheduled_minutes: int = 0
    scheduled_days: set[str] = field(default_factory=set)

    def plan(self, visits: Iterable[Visit]) -> None:
        """Takes in what was scheduled; a cancelled session was not offered."""
        for visit in visits:
            if visit.scheduled_minutes and visit.status != "cancelled":
                self.scheduled_minutes += visit.scheduled_minutes
                self.scheduled_days.add(visit.date)

    def attend(self, case: Case) -> None:
        """Takes in a day's counted minutes."""
        if case.minutes:
            self.attended_minutes += case.minutes
            self.attended_days.add(case.date)


def ask(case: Case, total: Total) -> None:
    """The weekly test, where the terms have one with a consequence."""
    test = case.term("weekly")
    if test.measure == "none" or test.consequence == "none":
        return
    attended = test.measure == "attended"
    minutes = total.attended_minutes if attended else total.scheduled_minutes
    days = len(total.attended_days if attended else total.scheduled_days)
    fulfilled = (minutes >= test.minutes and days >= test.days) or _partial(case)
    becomes: Literal["held", "billable"] = "held" if test.consequence == "hold" else "billable"
    case.say(
        "week", "passed" if fulfilled else "waiting", None if fulfilled else "weekly_minimum",
        due_at=None if fulfilled else end_of_week(case.program.time_zone, case.date),
        becomes=None if fulfilled else becomes, measure=test.measure, minutes=minutes, minimum_minutes=test.minutes,
        days=days, minimum_days=test.days,
    )


def _partial(case: Case) -> bool:
    last = plus_days(case.week, 6)
    admitted, discharged = case.episode.admitted_on or case.week, case.episode.discharged_on or last
    closed = any(one.on <= last and (one.through or one.on) >= case.week for one in case.program.closures)
    return admitted > case.week or discharged < last or closed
