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

HOW = """This packet proves facts of a record. Its pages are to be held against them.

packet.pdf is what a person reads. evidence.json is what is proven: the facts of the record, each with the proof that it
was in the operator's log when checkpoint.txt was signed; what is personal in a fact stands there encrypted, beside the
key of that one fact. manifest.json lists every file with its hash, and manifest.txt is the log's signature over it.

To check it you need Python 3.11 or later and its package cryptography, and no network:

    python verify_packet.py packet.zip --trust keys.txt
    python verify_packet.py packet.zip --trust keys.txt --facts

The answer is a line for everything that does not hold, or what was checked; --facts tells every fact shown before that,
opened, a JSON object a line. Use the public keys that you were given on another way, the log's and its witness's; those
in here are for comparison. Use your own copy of verify_packet.py, or a verifier of your own: FORMAT.txt says byte by
byte what must hold.

Then it is proven that each fact shown stood in that log, as it is shown; that of the facts which are numbered as this
patient's, and of each stream of which one is shown, none is left out up to the last that is counted; and that each
signature of a note is of the key shown for its signer, for that act, over those words, where they are shown.

The operator alone says

  - when anything was recorded, signed or true: these are clocks and words of the operator. By when the tree was there a
    witness says, and that it goes on from the one before; without a witness nobody says that another history was not
    signed too, or that this one is older than this packet;
  - that what was recorded is true, and that whoever is named as its actor recorded it;
  - whose a key is, and that nothing withheld revokes it: the operator keeps the keys that people sign with;
  - that nothing follows the last fact counted, and of the facts that the verifier counts so, whose they are;
  - who the patient is, and which claim it is, where no fact shown says so: the facts know them by random ids;
  - what is made of the facts: that the pages say what the facts say, how the days were decided, what sums come to.
"""

_encode = msgspec.json.Encoder(order="sorted").encode


def packed(
    contents: Mapping[str, bytes], evidence: bytes, checkpoint: str, keys: str, about: Mapping[str, Any], origin: str,
    sign: Callable[[str], str],
) -> bytes:  # fmt: skip
    """The archive. `contents` are the files that people read, `about` says what the packet is of, `sign(text)` answers
    the text as a note signed by the log."""
    here = files("iop_es.engine.packet")
    beside = {name: (here / name).read_bytes() for name in ("FORMAT.txt", "verify_packet.py")}
    inside = {
        "README.txt": HOW.encode(), **contents, "evidence.json": evidence, "checkpoint.txt": checkpoint.encode(),
        "keys.txt": keys.encode(), **beside,
    }  # fmt: skip
    manifest = _encode({
        "format": FORMAT, "origin": origin, **about,
        "files": {name: {"bytes": len(data), "sha256": sha256(data).hexdigest()} for name, data in inside.items()},
    })  # fmt: skip
    note = sign(f"{SEAL}\n{origin}\n{sha256(manifest).hexdigest()}\n")
    return archive({**inside, "manifest.json": manifest, "manifest.txt": note.encode()})
