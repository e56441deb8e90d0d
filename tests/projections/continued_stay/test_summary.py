"""What a continued-stay summary says of a stay told by hand, on the day and as of earlier moments."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import replace

import psycopg
import pypdf
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from aggregates.codec import decode
from iop_es.engine.connections import open_pool
from iop_es.engine.log import Log
from iop_es.engine.readmodel.asof import as_of
from iop_es.wiring import MODELS
from projections.continued_stay.paper import Page, html, page, pdf, shortened
from projections.continued_stay.parts import risk
from projections.continued_stay.reading import Reviewed, reviewed
from projections.continued_stay.views import ContinuedStay, GoalView
from projections.outcomes.alert_views import AlertView
from tests.conftest import SCHEMA
from tests.projections.continued_stay.stay import NOW, PATIENT, PROGRAM, SCORES, SECRET, told

At = Callable[[str | None], Reviewed | None]


@pytest.fixture(scope="module")
def at(postgres_url: str, simulation_template: str) -> Iterator[At]:
    """The stay in a log; asks for the summary as of an instant (None: the day of the summary)."""
    with psycopg.connect(postgres_url, autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE stay TEMPLATE {}").format(sql.Identifier(simulation_template)))
    with open_pool(make_conninfo(postgres_url, dbname="stay"), SCHEMA, "iop_api", 2) as pool:
        log = Log(pool, SCHEMA)
        told().story.append(log)

        def asked(moment: str | None) -> Reviewed | None:
            upto = log.head().position if moment is None else log.position_at(moment)
            return reviewed(
                log, PATIENT, [PROGRAM], upto, moment or NOW,
                lambda name: as_of(MODELS[name], log, decode, PATIENT, upto),
            )  # fmt: skip

        yield asked


@pytest.fixture(scope="module")
def found(at: At) -> Reviewed:
    """The summary on its day."""
    shown = at(None)
    assert shown is not None
    return shown


@pytest.fixture(scope="module")
def summary(found: Reviewed) -> ContinuedStay:
    """What it says."""
    return found.summary


def test_weeks_set_the_plan_against_what_came_of_it(summary: ContinuedStay) -> None:
    """10 h on 3 days are planned; 9 h, 3 h and 9 h attended; a service that was called off was offered to nobody."""
    weeks = [
        (one.week, one.whole, one.planned_minutes, one.planned_days, one.scheduled_minutes, one.attended_minutes,
         one.attended_days, one.excused, one.absent)
        for one in summary.weeks
    ]  # fmt: skip
    assert weeks == [
        ("2026-01-05", True, 600, 3, 540, 540, 3, 0, 0), ("2026-01-12", True, 600, 3, 540, 180, 1, 1, 1),
        ("2026-01-19", True, 600, 3, 540, 540, 3, 0, 0), ("2026-01-26", False, 600, 3, 0, 0, 0, 0, 0),
    ]  # fmt: skip
    assert (summary.admitted_on, summary.days_since_admission, summary.level_of_care, summary.diagnosis) == (
        "2026-01-05", 21, "intensive_outpatient", "F33.1",
    )  # fmt: skip


def test_scores_come_with_band_class_threshold_and_source(summary: ContinuedStay) -> None:
    """18 to 9: nine points better where six are reliable, and under the cut of ten: recovered; the slope is by hand."""
    gad, phq = summary.results
    assert (phq.instrument, phq.baseline_score, phq.last_score, phq.band, phq.change, phq.change_class) == (
        "phq-9", 18, 9, "mild", -9, "recovered",
    )  # fmt: skip
    assert (phq.reliable_change, phq.minimal_important_difference, phq.weeks_since_last) == (6, 5, 0.0)
    # Weeks 0 to 3 stand -1.5, -0.5, 0.5 and 1.5 from their mean: (-27 - 8 + 6 + 13.5) / 5.
    assert phq.slope_per_week == pytest.approx(-3.1)
    # Of squares 48.75 around the mean the line leaves 0.7 to two degrees of freedom: -3.1 -+ 4.303 * sqrt(0.35 / 5).
    assert (phq.slope_low, phq.slope_high) == (pytest.approx(-4.238, abs=1e-3), pytest.approx(-1.962, abs=1e-3))
    assert phq.threshold_source is not None and "[unverified]" in phq.threshold_source
    assert (gad.last_score, gad.change, gad.change_class, gad.slope_per_week) == (14, None, None, None)


def test_plan_risk_and_units(summary: ContinuedStay) -> None:
    """Goals with the plan's words, the latest review, the latest judgment without its words, seven of thirty units."""
    plan, risk = summary.plan, summary.risk
    assert plan is not None
    assert [(one.goal, one.words) for one in plan.goals] == [
        ("mood", "Mood lifts: PHQ-9 under 10"), ("work", "Back to work"),
    ]  # fmt: skip
    assert (plan.reviewed_on, plan.patient_agreed, plan.review_due_on, plan.certified_through) == (
        "2026-01-19", True, "2026-02-02", "2026-03-06",
    )  # fmt: skip
    assert (risk.level, risk.basis, risk.safety_plan_on, risk.safety_plan_review_on) == (
        "moderate", ("interview", "c-ssrs"), "2026-01-06", "2026-02-06",
    )  # fmt: skip
    [units] = summary.authorizations
    assert (units.status, units.units, units.used, units.left) == ("approved", 30, 7, 23)


def test_what_a_measure_says_of_suicide_is_not_hidden_by_a_falling_score(found: Reviewed) -> None:
    """The second PHQ-9 answered item 9 with 1 and nobody has cleared that; three such lines have room on the page."""
    [alert] = found.summary.risk.alerts
    day = SCORES[1][0]
    assert alert == f"PHQ-9 of {day}: the safety item was answered with 1."
    assert ("Alert", f"{alert} Nobody has cleared it.") in page(found).care
    [text], markup = pages(found), html(found).decode()
    assert f"{alert} Nobody" in text and f"{alert} Nobody" in markup
    risk = found.summary.risk.model_copy(update={"alerts": (alert,) * 5})
    fuller = page(replace(found, summary=found.summary.model_copy(update={"risk": risk})))
    assert [row[1] for row in fuller.care if row[0] == "Alert"][3:] == ["2 more stand open."]


def test_what_tells_of_suicide_comes_before_older_alerts_of_a_worse_score() -> None:
    """The page has room for three, and what is missing is said elsewhere."""
    raised = [
        AlertView.model_construct(kind=kind, why=kind)
        for kind in ("reliable_deterioration", "no_measure", "suicide_screen", "safety_item")
    ]
    assert risk((), (), raised).alerts == ("suicide_screen", "safety_item", "reliable_deterioration")


def test_the_pictures_are_explained_on_the_page(found: Reviewed) -> None:
    """What a shape and a line mean must be known without color and without the screen; so must a slope's interval."""
    [text], markup = pages(found), html(found).decode()
    assert all("dash-dotted reliably worse" in one and "-3.1 (-4.2 to -2.0)" in one for one in (text, markup))


def test_what_the_payer_asks_and_whether_it_is_met(summary: ContinuedStay) -> None:
    """Every one of the five is met on the day; what nobody has verified is marked."""
    policy = summary.policy
    assert policy is not None and policy.payer_name == "Payer 1"
    assert [(one.what, one.met, one.unverified) for one in policy.asked] == [
        ("certification", True, False), ("plan_review", True, True), ("weekly_hours", True, True),
        ("authorization", True, False), ("duration", True, False),
    ]  # fmt: skip
    assert [one.stands for one in policy.asked] == [
        "certified through 2026-03-06", "last on 2026-01-19, so due by 2026-02-02",
        "week of 2026-01-19: 9 h on 3 days", "23 units left through 2026-12-31",
        "the last day of these is 2026-03-29",
    ]  # fmt: skip
    assert summary.missing == ()


def test_a_summary_as_of_a_moment_knows_what_was_known_then(at: At) -> None:
    """A week earlier, before the review: the week fell short, the review is late by the plan, and no later score is in
    it."""
    then = at("2026-01-19T11:00:00.000000Z")
    assert then is not None and then.summary.policy is not None
    shown = then.summary
    assert [one.week for one in shown.weeks] == ["2026-01-05", "2026-01-12", "2026-01-19"]
    assert [one.last_score for one in shown.results if one.instrument == "phq-9"] == [16]
    assert shown.plan is not None and shown.plan.reviewed_on is None
    assert {one.what: one.met for one in shown.policy.asked}["weekly_hours"] is False
    assert shown.authorizations[0].used == 4
    assert shown.missing == (
        "No review of the plan of care yet.",
        "The payer asks for 9 h attended a week on 3 days: week of 2026-01-12: 3 h on 1 days.",
    )


def test_before_the_first_plan_the_admission_says_what_is_planned(at: At) -> None:
    """And what is missing is told."""
    then = at("2026-01-05T12:00:00.000000Z")
    assert then is not None
    shown = then.summary
    assert [(one.planned_minutes, one.planned_days) for one in shown.weeks] == [(540, 3)]
    assert "No plan of care." in shown.missing and "No assessment of risk." in shown.missing
    assert "The payer asks for a physician's certification that reaches the day: never certified." in shown.missing


def test_who_has_no_episode_in_these_programs_has_no_summary(at: At) -> None:
    """Before the referral there is nothing to say."""
    assert at("2026-01-01T05:00:03.000000Z") is None


def test_one_page_is_one_page(found: Reviewed) -> None:
    """Of the stay, and of one fuller than a page: sixteen weeks, ten scales, nine goals, twelve things missing; nothing
    of it hangs over the page's edge."""
    assert len(pages(found)) == 1
    one = found.summary
    assert one.plan is not None
    goals = tuple(GoalView(goal=f"goal-{number}", words="Sleeps through, " * 30) for number in range(9))
    full = one.model_copy(update={
        "weeks": one.weeks * 4, "results": one.results * 5, "plan": one.plan.model_copy(update={"goals": goals}),
        "authorizations": one.authorizations * 3, "risk": one.risk.model_copy(update={"alerts": one.risk.alerts * 9}),
        "missing": tuple(f"Something is missing ({n})." for n in range(12)),
    })  # fmt: skip
    fuller = replace(found, summary=full, courses=found.courses * 2)
    [text] = pages(fuller)
    foot, *body = sorted(set(places(fuller)))
    assert 20 < foot < 39 < body[0] < body[-1] < 770  # the margin below is 1.4 cm, 39.7 points
    assert "page 1 of 1" in text and "3 further scales are not on this page." in text and "8 before" in text


def test_the_page_says_the_summary_and_nobodys_words(found: Reviewed) -> None:
    """HTML and PDF say the same; the words of a judgment are in neither, and the same summary is the same bytes."""
    [text] = pages(found)
    markup = html(found).decode()
    for said in ("Doe, Jo", "23 left", "met", "Back to work", "moderate, assessed", "recovered"):
        assert said in text and said in markup, said
    assert SECRET not in text and SECRET not in markup
    assert markup.count("<img ") == 2 and 'alt="Patient ' in markup and "<script" not in markup
    assert (html(found), pdf(found)) == (markup.encode(), pdf(found))


def test_marks_and_sums_on_the_page(found: Reviewed) -> None:
    """A star behind what nobody verified; missed services by kind."""
    shown: Page = page(found)
    assert [row[1].endswith("*") for row in shown.asked] == [False, True, True, False, False]
    assert [row[-1] for row in shown.weeks] == ["", "1 absent, 1 excused", "", ""]
    assert shortened("a " * 200).endswith(" …") and len(shortened("a " * 200)) < 160


def places(found: Reviewed) -> list[float]:
    """How far above the foot of the page its texts stand, in points of which a page has 792."""
    found_at: list[float] = []

    def see(text: str, matrix: list[float], own: list[float], _font: object, _size: float) -> None:
        if text.strip():
            found_at.append(matrix[1] * own[4] + matrix[3] * own[5] + matrix[5])

    pypdf.PdfReader(io.BytesIO(pdf(found))).pages[0].extract_text(visitor_text=see)
    return found_at


def pages(found: Reviewed) -> list[str]:
    """The text of each page of the PDF."""
    return [one.extract_text() for one in pypdf.PdfReader(io.BytesIO(pdf(found))).pages]

