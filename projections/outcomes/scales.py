"""Instruments as outcomes use them: scoring from `aggregates.assessment.instruments`, thresholds with their sources.

Response and remission are said only of instruments for which they are customary; no official source was read for
those of PHQ-9 and GAD-7, so they show as unverified.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from aggregates.assessment.instruments import Band, Instrument, instrument
from projections.outcomes.change import Thresholds

Items = tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Course:
    """What a good course is called on an instrument: the share of the baseline gone, the limit to come under."""

    source: str
    verified: bool
    response: float | None = None
    remission: int | None = None


_CUSTOMARY = "customary half of the baseline"
COURSES: dict[tuple[str, str], Course] = {
    ("phq-9", "1"): Course(f"{_CUSTOMARY}; remission under 5", False, response=0.5, remission=5),
    ("gad-7", "1"): Course(_CUSTOMARY, False, response=0.5),
    ("pcl-5", "1"): Course("end state of 28 or less, J Trauma Stress 2023;36:1102", True, remission=29),
}


@dataclass(frozen=True, slots=True)
class Scale:
    """One version of one instrument, ready to judge."""

    instrument: Instrument
    thresholds: Thresholds

    @property
    def safety_item(self) -> int | None:
        """The number of the item, from 1, whose answer is looked at by itself."""
        return self.instrument.safety_item

    def score(self, items: Items) -> int:
        """The total of the answers. Raises ValueError for answers that the instrument does not take."""
        return self.instrument.score(items)

    def band(self, score: int) -> Band | None:
        """The severity band, None where the instrument has none."""
        return self.instrument.band(score) if self.instrument.bands else None


@cache
def scale_of(code: str, version: str) -> Scale | None:
    """The scale of exactly this version; None if this release does not know it, so that nothing is judged."""
    found = instrument(code, version)
    return None if found is None else Scale(found, _thresholds(found))


def _thresholds(found: Instrument) -> Thresholds:
    course = COURSES.get((found.code, found.version))
    return Thresholds(
        higher_is_better=found.higher_is_better,
        reliable_change=found.reliable_change,
        minimal_important_difference=found.minimal_important_difference,
        cut=found.cut,
        response=course.response if course else None,
        remission=course.remission if course else None,
        source="; ".join(_sources(found, course)) or None,
    )


def _sources(found: Instrument, course: Course | None) -> Iterator[str]:
    for name in ("reliable_change", "minimal_important_difference", "cut"):
        value, evidence = getattr(found, name), found.evidence.get(name)
        if value is not None:
            source = evidence.source if evidence else "no source"
            spread = _spread(found) if name == "reliable_change" else ""
            yield f"{name.replace('_', ' ')} {value}{spread}: {source}{_mark(bool(evidence and evidence.verified))}"
    if course:
        yield f"response and remission: {course.source}{_mark(course.verified)}"


def _spread(found: Instrument) -> str:
    if found.standard_deviation is None or found.reliability is None:
        return ""
    return f" (SD {found.standard_deviation}, reliability {found.reliability})"


def _mark(verified: bool) -> str:
    return "" if verified else " [unverified]"
