"""A claim: what was billed to one payer, and what the payer answered. A claim is never edited.

It is prepared from lines that are numbered, lie in its period and sum to its total; every line is of a day inside
the episode, at the level that the day belongs to, under terms of the payer for that day, which outside a
demonstration are all verified. A day and service is billed once, a patient's day has one per diem of a payer, and a
unit of an authorization is drawn once: each is a reservation that the claim holds until it is rejected, voided or
replaced. Then it is submitted, acknowledged or rejected, and adjudicated: in every line the charge is what was paid
plus the adjustments.
Frequency 1 to 4 are originals, 7 replaces and 8 voids a claim that the payer took in (it needs the payer's number of
it); both take effect on the earlier claim in the same append, which stands again when they are rejected or withdrawn.
What the earlier claim held stays with them until the payer has accepted them (277CA, portal or answer; a void not by an
answer that denies it, but by the reversal of what it voids), so that no day is billed anew that a rejection would give
back. A rejection that comes after the acceptance gives back what no other
claim bills by now; of the rest the payer has two bills, and the fact says so.
A secondary claim comes after another payer's answer. Claims that leave in one file share its interchange number, which
no other file has: the first of them claims it.
A rejected claim never counted as filed. One answer stands at a time: a payer that answers again first reverses what
it said, and every answer it ever gave is kept. What the answers move is the account's.
"""

from typing import get_args

from aggregates.claim.commands import Command
from aggregates.claim.decide import consult, decide
from aggregates.claim.state import Unprepared, evolve
from aggregates.claim.taking_back import further
from aggregates.kit import Aggregate, its_patient

__all__ = ["AGGREGATE"]

AGGREGATE = Aggregate(
    name="claim", initial=Unprepared(), evolve=evolve, decide=decide, commands=get_args(Command),
    patients=its_patient, consult=consult, further=further,
)
