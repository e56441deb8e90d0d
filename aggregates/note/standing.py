"""What an author's signature stands on, be it made in time or attested afterwards: the same rules for both.

The service was given; the credential was active on its date; an associate has a supervisor; the narrative that a part
rests on was not struck. What the document still lacks, and whether the signer led the group, is recorded and shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aggregates.kit import Act, Seen
from aggregates.note.commands import AttestSignature, SignNote
from aggregates.note.figures import figures_of
from aggregates.note.refusals import (
    AnothersSignature,
    CredentialNotActive,
    EmptyDocument,
    NarrativeStruck,
    ServiceNotOver,
    SignedOtherContent,
    SupervisorMissing,
)
from aggregates.note.state import Document, Struck
from aggregates.note.templates import lacking, of_facilitators
from aggregates.session.state import Closed, Known
from aggregates.values import ClinicianId, Code, Date, Digest

OF_A_GROUP = frozenset({"group", "group_narrative"})


def standing(
    document: Document, command: SignNote | AttestSignature, act: Act, seen: Mapping[str, Seen]
) -> dict[str, Any]:
    """What a signature or an attestation records of its signer and of what it covers, by field.

    Raises ServiceNotOver, CredentialNotActive, SupervisorMissing.
    """
    session = seen["session"].state if "session" in seen else None
    _must_be_over(document, session, act)
    day, author = document.drafted.service_date, seen["clinician"].state
    credential = credential_of(author, act.by, day, command.override_cause)
    associate = author.is_associate_on(day)
    supervisor_id = author.supervisor_on(day) if associate else None
    if associate and supervisor_id is None and command.override_cause is None:
        raise SupervisorMissing(clinician_id=act.by, service_date=day)
    leaders = _facilitators(session)
    return {
        "credential": credential, "credential_active": credential is not None,
        "override_cause": command.override_cause, "needs_cosignature": associate, "supervisor_id": supervisor_id,
        "unready": _unready(document, leaders), "incomplete_cause": command.incomplete_cause,
        "facilitator": act.by in leaders if document.drafted.kind in OF_A_GROUP and leaders else None,
        "session": figures_of(document.drafted, session),
    }  # fmt: skip


def must_be_author(document: Document, act: Act) -> None:
    """Raises AnothersSignature for anybody else."""
    if act.by != document.author_id:
        raise AnothersSignature(signer_id=document.author_id)


def must_say(document: Document, meant: Digest | None) -> None:
    """There are words, and they are the ones that the signer means. Raises EmptyDocument, SignedOtherContent."""
    if not document.wording.sections:
        raise EmptyDocument()
    if meant not in (None, document.content_digest):
        raise SignedOtherContent(current=document.content_digest)


def credential_of(
    clinician: Any, clinician_id: ClinicianId, service_date: Date, override_cause: Code | None,
) -> Code | None:
    """The title that was active on the date of service; None only with a cause. Raises CredentialNotActive."""
    title: Code | None = clinician.credential_on(service_date)
    if title is None and override_cause is None:
        raise CredentialNotActive(clinician_id=clinician_id, service_date=service_date)
    return title


def narrative_digest(document: Document, seen: Mapping[str, Seen]) -> Digest | None:
    """What the narrative says at this moment, signed or not. Raises NarrativeStruck."""
    narrative = seen["narrative"].state if document.drafted.narrative_id is not None else None
    if isinstance(narrative, Struck):
        raise NarrativeStruck(narrative_id=document.drafted.narrative_id)
    return narrative.content_digest if isinstance(narrative, Document) else None


def _must_be_over(document: Document, session: Any, act: Act) -> None:
    """A service is over when its session was closed, or when its planned end is past."""
    if isinstance(session, Known) and not isinstance(session, Closed) and act.now < session.plan.ends_at:
        raise ServiceNotOver(session_id=document.drafted.session_id, until=session.plan.ends_at)


def _facilitators(session: Any) -> tuple[ClinicianId, ...]:
    """Who led the session, or was to."""
    if not isinstance(session, Known):
        return ()
    led: tuple[ClinicianId, ...] = getattr(session, "facilitators", ()) or session.plan.facilitators
    return led


def _unready(document: Document, leaders: tuple[ClinicianId, ...]) -> tuple[Code, ...]:
    """By name, the sections that are missing, empty or still say what the template said."""
    kind, wording = document.drafted.kind, document.wording
    missing = lacking(kind, wording.sections, bool(wording.goals), of_facilitators(kind, leaders))
    return tuple(dict.fromkeys((*missing, *wording.untouched)))
