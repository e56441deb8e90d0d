"""A packet proves itself to a stranger, and nothing else passes for one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from base64 import b64decode, b64encode
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from iop_es.engine.packet import verify_packet
from iop_es.engine.packet.verify_packet import unpacked, verify
from iop_es.engine.transparency.leaf import told_apart
from iop_es.engine.transparency.notes import COSIGNATURE, Signer
from tests.engine.packet.record import AT, CARL, DORA, GROUP, KEYS, ORIGIN, PRIVATE, SECRET, SHOWN, Record, as_json


def test_a_packet_holds(record: Record) -> None:
    """Under the keys that the reader was given, and under its own, which are then printed to be compared."""
    data = record.packet(SHOWN)
    found = verify(data, KEYS)
    assert found.failures == []
    assert found.told[0] == "4 facts are shown, 2 are withheld and only counted."
    assert "All 5 facts about the patient are accounted for, numbered 1 to 5." in found.told
    assert "Of 1 of them (withheld, or not shown to be) the operator says whose they are." in found.told
    own = verify(data)
    assert own.failures == [] and f"  {KEYS[0]}" in own.told


def test_it_is_always_the_same_bytes(record: Record) -> None:
    """A packet is a function of what it is made of."""
    assert record.packet(SHOWN) == record.packet(SHOWN)


def test_it_says_nothing_of_anybody_else(record: Record) -> None:
    """Neither who shared the session, nor how much is recorded of them, nor any word of theirs is in it."""
    files = unpacked(record.packet({**SHOWN, 1: True}))
    whole = files["evidence.json"].decode()
    assert CARL in whole and DORA not in whole and SECRET not in whole
    other = next(one for one in json.loads(whole)["withheld"] if one["position"] == 4)
    hashed = {f"{part}_sha256" for part in ("state", "sealed", "context", "patients")}
    assert other.keys() == {"position", "stream", "version", "place_salt", "ours", "proof", *hashed}


def test_what_is_sealed_may_stay_away(record: Record) -> None:
    """A fact can be shown without its personal part, and is proven all the same."""
    found = {one["position"]: one for one in json.loads(unpacked(record.packet(SHOWN))["evidence.json"])["facts"]}
    assert {"sealed", "key"} <= found[7].keys()
    assert "sealed_sha256" in found[8] and not {"sealed", "key"} & found[8].keys()


@pytest.mark.parametrize("position", [1, 3, 4, 6, 7, 8])
def test_no_fact_may_be_left_out(record: Record, position: int) -> None:
    """Not even by who holds the log's key: a number of the patient's, or a version of a stream, is missing then."""
    found = verify(record.packet(SHOWN, without=position), KEYS)
    told = f"3 facts of {GROUP}" if position == 4 else "5 facts of the patient"
    assert any(told in failure for failure in found.failures)


def changes() -> dict[str, Callable[[dict[str, Any]], None]]:
    """What is done to a packet's evidence."""

    def first(made: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = made["facts"][0]
        return found

    def also(made: dict[str, Any]) -> None:
        made["facts_of_patient"] -= 1

    return {
        "state": lambda made: first(made).update(state=first(made)["state"].replace("attendance", "Attendance")),
        "position": lambda made: first(made).update(position=2),
        "topic": lambda made: first(made).update(topic="session.checked_out@1"),
        "number": lambda made: first(made)["ours"].__setitem__(0, 3),
        "alias": lambda made: made["facts"][1]["alias"].__setitem__(0, str(uuid4())),
        "salt": lambda made: made["facts"][1]["alias"].__setitem__(1, "0" * 64),
        "no alias": lambda made: made["facts"][1].pop("alias"),
        "salt of the number": lambda made: made["withheld"][0]["ours"].__setitem__(1, "0" * 64),
        "time": lambda made: first(made).update(recorded_at=AT.replace("2026", "2025")),
        "count": also,
        "streams": lambda made: made["streams"].clear(),
        "twice": lambda made: made["facts"].append(made["facts"][0]),
        "proof": lambda made: first(made)["proof"].reverse(),
        "root": lambda made: made.update(root=sha256(b"").hexdigest()),
        "size": lambda made: made.update(size=made["size"] + 1),
        "later": lambda made: made.update(known_to=3),
        "order": lambda made: made["facts"].reverse(),
        "float": lambda made: first(made).update(version=float(first(made)["version"])),
        "bool": lambda made: made["facts"][2].update(version=True),
        "negative": lambda made: made["withheld"][0].update(position=-1),
        "huge": lambda made: made.update(facts_of_patient=10**18),
        "huge stream": lambda made: made["streams"].update({str(GROUP): 10**18}),
        "past any number": lambda made: made["withheld"][0].update(position=2**70),
        "person": lambda made: made.update(patient_id=DORA),
        "stream in capitals": lambda made: first(made).update(stream=first(made)["stream"].upper()),
        "hash too long": lambda made: _moves(made["withheld"][0]),
        "nothing": lambda made: made.update(facts=[], withheld=[]),
        "no object": lambda made: made.update(facts={"position": 1}),
    }  # fmt: skip


def _moves(fact: dict[str, Any]) -> None:
    """The same bytes of the leaf, cut elsewhere."""
    whole = fact["sealed_sha256"] + fact["context_sha256"]
    fact.update(sealed_sha256=whole[:80], context_sha256=whole[80:])


@pytest.mark.parametrize("part", ["state", "context", "sealed"])
def test_words_beside_their_hash_are_refused(record: Record, part: str) -> None:
    """Who reads a fact would read the words, and the tree would prove the hash of others."""

    def lie(made: dict[str, Any]) -> None:
        fact = next(one for one in made["facts"] if one["position"] == 7)
        true = fact[part]
        data = b64decode(true) if part == "sealed" else true.encode()
        first = f"{fact['recorded_at']}\n".encode() if part == "state" else b""
        fact[f"{part}_sha256"] = sha256(bytes.fromhex(fact["content_salt"]) + first + data).hexdigest()
        forged = b64encode(data[:-1] + bytes([data[-1] ^ 1])).decode() if part == "sealed" else true.replace("0", "1")
        assert forged != true
        fact[part] = forged

    assert verify(record.packet(SHOWN, alter=lie), KEYS).failures


def test_json_that_two_readers_could_read_otherwise_is_refused(record: Record) -> None:
    """A name twice in an object, what is no number, another encoding: though signed, and true for one of the two."""
    first = b'{"facts":'
    for change in (
        lambda data: b'{"facts":[],' + data[1:],
        lambda data: data.replace(first, b'{"more":NaN,"facts":'),
        lambda data: data.decode().encode("utf-16"),
        lambda data: data.replace(first, b"[" * 100_000),
        lambda data: data.replace(b'"topic":"chart.', b'"topic":"\\ud800'),
        lambda data: data.replace(b'"size":8', b'"size":' + b"8" * 5000),
    ):
        assert verify(record.packet(SHOWN, rewrite=change), KEYS).failures


def test_the_signed_list_is_of_the_same_patient_moment_and_log(record: Record) -> None:
    """What a packet is said to be is what is in it; a tree of another log, trusted too, is no proof for this one."""
    for other in ({"patient_id": DORA}, {"known_to": 9}, {"known_to": 7}):
        assert verify(record.packet(SHOWN, about=other), KEYS).failures
    elsewhere = Signer("iop.example/log/2", PRIVATE)
    data = record.packet(SHOWN, origin=elsewhere.name)
    assert verify(data, [*KEYS, str(elsewhere.verifier)]).failures == [
        "The list of files says another origin than what it lists."
    ]


def test_a_fact_of_another_patient_is_not_shown_as_this_one_s(record: Record) -> None:
    """Not even where its number would fit: it names its own patient."""

    def claim(made: dict[str, Any]) -> None:
        (fact,) = (one for one in made["facts"] if one["position"] == 4)
        (stored,) = record.log.at([4])
        salts, alias, number = told_apart(stored.context)[0], *stored.stamp.split()[1:]
        of_alias, of_number = salts.of_line(0)
        fact["ours"] = [int(number), of_number.hex(), sha256(of_alias + alias).hexdigest()]  # Dora's second
        fact["alias"] = [alias.decode(), of_alias.hex()]
        (own,) = (one for one in made["facts"] if one["position"] == 3)
        own["ours"] = None  # in place of Carl's second
        del own["alias"]

    found = verify(record.packet({**SHOWN, 4: True}, alter=claim), KEYS)
    assert any("another patient" in failure for failure in found.failures)


def test_what_is_shown_is_about_the_patient_or_about_nobody(record: Record) -> None:
    """A fact about others alone is no evidence here, though no number is claimed of it, and also if it names nobody."""
    for other in (4, 5):
        (failure,) = verify(record.packet({**SHOWN, other: True}), KEYS).failures
        assert failure == f"The fact at position {other} is about another patient."


def test_a_fact_that_names_nobody_is_the_patient_s_by_its_stream_alone(record: Record) -> None:
    """Dora's third fact under Carl's third number: nothing in it is hers by name, but nothing shows it to be his."""

    def claim(made: dict[str, Any]) -> None:
        facts = {one["position"]: one for one in (*made["facts"], *made["withheld"])}
        (stored,) = record.log.at([5])
        salts, alias, number = told_apart(stored.context)[0], *stored.stamp.split()[1:]
        of_alias, of_number = salts.of_line(0)
        assert int(number) == facts[6]["ours"][0] == 3
        facts[5]["ours"] = [3, of_number.hex(), sha256(of_alias + alias).hexdigest()]
        facts[5]["alias"] = [alias.decode(), of_alias.hex()]
        facts[6]["ours"] = None

    shown = {3: True, 5: True, 7: True, 8: True}
    told = verify(record.packet(shown, alter=claim), KEYS).told
    assert "Of 2 of them (withheld, or not shown to be) the operator says whose they are." in told
    alone = verify(record.packet({8: True}), KEYS)  # its document's first fact is withheld
    assert "Of 5 of them (withheld, or not shown to be) the operator says whose they are." in alone.told


def test_a_verdict_says_what_it_is_of_and_who_saw_it(record: Record) -> None:
    """Which log, patient and claims; by when a witness had seen the tree, and what it means that none is asked for."""
    data = record.packet(SHOWN, about={"claims": ["a claim"]})
    told = verify(data, KEYS).told
    assert any(line.endswith(f"signed by the log {ORIGIN}.") for line in told)
    assert "witness.example/w1 had seen it by 2023-11-14 22:13:20+00:00." in told
    assert f"By its list of files it is about patient {CARL}, claims ['a claim']." in told
    alone = verify(data, KEYS[:1])
    assert alone.failures == [] and any(line.startswith("No witness is asked for: ") for line in alone.told)


def test_any_of_a_log_s_keys_will_do(record: Record) -> None:
    """A key that was replaced stands in the reader's list beside the one that signed."""
    other = str(Signer(ORIGIN, Ed25519PrivateKey.generate()).verifier)
    for keys in ([*KEYS, other], [other, *KEYS]):
        assert verify(record.packet(SHOWN), keys).failures == []


def test_what_a_packet_says_of_itself_looks_like_no_answer(record: Record) -> None:
    """Neither a line of its own, nor a terminal's command, nor what a terminal cannot write comes out."""
    found = verify(record.packet(SHOWN, about={"format": "x\n\x1b[2JThe packet holds."}), KEYS)
    assert found.failures and all(line.isascii() and line.isprintable() for line in found.failures)


@pytest.mark.parametrize("change", changes())
def test_what_the_log_does_not_prove_is_refused_though_signed(record: Record, change: str) -> None:
    """The operator's signature over a packet does not make up for a fact that is otherwise in the tree."""
    assert verify(record.packet(SHOWN, alter=changes()[change]), KEYS).failures


def test_another_key_is_not_trusted(record: Record) -> None:
    """Neither for the list of files nor for the checkpoint; and a witness that was asked for must have signed."""
    stranger = Signer(ORIGIN, Ed25519PrivateKey.generate())
    other = Signer("witness.example/w2", Ed25519PrivateKey.generate(), COSIGNATURE)
    record.sign = lambda text: str(stranger.note(text))
    assert verify(record.packet(SHOWN), KEYS).failures
    record.sign = Record.sign
    data = record.packet(SHOWN)
    assert verify(data, [str(stranger.verifier)]).failures
    assert verify(data, [*KEYS, str(other.verifier)]).failures
    assert verify(data, [KEYS[1]]).failures


def test_any_byte_counts(record: Record) -> None:
    """A packet with one byte changed, added or taken is refused; the reader is never stopped by an accident."""
    data = record.packet(SHOWN)
    chance = Random(7)
    for _ in range(int(os.environ.get("IOP_ES_TAMPER", "200"))):  # `make tamper` makes more of them
        assert verify(changed(data, chance), KEYS).failures
    for other in (data + b"\0", data[:-1], b"", b"PK", data[1:], data + data):
        assert verify(other, KEYS).failures


def changed(data: bytes, chance: Any) -> bytes:
    """One byte is another."""
    place = chance.randrange(len(data))
    return data[:place] + bytes([data[place] ^ chance.randrange(1, 256)]) + data[place + 1 :]


def test_it_needs_nothing_but_its_own_file(record: Record, tmp_path: Path) -> None:
    """The verifier in the packet runs in an empty folder, answers 0 or 1, and a line for everything wrong."""
    files = unpacked(data := record.packet(SHOWN))
    (tmp_path / "verify_packet.py").write_bytes(files["verify_packet.py"])
    (tmp_path / "packet.zip").write_bytes(data)
    (tmp_path / "broken.zip").write_bytes(data[:-1] + b"\1")
    (tmp_path / "keys.txt").write_text("# given by hand\n" + "\n".join(KEYS) + "\n")

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-I", "verify_packet.py", *words, "--trust", "keys.txt"]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    good, bad = run("packet.zip"), run("broken.zip")
    facts = [line for line in run("packet.zip", "--facts").stdout.splitlines() if line.startswith("{")]
    assert [json.loads(one)["words"] for one in facts] == [{}, {}, {"words": "well"}, {}]
    assert run("broken.zip", "--facts").stdout == bad.stdout
    assert (good.returncode, bad.returncode) == (0, 1)
    assert good.stdout.endswith("The packet holds.\n") and bad.stdout.endswith("The packet does NOT hold.\n")
    lines = Path(verify_packet.__file__).read_text().splitlines()
    assert len(lines) < 400 and not any(line.startswith(("from iop_es", "import iop_es")) for line in lines)


ANNA, BERT = (UUID(f"00000000-0000-4000-8000-0000000000b{digit}") for digit in "12")
ANNAS, BERTS = (Ed25519PrivateKey.from_private_bytes(bytes([digit] * 32)) for digit in (1, 2))


def _keyed(record: Record, person: UUID, key: Ed25519PrivateKey, name: str = "created") -> int:
    state = {"key_id": "k1", "public_key": key.public_key().public_bytes_raw().hex()}
    return record.tells(person, f"clinician.signing_key_{name}", state)


def _signs(
    record: Record, envelope_of: UUID, key: Ed25519PrivateKey, said: UUID | None = None,
    figures: dict[str, Any] | None = None, told: dict[str, Any] | None = None,
) -> int:  # fmt: skip
    """A signature over an envelope, of version 3 where it says `figures`; `told` are those that its fact tells."""
    note = uuid4()
    more = {"session": figures} if figures else {}
    text = as_json({
        "signer_id": str(envelope_of), "note_id": str(note), "content_sha256": "0" * 64, "meaning": "author", **more
    })  # fmt: skip
    signed = b"iop-esign/v1\n" + text
    mark = {"key_id": "k1", "signature": key.sign(signed).hex(), "signed_digest": sha256(signed).hexdigest()}
    state = {"signer_id": str(said or envelope_of), "mark": mark} | ({"session": told} if told else {})
    return record.tells(note, "note.signed", state, (CARL, str(uuid4())), sealed=as_json({"envelope": text.decode()}))


def test_a_signature_is_of_its_signer_s_key_as_it_was_then(record: Record) -> None:
    """Two people may name their keys alike; a key signs nothing before it is there, after it is revoked, or for
    somebody else."""
    early = _signs(record, ANNA, ANNAS)
    anna, bert = _keyed(record, ANNA, ANNAS), _keyed(record, BERT, BERTS)
    good, other = _signs(record, ANNA, ANNAS), _signs(record, BERT, BERTS)
    posing, told = _signs(record, ANNA, BERTS), _signs(record, ANNA, ANNAS, said=BERT)
    gone = _keyed(record, ANNA, ANNAS, "revoked")
    late = _signs(record, ANNA, ANNAS)
    keys = dict.fromkeys((anna, bert, gone), True)
    found = verify(record.packet({**SHOWN, **keys, good: True, other: True}), KEYS)
    assert found.failures == [] and any("2 electronic signatures" in line for line in found.told)
    for wrong in (early, posing, told, late):
        (failure,) = verify(record.packet({**SHOWN, **keys, wrong: True}), KEYS).failures
        assert f"signature at position {wrong} " in failure


def test_a_signature_covers_the_session_s_figures_that_stand_beside_it(record: Record) -> None:
    """Those that its envelope says and no others; one of an earlier version says none."""
    anna = _keyed(record, ANNA, ANNAS)
    three, two = {"head_count": 3, "minutes": 80}, {"head_count": 2, "minutes": 80}
    good, plain = _signs(record, ANNA, ANNAS, figures=three, told=three), _signs(record, ANNA, ANNAS)
    wrong = [_signs(record, ANNA, ANNAS, figures=says, told=told) for says, told in (
        (three, two), (three, None), (None, three),
    )]  # fmt: skip
    assert verify(record.packet({**SHOWN, anna: True, good: True, plain: True}), KEYS).failures == []
    for position in wrong:
        (failure,) = verify(record.packet({**SHOWN, anna: True, position: True}), KEYS).failures
        assert "other figures of the session" in failure and f"position {position} " in failure
