"""How long somebody has to answer a payer's letter or decision: pure, from the day of receipt.

The day of receipt is day 0, so that what is due within 120 days is in time on day 120 and late on day 121. Days are
those of the calendar, and a last day that falls on a weekend or holiday stays where it is: no source read says that it
moves. What official sources state stands here:

    medical review     45 days for records; the claim is denied on day 46, reason code 56900, and is not to be sent
                       again; extensions should not be granted (CMS and its contractors)
    redetermination    120 days from receipt of the initial determination (CMS, Medicare appeals, level 1)
    reconsideration    180 days from the redetermination (level 2)
    hearing            60 days (level 3); at least $180 in controversy, $190 from 2025
    council review     60 days (level 4)
    judicial review    60 days (level 5); at least $1,840 in controversy, $1,900 from 2025
    MA130              the claim was unprocessable: no right to appeal, correct it and send it again

Everything else is in `clocks.toml`, unverified, or a term of the payer's contract (`appeal_days` and
`reconsideration_days` of its terms). A due day that a letter states comes before all of them.
"""

from __future__ import annotations

import calendar
import tomllib
from collections.abc import Iterable
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from aggregates.claim.state import UNPROCESSABLE
from aggregates.days import days_after
from aggregates.dispute.tracks import Level, RequestKind, Track
from aggregates.kit import value
from aggregates.values import Code, Date, Label

Confidence = Literal["stated", "C", "C2", "G", "term"]
"""The letter states it; an official source, a secondary one, or nobody read by us; a term of the payer's contract."""
LONG_AGO = "1900-01-01"


@value
class Clock:
    """Days or months of the calendar from receipt, from a date on, and what says so."""

    days: Annotated[int, Field(ge=1, le=730)] | None = None
    months: Annotated[int, Field(ge=1, le=24)] | None = None
    effective_from: Date = LONG_AGO
    confidence: Confidence
    source: Label
    unverified: bool = True


@value
class Deadline:
    """Until when, on which clock's word; `runs_from` is the day of receipt, `presumed` or known (None: the letter
    states the due day and nobody the receipt). `unverified`: no official source confirms all of it."""

    due_on: Date
    runs_from: Date | None
    presumed: bool = False
    confidence: Confidence
    unverified: bool
    source: Label


@value
class RequestClock(Clock):
    """For the records of one kind of request."""

    track: Track
    kind: RequestKind


@value
class LevelClock(Clock):
    """For filing at one level."""

    track: Track
    level: Level


@value
class Corrected:
    """A claim adjustment reason code whose claims are corrected, not appealed."""

    carc: Code
    confidence: Confidence
    source: Label


@value
class Document:
    """What no official source confirms."""

    receipt: tuple[Clock, ...]
    requests: tuple[RequestClock, ...]
    levels: tuple[LevelClock, ...]
    corrected: tuple[Corrected, ...]


def _official(days: int, source: str) -> Clock:
    return Clock(days=days, confidence="C", source=source, unverified=False)


MEDICAL_REVIEW = _official(45, "Medical review request: 45 calendar days, denied on day 46 (56900)")
MEDICARE: dict[Level, Clock] = {
    "redetermination": _official(120, "Medicare level 1: 120 days from receipt of the initial determination"),
    "reconsideration": _official(180, "Medicare level 2: 180 days from the redetermination"),
    "hearing": _official(60, "Medicare level 3: 60 days"),
    "council_review": _official(60, "Medicare level 4: 60 days"),
    "judicial_review": _official(60, "Medicare level 5: 60 days"),
}
IN_CONTROVERSY: dict[Level, tuple[tuple[str, int], ...]] = {
    "hearing": ((LONG_AGO, 18_000), ("2025-01-01", 19_000)),
    "judicial_review": ((LONG_AGO, 184_000), ("2025-01-01", 190_000)),
}
"""The least amount in controversy in cents, by the day from which it holds."""


@cache
def document() -> Document:
    """The clocks that are configuration. Raises ValueError for a document that cannot be right."""
    text = (files("aggregates.dispute") / "clocks.toml").read_text(encoding="utf-8")
    return TypeAdapter(Document).validate_python(tomllib.loads(text))


def request_clock(track: Track, kind: RequestKind, on: str) -> Clock | None:
    """The clock of a request for records that was received on a day; None where only the letter can tell."""
    if (track, kind) == ("medicare", "medical_review"):
        return MEDICAL_REVIEW
    return _latest((one for one in document().requests if (one.track, one.kind) == (track, kind)), on)


def level_clock(track: Track, level: Level, on: str, terms: Clock | None = None) -> Clock | None:
    """The clock for filing at a level, for a decision received on a day; `terms` is the contract's own for the level.
    None where only the letter can tell."""
    if track == "medicare":
        return MEDICARE.get(level)
    if track == "provider_contract":
        return terms
    return _latest((one for one in document().levels if (one.track, one.level) == (track, level)), on)


def least_amount(track: Track, level: Level, on: str) -> int:
    """The least amount in controversy in cents for filing on a day; 0 where none is known."""
    steps = IN_CONTROVERSY.get(level, ()) if track == "medicare" else ()
    return max((cents for since, cents in steps if since <= on), default=0)


def is_corrected(carc: str, rarc: str | None) -> bool:
    """Whether a denial is answered by a corrected claim rather than by an appeal."""
    return rarc == UNPROCESSABLE or any(one.carc == carc for one in document().corrected)


def due(
    clock: Clock | None, *, received_on: str | None = None, notice_on: str | None = None, stated_on: str | None = None
) -> Deadline | None:
    """Until when. A due day stated in the letter wins; else the clock runs from receipt, which is presumed some days
    after the notice where nobody knows it (unverified). None: no clock is known, or no day to count from."""
    runs_from, presumed, guess = received_on, False, None
    if runs_from is None and notice_on is not None:
        guess = _latest(document().receipt, notice_on)
        runs_from, presumed = _counted(guess, notice_on) if guess else None, True
    if stated_on is not None:
        return Deadline(
            due_on=stated_on, runs_from=received_on, confidence="stated", unverified=False, source="The letter"
        )
    if clock is None or runs_from is None:
        return None
    source = clock.source if guess is None else f"{clock.source}; {guess.source}"
    return Deadline(
        due_on=_counted(clock, runs_from), runs_from=runs_from, presumed=presumed, confidence=clock.confidence,
        unverified=clock.unverified or presumed, source=source,
    )  # fmt: skip


def _counted(clock: Clock, first: str) -> str:
    return days_after(first, clock.days) if clock.days is not None else months_after(first, clock.months or 0)


def months_after(day: str, count: int) -> str:
    """The same day so many months later, or the last of that month where it has no such day."""
    start = date.fromisoformat(day)
    year, month = divmod(start.year * 12 + start.month - 1 + count, 12)
    return date(year, month + 1, min(start.day, calendar.monthrange(year, month + 1)[1])).isoformat()


def _latest(clocks: Iterable[Clock], on: str) -> Clock | None:
    """Of those that hold on a day the one that began last."""
    begun = [one for one in clocks if one.effective_from <= on]
    return max(begun, key=lambda one: one.effective_from, default=None)
