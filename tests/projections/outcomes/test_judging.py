"""What the facts of a patient become, whatever the order in which they were recorded."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from projections.outcomes import MODEL
from projections.outcomes.queries import trends_from_rows
from projections.outcomes.rows import Measure, Trend
from tests.projections.outcomes.past import (
    ENROLLMENT,
    OTHER,
    PATIENT,
    PROGRAM,
    VOIDED,
    admit,
    corrected,
    discharge,
    taken,
)
from tests.projections.story import Story, an_id, folded

NOW = "2026-04-01T12:00:00.000000Z"
KNOWN_LATER = ("recorded_at", "positions", "corrected")
ON_A_DAY = st.tuples(st.integers(0, 60), st.integers(0, 27))
SCORES = st.lists(ON_A_DAY, min_size=1, max_size=6, unique_by=lambda one: one[0])


def day(number: int) -> str:
    """The day so many days after 1 January 2026."""
    return f"2026-{1 + number // 28:02}-{1 + number % 28:02}"


def rows(story: Story, table: str) -> list[Any]:
    """The patient's rows of one table."""
    scopes = folded(MODEL, story.recorded(MODEL)).rows.get(table, {})
    return [row for scope, made in scopes.items() if scope[0] == PATIENT for row in made]


def told(*facts: Any) -> Story:
    """A patient's episode and these administrations, each under its own number."""
    story = Story()
    admit(story)
    for number, fact in enumerate(facts, 1):
        story.tell(an_id("assessment", number), fact)
    return story


def meaning(measures: list[Measure]) -> list[dict[str, Any]]:
    """The rows without what only says when and by which facts it became known."""
    return [{name: value for name, value in one._asdict().items() if name not in KNOWN_LATER} for one in measures]


@settings(max_examples=60)
@given(scores=SCORES, data=st.data())
def test_the_order_of_arrival_does_not_matter(scores: list[tuple[int, int]], data: st.DataObject) -> None:
    """Late entries lead to the same measures, trends and alerts as entries in time."""
    in_time = [(number, taken(day(on), score)) for number, (on, score) in enumerate(sorted(scores), 1)]
    stories = []
    for order in (in_time, data.draw(st.permutations(in_time))):
        story = told()
        for number, fact in order:
            story.tell(an_id("assessment", number), fact)
        stories.append(story)
    one, other = stories
    assert meaning(rows(one, "measure")) == meaning(rows(other, "measure"))
    assert rows(one, "trend") == rows(other, "trend")
    assert [alert[:-1] for alert in rows(one, "alert")] == [alert[:-1] for alert in rows(other, "alert")]


@settings(max_examples=60)
@given(scores=SCORES, wrong=ON_A_DAY, voided=st.booleans(), data=st.data())
def test_a_wrong_score_leaves_no_trace(
    scores: list[tuple[int, int]], wrong: tuple[int, int], voided: bool, data: st.DataObject
) -> None:
    """Corrected or voided, it is as if it had never been."""
    facts = [taken(day(on), score) for on, score in scores]
    right = told(*facts)
    place = data.draw(st.integers(0, len(facts) - 1))
    if voided:
        mended = told(*facts, taken(day(wrong[0]), wrong[1]))
        mended.tell(an_id("assessment", len(facts) + 1), VOIDED)
    else:
        at = facts[place].administered_at
        mended = told(*facts[:place], taken(day(wrong[0]), wrong[1], administered_at=at), *facts[place + 1 :])
        mended.tell(an_id("assessment", place + 1), corrected(day(scores[place][0]), scores[place][1]))
    assert meaning(rows(mended, "measure")) == meaning(rows(right, "measure"))
    assert rows(mended, "trend") == rows(right, "trend")


@settings(max_examples=40)
@given(scores=SCORES, upto=st.integers(1, 8))
def test_as_of_is_what_was_shown_then(scores: list[tuple[int, int]], upto: int) -> None:
    """The patient's own facts up to a position give the rows that everybody's facts gave at that position."""
    story = told(*(taken(day(on), score) for on, score in scores))
    admit(story, number=2)
    story.tell(an_id("assessment", 99), taken("2026-02-02", 20, number=2))
    story.tell(an_id("assessment", 1), corrected("2026-01-03", 3))
    then = folded(MODEL, story.recorded(MODEL, upto), batch=1)
    as_of = folded(MODEL, story.recorded(MODEL, upto, patient=PATIENT))
    for table, scopes in as_of.rows.items():
        assert {scope: then.rows[table][scope] for scope in scopes} == scopes


def test_a_correction_after_a_void_changes_nothing() -> None:
    """What is voided stays voided."""
    story = told(taken("2026-01-05", 12))
    story.tell(an_id("assessment", 1), VOIDED)
    story.tell(an_id("assessment", 1), corrected("2026-01-05", 3))
    assert rows(story, "measure") == rows(story, "trend") == []


def test_two_versions_are_two_courses() -> None:
    """Neither the change nor the baseline crosses from one version to another; an unknown one is kept, not judged."""
    story = told(taken("2026-01-05", 20), taken("2026-01-12", 5, instrument_version="0"), taken("2026-01-19", 14))
    trends: list[Trend] = rows(story, "trend")
    assert [(one.instrument_version, one.measures, one.change, one.change_class) for one in trends] == [
        ("0", 1, None, None), ("1", 2, -6, "improved"),
    ]
    old = next(one for one in rows(story, "measure") if one.instrument_version == "0")
    assert (old.score, old.band, old.reliable_change) == (5, None, None)


def test_two_episodes_are_two_courses() -> None:
    """A readmission begins with its own baseline."""
    again = taken("2026-06-01", 18, enrollment_id=an_id("enrollment", 5))
    story = told(taken("2026-01-05", 20), taken("2026-01-19", 8), again)
    assert [(one.enrollment_id, one.baseline_score, one.change) for one in rows(story, "trend")] == sorted(
        [(ENROLLMENT, 20, -12), (an_id("enrollment", 5), 18, None)]
    )


def test_the_baseline_is_the_one_called_so() -> None:
    """A screening before the baseline shows, without a change; where none is named, the first is it."""
    story = told(taken("2026-01-05", 9), taken("2026-01-08", 17, occasion="baseline"), taken("2026-02-08", 11))
    before, baseline, after = rows(story, "measure")
    assert (before.days_since_baseline, before.months_since_baseline, before.change) == (-3, None, None)
    assert (baseline.days_since_baseline, baseline.change, baseline.change_class) == (0, None, None)
    assert (after.baseline_score, after.change, after.reliable, after.months_since_baseline) == (17, -6, True, 1)
    (trend,) = rows(story, "trend")
    assert (trend.measures, trend.baseline_score, trend.last_score) == (2, 17, 11)


def test_a_measure_of_no_named_episode_belongs_to_the_programs_latest() -> None:
    """It is taken into the episode that had begun by then; before any referral it stands alone."""
    story = told(taken("2026-01-12", 10, enrollment_id=None), taken("2025-12-01", 12, enrollment_id=None))
    assert {one.administered_on: one.enrollment_id for one in rows(story, "measure")} == {
        "2026-01-12": ENROLLMENT, "2025-12-01": None,
    }


def test_answers_are_scored_and_banded() -> None:
    """PHQ-9 of 15 is moderately severe (Kroenke and others 2001); a corrected measure says so."""
    story = told(taken("2026-01-05", items=(2, 2, 2, 2, 2, 2, 2, 1, 0)))
    (measure,) = rows(story, "measure")
    assert (measure.score, measure.band, measure.band_verified) == (15, "moderately severe", True)
    assert measure.safety_item_score == 0
    story.tell(an_id("assessment", 1), corrected("2026-01-06", 4))
    (mended,) = rows(story, "measure")
    assert (mended.score, mended.band, mended.administered_on, mended.corrected) == (4, "minimal", "2026-01-06", True)
    assert mended.positions == [3, 4]


def test_a_patients_trend_can_be_made_from_a_folds_rows() -> None:
    """The same views without a database, within the programs that the caller may see."""
    story = told(taken("2026-01-05", 20), taken("2026-01-12", 12))
    made = folded(MODEL, story.recorded(MODEL))
    (trend,) = trends_from_rows(made, programs=[PROGRAM], now=NOW, patient_id=PATIENT, instrument="phq-9")
    assert [one.score for one in trend.measures] == [20, 12]
    assert all(one.thresholds.threshold_source for one in trend.measures)
    assert trends_from_rows(made, programs=[OTHER], now=NOW, patient_id=PATIENT) == []
    assert trends_from_rows(made, programs=[PROGRAM], now=NOW, patient_id=PATIENT, instrument="gad-7") == []


def test_an_episode_keeps_its_dates() -> None:
    """Referral, admission and discharge as the facts told them."""
    story = told()
    discharge(story, "2026-03-01")
    (episode,) = rows(story, "episode")
    assert (episode.referred_on, episode.admitted_on) == ("2026-01-05", "2026-01-05")
    assert episode.discharged_on == "2026-03-01"
    assert (episode.discharge_reason, episode.positions) == ("completed", [1, 2, 3])


def test_the_nearest_measure_speaks_for_a_month_and_the_last_for_an_occasion() -> None:
    """A month of weekly measures counts once: 27 days are nearer to one month (30.4 days) than 41, 31 nearer still."""
    days = ("2026-01-05", "2026-01-12", "2026-02-01", "2026-02-05", "2026-02-15")
    measures: list[Measure] = rows(told(*(taken(on, 10) for on in days)), "measure")
    assert [one.months_since_baseline for one in measures] == [0, 0, 1, 1, 1]
    assert [one.speaks_for_month for one in measures] == [True, False, False, True, False]
    assert [one.speaks_for_occasion for one in measures] == [False, False, False, False, True]
