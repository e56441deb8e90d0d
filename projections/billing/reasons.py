"""Why a day is not billable now: for each code the sentence, whose it is to act on, and what to do next.

Sentences are filled with the numbers that the rule compared (`words` says how). Denial codes are the payer's word for
the same thing. REASONS speaks of a code in general; where one answer allows to say more, `variants` does.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason in words; `owner` is the role that acts; `denial` the CARC that a payer would answer with.

    One that does not decide is never the reason of a day's state: it stands beside the others.
    """

    sentence: str
    owner: str
    next_step: str
    denial: str | None = None
    decides: bool = True


REASONS: dict[str, Reason] = {
    "parked": Reason(
        "The patient's record could not be followed beyond the fact at position {position}: nothing is decided.",
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
    "no_coverage": Reason(
        "No coverage is recorded for this day.", "front_desk", "Check eligibility and record the coverage.", "CO-27"
    ),
    "member_number_missing": Reason(
        "The coverage has no member number.",
        "front_desk",
        "Record the coverage again with the number on the card.",
        "CO-16",
    ),
    "no_policy": Reason(
        "No terms of this payer are in force on this day.", "biller", "Publish the payer's policy for this period."
    ),
    "level_of_care_not_per_diem": Reason(
        "This payer's policy has no per diem for {level} in {focus}.",
        "biller",
        "Bill this level under its own rules, or add its per diem to the policy.",
    ),
    "charge_missing": Reason(
        "The program's fee schedule has no charge for {codes} on this day.",
        "biller",
        "Adopt a fee schedule with this charge from a day on or before this one.",
    ),
    "expected_payment_unknown": Reason(
        "What the payer pays for this day is not known.",
        "biller",
        "Nothing to do for the claim; record the rate in a revision of the policy when it is known.",
        decides=False,
    ),
    "diagnosis_missing": Reason(
        "No principal diagnosis is recorded for this day.",
        "clinician",
        "Record the principal diagnosis (rank 1) from a day on or before this one.",
        "CO-16",
    ),
    "attending_npi_missing": Reason(
        "The attending, whom an institutional claim names, has no national provider identifier recorded.",
        "director",
        "Record the attending anew with the identifier.",
        "CO-16",
    ),
    "rendering_npi_missing": Reason(
        "Whoever renders {procedure} on a professional claim has no national provider identifier recorded.",
        "director",
        "Record the clinician anew with the identifier.",
        "CO-16",
    ),
    "payer_address_missing": Reason(
        "Where this payer's claim files go, and by which id they name it, is not recorded.",
        "biller",
        "Record the payer's electronic address.",
    ),
    "subscriber_missing": Reason(
        "The patient is covered as {relationship} of a subscriber who is not recorded.",
        "front_desk",
        "Record the coverage again with the subscriber's name and birth date.",
        "CO-16",
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
        "Sign a note of the session, or its narrative.",
        "CO-252",
    ),
    "not_credentialed_with_payer": Reason(
        "Whoever signed is not accepted by this payer on the day of service.",
        "director",
        "Record the payer's credentialing, or have an accepted clinician's service billed.",
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
    "partial_hospitalization_before": Reason(
        "Partial hospitalization on {last_partial}, {days:day} before: this payer returns a claim for intensive "
        "outpatient care that begins within {look_back:day} after it.",
        "biller",
        "If this provider billed that day to the payer, expect the claim back; ask the payer how to bill these days.",
    ),
    "not_enrolled_with_payer": Reason(
        "The program is not enrolled with this payer on this day.",
        "director",
        "Record the enrollment with the payer, or bill another payer.",
    ),
    "authorization_missing": Reason(
        "No approved authorization for this payer, level and code.",
        "utilization_reviewer",
        "Request an authorization, retroactively if the payer allows.",
        "CO-197",
    ),
    "authorization_denied": Reason(
        "The payer denied the authorization.",
        "utilization_reviewer",
        "Ask for a peer-to-peer review or appeal.",
        "CO-197",
    ),
    "authorization_not_started": Reason(
        "The authorization starts on {valid_from}.",
        "utilization_reviewer",
        "Ask the payer for an earlier start.",
        "CO-197",
    ),
    "authorization_expired": Reason(
        "The authorization ended on {valid_through}.",
        "utilization_reviewer",
        "Ask the payer for an extension from the day after.",
        "CO-197",
    ),
    "authorization_exhausted": Reason(
        "Earlier days use all of the authorization's {units:unit}.",
        "utilization_reviewer",
        "Ask the payer for more units.",
        "CO-198",
    ),
    "no_consent_for_disclosure": Reason(
        "No consent in force lets a substance-use record go to this payer (42 CFR Part 2).",
        "front_desk",
        "Ask the patient for a consent that names this payer.",
    ),
    "consent_ran_out": Reason(
        "The consent to disclose ended on {through}, and the payer was not told of this day by then (42 CFR 2.31).",
        "front_desk",
        "Ask the patient for a new consent that names this payer.",
    ),
    "disclosure_restricted": Reason(
        "The patient paid in full and forbade telling this payer (45 CFR 164.522(a)).",
        "front_desk",
        "Nothing to bill to this payer.",
    ),
    "self_pay": Reason(
        "Not billable to a payer: by agreement the patient pays; owes {owed_cents:money} of {charge_cents:money}.",
        "biller",
        "Ask the patient for it; correct the agreement if a payer is to be billed.",
    ),
    "patient_charged": Reason(
        "The patient was charged {charge_cents:money} for this day, which a payer is to be asked for now.",
        "biller",
        "Take that charge back (`iop-es accounts charge`), then bill the payer.",
    ),
    "second_program_same_day": Reason(
        "One per diem a day to this payer: another program's day has {minutes:minute} and goes first (that the longer "
        "day does is our convention, unverified).",
        "biller",
        "Nothing to bill as long as the other program's day stands; once a director writes that one off, this one is.",
        "CO-97",
    ),
    "billed_by_other_program": Reason(
        "Claim {other} of another program bills {codes} of this day to this payer already.",
        "biller",
        "If that claim is wrong, put it right first and prepare this day then; otherwise write this day off.",
        "CO-18",
    ),
    "correction_not_accepted": Reason(
        "Claim {other} takes back what was billed for this day, and the payer has not accepted it yet.",
        "biller",
        "Send that claim if it was not sent; record the payer's acceptance (277CA or portal), or its rejection, which "
        "gives the day back to the earlier claim.",
        "CO-18",
    ),
    "written_off": Reason("Billing of this day was given up ({cause}).", "director", "Nothing to do."),
    "filing_window_over": Reason(
        "The last day for filing was {due_on}.",
        "biller",
        "File with the payer's reason for late filing if there is one, and have the hold released; else write it off.",
        "CO-29",
    ),
    "earlier_claim_unanswered": Reason(
        "The claim through {through} has no remittance yet, and this payer takes claims in sequence.",
        "biller",
        "Post the remittance of the earlier claim, or ask the payer for it.",
    ),
    "earlier_claim_rejected": Reason(
        "An earlier claim was rejected: codes {codes}.", "biller", "Mend it before sending again."
    ),
    "denied_by_payer": Reason(
        "The payer denied {denied_cents:money} of {charge_cents:money} (answered on {answered_on}); adjustments: "
        "{adjusted}.",
        "biller",
        "Read the CARC; correct and replace the claim, or appeal.",
        decides=False,
    ),
}
