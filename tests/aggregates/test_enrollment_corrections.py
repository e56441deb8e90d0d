"""How an episode began is corrected by facts; where it ends does not reach into one that followed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from aggregates.decision import DateInTheFuture
from aggregates.enrollment import AGGREGATE
from aggregates.enrollment import commands as ask
from aggregates.enrollment import facts as past
from aggregates.enrollment import refusals as no
from aggregates.enrollment.places import EPISODE as NUMBERED
from aggregates.enrollment.state import Discharged
from aggregates.kit import Claim, Seen, Stream
from aggregates.program.facts import ProgramClosed
from tests.aggregates.episodes import (
    ADMITTED,
    DOCTOR,
    EPISODE,
    JUNE,
    KEY,
    OPENED,
    PATIENT_ID,
    PROGRAM_ID,
    admit,
    after,
    around,
    discharge,
    refer,
    refused,
    step_up,
)
from tests.aggregates.scenario import an_id, folded, given, seen_as

BEGAN = ask.CorrectAdmission(
    enrollment_id=EPISODE, admitted_on="2026-03-03", admission_type="2", admission_source="4", cause="entry_error"
)
ATTENDS = ask.CorrectAttending(enrollment_id=EPISODE, attending_id=an_id("physician", 2), cause="entry_error")
LEFT = (*ADMITTED, discharge())
MOVED = ask.CorrectDischarge(
    enrollment_id=EPISODE, discharged_on="2026-05-13", reason="completed", patient_status="01", cause="entry_error"
)
NEVER = replace(MOVED, discharged_on=None, reason=None, patient_status=None)


def test_a_wrong_admission_is_corrected_and_the_day_that_stood_is_kept() -> None:
    """Day, type and source; the first level begins with it, also in an episode that is over."""
    fact = past.AdmissionCorrected(
        was_admitted_on="2026-03-02", admitted_on="2026-03-03", admission_type="2", admission_source="4",
        cause="entry_error",
    )
    decided = after(*ADMITTED).when(BEGAN, JUNE, around()).then(fact)
    decided.never_twice()
    state: Any = decided.state
    assert (state.admitted_on, state.in_care_on("2026-03-02"), state.in_care_on("2026-03-03")) == (
        "2026-03-03", False, True
    )
    assert (state.admission.level_of_care, state.attending_id) == ("intensive_outpatient", DOCTOR)
    over: Any = after(*ADMITTED, step_up(), discharge()).when(BEGAN, JUNE, around()).state
    assert isinstance(over, Discharged)
    assert [(one.from_date, one.through_date) for one in over.spans] == [
        ("2026-03-03", "2026-03-17"), ("2026-03-18", "2026-05-06")
    ]
    after(*ADMITTED).when(
        replace(BEGAN, admitted_on="2026-03-02", admission_type="3", admission_source="1"), JUNE, around()
    ).nothing_happened()


def test_a_corrected_admission_obeys_the_rules_of_an_admission() -> None:
    """After the referral, not ahead, not after the discharge, before the first level change, in the program's life."""
    refused(after(refer()), BEGAN, no.NotAdmitted)
    refused(after(*ADMITTED), replace(BEGAN, admitted_on="2026-02-25"), no.BeforeReferral)
    refused(after(*ADMITTED), replace(BEGAN, admitted_on="2026-06-03"), DateInTheFuture)
    refused(after(*LEFT), replace(BEGAN, admitted_on="2026-05-07"), no.AfterDischarge)
    stepped = after(*ADMITTED, step_up())
    assert "2026-03-18" in refused(stepped, replace(BEGAN, admitted_on="2026-03-18"), no.AdmissionAfterLevelChange)
    assert stepped.when(replace(BEGAN, admitted_on="2026-03-17"), JUNE, around()).facts
    closed = around(OPENED, ProgramClosed(closed_on="2026-03-02"))
    after(*ADMITTED).when(BEGAN, JUNE, closed).refuses(no.ProgramNotOperating)
    state: Any = folded(AGGREGATE, *after(*ADMITTED).facts)
    assert AGGREGATE.consult(state, BEGAN) == {"program": Stream("program", PROGRAM_ID)}


def test_whoever_was_named_wrongly_as_attending_is_corrected() -> None:
    """Since the admission; who stood before is kept, and the admission's day is as it was."""
    fact = past.AttendingCorrected(
        was_attending_id=DOCTOR, attending_id=an_id("physician", 2), cause="entry_error"
    )
    decided = after(*ADMITTED).when(ATTENDS, JUNE, around()).then(fact)
    decided.never_twice()
    state: Any = decided.state
    assert (state.attending_id, state.admitted_on) == (an_id("physician", 2), "2026-03-02")
    refused(after(refer()), ATTENDS, no.NotAdmitted)
    assert after(*LEFT).when(ATTENDS, JUNE, around()).facts
    assert after(*ADMITTED, ATTENDS).when(admit(), JUNE, around()).refuses(no.AlreadyAdmitted)


def followed(referred_on: str = "2026-05-12", ended_on: str | None = "2026-05-20", number: int = 2) -> dict[str, Seen]:
    """Another episode of the patient in the program, by its number."""
    facts: list[Any] = [
        past.PatientReferred(patient_id=PATIENT_ID, program_id=PROGRAM_ID, referred_on=referred_on, source="self")
    ]
    if ended_on is not None:
        facts.append(past.PatientDischarged(discharged_on=ended_on, reason="other", patient_status="01"))
    return {f"{KEY}:{number}": seen_as(AGGREGATE, an_id("enrollment", number), *facts)}


def test_a_moved_discharge_does_not_reach_into_a_later_episode_that_has_ended() -> None:
    """The day of that referral is the last that it may have; an episode before it is nothing to it."""
    left = after(*LEFT)
    own = {f"{KEY}:1": seen_as(AGGREGATE, EPISODE, *left.facts)}
    assert "2026-05-12" in left.when(MOVED, JUNE, own | followed()).refuses(no.ReachesNextEpisode)
    third = followed() | followed("2026-05-25", None, 3)
    assert "2026-05-12" in left.when(MOVED, JUNE, own | third).refuses(no.ReachesNextEpisode)
    assert left.when(replace(MOVED, discharged_on="2026-05-12"), JUNE, own | followed()).facts
    assert left.when(MOVED, JUNE, own | followed("2026-01-05", "2026-01-30")).facts


def test_a_discharge_that_never_was_is_not_taken_back_once_another_episode_followed() -> None:
    """The two would overlap, although the place in the program is free again."""
    left = after(*LEFT)
    assert "2026-05-12" in left.when(NEVER, JUNE, followed()).refuses(no.FollowedByEpisode)
    assert left.when(NEVER, JUNE, followed("2026-01-05", "2026-01-30")).facts


def test_each_episode_of_a_patient_in_a_program_has_a_number_by_which_it_is_found() -> None:
    """The first that is free; a correction of the discharge looks at all of them."""
    seen = around() | followed(number=1)
    decided = given(AGGREGATE).when(refer(), JUNE, seen)
    assert Claim(NUMBERED, f"{KEY}:2", held=no.EpisodeAlreadyOpen) in decided.outcomes
    state: Any = folded(AGGREGATE, *after(*LEFT).facts)
    looks = AGGREGATE.consult(state, MOVED)
    assert looks[f"{KEY}:1"] == Stream("enrollment", holder_of=(NUMBERED, f"{KEY}:1"))
    assert looks == {"open": looks["open"]} | {
        key: one for key, one in AGGREGATE.consult(AGGREGATE.initial, refer()).items() if key.startswith(KEY)
    }


def test_who_attends_since_a_day_leaves_the_days_before_as_they_were() -> None:
    """Named by day; said again it is nothing, and a day outside the stay is refused. Without a day it was always so."""
    changed = replace(ATTENDS, effective_from="2026-03-10")
    decided = after(*ADMITTED).when(changed, JUNE, around()).once()
    state: Any = decided.state
    assert [state.attending_on(day) for day in ("2026-03-09", "2026-03-10")] == [DOCTOR, an_id("physician", 2)]
    whole: Any = decided.after.when(ATTENDS, JUNE, around()).once().state
    assert whole.attending_on("2026-03-09") == an_id("physician", 2)
    refused(after(*ADMITTED), replace(changed, effective_from="2026-06-03"), DateInTheFuture)
    refused(after(*LEFT), replace(changed, effective_from="2026-05-07"), no.AfterDischarge)
