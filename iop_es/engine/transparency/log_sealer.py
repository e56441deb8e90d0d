"""Seals the log: adds the new facts' leaves to the tree, has the witness cosign its head, signs it, and keeps it.

The witness is asked first, then the key signs: a history other than the one that was sealed is never signed. That is
so when the log is shorter than what was sealed (an older backup was restored, or its end was cut off), or the same and
longer but different (facts were added to an older backup). Then the log takes no facts until the right history is
back, or its operator states, signed, that it goes on from this one (`restored`).

A step is one transaction that holds a lock: of any number of sealers one works, and one that dies gives way. It reads
what it needs and only then writes, so that it holds no snapshot and no row while it reads or waits for the witness.
"""

from __future__ import annotations

import time
from typing import Any, NamedTuple

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from psycopg import Cursor

from iop_es.engine.connections import Pool, transaction
from iop_es.engine.failpoints import reach
from iop_es.engine.transparency.checkpoint import Checkpoint, checkpoint_of
from iop_es.engine.transparency.merkle import EMPTY_ROOT
from iop_es.engine.transparency.notes import BadSignature, NotANote, Note, Signer, Verifier, parse_note
from iop_es.engine.transparency.origin import origin_of
from iop_es.engine.transparency.restored import Restored, parse_restored
from iop_es.engine.transparency.source import FACTS, Source
from iop_es.engine.transparency.store import EntryMissing, Head, Sealed, StoredHashes, TreeDamaged, TreeStore
from iop_es.engine.transparency.tiles import WIDTH, Grown, Growth, Tree
from iop_es.engine.transparency.witness import Witnessing, WitnessRefused

MOST = 65_536
"""Facts that one checkpoint takes in; more wait for the next, so that what is held in memory stays small."""

CONFLICT, GONE, INCONSISTENT = 409, 410, 422

logger = structlog.get_logger()


class Step(NamedTuple):
    """What one step did: the size that is sealed, how many facts came to it, how many wait, and whether it had the
    lock."""

    size: int
    taken: int
    waiting: int
    holding: bool = True


class HistoryRefused(Exception):
    """What is here is not what was sealed; the message says what differs and what to do."""


class NothingToRestore(Exception):
    """The log and the witness agree: there is no other history to give up."""


class _Standing(NamedTuple):
    """The log as a step finds it: its head, its origin, and what was sealed last, with a witness or without."""

    head: Head
    signer: Signer
    sealed: Checkpoint
    witnessed: bool
    restorations: int


class LogSealer:
    """Seals one log. The pool's role may read the log and write the tree's tables; `key` is the log's own; `source`
    says whether it is of the facts or of what was read."""

    def __init__(
        self, schema: str, pool: Pool, key: Ed25519PrivateKey, witness: Witnessing | None, source: Source = FACTS
    ) -> None:
        self._store = TreeStore(schema, source)
        self._pool = pool
        self._key = key
        self._public_key = key.public_key().public_bytes_raw()
        self._witness = witness

    def catch_up(self) -> Step:
        """Seals until nothing waits. Raises HistoryRefused, WitnessRefused, WitnessAway, StoreUnavailable."""
        while (step := self.step()).waiting and step.holding:
            pass
        return step

    def waits(self) -> bool:
        """Whether there is something to do: facts that are not sealed, or a log that takes none."""
        with transaction(self._pool) as cursor:
            return self._store.waiting(cursor)

    def step(self) -> Step:
        """Seals what waits, if it can have the lock. Raises HistoryRefused, and then the log takes no facts;
        WitnessRefused when the witness does not know the log; WitnessAway; StoreUnavailable."""
        started = time.perf_counter()
        try:
            with transaction(self._pool) as cursor:
                step = self._held(cursor) if self._store.lock(cursor) else Step(0, 0, 0, holding=False)
        except (HistoryRefused, EntryMissing, TreeDamaged) as error:
            reason = f"{error} {WAY_OUT.format(self._store.source.option)}"
            with transaction(self._pool) as cursor:
                self._store.refuse(cursor, reason)
            raise HistoryRefused(reason) from error
        if step.taken:
            reach("sealed")
            milliseconds = round((time.perf_counter() - started) * 1000, 1)
            if self._store.source is FACTS:
                logger.info("log_sealed", size=step.size, facts=step.taken, milliseconds=milliseconds)
            else:
                logger.info("reads_sealed", size=step.size, reads=step.taken, milliseconds=milliseconds)
        return step

    def look(self) -> None:
        """Holds the log against what the witness has seen, for who answers for it and may not seal it (role iop_api).

        Raises HistoryRefused, and then the log takes no facts until a sealer finds otherwise; WitnessAway,
        StoreUnavailable.
        """
        if self._witness is None:
            return
        try:
            while not self._looked():
                pass
        except (HistoryRefused, EntryMissing, TreeDamaged) as error:
            reason = f"{error} {WAY_OUT.format(self._store.source.option)}"
            with transaction(self._pool) as cursor:
                self._store.stop(cursor, reason)
            raise HistoryRefused(reason) from error

    def restored(self, because: str, at: str) -> Note:
        """States, signed, that the log goes on from what is here although the witness has seen another history. From
        then on it has another origin, which the witness must take in (`Witness.accept`) before the log takes facts.

        Raises NothingToRestore, HistoryRefused where what is here is unsound in itself, WitnessAway.
        """
        with transaction(self._pool) as cursor:
            while not self._store.lock(cursor):
                time.sleep(0.05)
            standing = self._standing(cursor)
            seen = self._seen(standing)
            if seen is None:
                raise NothingToRestore("The witness has seen no history of this log that could be given up.")
            growth = self._grown(cursor, standing, standing.head.position)
            if self._same(cursor, growth, standing, seen):
                raise NothingToRestore
            origin = origin_of(standing.head.name, self._public_key, standing.restorations + 1)
            signer = Signer(origin, self._key)
            new = Checkpoint(origin, standing.sealed.size, standing.sealed.root)
            note = Restored(seen, new, signer.verifier, at, because).signed(signer)
            self._store.add_restored(cursor, Sealed(new.size, str(note)))
        return note

    def _held(self, cursor: Cursor[Any]) -> Step:
        self._store.order(cursor)
        return self._step(cursor)

    def _looked(self) -> bool:
        """False where the log was given another name meanwhile. The witness is asked before the head is read, all of it
        as of one moment, so that nothing that others seal meanwhile passes for another history."""
        with transaction(self._pool) as cursor:
            before = self._standing(_snapshot(cursor))
        seen = self._seen(before)
        with transaction(self._pool) as cursor:
            standing = self._standing(_snapshot(cursor))
            if standing.signer.name == before.signer.name:
                self._compared(cursor, standing, seen, 0)
        return standing.signer.name == before.signer.name

    def _step(self, cursor: Cursor[Any]) -> Step:
        standing = self._standing(cursor)
        sealed, head = standing.sealed, standing.head
        reach("tree_locked")
        seen = self._seen(standing)
        begun = seen.size if seen else 0
        growth = self._compared(cursor, standing, seen, MOST)
        waiting = head.position - growth.size
        news = growth.size > sealed.size or (self._witness and (seen is None or begun < growth.size))
        if news and (growth.size or standing.restorations):
            reach("leaves_read")
            self._keep(cursor, standing, growth, begun)
            reach("checkpoint_added")
        if head.refusal is not None and (self._witness or not standing.witnessed):
            self._store.refuse(cursor, None)
        return Step(growth.size, growth.size - sealed.size, waiting)

    def _compared(self, cursor: Cursor[Any], standing: _Standing, seen: Checkpoint | None, most: int) -> Growth:
        """The tree, with so many new leaves at most, if the witness has seen no other. Raises HistoryRefused."""
        sealed, head, begun = standing.sealed, standing.head, seen.size if seen else 0
        if begun > head.position:
            raise HistoryRefused(
                f"The witness has seen {begun:,} {self._store.source.several} of {sealed.origin}, and here are"
                f" {head.position:,}."
            )
        growth = self._grown(cursor, standing, min(head.position, max(sealed.size + most, begun)))
        if seen is not None and not self._same(cursor, growth, standing, seen):
            raise HistoryRefused(
                f"The first {begun:,} {self._store.source.several} of {sealed.origin} are not those that the witness"
                " has seen."
            )
        return growth

    def _standing(self, cursor: Cursor[Any]) -> _Standing:
        """Raises HistoryRefused when what is here disagrees with itself, or was sealed by another key."""
        head = self._store.head(cursor)
        restorations = self._store.restorations(cursor)
        signer = Signer(origin_of(head.name, self._public_key, len(restorations)), self._key)
        last, stated = self._store.last(cursor), restorations[-1:] or None
        sealed, witnessed = Checkpoint(signer.name, 0, EMPTY_ROOT), False
        try:
            if last is not None:
                sealed = self._checked(signer, last, stated and stated[0])
                witnessed = len(parse_note(last.note).signatures) > 1
        except (NotANote, BadSignature) as error:
            raise HistoryRefused(f"The newest checkpoint here is not one that this log has signed: {error}") from error
        if sealed.size > head.position:
            several = self._store.source.several
            raise HistoryRefused(f"{sealed.size:,} {several} were sealed, and here are {head.position:,}.")
        return _Standing(head, signer, sealed, witnessed, len(restorations))

    def _checked(self, signer: Signer, last: Sealed, stated: Sealed | None) -> Checkpoint:
        """The head of the newest checkpoint, signed by this log, or by a statement taken over from its earlier name."""
        note = parse_note(last.note)
        found = checkpoint_of(note)
        if found.origin != signer.name:
            told = parse_restored(stated.note) if stated else None
            if told is None or told.key != signer.verifier or told.new != Checkpoint(
                signer.name, found.size, found.root
            ):
                raise NotANote(f"It is of {found.origin}, this log is {signer.name}. Was the root key replaced?")
        elif signer.verifier.signed(note) is None:
            raise NotANote("Its signature is missing.")
        if found.size != last.size:
            raise NotANote("It is of another size.")
        return Checkpoint(signer.name, found.size, found.root)

    def _seen(self, standing: _Standing) -> Checkpoint | None:
        """The newest head that the witness has cosigned."""
        if self._witness is None:
            return None
        origin = standing.signer.name
        note = self._witness.latest(origin)
        if note is None:
            return None
        found = cosigned(note, standing.signer.verifier, self._witness.verifier())
        if found.origin != origin:
            raise HistoryRefused(f"The witness answers for {origin} with the head of {found.origin}.")
        return found

    def _grown(self, cursor: Cursor[Any], standing: _Standing, upto: int) -> Growth:
        growth = Growth.of(StoredHashes(self._store, cursor), standing.sealed.size)
        if growth.root() != standing.sealed.root:
            raise HistoryRefused("The hashes of the tree that are stored here are not those that were sealed.")
        for leaves in self._store.leaves_after(cursor, standing.sealed.size, upto):
            growth.extend(leaves)
        return growth

    def _same(self, cursor: Cursor[Any], growth: Growth, standing: _Standing, seen: Checkpoint) -> bool:
        if seen.size > growth.size:
            return False
        if seen.size == standing.sealed.size:
            return seen.root == standing.sealed.root
        return self._tree(cursor, growth).root(seen.size) == seen.root

    def _tree(self, cursor: Cursor[Any], growth: Growth) -> Tree:
        return Tree(Grown(StoredHashes(self._store, cursor), growth))

    def _keep(self, cursor: Cursor[Any], standing: _Standing, growth: Growth, begun: int) -> None:
        """Signs the head, has it cosigned, and keeps both with what came to the tree."""
        head = Checkpoint(standing.signer.name, growth.size, growth.root())
        note = standing.signer.note(str(head))
        reach("head_signed")
        line = self._cosigned(cursor, growth, note, begun) if self._witness else ""
        reach("head_cosigned")
        new = growth.edges[0][max(0, standing.sealed.size - growth.size // WIDTH * WIDTH) :] if growth.edges else []
        leaves = new if growth.size > standing.sealed.size else []
        self._store.add(cursor, growth.full.values(), Sealed(growth.size, f"{note}{line}"), leaves)

    def _cosigned(self, cursor: Cursor[Any], growth: Growth, note: Note, begun: int) -> str:
        assert self._witness is not None  # noqa: S101 - for the type checker
        tree = self._tree(cursor, growth)
        try:
            line = self._witness.add(begun, tree.consistency(begun, growth.size), note)
        except WitnessRefused as error:
            # A log that goes on from a backup begins there, and no checkpoint of it has been cosigned yet.
            if begun or error.size is None or error.size > growth.size:
                raise _as_refusal(error) from error
            try:
                line = self._witness.add(error.size, tree.consistency(error.size, growth.size), note)
            except WitnessRefused as again:
                raise _as_refusal(again) from again
        if self._witness.verifier().signed(parse_note(f"{note}{line}")) is None:
            raise WitnessRefused(CONFLICT, "The witness answers with the cosignature of another key.")
        return line


WAY_OUT = (
    "Bring the history back that was sealed (its newest backup), or state with `iop-es log restored{}` that the log"
    " goes on from this one."
)


def _snapshot(cursor: Cursor[Any]) -> Cursor[Any]:
    """The same cursor, reading as of one moment to the end of its transaction, which writes nothing."""
    return cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")


def cosigned(note: Note, log: Verifier, witness: Verifier) -> Checkpoint:
    """The head that log and witness have both signed. Raises HistoryRefused."""
    try:
        if log.signed(note) is None:
            raise HistoryRefused("The witness has seen a head that was not signed by this log's key.")
        if witness.signed(note) is None:
            raise HistoryRefused(f"The head that the witness answers with was not cosigned by {witness.name}.")
        return checkpoint_of(note)
    except (NotANote, BadSignature) as error:
        raise HistoryRefused(f"The witness answers with something that was not signed: {error}") from error


def _as_refusal(error: WitnessRefused) -> Exception:
    """Growth that the witness does not believe is another history; anything else may pass."""
    if error.status in {GONE, INCONSISTENT}:
        return HistoryRefused(f"The witness does not cosign this: {error}")
    return error
