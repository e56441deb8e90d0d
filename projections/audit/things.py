"""Whose program an entry is of: its fact's own, else that of what the fact is about, else that of its stream's first.

Streams such as a patient's risk and account hold facts of every program that the patient is in, so the stream says
nothing of one of them. There each fact names its program, or a claim, charge, overpayment or time on call of one.
"""

from __future__ import annotations

from iop_es.engine.readmodel.model import Recorded

CLAIM = "claim_id"
"""A claim is a stream of its own; the others are told of in the stream in which they are named."""
FIRST = {
    "account.self_pay_charge_posted": "charge_id",
    "account.overpayment_identified": "overpayment_id",
    "clinician.on_call_assigned": "on_call_id",
}
"""The facts that tell of something in a shared stream, with its program, and the field that names it."""
LATER = {
    "account.self_pay_charge_reversed": ("charge_id",),
    "account.remittance_posted": (CLAIM,),
    "account.payment_reversed": (CLAIM,),
    "account.write_off_requested": (CLAIM, "charge_id"),
    "account.write_off_request_withdrawn": (CLAIM, "charge_id"),
    "account.balance_written_off": (CLAIM, "charge_id"),
    "account.overpayment_investigation_opened": ("overpayment_id",),
    "account.overpayment_returned": ("overpayment_id",),
    "clinician.on_call_ended": ("on_call_id",),
}
"""The facts of shared streams that name no program, and the fields by which it is found: the first that is filled."""


def program_of(recorded: Recorded) -> str | None:
    """The program that a fact names, or opens; None if it names none."""
    program: str | None = getattr(recorded.fact, "program_id", None)
    return recorded.stream if program is None and recorded.name == "program.opened" else program


def thing_of(recorded: Recorded, program: str | None) -> str:
    """What tells the program of a fact's entry: the program itself, what the fact is about, or its stream."""
    for field in LATER.get(recorded.name, ()):
        about: str | None = getattr(recorded.fact, field)
        if about is not None:
            return about if field == CLAIM else _within(recorded.stream, about)
    return program or recorded.stream


def told_by(recorded: Recorded) -> list[str]:
    """The things whose program this fact is the first to tell: its stream, or one that it names within it."""
    found = [recorded.stream] if recorded.version == 1 else []
    field = FIRST.get(recorded.name)
    return found if field is None else [*found, _within(recorded.stream, getattr(recorded.fact, field))]


def _within(stream: str, thing: str) -> str:
    """Such ids are the sender's, so that the same one may stand in two streams."""
    return f"{stream} {thing}"
