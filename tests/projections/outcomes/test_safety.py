"""Alerts of answers about suicide: neither a correction, a void, a discharge nor another program ends one."""

from __future__ import annotations

from typing import Any

import pytest

from aggregates.assessment.facts import AssessmentCorrected
from aggregates.enrollment.facts import PatientAdmitted, PatientReferred
from aggregates.risk.facts import RiskAssessed
from projections.outcomes import MODEL
from projections.outcomes.alert_rows import Alert
from projections.outcomes.alert_words import done, reason
from tests.projections.outcomes.past import ENROLLMENT, OTHER, PATIENT, PROGRAM, VOIDED, open_program, taken
from tests.projections.outcomes.past import discharge as discharged
from tests.projections.outcomes.test_alerts import (
    RISK,
    TAKER,
    acknowledged,
    item_9,
    listed,
    rows,
    screen,
    shown,
    story_of,
)
from tests.projections.story import Story, an_id, folded

ABOUT, DAY = an_id("assessment"), "2026-01-05"
WHO = an_id("clinician", 9)
NEW_ATTENDING = an_id("clinician", 6)


def correct(story: Story, answer: int, on: str = DAY) -> None:
    """Somebody corrects item 9."""
    fact = AssessmentCorrected(items=(0,) * 8 + (answer,), administered_on=on, cause="entry-error")
    story.tell(ABOUT, fact, by=WHO)


def judge(story: Story, at: str, program_id: str = PROGRAM, recorded: str | None = None) -> None:
    """Somebody judges the risk."""
    fact = RiskAssessed(
        patient_id=PATIENT, program_id=program_id, assessed_by=TAKER, assessed_at=at, level="low", basis=("interview",),
    )
    story.tell(RISK, fact, recorded=recorded)


def the_alert(story: Story) -> Alert:
    """The one alert of safety."""
    [alert] = rows(story, "safety_item", "suicide_screen")
    return alert


@pytest.mark.parametrize("fact", [item_9(DAY, 3), taken(DAY, 27), screen(DAY, 1, 1, 0, 1, 0, 0)])
def test_a_void_leaves_the_alert_to_a_person_and_says_who_voided_the_measure(fact: Any) -> None:
    """It counts as never taken for everything else: no measure, no trend."""
    story = story_of(fact)
    was = the_alert(story)
    story.tell(ABOUT, VOIDED, by=WHO)
    alert = the_alert(story)
    assert (alert.standing, alert.urgent, alert.since, alert.value) == ("open", True, DAY, was.value)
    assert (alert.withdrawn, alert.withdrawn_by, alert.withdrawn_at) == ("voided", WHO, story.now)
    assert alert.why == f"{was.why} The measure was voided since, which is no judgment of the risk."
    assert folded(MODEL, story.recorded(MODEL)).rows["measure"][PATIENT,] == []
    [shown_now] = [one for one in shown(story, "2026-01-06").open if one.kind == was.kind]
    assert f"It was voided by {WHO}." in reason(shown_now) and done(shown_now) == "nothing yet"
    acknowledged(story, was.kind, ABOUT, DAY)
    assert (the_alert(story).standing, listed(story, "2026-01-06")) == ("cleared", [])


def test_an_answer_that_is_corrected_to_zero_leaves_the_alert_to_a_person() -> None:
    """On the measure's day as it stands now, as the command to clear it wants it; the trend has the new answers."""
    story = story_of(item_9(DAY, 2))
    correct(story, 0, on="2026-01-06")
    alert = the_alert(story)
    assert (alert.standing, alert.since, alert.value, alert.withdrawn) == ("open", "2026-01-06", 2, "corrected")
    assert alert.withdrawn_by == WHO and "corrected since" in alert.why
    [measure] = folded(MODEL, story.recorded(MODEL)).rows["measure"][PATIENT,]
    assert 0 in measure and listed(story, "2026-01-06") == [("safety_item", "2026-01-06")]
    story.tell(ABOUT, VOIDED, by=TAKER)
    assert (the_alert(story).withdrawn, the_alert(story).withdrawn_by) == ("corrected", WHO)
    acknowledged(story, "safety_item", ABOUT, "2026-01-06")
    assert listed(story, "2026-01-06") == []


@pytest.mark.parametrize("back", [lambda story: correct(story, 0), lambda story: story.tell(ABOUT, VOIDED)])
def test_what_a_person_cleared_stays_cleared_when_the_answer_is_taken_back(back: Any) -> None:
    """It was judged as it stood."""
    story = story_of(item_9(DAY, 3))
    acknowledged(story, "safety_item", ABOUT, DAY)
    back(story)
    assert the_alert(story).standing == "cleared"


def test_a_correction_that_raises_the_alert_anew_is_open_whatever_was_cleared_before() -> None:
    """An answer of 1, then 0, cleared, then really 3."""
    story = story_of(item_9(DAY, 1))
    correct(story, 0)
    acknowledged(story, "safety_item", ABOUT, DAY)
    correct(story, 3)
    alert = the_alert(story)
    assert (alert.standing, alert.value, alert.withdrawn) == ("open", 3, None)


def test_a_judgment_is_told_with_an_alert_only_if_it_knew_of_it() -> None:
    """Recorded after the answers and made since; after a correction, since that was recorded; in this program."""
    story = story_of()
    judge(story, "2026-01-05T16:00:00Z", recorded="2026-01-05T16:05:00Z")
    story.tell(ABOUT, item_9(DAY, 1), recorded="2026-01-05T17:00:00Z")
    assert not the_alert(story).judged
    judge(story, "2026-01-05T14:00:00Z")
    judge(story, "2026-01-05T16:30:00Z", OTHER)
    assert not the_alert(story).judged
    judge(story, "2026-01-05T16:30:00Z")
    assert the_alert(story).judged
    correct(story, 3)
    corrected_at = story.now
    assert (the_alert(story).judged, the_alert(story).risk_level) == (False, "low")
    judge(story, "2026-01-05T16:45:00Z")
    assert not the_alert(story).judged
    judge(story, corrected_at)
    assert the_alert(story).judged
    [alert] = [one for one in shown(story, "2026-01-06").open if one.kind == "safety_item"]
    assert done(alert) == "risk low"


def test_an_open_alert_outlives_the_discharge_and_follows_into_the_programs_next_episode() -> None:
    """Who left with it open stays on the list; who is back has it with the new attending."""
    story, again = story_of(item_9(DAY, 3)), an_id("enrollment", 5)
    assert the_alert(story).left_on is None
    discharged(story, "2026-01-20")
    [alert] = [one for one in shown(story, "2026-04-01").open if one.kind == "safety_item"]
    assert (str(alert.left_on), alert.owner_id) == ("2026-01-20", an_id("clinician"))
    assert reason(alert) == f"{alert.why} The patient left on 2026-01-20."
    story.tell(again, PatientReferred(
        patient_id=PATIENT, program_id=PROGRAM, referred_on="2026-05-01", source="self"
    ))  # fmt: skip
    story.tell(again, PatientAdmitted(
        admitted_on="2026-05-02", level_of_care="intensive_outpatient", focus="mental_health",
        admission_type="elective", admission_source="self", attending_id=NEW_ATTENDING, planned_days=3,
        planned_minutes=540,
    ))  # fmt: skip
    alert = the_alert(story)
    assert (alert.standing, alert.left_on, alert.owner_id, alert.enrollment_id) == (
        "open", None, NEW_ATTENDING, ENROLLMENT
    )  # fmt: skip


def test_another_program_is_told_nothing_of_an_alert_and_clears_nothing() -> None:
    """Neither in its list nor in the patient's risk, nor as whose it is."""
    story, there = story_of(item_9(DAY, 3)), an_id("enrollment", 5)
    open_program(story, OTHER)
    story.tell(there, PatientReferred(patient_id=PATIENT, program_id=OTHER, referred_on=DAY, source="self"))
    story.tell(there, PatientAdmitted(
        admitted_on="2026-01-06", level_of_care="intensive_outpatient", focus="substance_use",
        admission_type="elective", admission_source="self", attending_id=NEW_ATTENDING, planned_days=3,
        planned_minutes=540,
    ))  # fmt: skip
    judge(story, "2026-01-06T16:00:00Z", OTHER)
    alert = the_alert(story)
    assert (alert.program_id, alert.owner_id, alert.judged, alert.risk_level) == (
        PROGRAM, an_id("clinician"), False, None
    )  # fmt: skip
    theirs = shown(story, "2026-01-06", program_id=OTHER)
    assert (theirs.open, theirs.cleared, [one.program_id for one in theirs.levels]) == ((), (), [OTHER])
