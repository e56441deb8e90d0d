"""Checks a packet without any network, database or software of ours: Python 3.11 and the package `cryptography`.

    python verify_packet.py packet.zip --trust keys.txt

keys.txt holds the public keys that you were given on another way than with the packet, a line each: the log's, and its
witness's. Without it the keys that came in the packet are used, and printed so that you can compare them.

What is checked: the archive holds nothing that is not hashed, and the log's key signed the hashes; each fact, shown or
withheld, stands at its position in the tree whose root the checkpoint signs (RFC 6962); the versions of every stream
shown, and the patient's own numbers, run from 1 to their end without a gap; a fact is called what it was recorded as;
what was sealed in it opens with the one key that its bytes name; every signature of a note was made by its signer's key
over its envelope, and covers the words that are shown, and the session's figures that were recorded with it.

What the operator alone says: that nothing follows the last fact counted; that a withheld one is this patient's, and
revokes no key; whose a key is; that what was recorded is true; that the pages (signed too) say what the facts say.
"""

from __future__ import annotations

import argparse
import base64
import json
import re
import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

FORMAT, SEAL = "iop-packet/v1", "iop-es packet v1"
LEAF, NOTE, CONTENT = b"iop-leaf/v4\n", b"iop-esign/v1\n", b"iop-note-content/v1\n"
ABOUT = ("kind", "program_id", "author_id", "service_date", "service_ended_at", "session_id", "service_kind",
         "enrollment_id", "attendance_id", "narrative_id")  # fmt: skip
LOCAL, CENTRAL, END = map(struct.Struct, ("<4sHHHHHIIIHH", "<4sHHHHHHIIIHHHHHII", "<4sHHHHIIH"))
LOG_KEY, WITNESS_KEY, FIRST_DAY = 1, 4, 0x21  # 1980-01-01, a ZIP's first: no packet says when it came to a disk
NAME, HASH = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}"), re.compile(r"[0-9a-f]{64}")
TIME = re.compile(r"\d{4}(-\d\d){2}T\d\d(:\d\d){2}\.\d{6}Z", re.ASCII)
FORMS = {"stream": re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "place_salt": re.compile(r"[0-9a-f]{32}"),
         "recorded_at": TIME, "content_salt": HASH, "key": HASH,
         **{f"{part}_sha256": HASH for part in ("place", "state", "sealed", "context")}}  # fmt: skip
ABSENT = {"content_salt": "", "recorded_at": "", "state": "", "sealed": "", "context": "", "place_salt": "",
          "stream": "0" * 32, "version": 0}  # fmt: skip
ANY, PLACE = frozenset({"position", "ours", "proof", "patients_sha256"}), frozenset({"stream", "version", "place_salt"})
SHOWN = ANY | PLACE | {"content_salt", "recorded_at", "topic", "state", "context"}
WITHHELD = ANY | {"state_sha256", "sealed_sha256", "context_sha256"}
SHAPES = ([SHOWN, SHOWN | {"sealed", "key"}, SHOWN | {"sealed_sha256"}],
          [WITHHELD | PLACE, WITHHELD | {"place_sha256"}])  # fmt: skip
"""A part stands there itself or as its hash: were there both, what is read would not be what is proven."""
AMISS = ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError, struct.error, InvalidTag
Fact = Mapping[str, Any]


class Wrong(Exception):
    """What is wrong with a packet, in a sentence."""


class Verdict(NamedTuple):
    """What does not hold, in sentences (none: the packet is proven), and what was checked."""

    failures: list[str]
    told: list[str]


def archive(files: Mapping[str, bytes]) -> bytes:
    """The one ZIP that there is of these files, in this order."""
    body, directory = bytearray(), bytearray()
    for name, data in files.items():
        common = (0, 0, 0, FIRST_DAY, zlib.crc32(data), len(data), len(data), len(name), 0)
        directory += CENTRAL.pack(b"PK\x01\x02", 20, 20, *common, 0, 0, 0, 0, len(body)) + name.encode("ascii")
        body += LOCAL.pack(b"PK\x03\x04", 20, *common) + name.encode("ascii") + data
    return bytes(body + directory + END.pack(b"PK\5\6", 0, 0, *[len(files)] * 2, len(directory), len(body), 0))


def unpacked(data: bytes) -> dict[str, bytes]:
    """The files of an archive; raises Wrong (or what it met) where it is not the one that `archive` makes of them."""
    found, place = dict[str, bytes](), 0
    while data[place : place + 4] == b"PK\x03\x04":
        *_, size, _, length, _ = LOCAL.unpack_from(data, place)
        start = place + LOCAL.size + length
        found[data[place + LOCAL.size : start].decode("ascii")] = data[start : start + size]
        place = start + size
    named = len({name.lower() for name in found}) == len(found) and all(map(NAME.fullmatch, found))
    if not named or archive(found) != data:
        raise Wrong("The archive is not the one that can be made of its files: bytes were added, changed or taken.")
    return found


class Key(NamedTuple):
    """A public key of a log or a witness; `id` are the four bytes before each of its signatures."""

    name: str
    kind: int
    raw: bytes
    id: bytes


def key_of(line: str) -> Key:
    """A key as it is written: name+id+base64. Raises Wrong."""
    name, told, encoded = line.strip().split("+", 2)
    data = _base64(encoded)
    key = Key(name, data[0], data[1:], sha256(name.encode() + b"\n" + data).digest()[:4])
    if len(data) != 33 or key.kind not in (LOG_KEY, WITNESS_KEY) or key.id.hex() != told:
        raise Wrong(f"The key of {name} is neither a log's nor a witness's, or does not fit its number.")
    return key


def note(text: str) -> tuple[str, list[tuple[str, bytes]]]:
    """A signed note (C2SP signed-note): its text, and each signature with the name before it. Raises Wrong."""
    body, gap, lines = text.rpartition("\n\n")
    found = [re.fullmatch(r"— (\S+) (\S+)", line) for line in lines[:-1].split("\n")]
    if not gap or not lines.endswith("\n") or not all(found):
        raise Wrong("A signed note has no signatures, or a line that is none.")
    return body + "\n", [(one[1], _base64(one[2])) for one in found if one]


def signed_by(key: Key, text: str, signatures: Sequence[tuple[str, bytes]]) -> bool:
    """Whether one of the signatures is this key's; a witness's says when it saw the text."""
    for name, signature in signatures:
        said, made = text.encode(), signature[4:]
        if key.kind == WITNESS_KEY:
            said, made = b"cosignature/v1\ntime %d\n" % int.from_bytes(made[:8], "big") + said, made[8:]
        if (name, signature[:4]) == (key.name, key.id) and _verifies(key.raw, made, said):
            return True
    return False


def _verifies(public_key: bytes, signature: bytes, data: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, data)
    except (InvalidSignature, ValueError):
        return False
    return True


def _base64(text: str) -> bytes:
    data = base64.b64decode(text, validate=True)
    if base64.b64encode(data).decode() != text:
        raise Wrong("A text is not written as base64 is.")
    return data


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(found := dict(pairs)) != len(pairs):
        raise Wrong("A name stands twice in one object, so that two readers could read two things.")
    return found


_json = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_base64).decode  # NaN is not written as base64 is


def leaf_of(fact: Fact) -> bytes:
    """The hash of a fact's leaf; of what is withheld only hashes are known."""
    one = {**ABSENT, **fact}
    content, time = bytes.fromhex(one["content_salt"]), f"{one['recorded_at']}\n"
    place = bytes.fromhex(one["place_salt"]) + UUID(one["stream"]).bytes + struct.pack(">Q", one["version"])
    said = {"place": place, "state": content + (time + one["state"]).encode(),
            "sealed": content + _base64(one["sealed"]), "context": content + one["context"].encode()}  # fmt: skip
    hashes = [one.get(f"{part}_sha256") or sha256(data).hexdigest() for part, data in said.items()]
    parts = bytes.fromhex("".join([*hashes, *one["patients_sha256"]]))
    return sha256(b"\0" + LEAF + struct.pack(">Q", one["position"]) + parts).digest()


def words_of(fact: Fact) -> Any:
    """What was sealed in a fact, opened with the key of this fact alone; nothing where that is not shown."""
    if "key" not in fact:
        return {}
    data, key, name = _base64(fact["sealed"]), bytes.fromhex(fact["key"]), fact["topic"].partition("@")[0].encode()
    if data[:4] != b"IOP\1" or data[20:52] != sha256(b"iop-kc/v1" + key).digest():
        raise Wrong(f"The key of the fact at position {fact['position']} is not the one that its sealed part names.")
    place = struct.pack(">16sQI", UUID(fact["stream"]).bytes, fact["version"], len(name))
    bound = b"iop-aad/v1\n" + data[:52] + place + name
    return _json(AESGCM(key).decrypt(data[52:64], data[64:], bound).rpartition(b"\x80")[0].decode())


def included(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether the leaf with this index is in the tree of this size and root (RFC 6962, 2.1.1)."""

    def above(index: int, size: int, proof: Sequence[bytes]) -> bytes:
        if size == 1 or not proof:
            return b"" if proof or size > 1 else leaf
        half, beside = 1 << (size - 1).bit_length() - 1, proof[-1]
        if index < half:
            return sha256(b"\x01" + above(index, half, proof[:-1]) + beside).digest()
        return sha256(b"\x01" + beside + above(index - half, size - half, proof[:-1])).digest()

    return 0 <= index < size and above(index, size, proof) == root


def verify(data: bytes, trusted: Iterable[str] | None = None) -> Verdict:
    """Checks a packet's bytes against the keys that are trusted (None: those that came with it)."""
    told: list[str] = []
    try:
        failures = list(_failures(unpacked(data), None if trusted is None else list(trusted), told))
    except (Wrong, *AMISS) as error:
        shape = f"The packet is not of the shape that packets have ({type(error).__name__})."
        failures = [str(error) if isinstance(error, Wrong) else shape]
    # what a packet says of itself must neither look like a line of ours nor steer a terminal
    return Verdict(*([line.encode("unicode_escape").decode() for line in lines] for lines in (failures, told)))


def _failures(files: Mapping[str, bytes], trusted: Sequence[str] | None, told: list[str]) -> Iterator[str]:
    if lost := {"manifest.json", "manifest.txt", "evidence.json", "checkpoint.txt", "keys.txt"} - files.keys():
        raise Wrong(f"{', '.join(sorted(lost))} is missing.")
    lines = files["keys.txt"].decode().split("\n") if trusted is None else trusted
    lines = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    keys = [key_of(line) for line in lines]
    manifest, evidence = (_json(files[name].decode()) for name in ("manifest.json", "evidence.json"))
    yield from (*_manifest(files, manifest, keys), *_checkpoint(files, evidence, manifest, keys))
    yield from _facts(evidence, told)
    witnesses = len({key.name for key in keys if key.kind == WITNESS_KEY})
    also = f" and {witnesses} witness{'es' if witnesses > 1 else ''}." if witnesses else "; no witness is asked for."
    told.append(f"Tree of {evidence['size']:,} facts, root {evidence['root']}; signed by the log{also}")
    compare = "The keys are those of the packet itself; compare them with the ones that you were given:"
    told += [compare, *(f"  {line}" for line in lines)] if trusted is None else []


def _manifest(files: Mapping[str, bytes], manifest: Fact, keys: Sequence[Key]) -> Iterator[str]:
    """Every file is hashed, the hashes are signed, and both are written in the one way that there is."""
    text = f"{SEAL}\n{manifest['origin']}\n{sha256(files['manifest.json']).hexdigest()}\n"
    signed, signatures = note(files["manifest.txt"].decode())
    if manifest["format"] != FORMAT:
        yield f"The packet is of the format {manifest['format']}, which is not known here."
    if signed != text or len(signatures) != 1:
        yield "The signed list of files is another one than the packet's."
    if not any(signed_by(key, text, signatures) for key in keys if key[:2] == (manifest["origin"], LOG_KEY)):
        yield f"The list of files is not signed by a trusted key of the log {manifest['origin']}."
    listed = {name: {"bytes": len(data), "sha256": sha256(data).hexdigest()} for name, data in files.items()}
    del listed["manifest.json"], listed["manifest.txt"]
    differing = (name for name in {**listed, **manifest["files"]} if listed.get(name) != manifest["files"].get(name))
    yield from (f"{name} is not the file that was signed, or is missing." for name in sorted(differing))


def _checkpoint(files: Mapping[str, bytes], evidence: Fact, manifest: Fact, keys: Sequence[Key]) -> Iterator[str]:
    """The tree's size and root are signed by the same log, and by every witness that is trusted."""
    text, signatures = note(files["checkpoint.txt"].decode())
    origin, size, root = text.split("\n")[:3]
    if (size, _base64(root).hex()) != (str(evidence["size"]), evidence["root"]):
        yield "The checkpoint is of another tree than the facts."
    for name, other in (("origin", origin), *((name, evidence[name]) for name in ("patient_id", "known_to"))):
        if manifest[name] != other:
            yield f"The list of files says another {name} than what it lists."
    signing = {(origin, LOG_KEY): False}  # any key of a name will do: keys are replaced
    for key in (one for one in keys if one.kind == WITNESS_KEY or one.name == origin):
        signing[key[:2]] = signing.get(key[:2], False) or signed_by(key, text, signatures)
    lacking = (name for (name, _), signed in signing.items() if not signed)
    yield from (f"The checkpoint is not signed by a trusted key of {name}." for name in lacking)


def _must_be_shaped(evidence: Fact) -> None:
    """Each value is written in the one way that there is: a leaf's hash does not tell two ways apart."""
    counts = [evidence["size"], evidence["known_to"], evidence["facts_of_patient"], *evidence["streams"].values()]
    for facts, shapes in zip((evidence["facts"], evidence["withheld"]), SHAPES, strict=True):
        places = [one["position"] for one in facts]
        counts += places + [one["version"] for one in facts if "version" in one]
        texts = [(FORMS[name], text) for one in facts for name, text in one.items() if name in FORMS]
        told = [(*one["patients_sha256"], *(one["ours"] or ())[1:], *one.get("alias", ())[1:]) for one in facts]
        texts += [(HASH, text) for several in told for text in several]
        shaped = all(one.keys() - ({"alias"} if one["ours"] else set()) in shapes for one in facts)
        known = shaped and all(form.fullmatch(text) for form, text in texts)
        counted = all(type(each) is int and each > 0 for each in counts)
        if places != sorted(places) or not known or not counted:
            raise Wrong("A fact or number is not written in the order and in the way that it is in a packet.")


def _facts(evidence: Fact, told: list[str]) -> Iterator[str]:
    """What is shown and what is withheld is in the tree, and nothing is missing between."""
    _must_be_shaped(evidence)
    facts = evidence["facts"]
    every = sorted([*facts, *evidence["withheld"]], key=lambda one: one["position"])
    size, root = evidence["size"], bytes.fromhex(evidence["root"])
    if len({one["position"] for one in every}) != len(every):
        yield "A fact is shown twice."
    if every[-1]["position"] > evidence["known_to"] or evidence["known_to"] > size:
        yield f"A fact is from after position {evidence['known_to']}, up to which the packet goes."
    for one in every:
        if not included(leaf_of(one), one["position"] - 1, size, [*map(_base64, one["proof"])], root):
            yield f"The fact at position {one['position']} is not in the tree as it is shown."
    for one in facts:
        context, state = _json(one["context"]), _json(one["state"])
        if one["topic"] != f"{context['name']}@{context['schema_version']}":
            yield f"The fact at position {one['position']} is called {one['topic']}, but was recorded as another."
        alone = one["ours"] and len(one["patients_sha256"]) == 1
        if alone and state.get("patient_id") not in (None, evidence["patient_id"]):
            yield f"The fact at position {one['position']} is about another patient."
    times = [one["recorded_at"] for one in facts]
    if times != sorted(times):
        yield "The times of recording do not follow the positions."
    yield from (*_streams(evidence, every), *_patient(evidence, every, told), *_signatures(facts, told))
    told.insert(0, f"{len(facts):,} facts are shown, {len(every) - len(facts):,} are withheld and only counted.")


def _missing(numbers: list[int], count: int) -> list[int]:
    """The first numbers that lack where they should run from 1 to a count; 0 where they are out of order."""
    whole = len(numbers) == count and numbers == list(range(1, count + 1))
    return [] if whole else sorted({*range(1, min(count, len(numbers) + 9) + 1)} - {*numbers}) or [0]


def _streams(evidence: Fact, every: Sequence[Fact]) -> Iterator[str]:
    """Every stream of which a fact is shown has its versions from 1 to the last one that is counted."""
    versions = dict[str, list[int]]()
    for one in (one for one in every if "stream" in one):
        versions.setdefault(one["stream"], []).append(one["version"])
    for stream, count in (dict.fromkeys((one["stream"] for one in evidence["facts"]), 0) | evidence["streams"]).items():
        if missing := _missing(versions.get(stream, []), count):
            yield f"Of the {count} facts of the stream {stream} these are missing, or out of order: {missing}."


def _patient(evidence: Fact, every: Sequence[Fact], told: list[str]) -> Iterator[str]:
    """The patient's facts are numbered from 1 to the last one that is counted; each number stands in its stamp."""
    own = [one for one in every if one["ours"] is not None]
    if missing := _missing([one["ours"][0] for one in own], evidence["facts_of_patient"]):
        yield f"Of the patient's {evidence['facts_of_patient']} facts these are missing, or out of order: {missing}."
    alone, unproven = [one["state"] for one in own if "state" in one and len(one["patients_sha256"]) == 1], 0
    for one in own:
        number, salt, behind = one["ours"]
        alias, of_alias = one.get("alias") or ("", "")
        line = bytes.fromhex(salt + behind) + f" {number}\n".encode()
        if sha256(line).hexdigest() not in one["patients_sha256"]:
            yield f"The fact at position {one['position']} is not numbered {number} for this patient."
        elif "state" in one and sha256(bytes.fromhex(of_alias) + alias.encode()).hexdigest() != behind:
            yield f"The fact at position {one['position']} is about this patient under another alias."
        elif "state" not in one or (len(one["patients_sha256"]) > 1 and not any(alias in state for state in alone)):
            unproven += 1
    told.append(f"All {len(own):,} facts about the patient are accounted for, numbered 1 to {len(own):,}.")
    if unproven:
        told.append(f"Of {unproven:,} of them (withheld, or of several patients) the operator says whose they are.")


def _signatures(facts: Sequence[Fact], told: list[str]) -> Iterator[str]:
    keys, drafts, holds = dict[tuple[str, str], bytes](), dict[str, dict[str, Any]](), dict[tuple[str, str], bool]()
    signed = covering = 0
    for one in facts:
        name, state, stream, sealed = one["topic"].partition("@")[0], _json(one["state"]), one["stream"], words_of(one)
        if name == "clinician.signing_key_created":
            keys[stream, state["key_id"]] = bytes.fromhex(state["public_key"])
        elif name == "clinician.signing_key_revoked":
            keys.pop((stream, state["key_id"]), None)  # what it signed before stands
        elif name.startswith("note."):
            if name == "note.drafted":
                drafts[stream] = {**state, "wording": 0}
            if "content_digest" in state and "salt" in sealed:
                content = _content(name, stream, drafts[stream], state, sealed.get("sections"))
                text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
                digest = sha256(CONTENT + bytes.fromhex(sealed["salt"]) + text).hexdigest()
                holds[stream, state["content_digest"]] = digest == state["content_digest"]
            if state.get("mark") and "envelope" in sealed:
                covered = holds.get((stream, _json(sealed["envelope"])["content_sha256"]))
                signed, covering = signed + 1, covering + (covered is True)
                for fault in _signature(stream, state, sealed["envelope"], covered, keys):
                    yield f"The signature at position {one['position']} {fault}."
    if signed:
        told.append(f"{signed:,} electronic signatures hold; {covering:,} of them over words that are shown here.")


def _signature(stream: str, state: Fact, text: str, covered: bool | None, keys: Mapping[Any, bytes]) -> Iterator[str]:
    said, envelope, mark = NOTE + text.encode(), _json(text), state["mark"]
    key = keys.get((envelope["signer_id"], mark["key_id"]))
    if not key or {state.get("signer_id"), state.get("declared_by")} - {None, envelope["signer_id"]}:
        yield "was made with a key that is not shown to be its signer's then"
    elif not _verifies(key, bytes.fromhex(mark["signature"]), said):
        yield "is not the signer's over this envelope"
    if sha256(said).hexdigest() != mark["signed_digest"] or envelope["note_id"] != stream:
        yield "is of another document"
    if covered is False or envelope.get("session") != state.get("session"):
        yield "covers other words, or other figures of the session, than those that stand there"


def _content(name: str, stream: str, draft: dict[str, Any], state: Fact, sections: Any) -> dict[str, Any]:
    """What a wording or an amendment commits to; `draft` is what the document is about, and counts its wordings."""
    draft["wording"] += name != "note.amended"
    said = {"schema": "iop.note/v1", "note_id": stream, "note_version": draft["wording"]}
    if name == "note.amended":
        about = {"kind": "amendment", "amendment_id": state["amendment_id"], "amendment_kind": state["kind"]}
        return {**said, **about, "section": state.get("section"), "body": {"sections": sections}}
    draft["narrative_id"] = state.get("narrative_id") or draft.get("narrative_id")
    about = {field: draft.get(field) for field in ABOUT} | {"patient_ref": draft.get("patient_id")}
    return {**said, **about, "body": {"sections": sections, "goals": state.get("goals", [])}}


def main(arguments: Sequence[str] | None = None) -> int:
    """The command: 0 when everything holds, 1 when something does not, a line each."""
    parser = argparse.ArgumentParser(description="Check a packet offline.")
    parser.add_argument("packet", type=Path)
    parser.add_argument("--trust", type=Path, help="a file of public keys that you were given, a line each")
    given = parser.parse_args(arguments)
    verdict = verify(given.packet.read_bytes(), given.trust.read_text().splitlines() if given.trust else None)
    found = "The packet does NOT hold." if verdict.failures else "The packet holds."
    print(*(verdict.failures or verdict.told), found, sep="\n")  # noqa: T201 - it stands alone
    return 1 if verdict.failures else 0


if __name__ == "__main__":
    raise SystemExit(main())
