"""What a read needs inside its transaction: the reader's scope, the active schema, and the record of what was read.

The record stands in the same transaction as the read, so that nothing can be answered that was not written down.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from typing import Any, NamedTuple

import psycopg
from psycopg import Cursor, sql

from iop_es.engine.connections import Pool, acting_as, persist
from iop_es.engine.errors import ReadNotRecorded
from iop_es.engine.reader import Head
from iop_es.engine.readmodel.model import ReadModel

SOON_WAITS, SOON_SECONDS = (0.0, 0.1), 1.0
"""How often and how long to try for whoever asks how things stand: a probe that waits has its answer already."""

AUDIT = "iop_audit"
"""The role that reads who read what."""

_INSTANT = 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'


@dataclass(frozen=True, slots=True)
class Read:
    """One entry of the access log; `actor` and `patients` are uuid text."""

    actor: str
    role: str
    purpose: str
    resource: str
    patients: list[str]
    request: str | None
    rows: int
    outcome: str
    grant_id: str | None = None


class ReadEntry(NamedTuple):
    """One entry of the access log as it is read back; `at` is UTC text."""

    id: int
    at: str
    actor: str
    role: str
    purpose: str
    resource: str
    request: str | None
    outcome: str
    grant_id: str | None = None
    patients: tuple[str, ...] = ()


class ModelStanding(NamedTuple):
    """How a read model stands: `seconds_behind` is the age of the first fact that it does not show, 0.0 if it shows
    all; `parked` counts patients; `holder` is who holds its lease, until `lease_ends` (UTC text), if anybody does."""

    version: int
    schema: str
    position: int
    facts_behind: int
    seconds_behind: float
    parked: int
    holder: str | None
    lease_ends: str | None

    @property
    def held(self) -> bool:
        """Whether a projector holds its lease."""
        return self.holder is not None


def set_scope(cursor: Cursor[Any], **scope: str) -> None:
    """Tells the database, for this transaction, who reads: each value is the setting `iop.<name>`."""
    calls = sql.SQL(", ").join([sql.SQL("set_config(%s, %s, true)")] * len(scope))
    values = [text for name, value in scope.items() for text in (f"iop.{name}", value)]
    cursor.execute(sql.SQL("SELECT {}").format(calls), values)


def enter(cursor: Cursor[Any], log_schema: str, model: ReadModel) -> tuple[int, str] | None:
    """Names in this transaction mean the active tables of a read model's version from here on.

    Until the transaction ends nobody drops them. Answers its position and what counts as now (in a simulation the log's
    own time), or None if it was never built.
    """
    query = sql.SQL(
        "SELECT r.schema, r.position, pg_advisory_xact_lock_shared(hashtextextended(r.schema, 0)),"
        " to_char(CASE WHEN h.simulation THEN h.recorded_at ELSE clock_timestamp() END"
        " AT TIME ZONE 'UTC', %s) FROM {0}.read_model r"
        " CROSS JOIN {0}.log_head h WHERE r.name = %s AND r.version = %s AND r.active"
    ).format(sql.Identifier(log_schema))
    row = cursor.execute(query, (_INSTANT, model.name, model.version)).fetchone()
    if row is None:
        return None
    cursor.execute(sql.SQL("SET LOCAL search_path = {}").format(sql.Identifier(row[0])))
    return int(row[1]), str(row[3])


def record_read(cursor: Cursor[Any], log_schema: str, *reads: Read) -> None:
    """Writes the reads down, at least one, in one statement. Raises ReadNotRecorded; the transaction must not answer
    then."""
    row = sql.SQL("(%s, %s, %s, %s, %s::uuid[], %s, %s, %s, %s)")
    query = sql.SQL(
        "INSERT INTO {}.access_log (actor, role, purpose, resource, patients, request, rows, outcome, grant_id)"
        " VALUES {}"
    ).format(sql.Identifier(log_schema), sql.SQL(", ").join([row] * len(reads)))
    try:
        cursor.execute(query, [value for one in reads for value in astuple(one)])
    except psycopg.Error as error:
        if cursor.connection.closed:
            raise
        raise ReadNotRecorded from error


def reads_of(cursor: Cursor[Any], log_schema: str, patient: str, before: int | None, limit: int) -> list[ReadEntry]:
    """Who read of one patient, latest first; `before` is the id of the last entry of the page before."""
    query = sql.SQL(
        "SELECT id, to_char(at AT TIME ZONE 'UTC', %s), actor::text, role, purpose, resource, request, outcome,"
        " grant_id::text FROM {}.access_log WHERE patients @> ARRAY[%s::uuid]"
        " AND (%s::bigint IS NULL OR id < %s::bigint) ORDER BY id DESC LIMIT %s"
    ).format(sql.Identifier(log_schema))
    with acting_as(cursor, AUDIT):
        rows = cursor.execute(query, (_INSTANT, patient, before, before, limit)).fetchall()
    return [ReadEntry(*row) for row in rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadFilter:
    """Which entries are wanted; what is left out does not narrow. `before` is exclusive, `upto` an entry's number."""

    actor: str | None = None
    patient: str | None = None
    recorded_from: str | None = None
    recorded_before: str | None = None
    upto: int | None = None


def last_read(cursor: Cursor[Any], log_schema: str) -> int:
    """The number of the latest entry; 0 for none."""
    query = sql.SQL("SELECT coalesce(max(id), 0) FROM {}.access_log").format(sql.Identifier(log_schema))
    with acting_as(cursor, AUDIT):
        return int(cursor.execute(query).fetchall()[0][0])


def reads_onward(
    cursor: Cursor[Any], log_schema: str, wanted: ReadFilter, after: int, limit: int
) -> list[ReadEntry]:
    """Who read what of whom, the first read first, after the number of the last entry of the page before."""
    query = sql.SQL(
        "SELECT id, to_char(at AT TIME ZONE 'UTC', %(form)s), actor::text, role, purpose, resource, request, outcome,"
        " grant_id::text, ARRAY(SELECT p::text FROM unnest(patients) p ORDER BY p)"
        " FROM {}.access_log WHERE id > %(after)s AND (%(upto)s::bigint IS NULL OR id <= %(upto)s)"
        " AND (%(actor)s::uuid IS NULL OR actor = %(actor)s::uuid)"
        " AND (%(patient)s::uuid IS NULL OR patients @> ARRAY[%(patient)s::uuid])"
        " AND (%(first)s::timestamptz IS NULL OR at >= %(first)s::timestamptz)"
        " AND (%(before)s::timestamptz IS NULL OR at < %(before)s::timestamptz) ORDER BY id LIMIT %(limit)s"
    ).format(sql.Identifier(log_schema))
    given = {
        "form": _INSTANT, "after": after, "limit": limit, "upto": wanted.upto,
        "actor": wanted.actor, "patient": wanted.patient, "first": wanted.recorded_from,
        "before": wanted.recorded_before,
    }  # fmt: skip
    with acting_as(cursor, AUDIT):
        rows = cursor.execute(query, given).fetchall()
    return [ReadEntry(*row)._replace(patients=tuple(row[-1])) for row in rows]


def reads_under(cursor: Cursor[Any], log_schema: str, grants: Sequence[str]) -> dict[str, list[ReadEntry]]:
    """What was read under each of these grants, the first read first."""
    query = sql.SQL(
        "SELECT grant_id::text, id, to_char(at AT TIME ZONE 'UTC', %s), actor::text, role, purpose, resource, request,"
        " outcome FROM {}.access_log WHERE grant_id = ANY(%s::uuid[]) ORDER BY id"
    ).format(sql.Identifier(log_schema))
    found: dict[str, list[ReadEntry]] = {}
    with acting_as(cursor, AUDIT):
        rows = cursor.execute(query, (_INSTANT, list(grants))).fetchall()
    for grant, *row in rows:
        found.setdefault(grant, []).append(ReadEntry(*row))
    return found


def positions(pool: Pool, log_schema: str, models: Iterable[ReadModel]) -> dict[str, int]:
    """How far each read model of this release has come; one that is not built is left out."""
    query = sql.SQL("SELECT name, version, position FROM {}.read_model WHERE active").format(sql.Identifier(log_schema))
    versions = {(model.name, model.version) for model in models}
    rows = persist(pool, lambda connection: connection.execute(query).fetchall())
    return {name: int(position) for name, version, position in rows if (name, version) in versions}


class Sealing(NamedTuple):
    """How far the log is sealed, why it takes no facts, if it takes none, and what in it waits for an answer."""

    position: int
    refusal: str | None
    waiting: int


def standings(
    pool: Pool, log_schema: str, models: Iterable[ReadModel], answered: tuple[str, str]
) -> tuple[Head, str, Sealing, dict[str, ModelStanding]]:
    """The log's head, what counts as now, how the log is sealed, and how each read model of this release stands, all as
    of one moment; `answered` are the names of two facts of which each of the first waits for one of the second.

    One that is not built is left out. Answers soon, also when the database is away. Raises StoreUnavailable.
    """
    query = sql.SQL(
        "SELECT h.position, to_char(h.recorded_at AT TIME ZONE 'UTC', {1}), h.name, h.simulation,"
        " to_char(CASE WHEN h.simulation THEN h.recorded_at ELSE clock_timestamp() END AT TIME ZONE 'UTC', {1}),"
        " (SELECT coalesce(max(size), 0) FROM {0}.tree_checkpoint), h.refusal,"
        " (SELECT coalesce(sum(CASE split_part(w.topic, '@', 1) WHEN %(first)s THEN 1 ELSE -1 END), 0)::bigint"
        " FROM {0}.fact w WHERE split_part(w.topic, '@', 1) = ANY(ARRAY[%(first)s, %(second)s])),"
        " r.name, r.version, r.schema, r.position, h.position - r.position, coalesce((SELECT extract(epoch FROM"
        " CASE WHEN h.simulation THEN h.recorded_at ELSE clock_timestamp() END - f.recorded_at)"
        " FROM {0}.fact f WHERE f.position = r.position + 1), 0)::float8,"
        " (SELECT count(*) FROM {0}.parked p WHERE p.schema = r.schema AND p.kind = 'patient'),"
        " held.holder, to_char(held.expires AT TIME ZONE 'UTC', {1})"
        " FROM {0}.log_head h LEFT JOIN {0}.read_model r ON r.active"
        " LEFT JOIN {0}.read_model held ON held.schema = r.schema AND held.expires > clock_timestamp() ORDER BY r.name"
    ).format(sql.Identifier(log_schema), sql.Literal(_INSTANT))
    given = dict(zip(("first", "second"), answered, strict=True))
    rows = persist(pool, lambda connection: connection.execute(query, given).fetchall(), SOON_WAITS, SOON_SECONDS)
    versions = {(model.name, model.version) for model in models}
    found = {row[8]: ModelStanding(*row[9:]) for row in rows if tuple(row[8:10]) in versions}
    return Head(*rows[0][:4]), rows[0][4], Sealing(*rows[0][5:8]), found
