"""Outcomes as a read model: one document a patient, all of the patient's rows made anew when anything of it changed.

A patient has some dozens of measures, and a late entry or a correction moves the baseline of all that follow, so the
patient is the scope of every table.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib.resources import files
from typing import Any

from iop_es.engine.readmodel.model import Grain, Recorded, Rows, Table
from projections.outcomes.attended import SESSION_FACTS, attended
from projections.outcomes.documents import Document, Reference, put
from projections.outcomes.episodes import episodes
from projections.outcomes.judging import courses, flags, trend
from projections.outcomes.rows import Attended, EpisodeRow, Flag, Measure, Trend

MEASURE = Table("measure", Measure._fields)
TREND = Table("trend", Trend._fields)
FLAG = Table("flag", Flag._fields)
EPISODE = Table("episode", EpisodeRow._fields)
ATTENDED = Table("attended", Attended._fields)
PROGRAM = Table("program", ("program_id", "time_zone"))


class Outcomes:
    """The read model; see the package."""

    name = "outcomes"
    version = 3
    ddl = (files("projections.outcomes") / "schema.sql").read_text(encoding="utf-8")
    grain: Grain = "patient"
    tables = (MEASURE, TREND, FLAG, EPISODE, ATTENDED, PROGRAM)
    handles = frozenset({
        "program.opened", "enrollment.patient_referred", "enrollment.patient_admitted",
        "enrollment.admission_corrected",
        "enrollment.level_of_care_changed", "enrollment.patient_discharged", "enrollment.discharge_corrected",
        "enrollment.diagnosis_recorded", "patient.coverage_recorded", "patient.coverage_ended",
        "assessment.administered", "assessment.corrected", "assessment.voided", *SESSION_FACTS,
    })
    makes = references = frozenset({"program.opened"})
    sealed: frozenset[str] = frozenset()
    context = False
    document = Document
    reference = Reference

    def keys(self, recorded: Recorded) -> tuple[str, ...]:
        """The patient's document."""
        return () if recorded.name in self.references else recorded.patients

    def apply(self, key: str, document: Document, recorded: Recorded) -> None:
        """Puts the fact in; the visits become dirty, or all the rest."""
        put(document, recorded)

    def refer(self, reference: Reference, recorded: Recorded) -> tuple[str, ...]:
        """No document rests on a program: its time zone is for the queries."""
        return ()

    def concerns(self, reference: Reference, name: str, stream: str) -> tuple[str, ...]:
        """No document rests on a program."""
        return ()

    def touch(self, document: Document, reference_id: str, recorded: Recorded) -> None:
        """Nothing rests on a reference."""

    def uses(self, document: Document) -> Iterable[str]:
        """Nothing rests on a reference."""
        return ()

    def settle(self, key: str, document: Document, reference: Reference) -> Rows:
        """All rows of a patient, or of what is dirty of one."""
        rows: dict[str, list[tuple[Any, ...]]] = {}
        if document.measures_dirty:
            taken = list(courses(key, document))
            rows = {
                "measure": [measure for course in taken for measure in course],
                "trend": [row for course in taken if (row := trend(course))],
                "flag": [flag for course in taken for flag in flags(course)],
                "episode": [*episodes(key, document)],
            }
        if document.visits_dirty:
            rows["attended"] = [*attended(key, document.visits)]
        document.measures_dirty = document.visits_dirty = False
        return {table: {(key,): made} for table, made in rows.items()}

    def parked(self, key: str, document: Document, position: int) -> Rows:
        """The last rows stay: a trend that is behind is still the patient's."""
        return {}

    def entries(self, recorded: Recorded, rows: Rows) -> None:
        """A program's time zone."""
        rows.setdefault("program", {})[recorded.stream,] = [(recorded.stream, recorded.fact.time_zone)]


MODEL = Outcomes()
