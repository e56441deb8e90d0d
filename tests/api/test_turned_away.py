"""Orders that are turned away among others that go well: each on record in the access log, as if it had come alone."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from tests.api.clinic import STRANGER, at, draft, on
from tests.api.house import ELSEWHERE, House, an_id
from tests.api.test_documentation import SHARED, closed, documented, part
from tests.api.test_problems import problem

THEIRS, NOTHING = an_id("note", 899), an_id("note", 898)
SEATED = {an_id("patient", number) for number in range(1, 4)}
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


def test_a_part_about_somebody_else_is_on_nobodys_record(house: House) -> None:
    """Whoever is not of the session was not looked at, whatever id was sent: only that it was turned away is recorded,
    and an unknown patient is told like one of other programs."""
    session = closed(house, 894, range(1, 4))
    parts = [part(1), part(9), part(9, patient_id=STRANGER), part(9, patient_id=an_id("patient", 777))]
    response = house.post("clinician", f"/sessions/{session}/documentation", {
        "narrative": {"sections": SHARED}, "parts": parts,
    })  # fmt: skip
    _, own, ours, theirs, nobodys = [one["refused"] for one in response.json()["documents"]]
    assert (own, ours["type"].rpartition(":")[2], theirs["type"].rpartition(":")[2]) == (
        None, "document-incomplete", "not-found"
    )  # fmt: skip
    assert theirs == nobodys
    away = ("session.document", "operations", "out of reach", [], 0)
    assert turned_away(house, response) == [away, away]
    assert seen(house, response) == [[an_id("patient", 1)]]
    response = house.post("clinician", f"/sessions/{session}/documentation", {"parts": parts[1:]})
    assert seen(house, response) == []


def test_a_part_is_written_into_a_document_of_its_own_patient_and_session_alone(house: House) -> None:
    """One that names another, though it is the author's own, is told like one of another program: nothing is rewritten,
    nothing compared, and nobody's record was seen."""
    session, before = closed(house, 895, range(1, 4)), closed(house, 896, range(1, 4), days=-1)
    first = documented(house, session, part(1))
    last = documented(house, before, part(1))
    (shared, own), (shared_before, own_before) = [
        [one["note_id"] for one in answer["documents"]] for answer in (first, last)
    ]
    notes = {one: house.found("clinician", f"/notes/{one}") for one in (shared, own, shared_before, own_before)}
    for wrong in (
        part(2, note_id=own), part(9, note_id=own), part(1, patient_id=STRANGER, note_id=own),
        part(1, note_id=own_before), part(1, note_id=shared), part(1, note_id=THEIRS),
    ):  # fmt: skip
        response = house.post("clinician", f"/sessions/{session}/documentation", {"parts": [wrong | {"goals": []}]})
        (told,) = response.json()["documents"]
        assert (told["outcome"], told["refused"]["detail"], told["likenesses"]) == (
            "refused", "No note is recorded under this id in your programs.", []
        )  # fmt: skip
        assert turned_away(house, response) == [("session.document", "operations", "out of reach", [], 0)]
        assert seen(house, response) == ([[wrong["patient_id"]]] if wrong["patient_id"] in SEATED else [])
    for narrative, outcome in ((own, "stored"), (shared_before, "unchanged")):
        answer = documented(house, session, part(2), narrative={"note_id": narrative, "sections": SHARED[:1]})
        assert [one["outcome"] for one in answer["documents"]] == ["refused", outcome]
    assert {one: house.found("clinician", f"/notes/{one}") for one in notes} == notes


def seen(house: House, response: Any) -> list[list[str]]:
    """Whose records the access log says a request has shown."""
    return [patients for (patients,) in house.recorded_reads(
        "SELECT patients::text[] FROM access_log WHERE request = %s AND outcome = 'answered'",
        response.headers["x-request-id"],
    )]  # fmt: skip


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
