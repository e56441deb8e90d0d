"""The caseload's fold: one document a stream, and for each kind of stream its own small file."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from typing import Any

import msgspec

from iop_es.engine.readmodel.model import Grain, Recorded, Rows, Table, Unshared
from projections.caseload import authorization, enrollment, group, note, organization, patient, payer, session
from projections.caseload.fold import Hand
from projections.caseload.reach import REACH

Body = (
    session.Session | note.Note | enrollment.Enrollment | authorization.Authorization | group.Group | patient.Patient
    | organization.Program | organization.Clinician | payer.Policy
)  # fmt: skip


class Document(msgspec.Struct):
    """One stream, whichever kind it is; None before its first fact."""

    body: Body | None = None


class Reference(msgspec.Struct):
    """Nothing is shared: a program is a document like the others."""


KINDS: tuple[tuple[type[Any], dict[str, Hand], Callable[[str, Any], Rows]], ...] = (
    (session.Session, session.APPLY, session.settle),
    (note.Note, note.APPLY, note.settle),
    (enrollment.Enrollment, enrollment.APPLY, enrollment.settle),
    (authorization.Authorization, authorization.APPLY, authorization.settle),
    (group.Group, group.APPLY, group.settle),
    (patient.Patient, patient.APPLY, patient.settle),
    (organization.Program, organization.APPLY_PROGRAM, organization.settle_program),
    (organization.Clinician, organization.APPLY_CLINICIAN, organization.settle_clinician),
    (payer.Policy, payer.APPLY, payer.settle),
)
HANDS = {name: (body, hand) for body, hands, _ in KINDS for name, hand in hands.items()}
SETTLE = {body: settle for body, _, settle in KINDS}


class Caseload(Unshared):
    """The read model; see the package."""

    name = "caseload"
    version = 9
    ddl = (files("projections.caseload") / "schema.sql").read_text(encoding="utf-8")
    reach = REACH
    grain: Grain = "stream"
    tables: tuple[Table, ...] = (
        session.SESSION, session.ATTENDANCE, note.NOTE, note.AMENDMENT, enrollment.EPISODE, enrollment.LEVEL,
        enrollment.LEAVE,
        authorization.AUTHORIZATION, group.GROUP, group.SERIES, group.PLACE, group.FACILITATOR, group.SUBSTITUTE,
        enrollment.DIAGNOSIS, patient.PATIENT, patient.COVERAGE, patient.CONSENT, patient.GUARDIAN,
        organization.PROGRAM, organization.CLOSURE, organization.CLINICIAN, organization.SUPERVISOR,
        organization.CREDENTIAL, payer.PAYER, payer.WANTED,
    )  # fmt: skip
    handles = frozenset(HANDS)
    # Named so that one patient's history as of a moment knows the programs and their zones.
    makes: frozenset[str] = frozenset()
    references = frozenset(organization.APPLY_PROGRAM)
    sealed = patient.NAMED | organization.NAMED
    context = False
    document: type[msgspec.Struct] = Document
    reference: type[msgspec.Struct] = Reference

    def keys(self, recorded: Recorded) -> tuple[str, ...]:
        """The fact's own stream."""
        return (recorded.stream,)

    def apply(self, key: str, document: Any, recorded: Recorded) -> None:
        """Puts a fact into its stream's document."""
        body, hand = HANDS[recorded.name]
        if document.body is None:
            document.body = body()
        document.body.version = recorded.version
        hand(document.body, recorded)

    def parked(self, key: str, document: Any, position: int) -> Rows:
        """The last rows stay, as of the fact that stopped them."""
        return {}

    def settle(self, key: str, document: Any, reference: Any) -> Rows:
        """All rows of the stream: a document is small, so it is dirty as a whole."""
        return {} if document.body is None else SETTLE[type(document.body)](key, document.body)

    def entries(self, recorded: Recorded, rows: Rows) -> None:
        """Never called, because no fact makes rows by itself."""


MODEL = Caseload()
