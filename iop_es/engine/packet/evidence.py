"""What a packet shows of the log: facts, what is withheld between them, and the proof that all of it is in the tree.

A fact is shown whole, without its sealed part, or withheld. A sealed part that is shown stands there as it lies in the
log, beside the key of this one fact, which opens nothing else; the key of the patient is in no packet. Of what is
withheld stand only the hashes that its leaf is made of (see `leaf`), so that no guess can be tried; those of a sealed
part are over its encrypted bytes. Shown or withheld is every fact of the patient from the first on, with the line of
its stamp that numbers it for the patient, and every fact of each stream of which one is shown, with its version there:
so nothing can be missing between. What is withheld tells neither its time, nor, in other streams, where it stands, nor
how many facts another patient has; the stamp of a fact that is shown and also another's does tell the last, under an
alias for this fact alone.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any
from uuid import UUID

import msgspec

from iop_es.engine.reader import Reader, StoredFact, about_several, part_of
from iop_es.engine.transparency.leaf import Parts, leaf_parts, salts_of

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
        fact = facts[position]
        entry = {
            "position": position, "ours": lines.get(position), "proof": [text(one) for one in proofs[position]],
        }  # fmt: skip
        if position in shown:
            found["facts"].append(entry | _shown(fact, keys.get(position)))
        else:
            found["withheld"].append(entry | _withheld(fact, counted=fact.stream in streams))
    return _encode(found)


def _shown(fact: StoredFact, key: bytes | None) -> dict[str, Any]:
    """The fact with its sealed part and the key of it; without the key, because nobody is shown it or because it was
    destroyed, with the hash of that part."""
    shown: dict[str, Any] = {
        "stream": fact.stream, "version": fact.version, "topic": fact.topic, "state": fact.state.decode(),
        "context": fact.context.decode(), "stamp": fact.stamp.decode(),
    }  # fmt: skip
    if not fact.sealed:
        return shown
    if key is None:
        return shown | {"sealed_sha256": _parts(fact).sealed.hex()}
    return shown | {"sealed": _text(fact.sealed), "key": key.hex()}


def _text(data: bytes) -> str:
    return b64encode(data).decode()


def _withheld(fact: StoredFact, *, counted: bool) -> dict[str, Any]:
    """The hashes of the fact; where the versions of its stream are counted, its place and what that is proven with."""
    parts = _parts(fact)
    hashed = {
        "state_sha256": parts.state.hex(), "sealed_sha256": parts.sealed.hex(), "context_sha256": parts.context.hex(),
        "patients_sha256": [one.hex() for one in parts.patients],
    }  # fmt: skip
    if not counted:
        return hashed | {"place_sha256": parts.place.hex()}
    place_salt = salts_of(fact.context).place.hex()
    return hashed | {"stream": fact.stream, "version": fact.version, "place_salt": place_salt}


def _parts(fact: StoredFact) -> Parts:
    return leaf_parts(UUID(fact.stream).bytes, fact.version, fact.state, fact.sealed, fact.context, fact.stamp)


def _lines(stored: Reader, patient: str, own: Mapping[int, StoredFact]) -> dict[int, tuple[str, int, str]]:
    """By position the line of the stamp that is the patient's: alias, number, and the salt that it is proven with."""
    several = [fact.position for fact in own.values() if about_several(fact.stamp)]
    whose = {fact.position: fact.patients for fact in stored.at(several)} if several else {}
    return {
        position: _line(fact, whose[position].index(patient) if position in whose else 0)
        for position, fact in own.items()
    }


def _line(fact: StoredFact, place: int) -> tuple[str, int, str]:
    alias, _, number = fact.stamp.decode().split("\n")[1:-1][place].partition(" ")
    return alias, int(number), salts_of(fact.context).of_line(place).hex()
