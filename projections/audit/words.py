"""What each fact says, as a sentence an auditor reads: ids, codes, dates and numbers only, never a name or free text.

One line a stored name: its kind and its sentence. A fact without a line here is not audited, so a test holds this table
against the registry of facts.
"""

from __future__ import annotations

from typing import Any

from projections.audit import access, corrected, disputes, money, papers, risk, shredding
from projections.audit.phrases import Kind, Sentence, because, clock, count, many, since, through, with_or_without


def sentence(name: str, fact: Any) -> str:
    """What a fact of this stored name says. Raises KeyError for a name that has no words."""
    return WORDS[name][1](fact)


def kind(name: str, fact: Any) -> Kind:
    """What sort of act it was; a signature given, or a seat taken, against a rule is an override."""
    if getattr(fact, "override_cause", None) is not None or getattr(fact, "over_capacity", False):
        return "override"
    return WORDS[name][0]


def _credential(fact: Any) -> str:
    standing = "active" if fact.credential_active else "not active"
    named = "" if fact.credential is None else f" {fact.credential}"
    overridden = getattr(fact, "override_cause", None)
    cause = "" if overridden is None else f", signed nevertheless: {overridden}"
    return f"credential{named} {standing} on {fact.service_date}{papers.at_signing(fact)}{cause}"


def _session_closed(fact: Any) -> str:
    present = sum(attendance.status == "present" for attendance in fact.attendances)
    return (
        f"{fact.service_kind} session of {fact.service_date} closed: {present} present of"
        f" {len(fact.attendances)}, head-count {fact.head_count}, at most {fact.peak_count} at once."
    )


def _answers(fact: Any) -> str:
    return count(len(fact.items), "answer") if fact.items else f"entered score {fact.entered_score}"


def _signed(fact: Any) -> str:
    return f"{_by(fact)}, {_credential(fact)}{_late(fact)}{papers.stands(fact)}."


def _also_signed(fact: Any) -> str:
    return f"{_by(fact)} beside the author, as one of those who led, {_credential(fact)}{_late(fact)}."


def _by(fact: Any) -> str:
    return f"Version {fact.note_version} signed by {fact.signer_id}"


def _late(fact: Any) -> str:
    return "" if fact.late_reason is None else f"; late because {fact.late_reason}"


def _drafted(fact: Any) -> str:
    about = "a session" if fact.patient_id is None else f"patient {fact.patient_id}"
    return f"Document {fact.kind} drafted by {fact.author_id} about {about}, service of {fact.service_date}."


def _share(fact: Any) -> str:
    copayment = "" if fact.copayment_cents is None else f", {fact.copayment_cents} cents a day from the patient"
    return copayment + ("" if fact.coinsurance_percent is None else f", {fact.coinsurance_percent} % from the patient")


def _approved(fact: Any) -> str:
    retroactive = ", retroactively" if fact.decided_on > fact.valid_from else ""
    return (
        f"Approved on {fact.decided_on}{retroactive}: {fact.units} units by {fact.unit_basis} of {fact.procedure_code},"
        f" {fact.valid_from} through {fact.valid_through}, {with_or_without(fact.has_number, 'number')}."
    )


def _rostered(fact: Any) -> str:
    beyond = ", beyond the capacity" if fact.over_capacity else ""
    days = f"from {fact.effective_from}{through(fact.effective_through)}"
    return f"Patient {fact.patient_id} has a place {days}{beyond} ({fact.cause})."


def _consent(fact: Any) -> str:
    who = f", for disclosure by programs {many(fact.programs)}" if fact.programs else ""
    return (
        f"Consent {fact.consent_id} ({fact.kind}, {fact.purpose}) signed by {fact.signed_by} on {fact.signed_on}"
        f" under the rule {fact.capacity_rule}{who}."
    )


WORDS: dict[str, tuple[Kind, Sentence]] = {
    "program.opened": (
        "write", lambda f: f"Program {f.code} opened on {f.opened_on}:"
        f" {f.level_of_care}, {f.focus}, {f.population}."),
    "program.provider_identity_recorded": (
        "write", lambda f: f"Billing identity recorded from {f.effective_from}: NPI {f.npi}, taxonomy {f.taxonomy}."),
    "program.submitter_recorded": (
        "write", lambda f: f"Claim files are sent as {f.submitter_id} from {f.effective_from}."),
    "program.campus_recorded": (
        "write", lambda f: f"Department of a hospital from {f.effective_from}: {f.campus}."),
    "program.payer_enrollment_recorded": (
        "write", lambda f: f"Enrolled with payer {f.payer_id} from {f.effective_from}{through(f.effective_through)}."),
    "program.schedule_adopted": (
        "write", lambda f: f"Schedule adopted from {f.effective_from}: weekdays {many(f.weekdays)},"
        f" {f.daily_minutes} minutes a day{because(f.shortfall_reason)}."),
    "program.fee_schedule_adopted": (
        "write", lambda f: f"Charges adopted from {f.effective_from}: {count(len(f.charges), 'code')}."),
    "program.closure_declared": (
        "write", lambda f: f"Closed from {f.closed_from} through {f.closed_through} ({f.cause})."),
    "program.closed": ("write", lambda f: f"Program closed; last day {f.closed_on}."),
    "clinician.joined": (
        "write", lambda f: f"Clinician ({f.discipline}{', associate' if f.associate else ''}) joined on {f.joined_on},"
        f" programs {many(f.programs)}."),
    "clinician.credential_recorded": (
        "write", lambda f: f"Credential {f.credential_id} recorded: {f.title} in {f.jurisdiction},"
        f" active from {f.active_from}{through(f.active_through)}."),
    "clinician.credential_lapsed": (
        "write", lambda f: f"Credential {f.credential_id} lapsed on {f.lapsed_on} ({f.cause})."),
    "clinician.payer_credentialing_recorded": (
        "write", lambda f: f"Accepted by payer {f.payer_id} from {f.effective_from}{through(f.effective_through)}."),
    "clinician.supervisor_assigned": (
        "write", lambda f: f"Supervised by {f.supervisor_id} from {f.effective_from}."),
    "clinician.on_call_assigned": (
        "write", lambda f: f"On call for program {f.program_id} from {clock(f.starts_at)} until {clock(f.ends_at)}"
        f" ({f.on_call_id})."),
    "clinician.on_call_ended": (
        "write", lambda f: f"On call {f.on_call_id} ended at {clock(f.ended_at)}."),
    "clinician.left": ("write", lambda f: f"Clinician left; last day {f.left_on}."),
    "clinician.signing_key_created": (
        "write", lambda f: f"Signs with key {f.key_id}, the clinician's {f.number}., from {f.created_at} on."),
    "clinician.signing_key_revoked": (
        "void", lambda f: f"Signing key {f.key_id} revoked at {f.revoked_at} ({f.cause}); what it signed stands."),
    "patient.registered": (
        "write", lambda f: "Patient registered"
        f" {with_or_without(f.has_medical_record_number, 'medical record number')},"
        f" {with_or_without(f.has_address, 'address')}."),
    "patient.demographics_corrected": (
        "correction", lambda f: f"Demographics corrected{since(f.effective_from)}: {many(f.changed)} ({f.cause})."),
    "patient.distinguished": (
        "override", lambda f: f"Found to be another person than whoever agreed with this record in programs"
        f" {many(f.programs)} by fact {f.upto:,} ({f.cause})."),
    "patient.coverage_recorded": (
        "write", lambda f: f"Coverage {f.coverage_id} by payer {f.payer_id}, plan {f.plan}, rank {f.rank},"
        f" from {f.effective_from}{through(f.effective_through)}."),
    "patient.coverage_ended": (
        "write", lambda f: f"Coverage {f.coverage_id} ended on {f.ended_on} ({f.cause})."),
    "patient.eligibility_checked": (
        "write", lambda f: f"Coverage {f.coverage_id} {'active' if f.active else 'not active'} for {f.for_date},"
        f" asked by {f.source}, {with_or_without(f.has_trace_number, 'trace number')}."),
    "patient.consent_signed": ("write", _consent),
    "patient.consent_revoked": (
        "void", lambda f: f"Consent {f.consent_id} revoked at {clock(f.revoked_at)}."),
    "patient.guardian_recorded": (
        "write", lambda f: f"Guardian {f.guardian_id} ({f.relationship}, {f.authority}) from {f.effective_from}."),
    "patient.guardian_ended": ("write", lambda f: f"Guardian {f.guardian_id} may act no longer after {f.ended_on}."),
    "patient.confidential_contact_set": (
        "write", lambda f: f"Another way of contact asked for, from {f.effective_from}."),
    "patient.disclosure_restricted": (
        "write", lambda f: f"Disclosure to {f.payer_id or 'any payer'} restricted"
        f" from {f.effective_from}{through(f.effective_through)}."),
    "patient.amendment_requested": (
        "write", lambda f: f"Amendment {f.request_id} of {many(f.concerns)} asked for on {f.received_on}."),
    "patient.amendment_answered": (
        "write", lambda f: f"Amendment {f.request_id} {'accepted' if f.accepted else 'denied'} ({f.basis})."),
    "patient.disagreement_filed": (
        "write", lambda f: f"Statement of disagreement filed about amendment {f.request_id}."),
    "enrollment.patient_referred": (
        "write", lambda f: f"Patient {f.patient_id} referred to program {f.program_id} on {f.referred_on}"
        f" by {f.source}."),
    "enrollment.benefits_verified": (
        "write", lambda f: f"Benefits verified with payer {f.payer_id} on {f.verified_on}:"
        f" authorization {'required' if f.authorization_required else 'not required'}{_share(f)}."),
    "enrollment.level_of_care_assessed": (
        "write", lambda f: f"Level of care {f.level_of_care} found on {f.assessed_on} by {f.assessed_by}"
        f" under {f.criteria}{'' if f.criteria_level is None else f', level {f.criteria_level}'}."),
    "enrollment.patient_admitted": (
        "write", lambda f: f"Admitted on {f.admitted_on} to {f.level_of_care}, {f.focus}, attending {f.attending_id},"
        f" planned {count(f.planned_days, 'day')} and {f.planned_minutes} minutes a week."),
    "enrollment.admission_corrected": ("correction", corrected.admission),
    "enrollment.attending_corrected": ("correction", corrected.attending),
    "enrollment.diagnosis_recorded": (
        "write", lambda f: f"Diagnosis {f.code}, rank {f.rank}, recorded from {f.effective_from} by {f.diagnosed_by}."),
    "enrollment.plan_of_care_adopted": (
        "write", lambda f: f"Plan of care {f.plan_id} adopted on {f.adopted_on}: {count(f.weekly_days, 'day')} and"
        f" {f.weekly_minutes} minutes a week for {count(f.planned_weeks, 'week')}, review due"
        f" {f.review_due_on}{papers.paper(f)}{_late(f)}."),
    "enrollment.plan_reviewed": (
        "write", lambda f: f"Plan {f.plan_id} reviewed on {f.reviewed_on}, next review due {f.next_review_due_on};"
        f" patient {'agreed' if f.patient_agreed else 'did not agree'}{papers.paper(f)}{_late(f)}."),
    "enrollment.plan_certified": (
        "signature", lambda f: f"Plan {f.plan_id} certified by {f.physician_id} on {f.certified_on}"
        f"{through(f.certified_through)}{papers.paper(f)}{_late(f)}."),
    "enrollment.document_linked": ("write", papers.linked),
    "enrollment.plan_recertified": (
        "signature", lambda f: f"Plan {f.plan_id} certified again by {f.physician_id} on {f.certified_on}"
        f"{through(f.certified_through)}{papers.paper(f)}{_late(f)}."),
    "enrollment.level_of_care_changed": (
        "write", lambda f: f"Level of care changed from {f.from_level} to {f.to_level}"
        f" on {f.effective_on} ({f.cause})."),
    "enrollment.hold_released": (
        "override", lambda f: f"Hold {f.hold} on {f.service_date} released by {f.released_by} ({f.cause})."),
    "enrollment.day_write_off_requested": (
        "write", lambda f: f"Write-off of {f.service_date} asked for by {f.requested_by} ({f.cause})."),
    "enrollment.day_write_off_request_withdrawn": (
        "correction", lambda f: f"Request to write {f.service_date} off withdrawn by {f.withdrawn_by} ({f.cause})."),
    "enrollment.day_written_off": (
        "write", lambda f: f"Billing of {f.service_date} given up, approved by {f.approved_by} ({f.cause})."),
    "enrollment.hold_release_withdrawn": (
        "correction", lambda f: f"Release of hold {f.hold} on {f.service_date} withdrawn by {f.withdrawn_by}"
        f" ({f.cause})."),
    "enrollment.day_write_off_withdrawn": (
        "correction", lambda f: f"Write-off of {f.service_date} withdrawn by {f.withdrawn_by} ({f.cause})."),
    "enrollment.leave_started": (
        "write", lambda f: f"Leave {f.leave_id} from {f.started_on},"
        f" return {'not known' if f.expected_return_on is None else 'expected ' + f.expected_return_on} ({f.cause})."),
    "enrollment.leave_ended": ("write", lambda f: f"Back from leave {f.leave_id} on {f.returned_on}."),
    "enrollment.leave_corrected": ("correction", corrected.leave),
    "enrollment.discharge_planned": ("write", lambda f: f"Discharge intended for {f.planned_on}."),
    "enrollment.patient_discharged": (
        "write", lambda f: f"Discharged on {f.discharged_on} ({f.reason}), patient status {f.patient_status}."),
    "enrollment.discharge_corrected": ("correction", corrected.discharge),
    "authorization.requested": (
        "write", lambda f: f"{f.units} units by {f.unit_basis} of {f.procedure_code} asked of payer {f.payer_id}"
        f" on {f.requested_on}, {f.valid_from} through {f.valid_through}."),
    "authorization.review_submitted": (
        "write", lambda f: f"Review ({f.kind}) submitted on {f.submitted_on}."),
    "authorization.peer_to_peer_held": (
        "write", lambda f: f"Peer-to-peer held on {f.held_on}: {f.outcome}."),
    "authorization.payer_contact_logged": (
        "write", lambda f: f"Payer contacted by {f.channel} at {clock(f.contacted_at)}: {f.outcome}."),
    "authorization.approved": ("write", _approved),
    "authorization.extended": (
        "write", lambda f: f"Extended on {f.decided_on} by {count(f.added_units, 'unit')},"
        f" now{through(f.valid_through)}."),
    "authorization.denied": ("write", lambda f: f"Denied on {f.decided_on} ({f.cause})."),
    "authorization.voided": ("void", lambda f: f"Authorization voided on {f.voided_on} ({f.cause})."),
    "group.formed": (
        "write", lambda f: f"Group {f.topic} ({f.service_kind}) formed on {f.formed_on},"
        f" {count(f.capacity, 'seat')}."),
    "group.series_scheduled": (
        "write", lambda f: f"Series {f.series_id} scheduled: weekdays {many(f.weekdays)} at {f.starts},"
        f" {f.minutes} minutes, from {f.effective_from}{through(f.effective_through)}."),
    "group.series_changed": (
        "write", lambda f: f"Series {f.series_id} changed: weekdays {many(f.weekdays)} at {f.starts},"
        f" {f.minutes} minutes, from {f.effective_from}{through(f.effective_through)} ({f.cause})."),
    "group.patient_rostered": ("write", _rostered),
    "group.patient_unrostered": (
        "write", lambda f: f"Patient {f.patient_id} has no place from {f.effective_from} ({f.cause})."),
    "group.facilitator_assigned": (
        "write", lambda f: f"Clinician {f.clinician_id} leads the group from {f.effective_from}."),
    "group.facilitator_substituted": (
        "write", lambda f: f"Clinician {f.clinician_id} stands in for {f.in_place_of} on {f.on} ({f.cause})."),
    "session.scheduled": (
        "write", lambda f: f"{f.service_kind} session scheduled, {clock(f.starts_at)} to {clock(f.ends_at)},"
        f" facilitators {many(f.facilitators)}."),
    "session.patient_expected": (
        "write", lambda f: f"Patient {f.patient_id} expected on {f.service_date} ({f.cause})."),
    "session.patient_not_expected": (
        "write", lambda f: f"Attendance {f.attendance_id} no longer expected ({f.cause})."),
    "session.rescheduled": (
        "write", lambda f: f"Session moved to {clock(f.starts_at)} to {clock(f.ends_at)},"
        f" facilitators {many(f.facilitators)} ({f.cause})."),
    "session.cancelled": ("void", lambda f: f"Session of {f.service_date} cancelled ({f.cause})."),
    "session.started": (
        "write", lambda f: f"Session started at {clock(f.started_at)}, facilitators {many(f.facilitators)}."),
    "session.break_taken": (
        "write", lambda f: f"Break from {clock(f.interval.start)} to {clock(f.interval.stop)}."),
    "session.breaks_corrected": ("correction", corrected.breaks),
    "session.patient_checked_in": (
        "write", lambda f: f"Patient {f.patient_id} checked in at {clock(f.arrived_at)}, {f.modality} ({f.cause})."),
    "session.patient_checked_out": (
        "write", lambda f: f"Attendance {f.attendance_id} checked out at {clock(f.left_at)} ({f.cause})."),
    "session.patient_marked_absent": (
        "write", lambda f: f"Patient {f.patient_id} marked absent{', excused' if f.excused else ''}"
        f" on {f.service_date} ({f.cause})."),
    "session.closed": ("write", _session_closed),
    "session.attendance_corrected": ("correction", corrected.attendance),
    "session.head_count_changed": (
        "correction", lambda f: f"Head-count of {f.service_date} is now {f.head_count}, at most {f.peak_count} at once,"
        " after another attendee's correction."),
    "note.drafted": ("write", _drafted),
    "note.revised": ("write", lambda f: f"Draft revised; content {f.content_digest[:12]}"
        f"{', resting on narrative ' + f.narrative_id if f.narrative_id else ''}."),
    "note.signed": ("signature", _signed),
    "note.returned": ("write", lambda f: f"Returned by {f.returned_by} for changes ({f.cause})."),
    "note.cosigned": (
        "signature", lambda f: f"Version {f.note_version} cosigned by {f.signer_id}, {_credential(f)}."),
    "note.facilitator_signed": ("signature", _also_signed),
    "note.amended": (
        "correction", lambda f: f"Amended ({f.kind}{'' if f.section is None else ', section ' + f.section}) and signed"
        f" by {f.signer_id} ({f.cause}){papers.at_signing(f)}; the original stays."),
    "note.signature_attested": (
        "signature", lambda f: f"Authorship attested by {f.signer_id} for the service of {f.service_date}"
        f"{papers.at_signing(f) if f.credential_active is None else ', ' + _credential(f)}{papers.stands(f)}."),
    "note.narrative_replaced": (
        "correction", lambda f: f"Signed by {f.signer_id} to rest on narrative {f.narrative_id} from now on ({f.cause})"
        f"{papers.at_signing(f)}; what it rested on was struck."),
    "note.patient_signed": ("signature", papers.signed),
    "note.patient_refused": ("write", papers.refused),
    "note.entered_in_error": (
        "void", lambda f: f"Declared as entered in error by {f.declared_by} ({f.cause}){papers.at_signing(f)};"
        " the original stays."),
    "assessment.administered": (
        "write", lambda f: f"{f.instrument} {f.instrument_version} administered to patient {f.patient_id}"
        f" on {f.administered_on} ({f.occasion}), {_answers(f)}."),
    "assessment.corrected": (
        "correction", lambda f: f"Answers corrected: {_answers(f)}, taken on {f.administered_on} ({f.cause})."),
    "assessment.voided": ("void", lambda f: f"Assessment voided ({f.cause})."),
    **money.WORDS,
    **disputes.WORDS,
    **risk.WORDS,
    **access.WORDS,
    **shredding.WORDS,
}
