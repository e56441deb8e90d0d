"""Which line of the claim before a line of a secondary claim bills again: the one definition for accounts and files.

Nothing on a claim says it, because the lines are the same services. It is the line of the same day with the same charge
and code; else with the same charge, because a charge on an account knows no code; else with the same code. Each line is
billed again once, in order.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from aggregates.claim.facts import ClaimLine


class Place(NamedTuple):
    """A line's number and what it can be told by; the code is None where it is not known."""

    line: int
    day: str
    charge_cents: int
    code: tuple[str, str | None] | None = None


def place_of(line: ClaimLine) -> Place:
    """Of a claim's line."""
    return Place(line.line, line.service_date, line.charge_cents, (line.revenue_code, line.procedure_code))


def lines_before(lines: Iterable[Place], before: Iterable[Place]) -> dict[int, int]:
    """For each line of a secondary claim the number of the line of the claim before; without those that bill nothing
    that it billed."""
    found: dict[int, int] = {}
    left = list(before)
    for line in lines:
        alike = [one for one in left if one.day == line.day and _likeness(line, one)]
        if alike:
            best = max(alike, key=lambda one: _likeness(line, one))
            found[line.line] = best.line
            left.remove(best)
    return found


def _likeness(line: Place, other: Place) -> int:
    """How much tells that the two are one service; 0 for nothing."""
    charged, coded = line.charge_cents == other.charge_cents, line.code is not None and line.code == other.code
    return 2 * charged + coded
