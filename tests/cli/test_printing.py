"""`iop-es print` and `chart`: a file that its owner alone can read, or one sentence why there is none."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pypdf
import pytest

from iop_es import wiring
from iop_es.settings import Settings
from tests.cli.conftest import Run, one_sentence
from tests.lines import PROGRAM, STAFF, an_id, episode, line, patient, program, text

PATIENT, NOTE = an_id("patient", 1), an_id("note")
DAYS = ("--from", "2026-03-01", "--through", "2026-03-31")
BY = ("--person", STAFF, "--role", "clinician")


@pytest.fixture
def written(run: Run, store: str) -> None:
    """A patient in a program, with one draft."""
    draft = {
        "note_id": NOTE, "kind": "individual", "program_id": PROGRAM, "author_id": STAFF, "patient_id": PATIENT,
        "enrollment_id": an_id("episode", 1), "service_date": "2026-03-02",
        "service_ended_at": "2026-03-02T14:00:00.000000Z", "service_kind": "individual",
        "content": {"sections": [{"name": "data", "words": "lavender octopus"}]},
    }  # fmt: skip
    lines = text(program(), patient(1), patient(2), episode(1), line("note.draft", draft, "clinician"))
    assert run("load", "-", input=lines).exit_code == 0
    assert run("project", "--once").exit_code == 0


def test_a_document_and_a_chart_are_printed_into_a_file(run: Run, written: None, tmp_path: Path) -> None:
    """PDF or HTML by the name's end; nobody else can read it; the same again is the same file; it is on record."""
    for words, name in ((("print", NOTE), "note"), (("chart", PATIENT, *DAYS), "chart")):
        out = tmp_path / f"{name}.pdf"
        done = run(*words, *BY, "--out", out)
        assert (done.exit_code, done.stdout.strip()) == (0, str(out))
        assert out.stat().st_mode & 0o777 == 0o600
        first = out.read_bytes()
        found = "".join(page.extract_text() for page in pypdf.PdfReader(out).pages)
        assert "lavender octopus" in found and "Family1, Given · born 1980-01-01" in found
        assert run(*words, *BY, "--out", out).exit_code == 0
        assert out.read_bytes() == first
        page = out.with_suffix(".html")
        assert run(*words, *BY, "--out", page).exit_code == 0
        assert "lavender octopus" in page.read_text()
    assert {one.suffix for one in tmp_path.iterdir() if one.is_file()} == {".pdf", ".html"}
    with wiring.opened(Settings()) as house, psycopg.connect(house.url, options="-c search_path=iop") as connection:
        read = connection.execute(
            "SELECT DISTINCT resource, actor::text, role, purpose, patients::text[] FROM access_log"
            " WHERE resource <> 'audit.entries' ORDER BY 1"
        ).fetchall()
    named = (STAFF, "clinician", "treatment", [PATIENT])
    assert read == [("note.print", *named), ("patient.chart", *named)]


def test_whoever_prints_is_on_record_and_may(run: Run, written: None, tmp_path: Path) -> None:
    """In a role that sees documents, who acted in it, and treats the patient; what leaves names its disclosure."""
    out, nobody = ("--out", tmp_path / "a.pdf"), an_id("nobody")
    for by, why in (
        (("--person", STAFF, "--role", "biller"), "Nobody sees this as 'biller'."),
        (("--person", STAFF, "--role", "system"), "Nobody sees this as 'system'."),
        (("--person", nobody, "--role", "clinician"), f"{nobody} is nobody who acts here as clinician."),
        (("--person", STAFF, "--role", "privacy_officer"), "is nobody who acts here as privacy officer."),
    ):
        for words in (("print", NOTE), ("chart", PATIENT, *DAYS)):
            assert why in one_sentence(run(*words, *by, *out), 2), by
    assert run("print", NOTE, *out).exit_code == 2
    assert not (tmp_path / "a.pdf").exists()


def test_what_cannot_be_printed_is_told_in_a_sentence(run: Run, written: None, tmp_path: Path) -> None:
    """An unknown id, a name of no kind of paper, dates in reverse, a folder that is not there, a moment before all."""
    out = tmp_path / "a.pdf"
    nobody = an_id("nobody")
    for words, why in (
        (("print", nobody, "--out", out), f"There is no document {nobody}."),
        (("print", PATIENT, "--out", out), f"There is no document {PATIENT}."),
        (("print", NOTE, "--out", out, "--as-of", "4"), f"There is no document {NOTE}."),
        (("chart", nobody, *DAYS, "--out", out), f"There is no patient {nobody}"),
        (("print", NOTE, "--out", tmp_path / "a.doc"), "neither in .pdf nor in .html"),
        (("chart", PATIENT, "--from", "2026-03-31", "--through", "2026-03-01", "--out", out), "exchange the two"),
        (("print", NOTE, "--out", tmp_path / "none" / "a.pdf"), "cannot be written: No such file or directory"),
        (("print", NOTE, "--out", out, "--as-of", "99"), "positions 1 to 5"),
    ):
        assert why in one_sentence(run(*words, *BY), 2), words
    assert [one for one in tmp_path.iterdir() if one.is_file()] == []
