"""A past for the tests of the audit trail: two programs, a late correction, an override, the organization's facts."""

from __future__ import annotations

from aggregates.assessment.facts import AssessmentAdministered
from aggregates.clinician.facts import ClinicianJoined
from aggregates.enrollment.facts import PatientReferred
from aggregates.group.facts import GroupFormed, PatientRostered
from aggregates.patient.facts import PatientRegistered
from aggregates.program.facts import ProgramOpened
from aggregates.session.facts import Attendance, AttendanceCorrected, PatientExpected, SessionScheduled, SessionStarted
from tests.projections.story import Story, an_id

ADULTS, TEENS = an_id("program", 1), an_id("program", 2)
ANA, BEN = an_id("patient", 1), an_id("patient", 2)
NURSE, DIRECTOR = an_id("nurse"), an_id("director")
SESSION, GROUP = an_id("session"), an_id("group")


def attendance(number: int, status: str, minutes: int) -> Attendance:
    """One attendee's attendance without intervals."""
    return Attendance(
        attendance_id=an_id("attendance", number), status=status, intervals=(), minutes=minutes,  # type: ignore[arg-type] # validated on the way in
        modality="in_person", place_of_service="53",
    )


def past() -> Story:
    """The whole of it: 14 facts."""
    story = Story()
    for program, code in ((ADULTS, "adults"), (TEENS, "teens")):
        opened = ProgramOpened(
            code=code, level_of_care="intensive_outpatient", focus="mental_health", population="adult",
            time_zone="America/New_York", opened_on="2026-01-01",
        )
        story.tell(program, opened, by=DIRECTOR, role="director")
    story.tell(
        an_id("clinician"),
        ClinicianJoined(programs=(ADULTS,), discipline="lcsw", associate=False, joined_on="2026-01-01", has_npi=True),
        by=DIRECTOR, role="director",
    )
    for number, (patient, program) in enumerate(((ANA, ADULTS), (BEN, TEENS)), 1):
        registered = PatientRegistered(year_of_birth=1990, has_medical_record_number=True, has_address=False)
        story.tell(patient, registered, by=NURSE, role="front_desk", on_behalf_of=DIRECTOR)
        referred = PatientReferred(patient_id=patient, program_id=program, referred_on="2026-03-01", source="self")
        story.tell(an_id("enrollment", number), referred, by=NURSE, role="front_desk")
    _session(story)
    story.tell(
        an_id("assessment"),
        AssessmentAdministered(
            patient_id=BEN, program_id=TEENS, instrument="phq-9", instrument_version="1", administered_on="2026-03-10",
            administered_at="2026-03-10T15:00:00Z", occasion="routine", respondent="patient", entered_score=12,
        ),
        at="2026-03-10T15:00:00Z", recorded="2026-03-15T15:00:00Z",
    )
    return story


def _session(story: Story) -> None:
    story.tell(
        SESSION,
        SessionScheduled(
            program_id=ADULTS, service_kind="group", level_of_care="intensive_outpatient", topic="coping",
            service_date="2026-03-03", starts_at="2026-03-03T14:00:00Z", ends_at="2026-03-03T17:00:00Z",
            modality="in_person", place_of_service="53", facilitators=(),
        ),
    )
    for number, patient in ((1, ANA), (2, BEN)):
        story.tell(
            SESSION,
            PatientExpected(
                patient_id=patient, attendance_id=an_id("attendance", number),
                enrollment_id=an_id("enrollment", number), program_id=ADULTS,
                service_kind="group", service_date="2026-03-03", starts_at="2026-03-03T14:00:00Z",
                ends_at="2026-03-03T17:00:00Z", scheduled_minutes=180, cause="roster",
            ),
        )
    started = SessionStarted(started_at="2026-03-03T14:00:00Z", facilitators=(), topic="coping")
    story.tell(SESSION, started, at="2026-03-03T14:00:00Z")
    story.tell(
        GROUP,
        GroupFormed(
            program_id=ADULTS, topic="coping", service_kind="group", capacity=1, modality="in_person",
            formed_on="2026-03-03",
        ),
    )
    story.tell(
        GROUP,
        PatientRostered(
            patient_id=BEN, enrollment_id=an_id("enrollment", 2), effective_from="2026-03-03", cause="walk_in",
            over_capacity=True,
        ),
    )
    story.tell(
        SESSION,
        AttendanceCorrected(
            patient_id=ANA, attendance_id=an_id("attendance", 1), enrollment_id=an_id("enrollment", 1),
            service_date="2026-03-03", before=attendance(1, "absent", 0), after=attendance(1, "present", 165),
            head_count=1, peak_count=1, cause="sign_in_sheet",
        ),
        at="2026-03-03T17:00:00Z", recorded="2026-03-12T09:30:00Z", by=DIRECTOR, role="director", reason="sheet_found",
    )
