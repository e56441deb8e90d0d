"""What came of one part of the drill, and how it is told."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass, field

from tests.chaos.checker import Violation


@dataclass(slots=True)
class Outcome:
    """What was done, by kind, and what did not hold."""

    counts: dict[str, int] = field(default_factory=dict)
    violations: list[Violation] = field(default_factory=list)
    skipped: str = ""


def say(text: str) -> None:
    """To whoever watches."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def table(name: str, outcome: Outcome) -> None:
    """Prints what came of a part."""
    say(f"\n{name}" + (f": left out, {outcome.skipped}" if outcome.skipped else ""))
    for kind, number in outcome.counts.items():
        say(f"  {kind:<52} {number:>9,}")
    for invariant, number in Counter(one.invariant for one in outcome.violations).items():
        say(f"  VIOLATED {invariant}: {number}")
    for one in outcome.violations[:20]:
        say(f"    {one.invariant}: {one.told}")
