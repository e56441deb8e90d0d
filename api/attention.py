"""That there is an open alert about somebody on a roster: what it is to clinicians, a neutral mark to others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from psycopg import Cursor

from api.access import may_see
from api.alongside import Alongside
from api.identity import Caller
from api.shown import patients_in
from iop_es.engine.readmodel.model import Delta
from projections.caseload.views import AlertMark, RosterEntry, SessionView
from projections.outcomes import today
from projections.outcomes.alert_views import AlertView

Marks = Mapping[str, Sequence[AlertMark]]
UNFOLLOWED = AlertMark(kind="parked", since=None, urgent=True)


def on_rosters(caller: Caller) -> Alongside:
    """The open alerts of everybody whom an answer's rosters show, as far as the caller's role may know."""
    programs, detailed = sorted(caller.programs), may_see(caller.role, "caseload.session", "alerts")

    def live(cursor: Cursor[Any], now: str, result: Any) -> Any:
        found = today.of_patients(cursor, programs=programs, now=now, patients=patients_in(result))
        marks: defaultdict[str, list[AlertMark]] = defaultdict(list)
        for one in found:
            marks[one.patient_id].append(_mark(one))
        return _marked(result, marks, detailed)

    def then(deltas: Mapping[str, Delta | None], now: str, result: Any) -> Any:
        marks = {
            patient: [UNFOLLOWED] if delta is None else _marks(
                today.open_from_rows(delta, programs=programs, now=now, patient_id=patient)
            )
            for patient, delta in deltas.items()
        }  # fmt: skip
        return _marked(result, marks, detailed)

    return Alongside("outcomes", live, then)


def _marks(found: Iterable[AlertView]) -> list[AlertMark]:
    return [_mark(one) for one in found]


def _mark(one: AlertView) -> AlertMark:
    return AlertMark(kind=one.kind, since=one.since.isoformat(), urgent=one.urgent)


def _marked(result: Any, marks: Marks, detailed: bool) -> Any:
    """The answer with its rosters marked, wherever sessions stand in it."""
    if isinstance(result, SessionView):
        roster = tuple(_entry(one, marks.get(one.patient_id, ()), detailed) for one in result.roster)
        return result.model_copy(update={"roster": roster})
    if isinstance(result, list | tuple):
        return type(result)(_marked(one, marks, detailed) for one in result)
    return result


def _entry(one: RosterEntry, marks: Sequence[AlertMark], detailed: bool) -> RosterEntry:
    return one.model_copy(update={"attention": bool(marks), "alerts": tuple(marks) if detailed else None})
