"""What holds at a moment: the last of a day's stages that has begun.

No row changes because time passes. The expressions in SQL and the functions here say the same; a test compares them
over many days and moments. `now` is an instant as text, and an end that is reached has passed. A billed day stays
billed; what it would be without its claim changes like any other day.
"""

from __future__ import annotations

from projections.billing.day import Day, Stage, outcome_at
from projections.billing.lines import BillLine

INSTITUTIONAL = "837I"
IN_SEQUENCE = "earlier_claim_unanswered"
_STAGE = "width_bucket(%(now)s::text, d.since)"
UNDERLYING_AT = f"d.stages[{_STAGE}]"
STATE_AT = f"CASE WHEN d.state = 'billed' THEN d.state ELSE {UNDERLYING_AT} END"
REASON_AT = f"d.stage_reasons[{_STAGE}]"
OWNER_AT = f"d.stage_owners[{_STAGE}]"
REASONS_AT = """ARRAY(SELECT r.code FROM unnest(d.reasons, d.reasons_since, d.reasons_until) AS r (code, since, until)
      WHERE r.since <= %(now)s AND r.until > %(now)s)"""


def passed(due_at: str | None, now: str) -> bool:
    """Whether an end has been reached."""
    return due_at is not None and due_at <= now


def stage_at(day: Day, now: str) -> Stage:
    """The stage that a day is in at a moment."""
    return [stage for stage in day.stages if stage.since <= now][-1]


def next_stage(day: Day, now: str) -> Stage | None:
    """What comes by itself after a moment, if anything."""
    return next((stage for stage in day.stages if stage.since > now), None)


def standing(day: Day, now: str) -> tuple[str, str | None, str | None]:
    """The state of a day at a moment, the code of its reason, and the role that must act."""
    stage = stage_at(day, now)
    return "billed" if day.state == "billed" else stage.state, stage.reason, stage.owner


def underlying_at(day: Day, now: str) -> str:
    """What a day is at a moment, or would be without its claim."""
    return stage_at(day, now).state


def due_lines(day: Day, now: str) -> list[BillLine]:
    """The lines on no claim that can go on one at a moment.

    Only bills of a stay are taken in sequence: of a day that waits for nothing but an earlier bill's answer, what goes
    on another form does not wait.
    """
    state = underlying_at(day, now)
    if state == "waiting" and {one.code for one in day.answers if outcome_at(one, now) == state} == {IN_SEQUENCE}:
        return [line for line in day.unbilled if line.form != INSTITUTIONAL]
    return day.unbilled if state == "billable" else []


def reasons_at(day: Day, now: str) -> list[str]:
    """The codes of all reasons that stand at a moment."""
    return [code for code, (since, until) in day.reason_spans.items() if since <= now < until]
