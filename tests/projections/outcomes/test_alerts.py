"""Whom somebody should look at: what raises an alert, what ends it, and what never does."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregates.assessment.facts import AssessmentCorrected
from aggregates.enrollment.facts import (
    AttendingCorrected,
    PatientAdmitted,
    PatientDischarged,
    PatientReferred,
    PlanOfCareAdopted,
)
from aggregates.risk.facts import Alert as Name
from aggregates.risk.facts import AlertAcknowledged, FollowUpMade, RiskAssessed, SafetyPlanRecorded
from aggregates.risk.streams import risk_of
from projections.outcomes import MODEL
from projections.outcomes.alert_rows import Alert
from projections.outcomes.alert_views import RiskView
from projections.outcomes.today import risk_from_rows
from tests.projections.outcomes.past import ENROLLMENT, PATIENT, PROGRAM, VOIDED, admit, open_program, taken
from tests.projections.story import Story, an_id, folded

RISK = risk_of(PATIENT)
TAKER, OTHER = an_id("clinician", 7), an_id("clinician", 8)


def item_9(on: str, answer: int, **more: Any) -> Any:
    """A PHQ-9 whose total hides the answer to item 9."""
    return taken(on, items=(0,) * 8 + (answer,), **more)


def screen(on: str, *answers: int) -> Any:
    """A C-SSRS screener with all six questions answered."""
    return taken(on, items=answers, instrument="c-ssrs-screener")


def story_of(*facts: Any) -> Story:
    """A patient in care since Monday 5 January, and these administrations, each under its own number."""
    story = Story(now="2026-01-01T13:00:00.000000Z")
    open_program(story)
    admit(story)
    for number, fact in enumerate(facts, 1):
        story.tell(an_id("assessment", number), fact)
    return story


def acknowledged(
    story: Story, kind: Any, about: str, since: str, outcome: Any = "cleared", by: str = TAKER, at: str | None = None
) -> None:
    """Somebody takes an alert or clears it."""
    fact = AlertAcknowledged(
        patient_id=PATIENT, program_id=PROGRAM, alert=Name(kind=kind, about=about, since=since), outcome=outcome,
        acknowledged_by=by, cause="talked",
    )
    story.tell(RISK, fact, recorded=at)


def rows(story: Story, *kinds: str, upto: int | None = None) -> list[Alert]:
    """The patient's alerts of these kinds, due or not."""
    made = folded(MODEL, story.recorded(MODEL, upto)).rows["alert"][PATIENT, "followed"]
    return [one for one in (Alert(*row) for row in made) if one.kind in kinds]


def shown(story: Story, day: str, upto: int | None = None, program_id: str = PROGRAM) -> RiskView:
    """What a program is shown at noon of a day in New York."""
    made = folded(MODEL, story.recorded(MODEL, upto, patient=PATIENT))
    return risk_from_rows(made, programs=[program_id], now=f"{day}T17:00:00.000000Z", patient_id=PATIENT)


def listed(story: Story, day: str) -> list[tuple[str, str]]:
    """Kind and first day of what stands open on a day."""
    return [(one.kind, one.since.isoformat()) for one in shown(story, day).open]


def test_any_answer_to_item_nine_but_zero_raises_an_alert_and_two_or_three_an_urgent_one() -> None:
    """However low the total; the adolescents' form has the same item, and a later zero takes nothing away."""
    story = story_of(
        item_9("2026-01-05", 1), item_9("2026-01-06", 2, instrument="phq-a"), item_9("2026-01-07", 3),
        item_9("2026-01-08", 0),
    )
    found = rows(story, "safety_item")
    assert sorted((one.since, one.value, one.urgent) for one in found) == [
        ("2026-01-05", 1, False), ("2026-01-06", 2, True), ("2026-01-07", 3, True),
    ]  # fmt: skip
    assert "PHQ-9 of 2026-01-05: the safety item was answered with 1." in {one.why for one in found}


@pytest.mark.parametrize(
    ("instrument", "score", "answer"),
    [("phq-9", 24, None), ("phq-9", 25, 1), ("phq-a", 26, 2), ("phq-9", 27, 3), ("gad-7", 21, None),
     ("bdi-ii", 63, None)],
)  # fmt: skip
def test_a_score_that_cannot_be_reached_without_item_nine_raises_its_alert(
    instrument: str, score: int, answer: int | None
) -> None:
    """Where only the score is known; eight items come to 24 points at most."""
    found = rows(story_of(taken("2026-01-05", score, instrument=instrument)), "safety_item")
    assert [(one.value, one.urgent) for one in found] == ([] if answer is None else [(answer, answer > 1)])
    assert all(f"leaves no answer to the safety item below {answer}." in one.why for one in found)


@pytest.mark.parametrize(
    ("answers", "urgent"),
    [((1, 0, 0, 0, 0, 0), None), ((1, 1, 0, 0, 0, 0), None), ((1, 1, 1, 0, 0, 0), False), ((0, 0, 0, 0, 0, 1), False),
     ((1, 1, 0, 1, 0, 0), True), ((0, 0, 0, 0, 0, 2), True)],
)  # fmt: skip
def test_a_screen_raises_an_alert_from_moderate_on(answers: tuple[int, ...], urgent: bool | None) -> None:
    """Question 3 or behavior of longer ago is moderate; question 4, 5 or behavior within three months is high."""
    assert [one.urgent for one in rows(story_of(screen("2026-01-05", *answers)), "suicide_screen")] == (
        [] if urgent is None else [urgent]
    )


def test_a_reliable_deterioration_raises_an_alert_on_any_scale_that_has_one() -> None:
    """Six points on the PHQ-9 and four on the GAD-7, not five and three; the total of the PCL-5 has eighteen."""
    story = story_of(
        taken("2026-01-05", 10), taken("2026-01-12", 15), taken("2026-01-19", 16),
        taken("2026-01-05", 8, instrument="gad-7"), taken("2026-01-12", 11, instrument="gad-7"),
        taken("2026-01-19", 12, instrument="gad-7"), taken("2026-01-05", 30, instrument="pcl-5"),
        taken("2026-01-12", 47, instrument="pcl-5"), taken("2026-01-19", 48, instrument="pcl-5"),
    )  # fmt: skip
    found = rows(story, "reliable_deterioration")
    assert sorted((one.instrument, one.since, one.value, one.threshold) for one in found) == [
        ("gad-7", "2026-01-19", 4, 4), ("pcl-5", "2026-01-19", 18, 18), ("phq-9", "2026-01-19", 6, 6),
    ]  # fmt: skip
    assert "PHQ-9 16 on 2026-01-19 after a baseline of 10: 6 points worse, and from 6 on it is more than chance." in {
        one.why for one in found
    }


def test_fourteen_days_without_a_measure_are_counted_from_the_last_one_or_the_admission() -> None:
    """On the fourteenth day somebody is on the list, not on the thirteenth; any measure ends it, a discharge too."""
    story = story_of()
    assert (listed(story, "2026-01-18"), listed(story, "2026-01-19")) == ([], [("no_measure", "2026-01-19")])
    story.tell(an_id("assessment", 1), screen("2026-01-17", 0, 0, 0, 0, 0, 0))
    assert (listed(story, "2026-01-30"), listed(story, "2026-01-31")) == ([], [("no_measure", "2026-01-31")])
    discharge(story, "2026-01-30", status="20")
    assert listed(story, "2026-01-31") == []


def test_a_day_is_the_programs_own() -> None:
    """In New York the nineteenth begins at five in the morning UTC."""
    made = folded(MODEL, story_of().recorded(MODEL))
    counts = [
        len(risk_from_rows(made, programs=[PROGRAM], now=now, patient_id=PATIENT).open)
        for now in ("2026-01-19T04:59:00.000000Z", "2026-01-19T05:00:00.000000Z")
    ]
    assert counts == [0, 1]


def test_a_missing_measure_that_was_cleared_is_missed_again_after_fourteen_days() -> None:
    """Otherwise nobody would ever look again; what was cleared can still be read."""
    story = story_of()
    acknowledged(story, "no_measure", ENROLLMENT, "2026-01-19", at="2026-01-21T02:00:00Z")  # the 20th in New York
    assert (listed(story, "2026-02-02"), listed(story, "2026-02-03")) == ([], [("no_measure", "2026-02-03")])
    (cleared,) = shown(story, "2026-02-03").cleared
    assert (cleared.since.isoformat(), cleared.cleared_by) == ("2026-01-19", TAKER)


def plan_of_care(story: Story, weeks: int, on: str = "2026-01-05", number: int = 1) -> None:
    """A plan of care for so many weeks."""
    fact = PlanOfCareAdopted(
        plan_id=an_id("plan", number), adopted_on=on, goals=("mood",), weekly_days=3, weekly_minutes=540,
        planned_weeks=weeks, review_due_on="2026-02-05",
    )
    story.tell(ENROLLMENT, fact)


def test_no_reliable_improvement_after_half_of_the_planned_stay() -> None:
    """Eight weeks from 5 January end on 2 March; half of these 56 days is over on 2 February."""
    story = story_of(taken("2026-01-05", 16), taken("2026-01-26", 11))
    assert rows(story, "no_change") == []  # nothing is planned
    plan_of_care(story, 8)
    assert (listed(story, "2026-02-01"), listed(story, "2026-02-02")) == ([], [("no_change", "2026-02-02")])
    (alert,) = rows(story, "no_change")
    assert alert.why == (
        "Half of the 56 days planned from 2026-01-05 to 2026-03-02 was over on 2026-02-02: PHQ-9 11 after 16, "
        "unchanged, where 6 points are more than chance."
    )
    story.tell(an_id("assessment", 3), taken("2026-02-09", 10))
    assert rows(story, "no_change") == []


def test_one_scale_that_improves_is_a_change_and_falling_back_is_none() -> None:
    """The GAD-7 goes from 12 to 8, four points, and back to 10; the alert goes back to the day of the fall."""
    story = story_of(
        taken("2026-01-05", 16), taken("2026-01-05", 12, instrument="gad-7"), taken("2026-01-26", 16),
        taken("2026-01-26", 8, instrument="gad-7"),
    )
    plan_of_care(story, 8)
    assert rows(story, "no_change") == []
    story.tell(an_id("assessment", 5), taken("2026-02-09", 10, instrument="gad-7"))
    assert [one.since for one in rows(story, "no_change")] == ["2026-02-09"]


def discharge(story: Story, on: str, reason: Any = "completed", status: str = "01") -> None:
    """The stay ends."""
    story.tell(ENROLLMENT, PatientDischarged(discharged_on=on, reason=reason, patient_status=status))


def test_follow_ups_are_due_seven_thirty_and_ninety_days_after_the_discharge() -> None:
    """Each in a window of its own: through day 14, 60 and 120."""
    story = story_of()
    discharge(story, "2026-03-01")
    found = rows(story, "follow_up")
    assert [(one.value, one.since, one.until) for one in found] == [
        (7, "2026-03-08", "2026-03-15"), (30, "2026-03-31", "2026-04-30"), (90, "2026-05-30", "2026-06-29"),
    ]  # fmt: skip
    assert (listed(story, "2026-03-07"), listed(story, "2026-03-15")) == ([], [("follow_up", "2026-03-08")])
    over = shown(story, "2026-03-16")
    assert (over.open, [one.value for one in over.missed]) == ((), [7])


def test_a_follow_up_measure_or_a_call_that_reaches_the_patient_ends_the_one_of_its_window() -> None:
    """A try that reaches nobody ends nothing and is counted; a measure of before the discharge is none."""
    story = story_of(taken("2026-02-27", 9))
    discharge(story, "2026-03-01")
    call(story, "2026-03-09T15:00:00Z", reached=False)
    assert [one.value for one in rows(story, "follow_up")] == [7, 30, 90]
    (first, *_) = rows(story, "follow_up")
    assert (first.follow_ups, first.reached) == (1, False)
    call(story, "2026-03-10T15:00:00Z", reached=True)
    assert [one.value for one in rows(story, "follow_up")] == [30, 90]
    story.tell(an_id("assessment", 2), taken("2026-04-03", 8, occasion="follow_up"))
    assert [one.value for one in rows(story, "follow_up")] == [90]


def call(story: Story, at: str, reached: bool) -> None:
    """Somebody calls."""
    fact = FollowUpMade(
        patient_id=PATIENT, program_id=PROGRAM, enrollment_id=ENROLLMENT, made_by=OTHER, made_at=at, means="phone",
        reached=reached, cause="after-discharge",
    )
    story.tell(RISK, fact)


@pytest.mark.parametrize(
    ("reason", "status", "wanted"),
    [("died", "20", 0), ("other", "65", 0), ("transferred_step_up", "02", 0), ("dropped_out", "07", 3),
     ("transferred_step_up", "01", 3)],
)  # fmt: skip
def test_who_died_or_is_in_a_hospital_is_not_followed_up(reason: Any, status: str, wanted: int) -> None:
    """By the discharge status alone; nothing is guessed from a transfer to more care."""
    story = story_of()
    discharge(story, "2026-03-01", reason, status)
    assert len(rows(story, "follow_up")) == wanted


def test_who_is_admitted_again_is_measured_there() -> None:
    """On 20 March: what is due by then stays due, the later ones are the new stay's."""
    story, enrollment = story_of(), an_id("enrollment", 5)
    discharge(story, "2026-03-01")
    story.tell(enrollment, PatientReferred(
        patient_id=PATIENT, program_id=PROGRAM, referred_on="2026-03-20", source="self"
    ))  # fmt: skip
    story.tell(enrollment, PatientAdmitted(
        admitted_on="2026-03-20", level_of_care="intensive_outpatient", focus="mental_health",
        admission_type="elective", admission_source="self", attending_id=OTHER, planned_days=3, planned_minutes=540,
    ))  # fmt: skip
    assert [one.value for one in rows(story, "follow_up")] == [7]


def test_an_alert_is_the_attendings_until_somebody_takes_it() -> None:
    """Who takes it last owns it; where nobody attends, nobody does, and the list says so."""
    story, about = story_of(item_9("2026-01-05", 1)), an_id("assessment")
    assert [one.owner_id for one in rows(story, "safety_item")] == [an_id("clinician")]
    story.tell(ENROLLMENT, AttendingCorrected(
        was_attending_id=an_id("clinician"), attending_id=OTHER, cause="entry-error"
    ))  # fmt: skip
    assert [one.owner_id for one in rows(story, "safety_item")] == [OTHER]
    acknowledged(story, "safety_item", about, "2026-01-05", "taken")
    (alert,) = rows(story, "safety_item")
    assert (alert.owner_id, alert.standing, alert.taken_by) == (TAKER, "taken", TAKER)
    alone = story_of(item_9("2026-01-05", 1, enrollment_id=None, program_id=an_id("program", 2)))
    assert [one.owner_id for one in rows(alone, "safety_item")] == [None]


def test_what_was_done_stands_with_the_alert() -> None:
    """The latest level by its own time, the latest plan by its day, of this program; calls since the alert's day."""
    story = story_of(item_9("2026-01-05", 2))
    for at in ("2026-01-05T04:00:00Z", "2026-01-05T20:00:00Z"):  # the first on the evening before, in New York
        call(story, at, reached=False)
    for at, level, program_id in (
        ("2026-01-05T16:00:00Z", "moderate", PROGRAM), ("2026-01-05T15:30:00Z", "high", PROGRAM),
        ("2026-01-06T15:00:00Z", "low", an_id("program", 2)),
    ):  # fmt: skip
        story.tell(RISK, RiskAssessed(
            patient_id=PATIENT, program_id=program_id, assessed_by=TAKER, assessed_at=at, level=level,  # type: ignore[arg-type] # three of them
            basis=("interview",),
        ))  # fmt: skip
    story.tell(RISK, SafetyPlanRecorded(
        patient_id=PATIENT, program_id=PROGRAM, recorded_by=TAKER, made_on="2026-01-05", review_on="2026-01-12"
    ))  # fmt: skip
    (alert,) = rows(story, "safety_item")
    assert (alert.risk_level, alert.risk_assessed_at) == ("moderate", "2026-01-05T16:00:00.000000Z")
    assert (alert.follow_ups, alert.followed_up_at) == (1, "2026-01-05T20:00:00.000000Z")
    assert (alert.safety_plan_on, alert.safety_plan_review_on, alert.standing) == ("2026-01-05", "2026-01-12", "open")


def test_only_a_clearing_takes_an_alert_off_the_list_and_it_stays_readable() -> None:
    """Taken again, it stands again."""
    story, about = story_of(item_9("2026-01-05", 1), item_9("2026-01-06", 0)), an_id("assessment")
    assert ("safety_item", "2026-01-05") in listed(story, "2026-01-07")
    acknowledged(story, "safety_item", about, "2026-01-05")
    after = shown(story, "2026-01-07")
    assert [one.kind for one in after.open] == []
    assert [(one.kind, one.cause, one.cleared_by) for one in after.cleared] == [("safety_item", "talked", TAKER)]
    acknowledged(story, "safety_item", about, "2026-01-05", "taken", by=OTHER)
    assert [(one.kind, one.owner_id) for one in shown(story, "2026-01-07").open] == [("safety_item", OTHER)]


def test_what_was_cleared_before_a_correction_was_about_other_answers() -> None:
    """An answer of 1 that was really 3 is open again; what was done stays in the record, and can be done again."""
    story, about = story_of(item_9("2026-01-05", 1)), an_id("assessment")
    acknowledged(story, "safety_item", about, "2026-01-05")
    story.tell(about, AssessmentCorrected(items=(0,) * 8 + (3,), administered_on="2026-01-06", cause="entry-error"))
    view = shown(story, "2026-01-07")
    assert [(one.since.isoformat(), one.urgent, one.standing) for one in view.open] == [("2026-01-06", True, "open")]
    assert [one.outcome for one in view.acknowledgments] == ["cleared"]
    acknowledged(story, "safety_item", about, "2026-01-06")
    assert listed(story, "2026-01-07") == []


def test_a_void_takes_a_deterioration_away_and_as_of_tells_that_it_was_shown() -> None:
    """As if it had never been, but for who knew what when."""
    story, about = story_of(taken("2026-01-05", 10), taken("2026-01-06", 16)), an_id("assessment", 2)
    before = len(story.facts)
    acknowledged(story, "reliable_deterioration", about, "2026-01-06", "taken")
    story.tell(about, VOIDED)
    assert rows(story, "reliable_deterioration") == []
    assert [one.kind for one in shown(story, "2026-01-07").acknowledgments] == ["reliable_deterioration"]
    assert [one.kind for one in shown(story, "2026-01-07", upto=before).open] == ["reliable_deterioration"]


MEASURES = st.lists(
    st.tuples(st.integers(1, 28), st.integers(0, 3), st.integers(0, 24)), min_size=1, max_size=5,
    unique_by=lambda one: one[0],
)  # fmt: skip


def measure(day: int, answer: int, rest: int) -> Any:
    """A PHQ-9 of January: item 9, and the rest spread over the other items."""
    items = [min(3, max(0, rest - 3 * place)) for place in range(8)]
    return taken(f"2026-01-{day:02}", items=(*items, answer))


@settings(max_examples=50)
@given(early=MEASURES, later=MEASURES, data=st.data())
def test_nothing_that_is_measured_later_takes_a_safety_alert_away(early: Any, later: Any, data: st.DataObject) -> None:
    """In whatever order measures, corrections, voids, judgments and calls come, every answer above zero is on the
    list."""
    story = story_of(*(measure(*one) for one in early))
    raised = {(one.about, one.since) for one in rows(story, "safety_item")}
    assert len(raised) == sum(1 for _, answer, _ in early if answer)
    for number, one in enumerate(later, 50):
        story.tell(an_id("assessment", number), measure(*one))
        place = data.draw(st.integers(1, len(early)))
        zero = AssessmentCorrected(items=(0,) * 9, administered_on=f"2026-01-{early[place - 1][0]:02}", cause="misread")
        story.tell(an_id("assessment", place), data.draw(st.sampled_from([zero, VOIDED])))
        if data.draw(st.booleans()):
            call(story, "2026-02-01T15:00:00Z", reached=True)
        story.tell(RISK, RiskAssessed(
            patient_id=PATIENT, program_id=PROGRAM, assessed_by=TAKER, assessed_at="2026-02-01T15:00:00Z", level="none",
            basis=("interview",),
        ))  # fmt: skip
    listed_now = (one for one in shown(story, "2026-02-02").open if one.kind == "safety_item")
    standing = {(one.alert.about, one.since.isoformat()) for one in listed_now if one.alert}
    assert raised <= standing


@settings(max_examples=30)
@given(told=MEASURES, cut=st.integers(1, 9), batch=st.integers(1, 4))
def test_as_of_a_position_is_what_was_shown_there(told: Any, cut: int, batch: int) -> None:
    """The patient's own facts up to it give the alerts that all facts gave there, in whatever batches they came."""
    story = story_of(*(measure(*one) for one in told))
    acknowledged(story, "safety_item", an_id("assessment"), f"2026-01-{told[0][0]:02}")
    story.tell(an_id("assessment"), VOIDED)
    upto = min(3 + cut, len(story.facts))
    then = folded(MODEL, story.recorded(MODEL, upto), batch=batch).rows["alert"][PATIENT, "followed"]
    assert folded(MODEL, story.recorded(MODEL, upto, patient=PATIENT)).rows["alert"][PATIENT, "followed"] == then
