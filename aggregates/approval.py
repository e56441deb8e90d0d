"""What takes two people: one asks for it, another approves the very same; until then it can be withdrawn.

Money is given up in this way, of a charge that stands on an account (`account.giving_up`) as of a day that stands on no
claim (`enrollment.days`). To answer for what holds a day takes one: nothing is given up by that, the payer judges it.
"""

from __future__ import annotations

from aggregates.kit import Act, Refusal
from aggregates.values import PersonId, Role

WITHDRAWING: Role = "director"


class ApproverAskedThemselves(Refusal):
    """Nobody approves a write-off that they asked for; have another person of the role approve it."""


class AnothersRequest(Refusal):
    """{requested_by} asked for this; only that person or a director withdraws it."""


def must_be_another(requested_by: PersonId, act: Act) -> None:
    """Who approves is not who asked. Raises ApproverAskedThemselves."""
    if act.by == requested_by:
        raise ApproverAskedThemselves


def must_be_theirs(requested_by: PersonId, act: Act) -> None:
    """Who withdraws asked for it, or is a director. Raises AnothersRequest."""
    if act.by != requested_by and act.role != WITHDRAWING:
        raise AnothersRequest(requested_by=requested_by)
