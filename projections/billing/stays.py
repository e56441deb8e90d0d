"""Where in a stay a bill stands: the days that are on a payer's institutional bills of an episode, or may come on one.

A day after the discharge is none of the stay: nothing bills it. A held or waiting day counts until somebody settles it,
so that no bill says that the stay is over while another may follow.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from projections.billing.day import Day
from projections.billing.standing import INSTITUTIONAL, standing

OPEN = frozenset({"billable", "waiting", "held"})


@dataclass(slots=True)
class Stay:
    """One episode under one payer: its last day, the days on bills that stand, and the last day that has a bill or may
    have one."""

    discharged_on: str | None = None
    first_billed: str | None = None
    last: str = ""

    def ends_with(self, through: str) -> bool:
        """Whether a bill through this day is the last one: the patient has left, and no later day is to be billed."""
        return self.discharged_on is not None and self.last <= through


def stays(days: Iterable[Day], now: str) -> dict[tuple[str, str], Stay]:
    """The stays of these days by episode and payer, as they are known at a moment."""
    found: dict[tuple[str, str], Stay] = {}
    for day in days:
        for payer_id in {day.payer_id, *(line.payer_id for line in day.claimed)} - {None}:
            stay = found.setdefault((day.enrollment_id, payer_id or ""), Stay())
            stay.discharged_on = stay.discharged_on or day.discharged_on
            if any((line.form, line.payer_id) == (INSTITUTIONAL, payer_id) for line in day.claimed):
                stay.first_billed = min(stay.first_billed or day.service_date, day.service_date)
                stay.last = max(stay.last, day.service_date)
            elif day.payer_id == payer_id and _may_be_billed(day, now):
                stay.last = max(stay.last, day.service_date)
    return found


def _may_be_billed(day: Day, now: str) -> bool:
    """Whether an institutional line of the day is, or may become, billable."""
    inside = day.discharged_on is None or day.service_date <= day.discharged_on
    institutional = not day.lines or any(line.form == INSTITUTIONAL for line in day.lines)
    return inside and institutional and standing(day, now)[0] in OPEN
