"""The labeled pairs of notes, and how many of them the comparison judges as people did.

Run `python -m tests.aggregates.note_likeness` for a table of every pair.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from aggregates.note.likeness import THRESHOLD, Likeness, Wording, within

PAIRS = Path(__file__).with_name("note_pairs.toml")


@dataclass(frozen=True)
class Pair:
    """Two texts, whether one was made from the other, and whether the thresholds were tuned on them."""

    cloned: bool
    what: str
    texts: tuple[str, str]
    goals: tuple[str, ...]
    tuned_on: bool

    def likeness(self, threshold: int = THRESHOLD) -> tuple[Likeness, ...]:
        """What the comparison says of the two."""
        first, second = (
            Wording(f"00000000-0000-4000-8000-{place:012}", "group", (("response", text),), self.goals)
            for place, text in enumerate(self.texts)
        )
        return within((first, second), threshold)

    @property
    def score(self) -> int:
        """0 to 100."""
        return self.likeness(0)[0].score


def pairs() -> list[Pair]:
    """Every pair, in the file's order; those at even places tune."""
    read = tomllib.loads(PAIRS.read_text(encoding="utf-8"))["pair"]
    return [
        Pair(one["label"] == "clone", one["what"], (one["a"], one["b"]), (one["goal"],) if "goal" in one else (),
             place % 2 == 0)
        for place, one in enumerate(read)
    ]  # fmt: skip


def rates(judged: Iterable[Pair]) -> tuple[float, float]:
    """The share of clones that are found, and the share of honest pairs that are called alike."""
    found = [(one.cloned, bool(one.likeness())) for one in judged]
    clones, honest = ([alike for cloned, alike in found if cloned is wanted] for wanted in (True, False))
    return sum(clones) / len(clones), sum(honest) / len(honest)


def main() -> None:
    """A table of every pair by score, and the rates of either half."""
    out = sys.stdout.write
    for one in sorted(pairs(), key=lambda one: one.score):
        label, half = "clone" if one.cloned else "honest", "tuned on" if one.tuned_on else "held out"
        out(f"{one.score:4d}  {label:6s}  {half}  {one.what}\n")
    for name in ("tuned on", "held out"):
        hits, alarms = rates([one for one in pairs() if one.tuned_on is (name == "tuned on")])
        out(f"{name}: {hits:.0%} of the clones found, {alarms:.0%} false alarms, threshold {THRESHOLD}\n")


if __name__ == "__main__":
    main()
