"""Whether an order stays within the programs of its caller's token; the operator's own tools act everywhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from aggregates.access.commands import OpenBreakGlass
from aggregates.access.state import Access
from aggregates.account.within import OF_WHAT_IS_THERE
from aggregates.codec import decode
from aggregates.kit import Aggregate, Seen, Unknown
from api.commands.order import Order, OutOfReach
from iop_es.engine.log import Log, StoredFact

REFERRED = "enrollment.patient_referred"
BEGUN_BY_ANY = frozenset({"account", "risk", "access"})


@contextmanager
def alike_where_absent(order: Order, aggregate: str, state: Any, version: int) -> Iterator[None]:
    """What a patient's own streams (account, risk, access) say of what is out of reach, they say of what is not there,
    and of one on which the caller's programs have nothing.

    Their ids are made from the patient's, and any of their orders may begin them: without this a refusal of a rule of
    theirs, instead of the stream, would tell that there is none, or that another program has begun it.
    """
    try:
        yield
    except OutOfReach:
        if aggregate in BEGUN_BY_ANY:
            raise OutOfReach(what=aggregate) from None
        raise
    except Unknown:
        if aggregate in BEGUN_BY_ANY and not has_some(order, state, version):
            raise OutOfReach(what=aggregate) from None
        raise


def must_reach(order: Order, log: Log, aggregate: Aggregate, stream: str, state: Any, version: int) -> None:
    """Refuses a stream of other programs, or a new one that would be theirs. Raises OutOfReach.

    A patient, and so the patient's account, belongs to every program that the patient was referred to, and until then
    to whoever registers; a clinician to the programs of the employment; a payer policy to all. A new program is in
    nobody's token yet. An order about what is on an account, which does not say whose that is, finds none where nothing
    on it is of the caller's programs.
    """
    if order.programs is None:
        return
    if aggregate.name != "program" and not programs_of(order.command) <= order.programs:
        raise OutOfReach(what="program")
    if isinstance(order.command, OF_WHAT_IS_THERE) and not has_some(order, state, version):
        raise OutOfReach(what=aggregate.name)
    if version == 0:
        return
    patient = {"patient": stream, "account": getattr(state, "patient_id", None)}.get(aggregate.name)
    programs = programs_of(state) if patient is None else referred_to(log, patient)
    if programs and not programs & order.programs:
        raise OutOfReach(what=aggregate.name.replace("_", " "))


def has_some(order: Order, state: Any, version: int) -> bool:
    """Whether there is a stream with something of the caller's programs, or of no program, on it."""
    if version == 0 or order.programs is None:
        return version > 0
    if isinstance(state, Access) and (state.grants or state.disclosures):
        return any(one.opened.acting_in in {None, *order.programs} for one in state.grants)
    programs = programs_of(state)
    return not programs or bool(programs & order.programs)


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
