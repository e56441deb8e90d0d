"""What holds at a moment: a stored state holds until `due_at`, and then what it becomes.

No row changes because time passes. The one expression in SQL and the one function here say the same; a test compares
them over many days and moments. `now` is an instant as text, and an end that is reached has passed.
"""

from __future__ import annotations

from projections.billing.day import Answer, Day, owner_of

STATE_AT = "CASE WHEN d.due_at <= %(now)s THEN d.becomes ELSE d.state END"
REASON_AT = "CASE WHEN d.due_at <= %(now)s THEN d.due_reason ELSE d.reason END"
OWNER_AT = "CASE WHEN d.due_at <= %(now)s THEN d.due_owner ELSE d.owner END"


def passed(due_at: str | None, now: str) -> bool:
    """Whether an end has been reached."""
    return due_at is not None and due_at <= now


def standing(day: Day, now: str) -> tuple[str, str | None, str | None]:
    """The state of a day at a moment, the code of its reason, and the role that must act."""
    if passed(day.due_at, now) and day.becomes is not None:
        return day.becomes, day.due_reason, owner_of(day.due_reason)
    return day.state, day.reason, owner_of(day.reason)


def outcome_at(answer: Answer, now: str) -> str:
    """An answer's outcome at a moment: a wait that is over holds the day, or is a warning only."""
    if answer.outcome == "waiting" and passed(answer.due_at, now):
        return "held" if answer.becomes == "held" else "warning"
    return answer.outcome
