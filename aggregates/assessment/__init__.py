"""An assessment: one administration of an outcome instrument, answers by item or the score where only that is known.

The instruments are versioned data in `instruments`, without the wording of any item; their version stays with the
administration. Answers lie in their item's range and are complete, or are refused by the item's number, unless the
instrument's own rule lets an item be skipped. Where items are licensed, as for the BDI-II, the score alone is kept;
where there is no total, as for the BAM or the C-SSRS, the answers alone. What ends in a level of care is no assessment.
It belongs to an episode from the referral on, a baseline from thirty days before; after the discharge follow-up
measures are welcome. A correction replaces answers and day and keeps instrument and version; what is voided stays so.
"""

from typing import get_args

from aggregates.assessment.commands import Command
from aggregates.assessment.decide import consult, decide
from aggregates.assessment.state import NotAdministered, evolve
from aggregates.kit import Aggregate, its_patient

__all__ = ["AGGREGATE"]

AGGREGATE = Aggregate(
    name="assessment", initial=NotAdministered(), evolve=evolve, decide=decide, commands=get_args(Command),
    patients=its_patient, consult=consult,
)
