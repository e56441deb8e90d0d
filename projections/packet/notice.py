"""What goes with a disclosure under a consent: its scope, and of a substance-use record the prescribed statement
(42 CFR 2.32)."""

from __future__ import annotations

from aggregates.access.decide import scope_of
from aggregates.access.notice import SHORT
from aggregates.patient.state import Patient
from projections.chart.notice import blocks
from projections.chart.pages import Sheet
from projections.packet.reading import Record
from projections.packet.sections import sheet


def notice(record: Record) -> Sheet | None:
    """The page; None where nothing is disclosed under a consent."""
    consent_id = record.wanted.consent_id
    if consent_id is None:
        return None
    patient = record.stories[record.wanted.patient_id].state
    consents = patient.consents if isinstance(patient, Patient) else ()
    scope = next((scope_of(one) for one in consents if one.signed.consent_id == consent_id), None)
    return sheet(record, "Notice", blocks(SHORT if record.substance_use else None, scope))


def shown(record: Record) -> dict[int, bool]:
    """The position of the consent, opened."""
    consents = record.of("patient.consent_signed")
    return {one.position: True for one in consents if one.told.consent_id == record.wanted.consent_id}
