"""What the tests of the command line share: a store to name, and commands run in this process."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from iop_es import wiring
from iop_es.cli import app
from iop_es.settings import Settings
from iop_es.wiring import opened
from tests.conftest import create_database
from tests.lines import PROGRAM, an_id, line, program, text

Run = Callable[..., Result]


def told(run: Run, *words: object) -> Any:
    """The JSON that a command prints, which succeeds and says nothing beside it."""
    done = run(*words, "--json")
    assert (done.exit_code, done.stderr) == (0, "")
    return json.loads(done.stdout)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Runs `iop-es` with these words, in a project folder of its own."""
    monkeypatch.setenv("IOP_ES_PROJECT", str(tmp_path))
    monkeypatch.setenv("IOP_ES_TEMPORARY", "true")
    for name in (
        "DATABASE_URL", "QUERY_URL", "MIGRATE_URL", "SCHEMA", "ISSUER", "JWKS_URL", "PORT", "METRICS_PORT", "ROOT_KEY",
        "MASTER_KEYS",
    ):  # fmt: skip
        monkeypatch.delenv(f"IOP_ES_{name}", raising=False)
    return lambda *words, **more: CliRunner().invoke(app, [str(word) for word in words], **more)


@pytest.fixture(scope="session")
def migrated_store(postgres_url: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a database with a log and a place for every read model."""
    url = create_database(postgres_url, "template_migrated", template)
    wiring.migrated(Settings(database_url=url, project=tmp_path_factory.mktemp("migrated")))
    return "template_migrated"


@pytest.fixture(scope="session")
def migrated_simulation(
    postgres_url: str, simulation_template: str, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """The same for a simulation."""
    url = create_database(postgres_url, "template_simulated", simulation_template)
    wiring.migrated(Settings(database_url=url, project=tmp_path_factory.mktemp("simulated")), simulation=True)
    return "template_simulated"


@pytest.fixture
def store(
    run: Run, new_database: Callable[[str | None], str], migrated_store: str, monkeypatch: pytest.MonkeyPatch
) -> str:
    """The URL of a migrated store, named by the environment."""
    url = new_database(migrated_store)
    monkeypatch.setenv("IOP_ES_DATABASE_URL", url)
    return url


@pytest.fixture
def simulation(
    run: Run, new_database: Callable[[str | None], str], migrated_simulation: str, monkeypatch: pytest.MonkeyPatch
) -> str:
    """The URL of a migrated simulation, named by the environment."""
    url = new_database(migrated_simulation)
    monkeypatch.setenv("IOP_ES_DATABASE_URL", url)
    return url


def one_sentence(result: Result, code: int) -> str:
    """What was said on standard error: one line, with this exit code and nothing on standard output."""
    assert (result.exit_code, result.stdout) == (code, "")
    assert result.stderr.count("\n") == 1, result.stderr
    return result.stderr.strip()


def on_record(run: Run, *people: str, role: str = "biller", **more: Any) -> None:
    """Puts people on record: each says in this role that the program is enrolled with a payer."""
    enrolled = [
        line(
            "program.record_payer_enrollment",
            {"program_id": PROGRAM, "payer_id": an_id("payer of", person), "effective_from": "2026-03-02"},
            actor={"id": person, "role": role}, **more,
        )
        for person in people
    ]  # fmt: skip
    done = run("load", "-", input=text(program(**more), *enrolled))
    assert done.exit_code == 0, done.stderr
    with opened(Settings()) as house:
        house.project()
