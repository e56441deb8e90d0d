"""The rules of a patient's risk, each by the name of its refusal."""

from __future__ import annotations

from aggregates.kit import Refusal


class AnotherRiskStream(Refusal):
    """What concerns this patient's risk is recorded under {risk_id}; use this id."""


class AlertOfAnother(Refusal):
    """What this alert is about is not this patient's in this program, or is not recorded; correct `about`."""


class AlertOfAnotherDay(Refusal):
    """The measure was taken on {on}, not on {since}; name the alert as the list shows it."""


class RiskNotAssessed(Refusal):
    """Since the answers of {since}, and after they were recorded, nobody of this program has assessed the risk; assess
    it now, or clear the alert with an override cause."""


class SafetyPlanMissing(Refusal):
    """The risk was assessed as {level} and since the answers of {since}, and after they were recorded, this program
    made no safety plan; make one with the patient now, or clear the alert with an override cause."""


class HappenedInTheFuture(Refusal):
    """The time {at} has not come yet; record it afterwards, or correct it."""


class ReviewBeforePlan(Refusal):
    """The review on {review_on} is before the plan of {made_on}; correct one of them."""
