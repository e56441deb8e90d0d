"""The patient's own part in a plan of care and each review: a signature, the guardian's or theirs, or a stated refusal.

It is about one wording, which the author has signed; another answer later is a further fact, and the last one stands.
Who has the capacity to sign is decided by the rules for consents.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from aggregates.decision import made, not_in_the_future
from aggregates.kit import Act, Seen, Stream
from aggregates.note.commands import PatientRefuse, PatientSign
from aggregates.note.drafting import readable
from aggregates.note.facts import DocumentKind, PatientAnswer, PatientRefused, PatientSigned, RefusalWords
from aggregates.note.refusals import AnsweredBeforeService, GuardianUnnamed, NoteNotSigned, PatientDoesNotSign
from aggregates.note.state import Document, Signed, State
from aggregates.patient.consent import must_be_active, must_have_capacity
from aggregates.patient.decide import UnknownPatient
from aggregates.patient.state import Patient
from aggregates.values import Code, Date, Id

PATIENT_SIGNS: frozenset[DocumentKind] = frozenset({"plan_of_care", "plan_review"})
"""Kinds of document that the patient signs too, or refuses to."""


def patient_stream(document: Document) -> dict[str, Stream]:
    """The patient whose capacity and guardians are asked about."""
    return {} if document.patient_id is None else {"patient": Stream("patient", document.patient_id)}


def sign(state: State, command: PatientSign, act: Act, seen: Mapping[str, Seen]) -> tuple[Any, ...]:
    """The patient's or guardian's signature."""
    document, patient = _of(state, command, command.signed_on, act, seen)
    _must_name_guardian(command.signed_by, command.guardian_id)
    must_have_capacity(patient, command.capacity_rule, command.signed_by, command.guardian_id, command.signed_on)
    fact = made(PatientSigned, command, **_about(document, patient, command.guardian_id, act))
    return _once(document, fact)


def refuse(state: State, command: PatientRefuse, act: Act, seen: Mapping[str, Seen]) -> tuple[Any, ...]:
    """The refusal to sign, and why."""
    document, patient = _of(state, command, command.refused_on, act, seen)
    _must_name_guardian(command.refused_by, command.guardian_id)
    must_be_active(patient, command.guardian_id, command.refused_on)
    sealed = RefusalWords(words=command.words) if command.words else None
    fact = made(PatientRefused, command, sealed=sealed, **_about(document, patient, command.guardian_id, act))
    return _once(document, fact)


def _of(
    state: State, command: PatientSign | PatientRefuse, day: Date, act: Act, seen: Mapping[str, Seen]
) -> tuple[Signed, Patient]:
    """The signed document and its patient, on a day that can be."""
    document = readable(state, command.note_id)
    if document.drafted.kind not in PATIENT_SIGNS:
        raise PatientDoesNotSign(kind=document.drafted.kind)
    if not isinstance(document, Signed):
        raise NoteNotSigned(note_id=command.note_id)
    patient = seen["patient"].state
    if not isinstance(patient, Patient):
        raise UnknownPatient(patient_id=document.patient_id)
    not_in_the_future(act, day)
    if day < document.drafted.service_date:
        raise AnsweredBeforeService(on=day, service_date=document.drafted.service_date)
    return document, patient


def _must_name_guardian(by: str, guardian_id: Id | None) -> None:
    if by != "patient" and guardian_id is None:
        raise GuardianUnnamed


def _about(document: Signed, patient: Patient, guardian_id: Id | None, act: Act) -> dict[str, Any]:
    """Who saw it, which wording it is about, and how the guardian is related."""
    return {
        "witnessed_by": act.by, "note_version": document.version, "content_digest": document.content_digest,
        "relationship": _relationship(patient, guardian_id),
    }


def _relationship(patient: Patient, guardian_id: Id | None) -> Code | None:
    recorded = (one.recorded for one in patient.guardians)
    return next((one.relationship for one in recorded if one.guardian_id == guardian_id), None)


def _once(document: Signed, fact: PatientAnswer) -> tuple[Any, ...]:
    """The same answer again, whoever saw it, is nothing new."""
    last = document.answers[-1] if document.answers else None
    return () if last is not None and replace(last, witnessed_by=fact.witnessed_by) == fact else (fact,)
