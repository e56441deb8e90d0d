"""Challenges against the file of vectors: by whom, for what and until when each can be answered."""

from __future__ import annotations

import json
from typing import Any

import pytest

from aggregates.kit import Refusal
from aggregates.note.envelope import FirstVersion, SecondVersion, ToBeSigned, digest_of
from api.signing.challenge import LASTS_SECONDS, ChallengeUnknown, issue, must_be_for, shown_at
from api.signing.known import Signer
from iop_es.engine.keys import Keyring
from tests.aggregates.vectors import VECTORS, each

KEYRING = Keyring(bytes.fromhex(VECTORS["root"]))
VERSIONS: dict[int, Any] = {1: FirstVersion, 2: SecondVersion, 3: ToBeSigned}
SOMEBODY = Signer("somebody", "a session")


@pytest.mark.parametrize("vector", each("challenges"))
def test_a_challenge_is_for_one_session_of_a_person_these_envelopes_and_two_minutes(vector: dict[str, Any]) -> None:
    """And has one spelling; everything else is refused by name."""
    told = [json.loads(one) for one in vector["signings"]]
    covered = digest_of(VERSIONS[one["v"]](**one) for one in told)
    refused = None
    try:
        signer = Signer(vector["person"], vector["session"])
        must_be_for(KEYRING, vector["challenge"], signer, covered, vector["now"])
    except Refusal as refusal:
        refused = type(refusal).__name__
    assert refused == vector["refused"]


def test_any_letter_of_a_challenge_counts() -> None:
    """None can be another one."""
    challenge, ends = issue(KEYRING, SOMEBODY, b"\x00" * 32, 1_000, 41)
    assert (ends, shown_at(challenge)) == (1_000 + LASTS_SECONDS, 41)
    must_be_for(KEYRING, challenge, SOMEBODY, b"\x00" * 32, ends)
    for place, letter in enumerate(challenge):
        other = challenge[:place] + ("A" if letter != "A" else "B") + challenge[place + 1 :]
        with pytest.raises(ChallengeUnknown):
            must_be_for(KEYRING, other, SOMEBODY, b"\x00" * 32, ends)


def test_what_is_no_challenge_was_shown_at_no_time() -> None:
    """Nothing can be made again from it, whatever was sent."""
    challenge, _ = issue(KEYRING, SOMEBODY, b"\x00" * 32, 1_000, 41)
    for other in ("", challenge[:-4], challenge + "AAAA", challenge + "====", "ä" * 64, "!" + challenge[1:]):
        assert shown_at(other) is None
