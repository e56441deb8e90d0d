"""The trail as far as its reader's reach goes: what is of no program is the organization's, unless it is a patient's.

A patient's own entries (who registered them, a coverage, a consent) are of no program, so that the wall around the
trail lets them through to whoever sees the organization's. They are for whom the patient is in reach: asked about by
name, a patient of other programs is told like nobody, and is not found by leafing through everybody either. Of a
consent nobody is told here who would not be told of it in the chart (see `consents`): its kind tells what a program
treats.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from psycopg import Cursor

from aggregates.codec import Damaged, salvaged
from api.gate import Gate, Question
from api.identity import Caller
from iop_es.engine.log import Log, StoredFact
from projections.audit import MODEL, queries
from projections.audit.queries import Filter
from projections.audit.views import Entry

Page = Callable[[str | None], Sequence[Entry]]
"""The page after a position."""
CONSENTS = frozenset({"patient.consent_signed", "patient.consent_revoked"})


def newest_first(gate: Gate, log: Log, question: Question) -> Callable[..., list[Entry]]:
    """`queries.trail` for the asker of this question."""

    def trail(cursor: Cursor[Any], *, after: str | None, limit: int, **given: Any) -> list[Entry]:
        def page(position: str | None) -> Sequence[Entry]:
            return queries.trail(cursor, after=position, limit=limit, **given)

        return _within_reach(gate, log, cursor, question, page, after, limit)

    return trail


def oldest_first(gate: Gate, log: Log, question: Question) -> Callable[..., list[Entry]]:
    """`queries.onward` for the asker of this question."""

    def onward(cursor: Cursor[Any], *, wanted: Filter, limit: int, **given: Any) -> list[Entry]:
        def page(position: str | None) -> Sequence[Entry]:
            further = wanted if position is None else replace(wanted, above=int(position))
            return queries.onward(cursor, wanted=further, limit=limit, **given)

        return _within_reach(gate, log, cursor, question, page, None, limit)

    return onward


def without_others_consents(gate: Gate, log: Log, caller: Caller, entries: Sequence[Entry]) -> list[Entry]:
    """The entries without those of consents that the caller's programs may not know of."""
    told = [one.position for one in entries if one.name in CONSENTS]
    hidden = others_consents(gate, caller, log.at(told)) if told else set()
    return [one for one in entries if one.position not in hidden]


def others_consents(gate: Gate, caller: Caller, facts: Sequence[StoredFact]) -> set[int]:
    """Which of these facts, by position, are of consents that the caller's programs may not know of; one that cannot be
    read is."""
    found, known = set[int](), dict[str, frozenset[str]]()
    for one in facts:
        if one.name not in CONSENTS:
            continue
        patient, fact = one.patients[0], salvaged(one.topic, one.state, checked=False)
        if patient not in known:
            known[patient] = gate.consents_known_to(caller, patient, None)
        if isinstance(fact, Damaged) or fact.consent_id not in known[patient]:
            found.add(one.position)
    return found


def _within_reach(
    gate: Gate, log: Log, cursor: Cursor[Any], question: Question, page: Page, after: str | None, limit: int
) -> list[Entry]:  # fmt: skip
    """So many entries within reach, where there are so many."""
    found: list[Entry] = []
    while len(found) < limit:
        entries = page(after)
        about = {patient for one in entries if one.program_id is None for patient in one.patient_ids}
        away = about - gate.near(cursor, question, about, MODEL.name) if about else set()
        near = [one for one in entries if one.program_id is not None or away.isdisjoint(one.patient_ids)]
        found += without_others_consents(gate, log, question.caller, near)
        if len(entries) < limit:
            break
        after = str(entries[-1].position)
    return found[:limit]
