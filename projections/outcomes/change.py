"""How one score stands to its baseline: change, whether it is more than chance, and what it is called.

Direction is the sign of the change, read as better or worse. Whether it is reliable, and so the class (improved,
unchanged, deteriorated), is only said where the instrument has a reliable change threshold from a source.
"""

from __future__ import annotations

from dataclasses import dataclass

from projections.outcomes.rows import ChangeClass, Direction

MONTH = (487, 16)  # 30.4375 days, as a fraction


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What a change is judged by; None: not established. `source` names where the numbers come from.

    `response` is the share of the baseline that must go; `cut` and `remission` are limits, ill at the limit and beyond.
    """

    higher_is_better: bool
    reliable_change: int | None = None
    minimal_important_difference: int | None = None
    cut: int | None = None
    response: float | None = None
    remission: int | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A score's change since baseline; None where there is nothing to say or no threshold to say it by."""

    change: int
    direction: Direction
    reliable: bool | None
    change_class: ChangeClass | None
    important: bool | None
    response: bool | None
    remission: bool | None
    recovered: bool | None


def judge(baseline: int, score: int, by: Thresholds) -> Change:
    """What became of a baseline."""
    better = score - baseline if by.higher_is_better else baseline - score
    reliable = None if by.reliable_change is None else abs(better) >= by.reliable_change
    change_class = None if reliable is None else _class(better, reliable)
    return Change(
        change=score - baseline,
        direction="improved" if better > 0 else "worsened" if better < 0 else "unchanged",
        reliable=reliable,
        change_class=change_class,
        important=_reached(better, by.minimal_important_difference),
        response=None if by.response is None or baseline == 0 else better >= by.response * baseline,
        remission=_crossed(baseline, score, by.remission, by.higher_is_better),
        recovered=_recovered(change_class, _crossed(baseline, score, by.cut, by.higher_is_better)),
    )


def months(days: int) -> int:
    """The nearest whole number of months of 30.4375 days."""
    numerator, denominator = MONTH
    return (2 * days * denominator + numerator) // (2 * numerator)


def distance_from_month(days: int) -> int:
    """How far so many days are from their nearest month, in sixteenths of a day."""
    numerator, denominator = MONTH
    return abs(days * denominator - months(days) * numerator)


def _class(better: int, reliable: bool) -> ChangeClass:
    if not reliable:
        return "unchanged"
    return "improved" if better > 0 else "deteriorated"


def _reached(better: int, threshold: int | None) -> bool | None:
    return None if threshold is None else better >= threshold


def _crossed(baseline: int, score: int, limit: int | None, higher_is_better: bool) -> bool | None:
    """Whether the score left the ill side of a limit; None if the baseline was not on it, so nothing could be left."""
    if limit is None or not _ill(baseline, limit, higher_is_better):
        return None
    return not _ill(score, limit, higher_is_better)


def _ill(score: int, limit: int, higher_is_better: bool) -> bool:
    """At the limit or on its worse side."""
    return score <= limit if higher_is_better else score >= limit


def _recovered(change_class: ChangeClass | None, crossed: bool | None) -> bool | None:
    """Jacobson's recovered: reliably improved and across the cut."""
    return None if change_class is None or crossed is None else crossed and change_class == "improved"
