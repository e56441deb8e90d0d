"""Why a day is not billable now: for each code the sentence, whose it is to act on, and what to do next.

Sentences are filled with the numbers that the rule compared. Denial codes are the payer's word for the same thing.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason in words; `owner` is the role that acts; `denial` the CARC that a payer would answer with."""

    sentence: str
    owner: str
    next_step: str
    denial: str | None = None


REASONS: dict[str, Reason] = {
    "session_open": Reason(
        "{sessions} of the day's sessions are not closed yet, so that the minutes are not final.",
        "clinician",
        "Check the patient out and close the session.",
    ),
    "no_attendance": Reason(
        "The patient was absent from every session of the day.",
        "front_desk",
        "Nothing to do; correct the attendance if it is wrong.",
    ),
    "session_cancelled": Reason(
        "Every session of the day was cancelled.",
        "front_desk",
        "Nothing to do.",
    ),
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
        "Correct the attendance or the date of the discharge.",
    ),
    "on_leave": Reason(
        "The patient was on leave since {since}.",
        "front_desk",
        "End the leave on the day of return, or correct the attendance.",
    ),
    "no_coverage": Reason(
        "No coverage is recorded for this day.",
        "front_desk",
        "Check eligibility and record the coverage.",
        "CO-27",
    ),
    "member_number_missing": Reason(
        "The coverage has no member number.",
        "front_desk",
        "Record the coverage again with the number on the card.",
        "CO-16",
    ),
    "no_policy": Reason(
        "No terms of this payer are in force on this day.",
        "biller",
        "Publish the payer's policy for this period.",
    ),
    "level_of_care_not_per_diem": Reason(
        "This payer's policy has no per diem for {level} in {focus}.",
        "biller",
        "Bill this level under its own rules, or add its per diem to the policy.",
    ),
    "policy_rate_unknown": Reason(
        "The policy states no rate for this per diem.",
        "biller",
        "Record the rate in a revision of the policy.",
    ),
    "below_minimum_minutes": Reason(
        "{minutes} of {minimum} minutes: below the payer's minimum for a day.",
        "biller",
        "Nothing to bill as a day; correct the attendance if it is wrong.",
    ),
    "below_minimum_sessions": Reason(
        "{sessions} of {minimum} services: below the payer's minimum for a day.",
        "biller",
        "Nothing to bill as a day; correct the attendance if it is wrong.",
    ),
    "no_whole_unit": Reason(
        "{minutes} minutes make no whole unit ({basis}).",
        "biller",
        "Nothing to bill as a unit; correct the attendance if it is wrong.",
    ),
    "overlap": Reason(
        "Two sessions of the day overlap; the shared minutes are counted once.",
        "clinician",
        "Correct the attendance of one of the two sessions.",
        "CO-18",
    ),
    "group_over_maximum": Reason(
        "{head_count} patients were in a group that this payer limits to {maximum}.",
        "supervisor",
        "Correct the head-count if it is wrong; otherwise split the group.",
    ),
    "note_missing": Reason(
        "A session of {minutes} minutes has no note.",
        "clinician",
        "Write and sign the note.",
        "CO-252",
    ),
    "note_unsigned": Reason(
        "A note is not signed.",
        "clinician",
        "Sign the note.",
        "CO-252",
    ),
    "narrative_unsigned": Reason(
        "The group narrative that a note rests on is not signed.",
        "clinician",
        "Sign the group narrative.",
        "CO-252",
    ),
    "note_returned": Reason(
        "A note was returned for changes and is a draft again.",
        "clinician",
        "Change the note and sign it again.",
        "CO-252",
    ),
    "note_in_error": Reason(
        "The only note of a session was entered in error.",
        "clinician",
        "Write and sign the right note.",
        "CO-252",
    ),
    "cosignature_missing": Reason(
        "A note of an associate has no cosignature.",
        "supervisor",
        "Review the note; cosign or return it.",
        "CO-252",
    ),
    "signature_late": Reason(
        "A note was signed after the payer's {hours} hours.",
        "supervisor",
        "Record why it was late; attach the reason when the payer asks.",
    ),
    "credential_not_active_on_service_date": Reason(
        "Whoever signed had no active credential on the day of service.",
        "director",
        "Record the credential if it was active; otherwise the day cannot be billed on this signature.",
        "CO-185",
    ),
    "weekly_minimum": Reason(
        "{minutes} of {minimum_minutes} {measure} minutes and {days} of {minimum_days} days in the week.",
        "clinician",
        "Offer a make-up session, or document why less was given.",
    ),
    "certification_missing": Reason(
        "No physician has certified the need for this level of care.",
        "prescriber",
        "Certify the plan of care.",
        "CO-50",
    ),
    "certification_expired": Reason(
        "The certification ended on {through}.",
        "prescriber",
        "Recertify the plan of care.",
        "CO-50",
    ),
    "plan_review_overdue": Reason(
        "The review of the plan of care was due on {due_on}.",
        "clinician",
        "Review the plan of care.",
        "CO-50",
    ),
    "plan_missing": Reason(
        "No plan of care is recorded for this day.",
        "clinician",
        "Adopt a plan of care.",
        "CO-50",
    ),
    "duration_rationale_missing": Reason(
        "Week {weeks} in care; beyond {cap} weeks the payer wants a rationale in the record.",
        "clinician",
        "Review the plan and state why care goes on.",
        "CO-50",
    ),
    "not_enrolled_with_payer": Reason(
        "The program is not enrolled with this payer on this day.",
        "director",
        "Record the enrollment with the payer, or bill another payer.",
        "CO-B7",
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
        "All {units} units of the authorization are used by earlier days.",
        "utilization_reviewer",
        "Ask the payer for more units.",
        "CO-198",
    ),
    "no_consent_for_disclosure": Reason(
        "No consent in force lets a substance-use record go to this payer (42 CFR Part 2).",
        "front_desk",
        "Ask the patient for a consent that names this payer.",
    ),
    "disclosure_restricted": Reason(
        "The patient paid in full and forbade telling this payer (45 CFR 164.522(a)).",
        "front_desk",
        "Nothing to bill to this payer.",
    ),
    "second_program_same_day": Reason(
        "Another program's day with {minutes} minutes is billed to this payer: one per diem a day.",
        "biller",
        "Nothing to bill; the day belongs to the other program.",
        "CO-97",
    ),
}
