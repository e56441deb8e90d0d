"""Does the week hold what the payer asks of a week (Monday through Sunday in the program's zone)?

Until the week is over a week that falls short keeps its days waiting, but only where the payer's terms hold such days:
where they warn, its days are billable all the while and get their warning when the week is over. A week in which the
episode began or ended, or in which the program was closed for a day, is not judged and says so: how payers judge such
weeks is not confirmed, so that this is a convention of ours, unverified.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from projections.billing.day import Case, Outcome
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
    causes, positions = _unjudged(case)
    if causes:
        case.say("week", positions=positions, measure=test.measure, minutes=minutes, days=days, not_judged=causes)
        return
    outcome: Outcome = "waiting" if test.consequence == "hold" else "warning"
    fulfilled = minutes >= test.minutes and days >= test.days
    case.say(
        "week", "passed" if fulfilled else outcome, None if fulfilled else "weekly_minimum",
        due_at=None if fulfilled else end_of_week(case.program.time_zone, case.date), measure=test.measure,
        minutes=minutes, minimum_minutes=test.minutes, days=days, minimum_days=test.days,
    )


def _unjudged(case: Case) -> tuple[str, list[int]]:
    """Why the week is not a whole one, in words, and the facts that say so; no words for a whole week."""
    last, causes, positions = plus_days(case.week, 6), [], []
    episode = case.episode
    if (episode.admitted_on or case.week) > case.week:
        causes.append("admitted this week")
        positions += episode.admission_positions
    if (episode.discharged_on or last) < last:
        causes.append("discharged this week")
        positions += [episode.discharge_position or 0]
    closures = [one for one in case.program.closures if one.on <= last and (one.through or one.on) >= case.week]
    if closures:
        causes.append("the program was closed this week")
        positions += [position for one in closures for position in one.positions]
    return " and ".join(causes), positions
