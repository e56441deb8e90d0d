"""Questions about alerts: today's list, its counts, whom a roster should be asked about, and one patient's risk.

`programs` are those that the caller may see; `now` is an instant, UTC text. One patient's risk can also be made from an
as-of fold: `risk_from_rows(as_of(MODEL, …), programs=…, now=…, patient_id=…)`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any, Literal

from psycopg import Cursor, sql

from aggregates.risk.streams import risk_of
from iop_es.engine.readmodel.model import Delta
from iop_es.engine.statements import blocks, named
from projections.outcomes.alert_rows import Acknowledgment, Alert, FollowUp, ListedKind, RiskLevel, SafetyPlan
from projections.outcomes.alert_views import (
    AcknowledgmentView,
    AlertCount,
    AlertView,
    FollowUpView,
    LevelView,
    RiskView,
    SafetyPlanView,
)
from projections.outcomes.queries import CLOCK
from projections.outcomes.raised import local_day

EVERY = 1_000_000
MISSING = ["no_measure", "no_change", "follow_up"]
"""Kinds of what is missing, whose day may lie ahead."""
ACTS: dict[str, Any] = {
    "risk_level": RiskLevel, "safety_plan": SafetyPlan, "follow_up": FollowUp, "acknowledgment": Acknowledgment,
}  # fmt: skip
Acts = Mapping[str, Sequence[Any]]


def alerts(
    cursor: Cursor[Any],
    *,
    programs: Sequence[str],
    now: str,
    patient_id: str | None = None,
    owner: str | None = None,
    kind: ListedKind | None = None,
    urgent: bool | None = None,
    state: Literal["open", "cleared"] = "open",
    after: str | None = None,
    limit: int = 100,
) -> list[AlertView]:
    """Today's list: urgent ones first, then the oldest. `owner`: only what this person took or attends."""
    return _listed(
        cursor, programs, now, None if patient_id is None else [patient_id], owner=owner, kind=kind, urgent=urgent,
        cleared=state == "cleared", after=after, limit=limit,
    )


def of_patients(
    cursor: Cursor[Any], *, programs: Sequence[str], now: str, patients: Iterable[str]
) -> list[AlertView]:
    """What stands open today about any of these patients."""
    return _listed(cursor, programs, now, list(patients))


def counts(cursor: Cursor[Any], *, programs: Sequence[str], now: str) -> list[AlertCount]:
    """How many open alerts each program has, by kind."""
    cursor.execute(_statement("counts"), {"programs": list(programs), "now": now, "missing": MISSING})
    return [AlertCount(**row) for row in named(cursor)]


def risk(cursor: Cursor[Any], *, programs: Sequence[str], now: str, patient_id: str) -> RiskView:
    """One patient's risk in these programs, without words."""
    asked = {"patient_id": patient_id, "programs": list(programs)}
    acts = {
        table: [kind(*row) for row in cursor.execute(_rows(table, kind._fields), asked)] for table, kind in ACTS.items()
    }
    raised = [Alert(*row) for row in cursor.execute(_statement("raised"), asked)]
    cursor.execute("SELECT program_id, time_zone FROM program WHERE program_id = ANY(%s)", (list(programs),))
    return _risk(patient_id, raised, acts, dict(cursor.fetchall()), now)


def risk_from_rows(delta: Delta, *, programs: Sequence[str], now: str, patient_id: str) -> RiskView:
    """The same from the rows of a fold."""
    acts = {table: _own(delta, table, kind, programs, patient_id) for table, kind in ACTS.items()}
    return _risk(patient_id, _own(delta, "alert", Alert, programs, patient_id), acts, _zones(delta), now)


def open_from_rows(delta: Delta, *, programs: Sequence[str], now: str, patient_id: str) -> list[AlertView]:
    """What stood open about a patient, from the rows of a fold."""
    return list(risk_from_rows(delta, programs=programs, now=now, patient_id=patient_id).open)


def _listed(
    cursor: Cursor[Any], programs: Sequence[str], now: str, patients: list[str] | None, *, owner: str | None = None,
    kind: str | None = None, urgent: bool | None = None, cleared: bool = False, after: str | None = None,
    limit: int = EVERY,
) -> list[AlertView]:  # fmt: skip
    cursor.execute(_statement("alerts"), {
        "programs": list(programs), "now": now, "missing": MISSING, "patients": patients, "owner": owner,
        "kind": kind, "urgent": urgent, "cleared": cleared, "after": after, "limit": limit,
    })  # fmt: skip
    return [_view(row) for row in named(cursor)]


def _risk(
    patient_id: str, raised: Iterable[Alert], acts: Acts, zones: Mapping[str, str], now: str
) -> RiskView:
    days = {program_id: local_day(now, zones.get(program_id)) for program_id in {one.program_id for one in raised}}
    due = [
        _seen(one, days[one.program_id]) for one in raised
        if str(one.since) <= days[one.program_id] or one.kind not in MISSING
    ]
    due.sort(key=lambda one: one.cursor)
    left = [one for one in due if one.standing != "cleared"]
    over = {one.cursor for one in left if one.until is not None and one.age_days > (one.until - one.since).days}
    levels = sorted(acts["risk_level"], key=lambda one: (one.assessed_at, one.position))
    plans = sorted(acts["safety_plan"], key=lambda one: (str(one.made_on), one.position))
    tries = sorted(acts["follow_up"], key=lambda one: (one.made_at, one.position))
    return RiskView(
        patient_id=patient_id, risk_id=risk_of(patient_id), level=levels[-1].level if levels else None,
        levels=tuple(_made(LevelView, levels)), safety_plans=tuple(_made(SafetyPlanView, plans)),
        follow_ups=tuple(_made(FollowUpView, tries)),
        open=tuple(one for one in left if one.cursor not in over),
        cleared=tuple(one for one in due if one.standing == "cleared"),
        missed=tuple(one for one in left if one.cursor in over),
        acknowledgments=tuple(_made(AcknowledgmentView, acts["acknowledgment"])),
    )  # fmt: skip


def _seen(one: Alert, today: str) -> AlertView:
    """A row as the statement shows it."""
    since = date.fromisoformat(str(one.since))
    cursor = "~".join((
        "0" if one.urgent else "1", str(one.since), one.patient_id, one.kind, one.about, one.program_id
    ))  # fmt: skip
    return _view(one._asdict() | {"age_days": max((date.fromisoformat(today) - since).days, 0), "cursor": cursor})


def _view(row: dict[str, Any]) -> AlertView:
    parked = row["kind"] == "parked"
    name = None if parked else {field: row[field] for field in ("kind", "about", "since")}
    return AlertView.model_validate(row | {"risk_id": None if parked else risk_of(row["patient_id"]), "alert": name})


def _made(view: Any, rows: Iterable[Any]) -> list[Any]:
    return [view.model_validate(one._asdict()) for one in rows]


def _own(delta: Delta, table: str, kind: Any, programs: Sequence[str], patient_id: str) -> list[Any]:
    rows = (kind(*row) for scope in delta.rows.get(table, {}).values() for row in scope)
    return [one for one in rows if one.patient_id == patient_id and one.program_id in programs]


def _zones(delta: Delta) -> dict[str, str]:
    return {program_id: zone for scope in delta.rows.get("program", {}).values() for program_id, zone in scope}


@cache
def _statement(name: str) -> bytes:
    text = dict(blocks("projections.outcomes", "alerts.sql"))[name]
    return text.format(clock=CLOCK, alert=", ".join(Alert._fields)).encode()


@cache
def _rows(table: str, columns: tuple[str, ...]) -> sql.Composed:
    text = dict(blocks("projections.outcomes", "alerts.sql"))["rows"]
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    return sql.SQL(text).format(columns=names, table=sql.Identifier(table))
