"""`iop-es dispute` and `iop-es verify-packet`: a claim as of any moment with its proof, and the proof checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, get_args
from uuid import uuid4

import typer
from msgspec import to_builtins

from aggregates.access.commands import RecordDisclosure
from aggregates.dispute.commands import IssuePacket
from aggregates.dispute.facts import Edition
from aggregates.kit import COMMAND_NAME
from api.access import roles_for
from api.commands.order import Order, digest_of
from api.gate import NotYetKnown
from api.packets import Recipient, release
from iop_es import wiring
from iop_es.cli.frame import REFUSED, Json, emit, say, settings
from iop_es.cli.operator import (
    Acting,
    Person,
    a_code,
    acting,
    acting_as,
    an_id,
    catch_up,
    ordered,
    position_of,
    question,
)
from iop_es.cli.printing import AsOf, written
from iop_es.engine.packet.verify_packet import verify
from iop_es.engine.transparency.proofs import NotSealedYet
from iop_es.wiring import House
from projections.packet.contents import ANSWERS
from projections.packet.issue import Packet
from projections.packet.items import ITEMS, TITLES, Item
from projections.packet.reading import NotTheirClaim, Wanted

Claims = Annotated[list[str], typer.Argument(metavar="CLAIM...", help="Ids of claims of one patient.", parser=an_id)]
Out = Annotated[Path, typer.Option("--out", metavar="FILE", help="Where to: a name ending in .zip.")]
KnownTo = Annotated[int | None, typer.Option(metavar="POSITION", help="What today is; left out: all that is sealed.")]
Wording = Annotated[str, typer.Option("--edition", help="internal (everything) or payer (what was asked for).")]
Items = Annotated[list[str] | None, typer.Option("--item", help=f"For a payer: {', '.join(ITEMS)}. Several times.")]
Matter = Annotated[
    str | None, typer.Option("--dispute", metavar="ID", help="Put it on record in this dispute.", parser=an_id)
]
To = Annotated[str | None, typer.Option("--recipient", metavar="NAME", help="Who gets a payer's edition.")]
Consent = Annotated[
    str | None, typer.Option(metavar="ID", help="The consent under which it is disclosed.", parser=an_id)
]
Beyond = Annotated[
    str | None, typer.Option(metavar="CAUSE", help="Why a payer gets more than its letters ask for.", parser=a_code)
]
File = Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="The packet.")]
Trust = Annotated[
    Path | None,
    typer.Option("--trust", metavar="KEYS", exists=True, dir_okay=False, help="The public keys that you were given."),
]


def dispute(
    claim: Claims, out: Out, as_of: AsOf = None, known_to: KnownTo = None, edition: Wording = "internal",
    item: Items = None, matter: Matter = None, person: Person = None, recipient: To = None,
    consent: Consent = None, beyond: Beyond = None, as_json: Json = False,
) -> None:  # fmt: skip
    """Rebuild claims as of a moment, beside what is known today, into one packet that proves itself.

    Left out, --as-of is when the claims were decided. The same claims, --as-of and --known-to give the same bytes. A
    payer's edition holds only what --item names, and leaves only in a --dispute, approved by --person: somebody on
    record in a role that may. What none of its letters asks for needs a cause, --beyond.
    """
    if out.suffix != ".zip":
        raise typer.BadParameter("A packet is an archive: name a file ending in .zip.", param_hint="--out")
    if edition not in get_args(Edition):
        raise typer.BadParameter(f"{edition!r} is neither internal nor payer.", param_hint="--edition")
    complete = item and matter and person and recipient
    if (edition == "payer" and not complete) or (edition == "internal" and (recipient or consent or beyond)):
        wrong = (
            "A payer's edition needs --item, --dispute, --person and --recipient; no other has --recipient, --consent"
            " or --beyond."
        )
        raise typer.BadParameter(wrong, param_hint="--edition")
    with wiring.opened(settings("warning")) as house:
        catch_up(house)
        if edition == "payer" and person is not None:
            by = acting_as(house, person, sorted(roles_for(IssuePacket)))
        else:
            by = acting(house, person, "utilization_reviewer")
        wanted = _wanted(house, claim, as_of, known_to, edition, _items(item), consent)
        made, to = _made(house, wanted, by), _recipient(house, matter, recipient)
        refused = matter is not None and not _on_record(house, matter, wanted, made, by, to, beyond)
    if refused:
        raise typer.Exit(REFUSED)
    written(out, made.archive)
    _tell(out, wanted, made, as_json)


def verify_packet(file: File, trust: Trust = None, as_json: Json = False) -> None:
    """Check a packet offline, as its own verify_packet.py does. Exit code 1 when something does not hold."""
    found = verify(file.read_bytes(), trust.read_text().splitlines() if trust else None)
    if as_json:
        emit({"holds": not found.failures, "failures": found.failures, "told": found.told})
    else:
        for line in found.failures or found.told:
            typer.echo(line)
        typer.echo("The packet does NOT hold." if found.failures else "The packet holds.")
    if found.failures:
        raise typer.Exit(REFUSED)


def _items(named: Sequence[str] | None) -> list[Item]:
    wrong = set(named or ()) - {*ITEMS}
    if wrong:
        raise typer.BadParameter(f"There is no item {', '.join(sorted(wrong))}.", param_hint="--item")
    return [one for one in ITEMS if named is None or one in named]


def _wanted(
    house: House, claims: Sequence[str], as_of: str | None, known_to: int | None, edition: str, items: Sequence[Item],
    consent: str | None,
) -> Wanted:  # fmt: skip
    then = None if as_of is None else position_of(house, as_of)
    if house.embedded:  # where nobody may be sealing
        with house.sealer() as sealer:
            sealer.catch_up()
    try:
        return house.packets().wanted(
            claims, "payer" if edition == "payer" else "internal", items, then, known_to, consent
        )
    except NotYetKnown:
        wrong = "That comes after --known-to, or after what is sealed: name an earlier position."
        raise typer.BadParameter(wrong, param_hint="--as-of") from None
    except NotSealedYet:
        raise typer.BadParameter("The log is not sealed as far as that.", param_hint="--known-to") from None
    except NotTheirClaim as error:
        raise typer.BadParameter(str(error), param_hint="CLAIM") from None


def _made(house: House, wanted: Wanted, by: Acting) -> Packet:
    """The packet, on record as a read of the patient's record before anything of it leaves."""
    asked, _ = question(house, f"dispute/{wanted.claims[0]}", by)
    house.gate.opened(replace(asked, patient=wanted.patient_id, purpose="payment"), [])
    return house.packets().made(wanted)


def _recipient(house: House, matter: str | None, name: str | None) -> Recipient | None:
    """Who gets it, for the payer of the dispute."""
    state = house.commands().states("dispute", [matter])[matter] if matter else None
    first = state.first if state else None
    return Recipient(name, payer_id=first.payer_id if first else None) if name else None


def _on_record(
    house: House, matter: str, wanted: Wanted, made: Packet, by: Acting, to: Recipient | None,
    beyond: str | None,
) -> bool:  # fmt: skip
    commands = release(matter, wanted, made, by.person, house.packets().today(wanted.claims), to, beyond)
    orders = [_order(command, by) for command in commands]
    answers = ordered(house, orders, [f"Dispute {matter}"] * len(orders), whole=True)
    return not any(isinstance(one, Exception) for one in answers)


def _order(command: IssuePacket | RecordDisclosure, by: Acting) -> Order:
    """A command in somebody's name, decided each time: what allowed a packet yesterday may have ended."""
    name = COMMAND_NAME[type(command)]
    digest = digest_of(name, to_builtins(command))
    return Order(command, by.person, by.role, None, f"{name}:{uuid4()}", digest, request=by.request)


def _tell(out: Path, wanted: Wanted, made: Packet, as_json: bool) -> None:
    if as_json:
        emit({
            "file": str(out), "sha256": made.sha256, "bytes": len(made.archive), "pages": made.pages,
            "as_of": wanted.as_of, "known_to": wanted.known_to, "checkpoint_size": made.checkpoint_size,
            "checkpoint_root": made.checkpoint_root, "items": made.items, "left_out": made.left_out,
            "packet_id": made.packet_id,
        })  # fmt: skip
        return
    say(f"{out}: {made.pages} pages, {len(made.archive):,} bytes, SHA-256 {made.sha256}.")
    missing = [TITLES[one].lower() for one in ITEMS if one in made.left_out]
    if missing:
        say(f"Not in the record, so not in the packet: {', '.join(missing)}.")
    if ANSWERS in made.left_out:
        say("Withheld from a payer: what was answered to each question of an outcome measure.")
    say(f"To get the same bytes again: --as-of {wanted.as_of} --known-to {wanted.known_to}.")
