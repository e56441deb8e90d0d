"""What puts an episode into a cohort, from its facts in any order, and the episodes as PostgreSQL answers them."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations
from typing import get_args

import pytest

from aggregates.enrollment.facts import DiagnosisRecorded, DischargeReason, LevelOfCareChanged, PatientDischarged
from aggregates.patient.facts import CoverageEnded, CoverageRecorded
from iop_es.engine.connections import Pool
from iop_es.engine.log import Log
from projections.outcomes import MODEL
from projections.outcomes.cohorts.members import Member
from projections.outcomes.cohorts.queries import EVERY, Only, members
from projections.outcomes.episodes import ENDS
from projections.outcomes.rows import EpisodeRow
from tests.projections.outcomes.past import ENROLLMENT, OTHER, PATIENT, PROGRAM, admit, discharge, open_program, taken
from tests.projections.story import Story, an_id, asking, folded, project


def covered(number: int, first: str, last: str | None = None, rank: int = 1) -> CoverageRecorded:
    """Coverage by the payer of a number."""
    return CoverageRecorded(
        coverage_id=an_id("coverage", number), payer_id=an_id("payer", number), plan="plan", rank=rank,
        relationship="self", effective_from=first, effective_through=last, has_member_number=True,
        has_group_number=False, has_subscriber=False,
    )  # fmt: skip


def diagnosed(code: str, on: str, rank: int = 1) -> DiagnosisRecorded:
    """A diagnosis from a day on."""
    return DiagnosisRecorded(code=code, rank=rank, effective_from=on, diagnosed_by=an_id("clinician"))


def episode(story: Story) -> EpisodeRow:
    """The row of the one episode."""
    [row] = folded(MODEL, story.recorded(MODEL)).rows["episode"][PATIENT,]
    return EpisodeRow(*row)


def test_the_first_payer_covers_the_admission_day_first() -> None:
    """Whatever comes first: the primary one in force, not who came later, was over, or pays second."""
    tell: list[Callable[[Story], object]] = [
        lambda story: story.tell(PATIENT, covered(1, "2025-01-01")),
        lambda story: story.tell(PATIENT, covered(2, "2026-02-01")),
        lambda story: story.tell(PATIENT, covered(3, "2025-06-01", "2026-01-04")),
        lambda story: story.tell(PATIENT, covered(4, "2025-01-01", rank=2)),
        admit,
    ]
    for order in permutations(tell):
        story = Story()
        for one in order:
            one(story)
        assert episode(story).payer_id == an_id("payer", 1)


def test_a_coverage_that_had_ended_paid_for_nothing() -> None:
    """A termination that reaches back before the admission leaves the secondary payer, or nobody."""
    story = Story()
    admit(story)
    story.tell(PATIENT, covered(1, "2025-01-01"))
    story.tell(PATIENT, CoverageEnded(coverage_id=an_id("coverage", 1), ended_on="2025-12-31", cause="retroactive"))
    assert episode(story).payer_id is None
    story.tell(PATIENT, covered(4, "2025-01-01", rank=2))
    assert episode(story).payer_id == an_id("payer", 4)


@pytest.mark.parametrize(
    ("made", "code"),
    [
        ([("F33.1", "2026-01-05"), ("F10.20", "2026-01-20")], "F33.1"),
        ([("F10.20", "2026-01-20"), ("F33.1", "2026-01-05")], "F33.1"),
        ([("F32.9", "2025-01-01"), ("F33.1", "2026-01-02")], "F33.1"),
        ([("F33.1", "2026-01-08"), ("F10.20", "2026-01-20")], "F33.1"),
        ([("F32.9", "2026-01-05"), ("F33.1", "2026-01-05")], "F33.1"),
        ([], None),
    ],
)
def test_the_diagnosis_is_the_admissions(made: list[tuple[str, str]], code: str | None) -> None:
    """The principal one in force that day, the last word on it; else the next that was made; no secondary one."""
    story = Story()
    admit(story)
    story.tell(ENROLLMENT, diagnosed("F41.1", "2026-01-01", rank=2))
    for one, on in made:
        story.tell(ENROLLMENT, diagnosed(one, on))
    assert episode(story).diagnosis == code


def test_the_level_is_the_admissions() -> None:
    """A step down later does not move an episode into another cohort."""
    story = Story()
    admit(story)
    story.tell(ENROLLMENT, LevelOfCareChanged(
        effective_on="2026-02-01", from_level="intensive_outpatient", to_level="outpatient", cause="step_down"
    ))
    assert (episode(story).admitted_level, episode(story).level_of_care) == ("intensive_outpatient", "outpatient")


def test_every_reason_of_a_discharge_counts_as_something() -> None:
    """Completed is completed alone; leaving against advice is dropping out; the rest is neither."""
    assert set(ENDS) == set(get_args(DischargeReason))
    assert [reason for reason, end in ENDS.items() if end == "completed"] == ["completed"]
    story = Story()
    admit(story)
    story.tell(ENROLLMENT, PatientDischarged(
        discharged_on="2026-01-20", reason="left_against_advice", patient_status="07"
    ))
    assert episode(story).ended == "dropped_out"


def test_members_are_the_admitted_with_their_courses(log: Log, projector: Pool) -> None:
    """One row an episode; days until the discharge or today; a discharge or admission ahead has not come."""
    story = Story()
    open_program(story)
    open_program(story, OTHER)
    for number, on in ((1, "2026-01-05"), (2, "2026-01-12"), (3, "2026-02-02"), (4, "2026-06-01")):
        admit(story, number, PROGRAM if number < 3 else OTHER, on)
    story.tell(PATIENT, covered(1, "2025-01-01"))
    story.tell(ENROLLMENT, diagnosed("F33.1", "2026-01-05"))
    for number, (on, score) in enumerate((("2026-01-05", 20), ("2026-01-19", 8))):
        story.tell(an_id("assessment", number), taken(on, score))
    discharge(story, "2026-01-25")
    discharge(story, "2026-04-01", number=2)
    story.append(log)

    def asked(programs: tuple[str, ...] = (PROGRAM, OTHER), only: Only = EVERY) -> list[Member]:
        with asking(driver, projector) as cursor:
            found = members(cursor, programs, "2026-03-02T12:00:00.000000Z", "phq-9", "total", only)
        return sorted(found, key=lambda one: one.admitted_on)

    driver = project(MODEL, log, projector)
    first, second, third = asked()
    assert (first.ended, first.days, first.baseline, first.last, first.measures) == ("completed", 20, 20, 8, 2)
    assert (first.payer_id, first.diagnosis, first.change_class) == (an_id("payer", 1), "F33.1", "recovered")
    assert (second.ended, second.days, second.version) == ("in_care", 49, None)
    assert (third.program_id, third.days) == (OTHER, 28)
    assert asked((OTHER,)) == [third]
    assert asked(only=Only(payer_id=an_id("payer", 1))) == asked(only=Only(diagnosis_group="F30-F39")) == [first]
    assert asked(only=Only(admitted_from="2026-01-12", admitted_through="2026-01-31")) == [second]
    assert asked(only=Only(level_of_care="outpatient")) == []
