"""Who may do and see what: one table of commands, one of queries. What is not named here, nobody may.

The tables follow the minimum-necessary standard of 45 CFR 164.502(b): each role has what its work needs and no more.
A biller sees no answer that holds a name or the words of a note; an auditor changes nothing. "system" stands for the
operator's own tools (`load`, `demo`), which may order everything and ask nothing; no token can claim it.
"""

from __future__ import annotations

from aggregates.kit import COMMAND_NAME
from aggregates.values import Role

Roles = frozenset[Role]


def _roles(*groups: Role | Roles) -> Roles:
    return frozenset(role for group in groups for role in ((group,) if isinstance(group, str) else group))


CLINICAL: Roles = _roles("clinician", "supervisor", "prescriber")
FRONT_DESK = _roles("front_desk")
PRESCRIBER = _roles("prescriber")
DIRECTOR = _roles("director")
LEADERS = _roles("supervisor", "director")
CARE = _roles(FRONT_DESK, CLINICAL)
SCHEDULING = _roles(CARE, "director")
REVENUE = _roles("biller", "utilization_reviewer")
COVERAGE = _roles(FRONT_DESK, REVENUE)
BILLER = _roles("biller")
PRIVACY = _roles("privacy_officer")
TRAIL = _roles("auditor", "privacy_officer")
SYSTEM: Role = "system"

ORDERS: dict[str, Roles] = {
    # The organization
    "program.open": DIRECTOR,
    "program.record_provider_identity": DIRECTOR,
    "program.record_submitter": DIRECTOR,
    "program.record_campus": DIRECTOR,
    "program.record_payer_enrollment": _roles(DIRECTOR, "biller"),
    "program.adopt_schedule": DIRECTOR,
    "program.adopt_fee_schedule": _roles(DIRECTOR, "biller"),
    "program.declare_closure": DIRECTOR,
    "program.close": DIRECTOR,
    "clinician.join": DIRECTOR,
    "clinician.record_credential": DIRECTOR,
    "clinician.lapse_credential": DIRECTOR,
    "clinician.record_payer_credentialing": _roles(DIRECTOR, "biller"),
    "clinician.assign_supervisor": DIRECTOR,
    "clinician.leave": DIRECTOR,
    "clinician.create_signing_key": CLINICAL,
    "clinician.revoke_signing_key": _roles(CLINICAL, DIRECTOR),
    # The patient
    "patient.register": CARE,
    "patient.correct_demographics": _roles(FRONT_DESK, PRIVACY),
    "patient.record_coverage": _roles(FRONT_DESK, "biller"),
    "patient.end_coverage": _roles(FRONT_DESK, "biller"),
    "patient.check_eligibility": COVERAGE,
    "patient.sign_consent": CARE,
    "patient.revoke_consent": _roles(CARE, PRIVACY),
    "patient.record_guardian": CARE,
    "patient.end_guardian": CARE,
    "patient.set_confidential_contact": _roles(CARE, PRIVACY),
    "patient.restrict_disclosure": _roles(FRONT_DESK, PRIVACY),
    "patient.request_amendment": _roles(CARE, PRIVACY),
    "patient.answer_amendment": PRIVACY,
    "patient.file_disagreement": PRIVACY,
    # The episode
    "enrollment.refer": _roles(CARE, "utilization_reviewer"),
    "enrollment.verify_benefits": COVERAGE,
    "enrollment.assess_level_of_care": CLINICAL,
    "enrollment.admit": CLINICAL,
    "enrollment.correct_admission": CLINICAL,
    "enrollment.correct_attending": CLINICAL,
    "enrollment.record_diagnosis": CLINICAL,
    "enrollment.adopt_plan": CLINICAL,
    "enrollment.review_plan": CLINICAL,
    "enrollment.certify_plan": PRESCRIBER,
    "enrollment.recertify_plan": PRESCRIBER,
    "enrollment.link_document": CLINICAL,
    "enrollment.change_level_of_care": CLINICAL,
    "enrollment.release_hold": DIRECTOR,
    "enrollment.write_off_day": DIRECTOR,
    "enrollment.withdraw_hold_release": DIRECTOR,
    "enrollment.withdraw_day_write_off": DIRECTOR,
    "enrollment.start_leave": CARE,
    "enrollment.end_leave": CARE,
    "enrollment.correct_leave": CARE,
    "enrollment.plan_discharge": CLINICAL,
    "enrollment.discharge": CLINICAL,
    "enrollment.correct_discharge": CLINICAL,
    # The payer's permission
    "authorization.request": REVENUE,
    "authorization.submit_review": REVENUE,
    "authorization.hold_peer_to_peer": _roles(REVENUE, PRESCRIBER),
    "authorization.log_payer_contact": REVENUE,
    "authorization.approve": REVENUE,
    "authorization.extend": REVENUE,
    "authorization.deny": REVENUE,
    "authorization.void": REVENUE,
    # The room
    "group.form": LEADERS,
    "group.schedule_series": LEADERS,
    "group.change_series": LEADERS,
    "group.roster_patient": CARE,
    "group.unroster_patient": CARE,
    "group.assign_facilitator": LEADERS,
    "group.substitute_facilitator": SCHEDULING,
    "session.schedule": SCHEDULING,
    "session.reschedule": SCHEDULING,
    "session.cancel": SCHEDULING,
    "session.expect": CARE,
    "session.do_not_expect": CARE,
    "session.start": CARE,
    "session.take_break": CARE,
    "session.correct_breaks": CLINICAL,
    "session.check_in": CARE,
    "session.check_out": CARE,
    "session.mark_absent": CARE,
    "session.take_roster": CARE,
    "session.close": CLINICAL,
    "session.correct_attendance": CLINICAL,
    # The record
    "note.draft": CLINICAL,
    "note.revise": CLINICAL,
    "note.sign": CLINICAL,
    "note.return": LEADERS - DIRECTOR,
    "note.cosign": LEADERS - DIRECTOR,
    "note.amend": CLINICAL,
    "note.attest_signature": CLINICAL,
    "note.rest_on": CLINICAL,
    "note.enter_in_error": CLINICAL,
    "note.patient_sign": CLINICAL,
    "note.patient_refuse": CLINICAL,
    "assessment.administer": CLINICAL,
    "assessment.correct": CLINICAL,
    "assessment.void": CLINICAL,
    # Who needs someone
    "risk.assess": CLINICAL,
    "risk.record_safety_plan": CLINICAL,
    "risk.make_follow_up": CARE,
    "risk.acknowledge_alert": CLINICAL,
    # Privacy
    "access.open_break_glass": CLINICAL,
    "access.review_break_glass": PRIVACY,
    "access.revoke": _roles(DIRECTOR, PRIVACY),
    "access.grant": _roles(DIRECTOR, PRIVACY),
    "access.record_disclosure": _roles(CARE, PRIVACY, "utilization_reviewer"),
    # Money
    "payer_policy.publish": BILLER,
    "payer_policy.verify": BILLER,
    "payer_policy.revise": BILLER,
    "payer_policy.retire": BILLER,
    "payer_policy.record_electronic_address": BILLER,
    "claim.prepare": BILLER,
    "claim.submit": BILLER,
    "claim.acknowledge": BILLER,
    "claim.reject": BILLER,
    "claim.adjudicate": BILLER,
    "claim.reverse_adjudication": BILLER,
    "claim.void": BILLER,
    "account.post_charges": BILLER,
    "account.post_self_pay_charge": BILLER,
    "account.reverse_self_pay_charge": BILLER,
    "account.post_remittance": BILLER,
    "account.reverse_payment": BILLER,
    "account.post_provider_adjustment": BILLER,
    "account.receive_patient_payment": _roles(BILLER, FRONT_DESK),
    "account.set_patient_agreement": _roles(BILLER, DIRECTOR),
    "account.write_off_balance": DIRECTOR,
    "account.write_off_self_pay_charge": DIRECTOR,
    "account.issue_refund": BILLER,
    "account.identify_overpayment": _roles(BILLER, DIRECTOR),
    "account.open_overpayment_investigation": _roles(BILLER, DIRECTOR),
    "account.return_overpayment": _roles(BILLER, DIRECTOR),
    "account.record_unmatched": BILLER,
    "account.assign_unmatched": BILLER,
    # What payers ask and deny
    "dispute.receive_request": REVENUE,
    "dispute.send_records": REVENUE,
    "dispute.open": REVENUE,
    "dispute.file_appeal": REVENUE,
    "dispute.hold_hearing": REVENUE,
    "dispute.hold_peer_to_peer": _roles(REVENUE, PRESCRIBER),
    "dispute.log_call": REVENUE,
    "dispute.assign_owner": DIRECTOR,
    "dispute.issue_packet": _roles(PRIVACY, "utilization_reviewer"),
    "dispute.resolve": REVENUE,
}
"""Which roles may order what; by the command's registered name."""

ANYONE: Roles = _roles(CARE, REVENUE, TRAIL, DIRECTOR)
ROOMS = SCHEDULING
CHART = _roles(CARE, "utilization_reviewer")
IDENTIFYING = _roles(CARE, "director")
CLINICAL_DETAIL: Roles = _roles(CLINICAL, "utilization_reviewer")
"""Who sees diagnoses and goals in the summary that the front desk also uses."""
CHARGES = _roles(REVENUE, CLINICAL)
RESULTS = _roles(CLINICAL, "utilization_reviewer")
MANAGING = _roles(REVENUE, CLINICAL, DIRECTOR)
ORGANIZATION_WIDE: Roles = _roles(TRAIL, DIRECTOR)
"""Who sees the audit entries of what belongs to no program: patients, clinicians, payer policies."""

QUESTIONS: dict[str, Roles] = {
    # The day's work; those marked * hold names
    "caseload.sessions": ROOMS,  # *
    "caseload.session": ROOMS,  # *
    "caseload.groups": ROOMS,  # *
    "caseload.patients": CHART,  # *
    "caseload.patient_summary": CHART,  # *
    "caseload.notes_to_sign": CLINICAL,
    "caseload.documentation": CLINICAL,
    "caseload.session_documentation": CLINICAL,
    "caseload.due": _roles(CARE, "utilization_reviewer", DIRECTOR),
    "caseload.waiting_list": _roles(CARE, "utilization_reviewer", DIRECTOR),  # *
    "caseload.programs": ANYONE,
    "caseload.clinicians": _roles(CHART, "director"),  # *
    "caseload.payers": ANYONE,
    "caseload.patient_notes": _roles(CLINICAL, PRIVACY, "utilization_reviewer"),
    "caseload.session_notes": _roles(CLINICAL, PRIVACY, "utilization_reviewer"),
    "caseload.census": _roles(CARE, "utilization_reviewer", DIRECTOR),
    "caseload.attendance_picture": _roles(CARE, "utilization_reviewer", DIRECTOR),
    # Money
    "billing.days": CHARGES,
    "billing.totals": MANAGING,
    "billing.months": _roles(REVENUE, DIRECTOR),
    "billing.held": MANAGING,
    "billing.corrections": MANAGING,
    "billing.denied_voids": REVENUE,
    "billing.unsigned": MANAGING,
    "billing.running_out": CHARGES,
    "billing.recertifications": CHARGES,
    "billing.eligibility": COVERAGE,
    "billing.filing": REVENUE,
    "billing.secondary": REVENUE,
    "billing.self_pay": REVENUE,
    "billing.unbilled": MANAGING,
    "billing.claims": REVENUE,
    "billing.claim": REVENUE,
    "billing.authorizations": CHARGES,
    "billing.patient_days": CHARGES,
    "billing.patient_day": _roles(CHARGES, "auditor"),
    "billing.patient_week": CHARGES,
    "billing.patient_authorizations": CHARGES,
    "billing.patient_claims": REVENUE,
    "billing.account": _roles(BILLER, DIRECTOR),
    "billing.unmatched": _roles(BILLER, DIRECTOR),
    "billing.denials": _roles(REVENUE, DIRECTOR),
    "billing.payer_credits": _roles(REVENUE, DIRECTOR),
    "billing.unmatched_takebacks": _roles(REVENUE, DIRECTOR),
    "billing.denied_lines": REVENUE,
    "billing.disputes": _roles(REVENUE, DIRECTOR),
    "dispute.packets": _roles(REVENUE, DIRECTOR, PRIVACY),
    "dispute.packet": _roles(PRIVACY, "utilization_reviewer"),  # *
    "billing.self_audit": _roles(REVENUE, DIRECTOR, "auditor"),
    "billing.provider_adjustments": _roles(BILLER, DIRECTOR),
    # Getting better
    "outcomes.patient": RESULTS,
    "outcomes.patient_picture": RESULTS,
    "outcomes.expected": RESULTS,
    "outcomes.program": RESULTS,
    "outcomes.program_picture": RESULTS,
    "outcomes.stay_picture": RESULTS,
    "outcomes.programs": RESULTS,
    "outcomes.alerts": CLINICAL,
    "outcomes.alert_counts": _roles(CLINICAL, DIRECTOR),  # exact: one urgent alert that nobody takes must be seen
    "outcomes.risk": _roles(RESULTS, PRIVACY),
    "outcomes.cohorts": _roles(RESULTS, DIRECTOR),
    "outcomes.difference": _roles(RESULTS, DIRECTOR),
    "outcomes.stay": _roles(RESULTS, DIRECTOR),
    "outcomes.attendance": _roles(RESULTS, DIRECTOR),
    # The trail
    "audit.entries": TRAIL,
    "audit.stream": TRAIL,
    "audit.counts": _roles(TRAIL, DIRECTOR),
    "audit.reads": TRAIL,
    "audit.changes": TRAIL,
    "audit.export": TRAIL,
    "audit.break_glass": PRIVACY,  # *
    "audit.disclosures": PRIVACY,  # *
    "log.proof": TRAIL,
    # The record itself; * holds the words of a document
    "note.read": _roles(CLINICAL, PRIVACY),  # *
    "note.signatures": _roles(CLINICAL, TRAIL),
    "note.envelopes": _roles(CLINICAL, PRIVACY),  # *
    "note.print": _roles(CLINICAL, PRIVACY),  # *
    "note.differences": _roles(CLINICAL, PRIVACY),  # *
    "session.print": _roles(CLINICAL, PRIVACY),  # *
    "patient.chart": _roles(CLINICAL, PRIVACY),  # *
    "patient.continued_stay": RESULTS,
    "patient.continued_stay_print": RESULTS,  # *
    "stream.version": ANYONE,
    "account.unmatched": BILLER,
    # Who a patient is; * holds names, birth date, numbers and address
    "patient.find": IDENTIFYING,
    "patient.identity": IDENTIFYING,  # *
    "me": ANYONE,
}
"""Which roles may ask what; by the name that the access log records."""


def looks_from_outside(role: Role) -> bool:
    """Whether a person in this role is told of scores only by cohorts and what may leave the program: it works for the
    organization, not with these patients. Nobody's answer reaches beyond the programs of the token."""
    return role in ORGANIZATION_WIDE


def roles_for(command: type) -> Roles:
    """The roles that may order a command; none for one that nobody has thought about."""
    return ORDERS.get(COMMAND_NAME.get(command, ""), frozenset())


def may_order(role: Role, command: type) -> bool:
    """Whether a person in this role may order this command."""
    return role == SYSTEM or role in roles_for(command)


def may_see_unreferred(role: Role, query: str) -> bool:
    """Whether a patient who was referred to no program yet is within reach.

    Such a patient is whoever's may register one; the trail of it is the organization's.
    """
    return role in ORDERS["patient.register"] or (query.startswith("audit.") and role in ORGANIZATION_WIDE)


def may_ask(role: Role, query: str) -> bool:
    """Whether a person in this role may ask this query."""
    return role in QUESTIONS.get(query, frozenset())
