"""A challenge is answered in the session that it was shown in, and a call signs a document once."""

from __future__ import annotations

from tests.api.clinic import draft
from tests.api.house import PROGRAM, House, an_id
from tests.api.test_problems import problem
from tests.api.test_signatures import act, addendum, send, standing, token

ELSEWHERE = (PROGRAM, an_id("another sitting"))
"""Programs of another bearer token of the same person: another session."""


def test_a_challenge_is_answered_in_the_session_in_which_it_was_shown(house: House) -> None:
    """The same person under another bearer token cannot answer it, and what was tried there spoils nothing."""
    note = draft(house, 901)
    proof = token(house, house.shown("clinician", act(note))["challenge"])
    problem(send(house, proof, act(note), programs=ELSEWHERE), 409, "challenge-unknown")
    assert standing(house, note) == []
    assert send(house, proof, act(note)).status_code == 200
    assert standing(house, note) == ["verified"]


def test_two_signatures_of_one_document_in_a_call_are_refused_before_any_is_made(house: House) -> None:
    """The second would rest on the first one, which cannot be shown yet: it is refused when shown, and the whole call
    when it comes to be signed all the same."""
    note, other = draft(house, 902), draft(house, 903)
    house.signed("clinician", act(note))
    both = (addendum(note, 1), act(other), addendum(note, 2))
    shown = house.shown("clinician", *both)
    rules = [one["refused"] and one["refused"]["type"].rpartition(":")[2] for one in shown["signatures"]]
    assert rules == [None, None, "document-twice"]
    before = house.log.head().position
    refused = send(house, token(house, shown["challenge"]), *both)
    assert f"Document {note} stands here twice" in problem(refused, 409, "document-twice")["detail"]
    assert house.log.head().position == before
    house.signed("clinician", *both[:2])
    house.signed("clinician", both[2])
    assert standing(house, note) == ["verified"] * 3
