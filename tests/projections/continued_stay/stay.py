"""A stay of three whole weeks, told by hand: every number of the summary can be counted from here.

    week of 01-05   3 days of 3 h
    week of 01-12   1 day of 3 h, one absent, one excused
    week of 01-19   3 days of 3 h, a service called off beside them
    01-26           the day of the summary; nothing yet
"""

from __future__ import annotations

from typing import Any

from aggregates.assessment.facts import AssessmentAdministered
from aggregates.enrollment.facts import GoalWords, PlanCertified, PlanOfCareAdopted, PlanReviewed, PlanWords
from aggregates.risk.facts import RiskAssessed, RiskWords, SafetyPlanRecorded
from aggregates.risk.streams import risk_of
from tests.projections.billing.clinic import Clinic, an_id

PATIENT, PROGRAM, ENROLLMENT, PLAN = an_id("patient"), an_id("program"), an_id("enrollment"), an_id("plan")
MORNING = "09:00-12:00"
NOW = "2026-01-26T15:00:00.000000Z"
SECRET = "lavender octopus"
"""Words of a judgment, which no summary shows."""
SCORES = (("2026-01-05", 18), ("2026-01-12", 16), ("2026-01-19", 12), ("2026-01-26", 9))
WEEKLY = {"measure": "attended", "minutes": 540, "days": 3, "consequence": "warn"}


def told() -> Clinic:
    """The stay; its last fact is recorded on the day of the summary."""
    clinic = Clinic()
    clinic.open()
    clinic.license()
    clinic.publish(
        weekly=WEEKLY, certification_days=60, plan_review_days=14, duration_cap_weeks=12,
        unverified=("weekly.minutes", "plan_review_days"),
    )
    clinic.register()
    clinic.patient()
    _first_week(clinic)
    clinic.documented("2026-01-12", MORNING)
    measured(clinic, *SCORES[1])
    clinic.meet("2026-01-14", MORNING, leave="absent")
    clinic.meet("2026-01-16", MORNING, leave="excused")
    clinic.story.tell(ENROLLMENT, PlanReviewed(
        plan_id=PLAN, reviewed_on="2026-01-19", next_review_due_on="2026-02-02", patient_agreed=True,
        rationale_for_more_than_planned=False,
    ), recorded=clinic.at("2026-01-19", "08:00"))  # fmt: skip
    for day in ("2026-01-19", "2026-01-21", "2026-01-23"):
        clinic.documented(day, MORNING)
    measured(clinic, *SCORES[2])
    clinic.meet("2026-01-23", "13:00-14:00", leave="cancelled")
    measured(clinic, *SCORES[3])
    clinic.story.now = NOW
    return clinic


def measured(clinic: Clinic, day: str, score: int, instrument: str = "phq-9", **more: Any) -> None:
    """A measure of that morning, entered as answers that add up to the score; the second one tells of suicide."""
    last = (int(day == SCORES[1][0]),) if instrument == "phq-9" else ()
    points = score - sum(last)
    answers = tuple(min(3, max(0, points - 3 * place)) for place in range(8 if last else 7))
    items = (*answers, *last)
    first = day == SCORES[0][0]
    given = {"instrument": instrument, "instrument_version": "1", "occasion": "baseline" if first else "routine"}
    clinic.story.tell(an_id(f"{instrument}-{day}"), AssessmentAdministered(**{
        "patient_id": PATIENT, "enrollment_id": ENROLLMENT, "program_id": PROGRAM, "administered_on": day,
        "administered_at": clinic.at(day, "08:30"), "respondent": "patient", "items": items, **given, **more,
    }), recorded=max(clinic.story.now, clinic.at(day, "08:30")))  # fmt: skip


def _first_week(clinic: Clinic) -> None:
    measured(clinic, *SCORES[0])
    measured(clinic, SCORES[0][0], 14, "gad-7")
    goals = (GoalWords(goal="mood", words="Mood lifts: PHQ-9 under 10"), GoalWords(goal="work", words="Back to work"))
    clinic.in_care(PlanOfCareAdopted(
        plan_id=PLAN, adopted_on="2026-01-06", goals=("mood", "work"), weekly_days=3, weekly_minutes=600,
        planned_weeks=8, review_due_on="2026-01-20", sealed=PlanWords(goals=goals),
    ))  # fmt: skip
    clinic.in_care(PlanCertified(
        plan_id=PLAN, certified_on="2026-01-06", certified_through="2026-03-06", physician_id=an_id("clinician"),
    ))  # fmt: skip
    about: dict[str, Any] = {"patient_id": PATIENT, "program_id": PROGRAM, "enrollment_id": ENROLLMENT}
    clinic.story.tell(risk_of(PATIENT), RiskAssessed(
        **about, assessed_by=an_id("clinician"), assessed_at=clinic.at("2026-01-06", "09:00"), level="moderate",
        basis=("interview", "c-ssrs"), sealed=RiskWords(words=SECRET),
    ))  # fmt: skip
    clinic.story.tell(risk_of(PATIENT), SafetyPlanRecorded(
        **about, recorded_by=an_id("clinician"), made_on="2026-01-06", review_on="2026-02-06",
    ))  # fmt: skip
    for day in ("2026-01-05", "2026-01-07", "2026-01-09"):
        clinic.documented(day, MORNING)
