"""What processes answer to a scrape: the API beside its routes, a projector on a port of its own."""

import re
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from iop_es.cli import readmodels
from iop_es.serving import AddressTaken, metrics_served
from iop_es.settings import Settings
from iop_es.wiring import MODELS, opened
from tests.cli.conftest import Run, one_sentence
from tests.cli.process import environment, running, until
from tests.lines import OCCURRED_AT, patient, text


@pytest.fixture
def port() -> int:
    """A port that is free."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that is not."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield int(listening.getsockname()[1])


def scrape(address: str) -> str:
    """What is measured there."""
    return httpx.get(f"{address}/metrics", timeout=10).text


def answered(address: str) -> str:
    """What is measured there; nothing yet while nobody answers."""
    try:
        return scrape(address)
    except httpx.ConnectError:
        return ""


def value(scraped: str, series: str) -> float:
    """One sample of a scrape; -1 if it is not there."""
    found = re.search(rf"^{re.escape(series)} (\S+)$", scraped, re.MULTILINE)
    return float(found[1]) if found else -1.0


@pytest.mark.slow
def test_each_process_counts_its_own_and_both_see_the_store(
    run: Run, simulation: str, tmp_path: Path, port: int
) -> None:
    """The projector counts batches, the API requests, though only errors are written; the gauges are the same."""
    quiet = environment(tmp_path, simulation) | {"IOP_ES_LOG_LEVEL": "error"}
    with (
        running(quiet | {"IOP_ES_METRICS_PORT": str(port)}, "project") as projector,
        running(quiet, "serve", "--no-project", "--port", "0") as server,
    ):
        projector.says("Projecting")
        api = str(server.says(r"Serving (http://\S+)/v1")[1])
        lines = (patient(number, recorded_at=OCCURRED_AT) for number in range(1, 4))
        assert run("load", "-", input=text(*lines)).exit_code == 0
        projects = f"http://127.0.0.1:{port}"
        for name in MODELS:
            taken_in = f'iop_es_facts_projected_total{{model="{name}"}}'
            assert until(lambda series=taken_in: value(answered(projects), series) == 3), name  # type: ignore[misc]
            assert value(scrape(api), taken_in) == 0
        for scraped in (scrape(projects), scrape(api)):
            assert value(scraped, "iop_es_log_position") == 3
            assert value(scraped, 'iop_es_read_model_facts_behind{model="billing"}') == 0
            assert value(scraped, 'iop_es_read_model_lease_held{model="billing"}') == 1
            assert value(scraped, "process_start_time_seconds") > 0
        asked = 'iop_es_request_seconds_count{method="GET",route="/metrics",status="200"}'
        assert value(scrape(api), asked) >= 1
        assert value(scrape(projects), asked) == -1
        assert (server.stop(), projector.stop()) == (0, 0)
        assert "batch_projected" not in projector.said.read_text()


def test_a_metrics_port_that_is_taken_is_told_with_the_way_out(
    run: Run, store: str, monkeypatch: pytest.MonkeyPatch, taken: int
) -> None:
    """Exit code 2 and one sentence; nothing is projected by a process that nobody can watch as they meant to."""
    monkeypatch.setenv("IOP_ES_METRICS_PORT", str(taken))
    told = one_sentence(run("project"), 2)
    assert f"port {taken}" in told and "IOP_ES_METRICS_PORT" in told
    with opened(Settings()) as house, pytest.raises(AddressTaken), metrics_served(house):
        pass


def test_without_a_port_nothing_listens(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The metrics server of a projector is asked for, never there by itself."""
    monkeypatch.setattr("iop_es.serving.start_http_server", lambda *_, **__: pytest.fail("it listens"))
    with opened(Settings()) as house, readmodels.metrics_served(house):
        assert house.settings.metrics_port is None


def test_the_port_is_free_again_afterwards(store: str, monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    """Leaving ends the server and its thread."""
    monkeypatch.setenv("IOP_ES_METRICS_PORT", str(port))
    with opened(Settings()) as house:
        for _ in range(2):
            with metrics_served(house):
                assert "iop_es_database_up 1.0" in scrape(f"http://127.0.0.1:{port}")
