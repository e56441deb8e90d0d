"""Which line of the claim before a line of a secondary claim bills again."""

from __future__ import annotations

import pytest

from aggregates.claim.before import Place, lines_before

GROUP, SINGLE = ("0915", "90853"), ("0914", "90834")
DAY, LATER = "2026-03-02", "2026-03-04"
BEFORE = (Place(1, DAY, 6_000, GROUP), Place(2, DAY, 6_000, SINGLE), Place(3, LATER, 6_000, GROUP))


@pytest.mark.parametrize(("lines", "expected"), [
    ((Place(1, DAY, 6_000, GROUP), Place(2, DAY, 6_000, SINGLE)), {1: 1, 2: 2}),
    ((Place(1, DAY, 6_000, SINGLE), Place(2, DAY, 6_000, GROUP)), {1: 2, 2: 1}),
    ((Place(1, LATER, 6_000, GROUP),), {1: 3}),
    ((Place(1, DAY, 7_000, SINGLE),), {1: 2}),
    ((Place(1, DAY, 7_000, ("0900", "H2019")), Place(2, "2026-03-03", 6_000, GROUP)), {}),
    ((Place(1, LATER, 6_000, GROUP), Place(2, LATER, 6_000, GROUP)), {1: 3}),
], ids=["as they were", "in another order", "in part", "at another charge", "nothing like it", "each once"])
def test_it_is_the_line_of_the_day_with_the_same_charge_and_code(
    lines: tuple[Place, ...], expected: dict[int, int]
) -> None:  # fmt: skip
    """Or with one of the two; each line is billed again once."""
    assert lines_before(lines, BEFORE) == expected


def test_charges_without_codes_are_told_by_day_and_amount_in_order() -> None:
    """As they stand on an account."""
    charges = [one._replace(code=None) for one in BEFORE]
    assert lines_before(BEFORE, charges) == {1: 1, 2: 2, 3: 3}
