"""The server as a process: it serves, outlives a database that goes away, and stops when it is told to."""

import os
import signal
import socket
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from psycopg import sql

from iop_es.engine.embedded import status
from iop_es.serving import bound
from tests.cli.conftest import Run
from tests.cli.process import Process, environment, iop_es, opening, running, until
from tests.lines import OCCURRED_AT, PROGRAM, patient, program, text

pytestmark = pytest.mark.slow


TOKEN = ("token", "--role", "director", "--program", PROGRAM)


def client(process: Process, token: Callable[[], str]) -> httpx.Client:
    """A client of the API, with a token made once a process serves it."""
    address = process.says(r"Serving (http://\S+)/v1")[1]
    return httpx.Client(base_url=address, headers={"Authorization": f"Bearer {token().strip()}"}, timeout=30)


def data(code: str) -> dict[str, Any]:
    """What opens a program with this code."""
    return dict(program()["data"]) | {"code": code}


def allow_connections(url: str, allowed: bool) -> None:
    """Lets connections to a database in again, or ends them all and lets none in."""
    name = str(psycopg.conninfo.conninfo_to_dict(url)["dbname"])
    with psycopg.connect(url.replace(f"dbname={name}", "dbname=postgres"), autocommit=True) as server:
        words = sql.SQL("ALTER DATABASE {} WITH ALLOW_CONNECTIONS {}")
        server.execute(words.format(sql.Identifier(name), sql.Literal(allowed)))
        if not allowed:
            server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])


def test_a_database_that_goes_away_is_a_503_and_comes_back_without_a_restart(
    run: Run, simulation: str, tmp_path: Path
) -> None:
    """While it is away requests are told to come again; then commands and read models go on, each in its process."""
    settings = environment(tmp_path, simulation)
    # An empty simulation has no clock yet.
    assert run("load", "-", input=text(patient(1, recorded_at=OCCURRED_AT))).exit_code == 0
    with (
        running(settings, "project") as projector,
        running(settings, "serve", "--no-project", "--port", "0") as server,
        client(server, lambda: run(*TOKEN).stdout) as api,
    ):
        projector.says("Projecting")
        first = opening(data("north"), api, "one")
        assert first.status_code == 201, first.text
        assert first.json()["projected"] is True
        allow_connections(simulation, False)
        away = opening(data("north"), api, "one")
        assert (away.status_code, away.headers["Retry-After"]) == (503, "2")
        allow_connections(simulation, True)
        back = until(lambda: (answer := opening(data("north"), api, "one")).status_code == 201 and answer)
        assert back.json() | {"replayed": False} == first.json()
        changed = {"effective_from": "2026-03-02", "weekdays": [1], "daily_minutes": 180, "shortfall_reason": "pilot"}
        path = f"/v1/programs/{PROGRAM}/adopt-schedule"
        assert api.post(path, json=changed, headers={"Prefer": "wait=10"}).json()["projected"] is True
        assert (server.stop(), projector.stop()) == (0, 0)
        assert "projection_failed" in projector.said.read_text()
        assert "Traceback" not in server.said.read_text() + projector.said.read_text()


def test_an_embedded_database_that_is_killed_is_started_again() -> None:
    """Served for the first time it is made ready; killed, it comes back, and nothing that was answered is lost."""
    with tempfile.TemporaryDirectory(prefix="iop-project-") as folder:
        project = Path(folder)
        project.chmod(0o755)  # the server's user must pass through
        settings = environment(project)
        with (
            running(settings, "serve", "--port", "0") as server,
            client(server, lambda: iop_es(settings, *TOKEN)) as api,
        ):
            assert opening(data("north"), api, "one").json()["projected"] is True
            os.kill(int(status(project)["pid"]), signal.SIGKILL)
            answers: list[int] = []

            def served() -> bool:
                answers.append(opening(data("north"), api, "one").status_code)
                return answers[-1] == 201

            assert until(served) and set(answers) <= {201, 503}
            assert until(lambda: api.get("/health").status_code == 200)
            assert server.stop() == 0
            assert "Traceback" not in server.said.read_text()
        assert until(lambda: not status(project)["running"])

def test_an_answer_does_not_wait_for_an_acknowledgement() -> None:
    """Every connection taken sends its packets at once: on a kept one an answer would wait 40 ms otherwise."""
    with bound("127.0.0.1", 0) as listening, socket.create_connection(listening.getsockname()):
        taken, _ = listening.accept()
        with taken:
            assert taken.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
