"""A story in which every kind of fact that the caseload folds occurs, most of them where they surprise."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from aggregates.authorization.facts import (
    AuthorizationDenied,
    AuthorizationExtended,
    AuthorizationVoided,
    PayerContactLogged,
    PeerToPeerHeld,
    ReviewSubmitted,
)
from aggregates.clinician.facts import (
    ClinicianIdentity,
    ClinicianJoined,
    ClinicianLeft,
    CredentialLapsed,
    CredentialRecorded,
    SupervisorAssigned,
)
from aggregates.enrollment.facts import (
    AdmissionCorrected,
    AttendingCorrected,
    BenefitsVerified,
    DiagnosisRecorded,
    DischargeCorrected,
    DischargePlanned,
    DocumentLinked,
    LeaveCorrected,
    LeaveEnded,
    LeaveStarted,
    LevelOfCareAssessed,
    LevelOfCareChanged,
    PlanRecertified,
    PlanReviewed,
)
from aggregates.group.facts import (
    FacilitatorAssigned,
    FacilitatorSubstituted,
    GroupFormed,
    PatientRostered,
    PatientUnrostered,
    SeriesChanged,
    SeriesScheduled,
)
from aggregates.note.facts import (
    FacilitatorSigned,
    NarrativeReplaced,
    NoteAmended,
    NoteCosigned,
    NoteEnteredInError,
    NoteReturned,
    NoteRevised,
    PatientRefused,
    PatientSigned,
    SignatureAttested,
)
from aggregates.patient.facts import (
    ConsentRevoked,
    ConsentSigned,
    CoverageEnded,
    CoverageRecorded,
    DemographicsCorrected,
    EligibilityChecked,
    GuardianEnded,
    GuardianRecorded,
    Identity,
)
from aggregates.payer_policy.facts import PolicyPublished, PolicyRetired, PolicyRevised, PolicyVerified
from aggregates.program.facts import ClosureDeclared, ProgramClosed
from aggregates.session.facts import (
    AttendanceCorrected,
    BreaksCorrected,
    BreakTaken,
    HeadCountChanged,
    Interval,
    PatientCheckedOut,
    PatientMarkedAbsent,
    PatientNotExpected,
    SessionCancelled,
    SessionRescheduled,
)
from iop_es.demo.policies import load_policy
from tests.projections.caseload.clinic import MONDAY, Clinic, attendance, eastern, missing, present
from tests.projections.story import Story, an_id


def whole_story() -> Story:
    """All of it, in the order of recording."""
    clinic = Clinic().opens(1, 2).takes_in(1, 2, 3)
    for tell in (_people, _papers, _payers, _episodes, _authorizations, _groups, _sessions, _notes):
        tell(clinic)
    clinic.says("enrollment", 2, AdmissionCorrected(
        was_admitted_on="2026-03-02", admitted_on="2026-03-03", admission_type="3", admission_source="1",
        cause="entry_error",
    )).says("enrollment", 2, AttendingCorrected(
        was_attending_id=an_id("clinician", 7), attending_id=an_id("clinician", 8), cause="entry_error",
    ))
    clinic.discharges(3, "2026-03-20", "left_against_advice").says("enrollment", 3, DischargeCorrected(
        was_discharged_on="2026-03-20", discharged_on="2026-03-19", reason="dropped_out", patient_status="07",
        cause="entry_error",
    )).says("program", 1, ClosureDeclared(closed_from="2026-03-27", closed_through="2026-03-28", cause="holiday"))
    clinic.says("program", 2, ProgramClosed(closed_on="2026-12-31"))
    return clinic.story


def _people(clinic: Clinic) -> None:
    clinic.says("clinician", 1, ClinicianJoined(
        programs=(an_id("program"),), discipline="counselor", associate=True, joined_on="2026-01-02", has_npi=False,
        sealed=ClinicianIdentity(family_name="Hale", given_name="Miriam"),
    )).says("clinician", 1, SupervisorAssigned(supervisor_id=an_id("clinician", 7), effective_from="2026-02-01"))
    clinic.says("clinician", 1, CredentialRecorded(
        credential_id=an_id("credential"), title="LCSW", jurisdiction="NY", active_from="2024-01-01",
    )).says("clinician", 1, CredentialLapsed(
        credential_id=an_id("credential"), lapsed_on="2026-03-10", cause="expired"
    ))
    clinic.says("clinician", 1, ClinicianLeft(left_on="2026-12-31"))
    clinic.says("patient", 2, DemographicsCorrected(
        changed=("family_name",), cause="marriage", year_of_birth=1991, has_medical_record_number=False,
        has_address=False,
        sealed=Identity(family_name="Rivers", given_name="Ada", birth_date="1991-05-04", sex="female"),
    ))
    for number in (1, 2):
        clinic.says("patient", 1, CoverageRecorded(
            coverage_id=an_id("coverage", number), payer_id=an_id("payer", number), plan="gold", rank=number,
            relationship="self", effective_from="2026-01-01", has_member_number=False, has_group_number=False,
            has_subscriber=False,
        ))
    clinic.says("patient", 1, EligibilityChecked(
        coverage_id=an_id("coverage"), for_date=MONDAY, source="portal", active=True, has_trace_number=False
    )).says("patient", 1, CoverageEnded(coverage_id=an_id("coverage"), ended_on="2026-03-31", cause="terminated"))


def _papers(clinic: Clinic) -> None:
    guardian, consent = an_id("guardian"), an_id("consent")
    clinic.says("patient", 1, GuardianRecorded(
        guardian_id=guardian, relationship="parent", authority="custody", effective_from="2026-01-01"
    )).says("patient", 1, ConsentSigned(
        consent_id=consent, kind="treatment", purpose="care", recipient_payers=(), signed_on="2026-03-09",
        signed_by="guardian", guardian_id=guardian, capacity_rule="guardian", right_to_revoke_stated=True,
    )).says("patient", 1, ConsentRevoked(consent_id=consent, revoked_at=eastern("09:00")))
    clinic.says("patient", 1, GuardianEnded(guardian_id=guardian, ended_on="2026-03-15"))


def _payers(clinic: Clinic) -> None:
    terms = load_policy("commercial_mental_health").terms
    clinic.says("payer_policy", 1, PolicyPublished(
        payer_id=an_id("payer"), payer_kind="commercial", payer_name="Acme Health", code="acme-1",
        effective_from="2026-01-01", terms=terms,
    )).says("payer_policy", 1, PolicyVerified(
        verified_by=an_id("clinician"), verified_on="2026-02-01", source="manual", fields=("weekly",)
    )).says("payer_policy", 1, PolicyRevised(effective_from="2026-03-01", terms=terms, cause="renewal"))
    clinic.says("payer_policy", 1, PolicyRetired(effective_through="2026-06-30", cause="contract_ended"))


def _episodes(clinic: Clinic) -> None:
    clinic.says("enrollment", 1, BenefitsVerified(
        payer_id=an_id("payer"), coverage_id=an_id("coverage"), verified_on="2026-03-10", authorization_required=True
    )).says("enrollment", 1, LevelOfCareAssessed(
        criteria="locus", level_of_care="intensive_outpatient", score=18, assessed_on="2026-03-10",
        assessed_by=an_id("clinician"),
    )).says("enrollment", 1, DiagnosisRecorded(
        code="F33.1", rank=1, effective_from="2026-03-11", diagnosed_by=an_id("clinician", 9)
    ))
    clinic.plans(1, review="2026-03-20").certifies(1, "2026-05-10")
    clinic.plans(1, review="2026-03-12", plan=2, on="2026-03-10")
    clinic.says("enrollment", 1, PlanReviewed(
        plan_id=an_id("plan"), reviewed_on="2026-03-18", next_review_due_on="2026-04-18", patient_agreed=True,
        rationale_for_more_than_planned=False,
    )).says("enrollment", 1, DocumentLinked(
        plan_id=an_id("plan"), document_id=an_id("note", 9)
    )).says("enrollment", 1, PlanRecertified(
        plan_id=an_id("plan"), certified_on="2026-03-18", certified_through="2026-07-09",
        physician_id=an_id("clinician", 9),
    )).says("enrollment", 1, LevelOfCareChanged(
        effective_on="2026-03-18", from_level="intensive_outpatient", to_level="partial_hospitalization", cause="risk",
    ))
    leave = an_id("leave")
    clinic.says("enrollment", 2, LeaveStarted(leave_id=leave, started_on="2026-03-12", cause="travel"))
    clinic.says("enrollment", 2, LeaveEnded(leave_id=leave, returned_on=MONDAY))
    clinic.says("enrollment", 2, LeaveCorrected(
        leave_id=leave, was_started_on="2026-03-12", was_returned_on=MONDAY, started_on="2026-03-13",
        returned_on=MONDAY, cause="entry_error",
    ))
    clinic.says("enrollment", 3, DischargePlanned(planned_on="2026-03-27"))


def _authorizations(clinic: Clinic) -> None:
    for number in (1, 2, 3):
        clinic.authorizes(number, number, "2026-03-27")
    clinic.says("authorization", 1, ReviewSubmitted(kind="concurrent", submitted_on=MONDAY))
    clinic.says("authorization", 1, PeerToPeerHeld(held_on=MONDAY, outcome="approved"))
    clinic.says("authorization", 1, PayerContactLogged(
        contacted_at=eastern("10:00"), channel="phone", outcome="approved"
    ))
    clinic.says("authorization", 1, AuthorizationExtended(
        added_units=6, valid_through="2026-04-27", decided_on=MONDAY
    )).says("authorization", 2, AuthorizationVoided(voided_on=MONDAY, cause="entered_twice"))
    clinic.says("authorization", 3, AuthorizationDenied(decided_on=MONDAY, cause="criteria"))


def _groups(clinic: Clinic) -> None:
    series: dict[str, Any] = {"series_id": an_id("series"), "weekdays": (1, 3), "starts": "09:00", "minutes": 180}
    clinic.says("group", 1, GroupFormed(
        program_id=an_id("program"), topic="coping", service_kind="group", capacity=2, modality="in_person",
        formed_on="2026-03-01",
    )).says("group", 1, SeriesScheduled(**series, effective_from="2026-03-01"))
    clinic.says("group", 1, SeriesChanged(**series, effective_from="2026-03-23", cause="room"))
    for patient in (1, 2, 3):
        clinic.says("group", 1, PatientRostered(
            patient_id=an_id("patient", patient), enrollment_id=an_id("enrollment", patient),
            effective_from="2026-03-11", cause="assigned", over_capacity=patient == 3,
        ))
    clinic.says("group", 1, PatientUnrostered(
        patient_id=an_id("patient", 2), effective_from="2026-03-11", cause="error"
    ))
    clinic.says("group", 1, FacilitatorAssigned(clinician_id=an_id("clinician"), effective_from="2026-03-01"))
    clinic.says("group", 1, FacilitatorSubstituted(
        clinician_id=an_id("clinician", 2), in_place_of=an_id("clinician"), on=MONDAY, cause="sick"
    ))


def _sessions(clinic: Clinic) -> None:
    clinic.schedules(1, "08:00", "11:00", patients=(1, 2)).schedules(2, "13:00", "14:00", patients=(1, 3))
    clinic.says("session", 1, SessionRescheduled(
        service_date=MONDAY, starts_at=eastern("09:00"), ends_at=eastern("12:00"), facilitators=(an_id("clinician"),),
        cause="room",
    )).says("session", 2, PatientNotExpected(attendance_id=attendance(2, 3), cause="conflict"))
    clinic.says("session", 2, SessionCancelled(service_date=MONDAY, cause="staffing"))
    clinic.starts(1, "09:00").checks_in(1, 1, "09:00").says("session", 1, PatientCheckedOut(
        attendance_id=attendance(1, 1), left_at=eastern("10:00"), cause="called_out"
    )).checks_in(1, 1, "10:20", cause="returned")
    clinic.says("session", 1, PatientMarkedAbsent(
        patient_id=an_id("patient", 2), attendance_id=attendance(1, 2), enrollment_id=an_id("enrollment", 2),
        program_id=an_id("program"), service_kind="group", service_date=MONDAY, excused=False, cause="no_call",
    )).says("session", 1, BreakTaken(interval=Interval(start=eastern("10:30"), stop=eastern("10:45"))))
    clinic.closes(1, "09:00", "12:00", {1: ("09:00", "12:00")}, absent=(2,))
    for patient, before in ((2, missing(1, 2)), (3, None)):
        clinic.says("session", 1, AttendanceCorrected(
            patient_id=an_id("patient", patient), attendance_id=attendance(1, patient),
            enrollment_id=an_id("enrollment", patient), service_date=MONDAY, before=before,
            after=present(1, patient, "09:15", "12:00"), head_count=patient, peak_count=patient, cause="sign_in_sheet",
        )).says("session", 1, HeadCountChanged(service_date=MONDAY, head_count=patient, peak_count=patient))
    clinic.says("session", 1, BreaksCorrected(
        service_date=MONDAY, before=(), breaks=(Interval(start=eastern("10:30"), stop=eastern("10:40")),),
        attendances=(replace(present(1, 3, "09:15", "12:00"), minutes=155),), cause="entry_error",
    ))


def _notes(clinic: Clinic) -> None:
    digest, who = "0" * 64, an_id("clinician")
    clinic.drafts(1, None, 1, kind="group_narrative").drafts(2, 1, 1, narrative=1)
    clinic.says("note", 2, NoteRevised(content_digest=digest))
    clinic.signs(2, "13:00", cosign=True, supervisor=7)
    clinic.says("note", 2, NoteReturned(returned_by=an_id("clinician", 7), cause="goal_missing"))
    clinic.signs(2, "14:00", cosign=True).says("note", 2, NoteCosigned(
        signer_id=an_id("clinician", 7), content_digest=digest, note_version=4, service_date=MONDAY,
        signed_at=eastern("15:00"), credential_active=True,
    )).says("note", 2, FacilitatorSigned(
        signer_id=an_id("clinician", 2), content_digest=digest, note_version=4, service_date=MONDAY,
        signed_at=eastern("15:30"), credential_active=True,
    )).says("note", 2, NoteAmended(
        amendment_id=an_id("amendment"), kind="addendum", signer_id=who, signed_at=eastern("16:00"), cause="omission",
        content_digest=digest,
    )).drafts(3, 2, 1).says("note", 3, SignatureAttested(
        signer_id=who, service_date=MONDAY, attested_at=eastern("17:00"), content_digest=digest
    )).says("note", 3, NarrativeReplaced(
        narrative_id=an_id("note", 9), narrative_digest=digest, signer_id=who, signed_at=eastern("17:05"),
        cause="narrative_in_error", note_version=1, content_digest=digest,
    )).drafts(4, 3, 1).says("note", 4, NoteEnteredInError(declared_by=who, cause="wrong_patient"))
    answer: dict[str, Any] = {"witnessed_by": who, "note_version": 1, "content_digest": digest}
    clinic.drafts(5, 1, None, kind="plan_of_care").signs(5, "17:10").says("note", 5, PatientRefused(
        refused_by="patient", cause="disagrees", refused_on=MONDAY, **answer
    )).says("note", 5, PatientSigned(
        signed_by="patient", capacity_rule="adult", how="on_screen", signed_on=MONDAY, **answer
    ))
