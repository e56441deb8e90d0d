"""What the payer's policy asks of a stay that goes on, and whether it is met on a day.

The week is judged by billing, whose rule knows which services count; all else by the episode's own dates.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from aggregates.enrollment.state import Episode
from aggregates.payer_policy.state import Version
from aggregates.payer_policy.terms import WeeklyTest
from projections.billing.views import LedgerView, TraceView
from projections.continued_stay.views import AskedView


def asked(
    version: Version, episode: Episode, today: date, granted: Sequence[LedgerView], week: Sequence[TraceView]
) -> Iterator[AskedView]:
    """Each thing that the terms ask; `week` are the decided days of the last whole week."""
    terms, day = version.terms, today.isoformat()
    if terms.certification_days is not None:
        yield _asked(version, "certification", "certification_days", *_certification(episode, day))
    if terms.plan_review_days is not None:
        yield _asked(version, "plan_review", "plan_review_days", *_review(episode, day, terms.plan_review_days))
    if terms.weekly.measure != "none":
        yield _asked(version, "weekly_hours", "weekly", *_weekly(terms.weekly, week))
    if terms.authorization_required:
        yield _asked(version, "authorization", "authorization_required", *_authorization(granted, day))
    if terms.duration_cap_weeks is not None:
        yield _asked(version, "duration", "duration_cap_weeks", *_duration(episode, day, terms.duration_cap_weeks))


def _asked(version: Version, what: str, field: str, asks: str, met: bool | None, stands: str) -> AskedView:
    unverified = any(one.partition(".")[0] == field for one in version.unverified)
    return AskedView(what=what, asks=asks, met=met, stands=stands, unverified=unverified)


def _certification(episode: Episode, day: str) -> tuple[str, bool, str]:
    asks, through = "a physician's certification that reaches the day", episode.certified_through
    if through is None:
        return asks, False, "never certified"
    return asks, through >= day, f"certified through {through}"


def _review(episode: Episode, day: str, every: int) -> tuple[str, bool, str]:
    asks, plan = f"a review of the plan of care every {every} days", episode.plan
    if plan is None:
        return asks, False, "there is no plan of care"
    seen = max([plan.adopted_on, *(one.reviewed_on for one in episode.reviews if one.plan_id == plan.plan_id)])
    due = (date.fromisoformat(seen) + timedelta(every)).isoformat()
    return asks, due >= day, f"last on {seen}, so due by {due}"


def _weekly(test: WeeklyTest, week: Sequence[TraceView]) -> tuple[str, bool | None, str]:
    days = f" on {test.days} days" if test.days else ""
    asks = f"{_hours(test.minutes)} {test.measure} a week{days}"
    answer = next((one for trace in week for one in trace.answers if one.rule == "week"), None)
    if answer is None:
        return asks, None, "no day of the last whole week was decided under these terms"
    on = f"week of {week[0].day.week}"
    if "not_judged" in answer.numbers:
        return asks, None, f"{on} is not judged: {answer.numbers['not_judged']}"
    minutes, came = int(answer.numbers["minutes"]), answer.numbers["days"]
    return asks, answer.outcome == "passed", f"{on}: {_hours(minutes)} on {came} days"


def _authorization(granted: Sequence[LedgerView], day: str) -> tuple[str, bool, str]:
    asks = "an authorization with units left"
    covering = [one for one in granted if one.status == "approved" and one.valid_from <= day <= one.valid_through]
    left = sum(one.remaining for one in covering)
    if covering:
        through = max(one.valid_through for one in covering)
        return asks, left > 0, f"{left} units left through {through}"
    approved = [one.valid_through for one in granted if one.status == "approved"]
    return asks, False, f"the last one ended on {max(approved)}" if approved else "none is approved"


def _duration(episode: Episode, day: str, weeks: int) -> tuple[str, bool | None, str]:
    asks = f"at most {weeks} weeks"
    if episode.admitted_on is None:
        return asks, None, "not admitted"
    ends = (date.fromisoformat(episode.admitted_on) + timedelta(7 * weeks - 1)).isoformat()
    return asks, day <= ends, f"the last day of these is {ends}"


def _hours(minutes: int) -> str:
    whole, rest = divmod(minutes, 60)
    return f"{whole} h {rest:02}" if rest else f"{whole} h"
