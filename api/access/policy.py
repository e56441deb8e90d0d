"""Who may do and see what, where, and why: the access policy, in one file. What is not named here, nobody may.

Read it as a table: each row is an order (something is recorded) or a question (something is shown), and says

    roles      who may, by the role of their token; every other role is answered 403
    scope      organization: it belongs to no program. program: within the programs of the token. relationship: of these
               only patients whom the person treats, for the roles in `TREATING`; the others work on it by program
    purpose    what it is for; the access log says the same of each read
    narrowed   which part of an answer only some of these roles get

What lies outside a scope is answered 404, like what does not exist. The tables follow the minimum-necessary standard of
45 CFR 164.502(b): each role has what its work needs and no more. A biller sees no answer that holds a name or the words
of a note; an auditor changes nothing. "system" stands for the operator's own tools (`load`, `demo`), which may order
everything and ask nothing; no token can claim it.

Why the chart wants a relationship and the room does not. Words, results and risk tell what a person confided, and
nobody treats everybody of a program; so whoever treats a patient reads the chart, and everybody else breaks the glass
and says why. Who is in which room, who is in care, who waits and what is unsigned have to be found by whoever stands at
the desk, or nobody could be let in or stood in for; and an alert is everybody's who is on the floor. Leading a session,
admitting and taking a patient over are open to all of a program's clinical staff: each is a fact under one's own name
that makes a relationship. Directors, front desk, billers and reviewers have no caseload: their work is the program's.
Who counts as treating stands in `aggregates.relationship`; what may leave the house in `aggregates.disclosure`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from aggregates.values import Role

Roles = frozenset[Role]
Scope = Literal["organization", "program", "relationship"]
Purpose = Literal["treatment", "payment", "operations", "audit", "privacy"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the policy; `narrowed` names parts of an answer, each with the roles that get it."""

    roles: Roles
    scope: Scope
    purpose: Purpose
    narrowed: Mapping[str, Roles] = field(default_factory=dict)


def _roles(*groups: Role | Roles) -> Roles:
    return frozenset(role for group in groups for role in ((group,) if isinstance(group, str) else group))


TREATING: Roles = _roles("clinician", "supervisor", "prescriber")
"""The roles that treat patients, and so need a relationship with whomever a row of that scope is about."""
CLINICAL = TREATING
FRONT_DESK = _roles("front_desk")
PRESCRIBER = _roles("prescriber")
DIRECTOR = _roles("director")
LEADERS = _roles("supervisor", "director")
SUPERVISOR = _roles("supervisor")
CARE = _roles(FRONT_DESK, CLINICAL)
SCHEDULING = _roles(CARE, "director")
REVENUE = _roles("biller", "utilization_reviewer")
COVERAGE = _roles(FRONT_DESK, REVENUE)
BILLER = _roles("biller")
PRIVACY = _roles("privacy_officer")
TRAIL = _roles("auditor", "privacy_officer")
REVIEWER = _roles("utilization_reviewer")
ANYONE: Roles = _roles(CARE, REVENUE, TRAIL, DIRECTOR)
CHART = _roles(CARE, REVIEWER)
IDENTIFYING = _roles(CARE, DIRECTOR)
DETAILED: Roles = _roles(CLINICAL, REVIEWER)
CHARGES = _roles(REVENUE, CLINICAL)
MANAGING = _roles(REVENUE, CLINICAL, DIRECTOR)
WORKING = _roles(CARE, REVIEWER, DIRECTOR)
ORGANIZATION_WIDE: Roles = _roles(TRAIL, DIRECTOR)
"""Who works for the organization: sees the audit entries of what belongs to no program (clinicians, payer policies, and
of patients within reach what is their own), and of scores only cohorts."""
Row = Roles | Rule


def _rows(scope: Scope, purpose: Purpose, rows: Mapping[str, Row]) -> dict[str, Rule]:
    """The rows of one scope and purpose; a row that differs is a Rule of its own."""
    return {name: row if isinstance(row, Rule) else Rule(row, scope, purpose) for name, row in rows.items()}


ORDERS: dict[str, Rule] = {
    # The organization
    **_rows("organization", "operations", {
        "program.open": DIRECTOR,
        "clinician.join": DIRECTOR,
        "clinician.record_credential": DIRECTOR,
        "clinician.lapse_credential": DIRECTOR,
        "clinician.record_payer_credentialing": _roles(DIRECTOR, BILLER),
        "clinician.assign_supervisor": DIRECTOR,
        "clinician.leave": DIRECTOR,
        "clinician.create_signing_key": CLINICAL,
        "clinician.revoke_signing_key": _roles(CLINICAL, DIRECTOR),
    }),
    **_rows("organization", "payment", {
        "payer_policy.publish": BILLER,
        "payer_policy.verify": _roles(BILLER, DIRECTOR),  # a control: never by whoever set the terms
        "payer_policy.revise": BILLER,
        "payer_policy.retire": BILLER,
        "payer_policy.record_electronic_address": BILLER,
    }),
    **_rows("program", "operations", {
        "program.record_provider_identity": DIRECTOR,
        "program.record_submitter": DIRECTOR,
        "program.record_campus": DIRECTOR,
        "program.record_payer_enrollment": _roles(DIRECTOR, BILLER),
        "program.adopt_schedule": DIRECTOR,
        "program.adopt_fee_schedule": _roles(DIRECTOR, BILLER),
        "program.declare_closure": DIRECTOR,
        "program.close": DIRECTOR,
        # Being on call opens the program's charts, so nobody but its leaders gives it.
        "clinician.assign_on_call": LEADERS,
        "clinician.end_on_call": LEADERS,
    }),
    # The patient
    **_rows("program", "treatment", {
        "patient.register": CARE,
        "patient.correct_demographics": _roles(FRONT_DESK, PRIVACY),
        "patient.sign_consent": CARE,
        "patient.revoke_consent": _roles(CARE, PRIVACY),
        "patient.record_guardian": CARE,
        "patient.end_guardian": CARE,
    }),
    **_rows("program", "payment", {
        "patient.record_coverage": _roles(FRONT_DESK, BILLER),
        "patient.end_coverage": _roles(FRONT_DESK, BILLER),
        "patient.check_eligibility": COVERAGE,
        "enrollment.verify_benefits": COVERAGE,
    }),
    **_rows("program", "privacy", {
        "patient.set_confidential_contact": _roles(CARE, PRIVACY),
        "patient.restrict_disclosure": _roles(FRONT_DESK, PRIVACY),
        "patient.request_amendment": _roles(CARE, PRIVACY),
        "patient.answer_amendment": PRIVACY,
        "patient.file_disagreement": PRIVACY,
        "access.review_break_glass": PRIVACY,
        "access.record_disclosure": _roles(CARE, PRIVACY, REVIEWER),
        "shredding.request": PRIVACY,
        "shredding.approve": _roles(PRIVACY, DIRECTOR),
        "shredding.withdraw": _roles(PRIVACY, DIRECTOR),
        "shredding.place_hold": _roles(PRIVACY, DIRECTOR),
        "shredding.release_hold": _roles(PRIVACY, DIRECTOR),
        "shredding.carry_out": PRIVACY,
    }),
    # Who may come in at all: a person belongs to the house; a director reaches whoever works in theirs (see `staff`).
    **_rows("organization", "privacy", {
        "access.revoke": _roles(DIRECTOR, PRIVACY), "access.grant": _roles(DIRECTOR, PRIVACY),
    }),
    # The way in for emergencies: to any patient of any program, for whoever works in one.
    **_rows("organization", "treatment", {"access.open_break_glass": CLINICAL}),
    # The episode. Its dates are the program's; taking a patient over makes the relationship, so it cannot ask for one.
    **_rows("program", "treatment", {
        "enrollment.refer": _roles(CARE, REVIEWER),
        "enrollment.correct_admission": CLINICAL,
        "enrollment.correct_discharge": CLINICAL,
        "enrollment.correct_attending": CLINICAL,
        "enrollment.start_leave": CARE,
        "enrollment.end_leave": CARE,
        "enrollment.correct_leave": CARE,
        "enrollment.release_hold": Rule(DIRECTOR, "program", "payment"),
        "enrollment.write_off_day": Rule(DIRECTOR, "program", "payment"),
        "enrollment.withdraw_hold_release": Rule(DIRECTOR, "program", "payment"),
        "enrollment.withdraw_day_write_off": Rule(DIRECTOR, "program", "payment"),
    }),
    **_rows("relationship", "treatment", {
        "enrollment.assess_level_of_care": CLINICAL,
        "enrollment.admit": CLINICAL,
        "enrollment.record_diagnosis": CLINICAL,
        "enrollment.adopt_plan": CLINICAL,
        "enrollment.review_plan": CLINICAL,
        "enrollment.certify_plan": PRESCRIBER,
        "enrollment.recertify_plan": PRESCRIBER,
        "enrollment.link_document": CLINICAL,
        "enrollment.change_level_of_care": CLINICAL,
        "enrollment.plan_discharge": CLINICAL,
        "enrollment.discharge": CLINICAL,
    }),
    # The payer's permission
    **_rows("program", "payment", {
        "authorization.request": REVENUE,
        "authorization.submit_review": REVENUE,
        "authorization.hold_peer_to_peer": _roles(REVENUE, PRESCRIBER),
        "authorization.log_payer_contact": REVENUE,
        "authorization.approve": REVENUE,
        "authorization.extend": REVENUE,
        "authorization.deny": REVENUE,
        "authorization.void": REVENUE,
    }),
    # The room
    **_rows("program", "treatment", {
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
    }),
    # The record; a document is also its author's, whose cosignature it waits for or has, and who signed beside or is to
    **_rows("relationship", "treatment", {
        "note.draft": CLINICAL,
        "note.revise": CLINICAL,
        "note.sign": CLINICAL, "note.sign_as_facilitator": CLINICAL,
        "note.return": SUPERVISOR,
        "note.cosign": SUPERVISOR,
        "note.amend": CLINICAL,
        "note.attest_signature": CLINICAL,
        "note.rest_on": CLINICAL,
        "note.enter_in_error": CLINICAL,
        "note.patient_sign": CLINICAL,
        "note.patient_refuse": CLINICAL,
        "assessment.administer": CLINICAL,
        "assessment.correct": CLINICAL,
        "assessment.void": CLINICAL,
        "risk.assess": CLINICAL,
        "risk.record_safety_plan": CLINICAL,
    }),
    # Who needs someone: who sees an alert that stands (see `alerts`) takes it, and who reached the patient says so.
    **_rows("program", "treatment", {
        "risk.make_follow_up": CARE,
        "risk.acknowledge_alert": CLINICAL,
    }),
    # Money
    **_rows("program", "payment", {
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
        "dispute.issue_packet": _roles(PRIVACY, REVIEWER),
        "dispute.resolve": REVENUE,
    }),
}  # fmt: skip
"""Who may order what; by the command's registered name."""

QUESTIONS: dict[str, Rule] = {
    # The day's work; those marked * hold names
    **_rows("program", "treatment", {
        "caseload.sessions": Rule(SCHEDULING, "program", "treatment", {"alerts": CLINICAL}),  # *
        "caseload.session": Rule(SCHEDULING, "program", "treatment", {"alerts": CLINICAL}),  # *
        "caseload.groups": SCHEDULING,  # *
        "caseload.patients": CHART,  # *
        # The treating roles get the detail of whom they treat.
        "caseload.patient_summary": Rule(CHART, "program", "treatment", {"clinical_detail": DETAILED}),  # *
        "caseload.notes_to_sign": CLINICAL,
        "caseload.documentation": CLINICAL,
        "caseload.session_documentation": CLINICAL,
        "caseload.due": WORKING,
        "caseload.waiting_list": WORKING,  # *
        "caseload.session_notes": _roles(CLINICAL, PRIVACY, REVIEWER),
    }),
    **_rows("program", "operations", {
        "caseload.programs": ANYONE,
        "caseload.clinicians": _roles(CHART, DIRECTOR),  # *
        "caseload.census": WORKING,
        "caseload.attendance_picture": WORKING,
    }),
    **_rows("organization", "operations", {"caseload.payers": ANYONE, "me": ANYONE, "note.templates": ANYONE}),
    # Money: no name and no word of a document
    **_rows("program", "payment", {
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
        "billing.provider_adjustments": _roles(BILLER, DIRECTOR),
        "billing.self_audit": _roles(REVENUE, DIRECTOR, "auditor"),
        "account.unmatched": BILLER,
        "dispute.packets": _roles(REVENUE, DIRECTOR, PRIVACY),
        "dispute.packet": _roles(PRIVACY, REVIEWER),  # *
    }),
    # Getting better: of one patient, then of programs
    **_rows("relationship", "treatment", {
        "outcomes.patient": DETAILED,
        "outcomes.patient_picture": DETAILED,
        "outcomes.expected": DETAILED,
        "outcomes.risk": Rule(
            _roles(DETAILED, PRIVACY), "relationship", "treatment", {"words": _roles(CLINICAL, PRIVACY)}
        ),
    }),
    **_rows("program", "treatment", {
        "outcomes.alerts": CLINICAL,
        "outcomes.alert_counts": _roles(CLINICAL, DIRECTOR),  # exact: one urgent alert nobody takes must be seen
    }),
    **_rows("program", "operations", {
        "outcomes.program": DETAILED,
        "outcomes.program_picture": DETAILED,
        "outcomes.stay_picture": DETAILED,
        "outcomes.programs": DETAILED,
        "outcomes.cohorts": _roles(DETAILED, DIRECTOR),
        "outcomes.difference": _roles(DETAILED, DIRECTOR),
        "outcomes.stay": _roles(DETAILED, DIRECTOR),
        "outcomes.attendance": _roles(DETAILED, DIRECTOR),
    }),
    # The trail: ids, codes and sentences without a word of a document
    **_rows("program", "audit", {
        "audit.entries": TRAIL,
        "audit.stream": TRAIL,
        "audit.counts": _roles(TRAIL, DIRECTOR),
        "audit.reads": TRAIL,
        "audit.changes": TRAIL,
        "audit.export": TRAIL,
    }),
    **_rows("program", "privacy", {
        "audit.break_glass": PRIVACY, "audit.disclosures": PRIVACY,  # *
        "audit.shreddings": _roles(PRIVACY, DIRECTOR),  # who may approve them
    }),
    **_rows("organization", "audit", {"log.proof": TRAIL}),
    # The record itself; * holds the words of a document
    **_rows("relationship", "treatment", {
        "caseload.patient_notes": _roles(CLINICAL, PRIVACY, REVIEWER),
        "note.read": _roles(CLINICAL, PRIVACY),  # *
        "note.signatures": _roles(CLINICAL, TRAIL),
        "note.envelopes": _roles(CLINICAL, PRIVACY),  # *
        "note.print": _roles(CLINICAL, PRIVACY),  # *
        "note.differences": _roles(CLINICAL, PRIVACY),  # *
        "session.print": _roles(CLINICAL, PRIVACY),  # *
        "patient.chart": _roles(CLINICAL, PRIVACY),  # *
        "patient.continued_stay": Rule(DETAILED, "relationship", "payment"),
        "patient.continued_stay_print": Rule(DETAILED, "relationship", "payment"),  # *
    }),
    **_rows("program", "operations", {"stream.version": ANYONE}),
    # Who a patient is; * holds names, birth date, numbers and address
    **_rows("program", "treatment", {
        "patient.find": IDENTIFYING,
        "patient.identity": Rule(
            IDENTIFYING, "program", "treatment", {"social_security_number": _roles(FRONT_DESK, PRIVACY)}
        ),  # *
    }),
}  # fmt: skip
"""Who may ask what; by the name that the access log records."""
