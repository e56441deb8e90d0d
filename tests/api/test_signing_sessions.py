"""A challenge is answered in the session that it was shown in, a call signs a document once, and a session that goes on
takes one factor, whichever process is asked."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

import pytest
from httpx import Response

from aggregates.note.commands import SignNote
from api.commands.order import Order
from api.signing.desk import SigningDesk
from api.signing.known import Signer
from api.signing.proof import Proof, SecondFactorMissing, going_on, must_be_proved
from iop_es.engine.keys import Keyring
from tests.api.clinic import draft
from tests.api.house import PROGRAM, House, an_id
from tests.api.test_problems import problem
from tests.api.test_signatures import act, addendum, send, standing, token

IDLE = 15 * 60

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


def attempt(
    house: House, note: str, *methods: str, goes_on: Response | None = None, programs: tuple[str, ...] = (PROGRAM,)
) -> Response:
    """A signing by these methods, in a session that goes on since another one."""
    shown = house.shown("clinician", act(note), programs=programs)
    continues = goes_on and goes_on.json()["continues"]
    proof = token(house, shown["challenge"], amr=list(methods))
    return send(house, proof, act(note), programs=programs, continues=continues)


def test_the_first_signature_of_a_working_session_takes_two_factors(house: House, clock: list[float]) -> None:
    """The next within 15 idle minutes takes one, after them two kinds again."""
    notes = [draft(house, 930 + number) for number in range(5)]
    problem(attempt(house, notes[0], "pwd"), 409, "second-factor-missing")
    first = attempt(house, notes[0], "pwd", "otp")
    assert first.status_code == 200
    problem(attempt(house, notes[1], "hwk"), 409, "second-factor-missing")  # nothing shows that the session goes on
    assert attempt(house, notes[1], "hwk", goes_on=first).status_code == 200
    clock[0] = IDLE
    second = attempt(house, notes[2], "hwk", goes_on=first)
    assert second.status_code == 200
    clock[0] += IDLE + 1
    problem(attempt(house, notes[3], "hwk", goes_on=second), 409, "second-factor-missing")
    third = attempt(house, notes[3], "mfa", goes_on=second)
    assert third.status_code == 200
    problem(attempt(house, notes[4], goes_on=third), 409, "second-factor-missing")
    problem(attempt(house, notes[4], "geo", goes_on=third), 409, "second-factor-missing")
    methods = house.found("clinician", f"/notes/{notes[3]}/signatures")["signatures"][0]["methods"]
    assert methods == ["mfa"]


@pytest.mark.parametrize("methods", [("pwd", "otp"), ("PIN", "hwk"), ("face", "swk"), ("kba", "fpt"), ("mfa",)])
def test_factors_of_two_kinds_begin_a_working_session(methods: tuple[str, ...]) -> None:
    """In letters of any case, or by the issuer's word alone."""
    must_be_proved(Keyring(b"\x01" * 32), Proof("somebody", "c", methods, 1.0), Signer("somebody", "here"), None, 0)


def test_a_session_goes_on_at_any_process_of_the_house(house: House) -> None:
    """What a signing gave is known at a desk that shares nothing but the store and the root."""
    first, note = attempt(house, draft(house, 940), "pwd", "otp"), draft(house, 941)
    other = SigningDesk(house.desk.commands, replace(house.desk.keyring))
    session = sha256(house.voice("clinician")["Authorization"].removeprefix("Bearer ").encode()).hexdigest()
    person = house.person("clinician")
    order = Order(SignNote(note_id=note), person, "clinician", frozenset({PROGRAM}), "at another desk", b"\x00" * 32)
    proof = Proof(person, str(other.show([order], session).challenge), ("pwd",), 1.0)
    with pytest.raises(SecondFactorMissing):
        other.sign([order], proof, session)
    other.sign([order], proof, session, continues=first.json()["continues"])
    assert standing(house, note) == ["verified"]


def test_nothing_else_shows_that_a_session_goes_on() -> None:
    """Not with any letter changed, of another person, another session or another house, nor after its end."""
    keyring, signer, proof = Keyring(b"\x01" * 32), Signer("somebody", "here"), Proof("somebody", "c", ("pwd",), 1.0)
    told = going_on(keyring, signer, 1_000)
    must_be_proved(keyring, proof, signer, told, 1_000 + IDLE)
    other = [told[:place] + ("A" if letter != "A" else "B") + told[place + 1 :] for place, letter in enumerate(told)]
    tried = [(keyring, signer, one, 1_000) for one in (*other, told + "A", told + "=", told[4:], "", "é", None)]
    tried += [
        (keyring, signer, told, 1_001 + IDLE), (Keyring(b"\x02" * 32), signer, told, 1_000),
        (keyring, Signer("somebody", "there"), told, 1_000),
        (keyring, signer, going_on(keyring, Signer("another", "here"), 1_000), 1_000),
    ]  # fmt: skip
    for keys, who, continues, now in tried:
        with pytest.raises(SecondFactorMissing):
            must_be_proved(keys, proof, who, continues, now)
