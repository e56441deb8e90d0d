"""When nobody is on call for a program that has people on call: from the log, where such facts are few."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import NamedTuple

from aggregates.clinician.decide import LONGEST_ON_CALL
from aggregates.clinician.facts import OnCallAssigned, OnCallEnded
from aggregates.codec import decode
from aggregates.values import instant, moment
from iop_es.engine.log import Log

NAMES = ("clinician.on_call_assigned", "clinician.on_call_ended")
AHEAD = timedelta(hours=24)
"""So far ahead is looked where nothing else is said. Ours."""


class Gap(NamedTuple):
    """From a moment until another nobody is on call for a program."""

    program_id: str
    from_at: str
    until: str


def gaps(log: Log, programs: Sequence[str], since: str, until: str) -> list[Gap]:
    """Between two moments, of the programs for which somebody was on call within a month before, or is to be."""
    known = _periods(log)
    lately = instant(moment(since) - LONGEST_ON_CALL)
    return [
        Gap(program, *one)
        for program in programs if any(end > lately for _, end in known.get(program, ()))
        for one in _between(known[program], since, until)
    ]  # fmt: skip


def _periods(log: Log) -> dict[str, list[tuple[str, str]]]:
    """The times on call of each program; one that was ended before its time, until then."""
    assigned: dict[tuple[str, str], OnCallAssigned] = {}
    ended: dict[tuple[str, str], str] = {}
    for fact in log.by_topics(NAMES):
        match decode(fact.topic, fact.state, None):
            case OnCallAssigned() as one:
                assigned[fact.stream, one.on_call_id] = one
            case OnCallEnded() as one:
                ended[fact.stream, one.on_call_id] = one.ended_at
    found: dict[str, list[tuple[str, str]]] = {}
    for key, each in assigned.items():
        end = ended.get(key, each.ends_at)
        if each.starts_at < end:  # else it was ended before it began
            found.setdefault(each.program_id, []).append((each.starts_at, end))
    return found


def _between(periods: Iterable[tuple[str, str]], since: str, until: str) -> list[tuple[str, str]]:
    found, at = list[tuple[str, str]](), since
    for start, end in sorted(one for one in periods if one[0] < until):
        if at < start:
            found.append((at, start))
        at = max(at, end)
    return [*found, (at, until)] if at < until else found
