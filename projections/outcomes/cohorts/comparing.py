"""Cohorts from members to views: side by side, and two against each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal, NamedTuple

from projections.icd import title
from projections.outcomes.cohorts import estimates
from projections.outcomes.cohorts.estimates import Difference, Estimate
from projections.outcomes.cohorts.members import ENDED, By, Cohort, Ended, Member, cohorts, higher_is_better
from projections.outcomes.cohorts.suppression import Cell, hidden, hidden_of, too_few
from projections.outcomes.cohorts.views import (
    CohortView,
    ContrastView,
    DifferenceView,
    EndView,
    EstimateView,
    GroupView,
    Standing,
    StandingView,
)

STANDINGS: tuple[Standing, ...] = ("recovered", "improved", "unchanged", "deteriorated", "not_judged", "never_again")
COMPLETED, NEVER_AGAIN = ENDED.index("completed"), STANDINGS.index("never_again")
Group = Literal["everybody", "measured_again", "completers"]
GROUPS: dict[Group, Callable[[Member], bool]] = {
    "everybody": lambda _: True, "measured_again": lambda one: one.again,
    "completers": lambda one: one.ended == "completed",
}  # fmt: skip


class Asked(NamedTuple):
    """On what cohorts are told, and whether from outside the program."""

    instrument: str
    scale: str
    by: By
    outside: bool


class Told(NamedTuple):
    """The cohorts of one version, and what of them must not be told."""

    cohorts: list[Cohort]
    gone: list[bool]
    ends: set[Cell]
    standings: set[Cell]
    admitted: bool

    def hides(self, row: int, group: Group) -> bool:
        """Whether a group of a cohort is not told: others would follow from it."""
        return (
            self.gone[row]
            or (group == "measured_again" and (row, NEVER_AGAIN) in self.standings)
            or (group == "completers" and (row, COMPLETED) in self.ends)
        )


def side_by_side(members: Iterable[Member], asked: Asked) -> list[CohortView]:
    """One for each cohort and version of the instrument."""
    return [
        _cohort(told, row, version, asked)
        for version, found in cohorts(members, asked.by)
        for told in [_told(found, asked.outside)]
        for row in range(len(found))
    ]


def against(members: Iterable[Member], asked: Asked, one: str, other: str) -> list[DifferenceView] | None:
    """Two cohorts on each version, each way to look at them; None where one of them does not exist."""
    found: list[DifferenceView] = []
    for version, own in cohorts(members, asked.by):
        rows = {cohort.name: row for row, cohort in enumerate(own)}
        if one not in rows or other not in rows:
            return None
        told = _told(own, asked.outside)
        found += [_difference(told, (rows[one], rows[other]), group, version, asked) for group in GROUPS]
    return found or None


def patients(members: Iterable[Member]) -> int:
    """How many people these episodes are of."""
    return len({one.patient_id for one in members})


def ends_of(members: Sequence[Member], suppressed: set[Ended]) -> tuple[EndView, ...]:
    """How stays ended."""
    return tuple(
        EndView(ended=end, **_part(sum(one.ended == end for one in members), len(members), end in suppressed))
        for end in ENDED
    )


def ends_table(groups: Iterable[Sequence[Member]]) -> list[list[int]]:
    """Patients by how their stays ended, a row for each group."""
    return [[patients(one for one in own if one.ended == end) for end in ENDED] for own in groups]


def hidden_ends(found: set[Cell], row: int) -> set[Ended]:
    """The ends of a row that are not told."""
    return {ENDED[column] for at, column in found if at == row}


def group_of(members: Sequence[Member], better: bool | None, standings: tuple[StandingView, ...] | None) -> GroupView:
    """What became of some members of a version."""
    first, last = _scores(members)
    return GroupView(
        n=len(members), baseline_mean=estimates.mean(first), baseline_standard_deviation=estimates.deviation(first),
        last_mean=estimates.mean(last), last_standard_deviation=estimates.deviation(last),
        change=estimate(estimates.change(first, last)), effect_size=estimate(estimates.effect(first, last, better)),
        standings=standings,
    )


def estimate(one: Estimate) -> EstimateView:
    """An estimate as it is shown."""
    return EstimateView(value=one.value, low=one.low, high=one.high)


def label_of(by: By, name: str | None) -> str | None:
    """The title of a block of diagnoses."""
    return title(name) if by == "diagnosis_group" and name else None


def _told(found: list[Cohort], outside: bool) -> Told:
    if not outside:
        return Told(found, [False] * len(found), set(), set(), admitted=True)
    gone = hidden_of([patients(one.measured) for one in found])
    without = [patients(one.admitted) - patients(one.measured) for one in found]
    together = sum(number for number, is_gone in zip(without, gone, strict=True) if is_gone)
    standings = [
        [patients(one for one in own.measured if _standing(one) == standing) for standing in STANDINGS]
        for own in found
    ]
    return Told(
        found, gone, hidden(ends_table(one.measured for one in found), gone), hidden(standings, gone),
        admitted=not any(map(too_few, (*without, together))),
    )  # fmt: skip


def _cohort(told: Told, row: int, version: str | None, asked: Asked) -> CohortView:
    cohort, is_gone = told.cohorts[row], told.gone[row]
    better, shown = higher_is_better(asked.instrument, version, asked.scale), told.admitted and not is_gone
    groups: dict[Group, GroupView | None] = {
        name: None if told.hides(row, name) else group_of(
            own := [one for one in cohort.measured if chosen(one)], better,
            None if asked.outside and name != "everybody" else _standings(own, told.standings, row),
        )
        for name, chosen in GROUPS.items()
    }  # fmt: skip
    return CohortView(
        by=asked.by, cohort=cohort.name, label=label_of(asked.by, cohort.name), suppressed=is_gone,
        instrument=asked.instrument, instrument_version=version, scale=asked.scale, higher_is_better=better,
        admitted=len(cohort.admitted) if shown else None,
        coverage=len(cohort.measured) / len(cohort.admitted) if shown and cohort.admitted else None,
        ends=() if is_gone else ends_of(cohort.measured, hidden_ends(told.ends, row)),
        everybody=groups["everybody"], measured_again=groups["measured_again"], completers=groups["completers"],
    )


def _difference(told: Told, rows: tuple[int, int], group: Group, version: str | None, asked: Asked) -> DifferenceView:
    better = higher_is_better(asked.instrument, version, asked.scale)
    one, other = ([who for who in told.cohorts[row].measured if GROUPS[group](who)] for row in rows)
    last, their_last = _scores(one)[1], _scores(other)[1]
    is_hidden = any(told.hides(row, group) for row in rows)
    changes = [[after - before for before, after in zip(*_scores(own), strict=True)] for own in (one, other)]
    return DifferenceView(
        instrument=asked.instrument, instrument_version=version, scale=asked.scale, by=asked.by,
        one=told.cohorts[rows[0]].name or "", other=told.cohorts[rows[1]].name or "", group=group,
        suppressed=is_hidden, n_one=None if is_hidden else len(one), n_other=None if is_hidden else len(other),
        change=None if is_hidden else _contrast(estimates.difference(changes[0], changes[1], better)),
        last=None if is_hidden else _contrast(estimates.difference(last, their_last, better)),
    )


def _contrast(one: Difference) -> ContrastView:
    return ContrastView(difference=estimate(one.means), p_value=one.p_value, effect_size=estimate(one.effect))


def _scores(members: Iterable[Member]) -> tuple[list[int], list[int]]:
    known = [(one.baseline, one.last) for one in members if one.baseline is not None and one.last is not None]
    return [first for first, _ in known], [last for _, last in known]


def _standing(member: Member) -> Standing:
    return "never_again" if not member.again else member.change_class or "not_judged"


def _standings(members: Sequence[Member], gone: set[Cell], row: int) -> tuple[StandingView, ...]:
    counts = dict.fromkeys(STANDINGS, 0)
    for one in members:
        counts[_standing(one)] += 1
    return tuple(
        StandingView(standing=standing, **_part(number, len(members), (row, column) in gone))
        for column, (standing, number) in enumerate(counts.items())
    )


def _part(number: int, of: int, suppressed: bool) -> dict[str, Any]:
    """The fields of a part of a whole."""
    share = number / of if of else None
    return {"n": None if suppressed else number, "share": None if suppressed else share, "suppressed": suppressed}
