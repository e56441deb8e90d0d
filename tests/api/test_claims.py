"""Claims over HTTP: what billing decided of the days, and nothing that anybody says of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from aggregates.codec import decode
from iop_es.load.example import example_line
from tests.api.clinic import CHARGE, PAYER, at, morning, on, take_in
from tests.api.house import ELSEWHERE, PROGRAM, House, an_id, lagging
from tests.api.house import opened as house_over
from tests.api.test_as_of import PATIENT, SESSION, STAYED, a_day, correct, verify_terms
from tests.api.test_problems import problem

WAITING = an_id("patient", 14)
DUE = {"from_date": on(-1), "through_date": on(-1)}


@pytest.fixture(scope="module")
def office(postgres_url: str, open_store: str, keys: Any) -> Iterator[House]:
    """A clinic in which two patients came yesterday, and of one the document is signed."""
    with psycopg.connect(postgres_url, autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE claims_office TEMPLATE {}").format(sql.Identifier(open_store)))
    with house_over(make_conninfo(postgres_url, dbname="claims_office"), keys) as house:
        take_in(house, 14)
        a_day(house)
        house.project()
        yield house


def prepared(house: House, **wanted: Any) -> Any:
    """What the biller is answered, by read models that know everything."""
    house.project()
    return house.done("biller", "/claims/prepare", DUE | wanted)


def test_no_token_says_what_a_claim_bills(office: House) -> None:
    """There is no address for a claim's lines: a day that nobody attended, another charge or code cannot be sent."""
    lines, before = json.loads(example_line("claim.prepare"))["data"], office.log.by_topics(["claim.prepared"])
    operations = {
        one["operationId"] for methods in office.client.ask("GET", "/v1/openapi.json").json()["paths"].values()
        for one in methods.values()
    }  # fmt: skip
    assert "claim.prepare" not in operations
    assert office.post("biller", "/claims", lines).status_code in {404, 405}
    problem(office.post("biller", "/claims/prepare", lines), 422, "invalid")
    problem(office.post("biller", "/claims/prepare", {"lines": lines["lines"]}), 422, "invalid")
    assert office.log.by_topics(["claim.prepared"]) == before


@pytest.mark.parametrize("role", ["clinician", "utilization_reviewer", "director", "auditor", "front_desk"])
def test_only_a_biller_prepares_and_corrects_claims(office: House, role: str) -> None:
    """And who tried it is on record."""
    for path, name in (("/claims/prepare", "claim.prepare_due"), (f"/claims/{an_id('none')}/correct", "claim.correct")):
        asked = office.post(role, path)
        problem(asked, 403, "not-permitted")
        found = office.recorded_reads(
            "SELECT outcome FROM access_log WHERE request = %s AND resource = %s", asked.headers["x-request-id"], name
        )
        assert found == [("not permitted",)]


def test_what_is_out_of_reach_is_told_like_what_does_not_exist(office: House) -> None:
    """Another program's days, and a claim that nobody prepared."""
    theirs = office.post("biller", "/claims/prepare", {"program_id": ELSEWHERE})
    nobodys = office.post("biller", "/claims/prepare", {"program_id": an_id("program", 77)})
    assert problem(theirs, 404, "not-found")["detail"] == problem(nobodys, 404, "not-found")["detail"]
    problem(office.post("biller", f"/claims/{an_id('none')}/correct"), 404, "not-found")


def test_a_claim_is_what_billing_decided_of_its_days(office: House) -> None:
    """Shown first and recorded then, once: the day that was decided billable with its codes, units and charge, as of
    the position at which it was; not the one that waits for its document. Terms that nobody verified bill nothing."""
    (found,) = office.found("biller", f"/patients/{PATIENT}/days/{on(-1)}")
    day = found["day"]
    states = {one["patient_id"]: one["state"] for one in office.found("biller", "/billing/days")}
    assert states == {PATIENT: "billable", WAITING: "waiting"}
    shown = prepared(office, dry_run=True)
    assert [one["patient_id"] for one in shown["claims"]] == [PATIENT]
    (refused,) = prepared(office)["claims"]
    assert (refused["refused"]["type"].rpartition(":")[2], refused["facts"]) == ("policy-unverified", [])
    verify_terms(office)
    assert office.log.by_topics(["claim.prepared"]) == []
    made = prepared(office, payer_id=PAYER, program_id=PROGRAM)
    (claim,) = made["claims"]
    assert (claim["facts"], claim["refused"], made["more"]) == (["claim.prepared"], None, 0)
    (stored,) = office.log.by_topics(["claim.prepared"])
    told = decode(stored.topic, stored.state)
    assert (stored.stream, stored.actor, told.decided_at) == (
        claim["claim_id"], office.person("biller"), made["decided_at"],
    )  # fmt: skip
    (line,) = told.lines
    assert (line.service_date, line.charge_cents, line.charge_cents) == (on(-1), CHARGE, day["cents"])
    assert (line.procedure_code, line.revenue_code, line.units, list(line.authorization_units)) == (
        day["procedure_code"], day["revenue_code"], day["units"], day["authorization_units"],
    )  # fmt: skip
    assert prepared(office)["claims"] == []
    _corrected(office, claim["claim_id"])


def _corrected(office: House, claim: str) -> None:
    """The claim is right until its day is corrected; it was never sent, so that it is then voided here."""
    right = office.done("biller", f"/claims/{claim}/correct")
    assert (right["correction"], right["facts"]) == (None, [])
    correct(office, "absent")
    office.project()
    shown = office.done("biller", f"/claims/{claim}/correct", {"dry_run": True})
    assert (shown["correction"]["claim_id"], shown["facts"]) == (claim, [])
    assert office.done("biller", f"/claims/{claim}/correct")["facts"] == ["claim.voided"]


def test_no_claim_is_made_of_a_day_as_it_was_before_a_correction(
    office: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A billable day is corrected, and no read model has seen it: whoever asks for claims waits for that, and where it
    takes too long nothing is prepared or corrected; once it is seen, there is nothing to bill."""
    correct(office, "present", intervals=STAYED)
    assert [one["patient_id"] for one in prepared(office, dry_run=True)["claims"]] == [PATIENT]
    correct(office, "absent")
    before = office.log.head().position
    with lagging(monkeypatch):
        for path, wanted in (("prepare", DUE), ("prepare", {"secondary": True}), (f"{an_id('none')}/correct", {})):
            late = office.post("biller", f"/claims/{path}", wanted)
            assert problem(late, 503, "not-projected-yet")["detail"].startswith("The read model has not seen all")
            assert late.headers["Retry-After"]
    made = office.done("biller", "/claims/prepare", DUE)
    assert (made["claims"], made["decided_at"], office.log.head().position) == ([], before, before)


def test_who_led_two_sessions_in_the_same_minutes_is_told_before_the_claim_leaves(office: House) -> None:
    """The day goes on its claim, and beside it stands which sessions share a leader, and for how long; so it does where
    the day is explained, from when it was known."""
    correct(office, "present", intervals=STAYED)
    assert prepared(office, dry_run=True)["beside"] == []
    head = office.log.head().position
    other = morning(office, session=955, patients=range(1, 2), days=-1, start="12:10", end="13:00")
    office.done("clinician", f"/sessions/{other}/take-roster", {"started_at": at("12:10", -1)})
    etag = office.get("clinician", f"/sessions/{other}").headers["ETag"]
    office.done("clinician", f"/sessions/{other}/close", {"ended_at": at("13:00", -1), "everyone_else_stayed": True},
                If_Match=etag)  # fmt: skip
    made = prepared(office, dry_run=True)
    assert [one["patient_id"] for one in made["claims"]] == [PATIENT]
    (found,) = made["beside"]
    assert (found["patient_id"], found["service_date"]) == (PATIENT, on(-1))
    assert f"{an_id('clinician')} led the sessions {SESSION} (group) and {other} (group)" in found["why"]
    assert "in the same 20 minutes" in found["why"]
    known = office.found("clinician", f"/patients/{PATIENT}/days/{on(-1)}")
    assert [one["beside"] for one in known] == [[found["why"]]]
    before = office.found("clinician", f"/patients/{PATIENT}/days/{on(-1)}", as_of=head)
    assert [one["beside"] for one in before] == [[]]
