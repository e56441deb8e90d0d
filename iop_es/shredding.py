"""Carrying out an approved shredding: the record is looked at, the fact appended, then the keys destroyed.

In this order, because a key that is gone without a fact would be a loss that nothing explains. Whoever is stopped
between runs the same again: the fact names the keys, and those are destroyed then. `unfinished` finds what waits.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import uuid4

from aggregates.codec import decode
from aggregates.shredding.commands import CarryOutShredding
from aggregates.shredding.facts import PatientKeysShredded, ShreddedKey
from aggregates.shredding.refusals import ShreddingNotRequested
from aggregates.shredding.retention import Retention, kept
from aggregates.shredding.state import Shredding
from aggregates.shredding.streams import shredding_of
from api.commands.order import Order, digest_of
from iop_es.engine.stored import StoredFact
from iop_es.engine.subjects.keeping import KeyKeeper, NamedKey
from iop_es.engine.subjects.sealing import SubjectSealer
from iop_es.settings import Settings
from iop_es.wiring import House

NAME = "shredding.carry_out"
SHREDDED = "shredding.patient_keys_shredded"


@dataclass(frozen=True, slots=True)
class Shredded:
    """What was carried out: the fact, and how many keys were destroyed now (the others had been before)."""

    fact: PatientKeysShredded
    destroyed: int


def retention(settings: Settings) -> Retention:
    """How long this house keeps a record."""
    return Retention(settings.retention_years, settings.retention_minor_years)


def shred(house: House, keeper: KeyKeeper, patient: str, by: str) -> Shredded:
    """Carries out the approved request of a patient; the same again finishes what was begun. Raises Refusal."""
    request = _standing(house, patient).waiting
    if request is not None:
        _carry_out(house, keeper, patient, request.asked.request_id, by)
    done = _standing(house, patient).shredded
    if not done:
        raise ShreddingNotRequested
    destroyed = keeper.destroy(_named(done[-1]))
    if isinstance(house.log.sealer, SubjectSealer):
        house.log.sealer.keys.forget()
    return Shredded(done[-1], destroyed)


def unfinished(house: House, keeper: KeyKeeper) -> list[str]:
    """Patients whose shredding is on record while a key that it names is not destroyed: carry it out again."""
    facts = [decode(one.topic, one.state) for one in house.log.by_topics([SHREDDED])]
    whose = {key: fact.patient_id for fact in facts for key in _named(fact)}
    left = keeper.standing({key.subject for key in whose})
    return sorted({whose[key] for key in left if key in whose})


def _carry_out(house: House, keeper: KeyKeeper, patient: str, request_id: str, by: str) -> None:
    facts = house.log.as_stored().of_patient(patient)
    own = kept((one.stream, one.recorded_at[:10], decode(one.topic, one.state)) for one in facts)
    until = own.retained_until(retention(house.settings))
    subjects = [f"patient:{patient}", *_last_sessions(house, keeper, patient, facts)]
    command = CarryOutShredding(
        shredding_id=shredding_of(patient), patient_id=patient, request_id=request_id,
        last_service_on=own.last_service_on, retained_until=until, in_care=own.in_care,
        open_disputes=own.open_disputes,
        keys=tuple(ShreddedKey(subject=key.subject, key_id=key.key_id) for key in keeper.standing(subjects)),
    )  # fmt: skip
    key = f"{NAME}:{uuid4()}"
    house.commands().handle(Order(command, by, "system", None, key, digest_of(NAME, {"request_id": request_id})))


def _last_sessions(house: House, keeper: KeyKeeper, patient: str, facts: Sequence[StoredFact]) -> list[str]:
    """The sessions, as subjects, whose shared words were sealed and of whose patients this is the last with a key."""
    seen = {session for one in facts if (session := _session_of(one)) is not None}
    sealed = keeper.standing(f"session:{session}" for session in seen)
    shared = sorted({key.subject.partition(":")[2] for key in sealed})
    others = {session: set(_roster(house, session)) - {patient} for session in shared}
    everyone = {other for roster in others.values() for other in roster}
    shredded = {decode(one.topic, one.state).patient_id for one in house.log.by_topics([SHREDDED])}
    back = {key.subject.partition(":")[2] for key in keeper.standing(f"patient:{one}" for one in everyone)}
    return [f"session:{session}" for session in shared if others[session] <= shredded - back]


def _roster(house: House, session: str) -> Iterable[str]:
    with house.log.pool.connection() as connection:
        return house.log.patients_of(connection, [session])


def _session_of(fact: StoredFact) -> str | None:
    """The session that a fact is of, or whose key seals it."""
    if fact.name.startswith("session."):
        return fact.stream
    subject = json.loads(fact.context).get("subject") or {}
    return str(subject["id"]) if subject.get("kind") == "session" else None


def _standing(house: House, patient: str) -> Shredding:
    state: Shredding = house.commands().states("shredding", [shredding_of(patient)])[shredding_of(patient)]
    return state


def _named(fact: PatientKeysShredded) -> list[NamedKey]:
    return [NamedKey(key.subject, key.key_id) for key in fact.keys]
