"""Where a patient was served on a day, and by whom: from the check-ins, their corrections and the closed sessions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from aggregates.claim.facts import ClaimPrepared
from aggregates.codec import decode
from aggregates.payer_policy.state import Policy
from iop_es.engine.log import Log

NAMES = ("session.patient_checked_in", "session.attendance_corrected", "session.closed")


@dataclass(slots=True)
class Visits:
    """One patient's: places by date and attendance, whether present by session, and who led what by session."""

    attended: dict[str, dict[str, str]] = field(default_factory=dict)
    present: dict[str, bool] = field(default_factory=dict)
    led: dict[str, tuple[str, str, tuple[str, ...]]] = field(default_factory=dict)

    @property
    def places(self) -> dict[str, str]:
        """Places of service by service date: where the first session of the day was that the patient came to."""
        return {date: next(iter(places.values())) for date, places in self.attended.items()}

    def take(self, name: str, stream: str, fact: Any) -> None:
        """Takes a fact in; a correction of the attendance counts after the check-in."""
        if name == "session.closed":
            self.led[stream] = (fact.service_date, fact.service_kind, fact.facilitators)
            return
        told = getattr(fact, "after", fact)
        self.attended.setdefault(fact.service_date, {})[fact.attendance_id] = told.place_of_service
        self.present[stream] = getattr(told, "status", "present") == "present"

    def rendered_by(self, claim: ClaimPrepared, policy: Policy) -> dict[int, str]:
        """By line the clinician who gave the service that it bills: the one facilitator of the day's sessions of its
        kind. A line of a whole day, or of sessions that several led, has none."""
        found = {}
        for line in claim.lines:
            terms = policy.terms_on(line.service_date)
            prices = terms[1].services if terms else ()
            kinds = {price.service_kind for price in prices if price.procedure_code == line.procedure_code}
            gave = {
                clinician for stream, (date, kind, facilitators) in self.led.items()
                if self.present.get(stream) and date == line.service_date and kind in kinds
                for clinician in facilitators
            }  # fmt: skip
            if len(gave) == 1:
                found[line.line] = gave.pop()
        return found


@dataclass(slots=True)
class AllVisits:
    """The visits of patients as of a position, each patient's read once."""

    log: Log
    upto: int
    known: dict[str, Visits] = field(default_factory=dict)

    def of(self, patient: str) -> Visits:
        """One patient's."""
        if patient not in self.known:
            visits = self.known[patient] = Visits()
            for stored in self.log.about([patient], NAMES, self.upto):
                visits.take(stored.topic.partition("@")[0], stored.stream, decode(stored.topic, stored.state))
        return self.known[patient]
