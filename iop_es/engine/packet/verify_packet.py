"""Checks a packet without any network, database or software of ours: Python 3.11 and the package `cryptography`.

    python verify_packet.py packet.zip --trust keys.txt [--facts]

keys.txt holds the public keys that you were given on another way than with the packet, a line each: the log's, and its
witness's. Without it the packet's own are used, and printed to be compared. FORMAT.txt in the packet says byte by byte
what must hold, README.txt what that proves, and what the operator alone says.
"""

from __future__ import annotations

import argparse
import base64
import json
import re
import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import pairwise, product
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

FORMAT, SEAL = "iop-packet/v1", "iop-es packet v1"
LEAF, NOTE, CONTENT = b"iop-leaf/v4\n", b"iop-esign/v1\n", b"iop-note-content/v1\n"
ABOUT = ("kind", "program_id", "author_id", "service_date", "service_ended_at", "session_id", "service_kind",
         "enrollment_id", "attendance_id", "narrative_id")  # fmt: skip
MEANINGS = {"signed": "author", "cosigned": "co-sign", "facilitator_signed": "co-facilitator", "amended": "amend",
            "narrative_replaced": "amend", "signature_attested": "attest-late", "entered_in_error": "void"}  # fmt: skip
LOCAL, CENTRAL, END = map(struct.Struct, ("<4sHHHHHIIIHH", "<4sHHHHHHIIIHHHHHII", "<4sHHHHIIH"))
LOG_KEY, WITNESS_KEY, EPOCH, FIRST_DAY = 1, 4, datetime(1970, 1, 1, tzinfo=UTC), 0x21  # 1980-01-01, a ZIP's first
NAME, HASH = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}"), re.compile(r"[0-9a-f]{64}")
FORMS = {"stream": re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "place_salt": re.compile(r"[0-9a-f]{32}"),
         "recorded_at": re.compile(r"(?a)\d{4}(-\d\d){2}T\d\d(:\d\d){2}\.\d{6}Z"), "content_salt": HASH, "key": HASH,
         **{f"{part}_sha256": HASH for part in ("place", "state", "sealed", "context")}}  # fmt: skip
ABSENT = {"content_salt": "", "recorded_at": "", "state": "", "sealed": "", "context": "", "place_salt": "",
          "stream": "0" * 32, "version": 0}  # fmt: skip
ANY, PLACE = frozenset({"position", "ours", "proof", "patients_sha256"}), frozenset({"stream", "version", "place_salt"})
SHOWN = ANY | PLACE | {"content_salt", "recorded_at", "topic", "state", "context"}
WITHHELD = ANY | {"state_sha256", "sealed_sha256", "context_sha256"}
SHAPES = ([SHOWN, SHOWN | {"sealed", "key"}, SHOWN | {"sealed_sha256"}],
          [WITHHELD | PLACE, WITHHELD | {"place_sha256"}])  # fmt: skip
"""A part stands there itself or as its hash: were there both, what is read would not be what is proven."""
TOLD = "position", "recorded_at", "topic", "stream", "version"
AMISS = ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError, struct.error, InvalidTag
Fact = Mapping[str, Any]
Lines = Iterator[str]
Key = tuple[str, int, bytes, bytes]
"""A public key: its name, its kind (a log's or a witness's), itself, its number, with which its signatures begin."""


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


def key_of(line: str) -> Key:
    """A key as it is written: name+number+base64. Raises Wrong."""
    name, told, encoded = line.strip().split("+", 2)
    data = _base64(encoded)
    number = sha256(name.encode() + b"\n" + data).digest()[:4]
    if len(data) != 33 or data[0] not in (LOG_KEY, WITNESS_KEY) or number.hex() != told:
        raise Wrong(f"The key of {name} is neither a log's nor a witness's, or does not fit its number.")
    return name, data[0], data[1:], number


def signed_note(text: str) -> tuple[str, list[tuple[str, bytes]]]:
    """A signed note (C2SP signed-note): its text, and each signature with the name before it. Raises Wrong."""
    found = re.fullmatch(r"(.*\n)\n((— \S+ \S+\n)+)", text, re.DOTALL)
    if not found:
        raise Wrong("A signed note has no signatures, or a line that is none.")
    return found[1], [(name, _base64(made)) for name, made in re.findall(r"— (\S+) (\S+)\n", found[2])]


def signers(keys: Iterable[Key], text: str, signatures: Iterable[tuple[str, bytes]]) -> dict[tuple[str, int], int]:
    """Who signed a text, by name and kind of these keys; and when a witness says that it had seen it, in Unix time."""
    found = dict[tuple[str, int], int]()
    for (name, kind, key, number), (named, signature) in product(keys, signatures):
        said, made, at = text.encode(), signature[4:], 0
        if kind == WITNESS_KEY:
            at, made = int.from_bytes(made[:8], "big"), made[8:]
            said = b"cosignature/v1\ntime %d\n" % at + said
        if (named, signature[:4]) == (name, number) and _verifies(key, made, said):
            found[name, kind] = at
    return found


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
    place = bytes.fromhex(one["place_salt"] + one["stream"].replace("-", "")) + struct.pack(">Q", one["version"])
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
    place = bytes.fromhex(fact["stream"].replace("-", "")) + struct.pack(">QI", fact["version"], len(name))
    bound = b"iop-aad/v1\n" + data[:52] + place + name
    return _json(AESGCM(key).decrypt(data[52:64], data[64:], bound).rpartition(b"\x80")[0].decode())


def included(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether the leaf with this index is in the tree of this size and root (RFC 6962, 2.1.1)."""
    inner = (index ^ (size - 1)).bit_length()  # so far up the last leaf is not beside, and from there always right
    if not 0 <= index < size or len(proof) != inner + (index >> inner).bit_count():
        return False
    for level, beside in enumerate(proof):
        leaf = sha256(b"\x01" + (beside + leaf if level >= inner or index >> level & 1 else leaf + beside)).digest()
    return leaf == root


def verify(data: bytes, trusted: Iterable[str] | None = None) -> Verdict:
    """Checks a packet's bytes by the keys that are trusted (None: its own). Nothing in it can steer a terminal."""
    told: list[str] = []
    try:
        failures = list(_failures(unpacked(data), None if trusted is None else list(trusted), told))
    except (Wrong, *AMISS) as error:
        shape = f"The packet is not of the shape that packets have ({type(error).__name__})."
        failures = [str(error) if isinstance(error, Wrong) else shape]
    return Verdict(*([line.encode("unicode_escape").decode() for line in lines] for lines in (failures, told)))


def _failures(files: Mapping[str, bytes], trusted: Sequence[str] | None, told: list[str]) -> Lines:
    if lost := {"manifest.json", "manifest.txt", "evidence.json", "checkpoint.txt", "keys.txt"} - files.keys():
        raise Wrong(f"{', '.join(sorted(lost))} is missing.")
    lines = files["keys.txt"].decode().split("\n") if trusted is None else trusted
    lines = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    keys = [key_of(line) for line in lines]
    manifest, evidence = (_json(files[name].decode()) for name in ("manifest.json", "evidence.json"))
    yield from (*_signed(files, evidence, manifest, keys, told), *_facts(evidence, told))
    told.append(f"By its list of files it is about patient {manifest['patient_id']}, claims {manifest.get('claims')}.")
    compare = "The keys are those of the packet itself; compare them with the ones that you were given:"
    told += [compare, *(f"  {line}" for line in lines)] if trusted is None else []


def _signed(files: Mapping[str, bytes], evidence: Fact, manifest: Fact, keys: Sequence[Key], told: list[str]) -> Lines:
    """Every file is hashed, the log signed the hashes; it and every trusted witness signed the tree's size and root."""
    sealed = f"{SEAL}\n{manifest['origin']}\n{sha256(files['manifest.json']).hexdigest()}\n"
    (listing, by), (text, made) = (signed_note(files[f"{name}.txt"].decode()) for name in ("manifest", "checkpoint"))
    if manifest["format"] != FORMAT:
        yield f"The packet is of the format {manifest['format']}, which is not known here."
    if listing != sealed or len(by) != 1:
        yield "The signed list of files is another one than the packet's."
    if (manifest["origin"], LOG_KEY) not in signers(keys, sealed, by):
        yield f"The list of files is not signed by a trusted key of the log {manifest['origin']}."
    listed = {name: {"bytes": len(data), "sha256": sha256(data).hexdigest()} for name, data in files.items()}
    del listed["manifest.json"], listed["manifest.txt"]
    differing = (name for name in {**listed, **manifest["files"]} if listed.get(name) != manifest["files"].get(name))
    yield from (f"{name} is not the file that was signed, or is missing." for name in sorted(differing))
    origin, size, root = text.split("\n")[:3]
    if (size, _base64(root).hex()) != (str(evidence["size"]), evidence["root"]):
        yield "The checkpoint is of another tree than the facts."
    of = {"origin": origin, "patient_id": evidence["patient_id"], "known_to": evidence["known_to"]}
    yield from (f"The list of files says another {one} than what it lists." for one in of if manifest[one] != of[one])
    told.append(f"Tree of {size} facts, root {evidence['root']}, signed by the log {origin}.")
    wanted = {(origin, LOG_KEY), *(key[:2] for key in keys if key[1] == WITNESS_KEY)}
    found = signers(keys, text, made)  # by any key of a name: keys are replaced
    for name, kind in sorted(wanted):
        if (name, kind) not in found:
            yield f"The checkpoint is not signed by a trusted key of {name}."
        elif kind == WITNESS_KEY:
            told.append(f"{name} had seen it by {EPOCH + timedelta(seconds=found[name, kind])}.")
    if len(wanted) == 1:
        told.append("No witness is asked for: when, and whether it is the only tree, the operator alone says.")


def _must_be_shaped(evidence: Fact) -> None:
    """Each value is written in the one way that there is: a leaf's hash does not tell two ways apart."""
    counts = [evidence["size"], evidence["known_to"], evidence["facts_of_patient"], *evidence["streams"].values()]
    for facts, shapes in zip((evidence["facts"], evidence["withheld"]), SHAPES, strict=True):
        counts += [number for one in facts for number in (one["position"], one.get("version", 1))]
        texts = [(FORMS[name], text) for one in facts for name, text in one.items() if name in FORMS]
        told = [(*one["patients_sha256"], *(one["ours"] or ())[1:], *one.get("alias", ())[1:]) for one in facts]
        texts += [(HASH, text) for several in told for text in several]
        shaped = all(one.keys() - ({"alias"} if one["ours"] else set()) in shapes for one in facts)
        ordered = all(one["position"] <= after["position"] for one, after in pairwise(facts))
        counted = all(type(each) is int and each > 0 for each in counts)
        if not (shaped and ordered and counted and all(form.fullmatch(text) for form, text in texts)):
            raise Wrong("A fact or number is not written in the order and in the way that it is in a packet.")


def _facts(evidence: Fact, told: list[str]) -> Lines:
    """What is shown and what is withheld is in the tree, and nothing is missing between."""
    _must_be_shaped(evidence)
    facts, size, root = evidence["facts"], evidence["size"], bytes.fromhex(evidence["root"])
    every = sorted([*facts, *evidence["withheld"]], key=lambda one: one["position"])
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
        alone = len(one["patients_sha256"]) == 1 and state.get("patient_id") not in (None, evidence["patient_id"])
        if alone or (one["patients_sha256"] and not one["ours"]):
            yield f"The fact at position {one['position']} is about another patient."
    if any(one["recorded_at"] > after["recorded_at"] for one, after in pairwise(facts)):
        yield "The times of recording do not follow the positions."
    yield from (*_counted(evidence, every), *_patient(evidence, every, told), *_signatures(evidence, told))
    told.insert(0, f"{len(facts):,} facts are shown, {len(every) - len(facts):,} are withheld and only counted.")


def _counted(evidence: Fact, every: Sequence[Fact]) -> Lines:
    """The patient's own numbers, and the versions of each stream of which a fact is shown, run from 1 to their end."""
    counts = {one["stream"]: 0 for one in evidence["facts"]} | evidence["streams"]
    counts["the patient"], numbers = evidence["facts_of_patient"], dict[str, list[int]]()
    places = [(one["stream"], one["version"]) for one in every if "stream" in one]
    for what, number in (*places, *(("the patient", one["ours"][0]) for one in every if one["ours"])):
        numbers.setdefault(what, []).append(number)
    for what, count in counts.items():
        found = numbers.get(what, [])
        if len(found) != count or found != list(range(1, count + 1)):
            missing = sorted({*range(1, min(count, len(found) + 9) + 1)} - {*found}) or [0]
            yield f"Of the {count} facts of {what} these are missing, or out of order: {missing}."


def _patient(evidence: Fact, every: Sequence[Fact], told: list[str]) -> Lines:
    """Each number stands in its fact's stamp; which facts are shown to be the patient's, and of which it is said."""
    own = [one for one in every if one["ours"] is not None]
    alone = [one for one in own if "state" in one and len(one["patients_sha256"]) == 1]
    naming = [one for one in alone if _json(one["state"]).get("patient_id") == evidence["patient_id"]]
    states, unproven = {one["state"] for one in naming}, 0
    streams = {one["stream"] for one in naming} - {one.get("stream") for one in every if one["ours"] is None}
    for one in own:
        (number, salt, behind), (alias, of_alias) = one["ours"], one.get("alias") or ("", "")
        if sha256(bytes.fromhex(salt + behind) + f" {number}\n".encode()).hexdigest() not in one["patients_sha256"]:
            yield f"The fact at position {one['position']} is not numbered {number} for this patient."
        elif "state" in one and sha256(bytes.fromhex(of_alias) + alias.encode()).hexdigest() != behind:
            yield f"The fact at position {one['position']} is about this patient under another alias."
        elif "state" not in one or (one["state"] not in states and one["stream"] not in streams):
            unproven += "state" not in one or not any(f'"{alias}"' in state for state in states)
    told.append(f"All {len(own):,} facts about the patient are accounted for, numbered 1 to {len(own):,}.")
    if unproven:
        told.append(f"Of {unproven:,} of them (withheld, or not shown to be) the operator says whose they are.")


def _signatures(evidence: Fact, told: list[str]) -> Lines:
    """Each signature of a note is its signer's, and for the act, the words and the figures of its fact."""
    keys, notes = dict[tuple[str, str], bytes](), dict[str, dict[str, Any]]()
    partly = {one["stream"] for one in evidence["withheld"] if "stream" in one}
    signed = covering = unchecked = 0
    for one in evidence["facts"]:
        kind, _, name = one["topic"].partition("@")[0].partition(".")
        state, stream, sealed = _json(one["state"]), one["stream"], words_of(one)
        if name in ("signing_key_created", "signing_key_revoked"):  # what it signed before stands
            keys[stream, state["key_id"]] = bytes.fromhex(state["public_key"]) if name.endswith("created") else b""
        elif kind == "note":
            new = {"id": stream, "whole": stream not in partly, "wording": 0, "words": {}, "before": None}
            _worded(note := notes.setdefault(stream, new), name, state, sealed)
            if state.get("mark") and "envelope" in sealed:
                signed += 1
                covering += note["words"].get(_json(sealed["envelope"])["content_sha256"]) is True
                yield from _signature(name, one, state, sealed["envelope"], note, keys)
            else:
                unchecked += name in MEANINGS
            note["before"] = (state.get("mark") or {}).get("signed_digest", note["before"])
    if signed or unchecked:
        told.append(f"{signed:,} electronic signatures hold; {covering:,} of them over words that are shown here.")
        told += [f"{unchecked:,} more cannot be checked by what is shown."] if unchecked else []


def _signature(name: str, one: Fact, state: Fact, text: str, note: Fact, keys: Mapping[Any, bytes]) -> Lines:
    said, envelope, mark = NOTE + text.encode(), _json(text), state["mark"]
    signer, digest = envelope["signer_id"], envelope["content_sha256"]
    key, made = keys.get((signer, mark["key_id"])), bytes.fromhex(mark["signature"])
    fact = {**state, "meaning": MEANINGS.get(name), "reason": state.get("late_reason") or state.get("cause"),
            "rests_on": state.get("narrative_digest") or state.get("words_digest")}  # fmt: skip
    fact |= {"signed_at": state["attested_at"]} if "attested_at" in state else {}
    names = {"meaning", *fact.keys() & envelope.keys()} - {"signer_id", "session", "identity_override"}
    differing = sorted(each for each in names if fact[each] != envelope.get(each))
    due = state.get("content_digest") or (note.get("content_digest") if note["whole"] else None)
    false = False in (note["words"].get(each) for each in (digest, state.get("words_digest")))
    yield from (f"The signature at position {one['position']} {fault}." for fault, so in {
        "was made with a key that is not shown to be its signer's then":
            not key or {state.get("signer_id"), state.get("declared_by")} - {None, signer},
        "is not the signer's over this envelope": key and not _verifies(key, made, said),
        "is of another note": [sha256(said).hexdigest(), note["id"]] != [mark["signed_digest"], envelope["note_id"]],
        "does not follow the signature before it": note["whole"] and envelope.get("prev_sig") != note["before"],
        f"says otherwise than its fact ({', '.join(differing)})": differing,
        "covers other words, or other figures of the session, than those that stand there":
            false or due not in (None, digest) or envelope.get("session") != state.get("session"),
    }.items() if so)  # fmt: skip


def _worded(note: dict[str, Any], name: str, state: Fact, sealed: Fact) -> None:
    """Counts wordings, and notes of each digest whether it is of the words opened (None: that cannot be told)."""
    if name == "drafted":
        note |= {field: state.get(field) for field in (*ABOUT, "patient_id")}
    if name in ("drafted", "revised"):
        note |= {"wording": note["wording"] + 1, "content_digest": state["content_digest"]}
    note["narrative_id"] = state.get("narrative_id") or note.get("narrative_id")
    if not sealed.get("salt"):
        return
    about = {field: note.get(field) for field in ABOUT} | {"patient_ref": note.get("patient_id")}
    body = {"sections": sealed.get("sections"), "goals": state.get("goals", [])}
    if name == "amended":
        about = {"kind": "amendment", "amendment_kind": state["kind"], "section": state.get("section")}
        about["amendment_id"], body["goals"] = state["amendment_id"], state.get("goals")
    elif name == "entered_in_error":
        about, body = {"kind": name, "cause": state["cause"]}, {"words": sealed["words"]}
    said = {"schema": "iop.note/v1", "note_id": note["id"], "note_version": note["wording"], **about,
            "body": {one: told for one, told in body.items() if told is not None}}  # fmt: skip
    text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    digest, same = state.get("words_digest") or state["content_digest"], CONTENT + bytes.fromhex(sealed["salt"]) + text
    note["words"][digest] = sha256(same).hexdigest() == digest or (False if note["whole"] else None)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command: 0 when everything holds, 1 when something does not, a line each."""
    parser = argparse.ArgumentParser(description="Check a packet offline.")
    parser.add_argument("packet", type=Path)
    parser.add_argument("--trust", type=Path, help="a file of public keys that you were given, a line each")
    parser.add_argument("--facts", action="store_true", help="and tell what is shown and proven, a JSON object a line")
    given = parser.parse_args(arguments)
    data, trusted = given.packet.read_bytes(), given.trust.read_text().splitlines() if given.trust else None
    verdict = verify(data, trusted)
    for one in _json(unpacked(data)["evidence.json"].decode())["facts"] if given.facts and not verdict.failures else ():
        said = {"context": _json(one["context"]), "state": _json(one["state"]), "words": words_of(one)}
        print(json.dumps({name: one[name] for name in TOLD} | said))  # noqa: T201
    found = "The packet does NOT hold." if verdict.failures else "The packet holds."
    print(*(verdict.failures or verdict.told), found, sep="\n")  # noqa: T201 - it stands alone
    return 1 if verdict.failures else 0


if __name__ == "__main__":
    raise SystemExit(main())
