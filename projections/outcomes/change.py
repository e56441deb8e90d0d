"""How one score stands to its baseline: change, whether it is more than chance, and what it is called.

Direction is the sign of the change, read as better or worse. The classes are those of Jacobson and Truax: recovered
(reliably better and across the cut), improved, unchanged, deteriorated. They are only said where the instrument has a
reliable change from a source, and *recovered* only of a baseline on the ill side of the cut.
"""

from __future__ import annotations

from dataclasses import dataclass

from projections.outcomes.rows import ChangeClass, Direction

MONTH = (487, 16)  # 30.4375 days, as a fraction


@dataclass(frozen=True, slots=True)
class Limits:
    """What a change is judged by, as kept with each result; None: not established.

    `source` names where the numbers come from, `dated` the year of the source of the reliable change. `response` is the
    share of the baseline that must go; `cut` and `remission` are limits of the ill side, ill at the limit and beyond;
    `end_state` is reached at the limit. They hold since ever, or from the day `in_force_from`.
    """

    higher_is_better: bool
    in_force_from: str | None = None
    reliable_change: int | None = None
    standard_deviation: float | None = None
    reliability: float | None = None
    dated: str | None = None
    minimal_important_difference: int | None = None
    cut: int | None = None
    response: float | None = None
    remission: int | None = None
    end_state: int | None = None
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
    end_state: bool | None


def judge(baseline: int, score: int, by: Limits) -> Change:
    """What became of a baseline."""
    better = score - baseline if by.higher_is_better else baseline - score
    reliable = None if by.reliable_change is None else abs(better) >= by.reliable_change
    crossed = _crossed(baseline, score, by.cut, by.higher_is_better)
    return Change(
        change=score - baseline,
        direction="improved" if better > 0 else "worsened" if better < 0 else "unchanged",
        reliable=reliable,
        change_class=None if reliable is None else _class(better, reliable, bool(crossed)),
        important=_reached(better, by.minimal_important_difference),
        response=None if by.response is None or baseline == 0 else better >= by.response * baseline,
        remission=_crossed(baseline, score, by.remission, by.higher_is_better),
        end_state=None if by.end_state is None else not _beyond(score, by.end_state, by.higher_is_better),
    )


def months(days: int) -> int:
    """The nearest whole number of months of 30.4375 days."""
    numerator, denominator = MONTH
    return (2 * days * denominator + numerator) // (2 * numerator)


def distance_from_month(days: int) -> int:
    """How far so many days are from their nearest month, in sixteenths of a day."""
    numerator, denominator = MONTH
    return abs(days * denominator - months(days) * numerator)


def _class(better: int, reliable: bool, crossed: bool) -> ChangeClass:
    if not reliable:
        return "unchanged"
    if better < 0:
        return "deteriorated"
    return "recovered" if crossed else "improved"


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


def _beyond(score: int, limit: int, higher_is_better: bool) -> bool:
    """On the worse side of a limit, not at it."""
    return score < limit if higher_is_better else score > limit
