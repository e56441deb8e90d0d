"""Who was let in to a patient's record against the rule, and to whom of it was told: emergencies and disclosures.

Programs and roles come from the token. What is recorded here is the exception, break-glass: a named person opens one
patient's record for an hour and says why, and somebody else judges it afterwards (45 CFR 164.312(a)(2)(ii) requires a
way in for emergencies; 42 CFR 2.51(c) what is written down of one). And what left the house, so that the patient can
be told of it (45 CFR 164.528, 42 CFR 2.25). A patient has one stream, whose id is made from the patient's (`streams`).

A person of the house has one too: what a token still says may be revoked here at once, for the person, a role or one
token (45 CFR 164.308(a)(3)(ii)(C) requires that access ends when employment does).
"""

from __future__ import annotations

from typing import Any, get_args

from aggregates.access.commands import Command
from aggregates.access.decide import consult, decide, further
from aggregates.access.state import Access, evolve
from aggregates.kit import Aggregate

__all__ = ["AGGREGATE"]


def _patients(_state: Access, fact: Any, _seen: Any) -> tuple[tuple[str, str | None], ...]:
    patient = getattr(fact, "patient_id", None)
    return ((patient, None),) if patient else ()


AGGREGATE = Aggregate(
    name="access", initial=Access(), evolve=evolve, decide=decide, commands=get_args(Command), patients=_patients,
    consult=consult, further=further,
)
