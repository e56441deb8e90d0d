"""The database goes away while serving, and comes back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from time import monotonic, sleep

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from api.problems import AWAY
from iop_es.engine import connections
from tests.api.house import House, an_id
from tests.api.test_problems import problem


def test_away_and_back(own_house: House, clinic_url: str, postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """While it is away everything is a 503 problem with Retry-After, but the process says that it lives; afterwards all
    goes on without a restart."""
    monkeypatch.setattr(connections, "WAITS", (0.0, 0.1))
    own_house.pool.timeout = 0.5
    name = sql.Identifier(str(conninfo_to_dict(clinic_url)["dbname"]))
    voice = own_house.voice("clinician")
    registering = {"identity": {"family_name": "A", "given_name": "B", "birth_date": "1990-01-01", "sex": "unknown"}}
    asked = [
        ("GET", "/v1/caseload/patients", {}), ("GET", f"/v1/streams/{an_id('patient')}", {}),
        ("GET", "/health/ready", {}), ("POST", "/v1/patients", {"json": registering}),
    ]  # fmt: skip
    with psycopg.connect(postgres_url, autocommit=True) as server:
        server.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(name))
        server.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name.as_string().strip('"'),)
        )
        for method, path, more in asked:
            response = own_house.client.ask(method, path, headers=voice, **more)
            found = problem(response, 503, "store-unavailable")
            assert response.headers["retry-after"].isdecimal()
            assert found["detail"] == AWAY
        alive = own_house.client.ask("GET", "/health")
        assert (alive.status_code, alive.json()["database"], alive.json()["ready"]) == (200, "away", False)
        measured = own_house.client.ask("GET", "/metrics")
        assert (measured.status_code, "iop_es_database_up 0.0\n" in measured.text) == (200, True)
        assert "iop_es_log_position" not in measured.text and "iop_es_append_seconds_count" in measured.text
        server.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(name))
    until = monotonic() + 20
    while own_house.client.ask("GET", "/health/ready").status_code != 200 and monotonic() < until:
        sleep(0.1)
    for method, path, more in asked:
        response = own_house.client.ask(method, path, headers=voice, **more)
        assert response.status_code in {200, 201}, (path, response.text)


def test_who_waits_for_lagging_read_models_keeps_nobody_else_waiting(own_house: House) -> None:
    """While no projector runs, more callers than the server has threads wait out their time, and a question that does
    not wait is answered before the first of them."""
    state = own_house.client.app.state
    state.services = replace(state.services, drivers=())
    who = {"given_name": "B", "birth_date": "1990-01-01", "sex": "unknown"}
    with ThreadPoolExecutor(45) as callers:
        waiting = [
            callers.submit(
                own_house.post, "front_desk", "/patients", {"identity": {"family_name": f"A{number}", **who}},
                Prefer="wait=4",
            )
            for number in range(45)
        ]  # fmt: skip
        sleep(1)
        assert own_house.get("clinician", "/caseload/patients", project=False).status_code == 200
        assert not any(one.done() for one in waiting)
        assert {one.result().json()["projected"] for one in waiting} == {False}
