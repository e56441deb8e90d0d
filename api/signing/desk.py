"""The desk for signatures: shows what is to be signed, and signs what was shown once the signer has proved themselves.

Any command that makes a signature can lie here, many at once. The desk opens the person's key for this one act; the
decision that follows checks the signature as a stranger would, so that none is recorded that does not verify.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import sha256
from typing import TypeVar

from msgspec import to_builtins

from aggregates.canonical import canonical
from aggregates.clinician.commands import CreateSigningKey
from aggregates.clinician.state import Clinician
from aggregates.kit import COMMAND_NAME, Refusal, altered
from aggregates.note.commands import (
    AmendNote,
    CosignNote,
    ElectronicSignature,
    EnterNoteInError,
    SignAsFacilitator,
)
from aggregates.note.envelope import Authentication, ToBeSigned, assurance, digest_of, envelope_of, signed_bytes
from aggregates.note.signature import SignedFact, bound, to_be_signed
from aggregates.values import NoteId, PersonId, instant, moment
from api.commands.attempt import Weighed
from api.commands.handle import Commands
from api.commands.order import Answer, Order
from api.signing.challenge import ChallengeUnknown, ChangedSinceShown, issue, must_be_for, shown_at
from api.signing.known import Signer
from api.signing.proof import Proof, going_on, must_be_proved
from iop_es.engine.keys import Keyring

T = TypeVar("T")
SIGNER = {
    CosignNote: "cosigner_id", SignAsFacilitator: "signer_id", AmendNote: "signer_id", EnterNoteInError: "declared_by",
}  # fmt: skip
"""In which field a command says whose name and credential are to be looked up, where that is not the author."""


class NothingToSign(Refusal):
    """This is signed already; read it, and add an amendment if something is missing."""


class DocumentTwice(Refusal):
    """Document {note_id} stands here twice, and its second signature would rest on the first, which is not made yet;
    sign one, then have the other shown and sign that.
    """


class SignatureComesFromHere(Refusal):
    """A signature is made at this door and does not come with the command; leave it out."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What is to be signed, or why it cannot be, for each command in order; the challenge is for what can be.

    `expires_at` is in seconds since 1970; no challenge where nothing can be signed.
    """

    signings: list[ToBeSigned | Exception]
    challenge: str | None
    expires_at: int | None


@dataclass(slots=True)
class SigningDesk:
    """Shows and signs; `clock` is real time in seconds, also where the log keeps a simulated one."""

    commands: Commands
    keyring: Keyring
    clock: Callable[[], float] = time.time

    def show(self, orders: Sequence[Order], session: str, commands: Commands | None = None) -> Shown:
        """What these orders of one person would have them sign, and the challenge to answer in this working session;
        `commands` may be a door that has looked at it already."""
        if not orders:
            return Shown([], None, None)
        person, commands = orders[0].by, commands or self.commands.remembering()
        self._give_key(orders[0], commands)
        position = commands.position()
        signings = self._signings(commands.weigh(self._filled(orders)))
        wanted = [one for one in signings if isinstance(one, ToBeSigned)]
        if not wanted:
            return Shown(signings, None, None)
        challenge, ends = issue(self.keyring, Signer(person, session), digest_of(wanted), self.clock(), position)
        return Shown(signings, challenge, ends)

    def sign(
        self, orders: Sequence[Order], proof: Proof, session: str, recorded_at: str | None = None,
        continues: str | None = None,
    ) -> list[Answer]:  # fmt: skip
        """Signs what was shown: the answers in order. Nothing is signed where one of them cannot be. `continues`: what
        the last signing of the session gave.

        Raises the refusal of the first that cannot be signed, of the challenge, or of the proof; ChangedSinceShown
        where the documents, and not the signer, are why the challenge is for something else.
        """
        person, commands = orders[0].by, self.commands.remembering()
        signed_at = recorded_at or commands.now()
        weighed = commands.weigh(self._filled(orders), signed_at)
        wanted = _none_refused(self._signings(weighed))
        signer, ready = Signer(person, session), _none_refused(weighed)
        must_be_proved(self.keyring, proof, signer, continues, self.clock())
        try:
            must_be_for(self.keyring, proof.challenge, signer, digest_of(wanted), self.clock())
        except ChallengeUnknown:
            self._must_stand_as_shown(ready, wanted, proof.challenge, signer, signed_at)
            raise
        auth = Authentication(
            aal=assurance(proof.methods), methods=proof.methods, challenge=proof.challenge,
            at=instant(moment(signed_at) - timedelta(seconds=max(proof.age, 0))),
        )
        signing = self.keyring.signing(person, _key_of(ready[0]))
        signed = [_signed(one, said, auth, signed_at, signing) for one, said in zip(ready, wanted, strict=True)]
        return commands.handle_all([one.order for one in signed], recorded_at, weighed=signed)

    def going_on(self, person: PersonId, session: str) -> str:
        """What a signing that was just made gives its signer for the next one of the session."""
        return going_on(self.keyring, Signer(person, session), self.clock())

    def _must_stand_as_shown(
        self, weighed: Sequence[Weighed], wanted: Sequence[ToBeSigned], challenge: str, signer: Signer, now: str
    ) -> None:  # fmt: skip
        """Weighs the same orders as of when the challenge says that they were shown. Where that is what it is for, it
        was, and the documents have changed since: raises ChangedSinceShown, or ChallengeExpired. Made up, or for
        anything else: ChallengeUnknown, or nothing."""
        position = shown_at(challenge)
        if position is None:
            return
        then = self._signings(self.commands.weigh([one.order for one in weighed], now, position))
        shown = [one for one in then if isinstance(one, ToBeSigned)]
        if len(shown) < len(wanted):
            return
        must_be_for(self.keyring, challenge, signer, digest_of(shown), self.clock())
        three = zip(weighed, shown, wanted, strict=True)
        raise ChangedSinceShown(documents="; ".join(_what_changed(*one) for one in three if one[1] != one[2]))

    def _signings(self, weighed: Sequence[Weighed | Exception]) -> list[ToBeSigned | Exception]:
        """What each would have signed; of a document that comes twice only the first, since what the second one is
        chained to cannot be shown before it is there."""
        signings: list[ToBeSigned | Exception] = []
        begun: set[NoteId] = set()
        for one in map(self._signing, weighed):
            if isinstance(one, ToBeSigned) and one.note_id in begun:
                signings.append(DocumentTwice(note_id=one.note_id))
                continue
            begun |= {one.note_id} if isinstance(one, ToBeSigned) else set()
            signings.append(one)
        return signings

    def _signing(self, weighed: Weighed | Exception) -> ToBeSigned | Exception:
        if isinstance(weighed, Exception):
            return weighed
        fact = next((one for one in weighed.outcomes if isinstance(one, SignedFact)), None)
        if fact is None:
            return NothingToSign()
        try:
            return to_be_signed(weighed.stream, weighed.own.state, fact, weighed.seen["clinician"].state)
        except Refusal as refusal:
            return refusal

    def _give_key(self, order: Order, commands: Commands) -> None:
        """A person without a key that this house can sign with gets one: at the first signature, and after its root
        was lost."""
        person = order.by
        clinician = commands.states("clinician", [person])[person]
        if not isinstance(clinician, Clinician):
            return
        current = clinician.signing_key
        if current is not None:
            made = self.keyring.public_key(person, current.created.number)
            if made == current.created.public_key:
                return
        number = len(clinician.signing_keys) + 1
        command = CreateSigningKey(
            clinician_id=person, number=number, public_key=self.keyring.public_key(person, number)
        )
        key = f"{person}:signing-key:{command.public_key}"
        name = COMMAND_NAME[CreateSigningKey]
        commands.handle(
            replace(
                order, command=command, key=key, digest=sha256(f"{name}:{key}".encode()).digest(), occurred_at=None,
                expected=None, kept=False,
            )
        )

    def _filled(self, orders: Sequence[Order]) -> list[Order]:
        """The orders with what the signer's side adds, and with a salt each: new words are committed to when they are
        shown, and have to come to the same commitment when they are signed."""
        filled = [_with_signer(order) for order in orders]
        salts = self.keyring.salts([_said(one) for one in filled])
        return [replace(one, salt=salt) for one, salt in zip(filled, salts, strict=True)]


def _none_refused(several: Sequence[T | Exception]) -> list[T]:
    """All of them; raises the first refusal among them."""
    found: list[T] = []
    for one in several:
        if isinstance(one, Exception):
            raise one
        found.append(one)
    return found


def _signed(
    weighed: Weighed, said: ToBeSigned, auth: Authentication, signed_at: str, signing: Callable[[bytes], str]
) -> Weighed:
    """The same with its signature, which is checked as a stranger would."""
    envelope = envelope_of(said, auth, signed_at)
    given = ElectronicSignature(envelope=envelope, signature=signing(signed_bytes(envelope)))
    order, state = weighed.order, weighed.own.state
    return replace(
        weighed, order=replace(order, command=altered(order.command, signature=given)),
        outcomes=bound(weighed.outcomes, weighed.stream, state, given, weighed.seen, weighed.act),
    )


def _what_changed(weighed: Weighed, shown: ToBeSigned, now: ToBeSigned) -> str:
    """A document by its kind and id, with what its envelope says otherwise."""
    before, after = to_builtins(shown), to_builtins(now)
    fields = ", ".join(name for name in before if before[name] != after[name])
    return f"{weighed.own.state.drafted.kind} {weighed.stream} ({fields})"


def _said(order: Order) -> bytes:
    return canonical({"by": order.by, "name": COMMAND_NAME[type(order.command)], "data": order.command})


def _key_of(weighed: Weighed) -> int:
    number: int = weighed.seen["clinician"].state.signing_key.created.number
    return number


def _with_signer(order: Order) -> Order:
    """The order with the signer's own id where the command asks for it. Raises SignatureComesFromHere."""
    command = order.command
    if command.signature is not None:
        raise SignatureComesFromHere
    field_name = SIGNER.get(type(command))
    if field_name is None or getattr(command, field_name) is not None:
        return order
    return replace(order, command=replace(command, **{field_name: order.by}))
