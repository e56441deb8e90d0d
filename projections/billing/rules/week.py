"""Does the week hold what the payer asks of a week (Monday through Sunday in the program's zone)?

Until the week is over a week that falls short keeps its days waiting, but only where the payer's terms hold such days:
where they warn, its days are billable all the while and get their warning when the week is over. A week in which the
episode began or ended or its level changed, or in which the program was closed for a day, is judged only where the
terms say so; else it says that it is not: how payers judge such weeks is not confirmed. An excused absence counts where
the terms say so. Only the episode's days at the level of the day judged are in it, each with the minutes that it counts
itself, and only kinds of services that count are scheduled services. Minutes that two services share count once, the
scheduled ones as the attended ones do, and the week says so. The shape of the schedule (days,
gaps, a group each day) is that of the services offered to the patient; a gap belongs to the week in which services
begin again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import combinations, pairwise
from typing import NamedTuple

from aggregates.days import days_between
from aggregates.payer_policy.terms import ScheduleShape, WeeklyTest
from projections.billing.day import Case, Outcome
from projections.billing.documents import Visit
from projections.billing.rules.care import latest
from projections.billing.rules.time import minutes_of
from projections.billing.times import Presence, end_of_week, minutes_once, overlap, plus_days


class Held(NamedTuple):
    """What a week holds for days at one level under the same terms; `shared` are the facts, minutes and day of services
    that were scheduled twice."""

    minutes: int
    days: int
    positions: list[int]
    shared: list[tuple[list[int], int, str]]


@dataclass(slots=True)
class Total:
    """What one episode's week holds: its days, and what was scheduled."""

    days: list[Case] = field(default_factory=list)
    offered: list[Visit] = field(default_factory=list)
    offered_before: str | None = None
    known: dict[tuple[str | None, str | None, int], Held] = field(default_factory=dict)

    def held(self, case: Case, test: WeeklyTest) -> Held:
        """What counts for the test of a day's terms, counted once for all days that are alike."""
        key = (case.level, case.payer_id, id(case.version))
        if key not in self.known:
            self.known[key] = _held(case, self, test)
        return self.known[key]

    @property
    def last_offered(self) -> str | None:
        """The last day so far with a service offered."""
        return max((visit.date for visit in self.offered), default=self.offered_before)

    def plan(self, visits: Iterable[Visit]) -> None:
        """Takes in what was scheduled; a cancelled session was not offered."""
        for visit in visits:
            if visit.scheduled_minutes and visit.status != "cancelled":
                self.offered.append(visit)

    def scheduled(self, case: Case) -> list[Visit]:
        """What was scheduled at the level of a day, of the kinds that count for its payer."""
        kinds = case.term("counted_kinds")
        return [visit for visit in self.offered if visit.kind in kinds and _same_level(case, visit.date)]

    def attended(self, case: Case) -> dict[str, list[Visit]]:
        """By day at the level of a day the visits whose minutes count for its payer."""
        found = {day.date: _attended(case, day) for day in self.days if _same_level(case, day.date)}
        return {date: visits for date, visits in found.items() if minutes_of(visits)}


def _same_level(case: Case, date: str) -> bool:
    """Whether another day of the episode lies in it, at the level of this one."""
    level, discharged_on = latest(case.episode.levels, date), case.episode.discharged_on
    return level is not None and level.value == case.level and (discharged_on is None or date <= discharged_on)


def _attended(case: Case, day: Case) -> list[Visit]:
    """The visits that give a day its minutes; one under another payer is counted by the kinds of this one."""
    if day.payer_id == case.payer_id and day.per_diem is not None:
        return [visit for _, visit in day.counted]
    kinds = case.term("counted_kinds")
    return [visit for _, visit in day.visits if visit.status == "present" and visit.kind in kinds]


def ask(case: Case, total: Total) -> None:
    """The weekly test and the shape of the schedule, where the terms have them with a consequence."""
    _test(case, total)
    shape = case.term("schedule")
    if shape is not None and shape.consequence != "none":
        _shape(case, total, shape)


def _test(case: Case, total: Total) -> None:
    test = case.term("weekly")
    if test.measure == "none" or test.consequence == "none":
        return
    case.term("counted_kinds")  # so that every day names it, and not only the one for which the week was counted
    held = total.held(case, test)
    for positions, minutes, date in held.shared:
        case.say("week_overlap", "warning", "scheduled_twice", positions, shared=minutes, on=date)
    _judge(case, test, held)


def _held(case: Case, total: Total, test: WeeklyTest) -> Held:
    counted, attended = total.scheduled(case), dict[str, list[Visit]]()
    if test.measure == "attended":
        counted = [visit for visit in counted if test.excused_absences_count and visit.status == "absent_excused"]
        attended = total.attended(case)
    minutes, twice, days = 0, [], sorted({visit.date for visit in counted} | set(attended))
    for date in days:
        scheduled, visits = [visit for visit in counted if visit.date == date], attended.get(date, [])
        apart = sum(visit.scheduled_minutes for visit in scheduled) + minutes_of(visits)
        shared = _shared(scheduled, visits, apart)
        if shared > 0:
            facts = sorted({position for visit in (*scheduled, *visits) for position in visit.positions})
            twice.append((facts, shared, date))
        minutes += apart - shared
    used = [*counted, *(visit for visits in attended.values() for visit in visits)]
    return Held(minutes, len(days), sorted({position for visit in used for position in visit.positions}), twice)


def _shared(scheduled: list[Visit], attended: list[Visit], apart: int) -> int:
    """How many of a day's minutes, each service's by itself, services share."""
    planned: list[Presence] = [([visit.scheduled], []) for visit in scheduled if visit.scheduled is not None]
    presences: list[Presence] = [*planned, *((visit.intervals, visit.breaks) for visit in attended)]
    if not planned or not any(overlap(one, other) for (one, _), (other, _) in combinations(presences, 2)):
        return 0
    return max(apart - minutes_once(presences), 0)


def _judge(case: Case, test: WeeklyTest, held: Held) -> None:
    minutes, days = held.minutes, held.days
    causes, positions = _unjudged(case) if test.partial_weeks == "not_judged" else ("", [])
    if causes:
        case.say("week", positions=positions, measure=test.measure, minutes=minutes, days=days, not_judged=causes)
        return
    outcome: Outcome = "waiting" if test.consequence == "hold" else "warning"
    fulfilled = minutes >= test.minutes and days >= test.days
    case.say(
        "week", "passed" if fulfilled else outcome, None if fulfilled else "weekly_minimum", held.positions,
        due_at=None if fulfilled else end_of_week(case.program.time_zone, case.date), measure=test.measure,
        minutes=minutes, minimum_minutes=test.minutes, days=days, minimum_days=test.days,
    )


def _shape(case: Case, total: Total, shape: ScheduleShape) -> None:
    """Judged like the weekly test, when the week is over; a partial week is not judged."""
    causes, positions = _unjudged(case)
    scheduled = total.scheduled(case)
    offered = {visit.date for visit in scheduled}
    days, gap = len(offered), _longest_gap(total.offered_before, offered)
    grouped = {visit.date for visit in scheduled if visit.kind == "group"}
    ungrouped = len(offered - grouped) if shape.group_each_day else 0
    least, most = shape.days, 7 if shape.longest_gap_days is None else shape.longest_gap_days
    numbers: dict[str, int | str] = {"days": days, "gap": gap, "ungrouped": ungrouped}
    if causes:
        case.say("schedule", positions=positions, about=numbers, not_judged=causes)
    elif days >= least and gap <= most and not ungrouped:
        case.say("schedule", about=numbers)
    else:
        outcome: Outcome = "waiting" if shape.consequence == "hold" else "warning"
        due_at = end_of_week(case.program.time_zone, case.date)
        numbers |= {"gap_tested": 1} if shape.longest_gap_days is not None else {}
        numbers |= {"group_tested": 1} if shape.group_each_day else {}
        case.say(
            "schedule", outcome, "schedule_shape", due_at=due_at, about=numbers, minimum_days=least, longest_gap=most
        )


def _longest_gap(before: str | None, days: set[str]) -> int:
    """The most consecutive days without a service between days that have one, from the last one before the week on."""
    known = sorted(days if before is None else {before, *days})
    return max((days_between(first, then) - 1 for first, then in pairwise(known)), default=0)


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
    changes = [one for one in episode.levels[1:] if case.week < one.on <= last]
    if changes:
        causes.append("the level of care changed this week")
        positions += [position for one in changes for position in one.positions]
    closures = [one for one in case.program.closures if one.on <= last and (one.through or one.on) >= case.week]
    if closures:
        causes.append("the program was closed this week")
        positions += [position for one in closures for position in one.positions]
    return " and ".join(causes), positions
