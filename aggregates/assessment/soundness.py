"""Whether an instrument's document can be right: it names items it has, its bands have no gap, its dates go forward."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aggregates.assessment.instruments import Instrument
    from aggregates.assessment.scales import Form, Scale
    from aggregates.assessment.thresholds import Bands


def must_be_sound(kind: Instrument) -> None:
    """Raises ValueError with everything that is wrong with an instrument."""
    wrong = list(_wrong(kind))
    if wrong:
        raise ValueError(f"{kind.code} in version {kind.version}: {' '.join(wrong)}")


def _wrong(kind: Instrument) -> Iterator[str]:
    names = [scale.name for scale in kind.scales]
    if len(set(names)) != len(names):
        yield "Two scales have one name."
    if not names and kind.triage is None:
        yield "It has neither a scale nor a triage."
    if kind.items is None and (names != ["total"] or kind.scales[0].items):
        yield "Without items it has a total alone, as entered."
    # A deterioration is told of an administration, so that only one of its scales may tell it.
    if sum(any(one.reliable_change for one in scale.thresholds) for scale in kind.scales) > 1:
        yield "More than one scale has a reliable change."
    count = kind.items.count if kind.items else 0
    if {number for number in _named(kind) if number > count}:
        yield "It names an item that it does not have."
    for scale in kind.scales:
        yield from _wrong_in_scale(scale, kind.items)


def _named(kind: Instrument) -> Iterator[int]:
    """Every item number that is named anywhere."""
    if kind.safety_item is not None:
        yield kind.safety_item
    if kind.items is not None:
        for offered in kind.items.offered:
            yield from offered.items
        for skip in kind.items.skips:
            yield from (*skip.items, *skip.when_zero)
    for scale in kind.scales:
        yield from scale.items
        raised = [one.raised for one in scale.thresholds if one.raised is not None]
        yield from (number for one in raised for answered in one.any_of for number in answered.items)
    if kind.triage is not None:
        yield from (one.item for level in kind.triage.levels for one in level.any_of)
    if kind.diagnosis is not None:
        yield from (number for group in kind.diagnosis.groups for number in group.items)


def _wrong_in_scale(scale: Scale, form: Form | None) -> Iterator[str]:
    if not set(scale.reversed) <= set(scale.items):
        yield f"The scale {scale.name} reverses an item that it does not count."
    if form is not None:
        answers = [form.answers(number) for number in scale.items]
        least, most = (scale.multiplier * sum(map(pick, answers)) for pick in (min, max))
        if (scale.low, scale.high) != (least, most):
            yield f"The scale {scale.name} runs from {least} to {most} by its items."
        if scale.reversed and scale.highest_answer != form.highest:
            yield f"The scale {scale.name} turns answers at {form.highest}."
    days = [one.in_force_from for one in scale.thresholds]
    dated = [day for day in days if day is not None]
    if days[:1] != [None] or None in days[1:] or sorted(set(dated)) != dated:
        yield f"The first thresholds of the scale {scale.name} hold since ever, each later entry from a later day."
    for one in scale.thresholds:
        if one.reliable_change is not None and one.reliable_change.threshold <= 0:
            yield f"A reliable change of the scale {scale.name} is no change."
        if one.bands is not None:
            yield from _wrong_in_bands(one.bands, scale)


def _wrong_in_bands(bands: Bands, scale: Scale) -> Iterator[str]:
    expected = scale.low
    for band in bands.ranges:
        if band.low != expected or band.high < band.low:
            yield f"The bands of the scale {scale.name} have a gap or overlap at {band.low}."
        expected = band.high + 1
    if expected != scale.high + 1:
        yield f"The bands of the scale {scale.name} end at {expected - 1}, not at {scale.high}."
