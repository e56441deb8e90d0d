"""The witness: it remembers the largest tree of each log that it has seen, and cosigns nothing but that tree, grown.

It lives in a folder of its own, best on another machine with another administrator: a key, and for each log that it is
to know (by the log's public key) the newest checkpoint that it cosigned. It never goes back. The rules are those of
c2sp.org/tlog-witness; what it says no with is that protocol's status.
"""

from __future__ import annotations

import fcntl
import json
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from iop_es.engine.failpoints import reach
from iop_es.engine.files import write
from iop_es.engine.transparency.checkpoint import Checkpoint, checkpoint_of
from iop_es.engine.transparency.merkle import EMPTY_ROOT, consistent
from iop_es.engine.transparency.notes import (
    COSIGNATURE,
    BadSignature,
    NotANote,
    Note,
    Signer,
    Verifier,
    parse_note,
    parse_verifier,
)
from iop_es.engine.transparency.restored import Restored, parse_restored

SEED_BYTES = 32


class WitnessRefused(Exception):
    """The witness does not cosign this. `status` is the protocol's number for why; `size`, with 409, is the size that
    it knows."""

    def __init__(self, status: int, why: str, size: int | None = None) -> None:
        super().__init__(why)
        self.status = status
        self.size = size


class WitnessAway(Exception):
    """The witness does not answer, or not as a witness does."""


class Witnessing(Protocol):
    """A witness, wherever it is."""

    def verifier(self) -> Verifier:
        """The key of its cosignatures. Raises WitnessAway."""

    def latest(self, origin: str) -> Note | None:
        """The newest checkpoint of a log that it has cosigned. Raises WitnessAway."""

    def add(self, old: int, proof: Sequence[bytes], note: Note) -> str:
        """Its cosignature line for a checkpoint grown from the old size. Raises WitnessRefused, WitnessAway."""


@dataclass(frozen=True, slots=True)
class Watched:
    """What it knows of one log: its keys, the newest head, and as which log it goes on if it was restored."""

    origin: str
    keys: tuple[str, ...]
    size: int = 0
    root: str = EMPTY_ROOT.hex()
    note: str | None = None
    restored: str | None = None
    goes_on_as: str | None = None

    @property
    def head(self) -> Checkpoint:
        """The newest head."""
        return Checkpoint(self.origin, self.size, bytes.fromhex(self.root))


class Witness:
    """A witness in a folder, which is made where there is none; any number of processes may use it at once."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        self._folder = folder
        self._clock = clock
        (folder / "logs").mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._alone():
            self._signer = self._own()

    def verifier(self) -> Verifier:
        """The key of its cosignatures."""
        return self._signer.verifier

    def trust(self, key: Verifier) -> Watched:
        """Lets it know a log by its public key, whose name is the log's origin; a further key for a log is one more."""
        with self._alone():
            known = self._known(key.name) or Watched(key.name, ())
            if str(key) not in known.keys:
                known = replace(known, keys=(*known.keys, str(key)))
                self._keep(known)
        return known

    def knows(self, public_key: bytes) -> bool:
        """Whether any log that it knows has this key."""
        return any(parse_verifier(key).public_key == public_key for one in self.logs() for key in one.keys)

    def logs(self) -> list[Watched]:
        """Every log that it knows."""
        return sorted((self._read(path) for path in self._logs.glob("*.json")), key=lambda one: one.origin)

    def latest(self, origin: str) -> Note | None:
        """The newest checkpoint of a log that it has cosigned."""
        known = self._known(origin)
        return parse_note(known.note) if known and known.note else None

    def add(self, old: int, proof: Sequence[bytes], note: Note) -> str:
        """Its cosignature line, once what it attests is on the disk. Raises WitnessRefused."""
        try:
            head = checkpoint_of(note)
        except NotANote as error:
            raise WitnessRefused(400, str(error)) from error
        with self._alone():
            known = self._known(head.origin)
            if known is None:
                raise WitnessRefused(404, f"I do not know the log {head.origin}: trust its key first.")
            _must_be_signed(note, known)
            _must_have_grown(known, old, proof, head)
            line = self._signer.cosignature(note.text, int(self._clock()))
            reach("cosignature_made")
            kept = f"{note.text}\n{''.join(one.line for one in note.signatures if one.name == head.origin)}{line}"
            self._keep(replace(known, size=head.size, root=head.root.hex(), note=kept))
        reach("cosignature_kept")
        return line

    def accept(self, statement: Note) -> Restored:
        """Closes the history of a log at the head that it has seen, and begins the one that goes on from a backup: what
        its administrator decides, never the log. Raises WitnessRefused, NotANote, BadSignature."""
        told = parse_restored(statement)
        with self._alone():
            old, new = self._known(told.old.origin), self._known(told.new.origin)
            if old is not None and old.goes_on_as == told.new.origin and new is not None:
                return told  # taken in before
            if old is None:
                raise WitnessRefused(404, f"I do not know the log {told.old.origin}.")
            if old.goes_on_as or new is not None:
                raise WitnessRefused(409, f"{told.old.origin} was restored before, or {told.new.origin} is known.")
            if old.head != told.old:
                seen = f"The newest head of {old.origin} that I saw has size {old.size}, and is not the one stated."
                raise WitnessRefused(409, seen, old.size)
            note = str(statement)
            self._keep(Watched(
                told.new.origin, (str(told.key),), told.new.size, told.new.root.hex(), restored=note
            ))  # fmt: skip
            self._keep(replace(old, goes_on_as=told.new.origin))
        return told

    @property
    def _logs(self) -> Path:
        return self._folder / "logs"

    def _known(self, origin: str) -> Watched | None:
        path = self._path(origin)
        return self._read(path) if path.exists() else None

    def _path(self, origin: str) -> Path:
        return self._logs / f"{origin_hash(origin)}.json"

    def _read(self, path: Path) -> Watched:
        found = json.loads(path.read_text(encoding="utf-8"))
        return Watched(**found | {"keys": tuple(found["keys"])})

    def _keep(self, known: Watched) -> None:
        write(self._path(known.origin), [json.dumps(asdict(known), indent=1).encode()])

    def _own(self) -> Signer:
        path = self._folder / "key"
        if not path.exists():
            write(path, [secrets.token_bytes(SEED_BYTES)], replace=False)
        key = Ed25519PrivateKey.from_private_bytes(path.read_bytes())
        own = sha256(key.public_key().public_bytes_raw()).hexdigest()[:8]
        return Signer(f"iop-es-witness/{own}", key, COSIGNATURE)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Nobody else changes the folder meanwhile: a check and what is kept by it are one step."""
        with (self._folder / "lock").open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def origin_hash(origin: str) -> str:
    """The name of a log in addresses and files."""
    return sha256(origin.encode()).hexdigest()


def _must_be_signed(note: Note, known: Watched) -> None:
    try:
        found = [parse_verifier(key).signed(note) for key in known.keys]  # each of them: a bad one spoils the note
        if not any(found):
            raise WitnessRefused(403, f"No key that I know of {known.origin} has signed this.")
    except BadSignature as error:
        raise WitnessRefused(403, str(error)) from error


def _must_have_grown(known: Watched, old: int, proof: Sequence[bytes], head: Checkpoint) -> None:
    if known.goes_on_as:
        raise WitnessRefused(410, f"{known.origin} was restored and goes on as {known.goes_on_as}.")
    if old > head.size:
        raise WitnessRefused(400, "The old size is larger than the checkpoint's.")
    if old != known.size:
        raise WitnessRefused(409, f"The newest tree of {known.origin} that I saw has size {known.size}.", known.size)
    if head.size == 0 and head.root != EMPTY_ROOT:
        raise WitnessRefused(422, "This is not the root of the empty tree.")
    grown = not proof if old == 0 else consistent(old, head.size, proof, known.head.root, head.root)
    if not grown:
        raise WitnessRefused(422, f"Nothing shows that this tree is the one of size {old}, grown.")
