"""Rows change under a new version only: what every read model makes of the stored history is what is stored of it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from aggregates.kit import FACTS
from iop_es.engine.connections import Pool, open_pool
from iop_es.engine.log import Log
from iop_es.engine.readmodel.model import ReadModel
from iop_es.wiring import MODELS
from projections.audit import model as audit
from projections.audit.phrases import KINDS
from projections.billing.reasons import REASONS
from tests.conftest import SCHEMA, create_database
from tests.projections.reference import rows
from tests.projections.reference.__main__ import keep, simulation
from tests.projections.reference.history import HISTORY, history, load, pairs
from tests.projections.story import asking, project, rebuild

BATCH = 300
ROOT = Path(__file__).parents[3]


@dataclass(frozen=True, slots=True)
class Kept:
    """A store that holds the history and no rows yet."""

    log: Log
    projector: Pool


@pytest.fixture(scope="module")
def appended(postgres_url: str, simulation_template: str) -> str:
    """The name of a database with the history, appended once."""
    url = create_database(postgres_url, "reference", simulation_template)
    with open_pool(url, SCHEMA, "iop_api", 4) as pool:
        load(Log(pool, SCHEMA))
    return "reference"


@pytest.fixture
def kept(new_database: Callable[[str | None], str], appended: str) -> Iterator[Kept]:
    """A copy of it, in which no other test has projected anything."""
    url = new_database(appended)
    with open_pool(url, SCHEMA, "iop_api", 4) as pool, open_pool(url, SCHEMA, "iop_projector", 4) as projector:
        yield Kept(Log(pool, SCHEMA), projector)


def test_the_history_comes_out_as_it_went_in(kept: Kept) -> None:
    """Positions, streams, versions, bytes, stamps and patients in a store are those of the file."""
    assert tuple(kept.log.after(0, 1_000_000, with_sealed=True)) == history()


def test_the_history_is_small_and_has_everything_in_it() -> None:
    """A few thousand facts in a file that a clone does not feel, of every name but those that came later."""
    assert 800 <= len(history()) <= 3_500
    assert HISTORY.stat().st_size < 600_000
    missing = FACTS.keys() - {fact.name for fact in history()}
    assert len(missing) <= 0.1 * len(FACTS)
    assert max(len(list(pairs(fact))) for fact in history()) > 1


def test_every_table_of_every_read_model_has_rows() -> None:
    """What is empty guards nothing."""
    stored = rows.stored()
    assert stored.keys() == MODELS.keys()
    empty = [
        (name, table) for name, one in stored.items() for table, digest in one.tables.items()
        if not digest["rows"] and not table.startswith("document")
    ]
    assert empty == []


def test_every_reason_and_every_kind_of_act_is_in_the_rows(kept: Kept) -> None:
    """A rule whose reason no row shows could change unseen."""
    with asking(project(MODELS["billing"], kept.log, kept.projector), kept.projector) as cursor:
        shown = {reason for (reason,) in cursor.execute("SELECT DISTINCT unnest(reasons) FROM patient_day")}
    assert REASONS.keys() - {"parked"} - shown == set()
    with asking(project(MODELS["audit"], kept.log, kept.projector), kept.projector) as cursor:
        assert {kind for (kind,) in cursor.execute("SELECT DISTINCT kind FROM entry")} == set(KINDS)


@pytest.mark.parametrize("model", MODELS.values(), ids=list(MODELS))
def test_rows_change_under_a_new_version_only(kept: Kept, model: ReadModel) -> None:
    """Projected live in batches, and built anew, the rows are those that this version had when it was stored."""
    driver = project(model, kept.log, kept.projector, BATCH)
    live = rows.digests(driver, kept.projector)
    assert rows.complaint(model, live) is None, rows.complaint(model, live)
    rebuild(model, kept.log, kept.projector, BATCH)
    assert rows.digests(driver, kept.projector) == live


def test_other_rows_under_the_same_version_are_told_with_the_way_out(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sentence names the read model, its tables and what to do; under a new version rows may be what they are."""
    monkeypatch.setattr(audit, "sentence", lambda *_: "Something happened.")
    rebuild(MODELS["audit"], kept.log, kept.projector)
    made = rows.digests(project(MODELS["audit"], kept.log, kept.projector), kept.projector)
    told = rows.complaint(MODELS["audit"], made)
    assert told is not None
    assert f"rows of audit changed in entry, and its version is still {MODELS['audit'].version}" in told
    assert "projections/audit/model.py" in told and "python -m tests.projections.reference" in told
    stored = rows.stored()
    later = stored | {"audit": replace(stored["audit"], version=MODELS["audit"].version + 1)}
    monkeypatch.setattr(rows, "stored", lambda: later)
    assert "never go back" in str(rows.complaint(MODELS["audit"], made))
    monkeypatch.setattr(rows, "stored", dict)
    none_stored = f"No rows are stored of audit version {MODELS['audit'].version}"
    assert none_stored in str(rows.complaint(MODELS["audit"], made))


@pytest.mark.slow
def test_the_command_refuses_other_rows_until_the_version_is_raised(
    empty_database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is stored stays as it is; with a new version the new rows are stored beside those that did not change."""
    stored = tmp_path / "rows.json"
    shutil.copy(rows.ROWS, stored)
    monkeypatch.setattr(rows, "ROWS", stored)
    monkeypatch.setattr(audit, "sentence", lambda *_: "Something happened.")
    before = rows.stored()
    with simulation(empty_database_url, "refused") as house:
        assert keep(house) == 1
    assert "rows of audit changed in entry" in capsys.readouterr().err
    assert rows.stored() == before
    raised = MODELS["audit"].version + 1
    monkeypatch.setattr(type(MODELS["audit"]), "version", raised)
    with simulation(empty_database_url, "raised") as house:
        assert keep(house) == 0
    after = rows.stored()
    assert {name for name in after if after[name] != before[name]} == {"audit"}
    assert after["audit"].version == raised


@pytest.mark.slow
def test_the_command_stores_the_same_again() -> None:
    """In another process, with another order of hashes, the rows are the same to the byte."""
    before = rows.ROWS.read_bytes()
    command = [sys.executable, "-m", "tests.projections.reference"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert rows.ROWS.read_bytes() == before
