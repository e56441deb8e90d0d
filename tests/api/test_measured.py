"""What a machine asks of the house, without a token: is it alive, is it ready, how much does it do."""

from __future__ import annotations

import psycopg
import pytest
from prometheus_client.parser import text_string_to_metric_families
from structlog.testing import capture_logs

from aggregates.access.streams import access_of
from iop_es.logs import quiet_logs
from iop_es.wiring import MODELS
from tests.api.clinic import STRANGER
from tests.api.house import ELSEWHERE, PROGRAM, House, an_id
from tests.api.test_break_glass import GRANT
from tests.api.test_problems import problem

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


@pytest.fixture
def counting() -> None:
    """Logging as a process sets it up."""
    quiet_logs("warning")


def scrape(house: House) -> Samples:
    """Every sample by its name and labels."""
    answer = house.client.ask("GET", "/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    return {
        (one.name, frozenset(one.labels.items())): one.value
        for family in text_string_to_metric_families(answer.text) for one in family.samples
    }


def more(before: Samples, after: Samples, name: str, **labels: str) -> float:
    """How much a series has grown."""
    key = (name, frozenset(labels.items()))
    return after[key] - before.get(key, 0.0)


@pytest.mark.usefixtures("counting")
def test_a_scrape_says_how_the_store_stands_and_what_was_done(own_house: House) -> None:
    """Gauges are those of the database now; an order, its append and its request are counted once."""
    own_house.project()
    before = scrape(own_house)
    told = own_house.done("front_desk", "/patients", {
        "identity": {"family_name": "A", "given_name": "B", "birth_date": "1990-01-01", "sex": "unknown"}
    })  # fmt: skip
    after = scrape(own_house)
    assert after[("iop_es_database_up", frozenset())] == 1
    assert after[("iop_es_log_position", frozenset())] == told["position"]
    for name, model in MODELS.items():
        labels = frozenset({("model", name)})
        standing = [after[(f"iop_es_read_model_{one}", labels)] for one in ("built", "version", "facts_behind")]
        assert standing == [1, model.version, 1]
        assert after[("iop_es_read_model_seconds_behind", labels)] > 0
    assert more(before, after, "iop_es_orders_recorded_total") == 1
    assert more(before, after, "iop_es_facts_appended_total") == len(told["facts"])
    assert more(before, after, "iop_es_append_seconds_count") == 1
    asked = {"route": "/v1/patients", "method": "POST", "status": "201"}
    assert more(before, after, "iop_es_request_seconds_count", **asked) == 1


@pytest.mark.usefixtures("counting")
def test_a_replayed_order_is_not_recorded_again(own_house: House) -> None:
    """A key that comes a second time is a request, but no append."""
    body = {"identity": {"family_name": "A", "given_name": "B", "birth_date": "1990-01-01", "sex": "unknown"}}
    own_house.done("front_desk", "/patients", body, idempotency_key="one")
    before = scrape(own_house)
    assert own_house.done("front_desk", "/patients", body, idempotency_key="one")["replayed"] is True
    after = scrape(own_house)
    assert more(before, after, "iop_es_orders_recorded_total") == 0
    assert more(before, after, "iop_es_facts_appended_total") == 0


@pytest.mark.usefixtures("counting")
def test_a_batch_is_counted_once_it_is_committed(own_house: House) -> None:
    """Each read model took the one new fact in, in one batch."""
    own_house.project()
    own_house.done("front_desk", "/patients", {
        "identity": {"family_name": "A", "given_name": "B", "birth_date": "1990-01-01", "sex": "unknown"}
    })  # fmt: skip
    before = scrape(own_house)
    own_house.project()
    after = scrape(own_house)
    for name in MODELS:
        assert more(before, after, "iop_es_facts_projected_total", model=name) == 1
        assert more(before, after, "iop_es_batch_seconds_count", model=name) == 1
        assert after[("iop_es_read_model_facts_behind", frozenset({("model", name)}))] == 0


def test_a_broken_glass_is_told_by_its_grant_and_counted_until_it_is_judged(own_house: House) -> None:
    """One line with the grant alone, and none for the same order again; the gauge is the database's."""
    with capture_logs() as said:
        for _ in range(2):
            own_house.done("clinician", f"/access/{access_of(STRANGER)}/open-break-glass", {
                "patient_id": STRANGER, "grant_id": GRANT, "cause": "crisis_call", "words": "Calls from a bridge.",
            }, idempotency_key="glass")  # fmt: skip
    assert [one for one in said if one["event"] == "glass_broken"] == [
        {"event": "glass_broken", "log_level": "warning", "grant": GRANT}
    ]
    assert scrape(own_house)[("iop_es_break_glass_unreviewed", frozenset())] == 1
    own_house.done("privacy_officer", f"/access/{access_of(STRANGER)}/review-break-glass", {
        "patient_id": STRANGER, "grant_id": GRANT, "justified": True, "words": "Right.",
    }, programs=(PROGRAM, ELSEWHERE))  # fmt: skip
    assert scrape(own_house)[("iop_es_break_glass_unreviewed", frozenset())] == 0


@pytest.mark.usefixtures("counting")
def test_no_id_stands_in_a_scrape(own_house: House) -> None:
    """A path with ids in it is counted by its template, known or not."""
    known, unknown = an_id("patient"), an_id("nobody")
    own_house.get("clinician", f"/patients/{known}/summary")
    own_house.get("clinician", f"/patients/{unknown}/summary")
    own_house.client.ask("GET", f"/v1/patients/{known}/summary")
    own_house.client.ask("GET", f"/{known}")
    text = own_house.client.ask("GET", "/metrics").text
    assert known not in text and unknown not in text
    assert 'route="/v1/patients/{patient_id}/summary"' in text
    assert 'route="none",status="401"' in text and 'route="none",status="404"' in text


def test_a_scrape_takes_no_parameter_and_is_not_part_of_the_description(own_house: House) -> None:
    """It is an address for machines of the house, not for clients of the API."""
    problem(own_house.client.ask("GET", "/metrics?name=x"), 422, "invalid")
    paths = own_house.client.ask("GET", "/v1/openapi.json").json()["paths"]
    assert "/metrics" not in paths and {"/health", "/health/ready"} <= paths.keys()


def test_ready_is_a_problem_until_every_read_model_is_built(own_house: House, clinic_url: str) -> None:
    """A read model of another version is none of this release's: the process lives, and says what it waits for."""
    assert own_house.client.ask("GET", "/health/ready").json()["ready"] is True
    with psycopg.connect(clinic_url, autocommit=True) as server:
        server.execute("UPDATE iop.read_model SET version = 99 WHERE name = 'billing'")
    told = problem(own_house.client.ask("GET", "/health/ready"), 503, "not-projected-yet")
    assert "billing" in told["detail"] and "iop-es rebuild" in told["detail"]
    alive = own_house.client.ask("GET", "/health")
    assert (alive.status_code, alive.json()["database"], alive.json()["ready"]) == (200, "up", False)
    found = scrape(own_house)
    assert found[("iop_es_read_model_built", frozenset({("model", "billing")}))] == 0
    assert ("iop_es_read_model_position", frozenset({("model", "billing")})) not in found
