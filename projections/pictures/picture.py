"""What every picture has beside its marks: a title, the text that stands for it, and the table that says the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from aggregates.assessment.instruments import TOTAL, instrument
from projections.outcomes.scales import gauge

Cell = str | int | float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture that is not drawn yet. `described` tells its numbers to whoever cannot see it."""

    title: str
    described: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


class PictureView(BaseModel):
    """A picture as text and table, for readers who cannot see it and programs that would draw it themselves."""

    model_config = ConfigDict(frozen=True)

    title: str = Field(description="What it shows.")
    described: str = Field(description="Its numbers in sentences, as the SVG's own description says them.")
    columns: tuple[str, ...] = Field(description="The headings of its table.")
    rows: tuple[tuple[Cell, ...], ...] = Field(description="The table; null: nothing is known, which is never zero.")


def alternative(picture: Picture) -> PictureView:
    """The picture without its marks."""
    return PictureView(
        title=picture.title, described=picture.described, columns=picture.columns, rows=picture.rows
    )  # fmt: skip


def name(code: str, version: str, scale: str) -> str:
    """What a scale of an instrument is called: the total as the instrument, another with both names."""
    kind, known = instrument(code, version) or instrument(code), gauge(code, version, scale)
    label = kind.label if kind else code
    own = known.scale.label if known and known.scale else scale
    return f"{label}, total score" if scale == TOTAL else f"{label}: {own}"


def number(value: float | None) -> str:
    """A figure to a tenth, without a tenth that is nothing; a dash where there is none."""
    return "–" if value is None else f"{value:.1f}".removesuffix(".0")


def sentences(parts: Sequence[str]) -> str:
    """Sentences in a row, without those that are empty."""
    return " ".join(part for part in parts if part)


def rounded(value: float | None) -> Any:
    """To a thousandth: what is drawn and shown in a table."""
    return None if value is None else round(value, 3)
