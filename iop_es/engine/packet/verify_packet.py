"""Checks a packet without any network, database or software of ours: Python 3.11 and the package `cryptography`.

    python verify_packet.py packet.zip --trust keys.txt

keys.txt holds the public keys that you were given on another way than with the packet, a line each: the log's, and its
witness's. Without it the keys that came in the packet are used, and printed so that you can compare them.

What is checked: the archive holds nothing that is not hashed, and the log's key signed the hashes; each fact, shown or
withheld, stands at its position in the tree whose root the checkpoint signs (RFC 6962); the versions of every stream
shown, and the patient's own numbers, run from 1 to their end without a gap; a fact is called what it was recorded as;
every signature of a note was made by its signer's key over its envelope, and covers the words that are shown.

What cannot be: that nothing follows the last fact that is counted here (the operator signs that number); that what was
recorded is true; that the printed pages say what the facts say (they are signed, and name the facts they rest on).
"""

from __future__ import annotations

import argparse
import base64
import json
import re
import struct
import sys
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

FORMAT = "iop-packet/v1"
SEAL = "iop-es packet v1"
LEAF, SALT, NOTE, CONTENT = b"iop-leaf/v3\n", b"iop-salt/v1\n", b"iop-esign/v1\n", b"iop-note-content/v1\n"
LOG_KEY, WITNESS_KEY = 1, 4
LOCAL, CENTRAL = struct.Struct("<4sHHHHHIIIHH"), struct.Struct("<4sHHHHHHIIIHHHHHII")
END = struct.Struct("<4sHHHHIIH")
FIRST_DAY = 0x21
"""The first day that a ZIP can tell, 1980-01-01: a packet says nothing of when it was written to a disk."""
NAME = re.compile(r"[A-Za-z0-9._-]{1,100}")


class Wrong(Exception):
    """What is wrong with a packet, in a sentence."""


class Verdict(NamedTuple):
    """What does not hold, in sentences (none: the packet is proven), and what was checked."""

    failures: list[str]
    told: list[str]


# --- the archive: stored, in order, without dates, gaps or anything else than names and bytes


def archive(files: Mapping[str, bytes]) -> bytes:
    """The one ZIP that there is of these files, in this order."""
    body, directory = bytearray(), bytearray()
    for name, data in files.items():
        common = (0, 0, 0, FIRST_DAY, zlib.crc32(data), len(data), len(data), len(name), 0)
        directory += CENTRAL.pack(b"PK\x01\x02", 20, 20, *common, 0, 0, 0, 0, len(body)) + name.encode("ascii")
        body += LOCAL.pack(b"PK\x03\x04", 20, *common) + name.encode("ascii") + data
    count = len(files)
    return bytes(body + directory + END.pack(b"PK\x05\x06", 0, 0, count, count, len(directory), len(body), 0))


def unpacked(data: bytes) -> dict[str, bytes]:
    """The files of an archive; raises Wrong where it is not the one that `archive` makes of them."""
    found: dict[str, bytes] = {}
    place = 0
    try:
        while data[place : place + 4] == b"PK\x03\x04":
            *_, size, _, length, _ = LOCAL.unpack_from(data, place)
            start = place + LOCAL.size + length
            name = data[place + LOCAL.size : start].decode("ascii")
            if not NAME.fullmatch(name) or name in found:
                raise Wrong("The archive names a file twice, or in a way that is not allowed.")
            found[name] = data[start : start + size]
            place = start + size
    except (struct.error, UnicodeDecodeError) as error:
        raise Wrong("The archive cannot be read.") from error
    if archive(found) != data:
        raise Wrong("The archive is not the one that can be made of its files: bytes were added, changed or taken.")
    return found


class Key(NamedTuple):
    """A public key of a log or a witness."""

    name: str
    kind: int
    raw: bytes

    @property
    def id(self) -> bytes:
        """The four bytes that stand before each of its signatures."""
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.raw).digest()[:4]


def key_of(line: str) -> Key:
    """A key as it is written: name+id+base64. Raises Wrong."""
    name, _, rest = line.strip().partition("+")
    told, _, encoded = rest.partition("+")
    data = _base64(encoded)
    if len(data) != 33 or data[0] not in (LOG_KEY, WITNESS_KEY):
        raise Wrong(f"The key of {name} is neither a log's nor a witness's.")
    key = Key(name, data[0], data[1:])
    if key.id.hex() != told:
        raise Wrong(f"The key of {name} does not fit its number {told}.")
    return key


def note(text: str) -> tuple[str, list[tuple[str, bytes]]]:
    """A signed note (C2SP signed-note): its text, and each signature with the name before it. Raises Wrong."""
    body, gap, lines = text.rpartition("\n\n")
    if not gap or not lines.endswith("\n"):
        raise Wrong("A signed note has no signatures.")
    found = []
    for line in lines[:-1].split("\n"):
        dash, _, rest = line.partition(" ")
        name, _, signature = rest.partition(" ")
        if dash != "—" or not name:
            raise Wrong("A signed note has a line that is no signature.")
        found.append((name, _base64(signature)))
    return body + "\n", found


def signed_by(key: Key, text: str, signatures: Sequence[tuple[str, bytes]]) -> bool:
    """Whether one of the signatures is this key's; a witness's says when it saw the text."""
    for name, signature in signatures:
        if name != key.name or signature[:4] != key.id:
            continue
        said, made = text.encode(), signature[4:]
        if key.kind == WITNESS_KEY:
            said = b"cosignature/v1\ntime %d\n" % int.from_bytes(made[:8], "big") + said
            made = made[8:]
        if _verifies(key.raw, made, said):
            return True
    return False


def _verifies(public_key: bytes, signature: bytes, data: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, data)
        return True
    except (InvalidSignature, ValueError):
        return False


def _base64(text: str) -> bytes:
    data = base64.b64decode(text, validate=True)
    if base64.b64encode(data).decode() != text:
        raise Wrong("A text is not written as base64 is.")
    return data


def leaf_of(fact: Mapping[str, Any]) -> bytes:
    """The hash of a fact's leaf; of what is withheld only its hash is known."""
    stream = bytes.fromhex(str(fact["stream"]).replace("-", ""))
    parts = b"".join(_hash(fact, part) for part in ("state", "sealed", "context", "stamp"))
    place = struct.pack(">Q", fact["position"]) + stream + struct.pack(">Q", fact["version"])
    return sha256(b"\0" + LEAF + place + parts).digest()


def _hash(fact: Mapping[str, Any], part: str) -> bytes:
    if f"{part}_sha256" in fact:
        return bytes.fromhex(fact[f"{part}_sha256"])
    salt = sha256(SALT + fact["context"].encode()).digest() if part in ("state", "sealed") else b""
    return sha256(salt + (_base64(fact[part]) if part == "sealed" else fact[part].encode())).digest()


def included(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether the leaf with this index is in the tree of this size and root (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    at, last, found = index, size - 1, leaf
    for one in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            found = sha256(b"\x01" + one + found).digest()
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            found = sha256(b"\x01" + found + one).digest()
        at, last = at >> 1, last >> 1
    return last == 0 and found == root


def verify(data: bytes, trusted: Iterable[str] | None = None) -> Verdict:
    """Checks a packet's bytes against the keys that are trusted (None: those that came with it)."""
    told: list[str] = []
    try:
        files = unpacked(data)
        for name in ("manifest.json", "manifest.txt", "evidence.json", "checkpoint.txt", "keys.txt"):
            if name not in files:
                raise Wrong(f"{name} is missing.")
        lines = files["keys.txt"].decode().splitlines() if trusted is None else list(trusted)
        keys = [key_of(line) for line in lines if line.strip() and not line.startswith("#")]
        manifest, evidence = json.loads(files["manifest.json"]), json.loads(files["evidence.json"])
        checks = (_manifest(files, manifest, keys), _checkpoint(files, evidence, keys), _facts(evidence, told))
        failures = [failure for found in checks for failure in found]
    except Wrong as error:
        return Verdict([str(error)], told)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, struct.error, RecursionError) as error:
        return Verdict([f"The packet is not of the shape that packets have ({type(error).__name__})."], told)
    witnesses = sum(key.kind == WITNESS_KEY for key in keys)
    told.append(
        f"Tree of {evidence['size']:,} facts, root {evidence['root']}; signed by the log"
        + (f" and {witnesses} witness{'es' if witnesses > 1 else ''}." if witnesses else "; no witness is asked for.")
    )
    if trusted is None:
        told.append("The keys are those of the packet itself; compare them with the ones that you were given:")
        told += [f"  {line}" for line in lines]
    return Verdict(failures, told)


def _manifest(files: Mapping[str, bytes], manifest: Mapping[str, Any], keys: Sequence[Key]) -> Iterator[str]:
    """Every file is hashed, the hashes are signed, and both are written in the one way that there is."""
    text = f"{SEAL}\n{manifest['origin']}\n{sha256(files['manifest.json']).hexdigest()}\n"
    signed, signatures = note(files["manifest.txt"].decode())
    if manifest["format"] != FORMAT:
        yield f"The packet is of the format {manifest['format']}, which is not known here."
    if signed != text or len(signatures) != 1:
        yield "The signed list of files is another one than the packet's."
    own = [key for key in keys if (key.name, key.kind) == (manifest["origin"], LOG_KEY)]
    if not any(signed_by(key, text, signatures) for key in own):
        yield f"The list of files is not signed by a trusted key of the log {manifest['origin']}."
    listed = {name: (len(data), sha256(data).hexdigest()) for name, data in files.items()}
    del listed["manifest.json"], listed["manifest.txt"]
    wanted = {name: (one["bytes"], one["sha256"]) for name, one in manifest["files"].items()}
    for name in sorted(listed.keys() | wanted.keys()):
        if listed.get(name) != wanted.get(name):
            yield f"{name} is not the file that was signed, or is missing."


def _checkpoint(files: Mapping[str, bytes], evidence: Mapping[str, Any], keys: Sequence[Key]) -> Iterator[str]:
    """The tree's size and root are signed by the log, and by every witness that is trusted."""
    text, signatures = note(files["checkpoint.txt"].decode())
    origin, size, root = text.split("\n")[:3]
    if (size, _base64(root).hex()) != (str(evidence["size"]), evidence["root"]):
        yield "The checkpoint is of another tree than the facts."
    wanted = [key for key in keys if key.kind == WITNESS_KEY or key.name == origin]
    signing = {origin: False} | {key.name: signed_by(key, text, signatures) for key in wanted}
    for name in (name for name, signed in signing.items() if not signed):
        yield f"The checkpoint is not signed by a trusted key of {name}."


def _facts(evidence: Mapping[str, Any], told: list[str]) -> Iterator[str]:
    """What is shown and what is withheld is in the tree, and nothing is missing between."""
    facts = evidence["facts"]
    every = sorted([*facts, *evidence["withheld"]], key=lambda one: one["position"])
    size, root = evidence["size"], bytes.fromhex(evidence["root"])
    if len({one["position"] for one in every}) != len(every):
        yield "A fact is shown twice."
    if every[-1]["position"] > evidence["known_to"] or evidence["known_to"] > size:
        yield f"A fact is from after position {evidence['known_to']}, up to which the packet goes."
    for one in every:
        proof = [_base64(each) for each in one["proof"]]
        if not included(leaf_of(one), one["position"] - 1, size, proof, root):
            yield f"The fact at position {one['position']} is not in the tree as it is shown."
    for one in facts:
        context = json.loads(one["context"])
        if one["topic"] != f"{context['name']}@{context['schema_version']}":
            yield f"The fact at position {one['position']} is called {one['topic']}, but was recorded as another."
    times = [one["stamp"].partition("\n")[0] for one in every if "stamp" in one]
    if times != sorted(times):
        yield "The times of recording do not follow the positions."
    yield from _streams(evidence, every)
    yield from _patient(evidence, every, told)
    yield from _signatures(facts, told)
    told.insert(0, f"{len(facts):,} facts are shown, {len(every) - len(facts):,} are withheld and only counted.")


def _streams(evidence: Mapping[str, Any], every: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Every stream of which a fact is shown has its versions from 1 to the last one that is counted."""
    versions: dict[str, list[int]] = defaultdict(list)
    for one in every:
        versions[one["stream"]].append(one["version"])
    for stream in {one["stream"] for one in evidence["facts"]} - evidence["streams"].keys():
        yield f"Of the stream {stream} it is not said how many facts it has."
    for stream, count in evidence["streams"].items():
        if versions[stream] != list(range(1, count + 1)):
            missing = sorted({*range(1, count + 1)} - {*versions[stream]})
            yield f"Of the {count} facts of the stream {stream} these are missing, or out of order: {missing}."


def _patient(evidence: Mapping[str, Any], every: Sequence[Mapping[str, Any]], told: list[str]) -> Iterator[str]:
    """The patient's facts are numbered from 1 to the last one that is counted; each number stands in its stamp."""
    own = [one for one in every if one.get("ours") is not None]
    numbers = [one["ours"][1] for one in own]
    if numbers != list(range(1, evidence["facts_of_patient"] + 1)):
        missing = sorted({*range(1, evidence["facts_of_patient"] + 1)} - {*numbers})
        yield f"Of the patient's {evidence['facts_of_patient']} facts these are missing, or out of order: {missing}."
    alone = [one["state"] for one in own if "state" in one and one["stamp"].count("\n") == 2]
    unproven = 0
    for one in own:
        alias, number = one["ours"]
        lines = one["stamp"].split("\n")[1:-1]
        if f"{alias} {number}" not in lines:
            yield f"The fact at position {one['position']} is not numbered {number} for this patient."
        elif len(lines) > 1 and not any(alias in state for state in alone):
            unproven += 1
    told.append(f"All {len(own):,} facts about the patient are accounted for, numbered 1 to {len(own):,}.")
    if unproven:
        told.append(f"Of {unproven:,} facts about several patients, the operator says which line is this patient's.")


# --- signatures of notes (Ed25519 over "iop-esign/v1\n" and the envelope, which commits to the words)


def _signatures(facts: Sequence[Mapping[str, Any]], told: list[str]) -> Iterator[str]:
    keys: dict[str, tuple[str, bytes]] = {}
    drafts: dict[str, dict[str, Any]] = {}
    holds: dict[tuple[str, str], bool] = {}
    signed = covering = 0
    for one in facts:
        name, state, stream = one["topic"].partition("@")[0], json.loads(one["state"]), one["stream"]
        sealed = json.loads(_base64(one["sealed"])) if one.get("sealed") else {}
        if name == "clinician.signing_key_created":
            keys[state["key_id"]] = (stream, bytes.fromhex(state["public_key"]))
        elif name.startswith("note."):
            if name == "note.drafted":
                drafts[stream] = {**state, "wording": 0}
            if "content_digest" in state and "salt" in sealed:
                content = _content(name, stream, drafts[stream], state, sealed.get("sections"))
                holds[stream, state["content_digest"]] = _commits(content, sealed["salt"], state["content_digest"])
            if state.get("mark") and "envelope" in sealed:
                signed += 1
                covered = holds.get((stream, json.loads(sealed["envelope"])["content_sha256"]))
                covering += covered is True
                for fault in _signature(stream, state["mark"], sealed["envelope"], covered, keys):
                    yield f"The signature at position {one['position']} {fault}."
    if signed:
        told.append(f"{signed:,} electronic signatures hold; {covering:,} of them over words that are shown here.")


def _signature(
    stream: str, mark: Mapping[str, str], text: str, covered: bool | None, keys: Mapping[str, tuple[str, bytes]]
) -> Iterator[str]:
    said, envelope = NOTE + text.encode(), json.loads(text)
    person, key = keys.get(mark["key_id"], ("", b""))
    if not key or person != envelope["signer_id"]:
        yield "was made with a key that is not shown to be its signer's"
    elif not _verifies(key, bytes.fromhex(mark["signature"]), said):
        yield "is not the signer's over this envelope"
    if sha256(said).hexdigest() != mark["signed_digest"] or envelope["note_id"] != stream:
        yield "is of another document"
    if covered is False:
        yield "covers other words than those that stand there"


def _content(
    name: str, stream: str, draft: dict[str, Any], state: Mapping[str, Any], sections: Any
) -> dict[str, Any]:
    """What a wording or an amendment commits to; `draft` is what the document is about, and counts its wordings."""
    if name == "note.amended":
        return {
            "schema": "iop.note/v1", "note_id": stream, "note_version": draft["wording"], "kind": "amendment",
            "amendment_id": state["amendment_id"], "amendment_kind": state["kind"], "section": state.get("section"),
            "body": {"sections": sections},
        }  # fmt: skip
    draft["wording"] += 1
    draft["narrative_id"] = state.get("narrative_id") or draft.get("narrative_id")
    about = ("kind", "program_id", "author_id", "service_date", "service_ended_at", "session_id", "service_kind")
    more = ("enrollment_id", "attendance_id", "narrative_id")
    return {
        "schema": "iop.note/v1", "note_id": stream, "note_version": draft["wording"],
        **{field: draft.get(field) for field in (*about, *more)}, "patient_ref": draft.get("patient_id"),
        "body": {"sections": sections, "goals": state.get("goals", [])},
    }  # fmt: skip


def _commits(content: Mapping[str, Any], salt: str, digest: str) -> bool:
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256(CONTENT + bytes.fromhex(salt) + text.encode()).hexdigest() == digest


def main(arguments: Sequence[str] | None = None) -> int:
    """The command: 0 when everything holds, 1 when something does not, a line each."""
    parser = argparse.ArgumentParser(description="Check a packet offline.")
    parser.add_argument("packet", type=Path)
    parser.add_argument("--trust", type=Path, help="a file of public keys that you were given, a line each")
    given = parser.parse_args(arguments)
    verdict = verify(given.packet.read_bytes(), given.trust.read_text().splitlines() if given.trust else None)
    for line in verdict.told if not verdict.failures else verdict.failures:
        sys.stdout.write(line + "\n")
    sys.stdout.write("The packet holds.\n" if not verdict.failures else "The packet does NOT hold.\n")
    return 1 if verdict.failures else 0


if __name__ == "__main__":
    sys.exit(main())
