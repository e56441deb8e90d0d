"""Outcomes as a read model: one document a patient, all of the patient's rows made anew when anything of it changed.

A patient has some dozens of measures, and a late entry or a correction moves the baseline of all that follow, so the
patient is the scope of every table.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib.resources import files
from typing import Any

from iop_es.engine.readmodel.model import Grain, Recorded, Rows, Table
from projections.outcomes import alerts
from projections.outcomes.alert_rows import Acknowledgment, Alert, FollowUp, RiskLevel, SafetyPlan
from projections.outcomes.attended import SESSION_FACTS, attended
from projections.outcomes.documents import Document, Reference, put
from projections.outcomes.episodes import episodes
from projections.outcomes.judging import courses, trend
from projections.outcomes.reach import REACH
from projections.outcomes.rows import Attended, EpisodeRow, Measure, Trend

MEASURE = Table("measure", Measure._fields)
TREND = Table("trend", Trend._fields)
ALERT = Table("alert", Alert._fields, scope=2)
ACKNOWLEDGMENT = Table("acknowledgment", Acknowledgment._fields)
LEVEL = Table("risk_level", RiskLevel._fields)
PLAN = Table("safety_plan", SafetyPlan._fields)
FOLLOW_UP = Table("follow_up", FollowUp._fields)
EPISODE = Table("episode", EpisodeRow._fields)
ATTENDED = Table("attended", Attended._fields)
PROGRAM = Table("program", ("program_id", "time_zone"))


class Outcomes:
    """The read model; see the package."""

    name = "outcomes"
    version = 7
    ddl = (files("projections.outcomes") / "schema.sql").read_text(encoding="utf-8")
    reach = REACH
    grain: Grain = "patient"
    tables = (MEASURE, TREND, EPISODE, ATTENDED, ALERT, ACKNOWLEDGMENT, LEVEL, PLAN, FOLLOW_UP, PROGRAM)
    handles = frozenset({
        "program.opened", "enrollment.patient_referred", "enrollment.patient_admitted",
        "enrollment.admission_corrected", "enrollment.attending_corrected", "enrollment.plan_of_care_adopted",
        "enrollment.discharge_planned",
        "enrollment.level_of_care_changed", "enrollment.patient_discharged", "enrollment.discharge_corrected",
        "enrollment.leave_started", "enrollment.leave_ended", "enrollment.leave_corrected",
        "enrollment.diagnosis_recorded", "patient.coverage_recorded", "patient.coverage_ended",
        "assessment.administered", "assessment.corrected", "assessment.voided", *SESSION_FACTS,
        "risk.assessed", "risk.safety_plan_recorded", "risk.follow_up_made", "risk.alert_acknowledged",
    })
    makes = references = frozenset({"program.opened"})
    sealed: frozenset[str] = frozenset()
    context = True
    document = Document
    reference = Reference

    def keys(self, recorded: Recorded) -> tuple[str, ...]:
        """The patient's document."""
        return () if recorded.name in self.references else recorded.patients

    def apply(self, key: str, document: Document, recorded: Recorded) -> None:
        """Puts the fact in; the visits become dirty, or all the rest."""
        put(document, recorded)

    def refer(self, reference: Reference, recorded: Recorded) -> tuple[str, ...]:
        """A program's time zone: whoever's days are the program's is decided again."""
        reference.zones[recorded.stream] = recorded.fact.time_zone
        return (recorded.stream,)

    def concerns(self, reference: Reference, name: str, stream: str) -> tuple[str, ...]:
        """The program itself."""
        return (stream,)

    def touch(self, document: Document, reference_id: str, recorded: Recorded) -> None:
        """All but the visits is decided again."""
        document.measures_dirty = True

    def uses(self, document: Document) -> Iterable[str]:
        """The programs whose days decide something."""
        return document.programs

    def settle(self, key: str, document: Document, reference: Reference) -> Rows:
        """All rows of a patient, or of what is dirty of one; whoever is settled is followed again."""
        rows: dict[str, list[tuple[Any, ...]]] = {}
        standing: dict[tuple[str, ...], list[tuple[Any, ...]]] = {(key, "parked"): []}
        if document.measures_dirty:
            taken = list(courses(key, document))
            rows = {
                "measure": [measure for course in taken for measure in course],
                "trend": [row for course in taken if (row := trend(course))],
                "episode": [*episodes(key, document)],
                "acknowledgment": [*alerts.acknowledgments(key, document.acts.acknowledged)],
                "risk_level": [*alerts.levels(key, document.acts.judged)],
                "safety_plan": [*alerts.plans(key, document.acts.planned)],
                "follow_up": [*alerts.follow_ups(key, document.acts.followed_up)],
            }
            standing[(key, "followed")] = [*alerts.alerts(key, document, taken, reference.zones)]
        if document.visits_dirty:
            rows["attended"] = [*attended(key, document.visits)]
        document.measures_dirty = document.visits_dirty = False
        scoped: Rows = {table: {(key,): made} for table, made in rows.items()}
        return scoped | {"alert": standing}

    def parked(self, key: str, document: Document, position: int) -> Rows:
        """The last rows stay: a trend that is behind is still the patient's. That it is behind is on today's list."""
        return {"alert": {(key, "parked"): [*alerts.parked_rows(key, document)]}}

    def entries(self, recorded: Recorded, rows: Rows) -> None:
        """A program's time zone."""
        rows.setdefault("program", {})[recorded.stream,] = [(recorded.stream, recorded.fact.time_zone)]


MODEL = Outcomes()
