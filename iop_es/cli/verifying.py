"""Whether the log is what was sealed: `verify`, the witness, the keys, and going on from an older backup."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Annotated, Any

import typer
from rich.console import Console

from aggregates.values import instant
from iop_es import wiring
from iop_es.cli.frame import REFUSED, USAGE, Json, emit, leave, progress, say, settings
from iop_es.engine.keys import KeysUnusable
from iop_es.engine.processes import helpers
from iop_es.engine.transparency.notes import BadSignature, NotANote, Verifier, parse_note, parse_verifier
from iop_es.engine.transparency.proofs import Proofs
from iop_es.engine.transparency.source import FACTS, READS, Source
from iop_es.engine.transparency.verifying import Report, Verification
from iop_es.engine.transparency.witness import Witness, WitnessRefused
from iop_es.engine.transparency.witness_http import WitnessServer, str_request
from iop_es.serving import AddressTaken, on_stop
from iop_es.wiring import House

ReceiptFiles = Annotated[
    list[Path] | None, typer.Option("--receipt", help="A receipt that the log gave; may come again.", dir_okay=False)
]
Workers = Annotated[int | None, typer.Option(min=1, help="Processes to share the work; left out, one a core.")]
Key = Annotated[
    str | None, typer.Option(help="The log's verifier key, for one without its key file; `iop-es log keys` prints it.")
]
ReadKey = Annotated[str | None, typer.Option(help="The access log's verifier key; the same.")]
Reads = Annotated[bool, typer.Option("--reads", help="The access log instead of the log of facts.")]
Folder = Annotated[Path, typer.Option(help="The witness's own folder; made where there is none.", file_okay=False)]
Port = Annotated[int | None, typer.Option(min=0, max=65535, help="Serve there until SIGTERM; 0: any free port.")]
Host = Annotated[str, typer.Option(help="Address to listen on.")]
Trust = Annotated[
    list[str] | None, typer.Option("--trust", help="The verifier key of a log that it is to know; may come again.")
]
Accept = Annotated[
    list[Path] | None,
    typer.Option("--accept", help="A statement that a log was restored, which its administrator takes in."),
]
Size = Annotated[int, typer.Argument(min=1, help="How many facts the earlier checkpoint or packet covers.")]
Because = Annotated[str, typer.Option(help="Why, in one line; it is signed and stays on record.")]

NO_WITNESS = "none: sealed by the log's own signature alone, which whoever has its key can make anew"

log = typer.Typer(no_args_is_help=True, help="The log's seals: its public keys, sealing now, going on from a backup.")


def verify(
    receipt: ReceiptFiles = None, key: Key = None, read_key: ReadKey = None, workers: Workers = None,
    as_json: Json = False,
) -> None:  # fmt: skip
    """Hash every fact anew and compare with all that was signed of the log; exit code 1 if anything differs."""
    receipts, found = [_text(path) for path in receipt or ()], settings("warning")
    with helpers(workers or os.cpu_count() or 1) as others, wiring.opened(found, size=4) as house:
        log_key, started = _verifier(key) if key else _own(house), time.monotonic()
        verification = Verification(house.api_pool, house.log.schema, log_key, house.witness())
        with progress("facts verified", house.log.head().position) as move:
            report = verification.run(receipts, lambda done, _of: move(done), others, house.where)
        seconds = time.monotonic() - started
        reads = _verified_reads(house, read_key)
    if as_json:
        emit({**_as_data(report), "access_log": reads and _as_data(reads)})
    else:
        _tell(report, seconds, FACTS)
        if reads is None:
            say("The access log was not verified: its key is not here; give its public half with --read-key.")
        else:
            _tell(reads, time.monotonic() - started - seconds, READS)
        _conclude(report, reads)
    if not report.sound or (reads is not None and not reads.sound):
        raise typer.Exit(REFUSED)


def _verified_reads(house: House, key: str | None) -> Report | None:
    """What verifying the access log comes to; None without its key."""
    own = _verifier(key) if key else house.log_verifier(READS) if has_key(house) else None
    if own is None:
        return None
    with house.auditing() as pool:
        return Verification(pool, house.log.schema, own, house.witness(), READS).run()


def witness(
    folder: Folder, port: Port = None, host: Host = "127.0.0.1", trust: Trust = None, accept: Accept = None,
    as_json: Json = False,
) -> None:  # fmt: skip
    """Cosign logs that only grow; best on another machine with another administrator. It needs no database.

    Its key and what it has seen are in its folder, and it never goes back. Without --port it tells what it knows.
    """
    settings()
    own = Witness(folder)
    for one in trust or ():
        own.trust(_verifier(one))
    for path in accept or ():
        _accept(own, path)
    if port is None:
        _tell_witness(own, as_json)
        return
    stopped = Event()
    try:
        server = WitnessServer(own, host, port)
    except OSError as error:
        wrong = f"Nothing can listen on {host} port {port} ({error.strerror}): give another --port."
        raise AddressTaken(wrong) from error
    with server, on_stop(lambda _signal, _frame: stopped.set()):
        server.start()
        say(f"Witnessing at http://{host}:{server.server_address[1]} as {own.verifier()}; Ctrl-C stops it.")
        stopped.wait()
        server.shutdown()


@log.command("keys")
def keys(as_json: Json = False) -> None:
    """The public keys with which anybody can check what is signed of the log, as a file of keys."""
    with wiring.opened(settings("warning"), size=1) as house:
        found = house.witness()
        told = {
            "log": str(house.log_verifier()), "access_log": str(house.log_verifier(READS)),
            "witness": str(found.verifier()) if found else None,
        }  # fmt: skip
    if as_json:
        emit(told)
    else:
        witness = f"# witness\n{told['witness']}" if told["witness"] else "# witness: none is set (IOP_ES_WITNESS)"
        typer.echo(f"# log\n{told['log']}\n# access log\n{told['access_log']}\n{witness}")


@log.command("growth")
def growth(size: Size) -> None:
    """That the log begins with what it was when it had SIZE facts, for whoever kept a checkpoint or a packet of then.

    It is what a witness is asked (c2sp.org/tlog-witness): a consistency proof, and the newest checkpoint.
    """
    with wiring.opened(settings("warning"), size=1) as house:
        typer.echo(str_request(size, *Proofs(house.api_pool, house.log.schema).growth(size)), nl=False)


@log.command("seal")
def seal(as_json: Json = False) -> None:
    """Seal what waits, now; or say why it cannot be sealed."""
    steps = []
    with wiring.opened(settings("warning"), size=1) as house:
        for source in (FACTS, READS):
            with house.sealer(source) as sealer:
                steps.append(sealer.catch_up())
    if not all(step.holding for step in steps):
        leave(REFUSED, "Another process is sealing the log just now.")
    facts, reads = (step.size for step in steps)
    if as_json:
        emit({"sealed": facts, "reads_sealed": reads})
    else:
        typer.echo(f"The log is sealed up to position {facts:,}, and {reads:,} reads are.")


@log.command("restored")
def restored(because: Because, reads: Reads = False, as_json: Json = False) -> None:
    """State, signed, that the log goes on from the older backup that is here; the witness must take the statement in.

    With the witness in a folder of this machine it does so at once; elsewhere its administrator does, by
    `iop-es witness --accept FILE` with what is printed here. Until then the log takes no facts.
    """
    source = READS if reads else FACTS
    with wiring.opened(settings("warning"), size=1) as house, house.sealer(source) as sealer:
        statement = str(sealer.restored(because, instant(datetime.now(UTC))))
        found = house.witness()
        if isinstance(found, Witness):
            found.accept(parse_note(statement))
            sealer.catch_up()
            say("The witness has closed the old history, and the log takes facts again.")
        else:
            say("Give this to the witness's administrator: iop-es witness --folder … --accept FILE")
    if as_json:
        emit({"statement": statement})
    else:
        typer.echo(statement, nl=False)


def standing(house: House) -> dict[str, Any]:
    """How the log is sealed, for `status`: how far, by which key if it is here, with which witness."""
    found = house.gate.standing()
    return {
        "sealed": found.sealed,
        "takes_facts": found.refusal or "yes",
        "log_key": _own_key(house),
        "witness": house.settings.witness or NO_WITNESS,
    }


def _accept(own: Witness, path: Path) -> None:
    try:
        told = own.accept(parse_note(_text(path)))
    except (NotANote, BadSignature, WitnessRefused) as error:
        leave(REFUSED, f"The statement in {path} is not taken in: {error}")
    say(
        f"{told.old.origin} is closed at {told.old.size:,} facts and goes on as {told.new.origin} from"
        f" {told.new.size:,}, because: {told.because}"
    )


def _tell_witness(own: Witness, as_json: bool) -> None:
    logs = own.logs()
    if as_json:
        emit({
            "key": str(own.verifier()),
            "logs": [{"origin": one.origin, "size": one.size, "goes_on_as": one.goes_on_as} for one in logs],
        })
        return
    typer.echo(f"key  {own.verifier()}")
    for one in logs:
        now = f"; goes on as {one.goes_on_as}" if one.goes_on_as else ""
        typer.echo(f"log  {one.origin}: {one.size:,} facts seen{now}")


def _tell(report: Report, seconds: float, source: Source) -> None:
    console = Console(highlight=False, soft_wrap=True)
    speed = report.facts / seconds if seconds else 0.0
    console.print(
        f"{report.log}: {report.facts:,} {source.several} read and hashed, {speed:,.0f} a second.", markup=False
    )
    waiting = report.facts - report.sealed
    beyond = f"; {waiting:,} wait for their seal" if waiting > 0 else ""
    console.print(f"Sealed up to {report.sealed:,} by {report.checkpoints:,} checkpoints{beyond}.")
    if report.witness is None:
        console.print("No witness: whoever has the log's key and the database could have rewritten all of it.")
    else:
        upto = f"{report.cosigned:,}" if report.cosigned else "nothing"
        console.print(f"Cosigned up to {upto} by {report.witness}.")
    for one in report.restorations:
        console.print(f"Restored once, as stated:\n{one}", markup=False)
    for finding in report.findings:
        console.print(f"  {finding.told}", markup=False)
    shown, counted = len(report.findings), sum(report.counts.values())
    if counted > shown:
        console.print(f"  … and {counted - shown:,} more of the same sorts.")


def _conclude(facts: Report, reads: Report | None) -> None:
    """The last line: whether everything is as it was sealed, and if not, where it begins."""
    wrong = [one for one in (facts, reads) if one is not None and not one.sound]
    if not wrong:
        typer.echo("Everything is as it was sealed.")
        return
    counted = sum(sum(one.counts.values()) for one in wrong)
    first = next((one.position for one in wrong[0].findings if one.position is not None), None)
    where = "" if first is None else f"; the first position is {first:,}"
    typer.echo(f"NOT as it was sealed: {counted:,} findings{where}{'' if wrong[0] is facts else ' of the access log'}.")


def _as_data(report: Report) -> dict[str, Any]:
    return {
        "sound": report.sound, "log": report.log, "facts": report.facts, "sealed": report.sealed,
        "checkpoints": report.checkpoints, "witness": report.witness, "cosigned": report.cosigned,
        "receipts": report.receipts, "restorations": report.restorations, "counts": report.counts,
        "findings": [one._asdict() for one in report.findings],
    }  # fmt: skip


def _own_key(house: House) -> str | None:
    """The log's public key; None where its file is not, or cannot be used."""
    try:
        return str(house.log_verifier()) if has_key(house) else None
    except KeysUnusable:
        return None


def has_key(house: House) -> bool:
    """Whether the file of the log's key is here."""
    return os.path.exists(house.log_key_file())  # noqa: PTH110 # False for what cannot be seen


def _own(house: House) -> Verifier:
    """The log's key, whose file must be here: a new one would be another log's."""
    if not has_key(house):
        leave(USAGE, f"The log's key is not in {house.log_key_file()}: give its public half with --key.")
    return house.log_verifier()


def _verifier(text: str) -> Verifier:
    try:
        return parse_verifier(text)
    except NotANote as error:
        raise typer.BadParameter(str(error)) from error


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise typer.BadParameter(f"{path} cannot be read.") from error
