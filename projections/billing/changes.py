"""Which days two builds of this read model decide differently, and by how much money."""

from __future__ import annotations

from typing import Any

from psycopg import Cursor, sql
from pydantic import BaseModel, Field

_COUNTED = """CASE WHEN {0}.state IN ('not_billable', 'written_off') THEN 0
    WHEN {0}.state = 'billed' THEN {0}.charge_cents ELSE {0}.cents END"""
_CHANGED = """
SELECT coalesce(o.patient_id, n.patient_id) AS patient_id, coalesce(o.service_date, n.service_date) AS service_date,
       coalesce(o.enrollment_id, n.enrollment_id) AS enrollment_id,
       o.state AS old_state, o.stage_reasons[1] AS old_reason, {counted_old} AS old_cents,
       n.state AS new_state, n.stage_reasons[1] AS new_reason, {counted_new} AS new_cents
FROM {old} o FULL JOIN {new} n USING (patient_id, service_date, enrollment_id)
WHERE (o.state, o.stages, o.stage_reasons, o.since, {counted_old}, o.minutes, o.units)
      IS DISTINCT FROM (n.state, n.stages, n.stage_reasons, n.since, {counted_new}, n.minutes, n.units)
ORDER BY 2, 1, 3
"""


class ChangedDay(BaseModel):
    """A day of one episode as both decide it; cents are what it counts for: its charge on a claim, else its worth, 0
    when it is not billable, null when its rate is unknown or there is no such day."""

    patient_id: str
    service_date: str
    enrollment_id: str
    old_state: str | None = Field(description="Null: the old one has no such day.")
    old_reason: str | None
    old_cents: int | None
    new_state: str | None = Field(description="Null: the new one has no such day.")
    new_reason: str | None
    new_cents: int | None

    @property
    def difference_cents(self) -> int:
        """What the day counts for now, less what it counted for."""
        return (self.new_cents or 0) - (self.old_cents or 0)


def changed_days(cursor: Cursor[Any], old_schema: str, new_schema: str) -> list[ChangedDay]:
    """Every patient-day that differs in state, reason, stages, minutes, units or money, in order of date."""
    query = sql.SQL(_CHANGED).format(
        counted_old=sql.SQL(_COUNTED.format("o")), counted_new=sql.SQL(_COUNTED.format("n")),
        old=sql.Identifier(old_schema, "patient_day"), new=sql.Identifier(new_schema, "patient_day"),
    )
    names = list(ChangedDay.model_fields)
    return [ChangedDay(**dict(zip(names, row, strict=True))) for row in cursor.execute(query)]
