"""What a packet shows of the log: facts, what is withheld between them, and the proof that all of it is in the tree.

A fact is shown whole, without its sealed part, or withheld. A sealed part that is shown stands there as it lies in the
log, beside the key of this one fact, which opens nothing else; the key of the patient is in no packet. Of what is
withheld stand only the hashes that its leaf is made of. That of a sealed part is over its encrypted bytes, so that no
guess at the words can be tried; the others are salted with the context. Shown or withheld is every fact of the patient
from the first on, and every fact of each stream of which one is shown, so that nothing can be missing between. A
withheld fact of somebody else keeps its stamp to itself too: it would say how many facts that person has. The stamp of
a fact that is also the patient's does say it, under an alias for this fact alone.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import msgspec

from iop_es.engine.reader import Reader, StoredFact, part_of
from iop_es.engine.transparency.leaf import leaf_parts

Prove = Callable[[Sequence[int], int], Sequence[Sequence[bytes]]]
"""Answers for positions, in their order, the inclusion proofs (RFC 6962) in the tree of a size."""

PARTS = ("state", "sealed", "context", "stamp")
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
        fact, ours = facts[position], lines.get(position)
        entry = {
            "position": position, "stream": fact.stream, "version": fact.version, "ours": ours,
            "proof": [text(one) for one in proofs[position]],
        }
        if position in shown:
            found["facts"].append(entry | _shown(fact, keys.get(position)))
        else:
            found["withheld"].append(entry | _withheld(fact, ours=ours is not None))
    return _encode(found)


def _shown(fact: StoredFact, key: bytes | None) -> dict[str, Any]:
    """The fact with its sealed part and the key of it; without the key, because nobody is shown it or because it was
    destroyed, with the hash of that part."""
    shown: dict[str, Any] = {
        "topic": fact.topic, "state": fact.state.decode(), "context": fact.context.decode(),
        "stamp": fact.stamp.decode(),
    }  # fmt: skip
    if not fact.sealed:
        return shown
    if key is None:
        return shown | _hashed(fact, "sealed")
    return shown | {"sealed": _text(fact.sealed), "key": key.hex()}


def _text(data: bytes) -> str:
    return b64encode(data).decode()


def _withheld(fact: StoredFact, *, ours: bool) -> dict[str, Any]:
    hashed: dict[str, Any] = _hashed(fact, "state", "sealed", "context")
    return hashed | ({"stamp": fact.stamp.decode()} if ours else _hashed(fact, "stamp"))


def _hashed(fact: StoredFact, *parts: str) -> dict[str, str]:
    hashes = dict(zip(PARTS, leaf_parts(fact.state, fact.sealed, fact.context, fact.stamp), strict=True))
    return {f"{part}_sha256": hashes[part].hex() for part in parts}


def _lines(stored: Reader, patient: str, own: Mapping[int, StoredFact]) -> dict[int, tuple[str, int]]:
    """By position the line of the stamp that is the patient's: alias and number."""
    several = [fact.position for fact in own.values() if fact.stamp.count(b"\n") > 2]
    whose = {fact.position: fact.patients for fact in stored.at(several)} if several else {}
    return {
        position: _line(fact.stamp, whose[position].index(patient) if position in whose else 0)
        for position, fact in own.items()
    }


def _line(stamp: bytes, place: int) -> tuple[str, int]:
    alias, _, number = stamp.decode().split("\n")[1:-1][place].partition(" ")
    return alias, int(number)
