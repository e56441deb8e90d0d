"""Who reaches a record for a while, and who gives it up: on call and revoked; a request to shred, held and kept."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from aggregates.access.streams import access_of_person
from aggregates.shredding.streams import shredding_of
from aggregates.values import instant, moment
from tests.aggregates.scenario import an_id

if TYPE_CHECKING:
    from tests.projections.reference.making import Afternoon


def reached(afternoon: Afternoon) -> None:
    """A clinician is on call and leaves it early; another one's access is revoked and given back."""
    (doctor, about), (other, _) = afternoon.all("clinician.joined")[:2]
    time = {"clinician_id": doctor, "on_call_id": an_id("on-call")}
    afternoon.order(
        "clinician.assign_on_call", "director", **time, program_id=about.programs[0], starts_at=afternoon.now,
        ends_at=instant(moment(afternoon.now) + timedelta(hours=12)),
    )
    afternoon.order("clinician.end_on_call", "director", **time)
    whose = {"access_id": access_of_person(other), "person_id": other}
    afternoon.order("access.revoke", "director", **whose, cause="leave")
    afternoon.order("access.grant", "director", **whose)


def shredding(afternoon: Afternoon) -> None:
    """Everything but the end, which comes years later."""
    patient, _ = afternoon.one("patient.registered")
    whose = {"shredding_id": shredding_of(patient), "patient_id": patient}
    asked, hold = whose | {"request_id": an_id("shredding")}, whose | {"hold_id": an_id("hold")}
    afternoon.order("shredding.request", "privacy_officer", **asked, cause="retention-ended")
    afternoon.order("shredding.approve", "director", **asked)
    afternoon.order("shredding.place_hold", "director", **hold, kind="audit", cause="letter")
    afternoon.order("shredding.release_hold", "director", **hold, cause="answered")
    afternoon.order("shredding.withdraw", "privacy_officer", **asked, cause="still-in-care")
