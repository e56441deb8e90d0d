"""The report on documents: how far each kind came, and what its signatures are worth, worked out from the facts."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from aggregates.codec import decode
from aggregates.kit import FACTS
from aggregates.note.facts import NoteAmended, NoteDrafted, NoteReturned, NoteRevised, NoteSigned, SignatureAttested
from aggregates.note.likeness import Wording, within
from aggregates.note.state import Cosigned, Document, NotDrafted, Signed, Struck, evolve
from aggregates.note.verification import checked
from aggregates.values import NoteId
from api.documenting.payers import Asked, asked_of
from iop_es.demo import figures as told
from iop_es.wiring import House

NAMES = sorted(name for name in FACTS if name.startswith("note."))
STATES = ("draft", "signed", "awaiting_cosignature", "cosigned", "entered_in_error")


def documents(house: House) -> told.Documents:
    """Every document of the store, its signatures checked one by one."""
    streams: dict[str, list[Any]] = defaultdict(list)
    for one in house.log.by_topics(NAMES, with_sealed=True):
        streams[one.stream].append(decode(one.topic, one.state, one.sealed))
    states = {note_id: _folded(facts) for note_id, facts in streams.items()}
    kinds: dict[str, Counter[str]] = defaultdict(Counter)
    for state in states.values():
        kinds[state.drafted.kind][_state(state)] += 1
    facts = [fact for own in streams.values() for fact in own]
    commands = house.commands()
    clinicians = commands.states("clinician", sorted({state.author_id for state in states.values()}))
    late = _late(streams, asked_of(commands.states, house.log, {note: own[0] for note, own in streams.items()}))
    found = (one for note_id, own in streams.items() for one in checked(note_id, own, clinicians.__getitem__))
    standing = Counter(one.standing for one in found)
    return told.Documents(
        kinds=[
            told.DocumentKind(kind=kind, states={state: count[state] for state in STATES if count[state]})
            for kind, count in sorted(kinds.items(), key=lambda one: -one[1].total())
        ],
        signatures=standing.total(), verified=standing["verified"], told=standing["told"],
        invalid=standing["invalid"],
        late=len(late), late_reasoned=sum(one.late_reason is not None for one in late),
        attested=sum(isinstance(one, SignatureAttested) for one in facts),
        amendments=sum(isinstance(one, NoteAmended) for one in facts),
        returned=sum(isinstance(one, NoteReturned) for one in facts),
        alike=_alike(streams),
    )  # fmt: skip


def _late(streams: Mapping[NoteId, Sequence[Any]], asked: Mapping[NoteId, Asked]) -> list[NoteSigned]:
    """The signatures that came after the window of the patient's payer, whether or not somebody said why."""
    signed = ((note, one) for note, own in streams.items() for one in own if isinstance(one, NoteSigned))
    return [one for note, one in signed if asked[note].late_at(one.signed_at)]


def _folded(facts: Sequence[Any]) -> Any:
    state: Any = NotDrafted()
    for fact in facts:
        state = evolve(state, fact)
    return state


def _state(state: Document) -> str:
    match state:
        case Struck():
            return "entered_in_error"
        case Cosigned():
            return "cosigned"
        case Signed():
            return "awaiting_cosignature" if state.needs_cosignature else "signed"
    return "draft"


def _alike(streams: dict[str, list[Any]]) -> int:
    """How many pairs of parts of one group read so alike that their author is warned."""
    sessions: dict[str, list[Wording]] = defaultdict(list)
    for note_id, facts in streams.items():
        first = facts[0]
        last = next(one for one in reversed(facts) if isinstance(one, NoteDrafted | NoteRevised))
        if first.kind == "group" and last.sealed is not None:
            sections = [(one.name, one.words) for one in last.sealed.sections]
            sessions[first.session_id].append(Wording(note_id, first.kind, sections))
    return sum(len(within(parts)) for parts in sessions.values())
