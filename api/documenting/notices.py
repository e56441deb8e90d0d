"""What was made of a narrative after a part that rests on it was signed: a notice in each chart that carries it.

It was amended; or, since it was no more than a draft when the part was signed, or was sent back since, written anew.

The narrative is of the part's own session and program, and names nobody; whoever reaches the part may know of it.
"""

from __future__ import annotations

from collections.abc import Sequence

from aggregates.codec import salvaged
from aggregates.note.facts import NoteAmended, NoteDrafted, NoteRevised
from iop_es.engine.log import Log, StoredFact
from projections.caseload.views import AmendmentNotice

SIGNED = frozenset({"note.signed", "note.narrative_replaced"})
ATTESTED = "note.signature_attested"
BACK = "note.returned"


def narrative_amendments(
    log: Log, about: NoteDrafted, facts: Sequence[StoredFact], upto: int | None
) -> list[AmendmentNotice]:
    """The notices of a part with these facts as of a position (None: now); none before it is signed."""
    since = _signed_position(facts)
    if about.narrative_id is None or since is None:
        return []
    shared = log.facts_of_streams([about.narrative_id], upto)
    began = salvaged(shared[0].topic, shared[0].state) if shared else None
    if not isinstance(began, NoteDrafted) or began.program_id != about.program_id:
        return []
    found = (_notice(one, began) for one in shared if one.position > since)
    return [one for one in found if one is not None]


def _notice(stored: StoredFact, began: NoteDrafted) -> AmendmentNotice | None:
    """What a fact of the narrative is to a chart that carries it."""
    match salvaged(stored.topic, stored.state):
        case NoteAmended() as made:
            return AmendmentNotice(
                amendment_id=made.amendment_id, kind=made.kind, section=made.section, author_id=made.signer_id,
                signed_at=made.signed_at, recorded_at=stored.recorded_at,
            )
        case NoteRevised():
            return AmendmentNotice(
                amendment_id=None, kind="rewritten", section=None, author_id=began.author_id, signed_at=None,
                recorded_at=stored.recorded_at,
            )
    return None


def _signed_position(facts: Sequence[StoredFact]) -> int | None:
    """Where in the log the signature is that stands; None while there is none."""
    since: int | None = None
    for one in facts:
        name = one.topic.partition("@")[0]
        if name in SIGNED or (name == ATTESTED and since is None):
            since = one.position
        elif name == BACK:
            since = None
    return since
