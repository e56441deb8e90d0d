"""Claim files at the command line: written, recorded and written again, on the small simulated clinic."""

from __future__ import annotations

import json
import shutil
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from hashlib import sha256
from itertools import combinations
from pathlib import Path
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from psycopg import connect
from psycopg.conninfo import conninfo_to_dict
from typer.testing import CliRunner

from aggregates.claim.commands import SubmitClaim
from aggregates.codec import decode
from aggregates.patient.commands import CorrectDemographics, DistinguishPatient, RestrictDisclosure
from aggregates.payer_policy.commands import RecordElectronicAddress
from aggregates.program.commands import RecordProviderIdentity
from aggregates.session.commands import CorrectAttendance
from api.alike import billed_twice
from api.commands.order import NotRecorded, Order
from iop_es.cli import app
from iop_es.cli.claims import order
from iop_es.cli.operator import acting
from iop_es.settings import Settings
from iop_es.wiring import House, opened
from projections.claim_file.batch import batch_of
from tests.cli.conftest import Run
from tests.conftest import create_database
from tests.projections.claim_file.office import complaints

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def clinic(simulated: Settings, postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """The name of a database to copy, the simulated weeks and the claims that were not sent yet prepared; and the file
    of its master keys."""
    project = shutil.copytree(simulated.project, tmp_path_factory.mktemp("claims") / "project")
    source = str(conninfo_to_dict(str(simulated.database_url))["dbname"])
    url, name = create_database(postgres_url, "template_claims", source), "template_claims"
    for words in ("claims prepare", "project --once"):
        done = CliRunner().invoke(app, words.split(), env={
            "IOP_ES_DATABASE_URL": url, "IOP_ES_PROJECT": str(project),
        })  # fmt: skip
        assert done.exit_code == 0, done.stderr
    [keys] = project.rglob("master.keys")
    return name, keys


@pytest.fixture
def prepared(
    clinic: tuple[str, Path], new_database: Callable[[str | None], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Run:
    """Commands in a store of its own with all of that."""
    for name, value in (
        ("DATABASE_URL", new_database(clinic[0])), ("MASTER_KEYS", str(clinic[1])), ("PROJECT", str(tmp_path)),
        ("TEMPORARY", "true"),
    ):  # fmt: skip
        monkeypatch.setenv(f"IOP_ES_{name}", value)
    return lambda *words, **more: CliRunner().invoke(app, [str(word) for word in words], **more)


def told(run: Run, *words: object, code: int = 0) -> Any:
    """The JSON that a command prints."""
    done = run(*words, "--json")
    assert done.exit_code == code, done.stderr
    return json.loads(done.stdout)


def mode(path: Path) -> int:
    """The permissions of a file or folder."""
    return stat.S_IMODE(path.stat().st_mode)


def correct_everything(house: House) -> None:
    """Whoever is on a claim has another name, the payers another address, the programs another identity."""
    now = house.log.head().recorded_at[:10]
    for number, one in enumerate(house.log.by_topics(["patient.registered"], with_sealed=True)):
        identity = decode(one.topic, one.state, one.sealed).sealed
        fields = {name: getattr(identity, name) for name in identity.__dataclass_fields__}
        other = type(identity)(**fields | {"family_name": "Corrected", "address": f"{number} New Road"})
        act(house, "front_desk", CorrectDemographics(patient_id=one.stream, identity=other, cause="typing"))
    for number, one in enumerate(house.log.by_topics(["payer_policy.published"])):
        act(house, "biller", RecordElectronicAddress(
            policy_id=one.stream, effective_from=now, receiver_id=f"ELSEWHERE{number}", receiver_name="Elsewhere",
            electronic_payer_id="ELSE1", claim_filing_indicator="CI",
        ))  # fmt: skip
    for one in house.log.by_topics(["program.provider_identity_recorded"], with_sealed=True):
        fact = decode(one.topic, one.state, one.sealed)
        act(house, "director", RecordProviderIdentity(
            program_id=one.stream, effective_from="2025-06-01", npi="2999999081", taxonomy=fact.taxonomy,
            identity=fact.sealed,
        ))  # fmt: skip


def act(house: House, role: Any, command: Any) -> None:
    """Records one command in the name of a person of this role."""
    person = "6513270e-269e-4d37-b2a7-4de452e6b438"
    house.commands().handle(Order(command, person, role, None, f"test:{command!r}", sha256(b"test").digest()))


def test_what_is_sent_lies_in_files_and_can_be_written_again(prepared: Run, tmp_path: Path) -> None:
    """Files and manifest are their owner's alone, the validator takes each file, and the bytes come again."""
    sent = told(prepared, "claims", "submit", "--batch", "monday")
    folder = tmp_path / ".iop-es" / "claim-files"
    assert mode(folder) == 0o700
    manifest = json.loads((folder / "monday.json").read_text())
    assert manifest == sent["manifest"]
    assert {mode(path) for path in folder.iterdir()} == {0o600}
    assert {path.name for path in folder.iterdir()} == {"monday.json", *(one["file"] for one in manifest["files"])}
    files = {one["file"]: (folder / one["file"]).read_bytes() for one in manifest["files"]}
    assert [complaints(content) for content in files.values()] == [[] for _ in files]
    assert {one["file"]: one["sha256"] for one in manifest["files"]} == {
        name: sha256(content).hexdigest() for name, content in files.items()
    }
    claims = [claim for one in manifest["files"] for claim in one["claims"]]
    assert [claim["claim_id"] for claim in claims] == [one["claim_id"] for one in sent["claims"]]
    assert {claim["control_number"] for claim in claims} == {
        segment.split(b"*")[1].decode() for content in files.values() for segment in content.split(b"~")
        if segment.startswith(b"CLM*")
    }
    assert manifest["total_cents"] == sum(claim["total_cents"] for claim in claims)
    assert sent["submitted"] == len(claims) > 1
    assert charged(claims) == {claim["claim_id"]: claim["total_cents"] for claim in claims}
    with opened(Settings()) as house:
        correct_everything(house)
    prepared("project", "--once")
    elsewhere = tmp_path / "again"
    assert told(prepared, "claims", "file", "monday", "--out", elsewhere) == manifest
    assert {path.name: path.read_bytes() for path in elsewhere.glob("*.x12")} == files
    assert {mode(path) for path in elsewhere.iterdir()} == {0o600}
    with connect(Settings().database_url or "") as connection:
        read = connection.execute(
            "SELECT resource, cardinality(patients) FROM iop.access_log WHERE resource LIKE 'claims/file%' ORDER BY id"
        ).fetchall()
    assert [resource for resource, _ in read] == ["claims/files", "claims/file/monday"]
    assert {count for _, count in read} == {len({one["patient_id"] for one in _claims(claims)})}


def charged(claims: list[dict[str, Any]]) -> dict[str, int]:
    """What the accounts charge for these claims, by claim."""
    sums: dict[str, int] = {}
    with opened(Settings()) as house:
        for one in house.log.by_topics(["account.charge_posted"]):
            fact = decode(one.topic, one.state)
            sums[fact.claim_id] = sums.get(fact.claim_id, 0) + fact.charge_cents
    return {one["claim_id"]: sums[one["claim_id"]] for one in claims if one["claim_id"] in sums}


def _claims(sent: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Whose claims these are."""
    with opened(Settings()) as house:
        facts = {one.stream: decode(one.topic, one.state) for one in house.log.by_topics(["claim.prepared"])}
    return [{"patient_id": facts[one["claim_id"]].patient_id} for one in sent]


def test_a_dry_run_writes_and_records_nothing(prepared: Run, tmp_path: Path) -> None:
    """The manifest is shown, no file is there, and the claims are prepared as before."""
    would = told(prepared, "claims", "submit", "--dry-run", "--batch", "monday")
    assert would["submitted"] > 1
    assert not (tmp_path / ".iop-es" / "claim-files").exists()
    sent = told(prepared, "claims", "submit", "--batch", "monday")
    assert [one["claim_id"] for one in sent["claims"]] == [one["claim_id"] for one in would["claims"]]


def test_of_two_records_that_may_be_one_persons_no_claims_for_one_day_leave(prepared: Run) -> None:
    """Though both were prepared before they came to agree: neither leaves until a person finds two people in them; but
    what puts an earlier claim right does."""
    with opened(Settings()) as house:
        found = [(one.stream, decode(one.topic, one.state)) for one in house.log.by_topics(["claim.prepared"])]
        would = {one["claim_id"] for one in told(prepared, "claims", "submit", "--dry-run")["claims"]}
        (one, first), (other, second) = next(
            pair for pair in combinations((each for each in found if each[0] in would), 2) if alike(*pair)
        )
        twin, own = identity_of(house, first.patient_id), identity_of(house, second.patient_id)
        named = {name: getattr(twin, name) for name in ("family_name", "given_name", "birth_date")}
        same = replace(own, **named)
        act(house, "front_desk", CorrectDemographics(patient_id=second.patient_id, identity=same, cause="mistyped"))
        prepared("project", "--once")
        left = told(prepared, "claims", "submit", "--dry-run", code=1)
        both = [each["claim_id"] for each in left["left_out"] if "may be the same person's" in each["told"]]
        assert {one, other} <= set(both)
        assert not {one, other} & {each["claim_id"] for each in left["claims"]}
        assert billed_twice(house.log, {one: first, other: second}) == {one, other}
        assert billed_twice(house.log, {one: replace(first, frequency="7", replaces=other)}) == set()
        act(house, "director", DistinguishPatient(
            patient_id=second.patient_id, programs=(first.program_id,), upto=house.log.head().position, cause="twins"
        ))  # fmt: skip
        prepared("project", "--once")
        assert {each["claim_id"] for each in told(prepared, "claims", "submit", "--dry-run")["claims"]} == would


def identity_of(house: House, patient: str) -> Any:
    """Who a patient is, as registered."""
    fact = house.log.streams([patient])[patient][0]
    return decode(fact.topic, fact.state, fact.sealed).sealed


def alike(one: tuple[str, Any], other: tuple[str, Any]) -> bool:
    """Whether two claims of two patients ask one payer for a service of one day."""
    first, second = one[1], other[1]
    asked = [{(line.service_date, line.procedure_code) for line in each.lines} for each in (first, second)]
    return first.patient_id != second.patient_id and first.payer_id == second.payer_id and bool(asked[0] & asked[1])


def test_a_claim_that_may_not_leave_stays_prepared_and_is_named(prepared: Run, tmp_path: Path) -> None:
    """The others leave; once it is mended it leaves too, under the next number."""
    with opened(Settings()) as house:
        claims = house.log.by_topics(["claim.prepared"])
        last = claims[-1]
        patient = decode(last.topic, last.state).patient_id
        [first] = [one for one in house.log.facts_of_streams([patient]) if one.topic.startswith("patient.registered")]
        identity = decode(first.topic, first.state, first.sealed).sealed
        fields = {name: getattr(identity, name) for name in identity.__dataclass_fields__}
        other = type(identity)(**fields | {"state": "North Carolina"})
        act(house, "front_desk", CorrectDemographics(patient_id=patient, identity=other, cause="typing"))
    prepared("project", "--once")
    done = prepared("claims", "submit", "--batch", "monday")
    assert done.exit_code == 1
    assert f"Claim {last.stream}: Patient's state: it is not a code of two letters. Correct" in done.stderr
    assert identity.family_name not in done.stderr
    prepared("project", "--once")
    with opened(Settings()) as house:
        act(house, "front_desk", CorrectDemographics(patient_id=patient, identity=identity, cause="typing"))
    prepared("project", "--once")
    sent = told(prepared, "claims", "submit", "--batch", "tuesday")
    assert last.stream in [one["claim_id"] for one in sent["claims"]]
    before = json.loads((tmp_path / ".iop-es" / "claim-files" / "monday.json").read_text())
    assert min(one["interchange"] for one in sent["manifest"]["files"]) == 1 + max(
        one["interchange"] for one in before["files"]
    )


def test_a_claim_with_a_correction_due_is_left_out_and_named(prepared: Run) -> None:
    """One that the patient forbade after it was prepared, and one whose patient was not there after all: each stays
    prepared and is to be voided here, and is left out of the next file too."""
    with opened(Settings()) as house:
        sent = {one.stream for one in house.log.by_topics(["claim.submitted"])}
        ready = [one for one in house.log.by_topics(["claim.prepared"]) if one.stream not in sent]
        claims = {one.stream: decode(one.topic, one.state) for one in ready}
        forbidden, absent = distinct(claims)
        forbid(house, claims[forbidden].patient_id, claims[forbidden].lines[0].service_date)
        miss(house, claims[absent].enrollment_id, {line.service_date for line in claims[absent].lines})
    prepared("project", "--once")
    done = prepared("claims", "submit", "--batch", "monday")
    assert done.exit_code == 1
    for claim_id in (forbidden, absent):
        (words,) = [line for line in done.stderr.splitlines() if line.startswith(f"Claim {claim_id}: 2026-")]
        assert "Void the claim here (`claim.void`), and prepare anew what is right." in words
    assert "forbade telling this payer" in done.stderr
    prepared("project", "--once")
    again = told(prepared, "claims", "submit", "--batch", "tuesday", code=1)
    left = {one["claim_id"] for one in again["left_out"]}
    assert {forbidden, absent} <= left and again["submitted"] == 0
    with opened(Settings()) as house:
        topics = {one.topic for one in house.log.facts_of_streams([forbidden, absent])}
    assert topics == {"claim.prepared@1"}


def distinct(claims: dict[str, Any]) -> tuple[str, str]:
    """The first claim, and one of another patient."""
    first = next(iter(claims))
    return first, next(key for key, one in claims.items() if one.patient_id != claims[first].patient_id)


def forbid(house: House, patient_id: str, day: str) -> None:
    """The patient paid for a day in full."""
    act(house, "front_desk", RestrictDisclosure(
        patient_id=patient_id, restriction_id=str(uuid4()), payer_id=None, effective_from=day, effective_through=day,
        paid_in_full=True,
    ))  # fmt: skip


def miss(house: House, enrollment_id: str, days: set[str]) -> None:
    """Whoever was recorded as present on these days was not there."""
    for stored in house.log.by_topics(["session.patient_checked_in"]):
        fact = decode(stored.topic, stored.state, stored.sealed)
        if fact.enrollment_id == enrollment_id and fact.service_date in days:
            act(house, "clinician", CorrectAttendance(
                session_id=stored.stream, attendance_id=fact.attendance_id, status="absent", cause="sign_in_sheet",
                explanation="The sheet has another signature.",
            ))  # fmt: skip


def test_an_unknown_batch_is_one_sentence(prepared: Run) -> None:
    """Nothing is written, and the exit code says so."""
    done = prepared("claims", "file", "nowhere")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith("No claim was sent in a file under this batch")


def test_a_file_of_another_store_is_not_overwritten(prepared: Run, tmp_path: Path) -> None:
    """A name that is taken stops everything before anything is recorded."""
    would = told(prepared, "claims", "submit", "--dry-run")
    taken = tmp_path / "files" / would["manifest"]["files"][0]["file"]
    taken.parent.mkdir()
    taken.write_text("Something else.")
    done = prepared("claims", "submit", "--out", taken.parent)
    assert done.exit_code == 1 and "choose another folder" in done.stderr
    assert taken.read_text() == "Something else."
    assert told(prepared, "claims", "submit")["submitted"] == would["submitted"]


def test_two_submissions_at_once_never_use_one_number(prepared: Run) -> None:
    """Of two files with one number, one is recorded whole and nothing of the other."""
    with opened(Settings()) as house:
        head = house.log.head()
        ready = [one.stream for one in house.log.by_topics(["claim.prepared"])]
        sent = {one.stream for one in house.log.by_topics(["claim.submitted"])}
        mine, theirs = _halves([one for one in ready if one not in sent])
        barrier = Barrier(2)

        def submit(name: str, claims: list[str]) -> list[Any]:
            numbers = {one: one.replace("-", "")[:20] for one in claims}
            batch = batch_of(
                house.log, numbers, name=name, submitted_at=head.recorded_at, upto=head.position, test=True
            )
            file = batch.files[0]
            orders = [
                order(acting(house, None, "biller"), SubmitClaim, data | {"demonstration": True})
                for data in batch.submissions(file)
            ]
            barrier.wait(20)
            return house.commands().handle_all(orders, whole=True)

        with ThreadPoolExecutor(2) as threads:
            asked = [threads.submit(submit, "one", mine), threads.submit(submit, "two", theirs)]
            answers = [one.result() for one in asked]
        won = [not any(isinstance(one, Exception) for one in each) for each in answers]
        assert sorted(won) == [False, True]
        lost = answers[won.index(False)]
        assert all(isinstance(one, Exception) for one in lost)
        assert any(not isinstance(one, NotRecorded) for one in lost)
        recorded = house.log.by_topics(["claim.submitted"], after=head.position)
        assert {decode(one.topic, one.state).batch for one in recorded} == {("one", "two")[won.index(True)]}


def _halves(claims: list[str]) -> tuple[list[str], list[str]]:
    assert len(claims) > 1
    return claims[: len(claims) // 2], claims[len(claims) // 2 :]

