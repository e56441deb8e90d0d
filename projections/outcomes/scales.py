"""Instruments as outcomes use them: each scale of a version with what it makes of answers and what judges it by day.

A triage is a scale without a score: its level is told as the band. A version that this release does not know is kept
as entered, and nothing of it is judged.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from aggregates.assessment.instruments import TOTAL, Instrument, instrument
from aggregates.assessment.scales import Items, Scale
from aggregates.assessment.thresholds import Sourced, Thresholds
from projections.outcomes.change import Limits

TRIAGE = "triage"


class Result(NamedTuple):
    """What an administration comes to on one scale; None: nothing to say."""

    score: int | None
    band: str | None = None
    band_verified: bool | None = None
    band_raised: bool | None = None
    provisional_diagnosis: bool | None = None


@dataclass(frozen=True, slots=True)
class Gauge:
    """One scale of one version of an instrument; `kind` None: a version that is not known, `scale` None: a triage.

    The first one of an instrument is its `main` one, on which its safety item is told.
    """

    name: str
    main: bool
    kind: Instrument | None = None
    scale: Scale | None = None
    dated: tuple[Limits, ...] = ()

    @property
    def safety_item(self) -> int | None:
        """The number of the item, from 1, whose answer is looked at by itself."""
        return self.kind.safety_item if self.kind and self.main else None

    def safety_answer(self, items: Items) -> int | None:
        """The answer to the safety item."""
        number = self.safety_item
        return items[number - 1] if number is not None and number <= len(items) else None

    def least_safety_answer(self, score: int) -> int:
        """The least answer to the safety item with which a score can be reached; 0 where it can without."""
        number, form, scale = self.safety_item, self.kind.items if self.kind else None, self.scale
        if number is None or form is None or scale is None or number in scale.reversed:
            return 0
        most = scale.score(tuple(
            0 if one == number else min(form.answers(one)) if one in scale.reversed else max(form.answers(one))
            for one in range(1, form.count + 1)
        ))  # fmt: skip
        return max(0, -((most - score) // scale.multiplier))

    def result(self, items: Items, entered: int | None, day: str) -> Result | None:
        """Of answers, or of an entered score, taken on a day; None where the administration says nothing on it."""
        if self.kind is None:
            return Result(entered)
        if self.scale is None:
            return self._triaged(items)
        score = self.scale.score(items) if items else entered if self.name == TOTAL else None
        if score is None:
            return None
        diagnosis = self.kind.diagnosis if self.main and items else None
        met = diagnosis.met(items) if diagnosis else None
        return Result(score, *self._banded(self.scale.on(day), score, items), met)

    def _banded(self, by: Thresholds, score: int, items: Items) -> tuple[str | None, bool | None, bool | None]:
        """The band, whether everything that led to it is verified, and whether answers raised it."""
        found = by.band(score, items)
        if found is None or by.bands is None:
            return None, None, None
        band, raised = found
        return band.label, by.bands.verified and not (raised and by.raised and not by.raised.verified), raised

    def _triaged(self, items: Items) -> Result | None:
        triage = self.kind.triage if self.kind else None
        return Result(None, triage.level(items), triage.verified) if triage and items else None

    def limits(self, day: str) -> Limits | None:
        """What a change is judged by on a day; None where nobody has said which way is better."""
        return next((one for one in reversed(self.dated) if (one.in_force_from or day) <= day), None)


@cache
def gauges(code: str, version: str) -> tuple[Gauge, ...]:
    """The scales of exactly this version, the main one first."""
    kind = instrument(code, version)
    if kind is None:
        return (Gauge(TOTAL, True),)
    found = [
        Gauge(scale.name, place == 0, kind, scale, tuple(_limits(scale, one) for one in scale.thresholds))
        for place, scale in enumerate(kind.scales)
    ]
    return (*found, *([Gauge(TRIAGE, not found, kind)] if kind.triage else ()))


def gauge(code: str, version: str, name: str = TOTAL) -> Gauge | None:
    """One of them by its name."""
    return next((one for one in gauges(code, version) if one.name == name), None)


def _limits(scale: Scale, by: Thresholds) -> Limits:
    change = by.reliable_change
    return Limits(
        higher_is_better=scale.higher_is_better,
        in_force_from=by.in_force_from,
        reliable_change=change.threshold if change else None,
        standard_deviation=change.standard_deviation if change else None,
        reliability=change.reliability if change else None,
        dated=change.dated if change else None,
        minimal_important_difference=_points(by.minimal_important_difference),
        cut=_points(by.cut),
        response=by.response.share if by.response else None,
        remission=_points(by.remission),
        end_state=_points(by.end_state),
        source="; ".join(_sources(by)) or None,
    )


def _points(limit: object) -> int | None:
    points = getattr(limit, "points", None)
    return points if isinstance(points, int) else None


def _sources(by: Thresholds) -> Iterator[str]:
    """Each threshold with its value and its source, then the bands, marked where no official source was read."""
    if by.reliable_change:
        change = by.reliable_change
        spread = "" if change.reliability is None else (
            f" (SD {change.standard_deviation}, reliability {change.reliability})"
        )
        yield _told(f"reliable change {change.threshold}{spread}", change)
    for name in ("minimal_important_difference", "cut", "response", "remission", "end_state"):
        one = getattr(by, name)
        if one is not None:
            yield _told(f"{name.replace('_', ' ')} {getattr(one, 'points', None) or getattr(one, 'share', 0)}", one)
    for what, one in (("bands", by.bands), ("a band up", by.raised)):
        if one is not None:
            yield _told(what, one)


def _told(what: str, source: Sourced) -> str:
    return f"{what}: {source.source}{'' if source.verified else ' [unverified]'}"
