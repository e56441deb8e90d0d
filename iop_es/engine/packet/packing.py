"""A packet's archive: its files, the list of their hashes, and the log's signature over that list.

Everything in it follows from what it is made of, so that the same packet is always the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from hashlib import sha256
from importlib.resources import files
from typing import Any

import msgspec

from iop_es.engine.packet.verify_packet import FORMAT, SEAL, archive

HOW = """This packet proves itself.

What a person reads is in packet.pdf. What stands behind it is in evidence.json: the facts of the record, each with
the proof that it was in the operator's log when checkpoint.txt was signed; what is personal in a fact stands there
encrypted, beside the key of that one fact. manifest.json lists every file with its
hash, and manifest.txt is the log's signature over that list.

To check it you need Python 3.11 or later and its package cryptography, and no network:

    python verify_packet.py packet.zip --trust keys.txt

Use the public keys that you were given on another way, and your own copy of verify_packet.py if you have one; those in
here are for comparison. The answer is a line for everything that does not hold, or what was checked.
"""

_encode = msgspec.json.Encoder(order="sorted").encode


def packed(
    contents: Mapping[str, bytes], evidence: bytes, checkpoint: str, keys: str, about: Mapping[str, Any], origin: str,
    sign: Callable[[str], str],
) -> bytes:  # fmt: skip
    """The archive. `contents` are the files that people read, `about` says what the packet is of, `sign(text)` answers
    the text as a note signed by the log."""
    verifier = (files("iop_es.engine.packet") / "verify_packet.py").read_bytes()
    inside = {
        "README.txt": HOW.encode(), **contents, "evidence.json": evidence, "checkpoint.txt": checkpoint.encode(),
        "keys.txt": keys.encode(), "verify_packet.py": verifier,
    }  # fmt: skip
    manifest = _encode({
        "format": FORMAT, "origin": origin, **about,
        "files": {name: {"bytes": len(data), "sha256": sha256(data).hexdigest()} for name, data in inside.items()},
    })  # fmt: skip
    note = sign(f"{SEAL}\n{origin}\n{sha256(manifest).hexdigest()}\n")
    return archive({**inside, "manifest.json": manifest, "manifest.txt": note.encode()})
