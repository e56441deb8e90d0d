"""Whether an order stays within the programs of its caller's token; the operator's own tools act in all of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from aggregates.codec import decode
from aggregates.kit import Aggregate
from api.commands.order import Order, OutOfReach
from iop_es.engine.log import Log

REFERRED = "enrollment.patient_referred"


def must_reach(order: Order, log: Log, aggregate: Aggregate, stream: str, state: Any, version: int) -> None:
    """Refuses a stream of other programs, or a new one that would be theirs. Raises OutOfReach.

    A patient belongs to every program that the patient was referred to, and until then to whoever registers; a
    clinician to the programs of the employment; a payer policy to all. A new program is in nobody's token yet.
    """
    if order.programs is None:
        return
    if aggregate.name != "program" and not programs_of(order.command) <= order.programs:
        raise OutOfReach(what="program")
    if version == 0:
        return
    programs = referred_to(log, stream) if aggregate.name == "patient" else programs_of(state)
    if programs and not programs & order.programs:
        raise OutOfReach(what=aggregate.name.replace("_", " "))


def must_reach_all(order: Order, seen: Iterable[tuple[str, Any]]) -> None:
    """Refuses other streams that the order names, each (aggregate's name, state), of other programs."""
    for aggregate, state in seen:
        programs = programs_of(state)
        if order.programs is not None and programs and not programs & order.programs:
            raise OutOfReach(what=aggregate.replace("_", " "))


def programs_of(thing: Any) -> frozenset[str]:
    """The programs that a state or a command names."""
    program = getattr(thing, "program_id", None)
    return frozenset(getattr(thing, "programs", ()) if program is None else (program,))


def referred_to(log: Log, patient: str) -> frozenset[str]:
    """The programs that a patient was ever referred to."""
    facts = (fact for fact in log.of_patient(patient) if fact.topic.partition("@")[0] == REFERRED)
    return frozenset(decode(fact.topic, fact.state, None).program_id for fact in facts)
