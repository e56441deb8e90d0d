"""An episode: one patient's care in one program, from the referral to the last day.

It opens with a referral of a registered patient to a program that operates that day, and a patient has one open episode
in a program. Benefits, the level that criteria support, and diagnoses may be known before the admission; the admission
is to the level that the program offers. From then on every day belongs to exactly one level: a level change closes one
span of days and opens the next, starting with its own day. A plan of care needs the admission; a prescriber certifies
it (42 CFR 424.24), and a recertification reaches further than what was certified. Each may name the signed document
that it rests on, or is linked to it afterwards, once, and may say why it is recorded after its own day. Leaves do not
overlap, and their days can be corrected. A named person may answer for what holds a service day; billing it is given up
by two, one who asks and another who approves. The discharge ends the episode, releases its place, and is dated no
earlier than the last level change; someone referred and never admitted is discharged for the reason "other". After it
nothing later than its day is recorded here, but days inside the episode may still be recorded late, a day delivered
after it may be given up, and the discharge itself may be corrected, or taken back as long as no later episode followed.
How the admission was and who attends can be corrected too. Coming back is a new episode.
"""

from typing import get_args

from aggregates.enrollment.commands import Command
from aggregates.enrollment.decide import consult, decide
from aggregates.enrollment.state import Unopened, evolve
from aggregates.kit import Aggregate, its_patient

__all__ = ["AGGREGATE"]

AGGREGATE = Aggregate(
    name="enrollment", initial=Unopened(), evolve=evolve, decide=decide, commands=get_args(Command),
    patients=its_patient, consult=consult,
)
