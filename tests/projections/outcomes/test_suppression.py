"""What leaves the program tells of nobody: no cell of 1 to 10 patients, and none that sums would give away."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from projections.outcomes.cohorts.comparing import against, side_by_side
from projections.outcomes.cohorts.members import Member
from projections.outcomes.cohorts.staying import attendance, stays
from projections.outcomes.cohorts.suppression import hidden, hidden_of, too_few
from tests.projections.outcomes.people import OUTSIDE, PEOPLE, member

TABLES = st.integers(1, 4).flatmap(
    lambda wide: st.lists(st.lists(st.integers(0, 30), min_size=wide, max_size=wide), min_size=1, max_size=5)
)


def rank(rows: list[list[int]]) -> int:
    """The rank of a matrix, by fractions."""
    matrix, found = [[Fraction(one) for one in row] for row in rows], 0
    for column in range(len(rows[0]) if rows else 0):
        pivot = next((row for row in range(found, len(matrix)) if matrix[row][column]), None)
        if pivot is None:
            continue
        matrix[found], matrix[pivot] = matrix[pivot], matrix[found]
        for row in range(found + 1, len(matrix)):
            factor = matrix[row][column] / matrix[found][column]
            matrix[row] = [left - factor * right for left, right in zip(matrix[row], matrix[found], strict=True)]
        found += 1
    return found


def known_sums(table: list[list[int]], gone: list[bool]) -> list[list[tuple[int, int]]]:
    """The lines whose totals a reader has: rows that are shown, and columns that are large enough to be told."""
    wide = range(len(table[0]))
    rows = [[(row, column) for column in wide] for row in range(len(table)) if not gone[row]]
    columns = [
        [(row, column) for row in range(len(table))] for column in wide if sum(one[column] for one in table) > 10
    ]
    return rows + (columns if len(table) > 1 else [])


@pytest.mark.parametrize(
    ("cells", "gone"),
    [
        ([11, 20], set()), ([0, 20], set()), ([10, 20, 30], {0, 1}), ([5, 6, 30], {0, 1}), ([5, 4, 30], {0, 1, 2}),
        ([5, 20], {0, 1}), ([3, 20, 0], {0, 1}), ([3, 2], {0, 1}), ([4], {0}),
    ],
)  # fmt: skip
def test_a_small_cell_takes_another_with_it(cells: list[int], gone: set[int]) -> None:
    """The next smallest, until what is hidden stands for eleven; a zero tells of nobody; a small whole is hidden."""
    assert {place for place, is_gone in enumerate(hidden_of(cells)) if is_gone} == gone


def test_a_cell_between_two_rings_is_protected_too() -> None:
    """Each row and column has two hidden cells, and still one would follow from all sums together."""
    ring = [[6, 6, 40, 40], [6, 6, 6, 40], [40, 40, 6, 6], [40, 40, 6, 6]]
    assert (1, 2) in hidden(ring)
    assert len(hidden(ring)) > 9


@settings(max_examples=150, deadline=None)
@given(TABLES)
def test_no_hidden_cell_follows_from_what_is_shown(table: list[list[int]]) -> None:
    """By elimination with fractions: every hidden cell that shares a sum with a shown one could be another number."""
    gone = hidden_of([sum(row) for row in table])
    found = sorted(hidden(table, gone))
    small = {(row, column) for row, cells in enumerate(table) for column, one in enumerate(cells) if too_few(one)}
    assert small <= set(found)
    lines = [[cell for cell in line if cell in found] for line in known_sums(table, gone)]
    part = {cell for line in known_sums(table, gone) if not set(line) <= set(found) for cell in line}
    sums = [[int(cell in inside) for cell in found] for inside in lines if inside]
    for place, cell in enumerate(found):
        alone = [int(place == other) for other in range(len(found))]
        assert cell not in part or rank([*sums, alone]) > rank(sums), (table, cell)
    for line, inside in zip(known_sums(table, gone), lines, strict=True):
        assert not inside or len(inside) == len(line) or sum(table[row][column] for row, column in inside) > 10


def counts(part: Any) -> list[int]:
    """Every number of episodes that an answer holds."""
    if isinstance(part, dict):
        own = [value for name, value in part.items() if name in {"n", "n_one", "n_other", "admitted", "never_again"}]
        return [one for one in own if one] + [one for value in part.values() for one in counts(value)]
    return [one for value in part for one in counts(value)] if isinstance(part, list | tuple) else []


@settings(max_examples=30, deadline=None)
@given(PEOPLE)
def test_no_answer_from_outside_tells_of_few(people: list[Member]) -> None:
    """Neither a count nor a difference of two counts of one cohort is of 1 to 10 patients."""
    shown: list[Any] = [
        *side_by_side(people, OUTSIDE), *stays(people, "program", "day", outside=True),
        *attendance(people, OUTSIDE), *(against(people, OUTSIDE, "one", "two") or ()),
    ]  # fmt: skip
    assert not any(too_few(one) for view in shown for one in counts(view.model_dump()))
    for cohort in side_by_side(people, OUTSIDE):
        if cohort.everybody is None:
            continue
        n = cohort.everybody.n
        parts = [one.n for one in cohort.ends], [one.n for one in cohort.everybody.standings or ()]
        assert not any(too_few(n - sum(one or 0 for one in part)) for part in parts)
        for group in (cohort.completers, cohort.measured_again):
            assert group is None or not too_few(n - group.n)
            assert group is None or group.standings is None
        assert cohort.admitted is None or not too_few(cohort.admitted - n)


def test_a_suppressed_cohort_says_so_and_holds_no_number() -> None:
    """Of 10 and 30 both are hidden, because the whole is known; three cohorts of 30 are told."""
    few = [member(one, program_id="one") for one in range(10)]
    many = [member(100 + one, program_id=name) for name in ("two", "three", "four") for one in range(30 * 3)][:90]
    many = [one._replace(program_id=("two", "three", "four")[place % 3]) for place, one in enumerate(many)]
    found = {one.cohort: one for one in side_by_side([*few, *many], OUTSIDE)}
    assert {name for name, one in found.items() if one.suppressed} == {"one", "four"}
    numbers = (found["one"].admitted, found["one"].coverage, found["one"].everybody, found["one"].ends)
    assert numbers == (None, None, None, ())
    assert found["two"].everybody is not None
    [difference, *_] = against([*few, *many], OUTSIDE, "one", "two") or ()
    assert (difference.suppressed, difference.n_one, difference.change) == (True, None, None)


def test_eleven_episodes_of_few_patients_are_few() -> None:
    """Patients count, not episodes."""
    people = [member(one)._replace(patient_id=f"p{one % 5}") for one in range(20)]
    assert [one.suppressed for one in side_by_side(people, OUTSIDE)] == [True]
    assert [one.suppressed for one in side_by_side(people, OUTSIDE._replace(outside=False))] == [False]


def test_no_curve_leaves_the_program() -> None:
    """Each step is a patient: only the ends are told, and why."""
    people = [member(one, ended="dropped_out" if one % 2 else "completed") for one in range(40)]
    [stay] = stays(people, "program", "day", outside=True)
    assert stay.points == ()
    assert stay.not_shown is not None
    assert {one.ended: one.n for one in stay.ends} == {"completed": 20, "dropped_out": 20, "other": 0, "in_care": 0}
