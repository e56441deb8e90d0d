"""A figure: what was measured, what it is compared with in the same run, and what it is to reach."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """`ratio` is the value against what it is compared with; `most`: `reach` is the most that it may be.

    Where nothing is compared, `ratio` is None and the value itself is to stay within `reach`. `kept` is False when a
    second condition, which the note tells, does not hold.
    """

    name: str
    value: float
    unit: str
    compared_with: str | None
    ratio: float | None
    reach: float
    note: str = ""
    most: bool = False
    kept: bool = True

    @property
    def met(self) -> bool:
        """Whether it reaches what it is to reach."""
        told = self.value if self.ratio is None else self.ratio
        return self.kept and (told <= self.reach if self.most else told >= self.reach)

    def as_data(self) -> dict[str, Any]:
        """The figure for scripts."""
        return {
            "name": self.name, "value": _round(self.value), "unit": self.unit, "compared_with": self.compared_with,
            "ratio": None if self.ratio is None else _round(self.ratio), "reach": self.reach, "met": self.met,
            "note": self.note,
        }  # fmt: skip


def _round(number: float) -> float:
    return round(number) if number >= 1_000 else float(f"{number:.3g}")
