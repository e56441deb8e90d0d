"""Who may do and see what, where, and why: the access policy, in one file. What is not named here, nobody may.

Read it as a table: each row is an order (something is recorded) or a question (something is shown), and says

    roles      who may, by the role of their token; every other role is answered 403
    scope      organization: it belongs to no program. program: within the programs of the token. relationship: of these
               only patients whom the person treats, for the roles in `TREATING`; the others work on it by program
    purpose    what it is for; the access log says the same of each read
    narrowed   which part of an answer only some of these roles get

Who belongs to a group of roles (in capitals) stands in `vocabulary`.
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

from api.access.vocabulary import (
    ANYONE,
    BILLER,
    CARE,
    CHARGES,
    CHART,
    CLINICAL,
    COVERAGE,
    DETAILED,
    DIRECTOR,
    FRONT_DESK,
    IDENTIFYING,
    LEADERS,
    MANAGING,
    PRESCRIBER,
    PRIVACY,
    REVENUE,
    REVIEWER,
    SCHEDULING,
    SUPERVISOR,
    TRAIL,
    WORKING,
    Rule,
    roles,
    rows,
)

ORDERS: dict[str, Rule] = {
    # The organization
    **rows("organization", "operations", {
        "program.open": DIRECTOR,
        "clinician.join": DIRECTOR,
        "clinician.record_credential": DIRECTOR,
        "clinician.lapse_credential": DIRECTOR,
        "clinician.record_payer_credentialing": roles(DIRECTOR, BILLER),
        "clinician.assign_supervisor": DIRECTOR,
        "clinician.leave": DIRECTOR,
        "clinician.create_signing_key": CLINICAL,
        "clinician.revoke_signing_key": roles(CLINICAL, DIRECTOR),
    }),
    **rows("organization", "payment", {
        "payer_policy.publish": BILLER,
        "payer_policy.verify": roles(BILLER, DIRECTOR),  # a control: never by whoever set the terms
        "payer_policy.revise": BILLER,
        "payer_policy.retire": BILLER,
        "payer_policy.record_electronic_address": BILLER,
    }),
    **rows("program", "operations", {
        "program.record_provider_identity": DIRECTOR,
        "program.record_submitter": DIRECTOR,
        "program.record_campus": DIRECTOR,
        "program.record_payer_enrollment": roles(DIRECTOR, BILLER),
        "program.adopt_schedule": DIRECTOR,
        "program.adopt_fee_schedule": roles(DIRECTOR, BILLER),
        "program.declare_closure": DIRECTOR,
        "program.close": DIRECTOR,
        # Being on call opens the program's charts, so nobody but its leaders gives it.
        "clinician.assign_on_call": LEADERS,
        "clinician.end_on_call": LEADERS,
    }),
    # The patient
    **rows("program", "treatment", {
        "patient.register": CARE,
        "patient.correct_demographics": roles(FRONT_DESK, PRIVACY),
        "patient.distinguish": roles(FRONT_DESK, DIRECTOR, PRIVACY),  # not whose claims wait for it
        "patient.sign_consent": CARE,
        "patient.revoke_consent": roles(CARE, PRIVACY),
        "patient.record_guardian": CARE,
        "patient.end_guardian": CARE,
    }),
    **rows("program", "payment", {
        "patient.record_coverage": roles(FRONT_DESK, BILLER),
        "patient.end_coverage": roles(FRONT_DESK, BILLER),
        "patient.check_eligibility": COVERAGE,
        "enrollment.verify_benefits": COVERAGE,
    }),
    **rows("program", "privacy", {
        "patient.set_confidential_contact": roles(CARE, PRIVACY),
        "patient.restrict_disclosure": roles(FRONT_DESK, PRIVACY),
        "patient.request_amendment": roles(CARE, PRIVACY),
        "patient.answer_amendment": PRIVACY,
        "patient.file_disagreement": PRIVACY,
        "access.review_break_glass": PRIVACY,
        "access.record_disclosure": roles(CARE, PRIVACY, REVIEWER),
        "shredding.request": PRIVACY,
        "shredding.approve": roles(PRIVACY, DIRECTOR),
        "shredding.withdraw": roles(PRIVACY, DIRECTOR),
        "shredding.place_hold": roles(PRIVACY, DIRECTOR),
        "shredding.release_hold": roles(PRIVACY, DIRECTOR),
        "shredding.carry_out": PRIVACY,
    }),
    # Who may come in at all: a person belongs to the house; a director reaches whoever works in theirs (see `staff`).
    **rows("organization", "privacy", {
        "access.revoke": roles(DIRECTOR, PRIVACY), "access.grant": roles(DIRECTOR, PRIVACY),
    }),
    # The way in for emergencies: to any patient of any program, for whoever works in one.
    **rows("organization", "treatment", {"access.open_break_glass": CLINICAL}),
    # The episode. Its dates are the program's; taking a patient over makes the relationship, so it cannot ask for one.
    **rows("program", "treatment", {
        "enrollment.refer": roles(CARE, REVIEWER),
        "enrollment.correct_admission": CLINICAL,
        "enrollment.correct_discharge": CLINICAL,
        "enrollment.correct_attending": CLINICAL,
        "enrollment.start_leave": CARE,
        "enrollment.end_leave": CARE,
        "enrollment.correct_leave": CARE,
        "enrollment.release_hold": Rule(DIRECTOR, "program", "payment"),  # gives nothing up: the payer judges the day
        "enrollment.request_day_write_off": Rule(BILLER, "program", "payment"),  # a control: never by whoever approves
        "enrollment.withdraw_day_write_off_request": Rule(roles(BILLER, DIRECTOR), "program", "payment"),
        "enrollment.write_off_day": Rule(DIRECTOR, "program", "payment"),
        "enrollment.withdraw_hold_release": Rule(DIRECTOR, "program", "payment"),
        "enrollment.withdraw_day_write_off": Rule(DIRECTOR, "program", "payment"),
    }),
    **rows("relationship", "treatment", {
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
    **rows("program", "payment", {
        "authorization.request": REVENUE,
        "authorization.submit_review": REVENUE,
        "authorization.hold_peer_to_peer": roles(REVENUE, PRESCRIBER),
        "authorization.log_payer_contact": REVENUE,
        "authorization.approve": REVENUE,
        "authorization.extend": REVENUE,
        "authorization.deny": REVENUE,
        "authorization.void": REVENUE,
    }),
    # The room
    **rows("program", "treatment", {
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
    **rows("relationship", "treatment", {
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
    **rows("program", "treatment", {
        "risk.make_follow_up": CARE,
        "risk.acknowledge_alert": CLINICAL,
    }),
    # Money
    **rows("program", "payment", {
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
        "account.receive_patient_payment": roles(BILLER, FRONT_DESK),
        "account.set_patient_agreement": roles(BILLER, DIRECTOR),
        "account.request_write_off": BILLER,  # a control: never by whoever approves
        "account.withdraw_write_off_request": roles(BILLER, DIRECTOR),
        "account.write_off_balance": DIRECTOR,
        "account.write_off_self_pay_charge": DIRECTOR,
        "account.issue_refund": BILLER,
        "account.identify_overpayment": roles(BILLER, DIRECTOR),
        "account.open_overpayment_investigation": roles(BILLER, DIRECTOR),
        "account.return_overpayment": roles(BILLER, DIRECTOR),
        "account.record_unmatched": BILLER,
        "account.assign_unmatched": BILLER,
        # What payers ask and deny
        "dispute.receive_request": REVENUE,
        "dispute.send_records": REVENUE,
        "dispute.open": REVENUE,
        "dispute.file_appeal": REVENUE,
        "dispute.hold_hearing": REVENUE,
        "dispute.hold_peer_to_peer": roles(REVENUE, PRESCRIBER),
        "dispute.log_call": REVENUE,
        "dispute.assign_owner": DIRECTOR,
        "dispute.issue_packet": roles(PRIVACY, REVIEWER),
        "dispute.resolve": REVENUE,
    }),
}  # fmt: skip
"""Who may order what; by the command's registered name."""

QUESTIONS: dict[str, Rule] = {
    # The day's work; those marked * hold names
    **rows("program", "treatment", {
        "caseload.sessions": Rule(SCHEDULING, "program", "treatment", {"alerts": CLINICAL}),  # *
        "caseload.session": Rule(SCHEDULING, "program", "treatment", {"alerts": CLINICAL}),  # *
        "caseload.groups": SCHEDULING,  # *
        "caseload.patients": CHART,  # *
        # The treating roles get the detail of whom they treat.
        "caseload.patient_summary": Rule(
            CHART, "program", "treatment", {"clinical_detail": DETAILED, "alerts": CLINICAL}
        ),  # *
        "caseload.notes_to_sign": CLINICAL,
        "caseload.documentation": CLINICAL,
        "caseload.session_documentation": CLINICAL,
        "caseload.due": WORKING,
        "caseload.waiting_list": WORKING,  # *
        "caseload.session_notes": roles(CLINICAL, PRIVACY, REVIEWER),
    }),
    **rows("program", "operations", {
        "caseload.programs": ANYONE,
        "caseload.clinicians": roles(CHART, DIRECTOR),  # *
        "caseload.census": WORKING,
        "caseload.attendance_picture": WORKING,
    }),
    **rows("organization", "operations", {"caseload.payers": ANYONE, "me": ANYONE, "note.templates": ANYONE}),
    # Money: no name and no word of a document
    **rows("program", "payment", {
        "billing.days": CHARGES,
        "billing.totals": MANAGING,
        "billing.months": roles(REVENUE, DIRECTOR),
        "billing.held": MANAGING,
        "billing.corrections": MANAGING,
        "billing.denied_voids": REVENUE,
        "billing.unsigned": MANAGING,
        "billing.running_out": CHARGES,
        "billing.recertifications": CHARGES,
        "billing.eligibility": COVERAGE,
        "billing.alike": roles(COVERAGE, DIRECTOR, PRIVACY),
        "billing.filing": REVENUE,
        "billing.secondary": REVENUE,
        "billing.self_pay": REVENUE,
        "billing.unanswered": REVENUE,
        "billing.unbilled": MANAGING,
        "billing.claims": REVENUE,
        "billing.claim": REVENUE,
        "billing.authorizations": CHARGES,
        "billing.patient_days": CHARGES,
        "billing.patient_day": roles(CHARGES, "auditor"),
        "billing.patient_week": CHARGES,
        "billing.patient_authorizations": CHARGES,
        "billing.patient_claims": REVENUE,
        "billing.account": roles(BILLER, DIRECTOR),
        "billing.unmatched": roles(BILLER, DIRECTOR),
        "billing.write_off_requests": roles(BILLER, DIRECTOR),
        "billing.denials": roles(REVENUE, DIRECTOR),
        "billing.payer_credits": roles(REVENUE, DIRECTOR),
        "billing.unmatched_takebacks": roles(REVENUE, DIRECTOR),
        "billing.denied_lines": REVENUE,
        "billing.disputes": roles(REVENUE, DIRECTOR),
        "billing.provider_adjustments": roles(BILLER, DIRECTOR),
        "billing.self_audit": roles(REVENUE, DIRECTOR, "auditor"),
        "account.unmatched": BILLER,
        "dispute.packets": roles(REVENUE, DIRECTOR, PRIVACY),
        "dispute.packet": roles(PRIVACY, REVIEWER),  # *
    }),
    # Getting better: of one patient, then of programs
    **rows("relationship", "treatment", {
        "outcomes.patient": DETAILED,
        "outcomes.patient_picture": DETAILED,
        "outcomes.expected": DETAILED,
        "outcomes.risk": Rule(
            roles(DETAILED, PRIVACY), "relationship", "treatment", {"words": roles(CLINICAL, PRIVACY)}
        ),
    }),
    **rows("program", "treatment", {
        "outcomes.alerts": CLINICAL,
        "outcomes.alert_counts": roles(CLINICAL, DIRECTOR),  # exact: one urgent alert nobody takes must be seen
    }),
    **rows("program", "operations", {
        "outcomes.program": DETAILED,
        "outcomes.program_picture": DETAILED,
        "outcomes.stay_picture": DETAILED,
        "outcomes.programs": DETAILED,
        "outcomes.cohorts": roles(DETAILED, DIRECTOR),
        "outcomes.difference": roles(DETAILED, DIRECTOR),
        "outcomes.stay": roles(DETAILED, DIRECTOR),
        "outcomes.attendance": roles(DETAILED, DIRECTOR),
    }),
    # The trail: ids, codes and sentences without a word of a document
    **rows("program", "audit", {
        "audit.entries": TRAIL,
        "audit.stream": TRAIL,
        "audit.counts": roles(TRAIL, DIRECTOR),
        "audit.reads": TRAIL,
        "audit.changes": TRAIL,
        "audit.export": TRAIL,
    }),
    **rows("program", "privacy", {
        "audit.break_glass": PRIVACY, "audit.disclosures": PRIVACY,  # *
        "audit.shreddings": roles(PRIVACY, DIRECTOR),  # who may approve them
    }),
    **rows("organization", "audit", {"log.proof": TRAIL}),
    # The record itself; * holds the words of a document
    **rows("relationship", "treatment", {
        "caseload.patient_notes": roles(CLINICAL, PRIVACY, REVIEWER),
        "note.read": roles(CLINICAL, PRIVACY),  # *
        "note.signatures": roles(CLINICAL, TRAIL),
        "note.envelopes": roles(CLINICAL, PRIVACY),  # *
        "note.print": roles(CLINICAL, PRIVACY),  # *
        "note.differences": roles(CLINICAL, PRIVACY),  # *
        "session.print": roles(CLINICAL, PRIVACY),  # *
        "patient.chart": roles(CLINICAL, PRIVACY),  # *
        "patient.continued_stay": Rule(DETAILED, "relationship", "payment"),
        "patient.continued_stay_print": Rule(DETAILED, "relationship", "payment"),  # *
    }),
    **rows("program", "operations", {"stream.version": ANYONE}),
    # Who a patient is; * holds names, birth date, numbers and address
    **rows("program", "treatment", {
        "patient.find": IDENTIFYING,
        "patient.identity": Rule(
            IDENTIFYING, "program", "treatment", {"social_security_number": roles(FRONT_DESK, PRIVACY)}
        ),  # *
    }),
}  # fmt: skip
"""Who may ask what; by the name that the access log records."""
