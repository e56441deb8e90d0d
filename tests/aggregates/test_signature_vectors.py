"""Signatures against a file of vectors, most of which must fail: each says what it shows."""

from __future__ import annotations

import json
import os
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from aggregates.clinician import AGGREGATE as CLINICIANS
from aggregates.kit import Claim
from aggregates.note import AGGREGATE
from aggregates.note.commands import ElectronicSignature, SignNote
from aggregates.note.content import commitment
from aggregates.note.envelope import NotAnEnvelope, envelope_of, read, verifies
from aggregates.note.facts import NoteSigned
from aggregates.note.verification import checked
from aggregates.session import AGGREGATE as SESSIONS
from aggregates.strict import NotStrict, load
from tests.aggregates.scenario import an_act, given, seen_as
from tests.aggregates.vectors import VECTORS, changed, clinicians, each, facts_of

JCS = Path(os.environ.get("IOP_ES_SHARED", Path(__file__).parents[3] / "shared")) / "data" / "jcs"
SECTIONS = ("contents", "envelopes", "documents", "decisions", "challenges")


def must_fail(vector: dict[str, Any]) -> bool:
    """Whether something is wrong with what the vector shows."""
    if "verdicts" in vector:
        return any(one["standing"] == "invalid" for one in vector["verdicts"])
    if "refused" in vector:
        return vector["refused"] is not None
    return not (vector["verifies"] and vector["readable"]) if "verifies" in vector else not vector["holds"]


def test_the_file_has_at_least_sixty_vectors_of_which_thirty_must_fail() -> None:
    """Each with a name of its own and a sentence on what it shows."""
    vectors = [one for section in SECTIONS for one in VECTORS[section]]
    assert len(vectors) >= 60
    assert sum(must_fail(one) for one in vectors) >= 30
    assert len({(section, one["name"]) for section in SECTIONS for one in VECTORS[section]}) == len(vectors)
    assert all(one["shows"].endswith(".") for one in vectors)


@pytest.mark.parametrize("vector", each("rfc8032"))
def test_ed25519_is_that_of_rfc_8032(vector: dict[str, str]) -> None:
    """Section 7.1: the key of the seed, the signature, and that no other message has it."""
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(vector["seed"]))
    message, signature = bytes.fromhex(vector["message"]), bytes.fromhex(vector["signature"])
    assert key.public_key().public_bytes_raw().hex() == vector["public_key"]
    assert key.sign(message) == signature
    Ed25519PublicKey.from_public_bytes(bytes.fromhex(vector["public_key"])).verify(signature, message)


@pytest.mark.parametrize("person", VECTORS["people"])
def test_the_keys_are_those_of_the_seeds(person: str) -> None:
    """So that another implementation can sign what is signed here."""
    told = VECTORS["people"][person]
    public_key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(told["seed"])).public_key().public_bytes_raw()
    assert (public_key.hex(), sha256(public_key).hexdigest()[:32]) == (told["public_key"], told["key_id"])


@pytest.mark.parametrize("vector", each("contents"))
def test_a_commitment_is_to_one_content_and_salt(vector: dict[str, Any]) -> None:
    """What cannot be read strictly commits to nothing; all else has its own commitment."""
    if not vector["readable"]:
        with pytest.raises(NotStrict):
            load(vector["content"])
        return
    assert (commitment(load(vector["content"]), vector["salt"]) == vector["commitment"]) is vector["holds"]


@pytest.mark.parametrize("vector", each("envelopes"))
def test_an_envelope_has_one_form_and_its_signature_one_spelling(vector: dict[str, Any]) -> None:
    """Whether the text is an envelope, and whether the key made the signature over it, are two questions."""
    text, readable = vector["envelope"], True
    try:
        parts = read(text)
    except NotAnEnvelope:
        readable = False
    else:
        assert envelope_of(parts.to_be_signed, parts.auth, parts.signed_at) == text
    assert readable is vector["readable"]
    assert verifies(text, vector["signature"], vector["public_key"]) is vector["verifies"]


@pytest.mark.parametrize("vector", each("documents"))
def test_a_documents_signatures_are_what_they_are_worth(vector: dict[str, Any]) -> None:
    """Of every signature what does not hold, and of a good one nothing."""
    states = clinicians(vector.get("clinicians", {}))
    note_id = vector.get("note_id", VECTORS["stories"][vector["story"]]["note_id"])
    found = checked(note_id, changed(vector["story"], vector["changes"]), states.__getitem__)
    told = [{"broken": sorted(one.broken), "standing": one.standing} for one in found]
    assert told == vector["verdicts"]
    if "lapsed" in vector:
        assert [one.lapsed for one in found] == vector["lapsed"]


@pytest.mark.parametrize("vector", each("decisions"))
def test_a_signature_is_recorded_only_over_what_stands_there(vector: dict[str, Any]) -> None:
    """By the signer's current key, over every word of what would be recorded, just now; else refused by name."""
    story = VECTORS["stories"][vector["story"]]
    past = facts_of(story["facts"][: vector["facts"]])
    person = past[0].author_id
    seen = {"clinician": seen_as(CLINICIANS, person, *facts_of(vector["clinician"]))}
    if "session" in vector:
        seen["session"] = seen_as(SESSIONS, past[0].session_id, *facts_of(vector["session"]))
    given_now = ElectronicSignature(envelope=vector["envelope"], signature=vector["signature"])
    command = SignNote(note_id=story["note_id"], signature=given_now)
    decided = given(AGGREGATE, *past).when(command, an_act(by=person, occurred_at=vector["now"]), seen)
    refusal = decided.refusal
    if refusal is None:
        fact, claim = decided.outcomes
        assert isinstance(fact, NoteSigned)
        assert isinstance(claim, Claim)
        taken = claim.held if claim.key in vector["used"] else None
        assert (taken.__name__ if taken else None) == vector["refused"]
        return
    assert type(refusal).__name__ == vector["refused"]
    if "fields" in vector:
        assert refusal.details["fields"] == vector["fields"]


@pytest.mark.skipif(not JCS.is_dir(), reason="the sample data of RFC 8785 is not beside the project")
@pytest.mark.parametrize("name", ["arrays", "french", "structures", "unicode", "values"])
def test_canonical_json_is_that_of_rfc_8785(name: str) -> None:
    """The sample data of its authors, byte for byte."""
    told = json.loads((JCS / f"{name}.in.json").read_bytes())
    assert rfc8785.dumps(told) == (JCS / f"{name}.out.json").read_bytes().rstrip(b"\n")
