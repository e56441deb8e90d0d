"""How long one has to answer a payer: to the day, from receipt, each with what says so."""

from __future__ import annotations

from typing import Any

import pytest

from aggregates.dispute.clocks import (
    Clock,
    document,
    due,
    is_corrected,
    least_amount,
    level_clock,
    months_after,
    request_clock,
)
from aggregates.dispute.tracks import LEVELS

CASES: list[tuple[str, Any, str, str, str, bool]] = [
    # track, level or kind of request, received, last day by the calendar, confidence, unverified
    ("medicare", "redetermination", "2026-04-02", "2026-07-31", "C", False),
    ("medicare", "redetermination", "2025-09-03", "2026-01-01", "C", False),
    ("medicare", "reconsideration", "2026-04-02", "2026-09-29", "C", False),
    ("medicare", "hearing", "2026-04-02", "2026-06-01", "C", False),
    ("medicare", "council_review", "2026-04-02", "2026-06-01", "C", False),
    ("medicare", "judicial_review", "2026-04-02", "2026-06-01", "C", False),
    ("medicare", "medical_review", "2026-04-01", "2026-05-16", "C", False),
    ("medicare", "medical_review", "2024-02-01", "2024-03-17", "C", False),
    ("medicare", "claim", "2026-04-01", "2026-05-01", "C2", True),
    ("medicare_advantage", "plan_reconsideration", "2024-12-31", "2025-03-01", "C2", True),
    ("medicare_advantage", "plan_reconsideration", "2025-01-01", "2025-03-07", "G", True),
    ("commercial", "internal_appeal", "2026-04-02", "2026-09-29", "G", True),
    ("commercial", "external_review", "2025-10-31", "2026-02-28", "G", True),
    ("medicaid_managed_care", "plan_appeal", "2026-04-02", "2026-06-01", "G", True),
]


def clock(track: Any, what: Any, on: str) -> Clock | None:
    """Of a level, or of a request for records."""
    return request_clock(track, what, on) if what in {"medical_review", "claim", "other"} else level_clock(
        track, what, on
    )  # fmt: skip


@pytest.mark.parametrize(("track", "what", "received", "last", "confidence", "unverified"), CASES)
def test_a_clock_runs_from_receipt_to_its_last_day(
    track: str, what: str, received: str, last: str, confidence: str, unverified: bool
) -> None:
    """The day of receipt is none of them; across leap days, new years and months of different lengths."""
    found = due(clock(track, what, received), received_on=received)
    assert found is not None
    assert (found.due_on, found.confidence, found.unverified, found.runs_from, found.presumed) == (
        last, confidence, unverified, received, False
    )  # fmt: skip
    assert found.source


def test_day_120_is_in_time_and_day_121_is_not() -> None:
    """And of a medical review's request day 45 is, while the claim is denied on day 46."""
    appeal, records = level_clock("medicare", "redetermination", "2026-01-01"), request_clock(
        "medicare", "medical_review", "2026-01-01"
    )
    found = [due(one, received_on="2026-01-01") for one in (appeal, records)]
    assert [one.due_on for one in found if one] == ["2026-05-01", "2026-02-15"]  # 1 January plus 120, plus 45


def test_a_last_day_on_a_weekend_stays_where_it_is() -> None:
    """16 May 2026 is a Saturday, and no source says that the day moves."""
    found = due(request_clock("medicare", "medical_review", "2026-04-01"), received_on="2026-04-01")
    assert found is not None
    assert found.due_on == "2026-05-16"


def test_receipt_is_presumed_five_days_after_the_notice_and_marked() -> None:
    """Where nobody knows better; it makes even an official clock unverified, and says why."""
    appeal = level_clock("medicare", "redetermination", "2026-04-01")
    found = due(appeal, notice_on="2026-04-01")
    assert found is not None
    assert (found.runs_from, found.due_on, found.presumed, found.unverified) == (
        "2026-04-06", "2026-08-04", True, True
    )  # fmt: skip
    assert "Presumption of receipt" in found.source
    known = due(appeal, received_on="2026-04-02", notice_on="2026-04-01")
    assert known is not None
    assert (known.runs_from, known.presumed, known.unverified) == ("2026-04-02", False, False)


def test_the_day_that_a_letter_states_wins() -> None:
    """Also where no clock is known."""
    for one in (request_clock("medicare", "medical_review", "2026-04-01"), None):
        found = due(one, received_on="2026-04-01", stated_on="2026-05-10")
        assert found is not None
        assert (found.due_on, found.confidence, found.unverified) == ("2026-05-10", "stated", False)


def test_what_nobody_knows_has_no_last_day() -> None:
    """A payer's own letter, a level beyond those read of, a contract whose terms say nothing."""
    assert request_clock("commercial", "medical_review", "2026-04-01") is None
    assert level_clock("commercial", "further_review", "2026-04-01") is None
    assert level_clock("provider_contract", "contract_appeal", "2026-04-01") is None
    assert due(None, received_on="2026-04-01") is None
    assert due(level_clock("medicare", "hearing", "2026-04-01")) is None


def test_a_contract_s_clock_is_its_own() -> None:
    """Only on its own way."""
    own = Clock(days=60, confidence="term", source="Policy x: appeal_days")
    assert level_clock("provider_contract", "contract_appeal", "2026-04-01", own) is own
    assert level_clock("medicare", "hearing", "2026-04-01", own) is not own


@pytest.mark.parametrize(
    ("level", "on", "cents"),
    [
        ("hearing", "2024-12-31", 18_000), ("hearing", "2025-01-01", 19_000),
        ("judicial_review", "2024-12-31", 184_000), ("judicial_review", "2025-01-01", 190_000),
        ("redetermination", "2026-01-01", 0),
    ],
)
def test_the_least_amount_in_controversy_is_dated(level: Any, on: str, cents: int) -> None:
    """Of Medicare alone, and of its third and fifth level."""
    assert least_amount("medicare", level, on) == cents
    assert least_amount("commercial", level, on) == 0


def test_months_end_with_their_month() -> None:
    """31 October and four months are the last of February."""
    assert [months_after(one, 4) for one in ("2025-10-31", "2027-10-31", "2026-08-15", "2026-12-01")] == [
        "2026-02-28", "2028-02-29", "2026-12-15", "2027-04-01"
    ]  # fmt: skip


def test_a_claim_that_was_unprocessable_is_corrected() -> None:
    """By its remark code; information missing by its reason code; a medical necessity denial is appealed."""
    assert is_corrected("16", None)
    assert is_corrected("50", "MA130")
    assert not is_corrected("50", None)
    assert not is_corrected("197", "N54")


def test_every_configured_clock_is_unverified_on_a_level_of_its_way() -> None:
    """What no official source says may not look as if one did."""
    found = document()
    clocks = [*found.receipt, *found.requests, *found.levels]
    assert all(one.unverified and one.confidence in {"C2", "G"} for one in clocks)
    assert all((one.days is None) != (one.months is None) for one in clocks)
    assert all(one.level in LEVELS[one.track] for one in found.levels)
