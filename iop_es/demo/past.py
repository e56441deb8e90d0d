"""The log read for what went wrong: sessions, who was in them, and sightings of one kind of incident after another."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from aggregates.codec import decode
from iop_es.demo.reading import EVERYTHING, Reading
from iop_es.engine.log import StoredFact
from iop_es.engine.stored import name_of
from projections.billing import queries as billing
from projections.billing.views import DayView, LedgerView
from projections.outcomes import today
from projections.outcomes.alert_views import AlertView

NAMES = (
    "payer_policy.published", "group.formed", "group.facilitator_substituted", "enrollment.patient_referred",
    "enrollment.level_of_care_changed", "enrollment.patient_discharged", "session.scheduled", "session.rescheduled",
    "session.started", "session.cancelled", "session.break_taken", "session.patient_checked_in",
    "session.patient_checked_out", "session.patient_marked_absent", "session.closed", "session.attendance_corrected",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sighting:
    """One time that it happened; any of the patients may serve as the example."""

    program_id: str
    date: str
    patients: tuple[str, ...]


@dataclass(slots=True)
class Meeting:
    """A session as far as an incident needs it."""

    program_id: str
    group_id: str | None
    kind: str
    date: str
    begins: str
    present: dict[str, str] = field(default_factory=dict)

    def sighting(self, *patients: str) -> Sighting:
        """It happened here, to these patients or, with none named, to everybody present."""
        return Sighting(self.program_id, self.date, patients or tuple(self.present.values()))


class Past:
    """Facts by name, each with its envelope; the sessions; and what the read models say of days and scores."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.days: list[DayView] = reading.days()
        self.ledger: list[LedgerView] = reading.ask("billing", billing.authorizations, limit=EVERYTHING)
        self.alerts: list[AlertView] = [
            one for state in ("open", "cleared")
            for one in reading.ask("outcomes", today.alerts, state=state, limit=EVERYTHING)
        ]
        self.alerts.sort(key=lambda one: (one.since, one.patient_id))
        self.meetings: dict[str, Meeting] = {}
        self._facts: defaultdict[str, list[tuple[StoredFact, Any]]] = defaultdict(list)
        for stored in reading.house.log.by_topics(NAMES):
            fact = decode(stored.topic, stored.state)
            self._facts[name_of(stored.topic)].append((stored, fact))
            self._attend(stored.stream, name_of(stored.topic), fact)
        self.episodes = {stored.stream: fact for stored, fact in self.facts("enrollment.patient_referred")}

    def facts(self, name: str) -> list[tuple[StoredFact, Any]]:
        """Every fact of a name with its envelope, in order."""
        return self._facts[name]

    def seats(self, group_id: str) -> int:
        """How many may be in a group: its own seats, or fewer where a payer's terms say so."""
        own: list[int] = [fact.capacity for stored, fact in self.facts("group.formed") if stored.stream == group_id]
        limits: list[int | None] = [fact.terms.group_maximum for _, fact in self.facts("payer_policy.published")]
        return min(own + [limit for limit in limits if limit is not None])

    def _attend(self, stream: str, name: str, fact: Any) -> None:
        match name:
            case "session.scheduled":
                self.meetings[stream] = Meeting(
                    fact.program_id, fact.group_id, fact.service_kind, fact.service_date, fact.starts_at
                )
            case "session.rescheduled":
                self.meetings[stream].date, self.meetings[stream].begins = fact.service_date, fact.starts_at
            case "session.started":
                self.meetings[stream].begins = max(self.meetings[stream].begins, fact.started_at)
            case "session.patient_checked_in":
                self.meetings[stream].present[fact.attendance_id] = fact.patient_id
