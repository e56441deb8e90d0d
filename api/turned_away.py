"""An order that is turned away, because the role may not give it or what it names is out of reach, is on record in the
access log as a question is, also where it came with others that went well; it holds no patient, who may be nobody's.
Where it cannot be recorded, that is answered."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from psycopg import OperationalError
from psycopg_pool import PoolTimeout

from api.access import rule_of
from api.commands.order import NotPermitted, OutOfReach
from api.gate import Gate, Question
from api.identity import Caller
from api.problems import AWAY, answer
from iop_es.engine.errors import ReadNotRecorded, StoreUnavailable

OUTCOMES: dict[type[Exception], str] = {NotPermitted: "not permitted", OutOfReach: "out of reach"}


def install(app: FastAPI) -> None:
    """Has both recorded before they are answered; questions were, by the gate."""
    for kind in OUTCOMES:
        app.add_exception_handler(kind, _turned_away)


def recorded(gate: Gate, caller: Caller, name: str, answers: Iterable[object]) -> None:
    """Has those of several orders' answers that turn one away recorded, in one statement, before any is given; `name`
    is that of the route. Raises ReadNotRecorded."""
    outcomes = [OUTCOMES[type(one)] for one in answers if isinstance(one, Exception) and type(one) in OUTCOMES]
    if outcomes:
        gate.refuse(_asked(caller, name), *outcomes)


def _turned_away(request: Request, error: Exception) -> JSONResponse:
    name: Any = getattr(request.scope.get("route"), "operation_id", None)
    if request.method == "POST" and name is not None:
        try:
            request.app.state.services.gate.refuse(_asked(request.state.caller, name), OUTCOMES[type(error)])
        except ReadNotRecorded as failed:
            return answer(request, failed)
        except (OperationalError, PoolTimeout, StoreUnavailable):
            return answer(request, StoreUnavailable(AWAY))
    return answer(request, error)


def _asked(caller: Caller, name: str) -> Question:
    rule = rule_of(name)
    return Question(caller, name, rule.purpose if rule else "operations")
