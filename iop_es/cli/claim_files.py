"""`iop-es claims submit` and `claims file`: the files that payers are sent, and the same bytes again from the log.

A file is on disk under a name of its own before its claims are recorded as sent, and gets its right name afterwards: so
nothing is recorded that could not be written, and what was recorded and lost on the way, `claims file` writes again.
"""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer
from psycopg import Cursor

from aggregates.account.commands import PostCharges
from aggregates.account.streams import account_of
from aggregates.claim.commands import SubmitClaim
from aggregates.codec import decode
from api.alike import billed_twice
from api.claiming import BILLING
from iop_es import wiring
from iop_es.cli.claims import DryRun, order
from iop_es.cli.frame import REFUSED, Json, emit, leave, say, settings
from iop_es.cli.operator import Acting, Person, acting, catch_up, caught_up, ordered, question
from iop_es.wiring import House
from projections.billing import queries
from projections.billing.views import ClaimView, CorrectionView
from projections.claim_file.batch import Batch, batch_of, sent_files
from projections.claim_file.checks import LeftOut
from projections.claim_file.file import ClaimFile
from projections.claim_file.wording import Objection, Objections

PAGE = 100
REMEDY = "Void the claim here (`claim.void`), and prepare anew what is right."
OWNER_ONLY, OWNER_ONLY_FOLDER = 0o600, 0o700
ALIKE = Objection(
    "patient", "a record that may be the same person's asks this payer for a day of it as well",
    "Have a person find that they are two people, or void one of the two here (`claim.void`).",
)  # fmt: skip
BatchOption = Annotated[str | None, typer.Option("--batch", help="Name of the batch; left out, the time it is sent.")]
BatchName = Annotated[str, typer.Argument(metavar="BATCH", help="The batch's name, as its manifest says it.")]
Out = Annotated[
    Path | None, typer.Option("--out", metavar="DIR", help="Where files go; left out, .iop-es/claim-files.")
]  # fmt: skip


def submit(
    batch: BatchOption = None, out: Out = None, person: Person = None, dry_run: DryRun = False, as_json: Json = False
) -> None:
    """Write the prepared claims into files for their payers, record that they left, and post their charges.

    A claim that may not leave, or has a correction due, stays prepared and is named with what is wrong.
    """
    with wiring.opened(settings("warning")) as house:
        by = acting(house, person, "biller")
        made = _prepared(house, batch, by)
        refused = [] if dry_run else _sent(house, made, _folder(house, out), by)
    for one in made.left_out:
        say(one.told)
    sent = replace(made, files=tuple(one for one in made.files if one not in refused))
    _tell(made, sent, dry_run, as_json)


def file(batch: BatchName, out: Out = None, person: Person = None, as_json: Json = False) -> None:
    """Write the files of a batch again from the log: the very same bytes, whatever was corrected since."""
    with wiring.opened(settings("warning")) as house:
        catch_up(house)
        test = house.log.head().simulation
        asked, _ = question(house, f"claims/file/{batch}", acting(house, person, "biller"))
        again = house.gate.read(asked, BILLING, lambda _cursor, _now: sent_files(house.log, batch, test)).result
        folder = _folder(house, out)
    for one in again.files:
        _kept(_part(folder, one), folder / one.name)
    _keep_manifest(folder, again)
    if as_json:
        emit(manifest(again))
    else:
        typer.echo("\n".join(f"{folder / one.name}  {one.digest}" for one in again.files))


def manifest(batch: Batch) -> dict[str, Any]:
    """What was sent, for whoever sends files and reads the answers: names of files, numbers, cents, and no person."""
    return {
        "batch": batch.name,
        "submitted_at": batch.submitted_at,
        "position": batch.written_as_of,
        "total_cents": sum(one.total_cents for one in batch.files),
        "files": [
            {
                "file": one.name, "sha256": one.digest, "interchange": one.interchange, "form": one.form,
                "total_cents": one.total_cents,
                "claims": [
                    {"claim_id": claim.claim_id, "control_number": claim.control_number,
                     "total_cents": claim.prepared.total_cents}
                    for claim in one.claims
                ],
            }
            for one in batch.files
        ],
    }  # fmt: skip


def kept_of(house: House, patient: str) -> list[Path]:
    """The files in the project's own folder with claims of a patient, and of others beside."""
    sent = [decode(one.topic, one.state) for one in house.log.about([patient], ["claim.submitted"], with_context=False)]
    numbers = {one.interchange for one in sent if one.interchange is not None}
    return sorted(path for number in numbers for path in _own(house).glob(f"*-{number:09d}.x12"))


def _prepared(house: House, name: str | None, by: Acting) -> Batch:
    """The files of all claims that are prepared, not sent and still right, as of the position at which they are found
    to be; reading whose they are is recorded."""
    least = caught_up(house)
    asked, programs = question(house, "claims/files", by)
    found = house.gate.read(asked, BILLING, lambda cursor, now: _ready(cursor, programs, now), least=least)
    claims, wrong = found.result
    told = house.log.first_of_streams([one.claim_id for one in claims])
    twice = billed_twice(house.log, {one.stream: decode(one.topic, one.state) for one in told})
    objections = {one.claim_id: [*_wrong(one)] for one in wrong}
    for claim_id in twice:
        objections.setdefault(claim_id, []).append(ALIKE)
    due = tuple(LeftOut(claim_id, tuple(each)) for claim_id, each in objections.items())
    numbers = {
        one.claim_id: one.claim_id.replace("-", "")[:20] for one in claims if one.claim_id not in objections
    }
    batch = batch_of(
        house.log, numbers, name=name or f"batch-{found.now[:19].replace(':', '')}", submitted_at=house.gate.now(),
        upto=found.position, test=house.log.head().simulation,
    )
    return replace(batch, left_out=(*due, *batch.left_out))


def _ready(cursor: Cursor[Any], programs: list[str], now: str) -> tuple[list[ClaimView], list[CorrectionView]]:
    """The prepared claims, and what is wrong with some of them by what is known now."""
    found: list[ClaimView] = []
    page: list[ClaimView] | None = None
    while page is None or len(page) == PAGE:
        after = queries.cursor_of(found[-1]) if found else None
        page = queries.claims(cursor, programs=programs, now=now, status="prepared", after=after, limit=PAGE)
        found += page
    wrong = queries.corrections(cursor, programs=programs, now=now) if found else []
    return found, [one for one in wrong if one.status == "prepared"]


def _wrong(one: CorrectionView) -> Objections:
    """Why a claim that was never sent is not right any more."""
    for day in one.days:
        wrong = (day.sentence or "the day would be billed with other lines now.").rstrip(".")
        yield Objection(day.service_date, wrong, REMEDY)
    for sentence in one.header:
        yield Objection("header", sentence.rstrip("."), REMEDY)


def _sent(house: House, batch: Batch, folder: Path, by: Acting) -> list[ClaimFile]:
    """Records file by file, each whole or not at all; answers those that were refused. The rest lies in the folder."""
    there = next((folder / one.name for one in batch.files if (folder / one.name).exists()), None)
    if there is not None:
        leave(REFUSED, f"{there} is there already, of another store; choose another folder with --out.")
    refused = []
    for one in batch.files:
        part = _part(folder, one)
        data = [each | {"demonstration": house.log.head().simulation} for each in batch.submissions(one)]
        names = [f"Claim {each['claim_id']}" for each in data]
        orders = [order(by, SubmitClaim, each, {"file_digest"}) for each in data]
        answers = ordered(house, orders, names, whole=True)
        if any(isinstance(answer, Exception) for answer in answers):
            part.unlink()
            refused.append(one)
        else:
            _kept(part, folder / one.name)
            _charge(house, one, by)
    _keep_manifest(folder, replace(batch, files=tuple(one for one in batch.files if one not in refused)))
    return refused


def _charge(house: House, file: ClaimFile, by: Acting) -> None:
    """Posts the charges of a file's claims; should this be lost, the first remittance posts them."""
    posted = [{"account_id": account_of(one.prepared.patient_id), "claim_id": one.claim_id} for one in file.claims]
    names = [f"Charges of claim {each['claim_id']}" for each in posted]
    ordered(house, [order(by, PostCharges, each) for each in posted], names)


def _folder(house: House, out: Path | None) -> Path:
    """The folder, made for its owner alone if it is not there."""
    folder = out or _own(house)
    folder.mkdir(mode=OWNER_ONLY_FOLDER, parents=True, exist_ok=True)
    return folder


def _own(house: House) -> Path:
    return Path(house.settings.project) / ".iop-es" / "claim-files"


def _part(folder: Path, file: ClaimFile) -> Path:
    return _saved(folder / f"{file.name}.part", file.content)


def _saved(path: Path, content: bytes) -> Path:
    """Bytes on disk that only their owner may read, whatever was there before."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY), "wb") as opened:
        opened.write(content)
        opened.flush()
        os.fsync(opened.fileno())
    return path


def _kept(part: Path, path: Path) -> None:
    part.replace(path)


def _keep_manifest(folder: Path, batch: Batch) -> None:
    if batch.files:
        content = json.dumps(manifest(batch), indent=2).encode() + b"\n"
        _kept(_saved(folder / f"{batch.name}.json.part", content), folder / f"{batch.name}.json")


def _tell(made: Batch, sent: Batch, dry_run: bool, as_json: bool) -> None:
    wanted = [each for one in sent.files for each in made.submissions(one)]
    refused = sum(len(one.claims) for one in made.files) - len(wanted)
    if as_json:
        left_out = [{"claim_id": one.claim_id, "told": one.told} for one in made.left_out]
        told = {"submitted": len(wanted), "refused": refused, "left_out": left_out, "dry_run": dry_run}
        emit(told | {"claims": wanted, "manifest": manifest(sent)})
    else:
        would = "would be " if dry_run else ""
        typer.echo(
            f"{len(wanted):,} claims {would}submitted in {len(sent.files):,} files, {len(made.left_out):,} left out,"
            f" {refused:,} refused."
        )
    if refused or made.left_out:
        raise typer.Exit(REFUSED)
