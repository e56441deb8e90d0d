"""Attendance as a map: a row for each patient, a column for each day; what came of the day as shape and shade.

A day with several services is present if the patient came to one of them, else excused, else absent. Patients stand
under the beginning of their ids, by their first day in care.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from projections.caseload.attendance import AttendanceDay, AttendanceMap
from projections.pictures.picture import Picture, sentences

Mark = Literal["present", "excused", "absent", "open"]
MARKS: tuple[Mark, ...] = get_args(Mark)
WORDS: dict[Mark, str] = {
    "present": "present", "excused": "excused", "absent": "absent", "open": "expected, nothing recorded yet",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Square:
    """One patient's day on which a service expected the patient, or the patient came."""

    patient: str
    day: date
    mark: Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class AttendancePicture(Picture):
    """The map; a day without a square: nobody expected the patient."""

    heading: str
    patients: tuple[str, ...]
    days: tuple[date, ...]
    squares: tuple[Square, ...]


def attendance(found: AttendanceMap) -> AttendancePicture:
    """The picture of a program's attendance from a day through another."""
    short = _short([one.patient_id for one in found.patients])
    squares = [Square(short[one.patient_id], day.on, mark(day)) for one in found.patients for day in one.days]
    days = tuple(sorted({one.day for one in squares}))
    by_place = {(one.patient, one.day): one.mark for one in squares}
    patients = tuple(short[one.patient_id] for one in found.patients)
    return AttendancePicture(
        title="Attendance", described=_told(found, patients, squares),
        columns=("patient", *(day.isoformat() for day in days)),
        rows=tuple((one, *(by_place.get((one, day)) for day in days)) for one in patients),
        heading=f"program {found.program_id[:8]}, {found.first} through {found.last}",
        patients=patients, days=days, squares=tuple(squares),
    )  # fmt: skip


def mark(day: AttendanceDay) -> Mark:
    """What a day counts as."""
    return "present" if day.came else "excused" if day.excused else "absent" if day.absent else "open"


def _short(ids: Sequence[str]) -> dict[str, str]:
    """Ids cut so far that each is still another; eight characters where that is enough."""
    length = next(n for n in range(8, 37) if len({one[:n] for one in ids}) == len(ids))
    return {one: one[:length] for one in ids}


def _told(found: AttendanceMap, patients: Sequence[str], squares: Sequence[Square]) -> str:
    counts = Counter(one.mark for one in squares)
    came, missed = counts["present"], counts["absent"] + counts["excused"]
    own = {patient: Counter(one.mark for one in squares if one.patient == patient) for patient in patients}
    rate = f", {came / (came + missed):.0%} of the days that are decided" if came + missed else ""
    return sentences((
        f"Program {found.program_id[:8]}, {found.first} through {found.last}: {len(patients)} patients,"
        f" {came} days present{rate}, {counts['excused']} excused, {counts['absent']} absent,"
        f" {counts['open']} expected with nothing recorded yet.",
        "; ".join(
            f"{patient}: {one['present']} present, {one['excused']} excused, {one['absent']} absent"
            for patient, one in own.items()
        ) + "." if own else "",
    ))  # fmt: skip
