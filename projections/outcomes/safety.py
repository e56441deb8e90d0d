"""Alerts of what was answered about suicide. Pure.

Nothing ends one but a person: neither what is measured later, nor that the answer is corrected or its measure voided.
Then it stands as it was raised last, and says who took the answer back and how. A correction that raises one anew was
not known to whoever judged before. Where only a score is known, the least answer to the safety item with which it can
be reached counts as the answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from aggregates.risk.facts import AlertKind
from projections.outcomes import alert_words as words
from projections.outcomes.documents import Administration, Answers, Document
from projections.outcomes.judging import episode_of
from projections.outcomes.raised import Raised
from projections.outcomes.scales import gauges

ANSWERED = 1
"""From this answer to a safety item on somebody looks: domain rule, after Simon et al., 10.1176/appi.ps.201200587."""
URGENT = 2
"""From this answer on at once; the same source."""
SCREENS = {"moderate": False, "high": True}
"""Which levels of a triage somebody looks at, and whether at once: the issue's rule, hence ours."""


class Answered(NamedTuple):
    """What answers ask somebody to look at."""

    kind: AlertKind
    why: str
    urgent: bool
    value: int | None = None
    threshold: int | None = None


def of_safety(document: Document) -> Iterator[Raised]:
    """At most one alert of a kind for each administration: of the answers that stand, else of those that were taken
    back last."""
    stood = {one: (taken, (*taken.was, taken.answers)) for one, taken in document.administrations.items()}
    stood |= {one: (taken, tuple(taken.was)) for one, taken in document.voided.items()}
    for assessment_id, (taken, told) in sorted(stood.items(), key=lambda one: (one[1][0].on, one[1][0].at, one[0])):
        yield from _of(document, assessment_id, taken, told)


def _of(document: Document, assessment_id: str, taken: Administration, told: Sequence[Answers]) -> Iterator[Raised]:
    raised: dict[str, Raised] = {}
    for answers in reversed(told):
        for one in _answered(taken, answers):
            raised.setdefault(one.kind, Raised(
                one.kind, assessment_id, taken.on, taken.program_id, episode_of(document, taken),
                words.withdrawn(one.why, answers.taken_back), tuple(taken.positions), one.urgent, None, one.value,
                one.threshold, taken.instrument, taken.version, answers.position, _judged_since(taken),
                answers.taken_back,
            ))  # fmt: skip
    yield from raised.values()


def _judged_since(taken: Administration) -> tuple[int, str]:
    """The position and the time from which on a judgment is about it, as the command that clears it has it."""
    corrections = sum(one.taken_back is not None and one.taken_back.how == "corrected" for one in taken.was)
    return taken.positions[corrections], taken.recorded_at if corrections else taken.at


def _answered(taken: Administration, answers: Answers) -> Iterator[Answered]:
    for gauge in gauges(taken.instrument, taken.version):
        result = gauge.result(answers.items, answers.entered_score, taken.on)
        if result is None:
            continue
        answer, score = gauge.safety_answer(answers.items), result.score
        if answer is not None and answer >= ANSWERED:
            why = words.safety_item(taken.instrument, taken.on, answer)
            yield Answered("safety_item", why, answer >= URGENT, answer, ANSWERED)
        elif answer is None and score is not None and (least := gauge.least_safety_answer(score)) >= ANSWERED:
            why = words.safety_item_implied(taken.instrument, taken.on, score, least)
            yield Answered("safety_item", why, least >= URGENT, least, ANSWERED)
        if score is None and result.band in SCREENS:
            why = words.screened(taken.instrument, taken.on, result.band)
            yield Answered("suicide_screen", why, SCREENS[result.band])
