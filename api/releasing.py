"""What leaves the house: a print for somebody outside the program that treats a substance use, 42 CFR Part 2; and a
payer's packet, each time that it is given out.

Such a print names the disclosure on record that it is made for, because what allows it, a consent or a named exception,
was asked when that was recorded (`aggregates.disclosure`). A consent is asked again with each print: revoked or run
out, it lets nothing more go; while it holds, its scope and the notice to the recipient go along (42 CFR 2.32). The
patient's own request needs none (42 CFR 2.23). Of a packet it is asked also whether the patient has forbidden telling
this payer of its days since.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Protocol

from fastapi import Query

from aggregates.access.facts import DisclosureMade
from aggregates.access.streams import access_of
from aggregates.claim.disclosure import days_of
from aggregates.claim.facts import ClaimPrepared
from aggregates.codec import decode
from aggregates.disclosure import Telling, covering, forbidden
from aggregates.dispute.facts import PacketIssued
from aggregates.dispute.refusals import DisclosureForbidden
from aggregates.enrollment.facts import PatientAdmitted, PatientReferred
from aggregates.kit import Refusal
from aggregates.patient import AGGREGATE as PATIENT
from aggregates.patient.state import Patient, State
from aggregates.program.facts import ProgramOpened
from aggregates.values import Date, Id
from api.gate import Gate
from iop_es.engine.log import Log
from projections.chart.notice import Notice


class Gated(Protocol):
    """Whatever has the gate, and so the time."""

    @property
    def gate(self) -> Gate:
        """The gate."""


OUTSIDE = frozenset({"payment", "oversight", "legal"})
Disclosed = Annotated[
    Id | None,
    Query(
        alias="disclosure_id",
        description="The disclosure on record that it is printed for; a substance-use record needs one for payment, "
        "oversight and legal purposes.",
    ),
]


class ReleaseNotRecorded(Refusal):
    """A substance-use record is printed for {purpose} only for a disclosure on record with that purpose (42 CFR 2.31),
    and where that names an episode, of its program alone; record it, then print with its disclosure_id."""


class ReleaseEnded(Refusal):
    """The consent under which disclosure {disclosure_id} was made allows nothing of this for {purpose}: it was revoked,
    has run out, or names other programs. What was told before stands; have a new one signed, and record what is told
    under it."""


def must_be_released(
    ask: Gated, log: Log, patients: Collection[str], programs: Collection[str], purpose: str, disclosure_id: str | None
) -> Notice | None:
    """Asked once it is known that the caller may see what these programs wrote of the patients; answers what has to go
    along, of whose consent only where it is about one patient. Raises ReleaseNotRecorded, ReleaseEnded."""
    if purpose not in OUTSIDE:
        return None
    now, zone = ask.gate.now(), _zone(log, programs)
    found = [
        _released(log, patient, purpose, disclosure_id, now, zone, whose) for patient in patients
        if (whose := _treating_substance_use(log, patient, programs))
    ]  # fmt: skip
    under = next((one for one in found if one.notice is not None), None)
    if under is None or under.notice is None:
        return None
    scope = under.sealed.scope if under.sealed is not None and len(patients) == 1 else None
    return Notice(under.notice, scope)


def must_still_be_released(ask: Gated, log: Log, issued: PacketIssued, program_id: Id, payer_id: Id) -> None:
    """Asked before a packet is given out again; one for the house leaves it never. Raises ReleaseNotRecorded,
    ReleaseEnded, DisclosureForbidden."""
    if issued.edition != "payer":
        return
    patient, now, zone = issued.patient_id, ask.gate.now(), _zone(log, [program_id])
    if issued.disclosure_id is not None or _treating_substance_use(log, patient, [program_id]):
        _released(log, patient, "payment", issued.disclosure_id, now, zone, frozenset({program_id}), payer_id)
    telling = Telling(
        substance_use=True, purpose="payment", basis="consent", at=now, time_zone=zone, payer_id=payer_id,
        services=_days_of(log, issued.claims),
    )
    state = _patient(log, patient)
    if isinstance(state, Patient) and (days := forbidden(state, telling)):
        raise DisclosureForbidden(on=days[0])


def _zone(log: Log, programs: Collection[str]) -> str:
    """Where the day is, on which a record of these programs goes out: of several that of the first, by their ids."""
    opened = (decode(one.topic, one.state) for one in log.first_of_streams(sorted(programs)))
    return next((one.time_zone for one in opened if isinstance(one, ProgramOpened)), "UTC")


def _treating_substance_use(log: Log, patient: str, programs: Collection[str]) -> frozenset[str]:
    """Those of these programs that treat, or were to treat, a substance use of the patient."""
    focus: dict[str, str] = {}
    whose: dict[str, str] = {}
    names = ("enrollment.patient_referred", "enrollment.patient_admitted")
    for one in log.about([patient], names, with_context=False):
        fact = decode(one.topic, one.state)
        if isinstance(fact, PatientReferred) and fact.program_id in programs:
            opened = [decode(first.topic, first.state) for first in log.first_of_streams([fact.program_id])]
            focus[one.stream] = next((one.focus for one in opened if isinstance(one, ProgramOpened)), "")
            whose[one.stream] = fact.program_id
        elif isinstance(fact, PatientAdmitted) and one.stream in focus:
            focus[one.stream] = fact.focus
    return frozenset(whose[stream] for stream, treated in focus.items() if treated == "substance_use")


def _released(
    log: Log, patient: str, purpose: str, disclosure_id: str | None, now: str, zone: str, programs: frozenset[str],
    payer_id: Id | None = None,
) -> DisclosureMade:  # fmt: skip
    told = [decode(one.topic, one.state, one.sealed) for one in log.facts_of_streams([access_of(patient)])]
    for one in told:
        if isinstance(one, DisclosureMade) and one.disclosure_id == disclosure_id and one.purpose == purpose:
            if one.enrollment_id is not None and not programs <= _program_of(log, one.enrollment_id):
                break
            if one.basis == "consent" and not _agreed(log, patient, one, now, zone, programs, payer_id):
                raise ReleaseEnded(disclosure_id=disclosure_id, purpose=purpose)
            return one
    raise ReleaseNotRecorded(purpose=purpose)


def _program_of(log: Log, enrollment_id: Id) -> frozenset[str]:
    referred = (decode(one.topic, one.state) for one in log.first_of_streams([enrollment_id]))
    return frozenset(one.program_id for one in referred if isinstance(one, PatientReferred))


def _agreed(
    log: Log, patient: str, disclosure: DisclosureMade, now: str, zone: str, programs: frozenset[str],
    payer_id: Id | None,
) -> bool:  # fmt: skip
    """Whether the consent of a disclosure allows it now, of what these programs wrote."""
    state = _patient(log, patient)
    telling = Telling(
        substance_use=True, purpose=disclosure.purpose, basis="consent", at=now, time_zone=zone,
        consent_id=disclosure.consent_id, payer_id=payer_id, programs=programs,
    )
    return isinstance(state, Patient) and covering(state, telling) is not None


def _patient(log: Log, patient: str) -> State:
    state = PATIENT.initial
    for one in log.facts_of_streams([patient]):
        state = PATIENT.evolve(state, decode(one.topic, one.state))
    return state  # type: ignore[no-any-return] # an aggregate's states are of any kind


def _days_of(log: Log, claims: Collection[str]) -> frozenset[tuple[Date, Date]]:
    prepared = (decode(one.topic, one.state) for one in log.first_of_streams(list(claims)))
    return frozenset(day for one in prepared if isinstance(one, ClaimPrepared) for day in days_of(one))
