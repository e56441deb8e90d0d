"""That there is an open alert about somebody: what it is to clinicians, a neutral mark to others.

Rosters and a patient's summary are marked. Whoever begins or ends a stay is told which alerts of safety stand open:
what happened is recorded all the same, and they stay on today's list until somebody judges the risk.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from psycopg import Cursor

from aggregates.kit import COMMAND_NAME
from aggregates.risk.decide import OF_SAFETY
from api.access import may_see
from api.alongside import Alongside
from api.commands.order import Reply
from api.gate import RecordParked
from api.identity import Caller
from api.services import Services
from api.shown import patients_in
from iop_es.engine.readmodel.model import Delta
from projections.caseload.summary_views import PatientSummary
from projections.caseload.views import AlertMark, RosterEntry, SessionView
from projections.outcomes import today
from projections.outcomes.alert_views import AlertView

Marks = Mapping[str, Sequence[AlertMark]]
UNFOLLOWED = AlertMark(kind="parked", since=None, urgent=True)


def marks(caller: Caller, query: str) -> Alongside:
    """The open alerts of everybody whom an answer's rosters or summary show, as far as the caller's role may know."""
    programs, detailed = sorted(caller.programs), may_see(caller.role, query, "alerts")

    def live(cursor: Cursor[Any], now: str, result: Any) -> Any:
        found = today.of_patients(cursor, programs=programs, now=now, patients=patients_in(result))
        marked: defaultdict[str, list[AlertMark]] = defaultdict(list)
        for one in found:
            marked[one.patient_id].append(_mark(one))
        return _marked(result, marked, detailed)

    def then(deltas: Mapping[str, Delta | None], now: str, result: Any) -> Any:
        marked = {
            patient: [UNFOLLOWED] if delta is None else _marks(
                today.open_from_rows(delta, programs=programs, now=now, patient_id=patient)
            )
            for patient, delta in deltas.items()
        }  # fmt: skip
        return _marked(result, marked, detailed)

    return Alongside("outcomes", live, then)


def left_open(command: Any, caller: Caller, services: Services, reply: Reply) -> list[AlertMark]:
    """The alerts of safety that stood open in its program when a stay began or ended; on record as a read."""
    episode = services.documenting.commands.states("enrollment", [reply.stream])[reply.stream]
    try:
        delta = services.gate.folded("outcomes", episode.patient_id, reply.position)
    except RecordParked:
        return [UNFOLLOWED]
    programs, now = [episode.program_id], reply.recorded_at
    found = today.open_from_rows(delta, programs=programs, now=now, patient_id=episode.patient_id)
    of_safety = [one for one in found if one.kind in OF_SAFETY]
    services.told(caller, COMMAND_NAME[type(command)], of_safety)
    return _marks(of_safety)


def _marks(found: Iterable[AlertView]) -> list[AlertMark]:
    return [_mark(one) for one in found]


def _mark(one: AlertView) -> AlertMark:
    return AlertMark(
        kind=one.kind, since=one.since.isoformat(), urgent=one.urgent,
        left_on=one.left_on.isoformat() if one.left_on else None,
    )  # fmt: skip


def _marked(result: Any, marked: Marks, detailed: bool) -> Any:
    """The answer with everybody marked, wherever sessions stand in it."""
    match result:
        case RosterEntry() | PatientSummary():
            own = marked.get(result.patient_id, ())
            return result.model_copy(update={"attention": bool(own), "alerts": tuple(own) if detailed else None})
        case SessionView():
            return result.model_copy(update={"roster": _marked(result.roster, marked, detailed)})
        case list() | tuple():
            return type(result)(_marked(one, marked, detailed) for one in result)
        case _:
            return result
