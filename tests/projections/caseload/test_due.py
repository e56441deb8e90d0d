"""What runs out: plan reviews, certifications and authorizations of open episodes."""

from collections.abc import Callable
from typing import Any

from psycopg import Cursor

from aggregates.authorization.facts import AuthorizationExtended, AuthorizationVoided
from aggregates.enrollment.facts import LevelOfCareChanged, PlanRecertified, PlanReviewed
from projections.caseload.queries import due
from tests.projections.caseload.clinic import NOON, Clinic
from tests.projections.story import an_id

Ask = Callable[[Clinic], Cursor[Any]]
PROGRAMS = [an_id("program")]


def running_out(cursor: Cursor[Any], within_days: int = 7, now: str = NOON) -> list[tuple[str, str, int]]:
    """Kind, day and days left of everything due."""
    found = due(cursor, programs=PROGRAMS, now=now, within_days=within_days)
    return [(one.kind, one.due_on, one.days_left) for one in found]


def test_what_is_due_within_the_days_is_listed_overdue_first(ask: Ask) -> None:
    """The last day within the span is in, the day after it is not, and what is overdue stays."""
    clinic = Clinic().opens().takes_in(1, 2, 3)
    clinic.plans(1, review="2026-03-23").plans(2, review="2026-03-24", plan=2).plans(3, review="2026-03-14", plan=3)
    assert running_out(ask(clinic)) == [("plan_review", "2026-03-14", -2), ("plan_review", "2026-03-23", 7)]


def test_today_is_the_programs_day(ask: Ask) -> None:
    """At 02:00 UTC on the 17th New York still has the 16th."""
    cursor = ask(Clinic().opens().takes_in(1).plans(1, review="2026-03-23"))
    assert running_out(cursor, now="2026-03-17T02:00:00.000000Z") == [("plan_review", "2026-03-23", 7)]
    assert running_out(cursor, now="2026-03-17T05:00:00.000000Z") == [("plan_review", "2026-03-23", 6)]


def test_a_review_and_a_recertification_move_the_day(ask: Ask) -> None:
    """The latest review names the next; of certifications the one that reaches furthest holds."""
    clinic = Clinic().opens().takes_in(1).plans(1, review="2026-03-18").certifies(1, "2026-03-19")
    clinic.says("enrollment", 1, PlanReviewed(
        plan_id=an_id("plan"), reviewed_on="2026-03-15", next_review_due_on="2026-03-20", patient_agreed=True,
        rationale_for_more_than_planned=False,
    )).says("enrollment", 1, PlanRecertified(
        plan_id=an_id("plan"), certified_on="2026-03-15", certified_through="2026-03-22",
        physician_id=an_id("clinician", 9),
    ))
    assert running_out(ask(clinic)) == [("plan_review", "2026-03-20", 4), ("certification", "2026-03-22", 6)]


def test_a_late_entry_of_an_older_plan_changes_nothing(ask: Ask) -> None:
    """The plan adopted last by its own date counts, whichever was recorded last."""
    newer, older = ("2026-03-20", 2, "2026-03-14"), ("2026-03-17", 1, "2026-03-11")
    clinic = Clinic().opens().takes_in(1, 2)
    for episode, plans in ((1, (newer, older)), (2, (older, newer))):
        for review, plan, adopted in plans:
            clinic.plans(episode, review=review, plan=plan, on=adopted)
    assert running_out(ask(clinic)) == [("plan_review", "2026-03-20", 4)] * 2


def test_the_latest_authorization_of_each_payer_counts(ask: Ask) -> None:
    """An older one is covered by a newer one of the same payer, not by another payer's."""
    clinic = Clinic().opens().takes_in(1).authorizes(1, 1, "2026-03-17").authorizes(2, 1, "2026-03-20")
    found = due(ask(clinic.authorizes(3, 1, "2026-03-21", payer=2)), programs=PROGRAMS, now=NOON, within_days=7)
    assert [(one.authorization_id, one.payer_id, one.due_on) for one in found] == [
        (an_id("authorization", 2), an_id("payer", 1), "2026-03-20"),
        (an_id("authorization", 3), an_id("payer", 2), "2026-03-21"),
    ]


def test_an_extension_moves_the_last_day_and_a_void_ends_the_counting(ask: Ask) -> None:
    """Extended beyond the days it is not listed; voided it is as if never given."""
    clinic = Clinic().opens().takes_in(1, 2).authorizes(1, 1, "2026-03-17").authorizes(2, 2, "2026-03-17")
    clinic.says("authorization", 1, AuthorizationExtended(
        added_units=6, valid_through="2026-04-17", decided_on="2026-03-16"
    )).says("authorization", 2, AuthorizationVoided(voided_on="2026-03-16", cause="entered_twice"))
    assert running_out(ask(clinic)) == []


def test_after_a_step_up_the_old_levels_authorization_no_longer_matters(ask: Ask) -> None:
    """Only authorizations for today's level of care are listed."""
    clinic = Clinic().opens().takes_in(1).authorizes(1, 1, "2026-03-17")
    clinic.says("enrollment", 1, LevelOfCareChanged(
        effective_on="2026-03-16", from_level="intensive_outpatient", to_level="partial_hospitalization", cause="risk",
    ))
    assert running_out(ask(clinic)) == []


def test_a_discharged_patient_has_nothing_due(ask: Ask) -> None:
    """Discharge ends every deadline; a referral has none yet."""
    clinic = Clinic().opens().takes_in(1).plans(1, review="2026-03-18").certifies(1, "2026-03-19")
    clinic.authorizes(1, 1, "2026-03-20").registers(2).refers(2).plans(2, review="2026-03-18", plan=2)
    assert running_out(ask(clinic.discharges(1, "2026-03-16"))) == []


def test_pages_follow_one_another(ask: Ask) -> None:
    """Pages of one give every deadline once, in order, and other programs none."""
    clinic = Clinic().opens().takes_in(1).plans(1, review="2026-03-18").certifies(1, "2026-03-18")
    cursor, seen, after = ask(clinic.authorizes(1, 1, "2026-03-17")), [], None
    while page := due(cursor, programs=PROGRAMS, now=NOON, after=after, limit=1):
        seen.append(page[0].kind)
        after = page[0].cursor
    assert seen == ["authorization", "certification", "plan_review"]
    assert due(cursor, programs=[an_id("program", 2)], now=NOON) == []
