"""The trail as far as its reader's reach goes: what is of no program is the organization's, unless it is a patient's.

A patient's own entries (who registered them, a coverage, a consent) are of no program, so that the wall around the
trail lets them through to whoever sees the organization's. They are for whom the patient is in reach: asked about by
name, a patient of other programs is told like nobody, and is not found by leafing through everybody either. Of a
consent nobody is told here who would not be told of it in the chart (see `consents`): its kind tells what a program
treats. Neither is anybody told of what one program did and does not say which (a disclosure that names no episode) who
is not cleared for every program that had the patient then (see `projections.audit.things`). A broken glass is of the
program that its breaker works in, and told of to whom the patient is in reach, too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from psycopg import Cursor

from aggregates.codec import Damaged, salvaged
from api.commands.reach import REFERRED
from api.gate import Gate, Question
from api.identity import Caller
from iop_es.engine.log import Log, StoredFact
from projections.audit import MODEL, queries
from projections.audit.queries import Apart, Filter
from projections.audit.things import GLASS, GUARDED, had_by
from projections.audit.views import Count, Entry

T = TypeVar("T", Entry, Apart)
Page = Callable[[str | None], Sequence[Entry]]
"""The page after a position."""
CONSENTS = frozenset({"patient.consent_signed", "patient.consent_revoked"})
UNREADABLE = "unreadable"
"""In place of a program that a damaged referral no longer names: nobody is cleared for it."""


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


def counting(gate: Gate, log: Log, question: Question) -> Callable[..., list[Count]]:
    """`queries.counts` for the asker of this question: of the entries that the asker may list, and of no others."""

    def counts(cursor: Cursor[Any], *, wanted: Filter, **given: Any) -> list[Count]:
        found = queries.tallies(cursor, wanted=wanted, **given)
        apart = _near(gate, log, cursor, question, queries.apart(cursor, found, wanted.patient_id))
        near = {None, *(one.position for one in apart)}
        return queries.summed(one for one in found if one.position in near)

    return counts


def of_one_thing(gate: Gate, log: Log, question: Question) -> Callable[..., list[Entry] | None]:
    """`queries.history` for the asker of this question; None where nothing of it is for the asker. The ids of a
    patient's own streams follow from the patient's, so that the reach is asked here, too."""

    def history(cursor: Cursor[Any], **given: Any) -> list[Entry] | None:
        return _near(gate, log, cursor, question, queries.history(cursor, **given)) or None

    return history


def known_to(gate: Gate, log: Log, caller: Caller, entries: Sequence[T]) -> list[T]:
    """Of entries about patients within reach those that the caller's programs may know of."""
    told = [one.position for one in entries if one.name in CONSENTS]
    hidden = _others_consents(gate, caller, log.at(told)) if told else set()
    hidden |= _of_nobody_alone(log, caller, entries)
    return [one for one in entries if one.position not in hidden]


def _others_consents(gate: Gate, caller: Caller, facts: Sequence[StoredFact]) -> set[int]:
    """Which of these facts, by position, are of consents that the caller's programs may not know of; one that cannot be
    read is."""
    told = [(one, salvaged(one.topic, one.state, checked=False)) for one in facts]
    known = gate.consents_known_to(caller, {one.patients[0] for one, _ in told}, None)
    return {
        one.position for one, fact in told
        if isinstance(fact, Damaged) or fact.consent_id not in known[one.patients[0]]
    }


def _of_nobody_alone(log: Log, caller: Caller, entries: Sequence[T]) -> set[int]:
    """Which of these entries, by position, tell of one program and do not say of which, of patients whom a program had
    then that the caller is not cleared for."""
    guarded = [one for one in entries if one.program_id is None and one.name in GUARDED]
    about = {patient for one in guarded for patient in one.patient_ids}
    referrals: dict[str, list[tuple[int, str]]] = {one: [] for one in about}
    for fact in log.about(sorted(about), [REFERRED], with_context=False):
        told = salvaged(fact.topic, fact.state, checked=False)
        referrals[fact.patients[0]].append((fact.position, getattr(told, "program_id", UNREADABLE)))
    return {
        one.position for one in guarded
        if any(had_by(referrals[patient], one.position) - caller.programs for patient in one.patient_ids)
    }


def _within_reach(
    gate: Gate, log: Log, cursor: Cursor[Any], question: Question, page: Page, after: str | None, limit: int
) -> list[Entry]:  # fmt: skip
    """So many entries within reach, where there are so many."""
    found: list[Entry] = []
    while len(found) < limit:
        entries = page(after)
        found += _near(gate, log, cursor, question, entries)
        if len(entries) < limit:
            break
        after = str(entries[-1].position)
    return found[:limit]


def _near(gate: Gate, log: Log, cursor: Cursor[Any], question: Question, entries: Sequence[T]) -> list[T]:
    """Those of these entries that the asker may see."""
    apart = {one.position for one in entries if one.program_id is None or one.name in GLASS}
    about = {patient for one in entries if one.position in apart for patient in one.patient_ids}
    away = about - gate.near(cursor, question, about, MODEL.name) if about else set()
    near = [one for one in entries if one.position not in apart or away.isdisjoint(one.patient_ids)]
    return known_to(gate, log, question.caller, near)
