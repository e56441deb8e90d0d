"""What people did about a patient's risk, as it is remembered: the facts of the patient's risk stream, in order.

Each act says when it was done; when that was recorded is kept beside it, so that one written down late is seen to be.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from iop_es.engine.readmodel.model import Recorded


class Acknowledged(msgspec.Struct):
    """Somebody took an alert or cleared it."""

    program_id: str
    kind: str
    about: str
    since: str
    outcome: str
    by: str
    at: str
    cause: str
    override_cause: str | None
    position: int


class Judged(msgspec.Struct):
    """A clinician judged the risk."""

    program_id: str
    enrollment_id: str | None
    by: str
    at: str
    level: str
    basis: tuple[str, ...]
    assessment_id: str | None
    position: int
    recorded_at: str


class Planned(msgspec.Struct):
    """A safety plan was made or reviewed."""

    program_id: str
    enrollment_id: str | None
    by: str
    made_on: str
    review_on: str | None
    note_id: str | None
    position: int
    recorded_at: str


class FollowedUp(msgspec.Struct):
    """Somebody tried to reach the patient."""

    program_id: str
    enrollment_id: str | None
    by: str
    at: str
    means: str
    reached: bool
    cause: str
    position: int
    recorded_at: str


class Acts(msgspec.Struct):
    """All of them, each kind in the order of recording."""

    acknowledged: list[Acknowledged] = []
    judged: list[Judged] = []
    planned: list[Planned] = []
    followed_up: list[FollowedUp] = []

    def __iter__(self) -> Iterator[Acknowledged | Judged | Planned | FollowedUp]:
        yield from self.acknowledged
        yield from self.judged
        yield from self.planned
        yield from self.followed_up


def put_act(acts: Acts, recorded: Recorded) -> None:
    """Puts a fact of the risk stream in; an alert is taken or cleared when that is recorded."""
    fact, position = recorded.fact, recorded.position
    match recorded.name:
        case "risk.alert_acknowledged":
            acts.acknowledged.append(Acknowledged(
                fact.program_id, fact.alert.kind, fact.alert.about, fact.alert.since, fact.outcome,
                fact.acknowledged_by, recorded.recorded_at, fact.cause, fact.override_cause, position,
            ))  # fmt: skip
        case "risk.assessed":
            acts.judged.append(Judged(
                fact.program_id, fact.enrollment_id, fact.assessed_by, fact.assessed_at, fact.level, fact.basis,
                fact.assessment_id, position, recorded.recorded_at,
            ))  # fmt: skip
        case "risk.safety_plan_recorded":
            acts.planned.append(Planned(
                fact.program_id, fact.enrollment_id, fact.recorded_by, fact.made_on, fact.review_on, fact.note_id,
                position, recorded.recorded_at,
            ))  # fmt: skip
        case "risk.follow_up_made":
            acts.followed_up.append(FollowedUp(
                fact.program_id, fact.enrollment_id, fact.made_by, fact.made_at, fact.means, fact.reached, fact.cause,
                position, recorded.recorded_at,
            ))  # fmt: skip
