"""Whether an order stays within the programs of its caller's token; the operator's own tools act everywhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from aggregates.access.commands import OpenBreakGlass
from aggregates.codec import decode
from aggregates.kit import Aggregate, Seen, Unknown
from api.commands.order import Order, OutOfReach
from iop_es.engine.log import Log, StoredFact

REFERRED = "enrollment.patient_referred"
BEGUN_BY_ANY = frozenset({"account", "risk", "access"})


@contextmanager
def alike_where_absent(aggregate: str, version: int) -> Iterator[None]:
    """What a patient's own streams (account, risk, access) say of what is out of reach, they say of what is not there.

    Their ids are made from the patient's, and any of their orders may begin them: without this a refusal of a rule of
    theirs, instead of the stream, would tell that there is none.
    """
    try:
        yield
    except OutOfReach:
        if aggregate in BEGUN_BY_ANY:
            raise OutOfReach(what=aggregate) from None
        raise
    except Unknown:
        if aggregate in BEGUN_BY_ANY and version == 0:
            raise OutOfReach(what=aggregate) from None
        raise


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


def must_reach_all(order: Order, log: Log, deciding: str, seen: Sequence[tuple[str, Seen]]) -> OutOfReach | None:
    """Refuses other streams that the order names, each with its aggregate's name, when they are of other programs; and
    answers how the first that is not there is refused, before any rule says otherwise of it than of what is elsewhere.

    A patient is reached through an episode of theirs that the order names; named without one, the patient must have
    been referred to a program of the caller. Only a referral, and who breaks the glass, may name anybody; who works in
    no program breaks none. Raises OutOfReach.
    """
    if order.programs is None:
        return None
    if isinstance(order.command, OpenBreakGlass):
        if not order.programs:
            raise OutOfReach(what="patient")
        return None
    absent: OutOfReach | None = None
    through = {getattr(one.state, "patient_id", None) for aggregate, one in seen if aggregate == "enrollment"}
    for aggregate, one in seen:
        alone = aggregate == "patient" and one.id not in through and deciding != "enrollment"
        programs = referred_to(log, one.id) if alone else programs_of(one.state)
        if programs and not programs & order.programs:
            raise OutOfReach(what=aggregate.replace("_", " "))
        if one.version == 0 and aggregate not in BEGUN_BY_ANY and (alone or aggregate != "patient"):
            absent = absent or OutOfReach(what=aggregate.replace("_", " "), absent=one.id)
    return absent


def programs_of(thing: Any) -> frozenset[str]:
    """The programs that a state or a command names."""
    program = getattr(thing, "program_id", None)
    return frozenset(getattr(thing, "programs", ()) if program is None else (program,))


def referred_to(log: Log, patient: str) -> frozenset[str]:
    """The programs that a patient was ever referred to."""
    return referred_in(log.of_patient(patient))


def referred_in(facts: Iterable[StoredFact]) -> frozenset[str]:
    """The programs that some of a patient's facts refer the patient to."""
    referrals = (fact for fact in facts if fact.name == REFERRED)
    return frozenset(decode(fact.topic, fact.state, None).program_id for fact in referrals)
