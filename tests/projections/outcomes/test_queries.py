"""What outcomes answer from PostgreSQL: a patient's trend, a program's course, programs side by side."""

from datetime import date
from statistics import mean, stdev

import pytest

from aggregates.codec import decode
from aggregates.enrollment.facts import AdmissionCorrected, DischargeCorrected
from iop_es.engine.connections import Pool
from iop_es.engine.log import Log
from iop_es.engine.readmodel.asof import as_of
from iop_es.engine.readmodel.driver import Driver
from projections.outcomes import MODEL
from projections.outcomes.queries import comparison, course, trends, trends_from_rows
from tests.projections.outcomes.past import (
    OTHER,
    PATIENT,
    PROGRAM,
    VOIDED,
    admit,
    corrected,
    discharge,
    open_program,
    taken,
)
from tests.projections.story import Story, an_id, asking, project, rebuild, tables

NOW = "2026-04-01T12:00:00.000000Z"
BOTH = (PROGRAM, OTHER)
ITEM_9 = (0, 0, 0, 0, 0, 0, 0, 0, 1)


def past() -> Story:
    """Four episodes in one program and one in another, with gaps, a correction, a void and a discharge."""
    story = Story()
    open_program(story)
    open_program(story, OTHER, "Pacific/Auckland")
    for number, program_id in enumerate((PROGRAM, PROGRAM, PROGRAM, PROGRAM, OTHER), 1):
        admit(story, number, program_id)
    scores = {1: (20, 14, 8), 2: (10, 16, None), 3: (15, None, 13), 4: (12, None, None)}
    for number, course_of in scores.items():
        for month, score in enumerate(course_of):
            if score is not None:
                occasion = "routine" if month else "baseline"
                fact = taken(f"2026-0{month + 1}-05", score, number, occasion=occasion)
                story.tell(an_id("assessment", 10 * number + month), fact)
    story.tell(an_id("assessment", 50), taken("2026-03-20", items=ITEM_9, number=5, program_id=OTHER))
    story.tell(an_id("assessment", 19), taken("2026-03-06", 27))
    story.tell(an_id("assessment", 19), VOIDED)
    story.tell(an_id("assessment", 32), corrected("2026-03-05", 9))
    discharge(story, "2026-03-10", number=2)
    return story


@pytest.fixture
def driver(log: Log, projector: Pool) -> Driver:
    """The past, projected."""
    past().append(log)
    return project(MODEL, log, projector)


def test_a_trend_is_the_same_from_rows_and_from_a_fold(log: Log, driver: Driver, projector: Pool) -> None:
    """As of the log's head, the patient's own facts in memory give what the tables give."""
    with asking(driver, projector) as cursor:
        live = trends(cursor, programs=BOTH, now=NOW, patient_id=PATIENT)
    assert [one.score for one in live[0].measures] == [20, 14, 8]
    assert live[0].measures[0].thresholds.threshold_source is not None
    then = as_of(MODEL, log, decode, PATIENT, None)
    assert trends_from_rows(then, programs=BOTH, now=NOW, patient_id=PATIENT) == live


def test_as_of_a_position_a_void_has_not_yet_come(log: Log, driver: Driver, projector: Pool) -> None:
    """The history in memory says what was known then."""
    wrong = next(told.position for told in past().facts if told.stream == an_id("assessment", 19))
    known = as_of(MODEL, log, decode, PATIENT, wrong)
    (then,) = trends_from_rows(known, programs=BOTH, now=NOW, patient_id=PATIENT)
    assert [one.score for one in then.measures] == [20, 14, 8, 27]


def test_a_trend_is_shown_to_its_program_only(driver: Driver, projector: Pool) -> None:
    """Another program's caller gets nothing; another instrument has nothing."""
    with asking(driver, projector) as cursor:
        assert trends(cursor, programs=(OTHER,), now=NOW, patient_id=PATIENT) == []
        assert trends(cursor, programs=BOTH, now=NOW, patient_id=PATIENT, instrument="gad-7") == []


def test_a_course_shows_missing_measures_as_missing(driver: Driver, projector: Pool) -> None:
    """Means are of those measured; who was due and was not measured is counted, also after a discharge."""
    with asking(driver, projector) as cursor:
        (found,) = course(cursor, programs=(PROGRAM,), now=NOW, instrument="phq-9")
    assert (found.cohort, found.instrument_version) == (4, "1")
    start, first, second = found.points
    assert [point.point for point in found.points] == ["0", "1", "2"]
    assert (start.n, start.missing, start.mean) == (4, 0, mean((20, 10, 15, 12)))
    assert start.standard_deviation == pytest.approx(stdev((20, 10, 15, 12)))
    assert (first.n, first.missing, first.mean, first.mean_change) == (2, 2, mean((14, 16)), mean((-6, 6)))
    assert (second.n, second.missing, second.mean, second.mean_change) == (2, 2, mean((8, 9)), mean((-12, -6)))


def test_a_point_that_has_not_come_is_not_missing(driver: Driver, projector: Pool) -> None:
    """Two months after 5 January is 5 March in the program's zone, and not an hour before."""
    for now, missing, early in (("2026-03-05T04:59:00.000000Z", 0, 2), ("2026-03-05T05:00:00.000000Z", 2, 0)):
        with asking(driver, projector) as cursor:
            (found,) = course(cursor, programs=(PROGRAM,), now=now, instrument="phq-9")
        assert (found.points[2].missing, found.points[2].not_yet_due) == (missing, early)


def test_a_course_by_occasion_expects_a_discharge_measure_of_the_discharged_only(log: Log, projector: Pool) -> None:
    """Baseline, routine, discharge, follow-up in this order."""
    story = past()
    story.tell(an_id("assessment", 17), taken("2026-03-30", 6, occasion="discharge"))
    story.append(log)
    with asking(project(MODEL, log, projector), projector) as cursor:
        (found,) = course(cursor, programs=(PROGRAM,), now=NOW, instrument="phq-9", by="occasion")
    assert [(one.point, one.n, one.missing, one.not_yet_due) for one in found.points] == [
        ("baseline", 4, 0, 0), ("routine", 3, 1, 0), ("discharge", 1, 1, 2),
    ]


def test_programs_stand_side_by_side(driver: Driver, projector: Pool) -> None:
    """Baseline, last score, classes and coverage; one measure is no change, and no threshold is no judgment."""
    with asking(driver, projector) as cursor:
        found = {one.program_id: one for one in comparison(cursor, programs=BOTH, now=NOW, instrument="phq-9")}
    one, other = found[PROGRAM], found[OTHER]
    assert (one.episodes, one.measured_again, one.baseline_mean) == (4, 3, mean((20, 10, 15, 12)))
    assert (one.baseline_mean_of_measured_again, one.last_mean) == (15, mean((8, 16, 9)))
    assert one.mean_change == pytest.approx(mean((-12, 6, -6)))
    assert (one.recovered, one.improved, one.unchanged, one.deteriorated, one.not_judged) == (2, 0, 0, 1, 0)
    assert (one.share_recovered, one.share_improved) == (pytest.approx(2 / 3), 0)
    assert (one.open_episodes, one.measured_lately, one.coverage) == (3, 0, 0)
    assert (other.open_episodes, other.measured_lately, other.coverage, other.mean_change) == (1, 1, 1, None)
    assert other.share_improved is None


def test_an_instrument_that_was_never_used_has_no_coverage(driver: Driver, projector: Pool) -> None:
    """Open episodes without any measure are not left out."""
    with asking(driver, projector) as cursor:
        (one,) = comparison(cursor, programs=(PROGRAM,), now=NOW, instrument="gad-7")
    assert (one.episodes, one.open_episodes, one.coverage) == (0, 3, 0)
    assert (one.baseline_mean, one.instrument_version) == (None, None)


@pytest.mark.parametrize(
    ("now", "lately"), [("2026-04-03T10:00:00.000000Z", 1), ("2026-04-03T11:00:00.000000Z", 0)]
)
def test_coverage_counts_days_of_the_programs_zone(driver: Driver, projector: Pool, now: str, lately: int) -> None:
    """A measure of 20 March is fourteen days old until 3 April ends in Auckland, at 11:00 UTC."""
    with asking(driver, projector) as cursor:
        (one,) = comparison(cursor, programs=(OTHER,), now=now, instrument="phq-9")
    assert one.measured_lately == lately


def test_any_batching_and_a_rebuild_give_the_same_rows_and_documents(log: Log, projector: Pool) -> None:
    """Live in batches of 1, of 7 and all, and rebuilt: equal in every table, byte for byte."""
    story = past()
    Story(facts=story.facts[:9]).append(log)
    project(MODEL, log, projector, batch=1)
    story.append(log, first=10)
    driver = project(MODEL, log, projector, batch=7)
    live = tables(driver, projector)
    assert live["measure"]
    assert live["document"]
    for batch in (1, 7, 5_000):
        rebuild(MODEL, log, projector, batch)
        assert tables(driver, projector) == live


def test_a_corrected_admission_is_the_one_that_outcomes_know(log: Log, projector: Pool) -> None:
    """The day from which an episode counts; its level and focus stay."""
    story = past()
    story.tell(an_id("enrollment", 2), AdmissionCorrected(
        was_admitted_on="2026-03-02", admitted_on="2026-03-05", admission_type="3", admission_source="1",
        cause="entry_error",
    ))
    story.append(log)
    columns = next(table for table in MODEL.tables if table.name == "episode").columns
    told = tables(project(MODEL, log, projector), projector)["episode"]
    rows = {one["enrollment_id"]: one for one in (dict(zip(columns, row, strict=True)) for row in told)}
    assert rows[an_id("enrollment", 2)]["admitted_on"] == date(2026, 3, 5)
    assert rows[an_id("enrollment", 2)]["level_of_care"] is not None


def test_a_corrected_discharge_is_the_one_that_outcomes_know(log: Log, projector: Pool) -> None:
    """Another day and reason, or none at all."""
    story = past()
    again = DischargeCorrected(
        was_discharged_on="2026-03-10", discharged_on="2026-03-12", reason="dropped_out", patient_status="07",
        cause="entry_error",
    )
    story.tell(an_id("enrollment", 2), again)
    discharge(story, "2026-03-10", number=3)
    story.tell(an_id("enrollment", 3), DischargeCorrected(was_discharged_on="2026-03-10", cause="wrong_patient"))
    story.append(log)
    columns = next(table for table in MODEL.tables if table.name == "episode").columns
    told = tables(project(MODEL, log, projector), projector)["episode"]
    rows = [dict(zip(columns, row, strict=True)) for row in told]
    ends = {one["enrollment_id"]: (one["discharged_on"], one["discharge_reason"]) for one in rows}
    assert ends[an_id("enrollment", 2)] == (date(2026, 3, 12), "dropped_out")
    assert ends[an_id("enrollment", 3)] == (None, None)
