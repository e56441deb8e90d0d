"""Is the day documented: a note for every counted session, signed in time by someone who could sign?

A daily note documents every session of its day. A signature's window runs from the end of the service; a signature
at its last moment is in time. Until the window closes a missing signature keeps the day waiting, afterwards it holds
it. Whether the signer's credential was active is asked of the credential's periods as they are known now, so that a
lapse recorded later counts; only for a signer whose credentials are not recorded does the signature's own mark.
"""

from __future__ import annotations

from collections.abc import Iterator

from projections.billing.day import Case, Outcome
from projections.billing.documents import Note, Visit
from projections.billing.rules.payer import covers
from projections.billing.times import plus_hours


def ask(case: Case) -> None:
    """The documentation of each counted session."""
    daily = [note for note in case.notes if note.kind == "daily"]
    for session, visit in case.counted:
        own = [note for note in case.notes if note.session_id == session and note.kind != "group_narrative"]
        _session(case, visit, own or daily)


def _session(case: Case, visit: Visit, notes: list[Note]) -> None:
    hours = case.term("signature_hours")
    ended_at = visit.ended_at or ""
    due_at = plus_hours(ended_at, hours) if hours is not None and ended_at else None
    standing = [note for note in notes if not note.in_error]
    if not standing:
        code = "note_in_error" if notes else "note_missing"
        positions = [one for note in notes for one in note.positions] or visit.positions
        case.say("note", "waiting", code, positions, due_at, "held", minutes=visit.minutes)
        return
    note = min(standing, key=_readiness)
    if note.signed_at is None:
        code = "note_returned" if note.returned else "note_unsigned"
        case.say("note", "waiting", code, note.positions, due_at, "held")
        return
    case.say("note", positions=note.positions, signed_at=note.signed_at)
    _narrative(case, note, due_at)
    _lateness(case, note, due_at)
    _cosignature(case, note, due_at)
    _credentials(case, note)


def _readiness(note: Note) -> tuple[bool, bool, str]:
    """The note that documents best comes first: signed, cosigned where needed, earliest."""
    return (note.signed_at is None, note.needs_cosignature and note.cosigned_at is None, note.signed_at or "")


def _narrative(case: Case, note: Note, due_at: str | None) -> None:
    narrative = case.patient.notes.get(note.narrative_id or "")
    if narrative is not None and (narrative.signed_at is None or narrative.in_error):
        case.say("narrative", "waiting", "narrative_unsigned", narrative.positions, due_at, "held")


def _lateness(case: Case, note: Note, due_at: str | None) -> None:
    consequence = case.term("late_signature")
    if due_at is None or consequence == "none" or (note.signed_at or "") <= due_at:
        return
    outcome: Outcome = "held" if consequence == "hold" else "warning"
    hours = case.terms.signature_hours or 0
    case.say("signature_window", outcome, "signature_late", note.positions, hours=hours)


def _cosignature(case: Case, note: Note, due_at: str | None) -> None:
    if note.needs_cosignature and case.term("cosignature_required"):
        if note.cosigned_at is None:
            case.say("cosignature", "waiting", "cosignature_missing", note.positions, due_at, "held")
        else:
            case.say("cosignature", positions=note.positions)


def _credentials(case: Case, note: Note) -> None:
    if not case.term("credential_required"):
        return
    for active, positions in _signers(case, note):
        if active:
            case.say("credential", positions=positions)
        else:
            case.say("credential", "held", "credential_not_active_on_service_date", positions)
            return


def _signers(case: Case, note: Note) -> Iterator[tuple[bool, list[int]]]:
    yield _active(case, note, note.signer_id, note.credential_active)
    if note.needs_cosignature and note.cosigned_at is not None and case.terms.cosignature_required:
        yield _active(case, note, note.cosigner_id, note.cosigner_credential_active)


def _active(case: Case, note: Note, signer_id: str | None, marked: bool) -> tuple[bool, list[int]]:
    clinician = case.reference.clinicians.get(signer_id or "")
    if clinician is None or not clinician.credentials:
        return marked, list(note.positions)
    active = [one for one in clinician.credentials.values() if covers(one, case.date)]
    periods = active or clinician.credentials.values()
    return bool(active), sorted({*note.positions, *(position for one in periods for position in one.positions)})
