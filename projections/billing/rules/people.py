"""What did a named person decide about the day: to answer for what holds it, or to give it up?"""

from __future__ import annotations

from projections.billing.day import Case


def ask_write_off(case: Case) -> None:
    """A day that somebody gave up is billed no more; a claim that stands keeps it billed."""
    given_up = case.episode.written_off.get(case.date)
    if given_up is not None:
        case.say("write_off", "written_off", "written_off", given_up.positions, cause=given_up.value)


def release(case: Case) -> None:
    """A hold, or a wait that ends as one, that somebody answers for becomes a warning that says who and why."""
    released = {one.hold: one for one in case.episode.releases if one.on == case.date}
    for answer in case.answers:
        found = released.get(answer.code or "")
        if found is not None and answer.outcome in {"held", "waiting"}:
            answer.outcome, answer.due_at = "warning", None
            answer.numbers = answer.numbers | {"released_by": found.released_by, "released_because": found.cause}
            answer.positions = sorted({*answer.positions, *found.positions})
