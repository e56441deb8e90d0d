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
from aggregates.values import Date, Instant, TimeZone


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
    replaced = seen["replaced"].state if "replaced" in seen else None
    telling = telling_of(prepared, act.now, zone_of(seen), replaced)
    if days := forbidden(patient, telling):
        raise no.DisclosureForbidden(on=days[0])
    if focus_of(seen) == "substance_use" and not may_disclose(patient, telling):
        raise no.NoConsentToDisclose


def telling_of(
    prepared: ClaimPrepared, at: Instant, time_zone: TimeZone, replaced: Any, *, substance_use: bool = True
) -> Telling:
    """What the payer is told by a claim that leaves at a moment; it was told first by the claim that this one replaces,
    whose state that is, None where it replaces none."""
    sent = replaced.submitted if replaced is not None else None
    return Telling(
        substance_use=substance_use, purpose="payment", basis="consent", at=at, time_zone=time_zone,
        payer_id=prepared.payer_id, told_first_at=sent.submitted_at if sent else None, services=days_of(prepared),
        programs=frozenset({prepared.program_id}),
    )  # fmt: skip
