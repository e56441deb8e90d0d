"""Whose program an entry is of: its fact's own, else that of what the fact is about, else that of its stream's first.

Streams such as a patient's risk, account and access hold facts of every program that the patient is in, so the stream
says nothing of one of them. There each fact names its program, or a claim, charge, overpayment, time on call, episode
or broken glass of one. What still tells of no program, and yet of what one of them does, is for those alone who are
cleared for every program that had the patient when it was recorded: that somebody is treated in a program may itself be
a substance-use record (42 CFR Part 2).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from iop_es.engine.readmodel.model import Recorded

CLAIM = "claim_id"
OWN_STREAMS = frozenset({CLAIM, "enrollment_id"})
"""A claim and an episode are streams of their own; the others are told of in the stream in which they are named."""
OF_A_PATIENT = frozenset({"access", "account", "patient", "risk", "shredding"})
"""What a patient has one stream of, whichever programs write into it."""
FIRST = {
    "account.self_pay_charge_posted": "charge_id",
    "account.overpayment_identified": "overpayment_id",
    "clinician.on_call_assigned": "on_call_id",
    "access.break_glass_opened": "grant_id",
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
    "access.break_glass_reviewed": ("grant_id",),
    "access.disclosure_made": ("enrollment_id",),
}
"""The facts of shared streams that name no program, and the fields by which it is found: the first that is filled."""
GLASS = frozenset({"access.break_glass_opened", "access.break_glass_reviewed"})
"""Of the program in which somebody works who broke the glass, and about a patient who may not be that program's."""
GUARDED = frozenset(LATER) | GLASS | {
    "patient.distinguished", "patient.amendment_requested", "patient.amendment_answered", "patient.disagreement_filed",
    "shredding.patient_keys_shredded",
}  # fmt: skip
"""What tells of what one program does, whether it says which one or not: to whom, of what it was told, which of its
documents somebody objects to, when it last served. Where no program is found it is not everybody's."""


def program_of(recorded: Recorded) -> str | None:
    """The program that a fact names, or opens, or that who broke a glass works in; None if it names none, or several.
    """
    match recorded.name:
        case "program.opened":
            return recorded.stream
        case "access.break_glass_opened":
            return recorded.fact.acting_in  # type: ignore[no-any-return] # the fact of this name has it
        case "patient.distinguished":
            return _only(recorded.fact.programs)
    program: str | None = getattr(recorded.fact, "program_id", None)
    return program


def thing_of(recorded: Recorded, program: str | None) -> str:
    """What tells the program of a fact's entry: the program itself, what the fact is about, or its stream."""
    if recorded.name == "patient.amendment_requested":
        return _only(recorded.fact.concerns) or recorded.stream
    for field in LATER.get(recorded.name, ()):
        about: str | None = getattr(recorded.fact, field)
        if about is not None:
            return about if field in OWN_STREAMS else _within(recorded.stream, about)
    return program or recorded.stream


def told_by(recorded: Recorded) -> list[str]:
    """The things whose program this fact is the first to tell: its stream, or one that it names within it."""
    shared = recorded.patients and recorded.name.partition(".")[0] in OF_A_PATIENT
    found = [recorded.stream] if recorded.version == 1 and not shared else []
    field = FIRST.get(recorded.name)
    return found if field is None else [*found, _within(recorded.stream, getattr(recorded.fact, field))]


def had_by(referrals: Iterable[tuple[int, str]], position: int) -> frozenset[str]:
    """The programs that had a patient when a fact was recorded, of all referrals of the patient (each its position and
    its program, in order); of a fact from before any, the first one. By what came later, nobody learns of a program."""
    known = list(referrals)
    return frozenset(program for at, program in known if at < position) or frozenset(one for _, one in known[:1])


def _only(found: Sequence[str]) -> str | None:
    return found[0] if len(found) == 1 else None


def _within(stream: str, thing: str) -> str:
    """Such ids are the sender's, so that the same one may stand in two streams."""
    return f"{stream} {thing}"
