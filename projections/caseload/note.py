"""One clinical document: whose it is, what it is about, and which signatures it still waits for."""

from __future__ import annotations

import msgspec

from aggregates.note.facts import (
    FacilitatorSigned,
    NarrativeReplaced,
    NoteAmended,
    NoteCosigned,
    NoteDrafted,
    NoteReturned,
    NoteRevised,
    NoteSigned,
    SignatureAttested,
)
from iop_es.engine.readmodel.model import Recorded, Rows, Table
from projections.caseload.fold import Hand

NOTE = Table("note", (
    "note_id", "kind", "program_id", "author_id", "patient_id", "enrollment_id", "session_id", "attendance_id",
    "narrative_id", "sections", "names_goal", "untouched", "template_version", "service_kind", "service_date",
    "service_ended_at", "state", "signed_at", "late_reason", "credential_active", "supervisor_id", "cosigned_at",
    "attested_at", "returned_by", "patient_answer", "signed_position", "facilitators", "version",
))
AMENDMENT = Table("note_amendment", (
    "note_id", "amendment_id", "kind", "section", "author_id", "signed_at", "recorded_at", "position",
))


class Amendment(msgspec.Struct):
    """An amendment, without its words, and where in the log it is; or that a narrative was written anew."""

    amendment_id: str | None
    kind: str
    section: str | None
    author_id: str
    signed_at: str | None
    recorded_at: str
    position: int


class Note(msgspec.Struct, omit_defaults=True, tag="note"):
    """A document, without its words but with the names of its sections, and of those that still say what its template
    does.

    `state` is draft, returned, awaiting_cosignature, signed or entered_in_error; `patient_answer` what the patient
    answered to this wording: signed or refused; `signed_position` where in the log the author's signature or
    attestation is; `facilitators` are those who signed this wording beside the author.
    """

    kind: str = ""
    program_id: str | None = None
    author_id: str | None = None
    patient_id: str | None = None
    enrollment_id: str | None = None
    session_id: str | None = None
    attendance_id: str | None = None
    narrative_id: str | None = None
    sections: tuple[str, ...] = ()
    names_goal: bool = False
    untouched: tuple[str, ...] = ()
    template_version: int = 1
    service_kind: str | None = None
    service_date: str | None = None
    service_ended_at: str | None = None
    state: str = "draft"
    signed_at: str | None = None
    late_reason: str | None = None
    credential_active: bool | None = None
    supervisor_id: str | None = None
    cosigned_at: str | None = None
    attested_at: str | None = None
    returned_by: str | None = None
    patient_answer: str | None = None
    signed_position: int | None = None
    facilitators: tuple[str, ...] = ()
    amendments: tuple[Amendment, ...] = ()
    version: int = 0


def _drafted(note: Note, recorded: Recorded) -> None:
    fact: NoteDrafted = recorded.fact
    for name in (
        "kind", "program_id", "author_id", "patient_id", "enrollment_id", "session_id", "attendance_id",
        "narrative_id", "template_version", "service_kind", "service_date", "service_ended_at",
    ):
        setattr(note, name, getattr(fact, name))
    _worded(note, fact)


def _worded(note: Note, fact: NoteDrafted | NoteRevised) -> None:
    note.sections, note.names_goal, note.untouched = fact.sections, bool(fact.goals), fact.untouched or ()


def _revised(note: Note, recorded: Recorded) -> None:
    fact: NoteRevised = recorded.fact
    _worded(note, fact)
    note.narrative_id = fact.narrative_id or note.narrative_id
    note.patient_answer = None
    if note.kind == "group_narrative":
        made = Amendment(None, "rewritten", None, note.author_id or "", None, recorded.recorded_at, recorded.position)
        note.amendments = (*note.amendments, made)


def _patient_signed(note: Note, _recorded: Recorded) -> None:
    note.patient_answer = "signed"


def _patient_refused(note: Note, _recorded: Recorded) -> None:
    note.patient_answer = "refused"


def _signed(note: Note, recorded: Recorded) -> None:
    fact: NoteSigned = recorded.fact
    note.state = "awaiting_cosignature" if fact.needs_cosignature else "signed"
    note.signed_at, note.late_reason, note.returned_by = fact.signed_at, fact.late_reason, None
    note.credential_active, note.supervisor_id = fact.credential_active, fact.supervisor_id
    note.signed_position = recorded.position


def _returned(note: Note, recorded: Recorded) -> None:
    fact: NoteReturned = recorded.fact
    note.state, note.signed_at, note.returned_by = "returned", None, fact.returned_by
    note.signed_position = note.attested_at = None
    note.facilitators = ()


def _cosigned(note: Note, recorded: Recorded) -> None:
    fact: NoteCosigned = recorded.fact
    note.state, note.cosigned_at = "signed", fact.signed_at


def _facilitator_signed(note: Note, recorded: Recorded) -> None:
    fact: FacilitatorSigned = recorded.fact
    note.facilitators = (*note.facilitators, fact.signer_id)


def _attested(note: Note, recorded: Recorded) -> None:
    fact: SignatureAttested = recorded.fact
    note.attested_at = fact.attested_at
    if note.state in ("draft", "returned"):
        note.state = "awaiting_cosignature" if fact.needs_cosignature else "signed"
        note.supervisor_id, note.credential_active = fact.supervisor_id, fact.credential_active
        note.signed_position = recorded.position


def _rests(note: Note, recorded: Recorded) -> None:
    fact: NarrativeReplaced = recorded.fact
    note.narrative_id, note.signed_position = fact.narrative_id, recorded.position


def _amended(note: Note, recorded: Recorded) -> None:
    fact: NoteAmended = recorded.fact
    made = Amendment(
        fact.amendment_id, fact.kind, fact.section, fact.signer_id, fact.signed_at, recorded.recorded_at,
        recorded.position,
    )
    note.amendments = (*note.amendments, made)
    note.names_goal = note.names_goal if fact.goals is None else bool(fact.goals)


def _in_error(note: Note, _recorded: Recorded) -> None:
    note.state = "entered_in_error"


APPLY: dict[str, Hand] = {
    "note.drafted": _drafted,
    "note.revised": _revised,
    "note.signed": _signed,
    "note.returned": _returned,
    "note.cosigned": _cosigned,
    "note.facilitator_signed": _facilitator_signed,
    "note.amended": _amended,
    "note.signature_attested": _attested,
    "note.narrative_replaced": _rests,
    "note.patient_signed": _patient_signed,
    "note.patient_refused": _patient_refused,
    "note.entered_in_error": _in_error,
}


def settle(note_id: str, note: Note) -> Rows:
    """The document's row, once it is known what it is about, and one for each amendment."""
    row = (
        note_id, note.kind, note.program_id, note.author_id, note.patient_id, note.enrollment_id, note.session_id,
        note.attendance_id, note.narrative_id, list(note.sections), note.names_goal, list(note.untouched),
        note.template_version, note.service_kind, note.service_date, note.service_ended_at,
        note.state, note.signed_at, note.late_reason, note.credential_active, note.supervisor_id, note.cosigned_at,
        note.attested_at, note.returned_by, note.patient_answer, note.signed_position, list(note.facilitators),
        note.version,
    )
    amendments = [
        (
            note_id, one.amendment_id, one.kind, one.section, one.author_id, one.signed_at, one.recorded_at,
            one.position,
        )
        for one in note.amendments
    ]
    return {
        "note": {(note_id,): [] if note.program_id is None else [row]},
        "note_amendment": {(note_id,): amendments},
    }
