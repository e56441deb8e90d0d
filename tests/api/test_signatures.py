"""Signing over HTTP: who may, with which proof, for how long, and what each attempt leaves behind."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from httpx import Response
from joserfc import jwt
from structlog.testing import capture_logs

from aggregates.note.commands import SignNote
from aggregates.note.refusals import NoteAlreadySigned
from api.commands.handle import Commands
from api.commands.order import Order
from api.signing.desk import SigningDesk
from api.signing.proof import Proof
from iop_es.engine.keys import Keyring
from iop_es.engine.log import Append, Appended, Log
from iop_es.issuer import ISSUER, DevelopmentIssuer
from tests.api.clinic import DIRECTOR, REST, draft
from tests.api.house import AUDIENCE, PROGRAM, House, an_id
from tests.api.test_problems import problem
from tests.api.test_races import together

SIGN = "note.sign"
NAMES = ("Miriam", "Hale", "lavender")


def act(note: str, name: str = SIGN, **data: Any) -> tuple[str, dict[str, Any]]:
    """A command that makes a signature."""
    return name, {"note_id": note, **data}


def addendum(note: str, number: int, words: str = "One thing more.") -> tuple[str, dict[str, Any]]:
    """The command for an addition."""
    content = {"sections": [{"name": "data", "words": words}]}
    return act(note, "note.amend", amendment_id=an_id(f"amendment-{note}", number), kind="addendum", cause="more",
               content=content)


def token(house: House, challenge: str | None, person: str | None = None, **claims: Any) -> str:
    """A signing token with these claims instead of what it should say; None leaves one out."""
    now = int(time.time())
    told = {
        "iss": ISSUER, "aud": AUDIENCE, "sub": person or an_id("clinician"), "nonce": challenge, "auth_time": now,
        "amr": ["pwd", "otp"], "iat": now, "exp": now + 120,
    } | claims  # fmt: skip
    key = house.issuer._key
    kept = {name: value for name, value in told.items() if value is not None}
    return jwt.encode({"alg": "Ed25519", "kid": key.kid}, kept, key, algorithms=["Ed25519"])


def send(
    house: House, proof: str, *acts: tuple[str, dict[str, Any]], role: str = "clinician", continues: str | None = None,
    **more: Any,
) -> Response:  # fmt: skip
    """The second of the two calls."""
    commands = [{"command": name, "data": data} for name, data in acts]
    return house.post(role, "/signatures", {"commands": commands, "token": proof, "continues": continues}, **more)


def standing(house: House, note: str) -> list[str]:
    """What the signatures of a document are worth."""
    return [one["standing"] for one in house.found("clinician", f"/notes/{note}/signatures")["signatures"]]


def test_a_challenge_is_answered_within_two_minutes(house: House, clock: list[float]) -> None:
    """In its last second it is good; a second later it is not, and nothing is recorded."""
    notes = draft(house, 801), draft(house, 802)
    shown = [house.shown("clinician", act(note))["challenge"] for note in notes]
    clock[0] = 120
    assert send(house, token(house, shown[0]), act(notes[0])).status_code == 200
    clock[0] = 121
    problem(send(house, token(house, shown[1]), act(notes[1])), 409, "challenge-expired")
    assert standing(house, notes[1]) == []


def test_a_challenge_is_answered_once(house: House) -> None:
    """The same two calls again record nothing more, whatever was signed."""
    note = draft(house, 803)
    house.signed("clinician", act(note))
    more = addendum(note, 1)
    proof = token(house, house.shown("clinician", more)["challenge"])
    assert send(house, proof, more).status_code == 200
    before = house.log.head().position
    assert send(house, proof, more).status_code == 409
    assert send(house, proof, addendum(note, 2)).status_code == 409
    assert house.log.head().position == before


def test_a_challenge_is_for_the_person_and_the_documents_that_were_shown(house: House) -> None:
    """Not for a colleague, not for one more, one less, another order or other words."""
    one, two = draft(house, 804), draft(house, 805)
    proof = token(house, house.shown("clinician", act(one), act(two))["challenge"])
    for acts in ((act(one),), (act(two), act(one)), (act(one), act(two), act(draft(house, 806)))):
        problem(send(house, proof, *acts), 409, "challenge-unknown")
    problem(send(house, proof, act(one), act(two, late_reason="holiday")), 409, "challenge-unknown")
    theirs = token(house, house.shown("clinician", act(one))["challenge"], an_id("supervisor"))
    problem(send(house, theirs, act(one), role="supervisor"), 409, "anothers-signature")
    assert send(house, proof, act(one), act(two)).status_code == 200


def test_what_was_rewritten_after_it_was_shown_is_not_signed(house: House) -> None:
    """The signer sees the new words first."""
    note = draft(house, 807)
    proof = token(house, house.shown("clinician", act(note))["challenge"])
    words = {"content": {"sections": [{"name": "data", "words": "Other words."}, *REST]}}
    house.done("clinician", f"/notes/{note}/revise", words, If_Match='"1"')
    told = problem(send(house, proof, act(note)), 409, "changed-since-shown")["detail"]
    assert f"in individual {note} (content_sha256, note_version); have it shown again" in told
    house.signed("clinician", act(note))
    assert standing(house, note) == ["verified"]


def test_only_whose_challenge_it_is_is_told_what_changed_since(house: House, clock: list[float]) -> None:
    """Another session, other documents and a made-up challenge are unknown as before, and one that has run out has."""
    note, other = draft(house, 843), draft(house, 844)
    challenge = house.shown("clinician", act(note))["challenge"]
    words = {"content": {"sections": [{"name": "data", "words": "Other words."}, *REST]}}
    house.done("clinician", f"/notes/{note}/revise", words, If_Match='"1"')
    elsewhere = (PROGRAM, an_id("another sitting"))
    problem(send(house, token(house, challenge), act(note), programs=elsewhere), 409, "challenge-unknown")
    problem(send(house, token(house, challenge), act(note), act(other)), 409, "challenge-unknown")
    problem(send(house, token(house, challenge), act(other)), 409, "challenge-unknown")
    made_up = challenge[:-1] + ("A" if challenge[-1] != "A" else "B")
    problem(send(house, token(house, made_up), act(note)), 409, "challenge-unknown")
    problem(send(house, token(house, challenge), act(note)), 409, "changed-since-shown")
    clock[0] = 121
    problem(send(house, token(house, challenge), act(note)), 409, "challenge-expired")
    assert standing(house, note) == []


def test_none_is_signed_where_one_cannot_be(house: House) -> None:
    """One of two was struck meanwhile: the other stays a draft, and can be signed by itself."""
    one, two = draft(house, 808), draft(house, 809)
    proof = token(house, house.shown("clinician", act(one), act(two))["challenge"])
    house.signed("clinician", act(two, "note.enter_in_error", cause="duplicate", words="Twice."))
    problem(send(house, proof, act(one), act(two)), 409, "note-struck")
    assert standing(house, one) == []
    shown = house.shown("clinician", act(one), act(two))
    assert [one["refused"] is None for one in shown["signatures"]] == [True, False]


@pytest.mark.parametrize("methods", [
    ["pwd"], ["pwd", "PWD"], ["pwd", "geo", "rba"], ["otp", "user"], ["mca", "tel"], [], ["pwd", "pin"], ["kba", "PIN"],
    ["otp", "sms"], ["hwk", "swk", "sc"], ["fpt", "face"], ["pwd", "of-our-own"],
])  # fmt: skip
def test_factors_of_one_kind_are_one(house: House, methods: list[str]) -> None:
    """Two things that somebody knows, has or is; where they are, how likely it is them, that somebody is there: no
    second factor."""
    note, within = draft(house, 820), (PROGRAM, an_id(f"session-{methods}"))
    shown = house.shown("clinician", act(note), programs=within)
    proof = token(house, shown["challenge"], amr=methods)
    problem(send(house, proof, act(note), programs=within), 409, "second-factor-missing")


def test_a_proof_is_the_signers_own_and_fresh(house: House) -> None:
    """Of another person, older than two minutes or of the future: refused by name."""
    note = draft(house, 821)
    challenge, now = house.shown("clinician", act(note))["challenge"], int(time.time())
    problem(send(house, token(house, challenge, an_id("supervisor")), act(note)), 409, "proof-of-another")
    for moment in (now - 125, now + 30, now + 10**9, -1, 0):
        problem(send(house, token(house, challenge, auth_time=moment), act(note)), 409, "proof-too-old")
    assert send(house, token(house, challenge, auth_time=now - 60), act(note)).status_code == 200


def test_what_is_no_signing_token_of_this_issuer_proves_nothing(house: House, tmp_path_factory: Any) -> None:
    """Another issuer's, another audience's, an expired or a torn one, one without challenge, time or methods, and the
    bearer token itself: 401, all the same."""
    note, now = draft(house, 822), int(time.time())
    challenge = house.shown("clinician", act(note))["challenge"]
    stranger = DevelopmentIssuer(tmp_path_factory.mktemp("stranger"), allowed=True)
    good = token(house, challenge)
    head, body, mark = good.split(".")
    proofs = [
        stranger.signing_token(an_id("clinician"), challenge, ["pwd", "otp"], AUDIENCE),
        token(house, challenge, iss="urn:somebody-else"), token(house, challenge, aud="another"),
        token(house, challenge, exp=now - 60), token(house, challenge, exp=None), token(house, None),
        token(house, challenge, auth_time=None), token(house, challenge, auth_time="now"),
        token(house, challenge, amr=None), token(house, challenge, amr="pwd otp"), token(house, challenge, amr=[1, 2]),
        token(house, challenge, amr=["pwd", "a b"]), f"{head}.{body}.", f"{head}.{body}.{mark[::-1]}", "x",
        f"eyJhbGciOiJub25lIn0.{body}.", house.voice("clinician")["Authorization"].removeprefix("Bearer "),
    ]  # fmt: skip
    for proof in proofs:
        problem(send(house, proof, act(note)), 401, "not-authenticated")
    assert standing(house, note) == []


def test_a_signing_token_opens_no_other_door(house: House) -> None:
    """It names no role: as a bearer token it is good for nothing."""
    proof = token(house, house.shown("clinician", act(draft(house, 823)))["challenge"])
    for method, path in (("GET", "/v1/caseload/notes-to-sign"), ("POST", "/v1/signatures/challenge")):
        answer = house.client.ask(method, path, headers={"Authorization": f"Bearer {proof}"})
        problem(answer, 401, "not-authenticated")


def test_a_signature_comes_from_the_desk_alone(house: House) -> None:
    """One that is brought along is refused; the plain commands have no route."""
    note = draft(house, 824)
    brought = {"envelope": "{}", "signature": "0" * 128}
    commands = [{"command": SIGN, "data": {"note_id": note, "signature": brought}}]
    problem(house.post("clinician", "/signatures/challenge", {"commands": commands}), 409, "signature-comes-from-here")
    for verb in ("sign", "cosign", "amend", "attest-signature", "enter-in-error"):
        assert house.post("clinician", f"/notes/{note}/{verb}", {}).status_code == 404
    assert house.post("clinician", f"/clinicians/{an_id('clinician')}/create-signing-key", {}).status_code == 404


def test_everything_that_is_signed_can_be_signed_here(house: House) -> None:
    """Signature, addition, correction and strike, an attestation: each verifies, chained to the one before."""
    note, missing = draft(house, 825), draft(house, 826)
    house.signed("clinician", act(note))
    house.signed("clinician", addendum(note, 1))
    correction = act(note, "note.amend", amendment_id=an_id("correction"), kind="correction", section="data",
                     cause="slip", content={"sections": [{"name": "data", "words": "It was a walrus."}]})
    house.signed("clinician", correction)
    house.signed("clinician", act(note, "note.enter_in_error", cause="wrong_patient", words="Another's."))
    house.signed("clinician", act(missing, "note.attest_signature"))
    assert standing(house, note) == ["verified"] * 4
    found = house.found("clinician", f"/notes/{note}/signatures")["signatures"]
    assert [one["meaning"] for one in found] == ["author", "amend", "amend", "void"]
    assert standing(house, missing) == ["verified"]


def keys_of(house: House, person: str) -> list[Any]:
    """The clinician's keys."""
    return list(house.desk.commands.states("clinician", [person])[person].signing_keys)


def test_a_key_comes_with_the_first_signature_and_a_next_one_after_the_root_is_lost(own_house: House) -> None:
    """Nothing that was signed before is lost with the root; nobody signs with the first key again."""
    house, person = own_house, an_id("clinician")
    assert keys_of(house, person) == []
    first, second = draft(house, 830), draft(house, 831)
    house.signed("clinician", act(first))
    shown = house.shown("clinician", act(second))
    house.desk.keyring = Keyring(b"\x07" * 32)
    problem(send(house, token(house, shown["challenge"]), act(second)), 409, "challenge-unknown")
    house.signed("clinician", act(second))
    assert [one.created.number for one in keys_of(house, person)] == [1, 2]
    assert standing(house, first) == standing(house, second) == ["verified"]


def test_a_revoked_key_signs_nothing_more(own_house: House) -> None:
    """Not even what was shown before; the next signature has the next key. A colleague revokes nobody's."""
    house, person = own_house, an_id("clinician")
    first, second = draft(house, 832), draft(house, 833)
    house.signed("clinician", act(first))
    shown = house.shown("clinician", act(second))
    [key] = keys_of(house, person)
    revoke = {"key_id": key.created.key_id, "cause": "device_lost"}
    path = f"/clinicians/{person}/revoke-signing-key"
    problem(house.post("clinician", path, revoke, person=an_id("colleague")), 409, "anothers-key-to-revoke")
    house.done("director", path, revoke, programs=DIRECTOR)
    problem(send(house, token(house, shown["challenge"]), act(second)), 409, "no-signing-key")
    house.signed("clinician", act(second))
    assert standing(house, first) == standing(house, second) == ["verified"]
    assert len(keys_of(house, person)) == 2


def test_nothing_personal_in_logs_or_problems(house: House) -> None:
    """Envelopes hold names, commands hold words: no line of the log and no problem document does."""
    note = draft(house, 840)
    told = []
    with capture_logs() as lines:
        shown = house.shown("clinician", act(note))
        assert shown["signatures"][0]["to_be_signed"]["signer_name"] == "Miriam Hale"
        told.append(send(house, token(house, shown["challenge"]), act(note, late_reason="x")))
        told.append(send(house, token(house, "x" * 54), act(note)))
        assert send(house, token(house, shown["challenge"]), act(note)).status_code == 200
        told.append(send(house, token(house, shown["challenge"]), act(note)))
        more = addendum(note, 1, "lavender " * 4_000)
        for name in ("note.unknown", more[0]):
            wrong = {"commands": [{"command": name, "data": more[1]}]}
            told.append(house.post("clinician", "/signatures/challenge", wrong))
    assert {one.status_code for one in told} <= {409, 422}
    assert lines
    for text in (*(one.text for one in told), *map(str, lines)):
        assert not any(name in text for name in NAMES), text


TIMES = 100


def test_a_hundred_signings_of_one_version_give_one_signature(house: House) -> None:
    """Each with a good proof of its own: one is recorded, the others are refused by name."""
    note = draft(house, 841)
    proofs = [token(house, house.shown("clinician", act(note))["challenge"]) for _ in range(TIMES)]
    answers = together(*[lambda proof=proof: send(house, proof, act(note)) for proof in proofs])
    assert {one.status_code for one in answers} <= {200, 409, 412}
    outcomes = [one.json()["signatures"][0] for one in answers if one.status_code == 200]
    assert sum(one["facts"] == ["note.signed"] for one in outcomes) == 1
    refused = {one["refused"]["type"] for one in outcomes if one["refused"]}
    refused |= {one.json()["type"] for one in answers if one.status_code != 200}
    rules = ("note-already-signed", "nothing-to-sign", "challenge-unknown", "version-changed")
    assert refused <= {f"urn:iop-es:problem:{rule}" for rule in rules}
    assert standing(house, note) == ["verified"]


def test_a_hundred_signings_with_one_challenge_give_one_signature(house: House) -> None:
    """The same proof from everywhere at once, at two desks that share nothing but the store and the root."""
    note = draft(house, 842)
    proof = token(house, house.shown("clinician", act(note))["challenge"])
    claims = Proof(an_id("clinician"), house.shown("clinician", act(note))["challenge"], ("pwd", "otp"), 1.0)
    other = SigningDesk(house.desk.commands, house.desk.keyring)
    order = Order(SignNote(note_id=note), an_id("clinician"), "clinician", frozenset({PROGRAM}), "k", b"\x00" * 32)

    def elsewhere(number: int) -> Any:
        return other.sign([_keyed(order, number)], claims, "elsewhere")

    answers = together(
        *[lambda: send(house, proof, act(note))] * (TIMES // 2),
        *[lambda number=number: _tried(lambda: elsewhere(number)) for number in range(TIMES // 2)],
    )
    assert all(one.status_code in {200, 409, 412} for one in answers if isinstance(one, Response))
    assert standing(house, note) == ["verified"]


class Overtaken:
    """A log before whose next append `somebody` is quicker."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self.somebody: list[Callable[[], Any]] = []

    def append(self, facts: Append) -> tuple[Appended, ...]:
        """Appends, after somebody else."""
        while self.somebody:
            self.somebody.pop()()
        return self._log.append(facts)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._log, name)


def test_what_was_weighed_is_decided_anew_where_somebody_else_was_quicker(house: House) -> None:
    """Signed meanwhile by another call: refused by name, and there is one signature."""
    note = draft(house, 843)
    order = Order(SignNote(note_id=note), an_id("clinician"), "clinician", frozenset({PROGRAM}), "843", b"\x00" * 32)
    slow: Any = Overtaken(house.log)
    desk = SigningDesk(Commands(slow), house.desk.keyring)
    shown = desk.show([order], "slow")
    slow.somebody.append(lambda: house.signed("clinician", act(note)))
    [answer] = desk.sign([order], Proof(order.by, shown.challenge or "", ("pwd", "otp"), 1.0), "slow")
    assert isinstance(answer, NoteAlreadySigned)
    assert standing(house, note) == ["verified"]


def _keyed(order: Order, number: int) -> Order:
    return Order(order.command, order.by, order.role, order.programs, f"elsewhere:{number}", order.digest)


def _tried(call: Any) -> Any:
    try:
        return call()
    except Exception as error:  # noqa: BLE001 # any refusal will do; what counts is what is recorded
        return error
