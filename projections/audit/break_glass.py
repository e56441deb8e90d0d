"""Who broke the glass of which patient, what was read under it, and whether somebody has judged it.

Made from the facts themselves, so that a grant is seen at once, whatever the projections are at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, Field

from aggregates.access.facts import BreakGlassOpened, BreakGlassReviewed, EmergencyCause
from aggregates.codec import decode
from aggregates.values import Id, Instant, moment
from iop_es.engine.log import StoredFact
from iop_es.engine.readmodel.reading import ReadEntry

NAMES = ("access.break_glass_opened", "access.break_glass_reviewed")
OVERDUE_HOURS = 24
"""A review is due within this time. Ours: no rule gives a number."""


class LookView(BaseModel):
    """One look through the glass."""

    at: Instant
    resource: str = Field(description="The query's name.")
    outcome: str
    request: str | None


class BreakGlassView(BaseModel):
    """A broken glass."""

    grant_id: Id
    patient_id: Id
    opened_by: Id
    acting_in: Id | None = Field(description="The program in which the person works.")
    opened_at: Instant
    ends_at: Instant
    open: bool = Field(description="Whether it still lets that person in.")
    cause: EmergencyCause
    words: str | None = Field(description="The nature of the emergency; null: no longer readable.")
    disclosed: bool = Field(description="Whether medical personnel were told.")
    personnel: str | None
    facility: str | None
    looks: list[LookView] = Field(description="What was read under it, the first one first.")
    reviewed_by: Id | None
    reviewed_at: Instant | None
    justified: bool | None
    review: str | None = Field(description="What the reviewer says.")
    age_hours: float = Field(description="Hours since it was opened.")
    overdue: bool = Field(
        description=f"Not reviewed for more than {OVERDUE_HOURS} hours, a limit of this house that no rule sets."
    )


def grants(
    facts: Sequence[StoredFact], looks: Mapping[str, Sequence[ReadEntry]], now: str
) -> list[BreakGlassView]:
    """Every grant that these facts tell of: those that wait for a review before the others, the oldest first."""
    opened: dict[str, BreakGlassOpened] = {}
    judged: dict[str, tuple[BreakGlassReviewed, str]] = {}
    for one in sorted(facts):
        fact: Any = decode(one.topic, one.state, one.sealed)
        if isinstance(fact, BreakGlassOpened):
            opened[fact.grant_id] = fact
        else:
            judged.setdefault(fact.grant_id, (fact, one.recorded_at))
    found = [_view(one, judged.get(grant), looks.get(grant, ()), now) for grant, one in opened.items()]
    return sorted(found, key=lambda one: (one.reviewed_by is not None, one.opened_at))


def _view(
    opened: BreakGlassOpened, judged: tuple[BreakGlassReviewed, str] | None, looks: Sequence[ReadEntry], now: str
) -> BreakGlassView:
    review, reviewed_at = judged or (None, None)
    hours = (moment(now) - moment(opened.opened_at)).total_seconds() / 3600
    words = opened.sealed
    return BreakGlassView(
        grant_id=opened.grant_id, patient_id=opened.patient_id, opened_by=opened.opened_by, acting_in=opened.acting_in,
        opened_at=opened.opened_at, ends_at=opened.ends_at, open=opened.opened_at <= now < opened.ends_at,
        cause=opened.cause, words=words.words if words else None, disclosed=opened.disclosed,
        personnel=words.personnel if words else None, facility=words.facility if words else None,
        looks=[LookView(at=one.at, resource=one.resource, outcome=one.outcome, request=one.request) for one in looks],
        reviewed_by=review.reviewed_by if review else None, reviewed_at=reviewed_at,
        justified=review.justified if review else None,
        review=review.sealed.words if review and review.sealed else None,
        age_hours=round(hours, 2), overdue=review is None and hours > OVERDUE_HOURS,
    )  # fmt: skip
