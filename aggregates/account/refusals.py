"""The rules of an account, each by the name of its refusal."""

from __future__ import annotations

from aggregates.kit import Refusal, Unknown


class AccountOfAnother(Unknown):
    """No account {account_id} is of what this concerns; its account is {wanted}, order it there."""


class UnknownClaimOnAccount(Unknown):
    """Claim {claim_id} has no charges on this account; post them first, or correct the id."""


class UnknownLineOnAccount(Unknown):
    """Claim {claim_id} has no line {line} on this account; correct the number."""


class ChargedClaimNotPosted(Unknown):
    """Claim {claim_id} bills again what claim {after_claim} charges, which is not on this account; post its charges
    first."""


class ChargedElsewhere(Refusal):
    """Claim {claim_id} bills again what claim {after_claim} charges; name that claim and its line."""


class ChargeWithdrawn(Refusal):
    """Claim {claim_id} charges nothing any more: it was never taken in, or its payer accepted that it is replaced or
    voided. Look for the balance on the claim that stands."""


class LineWithoutClaim(Refusal):
    """A line is named without its claim; name both, or neither."""


class ClaimNotSent(Refusal):
    """Claim {claim_id} is {phase} and was never sent; submit it before its charges are posted."""


class ClaimUnanswered(Refusal):
    """No answer of the payer stands on claim {claim_id}; adjudicate the claim with it first, then post it."""


class AnswerOfAnotherRemittance(Refusal):
    """The answer on claim {claim_id} came with remittance {answer_trace_number}; post that one."""


class RemittanceLinePosted(Refusal):
    """This line of this remittance is already posted; a remittance line posts once, so leave it out."""


class PostedOtherwise(Refusal):
    """Remittance {trace_number} is posted for claim {claim_id} with other amounts; reverse that posting first."""


class PostingStands(Refusal):
    """Remittance {posted_trace_number} is posted for claim {claim_id}; reverse that posting before another is made."""


class NothingPosted(Refusal):
    """No posting of claim {claim_id} stands that could be reversed; post the earlier remittance first."""


class AnotherPostingStands(Refusal):
    """The posting of claim {claim_id} that stands is of remittance {posted_trace_number}; name that one."""


class AnswerStands(Refusal):
    """The answer on claim {claim_id} was not reversed; reverse the claim's adjudication first, then the posting."""


class AdjustmentPosted(Refusal):
    """Adjustment {sequence} of remittance {trace_number} is already posted with other contents; it posts once."""


class AdjustmentHeld(Refusal):
    """This adjustment of this remittance is already posted; it posts once, so leave it out."""


class PaymentToldOtherwise(Refusal):
    """Payment {payment_id} is recorded with other contents; give a new payment a new id."""


class AgreementToldOtherwise(Refusal):
    """Agreement {agreement_id} is recorded with other contents; give a new agreement a new id."""


class AgreementIncomplete(Refusal):
    """An agreement of the kind {kind} needs {needed}; give it, and only it."""


class UnknownWriteOffRequest(Unknown):
    """Nobody asked for write-off {write_off_id} on this account; have another person ask for it first, or correct the
    id."""


class WriteOffRequestedOtherwise(Refusal):
    """Write-off {write_off_id} was asked for of something else, of another amount or for another cause; approve what
    was asked for, or have it asked for anew under a new id."""


class WriteOffOfNothing(Unknown):
    """This names nothing of which something could be written off; name a claim and its line, or a self-pay charge
    alone, of which the share is the patient's."""


class WriteOffRequestTakenBack(Refusal):
    """Write-off {write_off_id} was asked for, and that was withdrawn; have it asked for anew under a new id."""


class WriteOffApproved(Refusal):
    """Write-off {write_off_id} was approved, so that no request for it is left to withdraw."""


class DayAlreadyCharged(Refusal):
    """Charge {charge_id} of {on} stands already; a day is charged once, so reverse that one first or leave this out."""


class SelfPayChargeToldOtherwise(Refusal):
    """Charge {charge_id} is recorded with other contents; give a new charge a new id."""


class SelfPayChargeTakenBack(Refusal):
    """Charge {charge_id} was taken back; post the day's charge as it is decided now, under a new id."""


class UnknownSelfPayCharge(Unknown):
    """No self-pay charge {charge_id} is on this account; correct the id."""


class ServiceDayOutsideEpisode(Refusal):
    """The episode is not open on {on}; charge a day of the episode, or correct its days first."""


class ServiceDayWrittenOff(Refusal):
    """Billing of {on} was given up by a director, so that nobody pays for it; withdraw that first."""


class ServiceDayOnClaim(Refusal):
    """{on} stands on claim {claim_id}, so that a payer is asked for it; void that claim first, and charge the patient
    once the payer has accepted that."""


class NotThePatientsToPay(Refusal):
    """Nothing on record makes {on} the patient's to pay as {basis}; see how the day is decided now, and charge that."""


class OtherAgreementInForce(Refusal):
    """Agreement {agreement_id} ({kind}) is in force on {on}; charge the day as it is decided under that one."""


class ChargeNotAsAgreed(Refusal):
    """By what is on record the patient owes {owed_cents} cents of a charge of {charge_cents} for {on}; charge that."""


class ChargeNotInFeeSchedule(Refusal):
    """The program's fee schedule on {on} has no charge of {charge_cents} cents; see how the day is decided now."""


class WriteOffBeyondBalance(Refusal):
    """{what} has {open_cents} cents to write off of the {share}'s part, not {amount_cents}; write off less."""


class RefundBeyondCredit(Refusal):
    """Of what the patient paid this program {credit_cents} cents are neither owed nor refunded, not {amount_cents};
    refund no more than that."""


class WriteOffToldOtherwise(Refusal):
    """Write-off {write_off_id} is recorded with other contents; give a new write-off a new id."""


class RefundToldOtherwise(Refusal):
    """Refund {refund_id} is recorded with other contents; give a new refund a new id."""


class NobodyIdentifiedIt(Refusal):
    """An overpayment is identified by a person, never by a program; have somebody look at it and order this."""


class OverpaymentToldOtherwise(Refusal):
    """Overpayment {overpayment_id} is recorded with other contents; give a new one a new id."""


class UnknownOverpayment(Unknown):
    """No overpayment is identified under {overpayment_id} on this account; correct the id."""


class InvestigationOpen(Refusal):
    """An investigation of this overpayment was opened on {opened_on}; the clock is suspended once."""


class OverpaymentOver(Refusal):
    """All of this overpayment was returned; nothing is left to investigate."""


class BeforeIdentified(Refusal):
    """{on} is before {identified_on}, when the overpayment was identified; correct the date."""


class ReturnBeyondOverpayment(Refusal):
    """{left_cents} cents of this overpayment are left to return, not {amount_cents}; return no more than that."""


class ReturnToldOtherwise(Refusal):
    """Return {return_id} is recorded with other contents; give a new return a new id."""


class UnmatchedToldOtherwise(Refusal):
    """{unmatched_id} is recorded with other contents; give another part another id."""


class UnknownUnmatched(Unknown):
    """Nothing unmatched is recorded under {unmatched_id} on this account; correct the id."""


class AlreadyAssigned(Refusal):
    """It was assigned as {resolution} already; an assignment is made once."""
