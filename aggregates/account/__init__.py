"""An account: what was charged, answered, paid, written off and given back. No balance moves without a fact.

A patient's account has one stream, whose id is made from the patient's (`accounts`), and all programs that treat the
patient share it, each by what is its own (`within`). What concerns no patient, because the payer settles it with the
provider (PLB) or because nobody knows whose it is, stands on an account that a program has with a payer. Money is in
whole cents.

A service is charged once, by the claim to its first payer, when that is sent; what a second payer answers stands beside
the first answer on the same charge.
A day that no payer is asked for is charged to the patient, once (see `self_pay`).
The payer's answer is the claim's; the account posts it, line by line, so one cannot say other than the other. A line
of a remittance posts once: the payer, its trace number, claim, line and sequence are a reservation, claimed with the
fact. One posting of a claim stands at a time, and a reversal names the posting that it takes back (see `posting`).
What a line's answer means in money is in `shares`: paid, contractual, the patient's, or denied and so still open.
A director writes off what somebody else asked for and did not withdraw, and no more than is open. It counts as far as
the answers that stand leave something to give up: what a payer pays after all was not given up, until that is reversed
(see `shares.in_force`). A refund never exceeds the credit, nor what was received.
An overpayment is identified by a named person, never by a computation: from that day its clock runs (see
`overpayment`). What could not be trusted or matched waits, unmatched, until somebody says what became of it.
"""

from __future__ import annotations

from typing import get_args

from aggregates.account.commands import Command
from aggregates.account.decide import consult, decide, further
from aggregates.account.state import Account, evolve
from aggregates.account.within import within
from aggregates.kit import Aggregate, its_patient

__all__ = ["AGGREGATE"]

AGGREGATE = Aggregate(
    name="account", initial=Account(), evolve=evolve, decide=decide, commands=get_args(Command), patients=its_patient,
    consult=consult, further=further, within=within,
)
