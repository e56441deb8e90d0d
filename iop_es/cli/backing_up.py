"""`iop-es backup` and `iop-es restore`: PostgreSQL's own backups, and whether what came back is what was sealed."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import TypeAdapter, ValidationError

from aggregates.values import Instant
from iop_es import wiring
from iop_es.cli.frame import REFUSED, USAGE, Json, emit, leave, say, settings
from iop_es.cli.verifying import has_key
from iop_es.engine.embedded.backup import About, archive_of, back_up, back_up_server
from iop_es.engine.embedded.restoring import Restored
from iop_es.engine.embedded.restoring import restore as restored_from
from iop_es.engine.transparency.log_sealer import HistoryRefused
from iop_es.engine.transparency.source import FACTS, READS, Source
from iop_es.engine.transparency.verifying import Verification
from iop_es.engine.transparency.witness import WitnessAway, WitnessRefused
from iop_es.settings import Settings
from iop_es.wiring import House

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="The backup's folder: new, or one of an earlier backup.")]
To = Annotated[
    str | None, typer.Option(metavar="TIME", help="What was committed by then; left out, the newest moment.")
]
Wal = Annotated[
    Path | None,
    typer.Option(help="The pg_wal of the lost server, if it can be read: its last pieces are not archived yet."),
]
NEXT = (
    "Bring what is newer (a newer backup, or the lost server's pg_wal with --wal) and restore it instead; or state with"
    " `iop-es log restored{}` that the log goes on from here."
)

AGREES = "It is all that the witness has seen, and takes facts."
UNWITNESSED = "It takes facts. No witness is set, so nobody can say whether anything newer was lost."
ONLY_ITSELF = (
    "It can be restored to its own end only: the server archives nothing (archive_mode). What its administrator sets is"
    " told in the README."
)


def backup(folder: Folder, as_json: Json = False) -> None:
    """Add a base backup to a folder; the embedded server archives its log there from then on."""
    found = settings("warning")
    with wiring.opened(found, size=1) as house:
        head = house.log.head()
        about = About(head.name, house.log.schema, head.position)
        before = archive_of(found.project) if house.embedded else None
        made = (
            back_up(found.project, folder, about) if house.embedded
            else back_up_server(found.backup_url or house.url, folder, about)
        )  # fmt: skip
        apart = _apart(house)
    if as_json:
        emit({**asdict(made), "folder": str(folder.resolve()), "keep_apart": apart})
        return
    typer.echo(f"{folder / 'base' / made.name}: {made.bytes / 1e6:,.0f} MB, every page and file compared.")
    typer.echo(f"It can be restored to any moment from {made.finished_at} on." if made.archived else ONLY_ITSELF)
    if before is not None and before != folder.resolve() / "wal":
        say(f"The log is archived here from now on, and no longer in {before}.")
    say("Not in it, and kept apart from it by you, or whoever has the backup has them too:")
    for what in apart:
        say(f"  {what}")


def restore(folder: Folder, to: To = None, wal: Wal = None, as_json: Json = False) -> None:
    """Make this project's database from a backup, verify it, and ask the witness whether it is the newest."""
    found = settings("warning")
    if found.database_url:
        leave(USAGE, "A server is restored by its administrator, as the README tells; unset IOP_ES_DATABASE_URL.")
    done = restored_from(found.project, folder.resolve(), None if to is None else _instant(to), wal)
    told = _looked_at(found)
    if as_json:
        emit({"base": asdict(done.base), "pieces": done.pieces, "seconds": round(done.seconds, 3), **told})
    else:
        _tell(done, told)
    if not told["sound"] or told["refused"]:
        raise typer.Exit(REFUSED)


def _looked_at(found: Settings) -> dict[str, Any]:
    """How the restored store stands: its head, whether it is what was sealed, and what the witness says."""
    with wiring.opened(found, size=4) as house:
        head = house.log.head()
        told: dict[str, Any] = {"position": head.position, "recorded_at": head.recorded_at, "sound": None}
        if not has_key(house):
            return told | {"refused": [f"The log's key is not in {house.log_key_file()}: bring it, then verify."]}
        with house.auditing() as auditing:
            reports = [
                Verification(pool, house.log.schema, house.log_verifier(source), None, source).run()
                for pool, source in ((house.api_pool, FACTS), (auditing, READS))
            ]
        told["sound"] = all(one.sound for one in reports)
        told["findings"] = [finding.told for one in reports for finding in one.findings]
        told["witnessed"] = house.witness() is not None
        return told | {"refused": [why for source in (FACTS, READS) if (why := _refusal(house, source))]}


def _refusal(house: House, source: Source) -> str | None:
    """Why the log cannot go on from here; None where the witness has seen nothing else."""
    try:
        with house.sealer(source) as sealer:
            sealer.catch_up()
    except HistoryRefused as error:
        return f"{str(error).partition(' Bring the')[0]} {NEXT.format(source.option)}"
    except (WitnessAway, WitnessRefused, wiring.WitnessUnusable) as error:
        return f"The witness was not asked: {error} Then run `iop-es log seal`."
    return None


def _tell(done: Restored, told: dict[str, Any]) -> None:
    typer.echo(
        f"Restored {done.base.name} with {done.pieces:,} pieces of the log in {done.seconds:,.1f} s: the log of facts"
        f" is at position {told['position']:,}."
    )
    if told["sound"] is not None:
        typer.echo("What is here is as it was sealed." if told["sound"] else "What is here is NOT as it was sealed:")
    for finding in told.get("findings", ()):
        typer.echo(f"  {finding}")
    for why in told["refused"]:
        say(why)
    if told["sound"] and not told["refused"]:
        typer.echo(AGREES if told["witnessed"] else UNWITNESSED)
    say("Nothing is archived until the next `iop-es backup`.")


def archiving(house: House) -> str:
    """Whether the embedded server's log is archived, and whether that works, for `status`."""
    if not house.embedded:
        return "seen to by the server's administrator"
    folder = archive_of(house.settings.project)
    if folder is None:
        return "nowhere: `iop-es backup` begins it"
    failing = "SELECT last_failed_time > coalesce(last_archived_time, '-infinity') FROM pg_stat_archiver"
    with house.api_pool.connection() as connection:
        row = connection.execute(failing).fetchone()
    return f"NOT into {folder}, which cannot be written: see server.log" if row and row[0] else f"into {folder}"


def _apart(house: House) -> list[str]:
    """What no backup holds, and without which one is worth less."""
    named = house.settings
    root = wiring.root_key(named)
    apart = [f"the root key, {root}: without it everybody signs on with a next key"]
    others = sorted(one for one in (Path(named.project) / ".iop-es").glob("*.key*") if one != root)
    apart += [f"{one}: keys that are in no database" for one in others if one != named.log_key]
    if named.log_key:
        apart.append(f"the log's key, {named.log_key}: without it the log cannot be sealed on")
    if named.witness and not named.witness.startswith(("http://", "https://")):
        apart.append(f"the witness, {named.witness}: without it nobody can tell an older backup")
    return apart


def _instant(text: str) -> str:
    try:
        return TypeAdapter(Instant).validate_python(text)
    except ValidationError:
        wrong = f"{text!r} is no time with its zone, such as 2026-03-02T09:00:00Z."
        raise typer.BadParameter(wrong, param_hint="--to") from None
