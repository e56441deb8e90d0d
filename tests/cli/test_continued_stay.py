"""`iop-es continued-stay`: words, data, or one page in a file, now and as of a moment."""

from __future__ import annotations

import json
from pathlib import Path

import pypdf
import pytest

from tests.cli.conftest import Run, one_sentence
from tests.lines import STAFF, an_id, episode, line, patient, program, text

BY = ("--person", STAFF, "--role", "clinician")
PATIENT, EPISODE = an_id("patient", 1), an_id("episode", 1)


@pytest.fixture
def admitted(run: Run, store: str) -> None:
    """A patient in care, and one who was never referred."""
    clinician = {
        "clinician_id": STAFF, "programs": [an_id("program")], "discipline": "MD", "associate": False,
        "joined_on": "2026-03-02", "family_name": "Hale", "given_name": "Miriam", "npi": "1234567893",
    }  # fmt: skip
    admission = {
        "enrollment_id": EPISODE, "admitted_on": "2026-03-02", "level_of_care": "intensive_outpatient",
        "focus": "mental_health", "admission_type": "3", "admission_source": "1", "attending_id": STAFF,
        "planned_days": 3, "planned_minutes": 540,
    }  # fmt: skip
    lines = text(
        program(), line("clinician.join", clinician), patient(1), patient(2), episode(1),
        line("enrollment.admit", admission, "clinician"),
    )
    assert run("load", "-", input=lines).exit_code == 0
    assert run("project", "--once").exit_code == 0


def test_the_summary_as_words_data_and_paper(run: Run, admitted: None, tmp_path: Path) -> None:
    """As of the referral nobody was admitted; the file is one page."""
    shown = run("continued-stay", *BY, PATIENT)
    assert (shown.exit_code, "Admitted  2026-03-02" in shown.stdout) == (0, True)
    assert "Missing: No plan of care." in shown.stdout
    found = json.loads(run("continued-stay", *BY, PATIENT, "--json").stdout)["item"]
    assert (found["admitted_on"], found["enrollment_id"], found["weeks"][0]["planned_minutes"]) == (
        "2026-03-02", EPISODE, 540,
    )  # fmt: skip
    then = json.loads(run("continued-stay", *BY, PATIENT, "--json", "--as-of", "5").stdout)
    assert (then["item"]["admitted_on"], then["item"]["weeks"], then["position"]) == (None, [], 5)
    out = tmp_path / "stay.pdf"
    assert run("continued-stay", *BY, PATIENT, "--out", out).stdout.strip() == str(out)
    [page] = pypdf.PdfReader(out).pages
    assert "Family1, Given" in page.extract_text() and out.stat().st_mode & 0o777 == 0o600


def test_what_has_no_summary_is_told_in_a_sentence(run: Run, admitted: None, tmp_path: Path) -> None:
    """Nobody, somebody without an episode, a name of no kind of paper."""
    for words, why in (
        ((an_id("nobody"),), "There is no episode of patient"), ((an_id("patient", 2),), "There is no episode of"),
        ((PATIENT, "--out", tmp_path / "a.doc"), "neither in .pdf nor in .html"),
    ):
        assert why in one_sentence(run("continued-stay", *BY, *words), 2), words
