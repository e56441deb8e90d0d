"""Self-pay charges over HTTP: what billing decided of the days, and nothing that anybody says of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from aggregates.account.streams import account_of
from aggregates.codec import decode
from iop_es.load.example import example_line
from tests.api.clinic import on, take_in
from tests.api.house import ELSEWHERE, PROGRAM, House, an_id, lagging
from tests.api.house import opened as house_over
from tests.api.test_as_of import PATIENT, STAYED, a_day, correct
from tests.api.test_problems import problem

CAME, OTHER = on(-1), an_id("patient", 14)
PRICE = 15_000
YESTERDAY = {"from_date": CAME, "through_date": CAME}


@pytest.fixture(scope="module")
def office(postgres_url: str, open_store: str, keys: Any) -> Iterator[House]:
    """A clinic in which two patients came yesterday; one of them pays 150 dollars a day, and was written about."""
    with psycopg.connect(postgres_url, autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE charges_office TEMPLATE {}").format(sql.Identifier(open_store)))
    with house_over(make_conninfo(postgres_url, dbname="charges_office"), keys) as house:
        take_in(house, 14)
        a_day(house)
        house.done("biller", f"/accounts/{account_of(PATIENT)}/set-patient-agreement", {
            "patient_id": PATIENT, "program_id": PROGRAM, "agreement_id": an_id("agreement"), "kind": "self_pay",
            "effective_from": on(-10), "day_cents": PRICE,
        })  # fmt: skip
        house.project()
        yield house


def charged(house: House, **wanted: Any) -> Any:
    """What the biller is answered, by read models that know everything."""
    house.project()
    return house.done("biller", "/accounts/charge-self-pay", wanted)


def refused(house: House, **wanted: Any) -> Any:
    """The same of a day that cannot be charged."""
    house.project()
    return house.post("biller", "/accounts/charge-self-pay", wanted)


def test_no_token_says_what_a_patient_owes_of_a_day(office: House) -> None:
    """There is no address for a charge's amounts: a day that nobody attended, or another price, cannot be sent."""
    said = json.loads(example_line("account.post_self_pay_charge"))["data"]
    operations = {
        one["operationId"] for methods in office.client.ask("GET", "/v1/openapi.json").json()["paths"].values()
        for one in methods.values()
    }  # fmt: skip
    assert "account.post_self_pay_charge" not in operations
    account = said.pop("account_id")
    assert office.post("biller", f"/accounts/{account}/post-self-pay-charge", said).status_code in {404, 405}
    problem(office.post("biller", "/accounts/charge-self-pay", said), 422, "invalid")
    problem(office.post("biller", "/accounts/charge-self-pay", {"owed_cents": PRICE}), 422, "invalid")
    assert office.log.by_topics(["account.self_pay_charge_posted"]) == []


@pytest.mark.parametrize("role", ["clinician", "utilization_reviewer", "director", "auditor", "front_desk"])
def test_only_a_biller_charges_patients(office: House, role: str) -> None:
    """And who tried it is on record."""
    asked = office.post(role, "/accounts/charge-self-pay", {})
    problem(asked, 403, "not-permitted")
    found = office.recorded_reads(
        "SELECT outcome, resource FROM access_log WHERE request = %s", asked.headers["x-request-id"]
    )
    assert found == [("not permitted", "account.charge_self_pay")]


def test_what_is_out_of_reach_is_told_like_what_does_not_exist(office: House) -> None:
    """Another program's days, and another program's patient."""
    for name, theirs, nobodys in (
        ("program_id", ELSEWHERE, an_id("program", 77)), ("patient_id", an_id("patient", 99), an_id("patient", 77)),
    ):
        told = [problem(refused(office, **{name: one}), 404, "not-found")["detail"] for one in (theirs, nobodys)]
        assert told[0] == told[1]


def test_a_day_that_nobody_attended_is_charged_to_nobody(office: House) -> None:
    """Named by itself it is refused with what to do, agreement or not; so is a day that is not the patient's to pay."""
    before = {"from_date": on(-2), "through_date": on(-2)}
    detail = problem(refused(office, patient_id=PATIENT, **before), 409, "day-not-decided")["detail"]
    assert "Record the attendance" in detail and on(-2) in detail
    detail = problem(refused(office, patient_id=OTHER, **YESTERDAY), 409, "day-not-the-patients")["detail"]
    assert "waiting" in detail and "have the agreement" in detail
    assert charged(office, **before)["days"] == []
    assert office.log.by_topics(["account.self_pay_charge_posted"]) == []


def test_a_charge_is_what_billing_decided_of_its_day_and_is_taken_back_when_nobody_came(office: House) -> None:
    """Shown first and recorded then, once, as of the position at which the day was decided; corrected to an absence
    afterwards, it is on the list and is taken back, and the day is no patient's to pay."""
    shown = charged(office, dry_run=True)
    assert [(one["day"]["action"], one["facts"]) for one in shown["days"]] == [("post", [])]
    made = charged(office, patient_id=PATIENT, program_id=PROGRAM, **YESTERDAY)
    (day,) = made["days"]
    assert (day["facts"], day["refused"], made["more"]) == (["account.self_pay_charge_posted"], None, 0)
    (stored,) = office.log.by_topics(["account.self_pay_charge_posted"])
    fact = decode(stored.topic, stored.state)
    assert (stored.actor, fact.patient_id, fact.service_date) == (office.person("biller"), PATIENT, CAME)
    assert (fact.charge_id, fact.charge_cents, fact.owed_cents, fact.decided_at) == (
        day["posted_charge_id"], PRICE, PRICE, made["decided_at"],
    )  # fmt: skip
    assert charged(office, patient_id=PATIENT, **YESTERDAY)["days"] == []  # it says so already
    correct(office, "absent")
    assert [one["action"] for one in office.found("biller", "/billing/self-pay")] == ["take_back"]
    (back,) = charged(office)["days"]
    assert (back["facts"], back["posted_charge_id"]) == (["account.self_pay_charge_reversed"], None)
    assert office.found("biller", "/billing/self-pay") == []
    problem(refused(office, patient_id=PATIENT, **YESTERDAY), 409, "day-not-the-patients")


def test_no_day_is_charged_as_it_was_before_a_correction(office: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A day that is the patient's is corrected, and no read model has seen it: nothing is charged until one has."""
    correct(office, "present", intervals=STAYED)
    assert [one["day"]["action"] for one in charged(office, dry_run=True)["days"]] == ["post"]
    correct(office, "absent")
    before = office.log.head().position
    with lagging(monkeypatch):
        problem(office.post("biller", "/accounts/charge-self-pay", {}), 503, "not-projected-yet")
    made = office.done("biller", "/accounts/charge-self-pay", {})
    assert (made["days"], made["decided_at"], office.log.head().position) == ([], before, before)
