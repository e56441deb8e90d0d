"""Until when a signature is in time: hours that elapse, or business days of the program's own calendar."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from aggregates.payer_policy.windows import closed_in, signature_due_at

NEW_YORK = "America/New_York"


@dataclass(frozen=True)
class Window:
    """What a payer's terms say of it."""

    signature_hours: int | None = None
    signature_business_days: int | None = None


def due(window: Window, ended_at: str, *closures: tuple[str, str], zone: str = NEW_YORK) -> str | None:
    """The last moment in time."""
    return signature_due_at(window, ended_at, zone, closed_in(closures))


def test_hours_elapse_whatever_the_clocks_do() -> None:
    """72 hours over the night of 8 March 2026, in which New York loses one: 10:30 EST becomes 11:30 EDT."""
    assert due(Window(signature_hours=72), "2026-03-06T15:30:00.000000Z") == "2026-03-09T15:30:00.000000Z"


def test_without_a_window_nothing_is_ever_late() -> None:
    """The payer sets none."""
    assert due(Window(), "2026-03-06T15:30:00.000000Z") is None


@pytest.mark.parametrize(
    ("ended_at", "days", "closures", "expected"),
    [
        # Monday 10:30 EST: the third business day is Thursday, over at midnight EST.
        ("2026-03-02T15:30:00.000000Z", 3, (), "2026-03-06T05:00:00.000000Z"),
        # Wednesday: Thursday, Friday, Monday; by then New York is on EDT.
        ("2026-03-04T17:00:00.000000Z", 3, (), "2026-03-10T04:00:00.000000Z"),
        # Friday: Monday.
        ("2026-03-13T17:00:00.000000Z", 1, (), "2026-03-17T04:00:00.000000Z"),
        # Saturday: Monday as well.
        ("2026-03-14T17:00:00.000000Z", 1, (), "2026-03-17T04:00:00.000000Z"),
        # Thursday with Friday closed: Monday.
        ("2026-03-12T17:00:00.000000Z", 1, (("2026-03-13", "2026-03-13"),), "2026-03-17T04:00:00.000000Z"),
        # A closure from Friday through Tuesday: Wednesday.
        ("2026-03-12T17:00:00.000000Z", 1, (("2026-03-13", "2026-03-17"),), "2026-03-19T04:00:00.000000Z"),
        # A closure that ends on Saturday takes no more than Friday.
        ("2026-03-12T17:00:00.000000Z", 1, (("2026-03-13", "2026-03-14"),), "2026-03-17T04:00:00.000000Z"),
        # Closed on the day of service itself: that day is not counted anyway.
        ("2026-03-12T17:00:00.000000Z", 1, (("2026-03-12", "2026-03-12"),), "2026-03-14T04:00:00.000000Z"),
        # Thursday 23:30 EDT is Friday in UTC, and still Thursday in New York: Friday.
        ("2026-03-13T03:30:00.000000Z", 1, (), "2026-03-14T04:00:00.000000Z"),
    ],
)
def test_business_days_leave_out_weekends_and_closures(
    ended_at: str, days: int, closures: tuple[tuple[str, str], ...], expected: str
) -> None:
    """Counted from the day on which the service ended in the program's zone, due when the last of them is over."""
    assert due(Window(signature_business_days=days), ended_at, *closures) == expected


def test_the_programs_zone_decides_the_day() -> None:
    """The same moment is Friday in Tokyo, so that Monday is the first business day there."""
    ended_at, one = "2026-03-13T03:30:00.000000Z", Window(signature_business_days=1)
    assert due(one, ended_at, zone="Asia/Tokyo") == "2026-03-16T15:00:00.000000Z"
