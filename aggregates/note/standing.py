"""What an author's signature stands on, be it made in time or attested afterwards: the same rules for both.

The service was given, and to this patient; nobody else of the group is named in it, whoever came onto the roster since
it was written; the credential was active on its date, and the signer worked here; an associate has a supervisor; the
narrative that a part rests on was not struck. What the document still lacks, and whether the signer led the group, is
recorded and shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aggregates.enrollment.state import Episode
from aggregates.kit import Act, Seen
from aggregates.note.commands import AttestSignature, SignNote
from aggregates.note.drafting import must_have_come
from aggregates.note.figures import figures_of
from aggregates.note.members import must_name_nobody_else
from aggregates.note.refusals import (
    AnothersSignature,
    CredentialNotActive,
    EmptyDocument,
    NarrativeStruck,
    NotEmployed,
    ServiceNotOver,
    SignedOtherContent,
    SupervisorMissing,
)
from aggregates.note.state import Document, Signed, Struck
from aggregates.note.templates import PLANS, lacking, of_facilitators, unknown_goals
from aggregates.note.wanted import wanted_sections
from aggregates.session.state import Closed, Known
from aggregates.values import ClinicianId, Code, Date, Digest

OF_A_GROUP = frozenset({"group", "group_narrative"})


def standing(
    document: Document, command: SignNote | AttestSignature, act: Act, seen: Mapping[str, Seen]
) -> dict[str, Any]:
    """What a signature or an attestation records of its signer and of what it covers, by field.

    Raises ServiceNotOver, NotInTheGroup, IdentityOfAnother, CredentialNotActive, NotEmployed, SupervisorMissing.
    """
    session = seen["session"].state if "session" in seen else None
    _must_be_over(document, session, act)
    must_have_come(document.drafted, seen.get("session"))
    if not isinstance(document, Signed) and document.wording.said is not None:
        said, cause = document.wording.said, document.wording.identity_override
        must_name_nobody_else(said, document.patient_id, seen, cause)
    day, author = document.drafted.service_date, seen["clinician"].state
    credential = credential_of_giver(author, act.by, day)
    associate = author.is_associate_on(day)
    supervisor_id = author.supervisor_on(day) if associate else None
    alone = associate and supervisor_id is None
    if alone and command.override_cause is None:
        raise SupervisorMissing(clinician_id=act.by, service_date=day)
    leaders = led_by(session)
    return {
        "credential": credential, "credential_active": True,
        "override_cause": command.override_cause if alone else None, "needs_cosignature": associate,
        "supervisor_id": supervisor_id,
        "unready": _unready(document, leaders, seen), "incomplete_cause": command.incomplete_cause,
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


def credential_of(clinician: Any, clinician_id: ClinicianId, service_date: Date) -> Code:
    """The title that was active on the date of service, whatever the cause. Raises CredentialNotActive."""
    title: Code | None = clinician.credential_on(service_date)
    if title is None:
        raise CredentialNotActive(clinician_id=clinician_id, service_date=service_date)
    return title


def credential_of_giver(clinician: Any, clinician_id: ClinicianId, service_date: Date) -> Code:
    """The same of one who gave the service, and so worked here that day. Raises CredentialNotActive, NotEmployed."""
    title = credential_of(clinician, clinician_id, service_date)
    if not clinician.active_on(service_date):
        raise NotEmployed(clinician_id=clinician_id, service_date=service_date)
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


def led_by(session: Any) -> tuple[ClinicianId, ...]:
    """Who led the session, as it was started or closed; until then who is to."""
    if not isinstance(session, Known):
        return ()
    led: tuple[ClinicianId, ...] = getattr(session, "facilitators", ()) or session.plan.facilitators
    return led


def _unready(document: Document, leaders: tuple[ClinicianId, ...], seen: Mapping[str, Seen]) -> tuple[Code, ...]:
    """By name, the sections that are missing, be it to the patient's payer, empty, still say what the template said, or
    speak of a goal that the plan of care has not."""
    about, wording, form = document.drafted, document.wording, document.drafted.template_version
    asked = (*of_facilitators(about.kind, leaders), *wanted_sections(about, seen))
    missing = lacking(about.kind, wording.sections, bool(wording.goals), asked, form)
    strange = unknown_goals(about.kind, (*wording.sections, *asked), wording.goals, _planned(document, seen), form)
    return tuple(dict.fromkeys((*missing, *wording.untouched, *strange)))


def _planned(document: Document, seen: Mapping[str, Seen]) -> tuple[Code, ...] | None:
    """The goals of the plan of care in force on the day of service; None where there is none to be held to."""
    about = document.drafted
    episode = seen.get(f"enrollment:{about.enrollment_id}")
    if episode is None or about.kind in PLANS or not isinstance(episode.state, Episode):
        return None
    plan = episode.state.plan_on(about.service_date)
    return None if plan is None else plan.goals
