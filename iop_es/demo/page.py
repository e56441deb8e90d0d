"""The parts of a page: sections, tables, and figures as words; no line is wider than a hundred columns."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from rich import box
from rich.console import Console
from rich.table import Table

from iop_es.demo.figures import Days
from projections.billing.words import dollars

WIDTH = 100
BLOCKS = "▁▂▃▄▅▆▇█"


def section(console: Console, title: str, told: str, below: Table) -> None:
    """A heading, a sentence, a table."""
    console.print(f"\n[bold]{title}[/bold]")
    say(console, told)
    console.print(below)


def say(console: Console, told: str) -> None:
    """A sentence."""
    console.print(told, highlight=False)


def table(*columns: str) -> Table:
    """A table with these headings; # marks numbers, to the right; ~ bars; ! what must not be cut or wrapped."""
    made = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for column in columns:
        made.add_column(
            column.lstrip("#~!"), justify="right" if column[0] == "#" else "left",
            style="cyan" if column[0] == "~" else "", no_wrap=column[0] in "#~!",
        )  # fmt: skip
    return made


def words(code: str) -> str:
    """A code as words."""
    return code.replace("_", " ")


def money(cents: int) -> str:
    """Dollars and cents."""
    return dollars(cents)


def expected(days: Days) -> str:
    """What payers are expected to allow, marked where a demo rate is in it; what is unknown adds nothing."""
    return f"{money(days.expected_cents)}{'*' if days.demo else ' '}"


def share(part: float | None) -> str:
    """A part of all in percent."""
    return "–" if part is None else f"{part:.0%}"


def score(mean: float | None) -> str:
    """A mean score."""
    return "–" if mean is None else f"{mean:.1f}"


def change(points: float | None) -> str:
    """A mean change with its sign."""
    return "–" if points is None else f"{points:+.1f}"


def effect(size: float | None) -> str:
    """An effect size with its sign."""
    return "–" if size is None else f"{size:+.2f}"


def moment(now: str) -> str:
    """A time with its weekday."""
    return f"{datetime.fromisoformat(now).astimezone(UTC):%A %Y-%m-%d %H:%M} UTC"


def bar(value: int, most: int, width: int = 24) -> str:
    """A bar, as long as the value is of the most."""
    return "█" * max(round(value / most * width), 1 if value else 0) if most else ""


def line(values: Sequence[float]) -> str:
    """A line of blocks, from zero to the largest value."""
    most = max(values, default=0) or 1
    return "".join(BLOCKS[round(value / most * (len(BLOCKS) - 1))] for value in values)
