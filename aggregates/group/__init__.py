"""One therapy group: its seats, its week, and who leads it.

A group belongs to a program and has a number of seats. A patient with an open episode gets a place, from a date on or
for one visit. When every seat is taken, one more is refused unless a reason is given; a walk-in or a make-up is never
turned away, because the patient stands at the door: the roster says that the group is over its capacity, and the
payer's rule on group size is judged in billing. Who leads the group is dated too: an assignment from a later date hands
the group over, assignments from one date lead it together, and a substitute stands in for one day.
"""

from __future__ import annotations

from aggregates.group.decide import COMMANDS, consult, decide, patients
from aggregates.group.state import NotFormed, evolve
from aggregates.kit import Aggregate

AGGREGATE = Aggregate("group", NotFormed(), evolve, decide, commands=COMMANDS, patients=patients, consult=consult)
