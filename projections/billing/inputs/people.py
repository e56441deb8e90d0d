"""Facts of who the patient is: where the name is from that claims say; the name itself is nowhere in billing."""

from __future__ import annotations

from aggregates.patient import facts as person
from iop_es.engine.readmodel.model import Recorded
from projections.billing.documents import ALWAYS, Patient

TOLD = frozenset({"family_name", "given_name", "birth_date", "sex", "address", "city", "state", "postal_code"})
"""The parts of an identity that a claim file says."""


def registered(patient: Patient, recorded: Recorded) -> None:
    """The first that is known of the patient."""
    patient.identity_at = recorded.position
    patient.identities = [(ALWAYS, recorded.position)]


def corrected(patient: Patient, recorded: Recorded) -> None:
    """What claims say from now on, unless only other parts changed: as it was all along, or since a day."""
    fact: person.DemographicsCorrected = recorded.fact
    if not TOLD.isdisjoint(fact.changed):
        patient.identity_at = recorded.position
        if fact.effective_from is None:
            patient.identities = [(ALWAYS, recorded.position)]
        else:
            kept = [one for one in patient.identities if one[0] < fact.effective_from]
            patient.identities = [*kept, (fact.effective_from, recorded.position)]
        patient.touch_from(ALWAYS)


TAKES = {"patient.registered": registered, "patient.demographics_corrected": corrected}
