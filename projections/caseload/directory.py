"""What the clinic consists of: programs, clinicians, payers, and which documents a patient or a session has.

Short lists by nature, all but the documents; none of them holds a word of a document.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any, Literal

from psycopg import Cursor
from pydantic import Field

from aggregates.payer_policy.facts import PayerKind
from aggregates.values import CareFocus, Date, Instant, LevelOfCare
from iop_es.engine.readmodel.model import Delta
from projections.caseload.names import Opening, PersonName, by_name, with_names
from projections.caseload.note import AMENDMENT, NOTE
from projections.caseload.session import SESSION
from projections.caseload.statements import ask, rows_of
from projections.caseload.views import CURSOR, AmendmentNotice, View


class ProgramView(View):
    """A program."""

    program_id: str = Field(description="The program.")
    code: str = Field(description="Its short name.")
    level_of_care: LevelOfCare = Field(description="The level of care that it offers.")
    focus: CareFocus = Field(description="What it treats.")
    population: Literal["adult", "adolescent"] = Field(description="Whom it treats.")
    time_zone: str = Field(description="The zone that decides its days and weeks.")
    opened_on: Date = Field(description="First day.")
    closed_on: Date | None = Field(description="Last day; none: open.")


class CredentialView(View):
    """A license or certification."""

    credential_id: str = Field(description="The credential.")
    title: str = Field(description="Such as LCSW.")
    jurisdiction: str = Field(description="Who gave it.")
    active_from: Date = Field(description="First day.")
    active_through: Date | None = Field(description="Last day; none: open.")


class ClinicianView(View):
    """A clinician; the id is the person's id in tokens."""

    clinician_id: str = Field(description="The clinician.")
    name: PersonName | None = Field(description="The name; none where it is not known or no longer readable.")
    programs: tuple[str, ...] = Field(description="Where the clinician works, of the caller's programs.")
    discipline: str = Field(description="Such as LCSW.")
    associate: bool = Field(description="Whether the clinician signs under supervision.")
    supervisor_id: str | None = Field(description="Who supervises today.")
    joined_on: Date = Field(description="First day.")
    left_on: Date | None = Field(description="Last day; none: still there.")
    credentials: tuple[CredentialView, ...] = Field(description="All that were recorded, the oldest first.")


class PolicyView(View):
    """One of a payer's policies."""

    policy_id: str = Field(description="The policy.")
    code: str = Field(description="Its short name.")
    effective_from: Date = Field(description="First day.")
    effective_through: Date | None = Field(description="Last day; none: open.")
    version: int = Field(description="The version of the policy's stream, for If-Match.")


class PayerView(View):
    """A payer, as its latest policy names it."""

    payer_id: str = Field(description="The payer.")
    name: str = Field(description="What it is called.")
    kind: PayerKind = Field(description="What kind of payer it is.")
    policies: tuple[PolicyView, ...] = Field(description="In order of their first day.")


class NoteEntry(View):
    """A document without its words."""

    note_id: str = Field(description="The document.")
    kind: str = Field(description="What kind of document it is.")
    state: Literal["draft", "returned", "awaiting_cosignature", "signed", "entered_in_error"] = Field(
        description="How far it came; signed: by all who have to."
    )
    program_id: str = Field(description="The program.")
    author_id: str = Field(description="Whose document it is.")
    patient_id: str | None = Field(description="Whom it is about; none for the narrative that a group shares.")
    enrollment_id: str | None = Field(description="The episode.")
    session_id: str | None = Field(description="The session that it documents.")
    attendance_id: str | None = Field(description="The attendance that it documents.")
    narrative_id: str | None = Field(description="The group's narrative that it rests on.")
    service_date: Date = Field(description="The day of service.")
    signed_at: Instant | None = Field(description="When the author signed.")
    supervisor_id: str | None = Field(description="Whose cosignature it waits for or has.")
    cosigned_at: Instant | None = Field(description="When it was cosigned.")
    facilitators: tuple[str, ...] = Field(
        description="Who signed it as it now reads beside the author, having led the session too."
    )
    patient_answer: Literal["signed", "refused"] | None = Field(
        description="What the patient, or a guardian, answered to a plan of care or a review of it as it now reads."
    )
    narrative_amendments: tuple[AmendmentNotice, ...] = Field(
        description="How the narrative that it rests on was amended, or written anew, after it was signed, in order."
    )
    version: int = Field(description="The version of the document's stream, for If-Match.")
    cursor: str = CURSOR


def programs_of(cursor: Cursor[Any], *, programs: Sequence[str], now: str) -> list[ProgramView]:  # noqa: ARG001 - every query is given it
    """The programs, by code."""
    return [ProgramView(**row) for row in ask(cursor, "programs", programs=list(programs))]


def clinicians(
    cursor: Cursor[Any], *, programs: Sequence[str], now: str, opening: Opening
) -> list[ClinicianView]:
    """Who works or worked in these programs, by name."""
    found = ask(cursor, "clinicians", programs=list(programs), now=now)
    had: defaultdict[str, list[CredentialView]] = defaultdict(list)
    for row in ask(cursor, "credentials", clinicians=[one["clinician_id"] for one in found]):
        had[row.pop("clinician_id")].append(CredentialView(**row))
    named = with_names(found, opening, "clinician")
    views = [ClinicianView(**row, credentials=tuple(had[row["clinician_id"]])) for row in named]
    return sorted(views, key=lambda one: (by_name(one.name), one.clinician_id))


def payers(cursor: Cursor[Any], *, programs: Sequence[str], now: str) -> list[PayerView]:  # noqa: ARG001 - payers are the organization's
    """Every payer that a policy was published for; they belong to no program."""
    rows = ask(cursor, "payers")
    return [_payer(payer_id, list(own)) for payer_id, own in groupby(rows, lambda row: str(row["payer_id"]))]


def notes_of_patient(
    cursor: Cursor[Any], *, programs: Sequence[str], now: str, patient_id: str, after: str | None = None,  # noqa: ARG001 - every query is given it
    limit: int = 100,
) -> list[NoteEntry]:  # fmt: skip
    """The documents about one patient in these programs, the oldest service first."""
    return _notes(cursor, programs, after, limit, patient_id=patient_id)


def notes_from_rows(
    delta: Delta, *, programs: Sequence[str], now: str, patient_id: str  # noqa: ARG001 - every query is called alike
) -> list[NoteEntry]:
    """`notes_of_patient` from the rows of the patient's fold as of a moment, all of them."""
    return _from_rows(delta, programs, patient_id=patient_id)


def notes_of_session(
    cursor: Cursor[Any], *, programs: Sequence[str], now: str, session_id: str, after: str | None = None,  # noqa: ARG001 - every query is given it
    limit: int = 100,
) -> list[NoteEntry] | None:  # fmt: skip
    """The documents of one session, the shared narrative among them; None if there is no such session here."""
    if not ask(cursor, "has_session", programs=list(programs), session_id=session_id):
        return None
    return _notes(cursor, programs, after, limit, session_id=session_id)


def session_notes_from_rows(
    delta: Delta, *, programs: Sequence[str], now: str, session_id: str  # noqa: ARG001 - every query is called alike
) -> list[NoteEntry] | None:
    """`notes_of_session` from a fold of the session's stream and its documents' as of a moment, all of them."""
    plans = [one for one in rows_of(delta, SESSION) if one["session_id"] == session_id]
    if not any(one["program_id"] in programs for one in plans):
        return None
    return _from_rows(delta, programs, session_id=session_id)


def note_ids_of_session(cursor: Cursor[Any], session_id: str) -> list[str]:
    """Every document of a session, whichever program it is of; a document never moves to another session."""
    return [str(row["note_id"]) for row in ask(cursor, "note_ids_of_session", session_id=session_id)]


def reached(
    cursor: Cursor[Any], *, programs: Sequence[str], patients: Iterable[str], unreferred: bool
) -> set[str]:
    """Which of these patients were referred to one of the programs, or with `unreferred` to none at all."""
    rows = ask(cursor, "reached", programs=list(programs), patients=list(patients), unreferred=unreferred)
    return {row["patient_id"] for row in rows}


def shown(cursor: Cursor[Any], *, program: str | None, patients: Iterable[str]) -> tuple[bool, set[str]]:
    """Whether the database shows this reader the program, if one is named, and which of these patients."""
    (row,) = ask(cursor, "shown", program=program, patients=list(patients))
    return bool(row["program"]), set(row["patients"])


def _notes(
    cursor: Cursor[Any], programs: Sequence[str], after: str | None, limit: int, *, patient_id: str | None = None,
    session_id: str | None = None,
) -> list[NoteEntry]:  # fmt: skip
    found = ask(
        cursor, "notes", programs=list(programs), patient_id=patient_id, session_id=session_id, after=after, limit=limit
    )
    amendments = ask(cursor, "amendments", notes=sorted({one["narrative_id"] for one in found} - {None}))
    return _entries(found, amendments)


def _entries(found: list[dict[str, Any]], amendments: list[dict[str, Any]]) -> list[NoteEntry]:
    """The documents, each with the later amendments of its narrative; these come in the order of the log."""
    of: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in amendments:
        of[row["note_id"]].append(row)
    return [
        NoteEntry(
            **{name: row[name] for name in NoteEntry.model_fields if name != "narrative_amendments"},
            narrative_amendments=tuple(
                AmendmentNotice(**{name: one[name] for name in AmendmentNotice.model_fields})
                for one in of.get(row["narrative_id"], ())
                if row["signed_position"] is not None and one["position"] > row["signed_position"]
            ),
        )
        for row in found
    ]


def _from_rows(delta: Delta, programs: Sequence[str], **about: str) -> list[NoteEntry]:
    """The documents in these programs whose columns say so, the oldest service first."""
    found = [
        row | {"cursor": f"{row['service_ended_at']} {row['note_id']}"} for row in rows_of(delta, NOTE)
        if row["program_id"] in programs and all(row[name] == value for name, value in about.items())
    ]  # fmt: skip
    amendments = sorted(rows_of(delta, AMENDMENT), key=lambda row: row["position"])
    return _entries(sorted(found, key=lambda row: row["cursor"]), amendments)


def _payer(payer_id: str, rows: list[dict[str, Any]]) -> PayerView:
    policies = tuple(PolicyView(**{name: row[name] for name in PolicyView.model_fields}) for row in rows)
    return PayerView(payer_id=payer_id, name=rows[-1]["payer_name"], kind=rows[-1]["payer_kind"], policies=policies)
