"""`iop-es keys`: how the keys of patients stand, new ones, and giving a patient's up for ever."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer
from msgspec import to_builtins
from rich.console import Console
from rich.table import Table

from iop_es import wiring
from iop_es.cli.claim_files import kept_of
from iop_es.cli.frame import USAGE, Json, emit, leave, say, settings
from iop_es.cli.operator import an_id, asked_here, catch_up, operator
from iop_es.engine.subjects.keeping import KeyStatus
from iop_es.engine.subjects.sealing import SubjectSealer
from iop_es.shredding import retention, unfinished
from iop_es.shredding import shred as shredded
from projections.audit.shreddings import ShreddingView

keys = typer.Typer(no_args_is_help=True, help="The keys under which personal parts are sealed, and their end.")

Subject = Annotated[
    str | None, typer.Argument(metavar="SUBJECT", help="Whose key: patient:ID, session:ID, clinician:ID, or the like.")
]
All = Annotated[bool, typer.Option("--all", help="A new key for every subject.")]
Forget = Annotated[
    bool, typer.Option("--forget", help="Also take master keys that wrap nothing any more out of the file.")
]
Every = Annotated[bool, typer.Option("--all", help="Also what was withdrawn or carried out.")]
Patient = Annotated[str, typer.Argument(metavar="PATIENT", help="The patient's id.", parser=an_id)]


@keys.command("status")
def status(as_json: Json = False) -> None:
    """How many keys there are and which master keys wrap them; whose shredding is on record and not finished."""
    with wiring.opened(settings("warning"), size=1) as house, house.keeper() as keeper:
        found, left = keeper.status(), unfinished(house, keeper)
        lost = house.log.sealer.keys.lost() if isinstance(house.log.sealer, SubjectSealer) else 0
    if as_json:
        emit({**to_builtins(found), "lost": lost, "unfinished": left})
        return
    _tell(found)
    if lost:
        typer.echo(f"{lost:,} facts were sealed with keys that are not here: put back the newest backup of the keys.")
    for patient in left:
        typer.echo(f"The shredding of {patient} is on record and not finished: run `iop-es keys shred {patient}`.")


@keys.command("requests")
def requests(every: Every = False, as_json: Json = False) -> None:
    """Whose record is asked to be given up: who asked and approved, when it is due, and what holds it. On record as a
    read."""
    with wiring.opened(settings("warning")) as house:
        catch_up(house)
        asked, _ = asked_here(house, "audit.shreddings", "privacy_officer")
        answer = house.gate.oversight.shreddings(replace(asked, purpose="privacy"), retention(house.settings))
    found = [one for one in answer.result if every or one.ended is None]
    if as_json:
        emit({"position": answer.position, "now": answer.now, "requests": [one.model_dump() for one in found]})
        return
    if not found:
        say("Nobody ever asked to give a record up." if every else "No request to give a record up is open.")
    for one in found:
        approved = f"approved by {one.approved_by}" if one.approved_by else "not approved"
        typer.echo(f"{one.patient_id}: {_due(one)}; request {one.request_id}, asked by {one.requested_by}, {approved}.")
        for each in one.held_by:
            typer.echo(f"  held by {each.hold or each.kind} {each.id or f'until {each.until}'}")


@keys.command("rotate-master")
def rotate_master(forget: Forget = False, as_json: Json = False) -> None:
    """Wrap every key with a new master key. No fact is written anew; back the file of master keys up afterwards.

    With --forget the old master keys go, and with them whatever a backup of the table of keys could still open.
    """
    with wiring.opened(settings("warning"), size=1) as house, house.keeper() as keeper:
        file = wiring.master_keys(house.settings)
        file.begin() if not keeper.status().kinds else file.current()
        new = file.add()
        rewrapped = keeper.rewrap()
        gone = file.forget(keeper.status().unused) if forget else []
    if as_json:
        emit({"current": new, "rewrapped": rewrapped, "forgotten": gone})
    else:
        typer.echo(f"{rewrapped:,} keys are wrapped by {new} now; {len(gone):,} master keys were forgotten.")


@keys.command("rotate")
def rotate(subject: Subject = None, every: All = False, as_json: Json = False) -> None:
    """Give a subject, or with --all every one, a new key for new facts; what was sealed opens as before."""
    if (subject is None) != every:
        leave(USAGE, "Name one subject, such as patient:ID, or say --all.")
    with wiring.opened(settings("warning"), size=1) as house, house.keeper() as keeper:
        made = keeper.rotate_all() if subject is None else keeper.rotate([subject])
    if as_json:
        emit({"made": made})
    else:
        typer.echo(f"{made:,} new keys; every process seals with them within a minute.")


@keys.command("shred")
def shred(patient: Patient, as_json: Json = False) -> None:
    """Destroy a patient's keys for ever: an approved request, thirty days later, when nothing stands against it.

    Run again after an interruption it finishes what was begun. Backups of the table of keys open the patient's words
    until they, or the master keys of their time, are gone.
    """
    with wiring.opened(settings("warning")) as house, house.keeper() as keeper:
        done = shredded(house, keeper, patient, operator())
        catch_up(house)
        files = [str(one) for one in kept_of(house, patient)]
    if as_json:
        emit({**to_builtins(done.fact), "destroyed": done.destroyed, "claim_files": files})
        return
    typer.echo(f"{done.destroyed:,} of {len(done.fact.keys):,} keys destroyed: names and words of {patient} are gone.")
    say("Other processes forget these keys within a second; backups of the table of keys have to go, too.")
    for one in files:
        say(f"{one} still names the patient, and others: keep it no longer than the law asks for their claims.")


def _due(one: ShreddingView) -> str:
    """How far it is, in words."""
    if one.ended is not None:
        return one.ended.replace("_", " ")
    if one.due:
        return "due now"
    return f"due from {one.not_before} on" if one.not_before else "waits for approval"


def _tell(found: KeyStatus) -> None:
    console = Console(highlight=False, soft_wrap=True)
    table = Table("kind", "subjects", "keys", "destroyed")
    for one in found.kinds:
        table.add_row(one.kind, f"{one.subjects:,}", f"{one.keys:,}", f"{one.destroyed:,}")
    console.print(table)
    for name, count in found.wrapped_by.items():
        console.print(f"Wrapped by {name}{' (in use)' if name == found.current else ''}: {count:,}")
    for name in found.unused:
        console.print(f"{name} wraps nothing any more; `iop-es keys rotate-master --forget` forgets it.")
