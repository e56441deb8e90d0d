"""`iop-es changes` and `iop-es trail`: the trail in words and as a file, each on record as a read."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import psycopg
import pytest

from tests.cli.conftest import Run, one_sentence
from tests.lines import an_id, episode, patient, program, text

PATIENT = an_id("patient", 1)


@pytest.fixture
def loaded(run: Run, store: str) -> str:
    """Two patients, one of them referred."""
    assert run("load", "-", input=text(program(), patient(1), patient(2), episode(1))).exit_code == 0
    assert run("project", "--once").exit_code == 0
    return store


def test_what_came_between_two_moments_in_words_and_as_data(run: Run, loaded: str) -> None:
    """From the start and after a position; the same as data."""
    shown = run("changes", PATIENT)
    assert (shown.exit_code, "1 patient registered late, " in shown.stdout) == (0, True)
    found = json.loads(run("changes", PATIENT, "--from", "2", "--json").stdout)
    assert [(one["name"], one["count"], one["examples"]) for one in found["groups"]] == [
        ("enrollment.patient_referred", 1, [4])
    ]  # fmt: skip
    assert (found["from_position"], found["to_position"]) == (2, 4)
    own = json.loads(run("changes", PATIENT, "--enrollment", an_id("episode", 1), "--json").stdout)
    assert ([one["name"] for one in own["groups"]], own["entries"]) == (["enrollment.patient_referred"], 1)
    assert "about this episode" in run("changes", PATIENT, "--enrollment", an_id("episode", 1)).stdout
    assert "with an episode" in one_sentence(run("changes", PATIENT, "--enrollment", an_id("episode", 2)), 2)
    assert "There is no patient" in one_sentence(run("changes", an_id("nobody")), 2)
    assert "exchange the two" in one_sentence(run("changes", PATIENT, "--from", "3", "--to", "2"), 2)


def test_the_trail_and_the_reads_as_files(run: Run, loaded: str, tmp_path: Path) -> None:
    """Of everybody or of one patient, in each form; who asked stands in the reads that are written next."""
    out = tmp_path / "trail.csv"
    made = run("trail", "--out", out, "--format", "csv")
    assert (made.exit_code, made.stdout.strip(), out.stat().st_mode & 0o777) == (0, str(out), 0o600)
    rows = list(csv.DictReader(out.read_text().splitlines()))
    assert [row["position"] for row in rows] == ["1", "2", "3", "4"]
    assert run("trail", "--out", out, "--patient", PATIENT).exit_code == 0
    assert [json.loads(one)["position"] for one in out.read_text().splitlines()] == [2, 4]
    assert run("trail", "--out", out, "--of", "reads", "--format", "fhir", "--patient", PATIENT).exit_code == 0
    events = [json.loads(one) for one in out.read_text().splitlines()]
    assert {one["resourceType"] for one in events} == {"AuditEvent"}
    assert [one["entity"][0]["what"]["identifier"]["value"] for one in events] == ["audit.export"] * 2
    assert run("trail", "--out", out, "--from", "2099-01-01T00:00:00Z").exit_code == 0
    assert out.read_text() == ""
    assert "There is no patient" in one_sentence(run("trail", "--out", out, "--patient", an_id("nobody")), 2)
    assert "is no time" in one_sentence(run("trail", "--out", out, "--before", "monday"), 2)
    with psycopg.connect(loaded) as connection:
        [read] = connection.execute(
            "SELECT patients::text[] FROM iop.access_log WHERE resource = 'audit.export' ORDER BY id LIMIT 1"
        ).fetchall()
    assert read[0] == sorted([PATIENT, an_id("patient", 2)])
