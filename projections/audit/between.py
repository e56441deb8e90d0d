"""What came to a patient's record between two moments, of all of it or of one episode of care.

Whose episode a fact is of, the fact says, or what it is about: an attendance, a claim, a session, a document, all of
which were told of with their episode before. What is the patient's own (identity, coverage, consents, a judgment that
names no episode) is of none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from msgspec import MsgspecError
from psycopg import Cursor

from aggregates.codec import UnknownFact, decode
from iop_es.engine.log import StoredFact
from projections.audit import queries
from projections.audit.changes import LATE_AFTER_DAYS, Changes, changes
from projections.audit.queries import Filter
from projections.audit.values import details
from projections.audit.views import Entry

OF_ONE_CARE = frozenset({"assessment", "authorization", "claim", "dispute", "group", "note", "session"})
"""The things whose facts are all of the episodes that their first ones name."""
ABOUT = ("attendance_id", "charge_id", "claim_id", "session_id")


def between(
    cursor: Cursor[Any], facts: Sequence[StoredFact], patient_id: str, moments: tuple[int, int | None], *,
    enrollment_id: str | None = None, late_after_days: int = LATE_AFTER_DAYS,
    known: Callable[[list[Entry]], list[Entry]] = list, **given: Any,
) -> Changes | None:  # fmt: skip
    """The patient's changes after one position and up to another (None: now), by all their facts until then, of the
    entries those that the reader may know of; None for an episode that is not theirs, or not within reach."""
    above, upto = moments
    came = queries.onward(cursor, wanted=Filter(patient_id=patient_id, above=above, upto=upto), **given)
    found = known(came)
    last = upto or max((entry.position for entry in found), default=above)
    if enrollment_id is not None:
        begun = Filter(patient_id=patient_id, stream=enrollment_id, names=["enrollment.patient_referred"])
        if not queries.onward(cursor, wanted=begun, limit=1, **given):
            return None
        own = of_episode(facts, enrollment_id)
        found = [entry for entry in found if entry.position in own]
    return changes(patient_id, found, details(facts), (above, last), late_after_days, enrollment_id)


def of_episode(facts: Sequence[StoredFact], enrollment_id: str) -> set[int]:
    """The positions of those of a patient's facts that are of one episode. One that cannot be read is of none."""
    found, known = set[int](), dict[str, set[str]]()
    for one in sorted(facts):
        try:
            fact = decode(one.topic, one.state, None)
        except (UnknownFact, MsgspecError):
            continue
        shared = one.name.partition(".")[0] not in OF_ONE_CARE
        episodes = _named(one, fact, known) or (set() if shared else known.get(one.stream, set()))
        if enrollment_id in episodes:
            found.add(one.position)
        for thing in (*_own(fact), *(() if shared else (one.stream,))):
            known.setdefault(thing, set()).update(episodes)
    return found


def _named(one: StoredFact, fact: Any, known: dict[str, set[str]]) -> set[str]:
    """The episodes that a fact names, or that what it is about was told with."""
    named = one.stream if one.name.startswith("enrollment.") else getattr(fact, "enrollment_id", None)
    if named is not None:
        return {named}
    things = [getattr(fact, field, None) for field in ABOUT]
    return {episode for thing in (*things, *getattr(fact, "claims", ())) for episode in known.get(thing or "", ())}


def _own(fact: Any) -> Iterator[str]:
    """What later facts name this fact by, beside its stream."""
    for field in ("attendance_id", "charge_id"):
        if (thing := getattr(fact, field, None)) is not None:
            yield thing
