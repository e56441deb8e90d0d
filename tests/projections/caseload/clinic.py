"""A small clinic to tell stories about: sentences that become facts with fixed, readable ids.

Two programs in two zones: 1 in New York, 2 in Los Angeles. In March 2026, from the 8th on, they are four and seven
hours behind UTC; Monday 16 March is the day of most stories.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from aggregates.authorization.facts import AuthorizationApproved, AuthorizationRequested
from aggregates.enrollment.facts import (
    PatientAdmitted,
    PatientDischarged,
    PatientReferred,
    PlanCertified,
    PlanOfCareAdopted,
)
from aggregates.note.facts import NoteDrafted, NoteSigned
from aggregates.patient.facts import Identity, PatientRegistered
from aggregates.program.facts import ProgramName, ProgramOpened
from aggregates.session.facts import (
    Attendance,
    Interval,
    PatientCheckedIn,
    PatientExpected,
    SessionClosed,
    SessionScheduled,
    SessionStarted,
)
from iop_es.engine.sealer import PassThrough
from tests.projections.story import Story, an_id

UNSEALED = PassThrough().open  # how a story's names open
MONDAY = "2026-03-16"
NOON = "2026-03-16T16:00:00.000000Z"  # in New York
ZONES = {1: "America/New_York", 2: "America/Los_Angeles"}


def eastern(clock: str, day: str = MONDAY) -> str:
    """An instant at a clock time (HH:MM) in New York, after 8 March."""
    return f"{day}T{clock}:00-04:00"


@dataclass
class Clinic:
    """Tells facts to a story; numbers stand for ids."""

    story: Story = field(default_factory=Story)

    def opens(self, *programs: int) -> Clinic:
        """Programs open."""
        for number in programs or (1,):
            self.story.tell(an_id("program", number), ProgramOpened(
                code=f"iop-{number}", level_of_care="intensive_outpatient", focus="mental_health", population="adult",
                time_zone=ZONES[number], opened_on="2026-01-02", sealed=ProgramName(name=f"Program {number}"),
            ), role="director")
        return self

    def registers(self, patient: int, family: str = "Stone", given: str = "Ada") -> Clinic:
        """A patient is known."""
        self.story.tell(an_id("patient", patient), PatientRegistered(
            year_of_birth=1990, has_medical_record_number=False, has_address=False,
            sealed=Identity(family_name=family, given_name=given, birth_date="1990-05-04", sex="female"),
        ), role="front_desk")
        return self

    def refers(self, patient: int, on: str = "2026-03-09", program: int = 1, episode: int | None = None) -> Clinic:
        """A referral; the episode has the patient's number unless another is given."""
        self.story.tell(an_id("enrollment", episode or patient), PatientReferred(
            patient_id=an_id("patient", patient), program_id=an_id("program", program), referred_on=on,
            source="hospital",
        ))
        return self

    def admits(self, episode: int, on: str = "2026-03-11") -> Clinic:
        """An admission to intensive outpatient care."""
        self.story.tell(an_id("enrollment", episode), PatientAdmitted(
            admitted_on=on, level_of_care="intensive_outpatient", focus="mental_health", admission_type="elective",
            admission_source="referral", attending_id=an_id("clinician", 9), planned_days=3, planned_minutes=540,
        ))
        return self

    def takes_in(self, *patients: int, program: int = 1, on: str = "2026-03-11") -> Clinic:
        """Patients are registered, referred and admitted."""
        for number in patients:
            self.registers(number).refers(number, on="2026-03-09", program=program).admits(number, on=on)
        return self

    def discharges(self, episode: int, on: str, reason: Any = "completed") -> Clinic:
        """The last day of an episode."""
        return self.says("enrollment", episode, PatientDischarged(discharged_on=on, reason=reason, patient_status="01"))

    def plans(self, episode: int, review: str, plan: int = 1, on: str = "2026-03-11") -> Clinic:
        """A plan of care with its review."""
        return self.says("enrollment", episode, PlanOfCareAdopted(
            plan_id=an_id("plan", plan), adopted_on=on, goals=("mood",), weekly_days=3, weekly_minutes=540,
            planned_weeks=8, review_due_on=review,
        ))

    def certifies(self, episode: int, through: str) -> Clinic:
        """A physician's certification."""
        return self.says("enrollment", episode, PlanCertified(
            plan_id=an_id("plan"), certified_on="2026-03-11", certified_through=through,
            physician_id=an_id("clinician", 9),
        ))

    def authorizes(
        self, number: int, patient: int, through: str, payer: int = 1, level: Any = "intensive_outpatient"
    ) -> Clinic:
        """Units are requested and approved."""
        self.says("authorization", number, AuthorizationRequested(
            patient_id=an_id("patient", patient), enrollment_id=an_id("enrollment", patient),
            program_id=an_id("program"), payer_id=an_id("payer", payer), level_of_care=level, procedure_code="S9480",
            units=24, unit_basis="day", valid_from="2026-03-11", valid_through="2026-06-01", requested_on="2026-03-10",
        ))
        return self.says("authorization", number, AuthorizationApproved(
            procedure_code="S9480", units=12, unit_basis="day", valid_from="2026-03-11", valid_through=through,
            decided_on="2026-03-12", has_number=False,
        ))

    def schedules(
        self, session: int, start: str, end: str, *, patients: tuple[int, ...] = (), day: str = MONDAY,
        program: int = 1, facilitators: tuple[int, ...] = (1,), kind: Any = "group",
    ) -> Clinic:
        """A session with its roster; times are New York's."""
        common: dict[str, Any] = {
            "program_id": an_id("program", program), "service_kind": kind, "service_date": day,
            "starts_at": eastern(start, day), "ends_at": eastern(end, day),
        }
        self.says("session", session, SessionScheduled(
            **common, group_id=an_id("group") if kind == "group" else None, level_of_care="intensive_outpatient",
            topic="coping", modality="in_person", place_of_service="11",
            facilitators=tuple(an_id("clinician", one) for one in facilitators),
        ))
        for patient in patients:
            self.says("session", session, PatientExpected(
                **common, patient_id=an_id("patient", patient), attendance_id=attendance(session, patient),
                enrollment_id=an_id("enrollment", patient), scheduled_minutes=_minutes(start, end), cause="roster",
            ))
        return self

    def starts(self, session: int, at: str, day: str = MONDAY, facilitators: tuple[int, ...] = (1,)) -> Clinic:
        """It begins."""
        return self.says("session", session, SessionStarted(
            started_at=eastern(at, day), topic="coping",
            facilitators=tuple(an_id("clinician", one) for one in facilitators),
        ))

    def checks_in(
        self, session: int, patient: int, at: str, day: str = MONDAY, program: int = 1, cause: Any = "expected"
    ) -> Clinic:
        """An arrival."""
        return self.says("session", session, PatientCheckedIn(
            patient_id=an_id("patient", patient), attendance_id=attendance(session, patient),
            enrollment_id=an_id("enrollment", patient), program_id=an_id("program", program), service_kind="group",
            service_date=day, arrived_at=eastern(at, day), modality="in_person", place_of_service="11", cause=cause,
        ))

    def closes(
        self, session: int, start: str, end: str, came: dict[int, tuple[str, str]], *, absent: tuple[int, ...] = (),
        excused: tuple[int, ...] = (), day: str = MONDAY, program: int = 1, facilitators: tuple[int, ...] = (1,),
        kind: Any = "group",
    ) -> Clinic:
        """It closes: who came from when to when, who did not. Minutes are those of presence."""
        statuses: dict[int, Any] = dict.fromkeys(absent, "absent") | dict.fromkeys(excused, "absent_excused")
        stays = [present(session, one, *stay, day=day) for one, stay in came.items()]
        away = [missing(session, one, status) for one, status in statuses.items()]
        actual = Interval(start=eastern(start, day), stop=eastern(end, day))
        return self.says("session", session, SessionClosed(
            program_id=an_id("program", program), group_id=an_id("group"), service_kind=kind,
            level_of_care="intensive_outpatient", topic="coping", service_date=day, scheduled=actual, actual=actual,
            facilitators=tuple(an_id("clinician", one) for one in facilitators), breaks=(),
            attendances=(*stays, *away), head_count=len(came), peak_count=len(came),
        ))

    def drafts(
        self, note: int, patient: int | None, session: int | None, *, author: int = 1, day: str = MONDAY,
        ended: str = "12:00", kind: Any = "group", with_attendance: bool = True, narrative: int | None = None,
    ) -> Clinic:
        """A document is begun."""
        about = patient is not None and session is not None and with_attendance
        return self.says("note", note, NoteDrafted(
            kind=kind, program_id=an_id("program"), author_id=an_id("clinician", author), service_date=day,
            service_ended_at=eastern(ended, day), session_id=an_id("session", session) if session else None,
            service_kind="group", patient_id=an_id("patient", patient) if patient else None,
            enrollment_id=an_id("enrollment", patient) if patient else None,
            attendance_id=attendance(session or 0, patient or 0) if about else None,
            narrative_id=an_id("note", narrative) if narrative else None, content_digest="0" * 64,
        ))

    def signs(
        self, note: int, at: str, *, author: int = 1, cosign: bool = False, supervisor: int | None = None
    ) -> Clinic:
        """The author signs."""
        return self.says("note", note, NoteSigned(
            signer_id=an_id("clinician", author), content_digest="0" * 64, note_version=1, service_date=MONDAY,
            signed_at=eastern(at), credential_active=True, needs_cosignature=cosign,
            supervisor_id=an_id("clinician", supervisor) if supervisor else None,
        ))

    def says(self, kind: str, number: int, fact: Any) -> Clinic:
        """Any other fact of a numbered stream."""
        self.story.tell(an_id(kind, number), fact)
        return self


def attendance(session: int, patient: int) -> str:
    """The attendance id of a patient in a session."""
    return an_id("attendance", session * 100 + patient)


def present(session: int, patient: int, start: str, stop: str, day: str = MONDAY) -> Attendance:
    """A stay without breaks."""
    return Attendance(
        attendance_id=attendance(session, patient), status="present",
        intervals=(Interval(start=eastern(start, day), stop=eastern(stop, day)),), minutes=_minutes(start, stop),
        modality="in_person", place_of_service="11",
    )


def missing(session: int, patient: int, status: Any = "absent") -> Attendance:
    """An absence."""
    return Attendance(
        attendance_id=attendance(session, patient), status=status, intervals=(), minutes=0, modality="in_person",
        place_of_service="11",
    )


def _minutes(start: str, stop: str) -> int:
    first, last = (int(clock[:2]) * 60 + int(clock[3:]) for clock in (start, stop))
    return last - first
