"""What the tests of the command line share: a store to name, and commands run in this process."""

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from iop_es.cli import app

Run = Callable[..., Result]


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


@pytest.fixture
def store(run: Run, database_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The URL of a migrated store, named by the environment."""
    monkeypatch.setenv("IOP_ES_DATABASE_URL", database_url)
    assert run("migrate").exit_code == 0
    return database_url


@pytest.fixture
def simulation(run: Run, simulation_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The URL of a migrated simulation, named by the environment."""
    monkeypatch.setenv("IOP_ES_DATABASE_URL", simulation_url)
    assert run("migrate", "--simulation").exit_code == 0
    return simulation_url


def one_sentence(result: Result, code: int) -> str:
    """What was said on standard error: one line, with this exit code and nothing on standard output."""
    assert (result.exit_code, result.stdout) == (code, "")
    assert result.stderr.count("\n") == 1, result.stderr
    return result.stderr.strip()
