"""The afternoon's privacy officer asks that a record be given up, another person approves, and it is held and kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aggregates.shredding.streams import shredding_of
from tests.aggregates.scenario import an_id

if TYPE_CHECKING:
    from tests.projections.reference.making import Afternoon


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
