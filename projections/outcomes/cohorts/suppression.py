"""Which cells of a table must not leave the program.

Cells of 1 to 10 patients are hidden, and so is what would let one of them be found: CMS cell size suppression policy
(resdac.org, version of 2024-01-26), which hides no zero. A table's cells add up along its rows to totals that are
shown, and down its columns to totals that another question may tell. So further cells are hidden until no hidden one
follows from those sums, and those of one sum stand for eleven patients or more.

This holds within one answer. What the difference of two would show it cannot hide; so whoever asks from outside narrows
nothing and is told nothing exact (`coarse`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

FEWEST = 11
"""Patients from which a cell may be told."""

Table = Sequence[Sequence[int]]
Cell = tuple[int, int]


def too_few(patients: int) -> bool:
    """Whether a cell of so many patients is hidden for itself."""
    return 0 < patients < FEWEST


def hidden(table: Table, rows_hidden: Sequence[bool] = ()) -> set[Cell]:
    """The cells, as row and column, that are not told. A hidden row's own total is not told, so all its cells are
    hidden; the total of a column is taken as known unless it is itself too small to be told anywhere."""
    gone = {row for row, is_hidden in enumerate(rows_hidden) if is_hidden}
    found = {
        (row, column) for row, cells in enumerate(table) for column, patients in enumerate(cells)
        if row in gone or too_few(patients)
    }
    while line := _exposed(table, found, gone):
        others = [(table[row][column], row, column) for row, column in line if (row, column) not in found]
        _, row, column = min(others, key=lambda one: (one[0] == 0, one))
        found.add((row, column))
    return found


def hidden_of(cohorts: Sequence[int]) -> list[bool]:
    """The same of cohorts whose total is known."""
    found = hidden([cohorts]) if sum(cohorts) >= FEWEST else {(0, place) for place in range(len(cohorts))}
    return [(0, place) in found for place in range(len(cohorts))]


def _exposed(table: Table, found: set[Cell], gone: set[int]) -> list[Cell] | None:
    """A line (a row or column with a known total) whose hidden cells stand for too few patients, or that holds a cell
    which follows from the sums; None: there is none that anything could still be hidden in."""
    for line in _lines(table, gone):
        inside = [cell for cell in line if cell in found]
        patients = sum(table[row][column] for row, column in inside)
        if inside and len(inside) < len(line) and (len(inside) == 1 or patients < FEWEST):
            return line
    for row, column in _determined(table, found, gone):
        for line in _lines(table, gone):
            if (row, column) in line and any(cell not in found for cell in line):
                return line
    return None


def _lines(table: Table, gone: set[int]) -> Iterator[list[Cell]]:
    wide = len(table[0]) if table else 0
    for row in range(len(table)):
        if row not in gone:
            yield [(row, column) for column in range(wide)]
    if len(table) > 1:
        for column in range(wide):
            if sum(cells[column] for cells in table) >= FEWEST:
                yield [(row, column) for row in range(len(table))]


def _determined(table: Table, found: set[Cell], gone: set[int]) -> Iterator[Cell]:
    """The hidden cells that all sums together leave one value."""
    unknown = sorted(found)
    lines = [[cell for cell in line if cell in found] for line in _lines(table, gone)]
    sums = [inside for inside in lines if inside]
    if not unknown or not sums:
        return
    import numpy as np  # noqa: PLC0415 - only who asks from outside pays for it

    place = {cell: number for number, cell in enumerate(unknown)}
    matrix = np.zeros((len(sums), len(unknown)))
    for number, inside in enumerate(sums):
        matrix[number, [place[cell] for cell in inside]] = 1
    fixed = np.linalg.pinv(matrix) @ matrix  # the projection on what the sums tell
    yield from (cell for cell in unknown if fixed[place[cell], place[cell]] > 1 - 1e-9)
