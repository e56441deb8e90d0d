"""Views to draw: a course of PHQ-9 with a gap, its expectation, a cohort's course, stays, and attendance."""

from __future__ import annotations

from datetime import date

from projections.caseload.attendance import AttendanceDay, AttendanceMap, PatientAttendance
from projections.outcomes.cohorts.members import Ended, Member
from projections.outcomes.cohorts.staying import stays
from projections.outcomes.documents import Administration, Document, Episode
from projections.outcomes.model import MODEL
from projections.outcomes.rows import Measure
from projections.outcomes.trends import in_time, shown
from projections.outcomes.views import CourseView, ExpectedPointView, ExpectedView, PointView, TrendView
from projections.pictures.stay import Stay, stay_of
from tests.projections.story import an_id

PATIENT, EPISODE, PROGRAM = an_id("patient"), an_id("enrollment"), an_id("program")
SCORES = (
    ("2026-03-02", 18), ("2026-03-09", 19), ("2026-03-16", 15), ("2026-04-27", 12), ("2026-05-04", 9),
)  # fmt: skip
UNTIL = {EPISODE: date(2026, 5, 20)}


def courses(scores: tuple[tuple[str, int], ...] = SCORES, version: str = "1") -> list[TrendView]:
    """The patient's courses of PHQ-9; the first score is the baseline."""
    episode = Episode(PROGRAM, "2026-03-01", [1], admitted_on="2026-03-02")
    document = Document(episodes={EPISODE: episode}, measures_dirty=True)
    for place, (day, score) in enumerate(scores):
        document.administrations[an_id("assessment", place + 1)] = Administration(
            PROGRAM, EPISODE, "phq-9", version, day, f"{day}T14:00:00.000000Z", "routine" if place else "baseline",
            "patient", (), score, f"{day}T15:00:00.000000Z", [place + 2],
        )  # fmt: skip
    measures = [Measure(*row) for row in MODEL.settle(PATIENT, document, MODEL.reference())["measure"][PATIENT,]]
    return shown(sorted(measures, key=in_time), {PROGRAM: "America/New_York"}, "2026-05-20T15:00:00.000000Z")


def expected() -> ExpectedView:
    """What eighty earlier episodes came to in two months."""
    points = tuple(
        ExpectedPointView(month=month, n=80, mean=mean, low=mean - 1, high=mean + 1, standard_deviation=4.5)
        for month, mean in ((0, 16.4), (1, 13.0), (2, 11.5))
    )
    return ExpectedView(
        program_id=PROGRAM, enrollment_id=EPISODE, began_on=date(2026, 3, 2), instrument="phq-9",
        instrument_version="1", scale="total", episodes=80, not_shown=None, points=points,
    )


def cohort() -> CourseView:
    """Sixty episodes; the last point is a single one."""
    given = (("0", 60, 0, 16.2, 5.1), ("1", 52, 6, 13.1, 5.6), ("2", 1, 31, 12.0, None))
    points = tuple(
        PointView(point=point, n=n, missing=missing, not_yet_due=60 - n - missing, mean=mean,
                  standard_deviation=deviation, mean_change=None)
        for point, n, missing, mean, deviation in given
    )  # fmt: skip
    return CourseView(instrument="phq-9", instrument_version="1", scale="total", by="month", cohort=60, points=points)


def stay(*days: tuple[int, Ended]) -> Stay:
    """Five stays: of 10 and 30 days ended by dropping out, of 20, 30 and 40 days not; or those of the days given."""
    given: tuple[tuple[int, Ended], ...] = days or (
        (10, "dropped_out"), (20, "completed"), (30, "dropped_out"), (30, "in_care"), (40, "other"),
    )
    members = [
        Member(an_id("patient", n), an_id("enrollment", n), PROGRAM, None, "intensive_outpatient", None,
               date(2026, 3, 2), ended, lasted, *[None] * 7)
        for n, (lasted, ended) in enumerate(given)
    ]  # fmt: skip
    return stay_of(stays(members, "program", "day", outside=False)[0])


def attended() -> AttendanceMap:
    """Two patients and three days, with each mark once at least; nobody expected the second one on the first day."""
    def day(on: int, came: int = 0, excused: int = 0, absent: int = 0) -> AttendanceDay:
        return AttendanceDay(on=date(2026, 3, on), came=came, excused=excused, absent=absent)

    return AttendanceMap(
        program_id=PROGRAM, first=date(2026, 3, 2), last=date(2026, 3, 6), patients=(
            PatientAttendance(patient_id=PATIENT, days=(day(2, came=1, absent=1), day(4, excused=1), day(6))),
            PatientAttendance(patient_id=f"2{PATIENT[1:]}", days=(day(4, came=2), day(6, absent=1))),
        ),
    )  # fmt: skip
