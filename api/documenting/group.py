"""A group's documentation in one call: drafts are stored (see `storing`), looked over, and what is ready is laid out to
be signed with one challenge.

A part rests on the narrative that its group shares: none is laid out before that says something, and where a signed
part's narrative was struck, that it rests on the one that follows is laid out too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from aggregates.note.commands import AttestSignature, CosignNote, RestOnNarrative, SignAsFacilitator, SignNote
from aggregates.note.envelope import ToBeSigned
from aggregates.note.state import Document, Signed
from aggregates.values import NoteId, PatientId, SessionId
from api.commands.handle import Commands
from api.commands.order import Answer, Order
from api.documenting.alike import read
from api.documenting.looking import Look, look_over
from api.documenting.storing import Part, order_of, store
from api.signing.desk import Shown, SigningDesk
from iop_es.engine.log import Log

STRUCK = "narrative_in_error"
"""Why a part is laid out to rest on another narrative."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of one part, and what there is to see about it; nothing to see about one that was refused.

    `expected`: it is the narrative, or its patient is or was on the roster. `rests`: it is no part, or the narrative
    that it rests on is signed or laid out to be signed with it.
    """

    note_id: NoteId
    part: Part
    answer: Answer
    look: Look | None
    expected: bool
    rests: bool = True

    @property
    def ready(self) -> bool:
        """Whether it is laid out to be signed."""
        return self.look is not None and not self.look.unready and self.rests


@dataclass(frozen=True, slots=True)
class Documented:
    """What became of all, in the order given, and what is laid out to be signed: the orders and what is shown. What is
    ready and yet cannot be signed is in `kept_back` instead, by its document, with why."""

    stored: list[Stored]
    orders: list[Order]
    shown: Shown
    kept_back: Mapping[NoteId, Exception]


@dataclass(frozen=True, slots=True)
class Seen:
    """What is laid out to be signed, what there is to see about each document whose words a signature covers, and whom
    those are about."""

    shown: Shown
    looks: Mapping[NoteId, Look]
    patient_ids: frozenset[PatientId]


@dataclass(frozen=True, slots=True)
class Documenting:
    """Documents sessions for their authors, and lays out what was written one by one."""

    commands: Commands
    log: Log
    desk: SigningDesk

    def document(
        self, by: Order, session_id: SessionId, narrative: Part | None, parts: Sequence[Part], session: str
    ) -> Documented:
        """Stores a session's documents, looks them over and lays out what is ready to be signed in this working
        session. `by` lends its person, role, programs and key.

        Raises UnknownSession, OutOfReach.
        """
        commands = self.commands.remembering()
        drafts = store(commands, by, session_id, narrative, parts)
        looks = look_over(commands, self.log, drafts.written())
        stored = [
            Stored(one.note_id, one.part, one.answer, looks.get(one.note_id), one.expected) for one in drafts.each
        ]
        stored = _resting(stored, commands.states("note", [*(one.note_id for one in stored), drafts.shared]))
        ready = [signature_of(one.note_id, one.part) for one in stored if one.ready]
        rest = [
            RestOnNarrative(note_id=note_id, narrative_id=drafts.shared, cause=STRUCK)
            for note_id in drafts.left_behind()
        ]
        orders = [
            *(order_of(by, number, one, "sign") for number, one in enumerate(ready)),
            *(order_of(by, number, one, "rest") for number, one in enumerate(rest)),
        ]
        return _laid_out(stored, orders, self.desk.show(orders, session, commands))

    def show(self, orders: Sequence[Order], session: str) -> Seen:
        """What these orders would have their person sign, with one challenge, looked over as a group's documentation
        is."""
        commands = self.commands.remembering()
        shown = self.desk.show(orders, session, commands)
        of_its_words = SignNote | CosignNote | SignAsFacilitator | AttestSignature
        notes = [
            order.command.note_id for order, one in zip(orders, shown.signings, strict=True)
            if isinstance(one, ToBeSigned) and isinstance(order.command, of_its_words)
        ]
        streams = self.log.streams(list(dict.fromkeys(notes)))
        written = [one for stream, facts in streams.items() if (one := read(stream, facts)) is not None]
        about = frozenset(one.patient_id for one in written if one.patient_id is not None)
        return Seen(shown, look_over(commands, self.log, written), about)


def _resting(stored: Sequence[Stored], states: Mapping[NoteId, Any]) -> list[Stored]:
    """Whether each part rests on words that are signed, or are to be: over a draft nobody knows what they sign for."""
    with_it = {one.note_id for one in stored if one.ready and one.part.patient_id is None}

    def rests(one: Stored) -> bool:
        state = states[one.note_id]
        under = state.drafted.narrative_id if isinstance(state, Document) else None
        return under is None or under in with_it or isinstance(states.get(under), Signed)

    return [replace(one, rests=rests(one)) for one in stored]


def _laid_out(stored: list[Stored], orders: Sequence[Order], shown: Shown) -> Documented:
    both = list(zip(orders, shown.signings, strict=True))
    kept_back = {
        order.command.note_id: one for order, one in both
        if isinstance(one, Exception) and isinstance(order.command, SignNote)
    }
    left = [(order, one) for order, one in both if order.command.note_id not in kept_back]
    shown = replace(shown, signings=[one for _, one in left])
    return Documented(stored, [order for order, _ in left], shown, kept_back)


def signature_of(note_id: NoteId, part: Part) -> SignNote:
    """The command that signs a part."""
    return SignNote(note_id=note_id, late_reason=part.late_reason, override_cause=part.override_cause)
