"""What is sealed in a packet's facts: it opens with the key of its own fact, and that key opens nothing else."""

import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from iop_es.engine.connections import open_pool
from iop_es.engine.packet.verify_packet import unpacked, verify, words_of
from iop_es.engine.stored import part_of
from iop_es.engine.subjects.keeping import KeyKeeper
from iop_es.engine.subjects.layout import Unopened, opened_with
from iop_es.engine.subjects.master import MasterFile
from tests.engine.packet.record import CARL, KEYS, SHOWN, Record


def facts_of(data: bytes) -> dict[int, dict[str, Any]]:
    """The facts that a packet shows, by position."""
    return {one["position"]: one for one in json.loads(unpacked(data)["evidence.json"])["facts"]}


def test_a_packets_keys_open_exactly_the_facts_that_it_lists(record: Record) -> None:
    """Of forty sealed facts of one patient seven are shown whole: each of their keys opens its own fact, and of all the
    others, shown or withheld, none; the packet has no other key in it."""
    several = [
        record.tells(uuid4(), "chart.gone_on", {}, (CARL, str(uuid4())), sealed=f'{{"words":"{number}"}}'.encode())
        for number in range(40)
    ]
    shown = {**SHOWN, **dict.fromkeys(several[:7], True), **dict.fromkeys(several[7:14], False)}
    data = record.packet(shown)
    assert verify(data, KEYS).failures == []
    keys = {position: bytes.fromhex(one["key"]) for position, one in facts_of(data).items() if "key" in one}
    assert keys.keys() == {7, *several[:7]}
    stored = {fact.position: part_of(fact) for fact in record.log.as_stored().after(0, 1_000, with_sealed=True)
              if fact.sealed}  # fmt: skip
    opening = set()
    for position, key in keys.items():
        for other, part in stored.items():
            try:
                opened_with(key, part)
            except Unopened:
                continue
            opening.add((position, other))
    assert opening == {(position, position) for position in keys}
    assert words_of(facts_of(data)[several[3]]) == {"words": "3"}
    assert unpacked(data)["evidence.json"].count(b'"key":"') == 8


def test_what_is_withheld_cannot_be_guessed(record: Record) -> None:
    """The hash of a sealed part that stays away is over bytes that nobody can make again from the right guess."""
    data = record.packet(SHOWN)
    without, words = facts_of(data)[8], b'{"words":"better"}'
    assert record.log.after(7, 1, with_sealed=True)[0].sealed == words
    salt = sha256(b"iop-salt/v1\n" + without["context"].encode()).digest()
    assert sha256(salt + words).hexdigest() != without["sealed_sha256"]


def changes() -> dict[str, Callable[[dict[int, dict[str, Any]]], None]]:
    """What is done to the facts that a packet shows, by position."""

    def altered(fact: dict[str, Any], place: int) -> None:
        data = bytearray(b64decode(fact["sealed"]))
        data[place] ^= 1
        fact["sealed"] = b64encode(bytes(data)).decode()

    return {
        "another key": lambda facts: facts[7].update(key="0" * 64),
        "a neighbor's key": lambda facts: facts[7].update(key=facts[1]["key"]),
        "a key in capitals": lambda facts: facts[7].update(key=facts[7]["key"].upper()),
        "a short key": lambda facts: facts[7].update(key=facts[7]["key"][:-2]),
        "no key": lambda facts: facts[7].pop("key"),
        "a key without its part": lambda facts: facts[7].pop("sealed"),
        "a key that is no text": lambda facts: facts[7].update(key=7),
        "an empty part": lambda facts: facts[7].update(sealed=""),
        "a part in the clear": lambda facts: facts[7].update(sealed=b64encode(b'{"words":"well"}').decode()),
        "the header": lambda facts: altered(facts[7], 30),
        "the nonce": lambda facts: altered(facts[7], 53),
        "the words": lambda facts: altered(facts[7], 70),
        "the tag": lambda facts: altered(facts[7], -1),
        "a part where there is none": lambda facts: facts[3].update(sealed=facts[7]["sealed"], key=facts[7]["key"]),
        "parts changed over": lambda facts: facts[7].update(sealed=facts[1]["sealed"], key=facts[1]["key"]),
    }  # fmt: skip


@pytest.mark.parametrize("change", changes())
def test_a_sealed_part_or_key_that_is_not_the_facts_own_is_refused(record: Record, change: str) -> None:
    """Though signed by who holds the log's key."""

    def alter(made: dict[str, Any]) -> None:
        changes()[change]({one["position"]: one for one in made["facts"]})

    shown = {**SHOWN, 1: True}
    assert verify(record.packet(shown), KEYS).failures == []
    assert verify(record.packet(shown, alter=alter), KEYS).failures


def test_of_a_destroyed_key_a_packet_proves_that_there_were_words(
    record: Record, store_url: str, tmp_path: Path
) -> None:
    """It holds, and shows the hash of what opens no more."""
    with open_pool(store_url, "iop", "iop_keeper", 1) as pool:
        keeper = KeyKeeper(pool, "iop", MasterFile(tmp_path / "master.keys"))
        assert keeper.destroy(keeper.standing([f"patient:{CARL}"])) == 1
    record.log.sealer.keys.forget()  # type: ignore[attr-defined] # the fixture's sealer has keys
    data = record.packet(SHOWN)
    assert verify(data, KEYS).failures == []
    assert "sealed_sha256" in facts_of(data)[7]
