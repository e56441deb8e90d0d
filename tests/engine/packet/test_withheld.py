"""What a packet withholds: proven to be there, and told nothing of."""

import json
from hashlib import sha256
from typing import Any
from uuid import uuid4

import pytest

from iop_es.engine.packet.verify_packet import unpacked, verify
from tests.engine.packet.record import KEYS, SHOWN, Record


def test_what_is_withheld_tells_neither_its_time_nor_where_it_stands(record: Record) -> None:
    """Ids of a patient's streams can be known to follow from the patient's: whoever found them here could count and
    date what they hold. Nor does it tell an alias: in a session that stands beside what others may be shown of it."""
    evidence = json.loads(unpacked(record.packet({7: True, 8: True}))["evidence.json"])
    withheld = {one["position"]: one for one in evidence["withheld"]}
    hashed = {f"{part}_sha256" for part in ("place", "state", "sealed", "context", "patients")}
    assert withheld.keys() == {1, 3, 6}
    assert all(one.keys() == {"position", "ours", "proof", *hashed} for one in withheld.values())
    assert [one["ours"][0] for one in withheld.values()] == [1, 2, 3] and len(withheld[6]["patients_sha256"]) == 2
    told = json.dumps(evidence["withheld"])
    for fact in record.log.after(0, 9):
        if fact.position in withheld:
            time, *lines = fact.stamp.decode().split()
            assert not any(one in told for one in (time, fact.stream, *lines[::2]))


def test_a_shown_fact_of_several_tells_nothing_of_the_others_numbers(record: Record) -> None:
    """Their lines stand as hashes, whose salts follow from a nonce that is not shown; the others' aliases are in the
    state, where they say who was there."""
    [together] = [
        one for one in json.loads(unpacked(record.packet(SHOWN))["evidence.json"])["facts"] if one["position"] == 6
    ]
    [fact] = record.log.at([6])
    context = json.loads(fact.context)
    assert json.loads(together["context"]) == context | {"nonce": ""}
    assert context["nonce"] not in json.dumps(together)
    number, salt, behind = together["ours"]
    alias, of_alias = together["alias"]
    assert f"{alias} {number}" in fact.stamp.decode() and together["state"].count(alias) == 1
    assert sha256(bytes.fromhex(of_alias) + alias.encode()).hexdigest() == behind
    mine = sha256(bytes.fromhex(salt + behind) + f" {number}\n".encode()).hexdigest()
    assert together["patients_sha256"].count(mine) == 1 and len(together["patients_sha256"]) == 2


@pytest.mark.parametrize("number", [1, 2, 4])
def test_a_withheld_fact_has_the_patient_s_own_number(record: Record, number: int) -> None:
    """Another number is not what its leaf has."""

    def lie(made: dict[str, Any]) -> None:
        [fact] = [one for one in made["withheld"] if one["position"] == 6]
        fact["ours"][0] = number

    found = verify(record.packet({7: True, 8: True}, alter=lie), KEYS)
    assert f"The fact at position 6 is not numbered {number} for this patient." in found.failures


def test_a_version_of_a_shown_stream_is_proven_though_its_fact_is_withheld(record: Record) -> None:
    """By the salt of its place alone; another version, stream or salt is not what its leaf has."""

    def lie(made: dict[str, Any], **told: Any) -> None:
        [fact] = [one for one in made["withheld"] if one["position"] == 4]
        fact.update(told)

    for told in ({"version": 3}, {"stream": str(uuid4())}, {"place_salt": "0" * 32}, {"place_salt": ""}):
        assert verify(record.packet(SHOWN, alter=lambda made, told=told: lie(made, **told)), KEYS).failures
