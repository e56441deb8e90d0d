"""A second verifier, as a stranger would write it after a packet's FORMAT.txt and the public standards that it names.

It shares no code with verify_packet.py, and is no quicker or shorter than it fell out; its paragraphs are those of that
text.
"""

from __future__ import annotations

import base64
import binascii
import io
import json
import re
import struct
import zipfile
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, NoReturn

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

Fact = dict[str, Any]
Key = tuple[str, int, bytes, bytes]
Signatures = list[tuple[str, bytes]]
NEEDED = {"manifest.json", "manifest.txt", "evidence.json", "checkpoint.txt", "keys.txt"}
EITHER = {"position", "proof", "ours", "patients_sha256"}
PLACE = {"stream", "version", "place_salt"}
SHOWN = EITHER | PLACE | {"topic", "content_salt", "recorded_at", "state", "context"}
WITHHELD = EITHER | {"state_sha256", "sealed_sha256", "context_sha256"}
UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
TIME = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z"
MEANING = {
    "signed": "author", "cosigned": "co-sign", "facilitator_signed": "co-facilitator", "amended": "amend",
    "narrative_replaced": "amend", "signature_attested": "attest-late", "entered_in_error": "void",
}  # fmt: skip
NO_PACKET = (
    KeyError, ValueError, TypeError, AttributeError, IndexError, struct.error, InvalidTag, zipfile.BadZipFile,
    RecursionError, NotImplementedError, EOFError, OverflowError, RuntimeError, zipfile.LargeZipFile, binascii.Error,
)  # fmt: skip


class Odd(ValueError):
    """Something is not written as it has to be."""


def hashed(data: bytes) -> bytes:
    """H."""
    return sha256(data).digest()


def from_hex(text: str, size: int) -> bytes:
    """Lower-case hex of so many bytes."""
    if not re.fullmatch("[0-9a-f]*", text) or len(text) != 2 * size:
        raise Odd(text)
    return bytes.fromhex(text)


def from_base64(text: str) -> bytes:
    """Base64, written in the one way."""
    data = base64.b64decode(text, validate=True)
    if base64.b64encode(data).decode() != text:
        raise Odd(text)
    return data


def from_uuid(text: str) -> bytes:
    """The 16 bytes of an id."""
    if not re.fullmatch(UUID, text):
        raise Odd(text)
    return bytes.fromhex(text.replace("-", ""))


def runs(numbers: list[int], last: int) -> bool:
    """Whether they are 1 to the last one, in order."""
    return len(numbers) == last and numbers == list(range(1, last + 1))


def number(told: Any) -> int:
    """An integer above zero."""
    if type(told) is not int or told < 1:
        raise Odd(str(told))
    return told


def from_json(text: str) -> Any:
    """JSON in which no object names something twice."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(dict(pairs)) != len(pairs):
            raise Odd("twice")
        return dict(pairs)

    def no_number(told: str) -> NoReturn:
        raise Odd(told)

    return json.loads(text, object_pairs_hook=once, parse_constant=no_number)


def unzipped(data: bytes) -> dict[str, bytes]:
    """1: the files."""
    archive = zipfile.ZipFile(io.BytesIO(data))
    listed = archive.infolist()
    if any(one.compress_type != zipfile.ZIP_STORED for one in listed):
        raise Odd("compressed")
    files = {one.filename: archive.read(one) for one in listed}
    body = directory = b""
    for name, held in files.items():
        common = (0, 0, 0, 0x21, binascii.crc32(held), len(held), len(held), len(name), 0)
        directory += b"PK\1\2" + struct.pack("<HHHHHHIIIHH", 20, 20, *common)
        directory += struct.pack("<HHHII", 0, 0, 0, 0, len(body)) + name.encode()
        body += b"PK\3\4" + struct.pack("<HHHHHIIIHH", 20, *common) + name.encode() + held
    end = struct.pack("<HHHHIIH", 0, 0, len(files), len(files), len(directory), len(body), 0)
    if body + directory + b"PK\5\6" + end != data or len(files) != len(listed) or NEEDED - files.keys():
        raise Odd("archive")
    return files


def key_of(line: str) -> Key:
    """2: name, type, id and public key of a line."""
    name, told, encoded = line.strip().split("+", 2)
    data = from_base64(encoded)
    made = hashed(name.encode() + b"\n" + data)[:4]
    if len(data) != 33 or data[0] not in (1, 4) or made.hex() != told:
        raise Odd(line)
    return name, data[0], made, data[1:]


def note_of(data: bytes) -> tuple[str, Signatures]:
    """2: text and signatures of a signed note."""
    text = data.decode()
    place = text.rindex("\n\n") + 1
    lines = text[place + 1 :].split("\n")
    found = [re.fullmatch("\u2014 (\\S+) (\\S+)", line) for line in lines[:-1]]
    if lines[-1] or not found or not all(found):
        raise Odd("note")
    return text[:place], [(one[1], from_base64(one[2])) for one in found if one]


def verifies(public: bytes, signature: bytes, data: bytes) -> bool:
    """Ed25519."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, data)
    except (InvalidSignature, ValueError):
        return False
    return True


def is_signed(key: Key, text: str, signatures: Signatures) -> bool:
    """2: whether this key signed the text."""
    name, kind, told, public = key
    for named, made in signatures:
        signature, said = made[4:], text.encode()
        if kind == 4:
            signature, said = made[12:], b"cosignature/v1\ntime %d\n" % int.from_bytes(made[4:12]) + said
        if (named, made[:4]) == (name, told) and verifies(public, signature, said):
            return True
    return False


def leaf_of(fact: Fact, *, shown: bool) -> bytes:
    """3: the leaf's hash."""
    names = fact.keys() - ({"alias"} if fact["ours"] else set())
    if names not in ([SHOWN, SHOWN | {"sealed", "key"}, SHOWN | {"sealed_sha256"}] if shown else
                     [WITHHELD | PLACE, WITHHELD | {"place_sha256"}]):  # fmt: skip
        raise Odd("names")
    parts = {one: from_hex(fact[f"{one}_sha256"], 32) for one in ("place", "state", "sealed", "context")
             if f"{one}_sha256" in fact}  # fmt: skip
    if "place" not in parts:
        place = from_uuid(fact["stream"]) + struct.pack(">Q", number(fact["version"]))
        parts["place"] = hashed(from_hex(fact["place_salt"], 16) + place)
    if shown:
        salt = from_hex(fact["content_salt"], 32)
        if not re.fullmatch(TIME, fact["recorded_at"]):
            raise Odd("time")
        parts["state"] = hashed(salt + f"{fact['recorded_at']}\n{fact['state']}".encode())
        parts["context"] = hashed(salt + fact["context"].encode())
        parts.setdefault("sealed", hashed(salt + from_base64(fact.get("sealed", ""))))
    whose = b"".join(from_hex(one, 32) for one in fact["patients_sha256"])
    order = b"".join(parts[one] for one in ("place", "state", "sealed", "context"))
    return hashed(b"\0iop-leaf/v4\n" + struct.pack(">Q", number(fact["position"])) + order + whose)


def is_included(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """3: RFC 9162, 2.1.3.2, step by step."""
    if index >= size:
        return False
    at, last, made = index, size - 1, leaf
    for beside in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            made = hashed(b"\1" + beside + made)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            made = hashed(b"\1" + made + beside)
        at, last = at >> 1, last >> 1
    return last == 0 and made == root


def opened(fact: Fact) -> Any:
    """5: the words; none where there is no key."""
    if "key" not in fact:
        return {}
    data, key, name = from_base64(fact["sealed"]), from_hex(fact["key"], 32), fact["topic"].split("@")[0].encode()
    if data[:4] != b"IOP\1" or data[20:52] != hashed(b"iop-kc/v1" + key):
        raise Odd("key")
    place = from_uuid(fact["stream"]) + struct.pack(">QI", fact["version"], len(name)) + name
    padded = AESGCM(key).decrypt(data[52:64], data[64:], b"iop-aad/v1\n" + data[:52] + place)
    return from_json(padded[: padded.rindex(b"\x80")].decode())


class Reader:
    """A packet while it is read; `faults` are what does not hold."""

    def __init__(self, files: Mapping[str, bytes], trusted: Sequence[str]) -> None:
        self.files, self.faults = files, set[str]()
        self.keys = [key_of(line) for line in trusted]
        self.manifest = from_json(files["manifest.json"].decode())
        self.evidence = from_json(files["evidence.json"].decode())
        self.facts, self.withheld = self.evidence["facts"], self.evidence["withheld"]
        self.every = sorted([*self.facts, *self.withheld], key=lambda one: int(one["position"]))
        self.own = [one for one in self.every if one["ours"] is not None]

    def must(self, fault: str, *, be: bool) -> None:
        """Takes note of what does not hold."""
        if not be:
            self.faults.add(fault)

    def reads_notes(self) -> None:
        """2."""
        manifest, evidence, origin = self.manifest, self.evidence, self.manifest["origin"]
        text, signatures = note_of(self.files["manifest.txt"])
        digest = sha256(self.files["manifest.json"]).hexdigest()
        self.must("list", be=text == f"iop-es packet v1\n{origin}\n{digest}\n" and len(signatures) == 1)
        logs = [key for key in self.keys if key[:2] == (origin, 1)]
        self.must("list signed", be=any(is_signed(key, text, signatures) for key in logs))
        held = {name: {"bytes": len(data), "sha256": sha256(data).hexdigest()} for name, data in self.files.items()
                if name not in ("manifest.json", "manifest.txt")}  # fmt: skip
        self.must("files", be=held == manifest["files"] and manifest["format"] == "iop-packet/v1")
        text, signatures = note_of(self.files["checkpoint.txt"])
        said, size, root = text.split("\n")[:3]
        self.must("tree", be=(size, from_base64(root).hex()) == (str(evidence["size"]), evidence["root"]))
        self.must("checkpoint signed", be=said == origin and any(is_signed(key, text, signatures) for key in logs))
        for name in {key[0] for key in self.keys if key[1] == 4}:
            theirs = [key for key in self.keys if key[:2] == (name, 4)]
            self.must("witness", be=any(is_signed(key, text, signatures) for key in theirs))
        for name in ("patient_id", "known_to"):
            self.must(name, be=manifest[name] == evidence[name])

    def reads_leaves(self) -> None:
        """3."""
        evidence, root = self.evidence, from_hex(self.evidence["root"], 32)
        places = [number(one["position"]) for one in self.every]
        self.must("order", be=len(set(places)) == len(places) and places[-1] <= evidence["known_to"])
        self.must("size", be=number(evidence["known_to"]) <= number(evidence["size"]))
        for facts, shown in ((self.facts, True), (self.withheld, False)):
            told = [one["position"] for one in facts]
            self.must("order", be=told == sorted(told))
            for one in facts:
                leaf, proof = leaf_of(one, shown=shown), [from_base64(each) for each in one["proof"]]
                self.must("leaf", be=is_included(leaf, one["position"] - 1, evidence["size"], proof, root))
        times = [one["recorded_at"] for one in self.facts]
        self.must("times", be=times == sorted(times))
        for one in self.facts:
            context = from_json(one["context"])
            self.must("topic", be=one["topic"] == f"{context['name']}@{context['schema_version']}")

    def reads_numbers(self) -> None:
        """4, without what the operator alone says."""
        count, patient = number(self.evidence["facts_of_patient"]), self.evidence["patient_id"]
        self.must("numbers", be=runs([one["ours"][0] for one in self.own], count))
        for one in self.own:
            told, salt, behind = one["ours"]
            line = from_hex(salt, 32) + from_hex(behind, 32) + b" %d\n" % told
            self.must("number", be=sha256(line).hexdigest() in one["patients_sha256"])
            if "state" in one:
                alias, of_alias = one["alias"]
                self.must("alias", be=hashed(from_hex(of_alias, 32) + alias.encode()).hex() == behind)
        for one in self.facts:
            named = from_json(one["state"]).get("patient_id") if len(one["patients_sha256"]) == 1 else None
            self.must("patient", be=named in (None, patient) and bool(one["ours"] or not one["patients_sha256"]))
        versions: dict[str, list[int]] = {}
        for one in self.every:
            if "stream" in one:
                versions.setdefault(one["stream"], []).append(one["version"])
        streams = {one["stream"]: 0 for one in self.facts} | self.evidence["streams"]
        for stream, last in streams.items():
            self.must("versions", be=runs(versions.get(stream, []), last))

    def reads_signatures(self) -> None:
        """6."""
        keys: dict[tuple[str, str], bytes] = {}
        documents: dict[str, Document] = {}
        partly = {one["stream"] for one in self.withheld if "stream" in one}
        for one in self.facts:
            name, state, stream, words = one["topic"].split("@")[0], from_json(one["state"]), one["stream"], opened(one)
            if name == "clinician.signing_key_created":
                keys[stream, state["key_id"]] = bytes.fromhex(state["public_key"])
            elif name == "clinician.signing_key_revoked":
                keys.pop((stream, state["key_id"]), None)
            elif name.startswith("note."):
                document = documents.setdefault(stream, Document(stream, whole=stream not in partly))
                document.reads(name.removeprefix("note."), state, words)
                if state.get("mark") and "envelope" in words:
                    held = document.holds(name.removeprefix("note."), state, words["envelope"], keys)
                    self.must("signature", be=held)
                if state.get("mark"):
                    document.before = state["mark"]["signed_digest"]


class Document:
    """6: a document, as far as it is read."""

    def __init__(self, stream: str, *, whole: bool) -> None:
        self.stream, self.whole = stream, whole
        self.about: dict[str, Any] = {}
        self.wording, self.narrative, self.last, self.before = 0, None, None, None
        self.good: dict[str, bool] = {}

    def reads(self, name: str, state: Fact, words: Any) -> None:
        """The words that a fact commits to."""
        said: dict[str, Any] = {"schema": "iop.note/v1", "note_id": self.stream}
        if name in ("drafted", "revised", "narrative_replaced"):
            self.narrative = state.get("narrative_id") or self.narrative
        if name in ("drafted", "revised"):
            self.about = state if name == "drafted" else self.about
            self.wording, self.last = self.wording + 1, state["content_digest"]
            said |= {one: self.about.get(one) for one in (
                "kind", "program_id", "author_id", "service_date", "service_ended_at", "session_id", "service_kind",
                "enrollment_id", "attendance_id",
            )}  # fmt: skip
            said |= {"patient_ref": self.about.get("patient_id"), "narrative_id": self.narrative}
            said["body"] = {"sections": words.get("sections"), "goals": state.get("goals", [])}
        elif name == "amended":
            said |= {"kind": "amendment", "amendment_id": state["amendment_id"], "amendment_kind": state["kind"]}
            goals = {} if state.get("goals") is None else {"goals": state["goals"]}
            said |= {"section": state.get("section"), "body": {"sections": words.get("sections")} | goals}
        elif name == "entered_in_error":
            said |= {"kind": name, "cause": state["cause"], "body": {"words": words.get("words")}}
        digest = state.get("words_digest" if name == "entered_in_error" else "content_digest")
        if "body" in said and words.get("salt") and digest:
            said["note_version"] = self.wording
            text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
            good = hashed(b"iop-note-content/v1\n" + from_hex(words["salt"], 32) + text).hex() == digest
            if good or self.whole:
                self.good[digest] = good

    def holds(self, name: str, state: Fact, text: str, keys: Mapping[tuple[str, str], bytes]) -> bool:
        """Whether a signature does."""
        envelope, mark, said = from_json(text), state["mark"], b"iop-esign/v1\n" + text.encode()
        signer = state.get("declared_by") if name == "entered_in_error" else state.get("signer_id")
        public = keys.get((envelope["signer_id"], mark["key_id"]))
        due = state.get("content_digest") or (self.last if self.whole else None) or envelope["content_sha256"]
        told = {"rests_on": state.get("narrative_digest") or state.get("words_digest"),
                "reason": state.get("late_reason") or state.get("cause"),
                **({"signed_at": state["attested_at"]} if "attested_at" in state else {})}  # fmt: skip
        fact = {**state, **told}
        both = (fact.keys() & envelope.keys()) - {"identity_override"}
        return all((
            public is not None and verifies(public, bytes.fromhex(mark["signature"]), said),
            sha256(said).hexdigest() == mark["signed_digest"], envelope["note_id"] == self.stream,
            envelope["signer_id"] == signer, envelope["content_sha256"] == due,
            not self.whole or envelope.get("prev_sig") == self.before, envelope["meaning"] == MEANING[name],
            all(fact[one] == envelope[one] for one in both), envelope.get("session") == state.get("session"),
            self.good.get(due) is not False, self.good.get(state.get("words_digest", "")) is not False,
        ))  # fmt: skip


def faults(data: bytes, trusted: Sequence[str]) -> set[str]:
    """What does not hold of a packet, in a word each."""
    try:
        reader = Reader(unzipped(data), trusted)
        reader.reads_notes()
        reader.reads_leaves()
        reader.reads_numbers()
        reader.reads_signatures()
    except NO_PACKET as error:
        return {type(error).__name__}
    return reader.faults
