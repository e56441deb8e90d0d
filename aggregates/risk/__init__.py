"""A patient's risk: what clinicians judged, planned and tried, and who took or cleared which alert.

Alerts are not facts: the outcomes read model raises them from measures and from what is missing, and they stay until a
named person clears them. A patient has one stream, whose id is made from the patient's (`risks`).
"""

from __future__ import annotations

from typing import Any, get_args

from aggregates.kit import Aggregate
from aggregates.risk.commands import Command
from aggregates.risk.decide import consult, decide
from aggregates.risk.state import Risk, evolve

__all__ = ["AGGREGATE"]


def _patients(_state: Risk, fact: Any, _seen: Any) -> tuple[tuple[str, str | None], ...]:
    return ((fact.patient_id, None),)


AGGREGATE = Aggregate(
    name="risk", initial=Risk(), evolve=evolve, decide=decide, commands=get_args(Command), patients=_patients,
    consult=consult,
)
