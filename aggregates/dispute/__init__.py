"""A dispute with a payer, and its requests for records: one patient's claims, one payer, one way from level to level.

A payer asks for records of claims that were sent, with a list of what it wants; the clock runs from receipt unless the
letter states a day. We contest a decision at a level, file, are heard, and are answered in cents upheld and overturned,
which move no money: a remittance does. A later level comes after the answer, or for a named cause; what is brought too
late is recorded and marked. A claim is in one open dispute at one level at a time. Whoever began it owns it until it is
assigned. A packet for the payer is issued by the person who approves it.

    tracks     the ways, their levels, and what can be asked for
    clocks     how long each level and request has, what says so, and how sure that is; `clocks.toml` is unverified
    matter     whose claims it is about; `appealing` the levels; `decide` the rest
"""

from __future__ import annotations

from typing import get_args

from aggregates.dispute.commands import Command
from aggregates.dispute.decide import consult, decide, further
from aggregates.dispute.state import Unopened, evolve
from aggregates.kit import Aggregate, its_patient

__all__ = ["AGGREGATE"]

AGGREGATE = Aggregate(
    name="dispute", initial=Unopened(), evolve=evolve, decide=decide, commands=get_args(Command), patients=its_patient,
    consult=consult, further=further,
)
