"""Outcomes as a read model: one document a patient, all of the patient's rows made anew when anything of it changed.

A patient has some dozens of measures, and a late entry or a correction moves the baseline of all that follow, so the
patient is the scope of every table.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib.resources import files
from typing import Any

from iop_es.engine.readmodel.fold import Recorded, Rows, Table
from projections.outcomes.documents import Document, Reference, put
from projections.outcomes.judging import courses, episodes, flags, trend
from projections.outcomes.rows import EpisodeRow, Flag, Measure, Trend

MEASURE = Table("measure", Measure._fields)
TREND = Table("trend", Trend._fields)
FLAG = Table("flag", Flag._fields)
EPISODE = Table("episode", EpisodeRow._fields)
PROGRAM = Table("program", ("program_id", "time_zone"))


class Outcomes:
    """The read model; see the package."""

    name = "outcomes"
    version = 1
    ddl = (files("projections.outcomes") / "schema.sql").read_text(encoding="utf-8")
    tables = (MEASURE, TREND, FLAG, EPISODE, PROGRAM)
    handles = frozenset({
        "program.opened", "enrollment.patient_referred", "enrollment.patient_admitted",
        "enrollment.level_of_care_changed", "enrollment.patient_discharged", "assessment.administered",
        "assessment.corrected", "assessment.voided",
    })
    references: frozenset[str] = frozenset()
    sealed: frozenset[str] = frozenset()
    document = Document
    reference = Reference

    def keys(self, recorded: Recorded) -> tuple[str, ...]:
        """The patient's document; a program's own for its time zone."""
        return (recorded.stream,) if recorded.name == "program.opened" else recorded.patients

    def apply(self, key: str, document: Document, recorded: Recorded) -> None:
        """Puts the fact in; the whole document is what becomes dirty."""
        put(document, recorded)

    def refer(self, reference: Reference, recorded: Recorded) -> tuple[str, ...]:
        """Nothing is shared."""
        return ()

    def touch(self, document: Document, reference_id: str, recorded: Recorded) -> None:
        """Nothing rests on a reference."""

    def uses(self, document: Document) -> Iterable[str]:
        """Nothing rests on a reference."""
        return ()

    def settle(self, key: str, document: Document, reference: Reference) -> Rows:
        """All rows of a patient, or a program's one."""
        if document.time_zone is not None:
            return {"program": {(key,): [(key, document.time_zone)]}}
        taken = list(courses(key, document))
        rows: dict[str, list[tuple[Any, ...]]] = {
            "measure": [measure for course in taken for measure in course],
            "trend": [row for course in taken if (row := trend(course))],
            "flag": [flag for course in taken for flag in flags(course)],
            "episode": [*episodes(key, document)],
        }
        return {table: {(key,): made} for table, made in rows.items()}

    def entries(self, recorded: Recorded) -> Rows:
        """None: every row comes from a document."""
        return {}


MODEL = Outcomes()
