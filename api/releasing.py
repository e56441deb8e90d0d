"""What leaves the house: a print for somebody outside the program that treats a substance use, 42 CFR Part 2; and a
payer's packet, each time that it is given out.

Such a print names the disclosure on record that it is made for, because what allows it, a consent or a named exception,
was asked when that was recorded (`aggregates.disclosure`). A consent is asked again with each print: revoked or run
out, it lets nothing more go; while it holds, its scope and the notice to the recipient go along (42 CFR 2.32). The
patient's own request needs none (42 CFR 2.23). Of a packet it is asked also whether the patient has forbidden telling
this payer of its days since.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Annotated, Any, Protocol, TypeVar

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
from iop_es.engine.log import Log, StoredFact
from projections.chart.notice import Notice

T = TypeVar("T")


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
    found = _released(log, _treating_substance_use(log, patients, programs), purpose, disclosure_id, now, zone)
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
    if issued.disclosure_id is not None or _treating_substance_use(log, [patient], [program_id]):
        whose = {patient: frozenset({program_id})}
        _released(log, whose, "payment", issued.disclosure_id, now, zone, payer_id)
    telling = Telling(
        substance_use=True, purpose="payment", basis="consent", at=now, time_zone=zone, payer_id=payer_id,
        services=_days_of(log, issued.claims),
    )
    state = _patients(log, [patient])[patient]
    if isinstance(state, Patient) and (days := forbidden(state, telling)):
        raise DisclosureForbidden(on=days[0])


def _zone(log: Log, programs: Collection[str]) -> str:
    """Where the day is, on which a record of these programs goes out: of several that of the first, by their ids."""
    return next((one.time_zone for one in _begun(log, programs, ProgramOpened).values()), "UTC")


def _treating_substance_use(
    log: Log, patients: Collection[str], programs: Collection[str]
) -> dict[str, frozenset[str]]:  # fmt: skip
    """Of each patient those of these programs that treat, or were to treat, a substance use; who has none is left
    out."""
    names = ("enrollment.patient_referred", "enrollment.patient_admitted")
    told = [(one, decode(one.topic, one.state)) for one in log.about(list(patients), names, with_context=False)]
    referred = {
        one.stream: (one.patients[0], fact.program_id) for one, fact in told
        if isinstance(fact, PatientReferred) and fact.program_id in programs
    }
    opened = _begun(log, {program for _, program in referred.values()}, ProgramOpened)
    of_program = {program: fact.focus for program, fact in opened.items()}
    focus = {stream: of_program.get(program, "") for stream, (_, program) in referred.items()}
    focus |= {one.stream: fact.focus for one, fact in told if isinstance(fact, PatientAdmitted)}
    found: dict[str, set[str]] = {}
    for stream, (patient, program) in referred.items():
        if focus[stream] == "substance_use":
            found.setdefault(patient, set()).add(program)
    return {patient: frozenset(found[patient]) for patient in patients if patient in found}


def _released(
    log: Log, whose: Mapping[str, frozenset[str]], purpose: str, disclosure_id: str | None, now: str, zone: str,
    payer_id: Id | None = None,
) -> list[DisclosureMade]:  # fmt: skip
    """The disclosure of each of these patients, of what these programs wrote of them."""
    streams = log.streams([access_of(patient) for patient in whose])
    made = {patient: _made(streams[access_of(patient)], purpose, disclosure_id) for patient in whose}
    told = [one for one in made.values() if one is not None]
    episodes = _begun(log, {one.enrollment_id for one in told if one.enrollment_id is not None}, PatientReferred)
    program_of = {episode: fact.program_id for episode, fact in episodes.items()}
    states = _patients(log, [who for who, one in made.items() if one is not None and one.basis == "consent"])
    for patient, one in made.items():
        if one is None:
            raise ReleaseNotRecorded(purpose=purpose)
        if one.enrollment_id is not None and not whose[patient] <= {program_of.get(one.enrollment_id)}:
            raise ReleaseNotRecorded(purpose=purpose)
        if one.basis == "consent" and not _agreed(states[patient], one, now, zone, whose[patient], payer_id):
            raise ReleaseEnded(disclosure_id=disclosure_id, purpose=purpose)
    return told


def _begun(log: Log, streams: Collection[str], kind: type[T]) -> dict[str, T]:
    """How those of these streams began that began so."""
    first = {one.stream: decode(one.topic, one.state) for one in log.first_of_streams(sorted(streams))}
    return {stream: fact for stream, fact in first.items() if isinstance(fact, kind)}


def _made(facts: Sequence[StoredFact], purpose: str, disclosure_id: str | None) -> DisclosureMade | None:
    told = (decode(one.topic, one.state, one.sealed) for one in facts)
    return next((
        one for one in told
        if isinstance(one, DisclosureMade) and (one.disclosure_id, one.purpose) == (disclosure_id, purpose)
    ), None)  # fmt: skip


def _agreed(
    state: State, disclosure: DisclosureMade, now: str, zone: str, programs: frozenset[str], payer_id: Id | None
) -> bool:
    """Whether the consent of a disclosure allows it now, of what these programs wrote."""
    telling = Telling(
        substance_use=True, purpose=disclosure.purpose, basis="consent", at=now, time_zone=zone,
        consent_id=disclosure.consent_id, payer_id=payer_id, programs=programs,
    )
    return isinstance(state, Patient) and covering(state, telling) is not None


def _patients(log: Log, patients: Sequence[str]) -> dict[str, State]:
    states: dict[str, Any] = dict.fromkeys(patients, PATIENT.initial)
    for one in log.facts_of_streams(patients):
        states[one.stream] = PATIENT.evolve(states[one.stream], decode(one.topic, one.state))
    return states


def _days_of(log: Log, claims: Collection[str]) -> frozenset[tuple[Date, Date]]:
    return frozenset(day for one in _begun(log, claims, ClaimPrepared).values() for day in days_of(one))
