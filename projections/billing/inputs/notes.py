"""Note facts into the documentation of a patient's days: what exists, who signed it when, with which credential."""

from __future__ import annotations

from aggregates.note import facts
from iop_es.engine.readmodel.model import Recorded
from projections.billing.documents import Note, Patient


def drafted(patient: Patient, recorded: Recorded) -> None:
    """A document begins."""
    fact: facts.NoteDrafted = recorded.fact
    patient.notes[recorded.stream] = Note(
        kind=fact.kind, date=fact.service_date, service_ended_at=fact.service_ended_at, session_id=fact.session_id,
        narrative_id=fact.narrative_id, author_id=fact.author_id, enrollment_id=fact.enrollment_id,
        program_id=fact.program_id, positions=[recorded.position],
    )
    _touch(patient, patient.notes[recorded.stream])


def signed(patient: Patient, recorded: Recorded) -> None:
    """The author's signature."""
    note = _known(patient, recorded)
    if note is not None:
        fact: facts.NoteSigned = recorded.fact
        note.signer_id, note.signed_at, note.credential_active = fact.signer_id, fact.signed_at, fact.credential_active
        note.needs_cosignature, note.late_reason, note.returned = fact.needs_cosignature, fact.late_reason, False
        note.supervisor_id = fact.supervisor_id
        note.cosigner_id, note.cosigned_at, note.attested = None, None, False


def returned(patient: Patient, recorded: Recorded) -> None:
    """A draft again: its signature counts no longer."""
    note = _known(patient, recorded)
    if note is not None:
        note.signed_at, note.returned, note.attested, note.facilitators = None, True, False, []


def cosigned(patient: Patient, recorded: Recorded) -> None:
    """The second signature."""
    note = _known(patient, recorded)
    if note is not None:
        fact: facts.NoteCosigned = recorded.fact
        note.cosigner_id, note.cosigned_at = fact.signer_id, fact.signed_at
        note.cosigner_credential_active = fact.credential_active


def facilitator_signed(patient: Patient, recorded: Recorded) -> None:
    """Another who led the session signs beside the author."""
    note = _known(patient, recorded)
    if note is not None:
        note.facilitators.append(recorded.fact.signer_id)


def attested(patient: Patient, recorded: Recorded) -> None:
    """The author attests a signature: a missing one counts from the attestation on, under the same conditions."""
    note = _known(patient, recorded)
    if note is not None:
        note.attested = True
    if note is not None and note.signed_at is None:
        note.signer_id, note.signed_at = recorded.fact.signer_id, recorded.fact.attested_at
        note.credential_active, note.returned = recorded.fact.credential_active is not False, False
        note.needs_cosignature, note.supervisor_id = recorded.fact.needs_cosignature, recorded.fact.supervisor_id
        note.cosigner_id, note.cosigned_at = None, None


def revised(patient: Patient, recorded: Recorded) -> None:
    """Of a draft's words billing knows nothing; only that a part rests on another narrative now."""
    if recorded.fact.narrative_id is not None:
        rests(patient, recorded)


def rests(patient: Patient, recorded: Recorded) -> None:
    """A part rests on another narrative of its session."""
    note = _known(patient, recorded)
    if note is not None:
        note.narrative_id = recorded.fact.narrative_id


def amended(patient: Patient, recorded: Recorded) -> None:
    """A signed addition: it decides nothing, and whoever audits the day asks whether it came after the bill."""
    note = _known(patient, recorded)
    if note is not None:
        note.amended_at.append(recorded.fact.signed_at)


def entered_in_error(patient: Patient, recorded: Recorded) -> None:
    """Struck through: it documents nothing."""
    note = _known(patient, recorded)
    if note is not None:
        note.in_error = True


def _known(patient: Patient, recorded: Recorded) -> Note | None:
    note = patient.notes.get(recorded.stream)
    if note is not None:
        note.positions.append(recorded.position)
        _touch(patient, note)
    return note


def _touch(patient: Patient, note: Note) -> None:
    """The day of the note, and that of its session if the session was moved since."""
    patient.touch_day(note.date)
    visit = patient.visits.get(note.session_id or "")
    if visit is not None:
        patient.touch_day(visit.date)


TAKES = {
    "note.drafted": drafted,
    "note.revised": revised,
    "note.signed": signed,
    "note.returned": returned,
    "note.cosigned": cosigned,
    "note.facilitator_signed": facilitator_signed,
    "note.signature_attested": attested,
    "note.narrative_replaced": rests,
    "note.amended": amended,
    "note.entered_in_error": entered_in_error,
}
