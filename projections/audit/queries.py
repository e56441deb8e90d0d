"""Questions to the audit trail. Entries never change, so `upto` (a position) answers as of any moment.

Scope: `programs` are those the caller may see; entries without a program (of patients, clinicians, policies)
are the organization's and only shown with `organization_wide`, which the gate grants to auditors, privacy officers and
directors. Late means recorded more than `late_after_seconds` after it was true, or after the end of the day on which
it was done; nothing about it is stored but the delay.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any, LiteralString, NamedTuple

from psycopg import Cursor, sql

from iop_es.engine.statements import named
from projections.audit.views import Count, CountedBy, Entry

DAY_IN_SECONDS = 86_400
_SCOPE = "(s.program_id = ANY(%(programs)s) OR (%(organization_wide)s AND s.program_id IS NULL))"
_FROM = "FROM entry e LEFT JOIN thing_program s ON s.thing = e.thing"
_COUNTING = "FROM entry e LEFT JOIN (SELECT * FROM thing_program OFFSET 0) s ON s.thing = e.thing"
"""Counts go through most entries, so that the programs are read once instead of one by one: the planner, who takes the
wall around the entries for dearer than it is, sees no difference between the two."""
_LATE = "e.delay_seconds > %(late_after_seconds)s"
_COLUMNS = """
    e.position, e.recorded_at, e.occurred_at, e.done_on, e.delay_seconds,
    e.delay_seconds > %(late_after_seconds)s AS late, e.actor, e.role, e.on_behalf_of, e.name,
    e.kind, e.words, e.reason, e.request, e.command_id, e.stream::text AS stream, e.version, s.program_id,
    ARRAY(SELECT p.patient_id::text FROM entry_patient p WHERE p.position = e.position
          AND (%(patient_id)s::uuid IS NULL OR p.patient_id = %(patient_id)s) ORDER BY p.patient_id) AS patient_ids
"""
_CONDITIONS = {
    "actor": "(e.actor = %(actor)s OR e.on_behalf_of = %(actor)s)",
    "patient_id": "e.position IN (SELECT p.position FROM entry_patient p WHERE p.patient_id = %(patient_id)s::uuid)",
    "program_id": "s.program_id = %(program_id)s",
    "stream": "e.stream = %(stream)s::uuid",
    "kinds": "e.kind = ANY(%(kinds)s)",
    "names": "e.name = ANY(%(names)s)",
    "recorded_from": "e.recorded_at >= %(recorded_from)s",
    "recorded_before": "e.recorded_at < %(recorded_before)s",
    "occurred_from": "e.occurred_at >= %(occurred_from)s",
    "occurred_before": "e.occurred_at < %(occurred_before)s",
    "late_only": _LATE,
    "upto": "e.position <= %(upto)s",
    "above": "e.position > %(above)s",
}
_COUNTED = {
    "kind": "e.kind", "actor": "e.actor", "role": "e.role", "name": "e.name", "day": "left(e.recorded_at, 10)",
    "program": "s.program_id",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which entries are asked for; what is left out does not narrow. Instants are UTC text; `before` is exclusive.

    `actor` also finds what others did on that person's behalf; `above` is the last position to be left out, `upto` the
    last to be taken in.
    """

    actor: str | None = None
    patient_id: str | None = None
    program_id: str | None = None
    stream: str | None = None
    kinds: Sequence[str] | None = None
    names: Sequence[str] | None = None
    recorded_from: str | None = None
    recorded_before: str | None = None
    occurred_from: str | None = None
    occurred_before: str | None = None
    late_only: bool = False
    upto: int | None = None
    above: int | None = None

    def given(self) -> Iterator[tuple[str, Any]]:
        """The names and values that narrow."""
        for field in fields(self):
            value = getattr(self, field.name)
            if value is not None and value is not False:
                yield field.name, list(value) if field.name in ("kinds", "names") else value


ALL = Filter()


class Tally(NamedTuple):
    """How many entries of programs share a value, and how many of them are late; or one entry that has to be looked at
    by itself (of no program, or of a broken glass), which has its position, its name and its program."""

    value: str | None
    position: int | None
    name: str | None
    program_id: str | None
    entries: int
    late: int


class Apart(NamedTuple):
    """An entry to look at by itself, with those whose record it belongs to; of one patient if one was asked for."""

    position: int
    name: str
    program_id: str | None
    patient_ids: Sequence[str]


def trail(
    cursor: Cursor[Any],
    *,
    programs: Sequence[str],
    now: str,  # noqa: ARG001 - every query is given it; an entry says the same at any time
    wanted: Filter = ALL,
    organization_wide: bool = False,
    late_after_seconds: int = DAY_IN_SECONDS,
    after: str | None = None,
    limit: int = 50,
) -> list[Entry]:
    """Entries, newest first; `after` is the position of the last entry of the page before.

    Raises ValueError for a cursor that is no position.
    """
    extra = [] if after is None else ["e.position < %(after)s"]
    query = _query(f"SELECT {_COLUMNS} {_FROM}", wanted, extra, "ORDER BY e.position DESC LIMIT %(limit)s")
    parameters = _parameters(wanted, programs, organization_wide, late_after_seconds)
    return _entries(cursor, query, parameters | {"after": _position(after), "limit": limit})


def onward(
    cursor: Cursor[Any],
    *,
    programs: Sequence[str],
    now: str,  # noqa: ARG001 - every query is given it; an entry says the same at any time
    wanted: Filter = ALL,
    organization_wide: bool = False,
    late_after_seconds: int = DAY_IN_SECONDS,
    limit: int | None = None,
) -> list[Entry]:
    """Entries, oldest first; without a limit all of them."""
    query = _query(f"SELECT {_COLUMNS} {_FROM}", wanted, [], "ORDER BY e.position LIMIT %(limit)s")
    parameters = _parameters(wanted, programs, organization_wide, late_after_seconds)
    return _entries(cursor, query, parameters | {"limit": limit})


def history(
    cursor: Cursor[Any],
    *,
    programs: Sequence[str],
    now: str,  # noqa: ARG001 - every query is given it; an entry says the same at any time
    stream: str,
    upto: int | None = None,
    organization_wide: bool = False,
    late_after_seconds: int = DAY_IN_SECONDS,
) -> list[Entry]:
    """Everything that happened to one thing, oldest first, as known at position `upto` (None: today)."""
    wanted = Filter(stream=stream, upto=upto)
    query = _query(f"SELECT {_COLUMNS} {_FROM}", wanted, [], "ORDER BY e.version")
    return _entries(cursor, query, _parameters(wanted, programs, organization_wide, late_after_seconds))


def counts(cursor: Cursor[Any], **given: Any) -> list[Count]:
    """How many entries there are by kind, actor, role, name, UTC day of recording, or program, of all that `tallies`
    finds."""
    return summed(tallies(cursor, **given))


def tallies(
    cursor: Cursor[Any],
    *,
    programs: Sequence[str],
    now: str,  # noqa: ARG001 - every query is given it; an entry says the same at any time
    by: CountedBy,
    wanted: Filter = ALL,
    organization_wide: bool = False,
    late_after_seconds: int = DAY_IN_SECONDS,
) -> list[Tally]:
    """The same before they are added up, so that whoever counts can leave out entries that stand apart."""
    value, own = _COUNTED[by], "CASE WHEN s.program_id IS NULL OR e.kind = 'break_glass' THEN {} END"
    select = (
        f"SELECT {value}, {own.format('e.position')}, {own.format('e.name')}, {own.format('s.program_id')},"
        f" count(*), count(*) FILTER (WHERE {_LATE}) {_COUNTING}"
    )
    query = _query(select, wanted, [], "GROUP BY 1, 2, 3, 4")
    cursor.execute(query, _parameters(wanted, programs, organization_wide, late_after_seconds))
    return [Tally(*row) for row in cursor]


def apart(cursor: Cursor[Any], found: Iterable[Tally], patient_id: str | None) -> list[Apart]:
    """Those among what was found that have to be looked at by themselves."""
    alone = {one.position: one for one in found if one.position is not None}
    cursor.execute(
        "SELECT w.position, ARRAY(SELECT p.patient_id::text FROM entry_patient p WHERE p.position = w.position"
        " AND (%(patient_id)s::uuid IS NULL OR p.patient_id = %(patient_id)s))"
        " FROM unnest(%(positions)s::bigint[]) AS w (position)",
        {"positions": list(alone), "patient_id": patient_id},
    )
    return [Apart(at, alone[at].name or "", alone[at].program_id, patients) for at, patients in cursor]


def summed(found: Iterable[Tally]) -> list[Count]:
    """The counts of what was found, in order of the value; what has none comes last."""
    sums: dict[str | None, tuple[int, int]] = {}
    for one in found:
        entries, late = sums.get(one.value, (0, 0))
        sums[one.value] = entries + one.entries, late + one.late
    ordered = sorted(sums.items(), key=lambda each: (each[0] is None, each[0]))
    return [Count(value=value, entries=entries, late=late) for value, (entries, late) in ordered]


def acted(
    cursor: Cursor[Any],
    *,
    programs: Sequence[str],
    now: str,  # noqa: ARG001 - every query is given it; an entry says the same at any time
    actor: str,
    role: str | None = None,
    organization_wide: bool = False,
) -> bool:
    """Whether a person did something in one of these programs, or beside them for the organization; in a role, if one
    is named. What others did on their behalf does not count."""
    cursor.execute(
        f"SELECT EXISTS (SELECT {_FROM} WHERE e.actor = %(actor)s"
        f" AND (%(role)s::text IS NULL OR e.role = %(role)s) AND {_SCOPE})",
        {"actor": actor, "role": role, "programs": list(programs), "organization_wide": organization_wide},
    )
    return bool((cursor.fetchone() or (False,))[0])


def _query(select: LiteralString, wanted: Filter, extra: Sequence[LiteralString], tail: LiteralString) -> sql.SQL:
    conditions = [_SCOPE, *(_CONDITIONS[name] for name, _ in wanted.given()), *extra]
    text = f"{select} WHERE {' AND '.join(conditions)} {tail}"
    return sql.SQL(text)


def _parameters(wanted: Filter, programs: Sequence[str], wide: bool, late_after_seconds: int) -> dict[str, Any]:
    scope = {"programs": list(programs), "organization_wide": wide, "late_after_seconds": late_after_seconds}
    return {"patient_id": None} | dict(wanted.given()) | scope


def _position(after: str | None) -> int | None:
    if after is not None and not after.isdecimal():
        raise ValueError("A cursor of the audit trail is the position of the last entry that was seen.")
    return None if after is None else int(after)


def _entries(cursor: Cursor[Any], query: sql.SQL, parameters: dict[str, Any]) -> list[Entry]:
    cursor.execute(query, parameters)
    return [Entry(**row) for row in named(cursor)]
