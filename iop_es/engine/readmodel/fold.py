"""The one mechanism of every read model: facts up to a position, through a pure fold, into a place.

Live projection, rebuild, as-of and what-if are this fold with another range of facts and another place for the rows.
What goes wrong with one fact is that fact's failure: the fold goes on, and whoever drives it decides whether to stop
or to park those whom the fact concerns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import Any, NamedTuple, Protocol

import msgspec

from iop_es.engine.readmodel.failure import NOBODY, Failure, FoldFailed, Parked, RestsOnParked, told
from iop_es.engine.readmodel.model import EVERYONE, REFERENCE, Delta, ReadModel, Recorded, Rows
from iop_es.engine.stored import StoredFact, about_several

Decode = Callable[[str, bytes, bytes | None], Any]
"""Turns a topic, a state and an opened personal part into a fact; a fold has none opened."""

PIECE = 100
"""So many facts are decoded before they are taken in and forgotten, all of which stay in the processor's cache."""


class Stored(Protocol):
    """Where documents are when they are not in memory."""

    def load(self, keys: Sequence[str]) -> dict[str, bytes]:
        """Stored documents by key."""

    def users(self, references: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """By reference id, the keys of the stored documents that rest on it."""


class Nothing:
    """A place that holds nothing yet: a rebuild's, or an as-of's."""

    def load(self, keys: Sequence[str]) -> dict[str, bytes]:
        """No document."""
        return {}

    def users(self, references: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """No user."""
        return {}


NOTHING = Nothing()


class Fold:
    """Folds facts of one read model; a document comes from where it is stored when first needed, and stays.

    `reference` is what is shared, if it was folded before; the facts of the `parked` are passed over. `failures` holds
    what could not be folded: whoever drives the fold must look.
    """

    def __init__(self, model: ReadModel, reference: Any = None, parked: Parked = NOBODY) -> None:
        self.model = model
        self.reference = reference
        self.failures: list[Failure] = []
        self._unread: list[int] = []
        self._parked = parked
        self._parking = bool(parked)
        self._documents: dict[str, Any] = {}
        self._uses: dict[str, tuple[str, ...]] = {}
        self._dirty: dict[str, Recorded] = {}
        self._referred = False
        self._encode = msgspec.msgpack.Encoder().encode
        self._decode = msgspec.msgpack.Decoder(model.document).decode

    def open(self, page: Iterable[StoredFact], decode: Decode) -> list[Recorded]:
        """The facts of a page that the model folds, decoded; the sealed part as it is, where the model keeps it."""
        handles, with_sealed, parked, facts = self.model.handles, self.model.sealed, self._parking, []
        for stored in page:
            position, stream, version, topic, state, sealed, context, stamp, patients = stored
            name = topic.partition("@")[0]
            if name not in handles or (parked and self._passed_over(stored, name)):
                continue
            try:
                fact = decode(topic, state, None)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is this fact's failure
                if name in self.model.references:
                    self._unread.append(len(self.failures))
                self._fail(error, stored, name)
            else:
                kept = sealed if name in with_sealed else None
                facts.append(Recorded(position, stream, version, name, fact, context, stamp, patients, kept))
        return facts

    def take(self, facts: Sequence[Recorded], stored: Stored = NOTHING) -> Rows:
        """Applies facts in order and answers the rows that they make by themselves; nothing is decided yet."""
        direct: Rows = {}
        self._fetch_reference(stored)
        keyed = [(recorded, self._keys(recorded)) for recorded in facts]
        self._fetch((key for _, keys in keyed for key in keys), stored)
        model, documents, dirty = self.model, self._documents, self._dirty
        makes, entries, apply, references = model.makes, model.entries, model.apply, model.references
        for recorded, keys in keyed:  # hundreds of thousands of times in a rebuild: no call that can be left out
            name = recorded.name
            changed: tuple[str, ...] = ()
            try:
                if name in makes:
                    entries(recorded, direct)
                for key in keys:
                    apply(key, documents[key], recorded)
                    dirty[key] = recorded
                if name in references:
                    self._referred = True
                    changed = model.refer(self.reference, recorded)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is this fact's failure
                self._fail(error, recorded, name)
            if changed:  # outside: what goes wrong where documents are stored is no fact's failure
                self._touch(recorded, changed, stored)
        return direct

    def settle(self) -> Delta:
        """Decides everything dirty, once, and answers what changed."""
        delta = Delta()
        self._tell_whom_the_unread_concern()
        for key, last in self._dirty.items():
            self._settle_or_fail(key, last, delta)
        delta.documents.update((key, self._encode(self._documents[key])) for key in self._dirty)
        if self._referred:
            delta.documents[REFERENCE] = self._encode(self.reference)
        self._dirty.clear()
        self._referred = False
        return delta

    def settle_each(self) -> Iterator[tuple[Delta, Callable[[Exception], None]]]:
        """The same document by document, each with what to call when it cannot be written."""
        self._tell_whom_the_unread_concern()
        for key, last in list(self._dirty.items()):
            delta = Delta()
            if self._settle_or_fail(key, last, delta):
                delta.documents[key] = self._encode(self._documents[key])
                yield delta, partial(self._fail_key, last=last, key=key)

    def fail(self, error: Exception, recorded: Recorded) -> None:
        """A fact cannot be taken in, for a reason that is found outside."""
        self._fail(error, recorded, recorded.name)

    def forget(self, keep: int) -> None:
        """Drops the documents that were loaded longest ago, down to `keep` of them."""
        for key in list(self._documents)[: max(0, len(self._documents) - keep)]:
            del self._documents[key]
            self._uses.pop(key, None)

    def strictly(self) -> None:
        """Raises FoldFailed for the first failure, if there is one."""
        if self.failures:
            raise FoldFailed(self.model.name, min(self.failures))

    def _passed_over(self, stored: StoredFact, name: str) -> bool:
        """Whether a fact is about nobody but the parked."""
        patients, stopped = self._parked.patients, self._parked.streams.get(stored.stream)
        if stopped is None:
            return bool(stored.patients) and all(one in patients for one in stored.patients)
        # Whoever comes to depend on a parked stream is parked with it, rather than decided without it.
        new = tuple(one for one in stored.patients if one not in patients)
        if new:
            self.failures.append(Failure(stopped, name, "its stream is parked", new))
        return True

    def _keys(self, recorded: Recorded) -> tuple[str, ...]:
        try:
            keys = self.model.keys(recorded)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is this fact's failure
            self._fail(error, recorded, recorded.name)
            return ()
        return self._flowing(keys) if self._parking else keys

    def _flowing(self, keys: Iterable[str]) -> tuple[str, ...]:
        """The documents that are not parked."""
        parked = self._parked
        return tuple(key for key in keys if key not in parked.patients and key not in parked.streams)

    def _settle_or_fail(self, key: str, last: Recorded, delta: Delta) -> bool:
        try:
            self._settle(key, delta)
        except Exception as error:  # noqa: BLE001 - whatever it is, the last fact that dirtied it is its cause
            self._fail_key(error, last, key)
            return False
        return True

    def _settle(self, key: str, delta: Delta) -> None:
        document = self._documents[key]
        uses = tuple(sorted(set(self.model.uses(document))))
        if self._parked.references:
            self._refuse_parked(uses)
        delta.add(self.model.settle(key, document, self.reference))
        if uses != self._uses.get(key):
            self._uses[key] = delta.uses[key] = uses

    def _refuse_parked(self, uses: Iterable[str]) -> None:
        for reference_id in (*uses, EVERYONE):
            if reference_id in self._parked.references:
                raise RestsOnParked(self._parked.references[reference_id])

    def _touch(self, recorded: Recorded, changed: tuple[str, ...], stored: Stored) -> None:
        users = stored.users(changed)
        for reference_id in changed:
            keys = dict.fromkeys(users.get(reference_id, ()))
            keys.update(dict.fromkeys(key for key, uses in self._uses.items() if reference_id in uses))
            keys.update(dict.fromkeys(self._dirty))
            flowing = self._flowing(keys)
            self._fetch(flowing, stored)
            for key in flowing:
                try:
                    self.model.touch(self._documents[key], reference_id, recorded)
                except Exception as error:  # noqa: BLE001 - whatever it is, it is this document's failure
                    self._fail_key(error, recorded, key)
                self._dirty[key] = recorded

    def _fail(self, error: Exception, fact: StoredFact | Recorded, name: str) -> None:
        """A fact about one patient stops that one; one about several or nobody stops its stream too, with whoever joins
        it later; a reference fact stops those who rest on it."""
        shared = name in self.model.references
        references = self._concerned(name, fact.stream) if shared else ()
        alone = len(fact.patients) == 1 and not about_several(fact.stamp) and not shared
        streams = () if alone else (fact.stream,)
        self.failures.append(Failure(fact.position, name, told(error), fact.patients, streams, references))

    def _concerned(self, name: str, stream: str) -> tuple[str, ...]:
        return self.model.concerns(self.reference or self.model.reference(), name, stream)

    def _tell_whom_the_unread_concern(self) -> None:
        """What a reference fact that cannot be decoded is about is known once the facts before it were taken."""
        for number in self._unread:
            failure = self.failures[number]
            self.failures[number] = failure._replace(references=self._concerned(failure.name, failure.streams[0]))
        self._unread.clear()

    def _fail_key(self, error: Exception, last: Recorded, key: str) -> None:
        """A document that cannot be decided or written stops its patient, or its stream with the patients of the last
        fact."""
        patients, streams = ((key,), ()) if self.model.grain == "patient" else (last.patients, (key,))
        position = error.position if isinstance(error, RestsOnParked) else last.position
        self.failures.append(Failure(position, last.name, told(error), patients, streams))

    def _fetch_reference(self, stored: Stored) -> None:
        if self.reference is None:
            body = stored.load([REFERENCE]).get(REFERENCE)
            kind = self.model.reference
            self.reference = kind() if body is None else msgspec.msgpack.decode(body, type=kind)

    def _fetch(self, keys: Iterable[str], stored: Stored) -> None:
        missing = list(dict.fromkeys(key for key in keys if key not in self._documents))
        found = stored.load(missing) if missing else {}
        for key in missing:
            body = found.get(key)
            self._documents[key] = self.model.document() if body is None else self._decode(body)


class Folded(NamedTuple):
    """What facts came to, and the failures that were left out of it."""

    delta: Delta
    failures: tuple[Failure, ...]


def fold_whole(
    model: ReadModel, own: Iterable[StoredFact], decode: Decode, *, before: Sequence[Recorded] = (),
    reference: Any = None, parked: Parked = NOBODY,
) -> Folded:  # fmt: skip
    """Folds facts from nothing (`before`: decoded ones that come first; `reference`: what is shared already).

    Facts that fail stop whom they concern, and the fold is made again without those, until it holds; its own facts are
    gone through anew for each.
    """
    failures: dict[Failure, None] = {}
    while True:
        without = parked.with_those_of(failures) if failures else parked
        fold = Fold(model, reference, without)
        direct = Delta(fold.take([one for one in before if one.stream not in without.streams]))
        left = iter(own)
        while piece := list(islice(left, PIECE)):
            direct.add(fold.take(fold.open(piece, decode)))
        delta = fold.settle()
        if not fold.failures:
            delta.add(direct.rows)
            return Folded(delta, tuple(failures))
        if failures.keys() >= set(fold.failures):
            raise FoldFailed(model.name, min(fold.failures))
        failures |= dict.fromkeys(fold.failures)
