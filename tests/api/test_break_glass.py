"""A broken glass opens one patient's record to one person for an hour, and each look through it is on record."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from aggregates.access.streams import access_of
from aggregates.values import instant
from api.gate.admission import Admission
from tests.api.clinic import FAMILY, REST, STRANGER, WORDS, at, on
from tests.api.house import ELSEWHERE, House, an_id
from tests.api.test_gate import last_read
from tests.api.test_problems import problem

GRANT = an_id("grant")
ALONE = "/patients/{}/summary"


def open_glass(house: House, patient: str = STRANGER, grant: str = GRANT, role: str = "clinician") -> dict[str, Any]:
    """Someone calls for this patient in a crisis."""
    return house.done(role, f"/access/{access_of(patient)}/open-break-glass", {
        "patient_id": patient, "grant_id": grant, "cause": "crisis_call", "words": "Calls from a bridge.",
    })  # fmt: skip


def note_elsewhere(house: House) -> str:
    """A document about the patient of the other program."""
    house.done("clinician", "/notes", {
        "note_id": an_id("note", 70), "kind": "individual", "program_id": ELSEWHERE, "author_id": an_id("clinician"),
        "service_date": on(-1), "service_ended_at": at("10:00", -1), "patient_id": STRANGER,
        "enrollment_id": an_id("enrollment", 99), "service_kind": "individual", "goals": [],
        "content": {"sections": [{"name": "data", "words": WORDS}, *REST]},
    }, programs=(ELSEWHERE,))  # fmt: skip
    return an_id("note", 70)


def rows_under(house: House, grant: str) -> list[tuple[Any, ...]]:
    """The entries of the access log under a grant, in order."""
    return house.recorded_reads(
        "SELECT purpose, resource, patients::text[], outcome FROM access_log WHERE grant_id = %s ORDER BY id", grant
    )


@pytest.fixture(scope="module")
def noted(house: House) -> str:
    """The stranger's document, and what is recorded of them."""
    return note_elsewhere(house)


def test_a_closed_glass_shows_nothing(house: House, noted: str) -> None:
    """Before it is broken the record does not exist for who works elsewhere."""
    for path in (ALONE.format(STRANGER), f"/notes/{noted}", f"/patients/{STRANGER}/notes"):
        problem(house.get("clinician", path), 404, "not-found")


def test_a_broken_glass_shows_that_one_record_and_every_look_is_under_its_grant(own_house: House) -> None:
    """Rows, folds as of a moment, documents, prints and the chart; of nobody else, to nobody else, in no other role."""
    house, note = own_house, note_elsewhere(own_house)
    open_glass(house)
    looks: tuple[tuple[str, dict[str, Any]], ...] = (
        (ALONE.format(STRANGER), {}), (ALONE.format(STRANGER), {"as_of": house.log.head().position}),
        (f"/patients/{STRANGER}/notes", {}), (f"/notes/{note}", {}), (f"/notes/{note}/print", {"purpose": "legal"}),
        (f"/patients/{STRANGER}/chart", {"from": on(-30), "through": on()}), (f"/patients/{STRANGER}/outcomes", {}),
        (f"/patients/{STRANGER}/continued-stay", {}),
    )  # fmt: skip
    for path, given in looks:
        assert house.get("clinician", path, **given).status_code == 200, path
    rows = rows_under(house, GRANT)
    assert [(row[0], row[2]) for row in rows] == [("break_glass", [STRANGER])] * len(looks)
    assert FAMILY in house.get("clinician", f"/patients/{STRANGER}/identity").text
    problem(house.get("supervisor", ALONE.format(STRANGER)), 404, "not-found")
    problem(house.get("clinician", ALONE.format(STRANGER), person=an_id("person", 2)), 404, "not-found")
    problem(house.get("clinician", f"/audit/streams/{STRANGER}"), 403, "not-permitted")
    assert STRANGER not in house.get("clinician", "/caseload/patients").text


def test_it_ends_by_time_alone(own_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A minute before the hour is over it shows, at the hour it does not."""
    open_glass(own_house)
    for minutes, status in ((59, 200), (60, 404), (600, 404)):
        later = instant(datetime.now(UTC) + timedelta(minutes=minutes, seconds=-1 if minutes == 59 else 1))
        monkeypatch.setattr(Admission, "now", lambda _self, at=later: at)
        assert own_house.get("clinician", ALONE.format(STRANGER)).status_code == status


def test_of_ones_own_patient_a_glass_changes_nothing(own_house: House) -> None:
    """Whoever may look anyway looks for treatment, under no grant."""
    patient = an_id("patient", 2)
    open_glass(own_house, patient)
    assert own_house.get("clinician", ALONE.format(patient)).status_code == 200
    assert (last_read(own_house)["purpose"], rows_under(own_house, GRANT)) == ("treatment", [])


def test_who_may_break_a_glass(house: House) -> None:
    """Clinical staff; a disclosure and a review still need the patient to be in reach."""
    path = f"/access/{access_of(STRANGER)}"
    body = {"patient_id": STRANGER, "grant_id": an_id("grant", 9), "cause": "disaster", "words": "Fire."}
    problem(house.post("front_desk", f"{path}/open-break-glass", body), 403, "not-permitted")
    told = {"patient_id": STRANGER, "disclosure_id": an_id("disclosure"), "made_on": on(), "recipient": "A court",
            "information": ["summary"], "purpose": "legal", "basis": "required_by_law"}  # fmt: skip
    problem(house.post("front_desk", f"{path}/record-disclosure", told), 404, "not-found")
    judged = {"patient_id": STRANGER, "grant_id": GRANT, "justified": True, "words": "Yes."}
    problem(house.post("privacy_officer", f"{path}/review-break-glass", judged), 404, "not-found")
    elsewhere = an_id("program", 3)
    problem(house.post("clinician", f"{path}/open-break-glass", body | {"program_id": elsewhere}), 404, "not-found")


def test_what_cannot_be_recorded_is_not_shown_through_a_glass(own_house: House, clinic_url: str) -> None:
    """The access log takes no entry: 503, and no name."""
    open_glass(own_house)
    with psycopg.connect(clinic_url, autocommit=True) as owner:
        owner.execute("REVOKE INSERT ON iop.access_log FROM iop_query")
        owner.execute("REVOKE INSERT (actor, role) ON iop.access_log FROM iop_query")
    response = own_house.get("clinician", ALONE.format(STRANGER))
    problem(response, 503, "read-not-recorded")
    assert FAMILY not in response.text

