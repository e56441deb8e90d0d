"""Reasons in what was delivered and documented: attendance, groups, notes and signatures, weeks, plans of care."""

from __future__ import annotations

from projections.billing.reasons.reason import Reason

_RECORDED_LATE = (
    "The {paper} of {told_on}, on which this day rests, was recorded on {recorded_on}: {days:day} after its own day, "
    "and after this one ({because})."
)
DELIVERED: dict[str, Reason] = {
    "parked": Reason(
        "The patient's record could not be followed to its end: nothing is decided.",
        "director",
        "Have the cause that `iop-es parked` shows mended; `iop-es parked --retry` then decides every day anew.",
    ),
    "session_open": Reason(
        "{sessions:session} of the day still to be held or closed, so that the minutes are not final.",
        "clinician",
        "Hold and close what is left of the day; mark the patient absent from, or take off, what the patient misses.",
    ),
    "no_attendance": Reason(
        "The patient attended no session of the day.", "front_desk", "Nothing to do; correct it if it is wrong."
    ),
    "session_cancelled": Reason("Every session of the day was cancelled.", "front_desk", "Nothing to do."),
    "service_kind_unknown": Reason(
        "A corrected attendance names a session whose kind of service is not known for this patient.",
        "clinician",
        "Put the patient on the session's roster, then correct the attendance again.",
    ),
    "no_admission": Reason(
        "The day lies before an admission.",
        "front_desk",
        "Record the admission with its true date, if there was one.",
    ),
    "after_discharge": Reason(
        "The day lies after the discharge on {discharged_on}.",
        "clinician",
        "Correct the attendance or the discharge, whichever is wrong; if neither is, a director writes the day off.",
    ),
    "on_leave": Reason(
        "The patient was on leave since {since}.",
        "front_desk",
        "End the leave on the day of return, or correct the leave or the attendance.",
    ),
    "session_too_short": Reason(
        "{minutes} of {minimum:minute}: below the payer's minimum for a session; its minutes do not count.",
        "clinician",
        "Nothing to do; correct the attendance if it is wrong.",
    ),
    "telehealth_not_allowed": Reason(
        "By {modality} at place of service {place}, which this payer does not take on this day; its minutes do not "
        "count.",
        "biller",
        "Correct how and where it took place if that is wrong.",
    ),
    "visit_beyond_limit": Reason(
        "One more {kind} visit than the {maximum} a day that this payer takes; its minutes do not count.",
        "biller",
        "Nothing to bill for it.",
    ),
    "group_under_minimum": Reason(
        "{head_count:patient} in a group that this payer wants to have at least {minimum}.",
        "supervisor",
        "Correct the head-count if it is wrong; otherwise bring groups together.",
    ),
    "attestation_missing": Reason(
        "The author signed at {signed_at:time}, after the payer's window, which ended at {closed_at:time}; the payer "
        "takes such a signature only with an attestation.",
        "clinician",
        "Attest the signature: the author alone may.",
        "CO-252",
    ),
    "facilitator_signature_missing": Reason(
        "The payer wants every facilitator's signature; not signed by {missing}.",
        "clinician",
        "Sign the session's narrative, or the patient's part, beside its author.",
        "CO-252",
    ),
    "schedule_shape": Reason(
        "{days} of {minimum_days:day} of services offered in the week.",
        "director",
        "Offer services as the payer's schedule wants; a week that is over cannot be made up: release its days with "
        "a cause, or write them off.",
    ),
    "below_minimum_minutes": Reason(
        "{minutes} of {minimum:minute}: below the payer's minimum for a day.",
        "biller",
        "Nothing to bill as a day; correct the attendance if it is wrong.",
    ),
    "below_minimum_sessions": Reason(
        "{sessions} of {minimum:service}: below the payer's minimum for a day.",
        "biller",
        "Nothing to bill as a day; correct the attendance if it is wrong.",
    ),
    "primary_service_missing": Reason(
        "None of the day's services ({codes}) is on the payer's primary list, so that it is not priced as a day of "
        "{needed:service}.",
        "biller",
        "Nothing to do for the claim; correct what kind of service was given if that is wrong.",
    ),
    "no_whole_unit": Reason(
        "{minutes:minute} counted: no whole unit ({basis}).",
        "biller",
        "Nothing to bill as a unit; correct the attendance if it is wrong.",
    ),
    "overlap": Reason(
        "Two sessions of the day overlap; the shared minutes are counted once.",
        "clinician",
        "Correct the attendance of one of the two sessions.",
        "CO-18",
    ),
    "scheduled_twice": Reason(
        "Services of {on} were scheduled at the same time; the {shared:minute} that they share count once in the week.",
        "front_desk",
        "Correct the schedule or the attendance if it is wrong.",
        decides=False,
    ),
    "group_over_maximum": Reason(
        "{head_count:patient} in a group that this payer limits to {maximum}.",
        "supervisor",
        "Correct the head-count if it is wrong; otherwise split the group.",
    ),
    "note_missing": Reason(
        "A session of {minutes:minute} has no note.",
        "clinician",
        "Write and sign the note.",
        "CO-252",
    ),
    "note_unsigned": Reason("The author has not signed the note.", "clinician", "Sign the note.", "CO-252"),
    "narrative_unsigned": Reason(
        "The group narrative that a note rests on is not signed.", "clinician", "Sign the group narrative.", "CO-252",
    ),
    "narrative_in_error": Reason(
        "The group narrative that a note rests on was entered in error.",
        "clinician",
        "Document the session's narrative anew, then sign that the note rests on it.",
        "CO-252",
    ),
    "note_returned": Reason(
        "A note was returned for changes and is a draft again.",
        "clinician",
        "Change the note and sign it again.",
        "CO-252",
    ),
    "note_in_error": Reason(
        "The only note of a session was entered in error.", "clinician", "Write and sign the right note.", "CO-252",
    ),
    "cosignature_missing": Reason(
        "A note of an associate has no cosignature. The payer's window is for the author's signature; "
        "that a cosignature missing at its end holds the day is our convention, unverified.",
        "supervisor",
        "Review the note; cosign or return it.",
        "CO-252",
    ),
    "signature_late": Reason(
        "The author signed at {signed_at:time}, after the payer's {hours:hour} for the author's signature, "
        "which ended at {closed_at:time}.",
        "supervisor",
        "Have the author amend the note with why it was late, unless that is recorded; where it holds the day, ask the "
        "director to release it or write it off.",
    ),
    "cosigned_late": Reason(
        "Cosigned late: the author signed at {signed_at:time}, the cosignature came at {cosigned_at:time}; the window "
        "ended at {closed_at:time}. The payer's consequence of a late signature is for the author's only "
        "(our convention, unverified).",
        "supervisor",
        "Have the note amended with why the cosignature was late.",
    ),
    "credential_not_active_on_service_date": Reason(
        "Whoever signed had no active credential on the day of service.",
        "director",
        "Record the credential if it was active; otherwise the day cannot be billed on this signature.",
    ),
    "weekly_minimum": Reason(
        "{minutes} of {minimum_minutes:{measure} minute} and {days} of {minimum_days:day} in the week.",
        "clinician",
        "While the week lasts, offer a make-up session; once it is over it cannot be made up: a director releases its "
        "days with a cause, or writes them off.",
    ),
    "certification_missing": Reason(
        "No physician has certified the need for this level of care.", "prescriber", "Certify the plan of care.",
        "CO-50",
    ),
    "certifier_not_accepted": Reason(
        "Whoever certified held none of the credentials on that day that this payer asks for ({titles}).", "prescriber",
        "Have the plan certified by somebody who does, or record the credential.",
    ),
    "certification_expired": Reason(
        "The certification ended on {through}.",
        "prescriber",
        "Recertify the plan of care, which covers the days from its own date on; write off those before it.",
        "CO-50",
    ),
    "certification_recorded_late": Reason(
        _RECORDED_LATE,
        "prescriber",
        "Keep an explanation of the delay with it, ready for when the payer asks (42 CFR 424.11(d)(3): unverified).",
    ),
    "plan_review_recorded_late": Reason(
        _RECORDED_LATE,
        "clinician",
        "Keep an explanation of the delay with it, ready for when the payer asks.",
    ),
    "plan_review_overdue": Reason(
        "The review of the plan of care was due on {due_on}.",
        "clinician",
        "Review the plan of care, which counts for the days from the review on; write off those before it.",
        "CO-50",
    ),
    "plan_missing": Reason(
        "No plan of care is recorded for this day.",
        "clinician",
        "Adopt a plan of care, which counts for the days from its adoption on; write off those before it.",
        "CO-50",
    ),
    "duration_rationale_missing": Reason(
        "Week {weeks} in care (calendar weeks with a service: our convention, unverified); beyond {cap:week} the payer "
        "wants a rationale in the record.",
        "clinician",
        "Review the plan and state why care goes on, for the days from the review on; those before it a director may "
        "release.",
        "CO-50",
    ),
}
