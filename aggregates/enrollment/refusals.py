"""The rules of an episode, each by the name of its refusal."""

from __future__ import annotations

from aggregates.kit import Refusal, Unknown


class UnknownEnrollment(Unknown):
    """No episode is recorded under {enrollment_id}; refer the patient first, or correct the id."""


class UnknownPatient(Unknown):
    """No patient is registered under {patient_id}; register the patient before the referral."""


class UnknownProgram(Unknown):
    """No program is recorded under {program_id}; open it first or correct the id."""


class UnknownCoverage(Unknown):
    """The patient has no coverage {coverage_id} with this payer; record the coverage first, or correct the id."""


class UnknownPlan(Unknown):
    """This episode has no plan of care {plan_id}; adopt it first, or correct the id."""


class UnknownLeave(Unknown):
    """This episode has no leave {leave_id}; start it first, or correct the id."""


class EnrollmentOfAnother(Refusal):
    """Episode {enrollment_id} belongs to another patient or program; name the patient's own episode in this program."""


class EpisodeAlreadyOpen(Refusal):
    """The patient already has an open episode in this program; continue it, or discharge it before a new referral."""


class AlreadyReferred(Refusal):
    """This episode began with another referral on {referred_on}; open a new episode under a new id."""


class ProgramNotOperating(Refusal):
    """The program opened on {opened_on} and {on} is outside its life; correct the date or choose another program."""


class BeforeReferral(Refusal):
    """{on} is before the referral on {referred_on}; correct the date, because the episode begins with the referral."""


class AfterDischarge(Refusal):
    """{on} is after the discharge on {discharged_on}; correct the date, or the discharge if its day is wrong."""


class EpisodeEnded(Refusal):
    """The episode ended on {discharged_on}; a readmission is a new referral under a new id."""


class AlreadyAdmitted(Refusal):
    """The patient was admitted on {admitted_on}; a new level of care is a level change, not a second admission."""


class NotAdmitted(Refusal):
    """The patient is referred but not admitted; admit first."""


class BeforeAdmission(Refusal):
    """{on} is before the admission on {admitted_on}; correct the date."""


class AdmissionAfterLevelChange(Refusal):
    """The level of care changed on {on}; give an admission before that day."""


class LevelNotOffered(Refusal):
    """The program offers {offered}, not {level_of_care}; admit to its level, then record a level change if needed."""


class GoalTwice(Refusal):
    """The plan lists goal {goal} twice; give each goal its own code."""


class WordsWithoutGoal(Refusal):
    """There are words for goal {goal}, which the plan does not list; add the goal's code or drop its words."""


class ReviewDueTooEarly(Refusal):
    """The next review is due on {due_on}, which is not after {on}; give a later day."""


class PlanAlreadyAdopted(Refusal):
    """Plan {plan_id} was adopted on {adopted_on} with other contents; adopt the new plan under a new id."""


class BeforePlan(Refusal):
    """{on} is before plan {plan_id} was adopted on {adopted_on}; correct the date or name the plan in force then."""


class PlanReviewedThatDay(Refusal):
    """Plan {plan_id} already has another review dated {on}; date each review on its own day."""


class CertificationNeedsPrescriber(Refusal):
    """A certification is made in the role of prescriber and in one's own name; ask the treating physician."""


class AlreadyCertified(Refusal):
    """Plan {plan_id} was certified through {certified_through}; recertify to extend it."""


class NotCertified(Refusal):
    """Nothing is certified in this episode yet; certify the plan first."""


class CertificationTooShort(Refusal):
    """Certified through {certified_through}, which does not reach past {reached}; give a later last day."""


class UnknownDocument(Unknown):
    """No document is recorded under {document_id}; draft and sign it first, or correct the id."""


class DocumentOfAnotherKind(Refusal):
    """Document {document_id} is of kind {kind}; name the signed document of kind {wanted}."""


class DocumentOfAnotherEpisode(Refusal):
    """Document {document_id} does not belong to this episode; name the one that was drafted for it."""


class DocumentNotSigned(Refusal):
    """Document {document_id} stands without its author's signature; have it signed first, or name another."""


class DocumentOfAnotherPhysician(Refusal):
    """Certification {document_id} was signed by {signer_id}; who signed it records it."""


class StepTwice(Refusal):
    """A document is linked to a review or to a certification; give reviewed_on or certified_through, not both."""


class StepUnknown(Refusal):
    """No {step} of plan {plan_id} is recorded for {on}; give the day as it was recorded."""


class StepHasDocument(Refusal):
    """This rests on document {document_id} already; amend that one, or record a new step with a document of its own."""


class DocumentOfAnotherStep(Refusal):
    """Document {document_id} is what another step of this episode rests on; name the one that was signed for this."""


class LevelIsOther(Refusal):
    """On {on} the patient is at {level_of_care}; name that level as the one to change from."""


class LevelAlreadySet(Refusal):
    """The level of care was last set on {on}; a change starts on a later day, so that a day has one level."""


class HoldAlreadyReleased(Refusal):
    """The hold {hold} on {on} was released already, for the cause {cause}; nothing more is needed."""


class NothingToRelease(Refusal):
    """{on} was written off, for the cause {cause}; a day that is given up has nothing to release."""


class HoldNotReleased(Refusal):
    """No release of the hold {hold} on {on} stands, so that there is none to withdraw; correct the hold or the day."""


class DayNotWrittenOff(Refusal):
    """{on} is not written off, so that there is nothing to withdraw; correct the day."""


class DayWriteOffNotRequested(Refusal):
    """No request to write {on} off stands; have another person ask for it first, or correct the day."""


class DayWriteOffRequestedOtherwise(Refusal):
    """{requested_by} asked that {on} be written off for the cause {cause}; have that approved or withdrawn first."""


class DayAlreadyWrittenOff(Refusal):
    """{on} was written off already, for the cause {cause}; a day is given up once."""


class LeavesOverlap(Refusal):
    """That day belongs to leave {leave_id}; end that leave first, or correct the date."""


class LeaveDiffers(Refusal):
    """Leave {leave_id} is recorded with other dates; correct that leave, or give a new one a new id."""


class ReturnBeforeLeave(Refusal):
    """The return on {returned_on} is before the leave began on {started_on}; correct the date."""


class LeaveWithoutStart(Refusal):
    """A return on {returned_on} belongs to a leave with a first day; give both days, or neither if nobody was away."""


class NeverAdmitted(Refusal):
    """The patient was never admitted; discharge with the reason other."""


class StillPatientStatus(Refusal):
    """Patient status 30 means still a patient; give the status at discharge, such as 01."""


class DischargeBeforeLevelChange(Refusal):
    """The level of care changed on {on}; discharge on that day or later."""


class AlreadyDischarged(Refusal):
    """The patient was discharged on {discharged_on} in another way; correct that discharge, or record a readmission
    as a new referral under a new id.
    """


class NotDischarged(Refusal):
    """The patient is not discharged, so that there is nothing to correct; record the discharge."""


class DischargeIncomplete(Refusal):
    """A discharge has a day, a reason and a patient status; give all three, or none if the patient is still in care."""


class OpenedAgain(Refusal):
    """The patient has an open episode in this program since; correct the day of this discharge, or discharge that
    episode first.
    """


class FollowedByEpisode(Refusal):
    """The patient had another episode in this program since, which began on {referred_on}; correct the day of this
    discharge instead.
    """


class ReachesNextEpisode(Refusal):
    """{on} lies in the patient's next episode in this program, which began on {referred_on}; give an earlier day."""
