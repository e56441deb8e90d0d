"""Stays and attendance of cohorts, from members to views."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal

from projections.outcomes.cohorts import estimates
from projections.outcomes.cohorts.comparing import (
    Asked,
    ends_of,
    ends_table,
    estimate,
    group_of,
    hidden_ends,
    label_of,
    patients,
)
from projections.outcomes.cohorts.members import By, Ended, Member, cohorts, grouped, higher_is_better
from projections.outcomes.cohorts.suppression import hidden, hidden_of
from projections.outcomes.cohorts.survival import Point, curve, weekly
from projections.outcomes.cohorts.views import AttendanceView, BandView, StayPointView, StayView

Unit = Literal["day", "week"]
Third = Literal["lowest", "middle", "highest"]
THIRDS: tuple[Third, ...] = ("lowest", "middle", "highest")
STEPS = "A step of the curve is a patient or two: asked from outside the program, only the ends of stays are told."


def stays(members: Iterable[Member], by: By, unit: Unit, outside: bool) -> list[StayView]:
    """How long each cohort stays."""
    groups = grouped(members, by)
    gone = hidden_of([patients(own) for own in groups.values()]) if outside else [False] * len(groups)
    cells = hidden(ends_table(groups.values()), gone) if outside else set()
    return [
        _stay((by, name), own, unit, outside, None if gone[row] else hidden_ends(cells, row))
        for row, (name, own) in enumerate(groups.items())
    ]


def attendance(members: Iterable[Member], asked: Asked) -> list[AttendanceView]:
    """Attendance against outcome, one for each version of the instrument; `by` plays no part."""
    return [
        _attendance([one for cohort in found for one in cohort.measured], version, asked)
        for version, found in cohorts(members, asked.by)
    ]


def _stay(
    which: tuple[By, str | None], own: Sequence[Member], unit: Unit, outside: bool, suppressed: set[Ended] | None
) -> StayView:
    by, name = which
    about: dict[str, Any] = {"by": by, "cohort": name, "label": label_of(by, name)}
    if suppressed is None:
        return StayView(**about, suppressed=True, n=None, ends=(), median_days=None, not_shown=STEPS, points=())
    found = curve(own)
    points = () if outside else found.points if unit == "day" else weekly(own, found.points)
    return StayView(
        **about, suppressed=False, n=len(own), ends=ends_of(own, suppressed), median_days=found.median,
        not_shown=STEPS if outside else None, points=tuple(_point(one, len(own)) for one in points),
    )


def _point(one: Point, of: int) -> StayPointView:
    shares = {f"share_{end}": number / of for end, number in one.ended.items()}
    return StayPointView.model_validate(one._asdict() | one.ended | shares)


def _attendance(measured: Sequence[Member], version: str | None, asked: Asked) -> AttendanceView:
    again = [one for one in measured if one.again]
    known = [(one.attendance, one) for one in again if one.attendance is not None]
    better = higher_is_better(asked.instrument, version, asked.scale)
    known.sort(key=lambda pair: (pair[0], pair[1].enrollment_id))
    counts = [len(known), len(measured) - len(again), len(again) - len(known)]
    gone = [False] * 3
    if asked.outside:
        no_session = [one for one in again if one.attendance is None]
        never = [one for one in measured if not one.again]
        gone = hidden_of([patients(one for _, one in known), patients(never), patients(no_session)])
    shown = [None if is_gone else number for number, is_gone in zip(counts, gone, strict=True)]
    rank = estimates.rank_correlation([share for share, _ in known], _improvements(known, better))
    return AttendanceView(
        instrument=asked.instrument, instrument_version=version, scale=asked.scale, n=shown[0], never_again=shown[1],
        nothing_planned=shown[2], suppressed=gone[0], correlation=None if gone[0] else estimate(rank.rho),
        p_value=None if gone[0] else rank.p_value, thirds=() if gone[0] else _thirds(known, better, asked.outside),
    )


def _improvements(known: Iterable[tuple[float, Member]], better: bool | None) -> list[float]:
    """Points in the direction of better, as they are where nobody has said which that is."""
    changes = [(one.last or 0) - (one.baseline or 0) for _, one in known]
    return [float(one if better or better is None else -one) for one in changes]


def _thirds(known: Sequence[tuple[float, Member]], better: bool | None, outside: bool) -> tuple[BandView, ...]:
    """Cut at the shares of the episodes at one and two thirds; of equal shares all are in the lower third."""
    if not known:
        return ()
    shares = [share for share, _ in known]
    cuts = [shares[-(-len(shares) * part // 3) - 1] for part in (1, 2)]
    bounds = [(None, cuts[0]), (cuts[0], cuts[1]), (cuts[1], None)]
    bands = [
        [pair for pair in known if (over is None or pair[0] > over) and (up_to is None or pair[0] <= up_to)]
        for over, up_to in bounds
    ]
    gone = hidden_of([patients(one for _, one in band) for band in bands]) if outside else [False] * 3
    return tuple(
        BandView(third=third, suppressed=True, over=None, up_to=None, attendance_mean=None, group=None) if is_gone
        else BandView(
            third=third, suppressed=False, over=over, up_to=up_to,
            attendance_mean=estimates.mean([share for share, _ in band]),
            group=group_of([one for _, one in band], better, None),
        )
        for third, (over, up_to), band, is_gone in zip(THIRDS, bounds, bands, gone, strict=True)
    )
