"""How much of the streams that a patient's programs share (account, risk, access) a program is told: what is its own.

Their ids follow from the patient's. Whoever was told how many facts there are would learn that another program treats
the patient, and when (42 CFR Part 2).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aggregates.access.facts import BreakGlassOpened, BreakGlassReviewed, DisclosureMade
from aggregates.access.state import Access
from aggregates.account.state import Account
from aggregates.account.within import program_of
from aggregates.codec import decode
from aggregates.registry import AGGREGATES
from api.commands.reach import BEGUN_BY_ANY, REFERRED
from iop_es.engine.log import Log, StoredFact

SHARED = BEGUN_BY_ANY


def version_told(log: Log, facts: Sequence[StoredFact], programs: frozenset[str] | None) -> int:
    """The version of a stream as these programs are told it (None: as it is); 0 of one on which they have nothing.

    Of an account and of risk their own facts count. Of access so do the glasses that were broken in their programs or
    in none that was said, with what became of them, and the disclosures of their episodes.
    """
    aggregate = facts[0].topic.partition(".")[0] if facts else ""
    if programs is None or aggregate not in SHARED:
        return facts[-1].version if facts else 0
    kind = AGGREGATES[aggregate]
    state, count, episodes = kind.initial, 0, list[str]()
    for one in facts:
        fact = decode(one.topic, one.state, one.sealed)
        state = kind.evolve(state, fact)
        if isinstance(fact, DisclosureMade):
            episodes += [] if fact.enrollment_id is None else [fact.enrollment_id]
        else:
            count += _is_told(state, fact, programs)
    return count + _of_these(log, episodes, programs)


def _is_told(state: Any, fact: Any, programs: frozenset[str]) -> bool:
    match state, fact:
        case Account(), _:
            program = program_of(state, fact)
            return program in programs or (program is None and not state.programs)
        case Access(), BreakGlassOpened() | BreakGlassReviewed():
            grant = state.grant(fact.grant_id)
            return grant is not None and grant.opened.acting_in in {None, *programs}
        case Access(), _:  # of a person's access, which is no program's
            return True
    return fact.program_id in programs


def _of_these(log: Log, episodes: Sequence[str], programs: frozenset[str]) -> int:
    """How many of these episodes, each as often as it is named, are of these programs."""
    stored = log.streams(sorted(set(episodes)), with_patients=False) if episodes else {}
    own = {
        stream for stream, facts in stored.items() for one in facts
        if one.name == REFERRED and decode(one.topic, one.state, None).program_id in programs
    }
    return sum(one in own for one in episodes)
