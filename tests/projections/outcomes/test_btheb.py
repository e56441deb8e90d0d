"""Real patients: the published means of the Beat the Blues trial come out of the program view."""

import os
from pathlib import Path

import pytest

from aggregates.assessment.facts import AssessmentAdministered
from aggregates.enrollment.facts import PatientAdmitted, PatientDischarged, PatientReferred
from aggregates.kit import COMMANDS
from aggregates.program.facts import ProgramOpened
from aggregates.registry import stream_of
from benchmarks import btheb
from iop_es.engine.connections import Pool
from iop_es.engine.log import Log
from projections.outcomes import MODEL
from projections.outcomes.queries import comparison, course
from tests.projections.story import Story, asking, project

SHARED = Path(os.environ.get("IOP_ES_SHARED", Path(__file__).parents[4] / "shared"))
FACTS = {
    "program.open": ProgramOpened, "enrollment.refer": PatientReferred, "enrollment.admit": PatientAdmitted,
    "assessment.administer": AssessmentAdministered, "enrollment.discharge": PatientDischarged,
}


@pytest.fixture(scope="session")
def lines() -> list[btheb.Command]:
    """The trial as commands."""
    file = SHARED / "data" / "btheb.csv"
    if not file.exists():
        pytest.skip("btheb.csv is not there: it is GPL-2 and not part of the project; name its folder in IOP_ES_SHARED")
    return list(btheb.commands(btheb.read(file)))


def story_of(lines: list[btheb.Command]) -> Story:
    """The facts that these commands lead to, as far as outcomes read them."""
    story = Story(now="2025-01-01T00:00:00.000000Z")
    for line in lines:
        if made := FACTS.get(line["command"]):
            names = made.__dataclass_fields__  # type: ignore[attr-defined] # every fact is a dataclass
            fact = made(**{name: value for name, value in line["data"].items() if name in names})
            story.tell(next(iter(line["data"].values())), fact, at=line["occurred_at"])
    return story


def test_every_line_is_a_command(lines: list[btheb.Command]) -> None:
    """Names and fields are those of the registered commands, keys are unique, times run forwards."""
    arms = list(btheb.commands(btheb.read(SHARED / "data" / "btheb.csv"), arms=True))
    assert len({line["key"] for line in arms}) == len(arms) == len(lines) + 1 + 100
    for line in [*lines, *arms]:
        command = COMMANDS[line["command"]](**line["data"])
        assert stream_of(command) == next(iter(line["data"].values()))
    assert len({line["key"] for line in lines}) == len(lines) == 1 + 3 * 100 + 380
    for told in (lines, arms):
        assert [line["occurred_at"] for line in told] == sorted(line["occurred_at"] for line in told)


def test_the_trials_published_means_come_out(lines: list[btheb.Command], log: Log, projector: Pool) -> None:
    """Means and n as published for the R package HSAUR3; who dropped out is missing, never zero."""
    story_of(lines).append(log)
    asked = {"programs": (btheb.PROGRAM,), "now": "2026-01-01T00:00:00.000000Z", "instrument": "bdi-ii"}
    with asking(project(MODEL, log, projector), projector) as cursor:
        (found,) = course(cursor, **asked)  # type: ignore[arg-type] # each by its name
        (program,) = comparison(cursor, **asked)  # type: ignore[arg-type] # each by its name
    assert [int(point.point) for point in found.points] == [0, 2, 3, 5, 8]
    assert [point.n for point in found.points] == [100, 97, 73, 58, 52]
    assert [point.missing for point in found.points] == [0, 3, 27, 42, 48]
    assert [round(point.mean or 0, 2) for point in found.points] == [23.33, 16.92, 14.81, 12.76, 11.13]
    assert (program.episodes, program.measured_again, program.not_judged) == (100, 97, 97)
