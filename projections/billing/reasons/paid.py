"""Reasons in who pays, and for what: coverage, terms, what a bill needs, authorizations, disclosure, claims."""

from __future__ import annotations

from projections.billing.reasons.reason import Reason

PAID: dict[str, Reason] = {
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
    "not_credentialed_with_payer": Reason(
        "Whoever signed is not accepted by this payer on the day of service.",
        "director",
        "Record the payer's credentialing, or have an accepted clinician's service billed.",
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
        "No consent in force lets a substance-use record go from this program to this payer (42 CFR Part 2).",
        "front_desk",
        "Ask the patient for a consent that names this payer, and this program or none.",
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
        "One per diem a day to this payer: another episode's day has {minutes:minute} and goes first (that the longer "
        "day does is our convention, unverified).",
        "biller",
        "Nothing to bill as long as the other episode's day stands; once a director writes that one off, this one is.",
        "CO-97",
    ),
    "included_in_per_diem": Reason(
        "Another episode's day ({minutes:minute}) has this payer's per diem, which includes {codes}.",
        "biller",
        "Nothing to bill as long as the other episode's day stands; once a director writes that one off, this one is.",
        "CO-97",
    ),
    "billed_by_other_program": Reason(
        "Claim {other} of another episode bills {codes} of this day to this payer already.",
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
