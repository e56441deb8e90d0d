"""May this payer be told of these days at all? Asked when a claim leaves, whatever was so when it was prepared.

What the patient forbade by paying in full is told to no payer that the restriction names (45 CFR 164.522(a)(1)(vi)); a
substance-use record only under a consent that names the payer, permits the program and has neither been revoked nor run
out (42 CFR 2.31).
A void says again what its payer was told and asks that it be taken back, so neither keeps it here; a replacement rests
on the consent under which the claim that it replaces was sent. Upon which events a consent ends, billing asks.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aggregates.claim import refusals as no
from aggregates.claim.facts import ClaimPrepared
from aggregates.claim.state import VOID
from aggregates.disclosure import Telling, focus_of, forbidden, may_disclose, zone_of
from aggregates.kit import Act, Seen, Stream
from aggregates.patient.state import Patient
from aggregates.values import Date


def told_about(prepared: ClaimPrepared) -> dict[str, Stream]:
    """The streams that say whose days these are and what was agreed on telling of them."""
    return {
        "patient": Stream("patient", prepared.patient_id), "enrollment": Stream("enrollment", prepared.enrollment_id),
        "program": Stream("program", prepared.program_id),
    }  # fmt: skip


def days_of(prepared: ClaimPrepared) -> frozenset[tuple[Date, Date]]:
    """The claim's days of service, each as a period."""
    return frozenset((line.service_date, line.service_date) for line in prepared.lines)


def must_be_disclosable(prepared: ClaimPrepared, act: Act, seen: Mapping[str, Seen]) -> None:
    """Raises DisclosureForbidden or NoConsentToDisclose."""
    patient = seen["patient"].state
    if prepared.frequency == VOID or not isinstance(patient, Patient):
        return
    telling = Telling(
        substance_use=True, purpose="payment", basis="consent", at=act.now, time_zone=zone_of(seen),
        payer_id=prepared.payer_id, told_first_at=_told_at(seen), services=days_of(prepared),
        programs=frozenset({prepared.program_id}),
    )  # fmt: skip
    if days := forbidden(patient, telling):
        raise no.DisclosureForbidden(on=days[0])
    if focus_of(seen) == "substance_use" and not may_disclose(patient, telling):
        raise no.NoConsentToDisclose


def _told_at(seen: Mapping[str, Seen]) -> str | None:
    """When the payer was told first by the claim that this one replaces."""
    sent: Any = seen["replaced"].state.submitted if "replaced" in seen else None
    return sent.submitted_at if sent else None
