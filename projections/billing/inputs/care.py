"""Facts of a patient and of an episode: who pays, what the patient allowed, which level of care on which day."""

from __future__ import annotations

from typing import TypeVar

from aggregates.disclosure import DISCLOSING, covers_purpose
from aggregates.enrollment import facts as enrollment
from aggregates.enrollment.state import attended
from aggregates.patient import facts as person
from iop_es.engine.readmodel.model import Recorded
from projections.billing.accounts import write_offs
from projections.billing.documents import (
    ALWAYS,
    Benefits,
    Consent,
    Coverage,
    Dated,
    Diagnosis,
    Episode,
    Paper,
    Patient,
    Release,
    Restriction,
)

AnyDated = TypeVar("AnyDated", bound=Dated)


def coverage_recorded(patient: Patient, recorded: Recorded) -> None:
    """A payer covers the patient from a day on."""
    fact: person.CoverageRecorded = recorded.fact
    known = patient.coverages.get(fact.coverage_id)
    patient.touch_from(min(fact.effective_from, known.effective_from if known else fact.effective_from))
    patient.coverages[fact.coverage_id] = Coverage(
        payer_id=fact.payer_id, rank=fact.rank, effective_from=fact.effective_from,
        effective_through=fact.effective_through, has_member_number=fact.has_member_number,
        has_subscriber=fact.has_subscriber, relationship=fact.relationship, positions=[recorded.position],
    )


def coverage_ended(patient: Patient, recorded: Recorded) -> None:
    """The coverage's last day, which may lie in the past."""
    coverage = patient.coverages.get(recorded.fact.coverage_id)
    if coverage is not None:
        coverage.effective_through = recorded.fact.ended_on
        coverage.positions.append(recorded.position)
        patient.touch_from(coverage.effective_from)


def eligibility_checked(patient: Patient, recorded: Recorded) -> None:
    """The latest day that the payer was asked about; it decides no day, so none is decided again."""
    fact: person.EligibilityChecked = recorded.fact
    coverage = patient.coverages.get(fact.coverage_id)
    if coverage is not None and (coverage.checked_on or "") <= fact.for_date:
        coverage.checked_on, coverage.active = fact.for_date, fact.active


def consent_signed(patient: Patient, recorded: Recorded) -> None:
    """Only a consent to disclose for payment decides about a bill; whenever signed, it lets earlier days be disclosed.
    """
    fact: person.ConsentSigned = recorded.fact
    if fact.kind in DISCLOSING and covers_purpose(fact.purpose, "payment"):
        patient.consents[fact.consent_id] = Consent(
            payers=fact.recipient_payers, signed_on=fact.signed_on, programs=fact.programs,
            expires_on=fact.expires_on, expires_upon=fact.expires_upon, positions=[recorded.position],
        )
        patient.touch_from(ALWAYS)


def consent_revoked(patient: Patient, recorded: Recorded) -> None:
    """No new disclosure rests on it; what was billed before stands (42 CFR 2.31)."""
    consent = patient.consents.get(recorded.fact.consent_id)
    if consent is not None:
        consent.revoked_at = recorded.fact.revoked_at
        consent.positions.append(recorded.position)
        patient.touch_from(ALWAYS)


def disclosure_restricted(patient: Patient, recorded: Recorded) -> None:
    """A payer must not be told (45 CFR 164.522(a)); it binds for what the patient paid in full."""
    fact: person.DisclosureRestricted = recorded.fact
    if fact.paid_in_full:
        patient.restrictions[fact.restriction_id] = Restriction(
            payer_id=fact.payer_id, effective_from=fact.effective_from, effective_through=fact.effective_through,
            positions=[recorded.position],
        )
        patient.touch_from(ALWAYS)


def referred(patient: Patient, recorded: Recorded) -> None:
    """The episode begins, without services yet."""
    fact: enrollment.PatientReferred = recorded.fact
    patient.episodes[recorded.stream] = Episode(program_id=fact.program_id, positions=[recorded.position])
    patient.touch_from(ALWAYS)


def admitted(patient: Patient, recorded: Recorded) -> None:
    """Admission to a level of care."""
    fact: enrollment.PatientAdmitted = recorded.fact
    episode = _episode(patient, recorded, ALWAYS)
    if episode is not None:
        episode.admitted_on, episode.focus, episode.attending_id = fact.admitted_on, fact.focus, fact.attending_id
        episode.attendings = [(ALWAYS, fact.attending_id)]
        episode.admission_type, episode.admission_source = fact.admission_type, fact.admission_source
        episode.admission_positions.append(recorded.position)
        _enter(episode.levels, Dated(on=fact.admitted_on, value=fact.level_of_care, positions=[recorded.position]))


def admission_corrected(patient: Patient, recorded: Recorded) -> None:
    """How the stay really began: the first level with it."""
    fact: enrollment.AdmissionCorrected = recorded.fact
    episode = _episode(patient, recorded, ALWAYS)
    if episode is not None:
        episode.admitted_on = fact.admitted_on
        episode.admission_type, episode.admission_source = fact.admission_type, fact.admission_source
        episode.admission_positions.append(recorded.position)
        for first in episode.levels[:1]:
            first.on = fact.admitted_on
            first.positions.append(recorded.position)


def attending_corrected(patient: Patient, recorded: Recorded) -> None:
    """Whom the bills of the stay name as attending."""
    episode = _episode(patient, recorded, ALWAYS)
    if episode is not None:
        fact: enrollment.AttendingCorrected = recorded.fact
        episode.attending_id, episode.attending_at = fact.attending_id, recorded.position
        known = tuple(episode.attendings)
        episode.attendings = list(attended(known, fact.attending_id, fact.effective_from))


def level_changed(patient: Patient, recorded: Recorded) -> None:
    """The day of the change belongs to the new level."""
    fact: enrollment.LevelOfCareChanged = recorded.fact
    episode = _episode(patient, recorded, fact.effective_on)
    if episode is not None:
        _enter(episode.levels, Dated(on=fact.effective_on, value=fact.to_level, positions=[recorded.position]))


def benefits_verified(patient: Patient, recorded: Recorded) -> None:
    """What the payer said of the patient's share; a check that said nothing of it leaves what was known."""
    fact: enrollment.BenefitsVerified = recorded.fact
    since = fact.effective_from or fact.verified_on
    if fact.copayment_cents is None and fact.coinsurance_percent is None:
        return
    episode = _episode(patient, recorded, since)
    if episode is not None:
        told = Benefits(
            payer_id=fact.payer_id, on=since, copayment_cents=fact.copayment_cents,
            coinsurance_percent=fact.coinsurance_percent, positions=[recorded.position],
        )
        episode.benefits.append(told)
        episode.benefits.sort(key=lambda one: one.on)


def diagnosed(patient: Patient, recorded: Recorded) -> None:
    """A diagnosis; rank 1 is the principal one."""
    fact: enrollment.DiagnosisRecorded = recorded.fact
    episode = _episode(patient, recorded, fact.effective_from)
    if episode is None:
        return
    if fact.rank == 1:
        _enter(episode.diagnoses, Dated(on=fact.effective_from, value=fact.code, positions=[recorded.position]))
    else:
        other = Diagnosis(on=fact.effective_from, value=fact.code, rank=fact.rank, positions=[recorded.position])
        _enter(episode.other_diagnoses, other)


def plan_adopted(patient: Patient, recorded: Recorded) -> None:
    """A plan of care and the day of its first review."""
    fact: enrollment.PlanOfCareAdopted = recorded.fact
    episode = _episode(patient, recorded, fact.adopted_on)
    if episode is not None:
        _enter(episode.reviews, _paper(recorded, fact.adopted_on, fact.review_due_on, "plan of care"))


def plan_reviewed(patient: Patient, recorded: Recorded) -> None:
    """A review of the plan, with or without the rationale for care beyond what was planned."""
    fact: enrollment.PlanReviewed = recorded.fact
    episode = _episode(patient, recorded, fact.reviewed_on)
    if episode is not None:
        review = _paper(recorded, fact.reviewed_on, fact.next_review_due_on, "plan review")
        _enter(episode.reviews, review)
        if fact.rationale_for_more_than_planned:
            _enter(episode.rationales, review)


def certified(patient: Patient, recorded: Recorded) -> None:
    """A physician's certification or recertification; the first one covers the days since admission."""
    fact: enrollment.PlanCertified | enrollment.PlanRecertified = recorded.fact
    episode = _episode(patient, recorded, ALWAYS)
    if episode is not None:
        paper = _paper(recorded, fact.certified_on, fact.certified_through, fact.physician_id)
        _enter(episode.certifications, paper)


def hold_released(patient: Patient, recorded: Recorded) -> None:
    """Somebody answers for what holds a day."""
    fact: enrollment.HoldReleased = recorded.fact
    episode = _episode(patient, recorded, fact.service_date)
    if episode is not None:
        release = Release(
            on=fact.service_date, hold=fact.hold, cause=fact.cause, released_by=fact.released_by,
            positions=[recorded.position],
        )  # fmt: skip
        episode.releases.append(release)


def day_written_off(patient: Patient, recorded: Recorded) -> None:
    """Billing a day was given up."""
    fact: enrollment.DayWrittenOff = recorded.fact
    write_offs.day_answered(patient, recorded)
    episode = _episode(patient, recorded, fact.service_date)
    if episode is not None:
        episode.written_off[fact.service_date] = Dated(
            on=fact.service_date, value=fact.cause, positions=[recorded.position]
        )


def release_withdrawn(patient: Patient, recorded: Recorded) -> None:
    """Nobody answers for it any more."""
    fact: enrollment.HoldReleaseWithdrawn = recorded.fact
    episode = _episode(patient, recorded, fact.service_date)
    if episode is not None:
        episode.releases = [one for one in episode.releases if (one.on, one.hold) != (fact.service_date, fact.hold)]


def write_off_withdrawn(patient: Patient, recorded: Recorded) -> None:
    """The day is what else is known of it."""
    episode = _episode(patient, recorded, recorded.fact.service_date)
    if episode is not None:
        episode.written_off.pop(recorded.fact.service_date, None)


def leave_started(patient: Patient, recorded: Recorded) -> None:
    """Away from this day on."""
    fact: enrollment.LeaveStarted = recorded.fact
    episode = _episode(patient, recorded, fact.started_on)
    if episode is not None:
        if fact.leave_id in episode.leaves:
            patient.touch_from(episode.leaves[fact.leave_id].on)
        episode.leaves[fact.leave_id] = Dated(on=fact.started_on, positions=[recorded.position])


def leave_ended(patient: Patient, recorded: Recorded) -> None:
    """Back on this day, so that the day before is the last one away; `value` holds the day back."""
    fact: enrollment.LeaveEnded = recorded.fact
    episode = _episode(patient, recorded, fact.returned_on)
    if episode is not None and fact.leave_id in episode.leaves:
        leave = episode.leaves[fact.leave_id]
        leave.value = fact.returned_on
        leave.positions.append(recorded.position)
        patient.touch_from(leave.on)


def leave_corrected(patient: Patient, recorded: Recorded) -> None:
    """The days away as they really were, or no leave at all."""
    fact: enrollment.LeaveCorrected = recorded.fact
    episode = _episode(patient, recorded, min(fact.was_started_on, fact.started_on or fact.was_started_on))
    if episode is not None and fact.leave_id in episode.leaves:
        if fact.started_on is None:
            del episode.leaves[fact.leave_id]
            return
        leave = episode.leaves[fact.leave_id]
        leave.on, leave.value = fact.started_on, fact.returned_on or ""
        leave.positions.append(recorded.position)


def discharge_planned(patient: Patient, recorded: Recorded) -> None:
    """It decides no day; what ends with the treatment runs out then."""
    episode = patient.episodes.get(recorded.stream)
    if episode is not None:
        episode.discharge_planned_on = recorded.fact.planned_on


def discharged(patient: Patient, recorded: Recorded) -> None:
    """The last day of the episode, or that it has none: the week of the last day is no longer judged as a whole one,
    and which claim of the stay is the last follows from it."""
    fact: enrollment.PatientDischarged | enrollment.DischargeCorrected = recorded.fact
    episode = _episode(patient, recorded, ALWAYS)
    if episode is not None:
        episode.discharged_on, episode.patient_status = fact.discharged_on, fact.patient_status
        episode.discharge_position = recorded.position


def _paper(recorded: Recorded, on: str, through: str, value: str) -> Paper:
    return Paper(
        on=on, value=value, through=through, recorded_at=recorded.recorded_at, late_reason=recorded.fact.late_reason,
        positions=[recorded.position],
    )


def _episode(patient: Patient, recorded: Recorded, since: str) -> Episode | None:
    episode = patient.episodes.get(recorded.stream)
    if episode is not None:
        patient.touch_from(since)
    return episode


def _enter(entries: list[AnyDated], entry: AnyDated) -> None:
    """Keeps entries in the order of their first days, entries of one day in the order of recording."""
    entries.append(entry)
    entries.sort(key=lambda one: one.on)


TAKES = {
    "patient.coverage_recorded": coverage_recorded,
    "patient.coverage_ended": coverage_ended,
    "patient.eligibility_checked": eligibility_checked,
    "patient.consent_signed": consent_signed,
    "patient.consent_revoked": consent_revoked,
    "patient.disclosure_restricted": disclosure_restricted,
    "enrollment.patient_referred": referred,
    "enrollment.patient_admitted": admitted,
    "enrollment.admission_corrected": admission_corrected,
    "enrollment.attending_corrected": attending_corrected,
    "enrollment.level_of_care_changed": level_changed,
    "enrollment.benefits_verified": benefits_verified,
    "enrollment.diagnosis_recorded": diagnosed,
    "enrollment.plan_of_care_adopted": plan_adopted,
    "enrollment.plan_reviewed": plan_reviewed,
    "enrollment.plan_certified": certified,
    "enrollment.plan_recertified": certified,
    "enrollment.hold_released": hold_released,
    "enrollment.day_written_off": day_written_off,
    "enrollment.hold_release_withdrawn": release_withdrawn,
    "enrollment.day_write_off_withdrawn": write_off_withdrawn,
    "enrollment.leave_started": leave_started,
    "enrollment.leave_ended": leave_ended,
    "enrollment.leave_corrected": leave_corrected,
    "enrollment.discharge_planned": discharge_planned,
    "enrollment.patient_discharged": discharged,
    "enrollment.discharge_corrected": discharged,
}
