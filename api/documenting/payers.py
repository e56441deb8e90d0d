"""What the payer of each patient wants of notes on the day of service: sections beside the template's own, and until
when they are signed.

The author is told of sections before signing, and a signature without one of them takes a cause and names it. Billing
asks for a signed note and does not read which sections it has: a payer who wanted more says so when it asks for the
record.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from aggregates.codec import decode
from aggregates.note import deadline
from aggregates.note.deadline import earliest_due, terms_in_force, whose_payers
from aggregates.patient.state import Patient
from aggregates.payer_policy.terms import Terms
from aggregates.registry import AGGREGATES
from aggregates.values import Code, Date, Id, Instant, PatientId
from iop_es.engine.log import Log

Key = TypeVar("Key")
States = Callable[[str, Sequence[str]], Mapping[str, Any]]
"""The states of streams of one aggregate, by their ids."""


class Reservations(Protocol):
    """Whoever knows which streams hold which keys: the log, or a door that has looked at some already."""

    def holders(self, kind: str, keys: Sequence[str]) -> Mapping[str, str]:
        """The streams that hold keys of a kind, by key."""


def as_known(log: Log, upto: int | None) -> States:
    """The states as they were at a position of the log; None: as they are."""

    def states(aggregate: str, streams: Sequence[str]) -> Mapping[str, Any]:
        kind = AGGREGATES[aggregate]
        found = dict.fromkeys(streams, kind.initial)
        for fact in log.facts_of_streams(streams, upto):
            found[fact.stream] = kind.evolve(found[fact.stream], decode(fact.topic, fact.state, fact.sealed))
        return found

    return states


@dataclass(frozen=True, slots=True)
class Asked:
    """What payers ask of one document: sections beside its template's own, and the last moment at which a signature is
    in time; None where no payer sets a window or is known."""

    sections: tuple[Code, ...] = ()
    due_at: Instant | None = None

    def late_at(self, at: Instant | None) -> bool:
        """Whether a signature of this moment is late; none is not."""
        return self.due_at is not None and at is not None and at > self.due_at


class About(deadline.About, Protocol):
    """A document, as far as payers ask anything of it."""

    @property
    def program_id(self) -> Id:
        """Its program, whose zone and closures count."""

    @property
    def session_id(self) -> Id | None:
        """The session that it documents."""

    @property
    def service_date(self) -> Date:
        """Of which day coverage and terms are."""


def asked_of(states: States, log: Reservations, documents: Mapping[Key, About]) -> dict[Key, Asked]:
    """What payers ask of each document, all looked up together. Of a narrative that a group shares it is the earliest
    moment of everybody who was there."""
    sessions = states("session", list(dict.fromkeys(one.session_id for one in documents.values() if one.session_id)))
    programs = states("program", list(dict.fromkeys(one.program_id for one in documents.values())))
    whose = {key: whose_payers(one, sessions.get(one.session_id or "")) for key, one in documents.items()}
    terms = terms_of(states, log, {(who, documents[key].service_date) for key, own in whose.items() for who in own})
    found: dict[Key, Asked] = {}
    for key, one in documents.items():
        own = [known for who in whose[key] if (known := terms.get((who, one.service_date))) is not None]
        found[key] = Asked(
            own[0].note_sections if own and one.patient_id is not None else (),
            earliest_due(one, own, programs[one.program_id], sessions.get(one.session_id or "")),
        )
    return found


def asked_of_one(states: States, log: Reservations, about: About) -> Asked:
    """The same of one document."""
    return asked_of(states, log, {"": about})[""]


def terms_of(
    states: States, log: Reservations, wanted: Collection[tuple[PatientId, Date]]
) -> dict[tuple[PatientId, Date], Terms]:
    """By patient and day the terms in force, of the payer who pays first."""
    patients = states("patient", sorted({who for who, _ in wanted}))
    paying = {(who, day): payer for who, day in wanted if (payer := _payer(patients[who], day)) is not None}
    policies = log.holders("policy_of_payer", sorted(set(paying.values())))
    known = states("payer_policy", sorted(set(policies.values())))
    found = {about: terms_in_force(known.get(policies.get(payer, "")), about[1]) for about, payer in paying.items()}
    return {about: terms for about, terms in found.items() if terms is not None}


def _payer(state: Any, day: Date) -> Id | None:
    coverage = state.first_coverage_on(day) if isinstance(state, Patient) else None
    return None if coverage is None else coverage.payer_id
