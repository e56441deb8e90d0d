"""Which decision answers which command, what it looks at first, and whom a document concerns.

The refusals stand in `refusals`; the decisions in `drafting`, `signing` and `answering`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aggregates.episode import enrollment_stream
from aggregates.kit import Act, Seen, Stream
from aggregates.note import answering, drafting, signing
from aggregates.note.commands import (
    AmendNote,
    AttestSignature,
    CosignNote,
    DraftNote,
    EnterNoteInError,
    PatientRefuse,
    PatientSign,
    RestOnNarrative,
    ReturnNote,
    ReviseNote,
    SignAsFacilitator,
    SignNote,
)
from aggregates.note.members import members, met, of_the_day
from aggregates.note.refusals import SignatureIsMadeNow
from aggregates.note.signature import bound
from aggregates.note.state import Document, Signed, State
from aggregates.note.wanted import patient_and_episode, policy_of_payer
from aggregates.session.state import Known

Outcomes = tuple[Any, ...]
COMMANDS = (
    DraftNote, ReviseNote, SignNote, ReturnNote, CosignNote, SignAsFacilitator, AmendNote, AttestSignature,
    RestOnNarrative, EnterNoteInError, PatientSign, PatientRefuse,
)


def decide(state: State, command: Any, act: Act, seen: Mapping[str, Seen]) -> Outcomes:
    """The outcomes of one command; of one that makes a signature with that signature, if it has come."""
    made_now = SignNote | CosignNote | SignAsFacilitator | AmendNote | AttestSignature | RestOnNarrative
    if isinstance(command, made_now) and act.occurred_at < act.now:
        raise SignatureIsMadeNow
    outcomes = _decided(state, command, act, seen)
    if not isinstance(command, made_now | EnterNoteInError):
        return outcomes
    return bound(outcomes, command.note_id, state, command.signature, seen, act)


def _decided(state: State, command: Any, act: Act, seen: Mapping[str, Seen]) -> Outcomes:  # noqa: C901, PLR0911 # one arm a command
    match command:
        case DraftNote():
            return drafting.draft(state, command, act, seen)
        case ReviseNote():
            return drafting.revise(state, command, act, seen)
        case SignNote():
            return signing.sign(state, command, act, seen)
        case ReturnNote():
            return signing.send_back(state, command, act, seen)
        case CosignNote():
            return signing.cosign(state, command, act, seen)
        case SignAsFacilitator():
            return signing.sign_as_facilitator(state, command, act, seen)
        case AmendNote():
            return signing.amend(state, command, act, seen)
        case AttestSignature():
            return signing.attest(state, command, act, seen)
        case RestOnNarrative():
            return signing.rest_on(state, command, act, seen)
        case EnterNoteInError():
            return signing.strike(state, command, act, seen)
        case PatientSign():
            return answering.sign(state, command, act, seen)
        case PatientRefuse():
            return answering.refuse(state, command, act, seen)
    raise TypeError(f"{type(command).__name__} is not a command of a document.")


def consult(state: State, command: Any) -> dict[str, Stream]:
    """The streams to look at: `session`, `narrative`, `patient`, `enrollment:ID`; of a signature the signer's
    `clinician` and the `program`, whose zone says on which day it is made."""
    if isinstance(command, DraftNote):
        return _of_draft(command)
    if not isinstance(state, Document):
        return {}
    if isinstance(command, PatientSign | PatientRefuse):
        return answering.patient_stream(state)
    looks = {}
    words = isinstance(command, ReviseNote | AmendNote | ReturnNote | EnterNoteInError)
    asked = words or isinstance(command, SignNote | AttestSignature | SignAsFacilitator)
    if state.drafted.session_id and (asked or state.drafted.kind == "group_narrative"):
        looks["session"] = Stream("session", state.drafted.session_id)
    if words and state.drafted.session_id is None and state.patient_id is not None:
        looks |= of_the_day(state.patient_id, state.drafted.service_date)
    looks |= _narratives(state, command)
    if isinstance(command, SignNote | AttestSignature):
        looks |= patient_and_episode(state.drafted)
    signer_id = _signer(state, command)
    if signer_id is None:
        return looks
    return looks | {"clinician": Stream("clinician", signer_id), "program": Stream("program", state.program_id)}


def _narratives(state: Document, command: Any) -> dict[str, Stream]:
    """The narrative that the document rests on, or is to."""
    rests_on = state.drafted.narrative_id
    if isinstance(command, ReviseNote):
        return {} if command.narrative_id is None else {"narrative": Stream("note", command.narrative_id)}
    looks = {}
    if isinstance(command, SignNote | AttestSignature | RestOnNarrative) and rests_on is not None:
        looks["narrative"] = Stream("note", rests_on)
    if isinstance(command, RestOnNarrative):
        looks["replacement"] = Stream("note", command.narrative_id)
    return looks


def _signer(state: Document, command: Any) -> str | None:
    """Who is to sign by what the command and the document say; the decision asks whether that is who acts."""
    match command:
        case SignNote() | AttestSignature() | RestOnNarrative():
            return state.author_id
        case CosignNote():
            return command.cosigner_id or (state.supervisor_id if isinstance(state, Signed) else None)
        case SignAsFacilitator():
            return command.signer_id
        case AmendNote():
            return command.signer_id or state.author_id
        case EnterNoteInError():
            return command.declared_by or state.author_id
    return None


def further(state: State, command: Any, seen: Mapping[str, Seen]) -> dict[str, Stream]:
    """Whoever is on the roster of the session, or of those of the day, where words are brought or signed that could
    name them; of a signature what the patient's payer wants."""
    signs = isinstance(command, SignNote | AttestSignature)
    looks = policy_of_payer(state.drafted, seen) if signs and isinstance(state, Document) else {}
    brings = isinstance(command, DraftNote | ReviseNote | AmendNote | ReturnNote | EnterNoteInError)
    if (signs or brings) and "session" in seen:
        return looks | members(seen["session"].state)
    about = command if isinstance(command, DraftNote) else state.drafted if isinstance(state, Document) else None
    if brings and about is not None:
        looks |= met(about.program_id, about.service_date, seen)
    return looks


def patients(state: State, fact: Any, seen: Mapping[str, Seen]) -> tuple[tuple[str, str | None], ...]:  # noqa: ARG001 # one shape
    """The patient whom the document is about; a group's narrative concerns its session's roster."""
    if not isinstance(state, Document):
        return ()
    if state.patient_id is not None:
        return ((state.patient_id, None),)
    session = seen["session"].state
    return tuple((one.patient_id, one.attendance_id) for one in session.roster) if isinstance(session, Known) else ()


def _of_draft(command: DraftNote) -> dict[str, Stream]:
    looks = {}
    if command.session_id is not None:
        looks["session"] = Stream("session", command.session_id)
    if command.narrative_id is not None:
        looks["narrative"] = Stream("note", command.narrative_id)
    if command.patient_id is not None and command.session_id is None:
        looks |= of_the_day(command.patient_id, command.service_date)
    if command.patient_id is not None:
        looks["patient"] = Stream("patient", command.patient_id)
    place = drafting.place_of(command)
    if place is not None:
        looks["standing"] = Stream("note", holder_of=place)
    return looks | (enrollment_stream(command.enrollment_id) if command.enrollment_id is not None else {})
