"""The days made by hand for the billing rules, as few of them as show every reason: told by other clinics, each with
ids of its own, whose records came over after the simulated weeks."""

from __future__ import annotations

import re
from itertools import groupby
from uuid import UUID, uuid5

from iop_es.engine.log import Append, Log, NewFact
from tests.projections.billing.notation import Case, cases
from tests.projections.story import Told

AN_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
HERE = UUID("5d3b9f1e-6f0a-5c53-9d2e-1f6f0f7a9b10")
Shown = frozenset[tuple[str, str]]


def come_over(log: Log) -> None:
    """Appends their facts in order of time, those from before the log's head together at it."""
    told = [(one, number) for number, case in enumerate(chosen()) for one in case.clinic.story.facts]
    head = log.head().recorded_at
    order = sorted(told, key=lambda each: (each[0].recorded_at, each[1], each[0].position))
    for recorded_at, facts in groupby(order, lambda each: max(head, each[0].recorded_at)):
        log.append(Append(tuple(_own(one, number) for one, number in facts), recorded_at=recorded_at))


def chosen() -> list[Case]:
    """Cases that show every reason with every outcome, always the one that shows most for its facts first."""
    left = {case.name: (case, _shown(case)) for case in cases("days.txt", Case)}
    shown: set[tuple[str, str]] = set()
    found = []
    while any(reasons - shown for _, reasons in left.values()):
        case, reasons = max(left.values(), key=lambda one: len(one[1] - shown) / len(one[0].clinic.story.facts))
        found.append(case)
        shown |= reasons
        del left[case.name]
    return found


def _shown(case: Case) -> Shown:
    days = [day for _, day in case.days() if day]
    return frozenset((answer.code, answer.outcome) for day in days for answer in day.answers)


def _own(told: Told, number: int) -> NewFact:
    """The fact with every id in it made this case's own."""

    def own(text: str) -> str:
        return AN_ID.sub(lambda found: str(uuid5(HERE, f"{number}:{found[0]}")), text)

    texts = (told.state, told.sealed, told.context)
    state, sealed, context = (None if one is None else own(one.decode()).encode() for one in texts)
    return NewFact(
        UUID(own(told.stream)), told.version, told.topic, state or b"", sealed, context or b"", told.occurred_at,
        own(told.actor), tuple((own(patient), own(alias)) for patient, alias in told.patients),
    )  # fmt: skip
