"""How much of what was planned an episode attended, from the sessions' facts; and what that has to do with change."""

from __future__ import annotations

from math import sqrt

import pytest

import aggregates.registry  # noqa: F401 - a session's package cannot be the first of all to be imported
from aggregates.session.facts import (
    Attendance,
    AttendanceCorrected,
    AttendanceStatus,
    BreaksCorrected,
    Interval,
    PatientCheckedIn,
    PatientMarkedAbsent,
    SessionCancelled,
    SessionClosed,
)
from projections.outcomes import MODEL
from projections.outcomes.cohorts.members import Member
from projections.outcomes.cohorts.staying import attendance
from projections.outcomes.rows import Attended
from tests.projections.outcomes.past import ENROLLMENT, PATIENT, PROGRAM, admit, open_program, taken
from tests.projections.outcomes.people import ASKED, member
from tests.projections.story import Story, an_id, folded


def place(number: int, patient: int, minutes: int, status: AttendanceStatus = "present") -> Attendance:
    """A patient's attendance in the session of a number."""
    return Attendance(
        attendance_id=an_id("attendance", 100 * number + patient), status=status, intervals=(), minutes=minutes,
        modality="in_person", place_of_service="53",
    )  # fmt: skip


def expected(story: Story, number: int, patient: int, here: bool, day: str) -> None:
    """A patient is checked in or marked absent."""
    whose = {
        "patient_id": an_id("patient", patient), "attendance_id": an_id("attendance", 100 * number + patient),
        "enrollment_id": an_id("enrollment", patient), "program_id": PROGRAM, "service_kind": "group",
        "service_date": day,
    }  # fmt: skip
    come = {"arrived_at": f"{day}T14:00:00Z", "modality": "in_person", "place_of_service": "53", "cause": "expected"}
    fact = PatientCheckedIn(**whose, **come) if here else PatientMarkedAbsent(**whose, excused=True, cause="ill")  # type: ignore[arg-type] # as the facts have them
    story.tell(an_id("session", number), fact)


def closed(day: str, *attendances: Attendance) -> SessionClosed:
    """A session of three hours ends."""
    times = Interval(start=f"{day}T14:00:00Z", stop=f"{day}T17:00:00Z")
    return SessionClosed(
        program_id=PROGRAM, service_kind="group", level_of_care="intensive_outpatient", topic="coping",
        service_date=day, scheduled=times, actual=times, facilitators=(an_id("clinician"),), breaks=(),
        attendances=attendances, head_count=len(attendances), peak_count=len(attendances),
    )  # fmt: skip


def weeks() -> Story:
    """Two sessions on one day and one on the next: patient 1 is there, late, and away; patient 2 is at the first."""
    story = Story()
    open_program(story)
    for patient in (1, 2):
        admit(story, patient)
    for number, day in ((1, "2026-01-05"), (2, "2026-01-05"), (3, "2026-01-06")):
        expected(story, number, 1, number < 3, day)
        if number == 1:
            expected(story, number, 2, here=True, day=day)
    story.tell(an_id("session", 1), closed("2026-01-05", place(1, 1, 170), place(1, 2, 120)))
    story.tell(an_id("session", 2), closed("2026-01-05", place(2, 1, 60)))
    story.tell(an_id("session", 3), closed("2026-01-06", place(3, 1, 0, "absent_excused")))
    return story


def attended(story: Story, patient: str = PATIENT, batch: int | None = None) -> list[Attended]:
    """A patient's rows of attendance."""
    return [Attended(*row) for row in folded(MODEL, story.recorded(MODEL), batch).rows["attended"][patient,]]


@pytest.mark.parametrize("batch", [None, 1, 4])
def test_an_episode_attended_some_of_what_was_planned(batch: int | None) -> None:
    """170 and 60 of three times 180 minutes on one of two days; another patient's are another's."""
    story = weeks()
    assert attended(story, batch=batch) == [Attended(PATIENT, ENROLLMENT, 3, 2, 1, 540, 230)]
    [other] = attended(story, an_id("patient", 2), batch)
    assert (other.sessions, other.planned_minutes, other.attended_minutes) == (1, 180, 120)


def test_corrections_move_what_was_attended() -> None:
    """An absence that was none, breaks that were longer, and somebody who was forgotten."""
    story = weeks()
    away = place(3, 1, 0, "absent_excused")
    correction = {
        "patient_id": PATIENT, "attendance_id": away.attendance_id, "enrollment_id": ENROLLMENT, "head_count": 1,
        "service_date": "2026-01-06", "peak_count": 1, "cause": "sign_in_sheet",
    }  # fmt: skip
    story.tell(an_id("session", 3), AttendanceCorrected(**correction, before=away, after=place(3, 1, 175)))  # type: ignore[arg-type] # as the fact has them
    story.tell(an_id("session", 1), BreaksCorrected(
        service_date="2026-01-05", before=(), breaks=(), attendances=(place(1, 1, 150),), cause="entry_error"
    ))
    assert attended(story) == [Attended(PATIENT, ENROLLMENT, 3, 2, 2, 540, 150 + 60 + 175)]
    forgotten = place(2, 2, 90)
    whose = {
        "patient_id": an_id("patient", 2), "enrollment_id": an_id("enrollment", 2), "service_date": "2026-01-05",
        "attendance_id": forgotten.attendance_id,
    }  # fmt: skip
    story.tell(an_id("session", 2), AttendanceCorrected(**correction | whose, before=None, after=forgotten))  # type: ignore[arg-type] # as above
    [other] = attended(story, an_id("patient", 2))
    assert (other.sessions, other.planned_minutes, other.attended_minutes) == (2, 270, 210)


def test_a_session_that_was_called_off_is_taken_from_nobody() -> None:
    """Neither planned nor attended."""
    story = Story()
    open_program(story)
    admit(story)
    expected(story, 1, 1, here=True, day="2026-01-05")
    story.tell(an_id("session", 1), SessionCancelled(service_date="2026-01-05", cause="no_facilitator"))
    assert PATIENT not in {patient for (patient,) in folded(MODEL, story.recorded(MODEL)).rows.get("attended", {})}


def test_a_session_makes_no_measure_anew() -> None:
    """A batch with sessions only writes attendance only: they are the most of a patient's facts."""
    story = weeks()
    story.tell(an_id("assessment", 1), taken("2026-01-05", 15))
    facts = story.recorded(MODEL)
    split = next(place for place, one in enumerate(facts) if one.name == "session.closed")
    rows = folded(MODEL, [*facts[:split], facts[-1]]).rows
    assert {"measure", "episode"} <= rows.keys()
    assert "measure" not in folded(MODEL, facts[split:-1]).rows


def people() -> list[Member]:
    """Six who attended 10 to 60 of 100 minutes and improved by 1, 2, 2, 4, 8 and 6 points; two others."""
    better = (1, 2, 2, 4, 8, 6)
    return [
        *(
            member(place, baseline=20, last=20 - points, planned_minutes=100, attended_minutes=10 * (place + 1))
            for place, points in enumerate(better)
        ),
        member(7, planned_minutes=100, attended_minutes=0), member(8, baseline=20, last=10),
    ]  # fmt: skip


def test_thirds_by_attendance_stand_beside_their_change() -> None:
    """1.5, 3 and 7 points better; ranks correlate by 16/√(17.5 x 17); who cannot be counted is told."""
    [found] = attendance(people(), ASKED)
    assert (found.n, found.never_again, found.nothing_planned) == (6, 1, 1)
    assert [(one.over, one.up_to, one.attendance_mean) for one in found.thirds] == [
        (None, 0.2, pytest.approx(0.15)), (0.2, 0.4, pytest.approx(0.35)), (0.4, None, pytest.approx(0.55)),
    ]  # fmt: skip
    assert [one.group and one.group.change.value for one in found.thirds] == [-1.5, -3, -7]
    assert found.correlation is not None
    assert found.correlation.value == pytest.approx(16 / sqrt(17.5 * 17))


def test_equal_shares_are_in_one_third() -> None:
    """Whoever attended as much as another stands with the other, in whatever order they come."""
    same = [member(place, last=10, planned_minutes=60, attended_minutes=60) for place in range(5)]
    [found] = attendance(same, ASKED)
    assert [one.group and one.group.n for one in found.thirds] == [5, 0, 0]
    assert found.correlation is not None
    assert found.correlation.value is None
    assert attendance(people()[::-1], ASKED) == attendance(people(), ASKED)


def test_from_outside_few_are_no_table() -> None:
    """Six episodes are none."""
    [found] = attendance(people(), ASKED._replace(outside=True))
    assert (found.suppressed, found.n, found.correlation, found.thirds) == (True, None, None, ())
