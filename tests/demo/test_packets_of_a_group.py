"""Two packets of one group: neither tells anything of the other's patient."""

from __future__ import annotations

import json
from hashlib import sha256

import pytest

from aggregates.claim.facts import ClaimPrepared
from api.packets import Packets
from iop_es.engine.packet.verify_packet import unpacked
from iop_es.wiring import House
from projections.packet.items import Item
from tests.demo.test_packets import UUID, claims, clinic, internal, packets

__all__ = ["claims", "clinic", "internal", "packets"]
pytestmark = pytest.mark.slow


@pytest.mark.parametrize("other", [None, ("claim",), ("claim", "attendance")])
def test_two_packets_of_one_group_say_no_more_than_each(
    clinic: House, packets: Packets, claims: list[tuple[str, ClaimPrepared]], other: tuple[Item, ...] | None
) -> None:
    """Whatever one packet shows that has to do with the other's patient, the other one shows too: whether both hold
    everything, or the second what a payer asked for, which withholds most of the sessions that the first one shows."""
    first, second = _of_one_group(clinic, claims)
    evidence = [
        json.loads(unpacked(packets.made(wanted).archive)["evidence.json"])
        for wanted in (
            packets.wanted([first], "internal", None, None),
            packets.wanted([second], "payer" if other else "internal", other and list(other), None),
        )
    ]
    shown = [{one["position"]: (one["state"], one["context"]) for one in each["facts"]} for each in evidence]
    told = [json.dumps(each["withheld"]) for each in evidence]
    for mine, theirs in ((0, 1), (1, 0)):
        aliases = {one["alias"][0]: one["position"] for one in evidence[theirs]["facts"] if one["ours"]}
        assert {*aliases.values()} <= shown[theirs].keys()
        for position, both in shown[mine].items():
            found = {*UUID.findall("".join(both))}
            assert position in shown[theirs] or not found & aliases.keys()
            assert not any(one in told[theirs] for one in found - {*evidence[theirs]["streams"]})
    common = shown[0].keys() & shown[1].keys()
    assert all(shown[0][position] == shown[1][position] for position in common)


def test_no_number_of_a_fellow_patient_can_be_found(clinic: House, internal: bytes) -> None:
    """How many facts somebody else has would tell, session by session, who of the others is the same person."""
    facts = {fact.position: fact for fact in clinic.log.after(0, 1_000_000)}
    whole, tried = unpacked(internal)["evidence.json"].decode(), 0
    for one in json.loads(whole)["facts"]:
        stored = facts[one["position"]]
        assert json.loads(stored.context)["nonce"] not in whole
        for line in stored.stamp.decode().splitlines()[1:]:
            if one.get("alias", [""])[0] != line.partition(" ")[0]:
                tried += 1
                salts = b"", bytes.fromhex(one["content_salt"]), bytes.fromhex(one["place_salt"])
                guesses = {sha256(salt + text.encode()).hexdigest() for salt in salts for text in (line, f"{line}\n")}
                assert not guesses & {*one["patients_sha256"]}
                assert line not in whole
    assert tried > 50


def _of_one_group(clinic: House, claims: list[tuple[str, ClaimPrepared]]) -> tuple[str, str]:
    """Claims of two patients who sat in a session together."""
    together = [set(fact.patients) for fact in clinic.log.by_topics(["session.closed"]) if len(fact.patients) > 1]
    whose = {told.patient_id: claim for claim, told in claims}
    pair = next(both for each in together if len(both := sorted(each & whose.keys())) > 1)
    return whose[pair[0]], whose[pair[1]]
