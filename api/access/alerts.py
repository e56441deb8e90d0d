"""Whether an alert that somebody takes upon themselves is on today's list.

Who takes one treats the patient from then on, whoever that is, so that nobody can be left alone with it (see the
policy). An aggregate knows no read model and takes the alert's name as it comes; without this a name that somebody made
up (an episode of the program, a day) would open any chart. Who treats the patient anyhow, or broke the glass, is let
through: a list that is behind must not keep them from what they know.
"""

from __future__ import annotations

from typing import Any

from psycopg import Cursor

from aggregates.kit import COMMAND_NAME
from aggregates.risk.commands import AcknowledgeAlert
from api.access import may_order
from api.commands.order import OutOfReach
from api.gate import Gate, NotFound, Question
from api.identity import Caller
from projections.outcomes import today
from projections.outcomes.alert_views import AlertView


def must_stand(command: AcknowledgeAlert, caller: Caller, gate: Gate) -> None:
    """Asked before an alert is taken or cleared, on record as a question. Raises OutOfReach."""
    patient, programs = command.patient_id, sorted(caller.programs)
    if not may_order(caller.role, AcknowledgeAlert) or gate.treated_by(caller, patient) or gate.glass(caller, patient):
        return

    def standing(cursor: Cursor[Any], now: str) -> list[AlertView] | None:
        found = today.of_patients(cursor, programs=programs, now=now, patients=[patient])
        return [one for one in found if _names(one, command)] or None

    try:
        gate.read(Question(caller, COMMAND_NAME[AcknowledgeAlert], "treatment", patient=patient), "outcomes", standing)
    except NotFound:
        raise OutOfReach(what="risk") from None


def _names(one: AlertView, command: AcknowledgeAlert) -> bool:
    said, name = command.alert, one.alert
    return name is not None and one.program_id == command.program_id and (
        (name.kind, name.about, name.since.isoformat()) == (said.kind, said.about, said.since)
    )
