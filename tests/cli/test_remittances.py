"""`iop-es claims import-835` and `import-ack`: public samples, a summary, sentences on standard error, exit codes."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from aggregates.codec import decode
from iop_es.settings import Settings
from iop_es.wiring import opened
from tests.cli.conftest import Run, on_record, one_sentence
from tests.lines import an_id
from tests.remittance.builder import Payment, file, interchange
from tests.remittance.desk import a_desk, paid

SHARED = Path(os.environ.get("IOP_ES_SHARED", Path(__file__).parents[3] / "shared")) / "data" / "x12"
SAMPLES = ("managed-care.835", "medicare-part-a.835")
needs_samples = pytest.mark.skipif(
    not all((SHARED / name).exists() for name in SAMPLES),
    reason="the public 835 samples are not there: name the folder that holds data/x12 in IOP_ES_SHARED",
)


@needs_samples
def test_the_public_samples_are_kept_unmatched_with_their_reasons(run: Run, store: str) -> None:
    """The bad date of one is named with its place, the claims of the other are nobody's; no patient's name is told."""
    done = run("claims", "import-835", *(SHARED / name for name in SAMPLES))
    assert done.exit_code == 1
    told = done.stderr.splitlines()
    assert [line for line in told if "BPR16 (20002316): A date in it is no date" in line] == told[:2]
    assert all("managed-care.835" in line for line in told[:2])
    assert sum("No claim of ours has this control number" in line for line in told) == 2
    assert "medicare-part-a.835, provider adjustment" in told[-1]
    assert "150,000.00" in done.stdout and "5 parts are unmatched" in done.stdout
    for name in ("BUDD", "SETTLE", "JONES", "BORDER"):
        assert name not in done.stdout + done.stderr
    again = run("claims", "import-835", SHARED / SAMPLES[0], "--json")
    assert (again.exit_code, again.stderr) == (1, "")
    [shown] = json.loads(again.stdout)["files"]
    assert [one["known_before"] for one in shown["unmatched"]] == [True, True]
    with opened(Settings()) as house:
        kept = house.log.by_topics(["account.remittance_unmatched"], with_sealed=True)
    assert [decode(one.topic, one.state).why for one in kept] == [
        "bad-date", "bad-date", "claim-unknown", "claim-unknown", "payer-unknown",
    ]
    assert not any(b"BUDD" in one.state for one in kept)


def by_an_operator_for(person: str, name: str) -> bool:
    """Whether all facts of this name are this person's, and say which operator sat at the shell."""
    with opened(Settings()) as house:
        contexts = [json.loads(one.context) for one in house.log.by_topics([name])]
    told = {(one["actor"], one["request"].partition(":")[0]) for one in contexts}
    return told == {(person, "operator")}


def test_an_import_without_remainder_ends_well(run: Run, store: str, tmp_path: Path) -> None:
    """A dry run says what would be; the import does it, and account and denials can be asked afterwards."""
    with opened(Settings()) as house:
        a_desk(house.log)
    on_record(run, an_id("biller"))
    path = tmp_path / "june.835"
    path.write_bytes(file(Payment([paid(), paid("C2")])))
    would = run("claims", "import-835", path, "--dry-run")
    assert (would.exit_code, would.stderr) == (0, "")
    assert "2 answers would be posted, 0 parts unmatched." in would.stdout
    done = run("claims", "import-835", path, "--person", an_id("biller"))
    assert (done.exit_code, done.stderr) == (0, "")
    assert "EFT-1" in done.stdout and "2 answers posted, 0 parts are unmatched." in done.stdout
    shown = json.loads(run("claims", "import-835", path, "--json").stdout)["files"][0]["remittances"][0]
    assert (shown["posted"], shown["before"], shown["payment_cents"]) == (0, 2, 60_000)
    assert by_an_operator_for(an_id("biller"), "account.remittance_posted")


def test_a_file_that_cannot_be_read_is_one_sentence(run: Run, store: str, tmp_path: Path) -> None:
    """Nothing of the other files is imported before every file could be read."""
    assert "cannot be read" in one_sentence(run("claims", "import-835", tmp_path / "none.835"), 2)


def test_acknowledgments_are_counted_and_what_is_unmatched_is_said(run: Run, store: str, tmp_path: Path) -> None:
    """One sentence a file, one line a part that nobody could place, exit code 1 for those."""
    with opened(Settings()) as house:
        a_desk(house.log, acknowledged=False)
    on_record(run, an_id("biller"))
    path = tmp_path / "ack.277"
    levels = [f"HL*4*3*PT~TRN*2*{control}~STC*A1:19*20260311" for control in ("C1", "C9")]
    path.write_bytes(interchange("277", [segment for one in levels for segment in one.split("~")]))
    done = run("claims", "import-ack", path, "--person", an_id("biller"))
    assert done.exit_code == 1
    assert done.stdout == "ack.277: 1 claims acknowledged, 0 rejected, 0 known before, 1 unmatched.\n"
    assert done.stderr.startswith("ack.277, claim C9: control number: No claim of ours")
    [shown] = json.loads(run("claims", "import-ack", path, "--json").stdout)["files"]
    assert (shown["accepted"], shown["before"], len(shown["unmatched"])) == (0, 1, 1)
    assert by_an_operator_for(an_id("biller"), "claim.acknowledged")
