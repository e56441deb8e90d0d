"""Outcome instruments as versioned data: ranges, scoring, bands, and what counts as change. No item's wording.

Every judgment (bands, cut, reliable change, minimal important difference) carries the source that it was read in and
whether that source is an official or primary one; whatever is not says `verified=False` wherever it shows.
Reliable change follows Jacobson and Truax: 1.96 x SD x sqrt(2) x sqrt(1 - reliability), rounded up to a whole point.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

Items = Sequence[int | None]


@dataclass(frozen=True, slots=True)
class Band:
    """A range of scores with a name, both ends included."""

    label: str
    low: int
    high: int
    verified: bool


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where a judgment was read, and whether that was an official or primary source."""

    source: str
    verified: bool


@dataclass(frozen=True, slots=True)
class Skip:
    """Items that may be left out when the items of `when_zero` are all answered with 0."""

    items: tuple[int, ...]
    when_zero: tuple[int, ...]


class ItemOutOfRange(ValueError):
    """An answer that the instrument does not have; `item` is its number, from 1."""

    def __init__(self, item: int) -> None:
        self.item = item
        super().__init__(f"Item {item} has an answer that the instrument does not offer.")


class ItemMissing(ValueError):
    """An answer that the instrument may not go without; `item` is its number, from 1."""

    def __init__(self, item: int) -> None:
        self.item = item
        super().__init__(f"Item {item} has no answer, and the instrument's rule does not let it be skipped.")


@dataclass(frozen=True, slots=True)
class Instrument:
    """One version of one instrument. Scores are whole points; `evidence` is keyed by the name of the judgment."""

    code: str
    version: str
    label: str
    item_count: int
    lowest: int
    highest: int
    low_score: int
    high_score: int
    higher_is_better: bool
    bands: tuple[Band, ...]
    multiplier: int = 1
    reversed_items: frozenset[int] = frozenset()
    answers: Mapping[int, frozenset[int]] = field(default_factory=dict)
    skips: tuple[Skip, ...] = ()
    entered_only: bool = False
    safety_item: int | None = None
    cut: int | None = None
    reliable_change: int | None = None
    standard_deviation: float | None = None
    reliability: float | None = None
    minimal_important_difference: int | None = None
    evidence: Mapping[str, Evidence] = field(default_factory=dict)

    @property
    def allows_skip(self) -> bool:
        """Whether any item may be left out."""
        return bool(self.skips)

    def check(self, items: Items) -> None:
        """Raises ItemOutOfRange or ItemMissing for the first item that the instrument does not take."""
        for number in range(1, max(self.item_count, len(items)) + 1):
            answer = items[number - 1] if number <= len(items) else None
            if answer is None and number <= self.item_count:
                self._must_be_skippable(number, items)
            elif number > self.item_count or answer not in self._offered(number):
                raise ItemOutOfRange(number)

    def _offered(self, number: int) -> frozenset[int]:
        return self.answers.get(number) or frozenset(range(self.lowest, self.highest + 1))

    def _must_be_skippable(self, number: int, items: Items) -> None:
        for skip in self.skips:
            if number in skip.items and all(item <= len(items) and items[item - 1] == 0 for item in skip.when_zero):
                return
        raise ItemMissing(number)

    def score(self, items: Items) -> int:
        """The total of complete answers, in the instrument's own direction; a rightly skipped item counts 0.

        Raises ItemOutOfRange, ItemMissing.
        """
        self.check(items)
        return self.multiplier * sum(
            self.highest - answer if number in self.reversed_items else answer
            for number, answer in enumerate(items, start=1) if answer is not None
        )

    def holds(self, score: int) -> bool:
        """Whether the instrument can have this total: inside its range, in its steps."""
        return self.low_score <= score <= self.high_score and score % self.multiplier == 0

    def band(self, score: int) -> Band:
        """The band of a score. Raises ValueError for a score outside the instrument's range."""
        for band in self.bands:
            if band.low <= score <= band.high:
                return band
        raise ValueError(f"{self.label} has no score {score}; it runs from {self.low_score} to {self.high_score}.")

    def is_case(self, score: int) -> bool:
        """Whether a score is at the cut or on its worse side; False where no cut is known."""
        if self.cut is None:
            return False
        return score <= self.cut if self.higher_is_better else score >= self.cut


def _bands(verified: bool, *bands: tuple[str, int, int]) -> tuple[Band, ...]:
    return tuple(Band(label, low, high, verified) for label, low, high in bands)


PHQ_9 = Instrument(
    code="phq-9", version="1", label="PHQ-9", item_count=9, lowest=0, highest=3, low_score=0, high_score=27,
    higher_is_better=False, safety_item=9,
    bands=_bands(
        True, ("minimal", 0, 4), ("mild", 5, 9), ("moderate", 10, 14), ("moderately severe", 15, 19),
        ("severe", 20, 27),
    ),
    cut=10, reliable_change=6, standard_deviation=5.7, reliability=0.89, minimal_important_difference=5,
    evidence={
        "bands": Evidence("Kroenke, Spitzer and Williams 2001", True),
        "cut": Evidence("Kroenke, Spitzer and Williams 2001: 10 and above, sensitivity and specificity 88 %", True),
        "reliable_change": Evidence("NHS Talking Therapies threshold; the SD is worked back from it, alpha .89", False),
        "minimal_important_difference": Evidence("customary 5 points; no primary source read", False),
    },
)

GAD_7 = Instrument(
    code="gad-7", version="1", label="GAD-7", item_count=7, lowest=0, highest=3, low_score=0, high_score=21,
    higher_is_better=False,
    bands=_bands(False, ("minimal", 0, 4), ("mild", 5, 9), ("moderate", 10, 14), ("severe", 15, 21)),
    cut=8, reliable_change=4, standard_deviation=4.5, reliability=0.92, minimal_important_difference=4,
    evidence={
        "bands": Evidence("scoring guide, read in a secondary source", False),
        "cut": Evidence("NHS Talking Therapies: 8 and above; others screen at 10", False),
        "reliable_change": Evidence("NHS Talking Therapies threshold; the SD is worked back from it, alpha .92", False),
        "minimal_important_difference": Evidence("sensitivity-to-change study of the GAD-7; others use 5", True),
    },
)

BDI_II = Instrument(
    code="bdi-ii", version="1", label="BDI-II", item_count=0, lowest=0, highest=3, low_score=0, high_score=63,
    higher_is_better=False, entered_only=True,
    bands=_bands(False, ("minimal", 0, 13), ("mild", 14, 19), ("moderate", 20, 28), ("severe", 29, 63)),
    evidence={"bands": Evidence("customary ranges; the licensed manual was not read", False)},
)

PCL_5 = Instrument(
    code="pcl-5", version="1", label="PCL-5", item_count=20, lowest=0, highest=4, low_score=0, high_score=80,
    higher_is_better=False,
    bands=_bands(False, ("below the cut", 0, 32), ("at or above the cut", 33, 80)),
    cut=33, reliable_change=18, minimal_important_difference=12,
    evidence={
        "bands": Evidence("the cut; severity bands are not published", False),
        "cut": Evidence("published range 31 to 33; its upper end is used", False),
        "reliable_change": Evidence("Marx and others 2022: 15 and 18 in two samples; the stricter is used", True),
        "minimal_important_difference": Evidence("Marx and others 2022: 9 to 12; the stricter is used", True),
    },
)

WHO_5 = Instrument(
    code="who-5", version="1", label="WHO-5", item_count=5, lowest=0, highest=5, low_score=0, high_score=100,
    multiplier=4, higher_is_better=True,
    bands=_bands(False, ("likely depression", 0, 28), ("poor wellbeing", 29, 50), ("adequate wellbeing", 51, 100)),
    cut=50, minimal_important_difference=10,
    evidence={
        "bands": Evidence("systematic review of the WHO-5, read in a secondary source", False),
        "cut": Evidence("systematic review of the WHO-5, read in a secondary source", False),
        "minimal_important_difference": Evidence("customary 10 of 100; no primary source read", False),
    },
)

AUDIT = Instrument(
    code="audit", version="1", label="AUDIT", item_count=10, lowest=0, highest=4, low_score=0, high_score=40,
    higher_is_better=False, answers={9: frozenset({0, 2, 4}), 10: frozenset({0, 2, 4})},
    # Who never drinks goes on to items 9 and 10; so does who never drinks more than a little (items 2 and 3).
    skips=(Skip(items=(2, 3, 4, 5, 6, 7, 8), when_zero=(1,)), Skip(items=(4, 5, 6, 7, 8), when_zero=(2, 3))),
    bands=_bands(True, ("zone I", 0, 7), ("zone II", 8, 15), ("zone III", 16, 19), ("zone IV", 20, 40)),
    cut=8,
    evidence={
        "bands": Evidence("zones of the World Health Organization; others set 8 to 14 and 15 and above", True),
        "cut": Evidence("lower end of zone II of the World Health Organization", True),
        "skips": Evidence("manual of the World Health Organization, from general knowledge", False),
    },
)

DAST_10 = Instrument(
    code="dast-10", version="1", label="DAST-10", item_count=10, lowest=0, highest=1, low_score=0, high_score=10,
    higher_is_better=False, reversed_items=frozenset({3}),
    bands=_bands(
        True, ("none", 0, 0), ("low", 1, 2), ("moderate", 3, 5), ("substantial", 6, 8), ("severe", 9, 10),
    ),
    evidence={"bands": Evidence("scoring guide of the Comorbidity Guidelines", True)},
)

# The version that is administered today, by code; an older one stays in VERSIONS for ever.
INSTRUMENTS: dict[str, Instrument] = {
    one.code: one for one in (PHQ_9, GAD_7, BDI_II, PCL_5, WHO_5, AUDIT, DAST_10)
}
VERSIONS: dict[tuple[str, str], Instrument] = {(one.code, one.version): one for one in INSTRUMENTS.values()}


def instrument(code: str, version: str | None = None) -> Instrument | None:
    """The instrument of a code in any case, such as PHQ-9; a version of None means today's. None: unknown."""
    today = INSTRUMENTS.get(code.lower())
    return today if version is None else VERSIONS.get((code.lower(), version))
