"""What a packet withholds: proven to be there, and told nothing of."""

import json
from hashlib import sha256
from typing import Any
from uuid import uuid4

import pytest

from iop_es.engine.packet.verify_packet import unpacked, verify
from tests.engine.packet.record import GROUP, KEYS, SHOWN, Record


def test_what_is_withheld_tells_neither_its_time_nor_where_it_stands(record: Record) -> None:
    """Ids of a patient's streams can be known to follow from the patient's: whoever found them here could count and
    date what they hold. The patient's number is there, and proven by a salt that opens that one line."""
    evidence = json.loads(unpacked(record.packet({7: True, 8: True}))["evidence.json"])
    [own] = [one for one in evidence["withheld"] if one["position"] == 1]
    hashed = {f"{part}_sha256" for part in ("place", "state", "sealed", "context", "patients")}
    assert own.keys() == {"position", "ours", "proof", *hashed} and own["ours"][1] == 1
    [together] = [one for one in evidence["withheld"] if one["position"] == 6]
    assert len(together["patients_sha256"]) == 2
    stamps = {fact.position: fact.stamp.decode().splitlines(keepends=True) for fact in record.log.after(0, 9)}
    told = json.dumps(evidence["withheld"])
    assert stamps[6][0].strip() not in told and str(GROUP) not in told
    alias, number, salt = together["ours"]
    line = f"{alias} {number}\n"
    assert line in stamps[6][1:]
    for other in stamps[6][1:]:
        proven = sha256(bytes.fromhex(salt) + other.encode()).hexdigest() in together["patients_sha256"]
        assert proven == (other == line)


@pytest.mark.parametrize("number", [1, 2, 4])
def test_a_withheld_fact_has_the_patient_s_own_number(record: Record, number: int) -> None:
    """Another number, or the line of somebody else, is not what its leaf has."""

    def lie(made: dict[str, Any]) -> None:
        [fact] = [one for one in made["withheld"] if one["position"] == 6]
        fact["ours"][1] = number

    found = verify(record.packet({7: True, 8: True}, alter=lie), KEYS)
    assert f"The fact at position 6 is not numbered {number} for this patient." in found.failures


def test_a_version_of_a_shown_stream_is_proven_though_its_fact_is_withheld(record: Record) -> None:
    """By the salt of its place alone; another version, stream or salt is not what its leaf has."""

    def lie(made: dict[str, Any], **told: Any) -> None:
        [fact] = [one for one in made["withheld"] if one["position"] == 4]
        fact.update(told)

    for told in ({"version": 3}, {"stream": str(uuid4())}, {"place_salt": "0" * 32}, {"place_salt": ""}):
        assert verify(record.packet(SHOWN, alter=lambda made, told=told: lie(made, **told)), KEYS).failures
