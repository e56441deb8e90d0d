"""An authorization: what one payer allows for one episode, in units and days.

It is requested for an episode of the same patient and program; of substance-use treatment only under a consent that
names the payer, and so is a review. Physicians' talks and calls with the payer are logged whatever the phase, because
they happened. The payer approves units and days, or denies; a denial may be
overturned by an approval. Approved is approved: the same again changes nothing, other contents are an extension,
which ends no earlier than what was approved. An approval decided after its own first day is retroactive, and that
stays visible. A void counts as never given, also after an approval. Which numbered unit was drawn by which claim is
guarded where claims are prepared.
"""

from typing import get_args

from aggregates.authorization.commands import Command
from aggregates.authorization.decide import consult, decide
from aggregates.authorization.state import Unrequested, evolve
from aggregates.kit import Aggregate, its_patient

__all__ = ["AGGREGATE"]

AGGREGATE = Aggregate(
    name="authorization", initial=Unrequested(), evolve=evolve, decide=decide, commands=get_args(Command),
    patients=its_patient, consult=consult,
)
