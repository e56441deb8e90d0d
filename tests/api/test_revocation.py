"""What was revoked is refused a second later, in every process, whatever the token says."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from aggregates.access.streams import access_of_person
from api.problems import AWAY
from api.revocation import LOOK_SECONDS, Revocations
from iop_es.engine.errors import StoreUnavailable
from tests.api.clinic import DIRECTOR, PAYER, on
from tests.api.house import AUDIENCE, ELSEWHERE, PROGRAM, House, an_id, opened
from tests.api.test_problems import problem

BEYOND = an_id("staff", 40)


def revoked(house: House, verb: str = "revoke", person: str = BEYOND, role: str = "director", **more: Any) -> Any:
    """Somebody revokes, or gives back."""
    more = {"cause": "left"} | more if verb == "revoke" else more
    path = f"/access/{access_of_person(person)}/{verb}"
    return house.post(role, path, {"person_id": person, **more}, programs=DIRECTOR)


def joined(house: House, person: str = BEYOND, program: str = PROGRAM, by: str = "colleague") -> None:
    """Somebody whom another director had join a program."""
    house.done("director", "/clinicians", {
        "clinician_id": person, "programs": [program], "discipline": "LCSW", "associate": False,
        "joined_on": "2020-01-01", "family_name": "Reed", "given_name": "Ash",
    }, programs=DIRECTOR, person=an_id(by))  # fmt: skip


def status(house: House, role: str = "clinician", person: str = BEYOND) -> int:
    """What this person's next question gets."""
    return house.client.ask("GET", "/v1/me", headers=house.voice(role, person=person)).status_code


def within_a_second(house: House, wanted: int, **who: Any) -> None:
    """This person is answered so in every request that begins a second from now."""
    asked = began = time.monotonic()
    while status(house, **who) != wanted:
        assert asked - began < 1
        time.sleep(0.01)
        asked = time.monotonic()


def test_a_role_that_was_removed_is_refused_within_a_second_in_every_process(
    own_house: House, clinic_url: str, keys: Path
) -> None:
    """Two applications over one store share nothing but it; a third, begun later, knows it from its first request."""
    joined(own_house)
    with opened(clinic_url, keys) as second:
        assert [status(one) for one in (own_house, second)] == [200, 200]
        assert revoked(own_house, role="privacy_officer").json()["facts"] == ["access.revoked"]
        for one in (own_house, second):
            within_a_second(one, 401)
            problem(one.client.ask("GET", "/v1/me", headers=one.voice("clinician", person=BEYOND)), 401,
                    "not-authenticated")  # fmt: skip
            assert status(one, person=an_id("staff", 41)) == 200
        with opened(clinic_url, keys) as third:
            assert status(third) == 401
        assert revoked(own_house, "grant").json()["facts"] == ["access.granted"]
        for one in (own_house, second):
            within_a_second(one, 200)


def test_a_role_or_a_token_alone(own_house: House) -> None:
    """Whoever is no director any more is still a clinician; a lost tablet's token is refused and a new one is not."""
    joined(own_house)
    path = f"/access/{access_of_person(BEYOND)}/revoke"
    own_house.done("director", path, {"person_id": BEYOND, "role": "director", "cause": "role_changed"})
    within_a_second(own_house, 401, role="director")
    assert status(own_house) == 200
    lost, found = (own_house.issuer.token(BEYOND, "clinician", [PROGRAM], AUDIENCE, token_id=one) for one in "ab")
    own_house.done("director", path, {"person_id": BEYOND, "token_id": "a", "cause": "device_lost"})
    time.sleep(LOOK_SECONDS)
    for token, wanted in ((lost, 401), (found, 200)):
        answer = own_house.client.ask("GET", "/v1/me", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == wanted


@pytest.mark.parametrize("role", ["clinician", "front_desk", "biller", "auditor", "supervisor"])
def test_only_a_director_or_a_privacy_officer_revokes(house: House, role: str) -> None:
    """Nobody else, and nobody gives back their own."""
    for verb in ("revoke", "grant"):
        problem(revoked(house, verb, role=role), 403, "not-permitted")
    problem(revoked(house, "grant", person=house.person("director")), 409, "grant-of-own")


def test_a_director_shuts_out_only_who_works_in_their_programs(own_house: House) -> None:
    """Neither by revoking nor by giving back; somebody who works elsewhere alone, somebody whom nobody knows, whom the
    director has just had join, and who only had something done on their behalf are told alike. A privacy officer
    reaches them all."""
    elsewhere, biller = an_id("staff", 41), an_id("staff", 42)
    joined(own_house, elsewhere, ELSEWHERE)
    joined(own_house, an_id("staff", 43), by="director")
    held = {"effective_from": on(), "payer_id": PAYER, "on_behalf_of": biller}
    own_house.done("director", f"/programs/{PROGRAM}/record-payer-enrollment", held)
    own_house.done("biller", f"/programs/{ELSEWHERE}/record-payer-enrollment", held | {"on_behalf_of": None},
                   programs=(ELSEWHERE,), person=biller)  # fmt: skip
    own_house.project()
    told = set()
    for person in (elsewhere, biller, an_id("staff", 43), an_id("staff", 99)):
        for verb, more in (("revoke", {"cause": "misuse"}), ("grant", {})):
            path = f"/access/{access_of_person(person)}/{verb}"
            answer = own_house.post("director", path, {"person_id": person, **more})
            told.add(problem(answer, 404, "not-found")["detail"])
    assert len(told) == 1
    assert own_house.log.by_topics(["access.revoked"]) == []
    theirs = own_house.post("director", f"/access/{access_of_person(biller)}/revoke",
                            {"person_id": biller, "cause": "misuse"}, programs=(ELSEWHERE,))  # fmt: skip
    assert theirs.json()["facts"] == ["access.revoked"]
    desk = own_house.person("front_desk")
    ours = own_house.post("director", f"/access/{access_of_person(desk)}/revoke", {"person_id": desk, "cause": "left"})
    assert ours.json()["facts"] == ["access.revoked"]
    house_wide = own_house.post("privacy_officer", f"/access/{access_of_person(elsewhere)}/revoke",
                                {"person_id": elsewhere, "cause": "left"})  # fmt: skip
    assert house_wide.json()["facts"] == ["access.revoked"]


def test_it_stands_in_the_audit_trail(own_house: House) -> None:
    """Who shut out whom, and why."""
    joined(own_house)
    own_house.project()
    assert revoked(own_house).status_code == 200
    entries = own_house.found("auditor", f"/audit/streams/{access_of_person(BEYOND)}")
    assert [entry["name"] for entry in entries] == ["access.revoked"]
    assert entries[0]["words"] == f"Of person {BEYOND} all access revoked by {own_house.person('director')} (left)."


class Away:
    """A log that cannot be asked, and counts how often it was."""

    asked = 0

    def by_topics(self, *_: Any, **__: Any) -> list[Any]:
        """Nobody answers."""
        self.asked += 1
        raise StoreUnavailable(AWAY)


def test_what_cannot_be_looked_up_lets_nobody_in() -> None:
    """A second one who asks at once is told so without another try; half a second later it is tried again."""
    now, log = [100.0], Away()
    known: Any = Revocations(log, clock=lambda: now[0])  # type: ignore[arg-type] # it asks this one thing of a log
    for _ in range(2):
        assert not known.fresh()
        with pytest.raises(StoreUnavailable):
            known.look()
    assert log.asked == 1
    now[0] += LOOK_SECONDS
    with pytest.raises(StoreUnavailable):
        known.look()
    assert log.asked == 2
