"""Plan of care, risk, authorized units and what is missing, each as a summary says it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from typing import Any

from aggregates.enrollment.state import Episode
from aggregates.risk.decide import OF_MEASURES, OF_SAFETY, PLANNED
from aggregates.risk.facts import RiskAssessed, SafetyPlanRecorded
from projections.billing.views import LedgerView
from projections.continued_stay.views import GoalView, PlanView, PolicyView, ResultView, RiskView, UnitsView
from projections.outcomes.alert_views import AlertView

MEASURED_WITHIN = 14
"""Days after which a reviewer will ask for a newer measure. Our convention."""


def plan(episode: Episode) -> PlanView | None:
    """The plan of care in force, its latest review and the certification that reaches furthest; None without a plan."""
    held, due = episode.plan, episode.review_due_on
    if held is None or due is None:
        return None
    words = {one.goal: one.words for one in held.sealed.goals} if held.sealed else {}
    reviews = [one for one in episode.reviews if one.plan_id == held.plan_id]
    last = max(reviews, key=lambda one: one.reviewed_on, default=None)
    furthest = max(episode.certifications, key=lambda one: one.certified_through, default=None)
    return PlanView(
        plan_id=held.plan_id, adopted_on=held.adopted_on, weekly_days=held.weekly_days,
        weekly_minutes=held.weekly_minutes, planned_weeks=held.planned_weeks,
        goals=tuple(GoalView(goal=goal, words=words.get(goal)) for goal in held.goals),
        reviewed_on=last.reviewed_on if last else None, patient_agreed=last.patient_agreed if last else None,
        review_due_on=due, certified_on=furthest.certified_on if furthest else None,
        certified_through=furthest.certified_through if furthest else None,
    )  # fmt: skip


def risk(told: Sequence[Any], programs: Collection[str], alerts: Sequence[AlertView]) -> RiskView:
    """The latest judgment and safety plan that were recorded in these programs, and what measures call for."""
    facts = [one for one in told if one.program_id in programs]
    judged = max((one for one in facts if isinstance(one, RiskAssessed)), key=lambda one: one.assessed_at, default=None)
    safe = max((one for one in facts if isinstance(one, SafetyPlanRecorded)), key=lambda one: one.made_on, default=None)
    called = sorted((one for one in alerts if one.kind in OF_MEASURES), key=lambda one: one.kind not in OF_SAFETY)
    return RiskView(
        level=judged.level if judged else None, assessed_at=judged.assessed_at if judged else None,
        basis=judged.basis if judged else (), safety_plan_on=safe.made_on if safe else None,
        safety_plan_review_on=safe.review_on if safe else None,
        alerts=tuple(one.why for one in called),
    )  # fmt: skip


def units(one: LedgerView) -> UnitsView:
    """One authorization as billing counts its units."""
    return UnitsView(
        authorization_id=one.authorization_id, payer_id=one.payer_id, status=one.status, valid_from=one.valid_from,
        valid_through=one.valid_through, unit_basis=one.unit_basis, units=one.units, used=one.reserved + one.drawn,
        left=one.remaining,
    )  # fmt: skip


def missing(
    results: Sequence[ResultView], plan: PlanView | None, risk: RiskView, policy: PolicyView | None, today: date
) -> Iterator[str]:
    """What a reviewer will ask for and is not there; what the payer asks and is not met."""
    yield from _measured(results, today)
    yield from _reviewed(plan, today)
    if risk.level is None:
        yield "No assessment of risk."
    elif risk.level in PLANNED and risk.safety_plan_on is None:
        yield f"No safety plan, although the risk is {risk.level}."
    if policy is None:
        yield "No coverage on this day."
    elif policy.policy_id is None:
        yield "No terms of this payer hold on this day."
    for one in policy.asked if policy else ():
        if one.met is False:
            yield f"The payer asks for {one.asks}: {one.stands}."


def _measured(results: Sequence[ResultView], today: date) -> Iterator[str]:
    last = max((date.fromisoformat(one.last_on) for one in results), default=None)
    if last is None:
        yield "No measure of this episode."
    elif (today - last).days > MEASURED_WITHIN:
        yield f"No measure for {(today - last).days} days."


def _reviewed(plan: PlanView | None, today: date) -> Iterator[str]:
    if plan is None:
        yield "No plan of care."
    elif plan.review_due_on < today.isoformat():
        yield f"The plan's review was due on {plan.review_due_on}."
    elif plan.reviewed_on is None:
        yield "No review of the plan of care yet."
