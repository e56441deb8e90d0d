"""What was made of a narrative after a part that rests on it was signed: a notice in each chart that carries it.

The narrative is of the part's own session and program, and names nobody; whoever reaches the part may know of it.
"""

from __future__ import annotations

from collections.abc import Sequence

from aggregates.codec import salvaged
from aggregates.note.facts import NoteAmended, NoteDrafted
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
    if not shared or getattr(salvaged(shared[0].topic, shared[0].state), "program_id", None) != about.program_id:
        return []
    later = [salvaged(one.topic, one.state) for one in shared if one.position > since]
    return [
        AmendmentNotice(
            amendment_id=one.amendment_id, kind=one.kind, section=one.section, author_id=one.signer_id,
            signed_at=one.signed_at,
        )
        for one in later if isinstance(one, NoteAmended)
    ]  # fmt: skip


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
