"""What is done to keys by whoever keeps them: rotation, destruction, counting. Its pool acts as the keeper's role."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from iop_es.engine.connections import Pool
from iop_es.engine.subjects.keys import KeyTable, SubjectKeys, context_of
from iop_es.engine.subjects.master import KeyProvider, MasterFile, Wrapped


@dataclass(frozen=True, slots=True)
class KindCount:
    """How many subjects of a kind have keys, how many keys, and how many of these were destroyed."""

    kind: str
    subjects: int
    keys: int
    destroyed: int


@dataclass(frozen=True, slots=True)
class KeyStatus:
    """The keys by kind of subject, how many each master key wraps, and the master key in use."""

    kinds: list[KindCount]
    wrapped_by: dict[str, int]
    current: str | None
    unused: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class NamedKey:
    """A key of a subject, by its id in hex."""

    subject: str
    key_id: str


class KeyKeeper:
    """Rotates and destroys keys. No fact is ever written anew: what was sealed stays as it is."""

    def __init__(self, pool: Pool, schema: str, provider: KeyProvider) -> None:
        self._table = KeyTable(pool, schema)
        self._provider = provider
        self._keys = SubjectKeys(pool, schema, provider)

    def rewrap(self) -> int:
        """Wraps every key with the current master key that another one wraps; how many. Can be stopped and begun
        again. Raises StoreUnavailable, MasterKeysUnusable."""
        by, subject, number, done = self._provider.current(), "", 0, 0
        while rows := self._table.rows("wrapped_otherwise", by=by, subject=subject, number=number):
            ids = [row[2] for row in rows]
            wrapped = [
                self._provider.wrap(
                    self._provider.unwrap(Wrapped(old, data), context_of(whose, key_id)), context_of(whose, key_id)
                ).data
                for whose, _, key_id, data, old in rows
            ]
            done += self._table.count("rewrap", ids=ids, wrapped=wrapped, by=by)
            subject, number = rows[-1][:2]
        return done

    def rotate(self, subjects: Sequence[str]) -> int:
        """A new key for new facts of each of these subjects that has one; what was sealed opens as before. How many."""
        rows = self._table.rows("current", subjects=list(subjects))
        if rows:
            self._keys.add({row[0]: row[1] + 1 for row in rows})
        return len(rows)

    def rotate_all(self) -> int:
        """The same for every subject with a key that is not destroyed."""
        done, last = 0, ""
        while rows := self._table.rows("subjects_after", subject=last):
            done += self.rotate([subject for (subject,) in rows])
            last = rows[-1][0]
        return done

    def standing(self, subjects: Iterable[str]) -> list[NamedKey]:
        """The keys of these subjects that are not destroyed."""
        rows = self._table.rows("of_subjects", subjects=sorted(set(subjects)))
        return [NamedKey(row[0], row[2].hex()) for row in rows if row[3] is not None]

    def destroy(self, keys: Iterable[NamedKey]) -> int:
        """Destroys keys; how many were not destroyed before."""
        return self._table.count("destroy", ids=[bytes.fromhex(key.key_id) for key in keys])

    def status(self) -> KeyStatus:
        """How the keys stand."""
        kinds = [KindCount(*row) for row in self._table.rows("counts")]
        wrapped_by: dict[str, int] = dict(self._table.rows("counts_by_master"))
        names = self._provider.names() if kinds and isinstance(self._provider, MasterFile) else []
        current = names[-1] if names else None
        return KeyStatus(kinds, wrapped_by, current, [one for one in names if one != current and one not in wrapped_by])
