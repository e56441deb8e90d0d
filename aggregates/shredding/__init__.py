"""How a patient's personal parts are given up for ever: asked for, approved by somebody else, waited for, carried out.

What is destroyed are the keys of the patient (and those of sessions of whose rosters nobody has a key any more): the
facts stay, their proofs hold, and totals stay what they were, but names and words open no more. It cannot be undone,
so it takes two people and a delay, and nothing is destroyed while a hold stands, a dispute is open, the patient is in
care or the record must still be kept. A patient has one stream, whose id is made from the patient's (`streams`).

How long: six years from the last service or discharge are the least (45 CFR 164.316(b)(2)(i) of what HIPAA has
documented); the law of a state is often longer, above all for minors, and is configuration.
"""

from __future__ import annotations

from typing import Any, get_args

from aggregates.kit import Aggregate
from aggregates.shredding.commands import Command
from aggregates.shredding.decide import consult, decide
from aggregates.shredding.state import Shredding, evolve

__all__ = ["AGGREGATE"]


def _patients(_state: Shredding, fact: Any, _seen: Any) -> tuple[tuple[str, str | None], ...]:
    return ((fact.patient_id, None),)


AGGREGATE = Aggregate(
    name="shredding", initial=Shredding(), evolve=evolve, decide=decide, commands=get_args(Command),
    patients=_patients, consult=consult,
)
