"""The billing tests' clinic, in which sessions are also scheduled, for a group of twelve unless said otherwise."""

from __future__ import annotations

from typing import Any

from aggregates.group.facts import GroupFormed
from aggregates.session.facts import SessionScheduled
from tests.projections.billing.clinic import Clinic, an_id

MORNING = "09:00-12:00"


class ScheduledClinic(Clinic):
    """Every session has its plan first; `planned` is its clock time if it did not begin on time."""

    def meet(self, on: str, spans: str, *args: Any, planned: str | None = None, **given: Any) -> int:
        """A session as in the billing tests, planned for the same time unless `planned` says another."""
        start, _, stop = (planned or f"{spans[:5]}-{spans[-5:]}").partition("-")
        kind = given.get("kind", "group")
        plan = SessionScheduled(
            program_id=an_id("program"), group_id=an_id("group") if kind == "group" else None, service_kind=kind,
            level_of_care="intensive_outpatient", topic="skills", service_date=on, starts_at=self.at(on, start),
            ends_at=self.at(on, stop), modality="in_person", place_of_service="11", facilitators=(an_id("clinician"),),
        )
        recorded = max(self.story.now, self.at(on, start, -60))
        self.story.tell(an_id("session", self.sessions + 1), plan, recorded=recorded)
        return super().meet(on, spans, *args, **given)


def scheduled_clinic(**terms: Any) -> ScheduledClinic:
    """Program 1, clinician 1, payer 1 and patient 1, who is covered and authorized; changes are the payer's terms."""
    clinic = ScheduledClinic()
    clinic.open()
    clinic.license()
    clinic.publish(**terms)
    clinic.story.tell(an_id("group"), GroupFormed(
        program_id=an_id("program"), topic="skills", service_kind="group", capacity=12, modality="in_person",
        formed_on="2026-01-01",
    ))  # fmt: skip
    clinic.patient()
    return clinic
