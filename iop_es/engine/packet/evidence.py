"""What a packet shows of the log: facts, what is withheld between them, and the proof that all of it is in the tree.

A fact is shown whole, without its sealed part, or withheld. A sealed part that is shown stands there as it lies in the
log, beside the key of this one fact, which opens nothing else; the key of the patient is in no packet. Of what is not
shown stand only the hashes that its leaf is made of (see `leaf`), so that no guess can be tried; those of a sealed part
are over its encrypted bytes. Shown or withheld is every fact of the patient from the first on, with the patient's
number in it, and every fact of each stream of which one is shown, with its version there: so nothing can be missing
between. What is withheld tells neither its time, nor, in other streams, where it stands, nor under which alias it is
about the patient: in a session that alias stands beside what others may be shown of it. Nothing tells how many facts
another patient has.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from iop_es.engine.reader import Reader
from iop_es.engine.stored import StoredFact, about_several, part_of
from iop_es.engine.transparency.leaf import Parts, Salts, leaf_parts, told_apart

Prove = Callable[[Sequence[int], int], Sequence[Sequence[bytes]]]
"""Answers for positions, in their order, the inclusion proofs (RFC 6962) in the tree of a size."""

_encode = msgspec.json.Encoder(order="sorted").encode


def evidence(
    log: Reader, prove: Prove, *, patient: str, shown: Mapping[int, bool], known_to: int, size: int, root: bytes
) -> bytes:
    """The file of it, as JSON. `shown` says of each position that is shown whether its sealed part is too; `known_to`
    is the last position that the packet knows of, `size` and `root` are the tree's."""
    stored = log.as_stored()  # as the leaves have it
    own = {fact.position: fact for fact in stored.of_patient(patient, known_to, with_sealed=True)}
    seen = stored.at(sorted(shown), with_sealed=True)
    streams = stored.streams(list(dict.fromkeys(fact.stream for fact in seen)))
    facts = {fact.position: fact for facts in streams.values() for fact in facts if fact.position <= known_to}
    facts.update((position, fact) for position, fact in own.items() if position not in facts)
    lines = _lines(stored, patient, own)
    ordered = sorted(facts)
    whole = [facts[position] for position in sorted(shown) if shown[position] and facts[position].sealed]
    opening = log.sealer.fact_keys([part_of(fact) for fact in whole])
    keys = {fact.position: key for fact, key in zip(whole, opening, strict=True)}
    proofs = dict(zip(ordered, prove(ordered, size), strict=True))
    found: dict[str, Any] = {
        "patient_id": patient, "known_to": known_to, "size": size, "root": root.hex(),
        "facts_of_patient": len(own),
        "streams": {stream: sum(fact.position <= known_to for fact in facts) for stream, facts in streams.items()},
        "facts": [], "withheld": [],
    }  # fmt: skip
    text = cache(_text)  # neighbors share most of their proofs
    for position in ordered:
        fact = _Apart.of(facts[position], lines.get(position))
        entry = {
            "position": position, "proof": [text(one) for one in proofs[position]], "ours": fact.number(),
            "patients_sha256": [one.hex() for one in fact.parts.patients],
        }  # fmt: skip
        if position in shown:
            found["facts"].append(entry | fact.shown(keys.get(position)))
        else:
            found["withheld"].append(entry | fact.withheld(counted=fact.stored.stream in streams))
    return _encode(found)


class _Apart(NamedTuple):
    """A fact and its leaf's parts with their salts; `line` is the place of the patient's line in the stamp, if any."""

    stored: StoredFact
    parts: Parts
    salts: Salts
    context: bytes
    line: int | None

    @classmethod
    def of(cls, fact: StoredFact, line: int | None) -> _Apart:
        """The fact taken apart."""
        stream = UUID(fact.stream).bytes
        parts = leaf_parts(stream, fact.version, fact.state, fact.sealed, fact.context, fact.stamp)
        return cls(fact, parts, *told_apart(fact.context), line)

    def shown(self, key: bytes | None) -> dict[str, Any]:
        """The fact with its sealed part and the key of it; without the key, because nobody is shown it or because it
        was destroyed, with the hash of that part."""
        fact = self.stored
        shown: dict[str, Any] = {
            "topic": fact.topic, "state": fact.state.decode(), "context": self.context.decode(),
            "recorded_at": fact.recorded_at, "content_salt": self.salts.content.hex(), **self._place(),
        }  # fmt: skip
        if self.line is not None:
            shown["alias"] = [self._alias(self.line).decode(), self.salts.of_line(self.line)[0].hex()]
        if not fact.sealed:
            return shown
        if key is None:
            return shown | {"sealed_sha256": self.parts.sealed.hex()}
        return shown | {"sealed": _text(fact.sealed), "key": key.hex()}

    def withheld(self, *, counted: bool) -> dict[str, Any]:
        """The hashes of the fact; where the versions of its stream are counted, its place."""
        hashed = {f"{name}_sha256": getattr(self.parts, name).hex() for name in ("state", "sealed", "context")}
        return hashed | (self._place() if counted else {"place_sha256": self.parts.place.hex()})

    def number(self) -> tuple[int, str, str] | None:
        """The patient's number in the fact, and what it is proven with: its salt, and what stands for the alias."""
        if self.line is None:
            return None
        alias, (of_alias, of_number) = self._alias(self.line), self.salts.of_line(self.line)
        number = int(self.stored.stamp.splitlines()[1 + self.line].removeprefix(alias))
        return number, of_number.hex(), sha256(of_alias + alias).hexdigest()

    def _alias(self, line: int) -> bytes:
        return self.stored.stamp.splitlines()[1 + line].partition(b" ")[0]

    def _place(self) -> dict[str, Any]:
        return {"stream": self.stored.stream, "version": self.stored.version, "place_salt": self.salts.place.hex()}


def _text(data: bytes) -> str:
    return b64encode(data).decode()


def _lines(stored: Reader, patient: str, own: Mapping[int, StoredFact]) -> dict[int, int]:
    """By position which line of the stamp, from 0 on after the first, is the patient's."""
    several = [fact.position for fact in own.values() if about_several(fact.stamp)]
    whose = {fact.position: fact.patients for fact in stored.at(several)} if several else {}
    return {position: whose[position].index(patient) if position in whose else 0 for position in own}
