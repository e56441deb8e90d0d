"""The rules of an administration, each by the name of its refusal."""

from __future__ import annotations

from aggregates.kit import Refusal, Unknown


class UnknownAssessment(Unknown):
    """No assessment is recorded under {assessment_id}; administer it first, or correct the id."""


class UnknownInstrument(Unknown):
    """There is no instrument {instrument} in version {version}; name one that this release knows."""


class NeedsLicense(Refusal):
    """{instrument} may not be kept or scored electronically without a license of its owner, and there is none here."""


class LevelIsNoScore(Refusal):
    """{instrument} ends in a level of care, not in a score; record it with enrollment.assess_level_of_care."""


class NoTotal(Refusal):
    """{instrument} has no total that could be entered; give the answers by item."""


class AlreadyAdministered(Refusal):
    """This assessment was administered on {administered_on} with other contents; correct it, or use a new id."""


class AdministeredBeforeReferral(Refusal):
    """{on} is before the referral on {referred_on}; only a baseline from the {days} days before it belongs here."""


class NotAFollowUp(Refusal):
    """{on} is after the discharge on {discharged_on}; record the occasion follow_up, or discharge for its last one."""


class AdministeredOnAnotherDay(Refusal):
    """The time {administered_at} does not fall on {on} anywhere on earth; correct the date or the time, and where both
    were recorded wrong, void it and administer it anew."""


class AdministeredInTheFuture(Refusal):
    """The time {administered_at} has not come yet; record it afterwards, or correct it."""


class NothingAnswered(Refusal):
    """There are neither answers nor a score; give the answers by item, or the score where only that is known."""


class AnswersTakenAway(Refusal):
    """The answers of assessment {assessment_id} are recorded, and a score alone would take them away with what they say
    about suicide; give all answers as they should have been, or void it and administer it anew."""


class ItemOutOfRange(Refusal):
    """Item {item} of {instrument} has an answer that the instrument does not offer; correct this item."""


class ItemMissing(Refusal):
    """Item {item} of {instrument} is not answered, and its rule does not let it be skipped; answer this item."""


class SomeoneNeededNow(ItemMissing):
    """Item {item} of {instrument} is not answered, and its rule does not let it be skipped; answer this item. What was
    answered about suicide asks for somebody today: assess the risk now, whatever becomes of the form."""


class ItemsNotKept(Refusal):
    """The items of {instrument} are licensed and not kept here; enter the score alone."""


class ScoreOutOfRange(Refusal):
    """{instrument} has no score {score}; it runs from {low} to {high} in steps of {step}."""


class ScoreDisagrees(Refusal):
    """The answers give {computed}, and {entered} was entered; correct one of them, or leave the score out."""


class AssessmentIsVoid(Refusal):
    """This assessment was voided and stays so; administer it anew under a new id."""
