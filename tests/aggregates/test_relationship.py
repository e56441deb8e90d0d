"""Who treats a patient, by the facts: the team, the document in hand, the room, the alert, and nobody else."""

from __future__ import annotations

from typing import Any

import pytest

from aggregates.enrollment.facts import (
    AttendingCorrected,
    DiagnosisRecorded,
    DischargeCorrected,
    PatientAdmitted,
    PatientDischarged,
    PatientReferred,
)
from aggregates.group import AGGREGATE as GROUP
from aggregates.group.facts import FacilitatorAssigned, FacilitatorSubstituted, GroupFormed, PatientRostered
from aggregates.kit import altered
from aggregates.note.facts import (
    FacilitatorSigned,
    NoteCosigned,
    NoteDrafted,
    NoteEnteredInError,
    NoteReturned,
    NoteSigned,
)
from aggregates.relationship import Treated, leads_a_group, leads_sessions
from aggregates.risk.facts import Alert, AlertAcknowledged
from aggregates.session.facts import (
    Attendance,
    AttendanceCorrected,
    Interval,
    PatientCheckedIn,
    PatientExpected,
    PatientMarkedAbsent,
    PatientNotExpected,
    SessionCancelled,
    SessionRescheduled,
    SessionStarted,
)
from tests.aggregates.scenario import an_id, folded

PATIENT, PROGRAM, EPISODE, NOTE, SESSION = (
    an_id(one) for one in ("patient", "program", "enrollment", "note", "session")
)
INTAKE, ATTENDING, THERAPIST, SUPERVISOR, NEXT = (an_id("clinician", number) for number in range(1, 6))
WEDNESDAY = "2026-03-11T15:00:00.000000Z"
REFERRED = (EPISODE, PatientReferred(patient_id=PATIENT, program_id=PROGRAM, referred_on="2026-02-26", source="self"))
ADMITTED = (EPISODE, PatientAdmitted(
    admitted_on="2026-03-02", level_of_care="intensive_outpatient", focus="mental_health", admission_type="elective",
    admission_source="referral", attending_id=ATTENDING, planned_days=3, planned_minutes=540,
))  # fmt: skip
DISCHARGED = (EPISODE, PatientDischarged(discharged_on="2026-04-10", reason="completed", patient_status="01"))
DRAFTED = NoteDrafted(
    kind="individual", program_id=PROGRAM, author_id=THERAPIST, service_date="2026-03-10",
    service_ended_at="2026-03-10T16:00:00Z", session_id=SESSION, patient_id=PATIENT, enrollment_id=EPISODE,
    attendance_id=an_id("attendance"), content_digest="0" * 64,
)  # fmt: skip
EXPECTED = PatientExpected(
    patient_id=PATIENT, attendance_id=an_id("attendance"), enrollment_id=EPISODE, program_id=PROGRAM,
    service_kind="individual", service_date="2026-03-10", starts_at="2026-03-10T15:00:00Z",
    ends_at="2026-03-10T16:00:00Z", scheduled_minutes=60, cause="appointment",
)  # fmt: skip


def signed(**changes: Any) -> NoteSigned:
    """The therapist's signature."""
    fields: dict[str, Any] = {
        "signer_id": THERAPIST, "content_digest": "0" * 64, "note_version": 1, "service_date": "2026-03-10",
        "signed_at": "2026-03-10T18:00:00Z", "credential_active": True, "needs_cosignature": False,
    }  # fmt: skip
    return NoteSigned(**(fields | changes))


COSIGNED = NoteCosigned(
    signer_id=SUPERVISOR, content_digest="0" * 64, note_version=1, service_date="2026-03-10",
    signed_at="2026-03-10T19:00:00Z", credential_active=True,
)  # fmt: skip


def known(*facts: tuple[str, Any], by: str = INTAKE) -> Treated:
    """What a patient's facts, each with its stream, say."""
    treated = Treated()
    for stream, fact in facts:
        treated.take(stream, fact, lambda: by)
    return treated


def test_the_team_is_who_attends_admitted_diagnosed_or_documented() -> None:
    """While the episode is open."""
    diagnosed = DiagnosisRecorded(code="F33.1", rank=1, effective_from="2026-03-02", diagnosed_by=SUPERVISOR)
    whole = known(REFERRED, ADMITTED, (EPISODE, diagnosed), (NOTE, DRAFTED), (NOTE, signed()))
    assert whole.people(WEDNESDAY) == {INTAKE, ATTENDING, SUPERVISOR, THERAPIST}
    handed_over = (EPISODE, AttendingCorrected(was_attending_id=ATTENDING, attending_id=NEXT, cause="left"))
    assert known(REFERRED, ADMITTED, handed_over).people(WEDNESDAY) == {INTAKE, NEXT}


@pytest.mark.parametrize(("now", "people"), [
    ("2026-05-10T00:00:00.000000Z", {INTAKE, ATTENDING}), ("2026-05-10T00:00:00.000001Z", set()),
])  # fmt: skip
def test_the_team_stays_for_thirty_days_after_the_discharge(now: str, people: set[str]) -> None:
    """Of 10 April: through 10 May; a discharge that is taken back ends nothing."""
    assert known(REFERRED, ADMITTED, DISCHARGED).people(now) == people
    back = (EPISODE, DischargeCorrected(was_discharged_on="2026-04-10", cause="entry_error"))
    assert known(REFERRED, ADMITTED, DISCHARGED, back).people(now) == {INTAKE, ATTENDING}


def test_a_document_in_hand_keeps_its_author_and_whose_cosignature_it_waits_for() -> None:
    """However long ago the episode ended; signed by all, or struck, it keeps nobody."""
    late, over = "2027-01-01T00:00:00.000000Z", (REFERRED, ADMITTED, DISCHARGED)
    owed = (NOTE, signed(needs_cosignature=True, supervisor_id=SUPERVISOR))
    struck = (NOTE, NoteEnteredInError(declared_by=THERAPIST, cause="wrong_patient"))
    returned = (NOTE, NoteReturned(returned_by=SUPERVISOR, cause="incomplete"))
    for facts, people in (
        (((NOTE, DRAFTED),), {THERAPIST}), (((NOTE, DRAFTED), (NOTE, signed())), set()),
        (((NOTE, DRAFTED), owed), {THERAPIST, SUPERVISOR}), (((NOTE, DRAFTED), owed, (NOTE, COSIGNED)), set()),
        (((NOTE, DRAFTED), (NOTE, signed()), returned), {THERAPIST}), (((NOTE, DRAFTED), struck), set()),
    ):  # fmt: skip
        assert known(*over, *facts).people(late) == people


BESIDE = FacilitatorSigned(
    signer_id=NEXT, content_digest="0" * 64, note_version=1, service_date="2026-03-10",
    signed_at="2026-03-10T20:00:00Z", credential_active=True,
)  # fmt: skip
SHARED = an_id("note", 2)


def test_a_facilitators_signature_is_lacking_until_it_stands_under_the_part_or_what_all_share() -> None:
    """From the author's on, not for the author; again once words came back; and nothing of another session counts."""
    narrative = altered(DRAFTED, kind="group_narrative", patient_id=None, enrollment_id=None, attendance_id=None)
    both = ((SHARED, narrative), (NOTE, DRAFTED))
    ready = (*both, (SHARED, signed()), (NOTE, signed()))
    returned, struck = (
        (NOTE, NoteReturned(returned_by=SUPERVISOR, cause="incomplete")),
        (SHARED, NoteEnteredInError(declared_by=THERAPIST, cause="duplicate")),
    )
    for facts, lacking in (
        (both, False), (ready, True), ((*ready, (NOTE, BESIDE)), False), ((*ready, (SHARED, BESIDE)), False),
        ((*ready, (NOTE, BESIDE), returned), True), ((*ready, (NOTE, BESIDE), returned, (NOTE, signed())), True),
        ((*ready, (SHARED, BESIDE), struck), True),
    ):  # fmt: skip
        assert known(*facts).lacks_signature_of(NEXT, SESSION) == lacking
    assert not known(*ready).lacks_signature_of(THERAPIST, SESSION)
    assert not known(*ready).lacks_signature_of(NEXT, an_id("session", 2))
    assert NEXT not in known(REFERRED, ADMITTED, *ready).people(WEDNESDAY)  # of the document alone, never of the chart


def test_a_session_opens_the_chart_from_one_day_before_it_until_its_documents_are_signed() -> None:
    """At 15:00 on 9 March for a session of 15:00 on the 10th; it closes with the last signature that it needs."""
    place = known((SESSION, EXPECTED))
    assert place.sessions("2026-03-09T14:59:59.999999Z") == []
    assert place.sessions("2026-03-09T15:00:00.000000Z") == place.sessions("2026-06-01T00:00:00.000000Z") == [SESSION]
    assert known((SESSION, EXPECTED), (NOTE, DRAFTED)).sessions(WEDNESDAY) == [SESSION]
    assert known((SESSION, EXPECTED), (NOTE, DRAFTED), (NOTE, signed())).sessions(WEDNESDAY) == []
    owed = (NOTE, signed(needs_cosignature=True, supervisor_id=SUPERVISOR))
    assert known((SESSION, EXPECTED), (NOTE, DRAFTED), owed).sessions(WEDNESDAY) == [SESSION]
    assert known((SESSION, EXPECTED), (NOTE, DRAFTED), owed, (NOTE, COSIGNED)).sessions(WEDNESDAY) == []


def test_a_session_stays_open_while_the_patients_own_document_is_missing_or_rests_on_nothing() -> None:
    """Given what all share is signed and no part, or a part whose narrative was struck, the session is not documented;
    with both signed it is."""
    narrative = altered(DRAFTED, kind="group_narrative", patient_id=None, enrollment_id=None, attendance_id=None)
    shared = ((SESSION, EXPECTED), (SHARED, narrative), (SHARED, signed()))
    part = ((NOTE, altered(DRAFTED, kind="group", narrative_id=SHARED)), (NOTE, signed()))
    struck = (SHARED, NoteEnteredInError(declared_by=THERAPIST, cause="wrong_patient"))
    anew, of_the_day = an_id("note", 3), (NOTE, altered(DRAFTED, kind="daily", session_id=None, attendance_id=None))
    for facts, opened in (
        (shared, True), ((*shared, *part), False), ((*shared, *part, struck), True),
        ((*shared, *part, struck, (anew, narrative)), True),
        ((*shared, *part, struck, (anew, narrative), (anew, signed())), False),
        ((*shared, struck, of_the_day, (NOTE, signed())), False),  # which rests on none
    ):  # fmt: skip
        assert known(*facts).sessions(WEDNESDAY) == [SESSION] * opened


def test_a_session_that_was_moved_is_open_around_its_new_time() -> None:
    """Planned for 10 March at 15:00 and moved to the 20th: from 15:00 on the 19th on, not before the old time."""
    moved = (SESSION, SessionRescheduled(
        service_date="2026-03-20", starts_at="2026-03-20T15:00:00Z", ends_at="2026-03-20T16:00:00Z",
        facilitators=(NEXT,), cause="snow",
    ))  # fmt: skip
    place = known((SESSION, EXPECTED), moved)
    assert place.sessions(WEDNESDAY) == place.sessions("2026-03-19T14:59:59.999999Z") == []
    assert place.sessions("2026-03-19T15:00:00.000000Z") == [SESSION]


def test_who_came_after_all_is_written_about_and_who_did_not_is_not() -> None:
    """Given somebody was marked absent, when they arrive, or it is corrected that they were there, then the session is
    open long after; corrected to absent, it is not."""
    late = "2026-06-01T00:00:00.000000Z"
    place = {"patient_id": PATIENT, "attendance_id": an_id("attendance"), "enrollment_id": EPISODE,
             "service_date": "2026-03-10"}  # fmt: skip
    kind = {"program_id": PROGRAM, "service_kind": "individual"}
    missed = (SESSION, PatientMarkedAbsent(**place, **kind, excused=False, cause="no_show"))
    arrived = (SESSION, PatientCheckedIn(
        **place, **kind, arrived_at="2026-03-10T15:20:00Z", modality="in_person", place_of_service="53",
        cause="expected",
    ))  # fmt: skip

    def corrected(*there: Interval) -> tuple[str, AttendanceCorrected]:
        after = Attendance(
            attendance_id=an_id("attendance"), status="present" if there else "absent", intervals=there,
            minutes=40 * len(there), modality="in_person", place_of_service="53",
        )
        return SESSION, AttendanceCorrected(
            **place, before=None, after=after, head_count=1, peak_count=1, cause="entry_error"
        )

    present, absent = corrected(Interval(start="2026-03-10T15:20:00Z", stop="2026-03-10T16:00:00Z")), corrected()
    for facts, opened in (
        ((missed,), False), ((missed, arrived), True), ((missed, present), True), ((arrived, absent), False),
        ((arrived, absent, present), True),
    ):  # fmt: skip
        assert known((SESSION, EXPECTED), *facts).sessions(late) == [SESSION] * opened


def test_a_session_that_the_patient_left_or_missed_opens_nothing_for_long() -> None:
    """Taken off the roster: at once; missed: a day after its end, so that it can be said."""
    off = (SESSION, PatientNotExpected(attendance_id=an_id("attendance"), cause="moved"))
    assert known((SESSION, EXPECTED), off).sessions(WEDNESDAY) == []
    missed = (SESSION, PatientMarkedAbsent(
        patient_id=PATIENT, attendance_id=an_id("attendance"), enrollment_id=EPISODE, program_id=PROGRAM,
        service_kind="individual", service_date="2026-03-10", excused=False, cause="no_show",
    ))  # fmt: skip
    assert known((SESSION, EXPECTED), missed).sessions("2026-03-11T16:00:00.000000Z") == [SESSION]
    assert known((SESSION, EXPECTED), missed).sessions("2026-03-11T16:00:00.000001Z") == []


def test_whoever_was_in_the_room_led_it_and_nobody_led_what_was_cancelled() -> None:
    """By the last word on the session."""
    started = SessionStarted(started_at="2026-03-10T15:00:00Z", facilitators=(NEXT,), topic="coping")
    cancelled = SessionCancelled(service_date="2026-03-10", cause="snow")
    assert leads_sessions({"a": started, "b": cancelled}) == {NEXT}


def test_who_leads_the_patients_group_and_who_stands_in_today_treat_the_patient() -> None:
    """A substitute's day is today; the patient must have a place."""
    formed = GroupFormed(
        program_id=PROGRAM, topic="coping", service_kind="group", capacity=12, modality="in_person",
        formed_on="2026-03-01",
    )  # fmt: skip
    lead = FacilitatorAssigned(clinician_id=THERAPIST, effective_from="2026-03-01")
    place = PatientRostered(
        patient_id=PATIENT, enrollment_id=EPISODE, effective_from="2026-03-02", cause="assigned", over_capacity=False
    )
    stands_in = FacilitatorSubstituted(clinician_id=NEXT, in_place_of=THERAPIST, on="2026-03-11", cause="ill")
    state = folded(GROUP, formed, lead, place, stands_in)
    assert {NEXT} <= leads_a_group(state, PATIENT, WEDNESDAY)
    assert leads_a_group(state, PATIENT, "2026-03-20T15:00:00.000000Z") == {THERAPIST}
    assert leads_a_group(state, an_id("patient", 2), WEDNESDAY) == frozenset()
    assert leads_a_group(state, PATIENT, "2026-02-20T15:00:00.000000Z") == frozenset()


def test_who_took_an_alert_treats_the_patient_while_an_episode_is_open() -> None:
    """Whoever takes it upon themselves has to read why."""
    alert = Alert(kind="no_measure", about=EPISODE, since="2026-03-09")
    taken = ("r", AlertAcknowledged(
        patient_id=PATIENT, program_id=PROGRAM, alert=alert, outcome="taken", acknowledged_by=NEXT, cause="called",
    ))  # fmt: skip
    assert NEXT in known(REFERRED, ADMITTED, taken).people(WEDNESDAY)
    assert known(REFERRED, ADMITTED, DISCHARGED, taken).people("2027-01-01T00:00:00.000000Z") == frozenset()


def test_who_waits_for_an_admission_has_no_team_and_is_everybodys_of_the_program() -> None:
    """Until the admission, or a discharge without one; in another program it is nobody's."""
    assert known().awaits_admission([PROGRAM])
    assert known(REFERRED).awaits_admission([PROGRAM])
    assert not known(REFERRED).awaits_admission([an_id("program", 2)])
    assert not known(REFERRED, ADMITTED).awaits_admission([PROGRAM])
    assert not known(REFERRED, DISCHARGED).awaits_admission([PROGRAM])


def test_who_took_an_alert_of_safety_treats_the_patient_until_it_is_cleared() -> None:
    """However long ago the patient left: somebody has to be able to judge. Of another alert nobody does."""
    late, over = "2027-01-01T00:00:00.000000Z", (REFERRED, ADMITTED, DISCHARGED)
    alert = Alert(kind="safety_item", about=an_id("assessment"), since="2026-04-09")

    def done(outcome: Any, by: str, about: Alert = alert) -> tuple[str, Any]:
        return ("r", AlertAcknowledged(
            patient_id=PATIENT, program_id=PROGRAM, alert=about, outcome=outcome, acknowledged_by=by, cause="x",
        ))  # fmt: skip

    assert known(*over, done("taken", THERAPIST)).people(late) == {THERAPIST}
    assert known(*over, done("taken", THERAPIST), done("taken", NEXT)).people(late) == {NEXT}
    assert known(*over, done("taken", THERAPIST), done("cleared", NEXT)).people(late) == set()
    missing = Alert(kind="no_measure", about=EPISODE, since="2026-03-20")
    assert known(*over, done("taken", THERAPIST, missing)).people(late) == set()
