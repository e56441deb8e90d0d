"""Is the day documented: a note for every session that is billed, signed in time by someone who could sign?

A daily note documents every session of its day and episode that has no note of its own, or one that was struck; where
the payer wants a note a day, only that does. The payer's window, in hours or in business days (see
`payer_policy.windows`), and its consequence for a late signature are for the author's signature, under the note and
under the narrative that it rests on; the window runs from the end of the service, and a signature at its last moment is
in time.
Until it closes a missing signature keeps the day waiting, afterwards it holds it. No source says what a payer makes
of a cosignature after the window, so two things are our conventions, unverified: one that is still missing then holds
the day like the author's, and one that came late is a warning, whatever the consequence for the author.

Whether the signer's credential was active is asked of the credential's periods as they are known now, so that a lapse
recorded later counts; only for a signer whose credentials are not recorded does the signature's own mark.
"""

from __future__ import annotations

from collections.abc import Iterator

from aggregates.payer_policy.windows import closed_in, signature_due_at
from projections.billing.day import Case, Outcome
from projections.billing.documents import Note, Visit
from projections.billing.rules.payer import covers

About = dict[str, int | str]  # which session, whose note


def ask(case: Case) -> None:
    """The documentation of each session that is billed."""
    daily = [note for note in case.notes if note.kind == "daily"]
    by_day = case.term("note_basis") == "day"
    for session, visit in case.documented:
        own = [note for note in case.notes if note.session_id == session and note.kind != "group_narrative"]
        _session(case, visit, daily if by_day or (daily and all(note.in_error for note in own)) else own)
        _facilitators(case, session, visit)


def _session(case: Case, visit: Visit, notes: list[Note]) -> None:
    about: About = {"service": visit.kind}
    if visit.starts_at:
        about["starts_at"] = visit.starts_at
    due_at = _due_at(case, visit)
    standing = [note for note in notes if not note.in_error]
    if not standing:
        code = "note_in_error" if notes else "note_missing"
        positions = [one for note in notes for one in note.positions] or visit.positions
        case.say("note", "waiting", code, positions, due_at, about, minutes=visit.minutes)
        return
    note = min(standing, key=_readiness)
    if note.author_id:
        about["author_id"] = note.author_id
    if note.signed_at is None:
        code = "note_returned" if note.returned else "note_unsigned"
        case.say("note", "waiting", code, note.positions, due_at, about)
        return
    case.say("note", positions=note.positions, about=about, signed_at=note.signed_at)
    _narrative(case, note, due_at, about)
    _lateness(case, note, due_at, about)
    _narrative_lateness(case, note, due_at, about)
    _cosignature(case, note, due_at, about)
    _credentials(case, note, about)


def _due_at(case: Case, visit: Visit) -> str | None:
    """The last moment at which a signature is in time; None where the payer sets no window, or no end is known."""
    case.term("signature_hours")
    case.term("signature_business_days")
    if not visit.ended_at:
        return None
    closed = closed_in((one.on, one.through or one.on) for one in case.program.closures)
    return signature_due_at(case.terms, visit.ended_at, case.program.time_zone, closed)


def _window(case: Case, note: Note, due_at: str) -> tuple[list[int], About]:
    """How long the payer waits, and the facts that tell it: of business days also the closures that lie in them."""
    days = case.terms.signature_business_days
    if days is None:
        return note.positions, {"hours": case.terms.signature_hours or 0}
    told = [one for one in case.program.closures if case.date <= (one.through or one.on) and one.on <= due_at[:10]]
    return [*note.positions, *(position for one in told for position in one.positions)], {"business_days": days}


def _readiness(note: Note) -> tuple[bool, bool, str]:
    """The note that documents best comes first: signed, cosigned where needed, earliest."""
    return (note.signed_at is None, note.needs_cosignature and note.cosigned_at is None, note.signed_at or "")


def _narrative(case: Case, note: Note, due_at: str | None, about: About) -> None:
    narrative = case.patient.notes.get(note.narrative_id or "")
    if narrative is not None and (narrative.signed_at is None or narrative.in_error):
        if narrative.in_error:
            about, code = about | _whose(note.signer_id), "narrative_in_error"
        else:
            about, code = about | _whose(narrative.author_id), "narrative_unsigned"
        case.say("narrative", "waiting", code, [*narrative.positions, *note.positions], due_at, about)


def _narrative_lateness(case: Case, note: Note, due_at: str | None, about: About) -> None:
    """A narrative is signed in time like a part, by this patient's payer: without it the part says half of it."""
    narrative = case.patient.notes.get(note.narrative_id or "")
    if narrative is not None and narrative.signed_at is not None and not narrative.in_error:
        whose = {"author_id": narrative.author_id} if narrative.author_id else {}
        _lateness(case, narrative, due_at, about | whose | {"document": "narrative"})


def _whose(clinician_id: str | None) -> About:
    """Who is to act, where that is another one than the note's author."""
    return {"clinician_id": clinician_id} if clinician_id else {}


def _lateness(case: Case, note: Note, due_at: str | None, about: About) -> None:
    consequence, signed_at = case.term("late_signature"), note.signed_at or ""
    if due_at is None or consequence == "none" or signed_at <= due_at:
        return
    if consequence == "attestation":
        _attestation(case, note, about, due_at)
        return
    outcome: Outcome = "held" if consequence == "hold" else "warning"
    about = about | ({"late_reason": note.late_reason} if note.late_reason else {})
    positions, window = _window(case, note, due_at)
    case.say(
        "signature_window", outcome, "signature_late", positions, about=about | window, signed_at=signed_at,
        closed_at=due_at,
    )


def _attestation(case: Case, note: Note, about: About, closed_at: str) -> None:
    """A late signature counts once its author has attested it (CMS: the author alone may)."""
    numbers: About = {"signed_at": note.signed_at or "", "closed_at": closed_at}
    if note.attested:
        case.say("attestation", positions=note.positions, about=about | numbers)
    else:
        case.say("attestation", "held", "attestation_missing", note.positions, about=about | numbers)


def _facilitators(case: Case, session: str, visit: Visit) -> None:
    """Where the payer wants it, each of several facilitators of a group has signed, as author or beside the author: a
    note or the shared narrative."""
    consequence = case.term("every_facilitator_signs")
    if consequence == "none" or visit.kind != "group" or len(visit.facilitators) < 2:  # one alone is the author
        return
    notes = [note for note in case.notes if note.session_id == session and not note.in_error and note.signed_at]
    notes.sort(key=lambda note: note.kind != "group_narrative")  # what all share first: it is one for everybody
    missing = sorted(set(visit.facilitators) - {one for note in notes for one in (note.signer_id, *note.facilitators)})
    positions = [position for note in notes for position in note.positions] or visit.positions
    if not missing:
        case.say("facilitators", positions=positions, facilitators=len(visit.facilitators))
        return
    due_at = _due_at(case, visit)
    outcome: Outcome = "waiting" if consequence == "hold" else "warning"
    case.say(
        "facilitators", outcome, "facilitator_signature_missing", positions, due_at if outcome == "waiting" else None,
        {"service": visit.kind}, missing=", ".join(missing),
    )  # fmt: skip


def _cosignature(case: Case, note: Note, due_at: str | None, about: About) -> None:
    if not note.needs_cosignature or not case.term("cosignature_required"):
        return
    if note.cosigned_at is None:
        about = about | _whose(note.supervisor_id)
        case.say("cosignature", "waiting", "cosignature_missing", note.positions, due_at, about)
    elif due_at is not None and note.cosigned_at > due_at:
        case.say(
            "cosignature", "warning", "cosigned_late", note.positions, about=about, signed_at=note.signed_at or "",
            cosigned_at=note.cosigned_at, closed_at=due_at,
        )
    else:
        case.say("cosignature", positions=note.positions, cosigned_at=note.cosigned_at)


def _credentials(case: Case, note: Note, about: About) -> None:
    _accepted(case, note, about)
    if not case.term("credential_required"):
        return
    for active, positions in _signers(case, note):
        if active:
            case.say("credential", positions=positions)
        else:
            case.say("credential", "held", "credential_not_active_on_service_date", positions, about=about)
            return


def _accepted(case: Case, note: Note, about: About) -> None:
    """Where the payer credentials clinicians itself, it has accepted the one who signed, on the day of service."""
    if not case.term("credentialing_required"):
        return
    clinician = case.reference.clinicians.get(note.signer_id or "")
    periods = [one for one in (clinician.accepted if clinician else []) if one.value == case.payer_id]
    covering = [one for one in periods if covers(one, case.date)]
    told = [position for one in covering or periods for position in one.positions]
    if covering:
        case.say("payer_credentialing", positions=told)
    else:
        case.say("payer_credentialing", "held", "not_credentialed_with_payer", told or note.positions, about=about)


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
