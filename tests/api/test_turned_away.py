"""Orders that are turned away among others that go well: each on record in the access log, as if it had come alone."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from tests.api.clinic import STRANGER, at, draft, on
from tests.api.house import ELSEWHERE, House, an_id
from tests.api.test_documentation import SHARED, closed, part
from tests.api.test_problems import problem

THEIRS, NOTHING = an_id("note", 899), an_id("note", 898)
SIGN, COSIGN = "note.sign", "note.cosign"


@pytest.fixture(scope="module", autouse=True)
def elsewhere(house: House) -> None:
    """Another program's document."""
    house.done("clinician", "/notes", {
        "note_id": THEIRS, "kind": "individual", "program_id": ELSEWHERE, "author_id": an_id("clinician"),
        "service_date": on(-1), "service_ended_at": at("10:00", -1), "patient_id": STRANGER,
        "enrollment_id": an_id("enrollment", 99), "content": {"sections": [{"name": "data", "words": "x"}]},
    }, programs=(ELSEWHERE,))  # fmt: skip


def turned_away(house: House, response: Any) -> list[tuple[Any, ...]]:
    """What the access log has of a request beside what was answered: resource, purpose, outcome, patients, rows."""
    return house.recorded_reads(
        "SELECT resource, purpose, outcome, patients::text[], rows FROM access_log"
        " WHERE request = %s AND outcome <> 'answered' ORDER BY id",
        response.headers["x-request-id"],
    )


def shown(house: House, role: str, *acts: tuple[str, str]) -> Any:
    """What a role is shown of commands on documents."""
    commands = [{"command": name, "data": {"note_id": note}} for name, note in acts]
    response = house.post(role, "/signatures/challenge", {"commands": commands})
    assert response.status_code == 200, response.text
    return response


def refusals(response: Any) -> list[str | None]:
    """Why each was refused, by the rule's name."""
    told = response.json()["signatures"]
    return [one["refused"] and one["refused"]["type"].rpartition(":")[2] for one in told]


def test_each_signature_that_is_turned_away_is_recorded(house: House) -> None:
    """One entry for each that is out of reach or not the role's, all written at once, and nobody's record is said to be
    asked for; none for what there is not, nor for what a rule refuses."""
    own = draft(house, 891)
    response = shown(house, "clinician", (SIGN, own), (SIGN, THEIRS), (SIGN, NOTHING), (SIGN, own), (COSIGN, THEIRS))
    assert refusals(response) == [None, "not-found", "not-found", "document-twice", "not-permitted"]
    entry = ("signature.challenge", "operations")
    assert turned_away(house, response) == [(*entry, "out of reach", [], 0), (*entry, "not permitted", [], 0)]
    assert house.recorded_reads(
        "SELECT count(DISTINCT transaction) FROM access_log WHERE request = %s AND outcome <> 'answered'",
        response.headers["x-request-id"],
    ) == [(1,)]  # fmt: skip
    response = shown(house, "biller", (SIGN, own))
    assert refusals(response) == ["not-permitted"]
    assert turned_away(house, response) == [(*entry, "not permitted", [], 0)]
    assert turned_away(house, shown(house, "clinician", (SIGN, own))) == []


def test_each_part_of_a_group_that_is_turned_away_is_recorded(house: House) -> None:
    """One that would rewrite another program's document; the other parts are stored."""
    session = closed(house, 892, range(1, 4))
    response = house.post("clinician", f"/sessions/{session}/documentation", {
        "narrative": {"sections": SHARED}, "parts": [part(1), part(2, note_id=THEIRS), part(9)],
    })  # fmt: skip
    told = [(one["outcome"], one["refused"] and one["refused"]["type"].rpartition(":")[2])
            for one in response.json()["documents"]]  # fmt: skip
    assert told == [("stored", None), ("stored", None), ("refused", "not-found"), ("refused", "document-incomplete")]
    assert turned_away(house, response) == [("session.document", "operations", "out of reach", [], 0)]


def test_what_cannot_be_recorded_as_turned_away_is_not_answered(own_house: House, clinic_url: str) -> None:
    """Where the access log takes no entry, nobody learns whether something is there."""
    own = draft(own_house, 893)
    with psycopg.connect(clinic_url, autocommit=True) as owner:
        owner.execute("CREATE FUNCTION iop.full() RETURNS trigger LANGUAGE plpgsql AS"
                      " $$ BEGIN RAISE EXCEPTION 'no room' USING ERRCODE = 'disk_full'; END $$")  # fmt: skip
        owner.execute("CREATE TRIGGER full_now BEFORE INSERT ON iop.access_log FOR EACH ROW"
                      " WHEN (NEW.outcome <> 'answered') EXECUTE FUNCTION iop.full()")  # fmt: skip
    for acts in (((SIGN, own),), ((SIGN, own), (SIGN, THEIRS))):
        commands = [{"command": name, "data": {"note_id": note}} for name, note in acts]
        response = own_house.post("biller", "/signatures/challenge", {"commands": commands})
        problem(response, 503, "read-not-recorded")
