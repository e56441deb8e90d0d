"""What is to be looked at on a day and its decision cannot know, which rests on the facts of one patient: that somebody
led a session of it and another one in the same minutes, and that a record which may be the same person's bills it to
the same payer. It is told where a day is explained; the second leaves the day off claims.

Who bills the day as well is told to those alone who prepare claims and of today alone: what records agree in is known
of now, not of any moment.
"""

from __future__ import annotations

from collections.abc import Sequence

from aggregates.claim.commands import PrepareClaim
from aggregates.values import Role
from api import alike
from api.access import may_order
from api.gate import Gate
from api.rooms import rooms_of
from iop_es.engine.log import Log
from projections.billing.claims import ALIKE, bills_too
from projections.billing.day import Day
from projections.billing.explain import trace_view
from projections.billing.standing import due_lines
from projections.billing.views import TraceView


def traces(
    log: Log, gate: Gate, role: Role, days: Sequence[Day], upto: int, now: str, *, past: bool
) -> list[TraceView]:
    """Each day with every rule asked and what is beside its decision, as of a position, which is `past` if somebody
    asked for it."""
    led, twice = rooms_of(gate, days, upto), list[Day]()
    if not past and may_order(role, PrepareClaim):
        others, billed = alike.elsewhere(log, days)
        twice = [day for day in days if bills_too(day, due_lines(day, now), others, billed)]
    return [trace_view(day, now, [*led.against(day), *((ALIKE,) if day in twice else ())]) for day in days]
