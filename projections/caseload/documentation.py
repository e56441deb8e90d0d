"""What is missing of the documentation: over all that waits for somebody, and session by session."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from psycopg import Cursor

from aggregates.note.templates import lacking, of_facilitators
from projections.caseload.deadlines import Deadline, Deadlines, attended, deadlines, earliest
from projections.caseload.fold import minutes_between
from projections.caseload.statements import ask
from projections.caseload.views import DocumentTask, PartView, SessionDocumentation

WORDED = ("sections", "names_goal", "untouched", "template_version")
"""What the names of a document's sections tell of its words."""
UNDONE = frozenset({"none", "draft", "returned", "awaiting_cosignature"})


def documents(
    cursor: Cursor[Any],
    *,
    programs: Sequence[str],
    now: str,
    person: str | None = None,
    after: str | None = None,
    limit: int = 100,
) -> list[DocumentTask]:
    """Documents that wait, oldest service first: a person's own, or everybody's.

    One's own are drafts and returned documents, cosignatures as supervisor, signatures beside the author for a group
    that one led where a payer wants them, late signatures that the payer wants to be attested, parts whose narrative
    was struck, plans that the patient has not answered to, attended services of closed sessions one led that nobody has
    written about, and sessions one leads that nobody closed though their planned end is past: due as if they had ended
    then. A document of the whole day (kind `daily`) covers each service of it.
    """
    tasks: list[DocumentTask] = []
    while len(tasks) < limit:
        found = ask(cursor, "documents", programs=list(programs), person=person, now=now, after=after, limit=limit)
        tasks += _tasks(cursor, found, now)
        if len(found) < limit:
            break
        after = found[-1]["cursor"]
    return tasks[:limit]


def _tasks(cursor: Cursor[Any], found: list[dict[str, Any]], now: str) -> list[DocumentTask]:
    """What is asked of the documents found; of a signature that was in time by business days, nothing."""
    shared = [row["session_id"] for row in found if row["patient_id"] is None and row["session_id"] is not None]
    rosters = attended(cursor, shared) if shared else {}
    people = [
        row["patients"] or (rosters.get(row["session_id"], []) if row["patient_id"] is None else [row["patient_id"]])
        for row in found
    ]
    about = {(one, str(row["service_date"])) for row, own in zip(found, people, strict=True) for one in own}
    known = deadlines(cursor, (row["program_id"] for row in found), about)
    tasks = (_task(dict(row), own, known, now) for row, own in zip(found, people, strict=True))
    return [one for one in tasks if one is not None]


def _task(row: dict[str, Any], people: list[str], known: Deadlines, now: str) -> DocumentTask | None:
    ended, day, signed_at = row.pop("session_ended_at"), str(row["service_date"]), row.pop("signed_at")
    row.pop("patients")
    worded, leaders = {name: row.pop(name) for name in WORDED}, row.pop("facilitators")
    due = Deadline()
    if row["task"] != "patient_sign":
        due = known.due(row["program_id"], people, day, ended or row["service_ended_at"])
    if row["task"] == "attest" and (due.at is None or signed_at <= due.at):
        return None
    missing: tuple[str, ...] = ()
    if worded["sections"] is not None:
        required = (*of_facilitators(row["kind"], leaders or ()), *known.sections(row["patient_id"], day))
        missing = _missing(row["kind"], worded, required)
    return DocumentTask(
        **row, age_minutes=minutes_between(row["service_ended_at"], now), due_at=due.at,
        due_unverified=due.unverified, overdue=due.at is not None and due.at < now, missing=missing,
    )


def documentation(
    cursor: Cursor[Any], *, programs: Sequence[str], now: str, on: str | None = None, clinician: str | None = None,
    after: str | None = None, limit: int = 100,
) -> list[SessionDocumentation]:  # fmt: skip
    """The sessions of a day (None: today) that are closed or should be, of one clinician if asked, with what is missing
    of each."""
    found = ask(
        cursor, "closed_sessions", programs=list(programs), now=now, on=on, clinician=clinician, session_id=None,
        after=after, limit=limit,
    )
    return _documented(cursor, found, now)


def documentation_of(
    cursor: Cursor[Any], *, programs: Sequence[str], now: str, session_id: str
) -> SessionDocumentation | None:
    """The same of one session; None if there is none in these programs that is closed or should be."""
    found = ask(
        cursor, "closed_sessions", programs=list(programs), now=now, on=None, clinician=None, session_id=session_id,
        after=None, limit=1,
    )
    return next(iter(_documented(cursor, found, now)), None)


def _documented(cursor: Cursor[Any], sessions: list[dict[str, Any]], now: str) -> list[SessionDocumentation]:
    ids = [one["session_id"] for one in sessions]
    parts: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in ask(cursor, "parts", sessions=ids, now=now):
        parts[row.pop("session_id")].append(row)
    shared = {row.pop("session_id"): row for row in ask(cursor, "narratives", sessions=ids, now=now)}
    about = {(row["patient_id"], str(one["service_date"])) for one in sessions for row in parts[one["session_id"]]}
    known = deadlines(cursor, (one["program_id"] for one in sessions), about)
    return [
        _session(one, parts[one["session_id"]], shared.get(one["session_id"]), known, now) for one in sessions
    ]


def _session(
    session: dict[str, Any], rows: list[dict[str, Any]], shared: dict[str, Any] | None, known: Deadlines, now: str
) -> SessionDocumentation:
    parts = tuple(_part(session, row, [row["patient_id"]], known, now) for row in rows)
    narrative = None
    if shared is not None or (session["service_kind"] == "group" and any(one.kind in {None, "group"} for one in parts)):
        narrative = _part(session, shared or _nothing(), [row["patient_id"] for row in rows], known, now)
    undone = [one for one in (*parts, *([narrative] if narrative else [])) if one.state in UNDONE]
    owing = _owing(session, rows, shared, known)
    day, found = str(session["service_date"]), [Deadline(one.due_at, one.due_unverified) for one in undone]
    found += [known.due(session["program_id"], people, day, session["ended_at"]) for people in owing.values()]
    due = earliest(found)
    return SessionDocumentation(
        **session, narrative=narrative, parts=parts, undone=len(undone), unsigned_facilitators=tuple(owing),
        due_at=due.at, due_unverified=due.unverified,
    )


def _owing(
    session: dict[str, Any], rows: list[dict[str, Any]], shared: dict[str, Any] | None, known: Deadlines
) -> dict[str, list[str]]:
    """Whose signature payers want beside the author's and lack, each with the patients whose payers do; as billing
    asks it of a day."""
    leaders, day = session["facilitators"], str(session["service_date"])
    if not session["closed"] or session["service_kind"] != "group" or len(leaders) < 2:
        return {}
    wanting = [row for row in rows if known.wants_all(row["patient_id"], day)]
    shown = _signers(shared)
    lacking = {who: [row["patient_id"] for row in wanting if who not in shown | _signers(row)] for who in leaders}
    return {who: patients for who, patients in lacking.items() if patients}


def _signers(document: dict[str, Any] | None) -> set[str]:
    """Who signed a document as its author or beside the author; nobody while it is not signed."""
    if document is None or document["state"] not in {"signed", "awaiting_cosignature"}:
        return set()
    return {document["author_id"], *document["facilitators"]}


def _nothing() -> dict[str, Any]:
    return dict.fromkeys(("note_id", "kind", "state", "author_id", "facilitators", "supervisor_id", *WORDED))


def _missing(kind: Any, worded: dict[str, Any], required: Sequence[str]) -> tuple[str, ...]:
    """The sections that a draft lacks, and those that still say what its template does."""
    sections, form = worded["sections"], worded["template_version"]
    found = lacking(kind, sections, worded["names_goal"], required, form)
    return tuple(dict.fromkeys((*found, *worded["untouched"])))


def _part(
    session: dict[str, Any], row: dict[str, Any], people: list[str], known: Deadlines, now: str
) -> PartView:
    state: Any = row["state"] or "none"
    day = str(session["service_date"])
    due = known.due(session["program_id"], people, day, session["ended_at"])
    missing: tuple[str, ...] = ()
    if state in {"draft", "returned"}:
        required = of_facilitators(row["kind"], session["facilitators"])
        missing = _missing(row["kind"], row, (*required, *known.sections(row.get("patient_id"), day)))
    owners = {
        "none": session["facilitators"], "draft": [row["author_id"]], "returned": [row["author_id"]],
        "awaiting_cosignature": [row["supervisor_id"]],
    }.get(state, [])
    return PartView(
        patient_id=row.get("patient_id"), attendance_id=row.get("attendance_id"), note_id=row["note_id"],
        kind=row["kind"], state=state, missing=missing, people=tuple(one for one in owners if one is not None),
        due_at=due.at, due_unverified=due.unverified,
        overdue=state in UNDONE and due.at is not None and due.at < now,
    )
