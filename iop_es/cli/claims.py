"""`iop-es claims prepare`: claims made from billable days; how they are sent is in `claim_files`."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from itertools import groupby
from typing import Annotated, Any, Literal, cast
from uuid import NAMESPACE_URL, uuid4, uuid5

import rfc8785
import typer
from pydantic import TypeAdapter

from aggregates.claim.commands import PrepareClaim
from aggregates.kit import COMMAND_NAME
from api.commands.order import Order, digest_of
from iop_es import wiring
from iop_es.cli.frame import REFUSED, Json, emit, say, settings
from iop_es.cli.operator import a_date, an_id, catch_up, operator, ordered, question
from iop_es.wiring import House
from projections.billing import MODEL, queries, worklists
from projections.billing.claims import OUT_OF_TURN, LeftOut, Prepared
from projections.billing.claims import prepare as prepared_claims
from projections.billing.day import Day
from projections.billing.secondary_claims import NotReady
from projections.billing.secondary_claims import secondary as secondary_claims

BILLING = MODEL.name
BATCH = 100
CLAIMS = uuid5(NAMESPACE_URL, "urn:iop-es:claim")
From = Annotated[str | None, typer.Option("--from", help="First day of service.", parser=a_date)]
Through = Annotated[str | None, typer.Option("--through", help="Last day of service.", parser=a_date)]
Payer = Annotated[str | None, typer.Option("--payer", help="One payer's id.", parser=an_id)]
Person = Annotated[
    str | None, typer.Option(help="The biller's id; left out, one made from the user name.", parser=an_id)
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would be recorded, and record nothing.")]
Second = Annotated[
    bool, typer.Option("--secondary", help="Of claims that their payer answered, what is left for the second one.")
]
Period = Annotated[Literal["week", "month"], typer.Option(help="What one claim covers.")]

claims = typer.Typer(help="Claims: prepare them from billable days, send them in files.", no_args_is_help=True)


@claims.command()
def prepare(
    payer: Payer = None, first: From = None, last: Through = None, period: Period = "week", second: Second = False,
    person: Person = None, dry_run: DryRun = False, as_json: Json = False,
) -> None:  # fmt: skip
    """Prepare claims from the days that can be billed now; a day that cannot go on one is named with the reason.

    With --secondary: of each answered claim, the claim to the patient's second payer. --from and --through are then
    about the answered claim's first day, --payer is the second payer.
    """
    with wiring.opened(settings("warning")) as house:
        if second:
            claims, not_ready = _left(house, person, payer, first, last)
            told = [f"Claim {one.due.claim_id}: {one.why}" for one in not_ready]
        else:
            found = _billable(house, person, payer, first, last, period)
            claims, told = found.claims, [*_left_out(found.left_out), *map(_out_of_turn, found.out_of_turn)]
        simulation = house.log.head().simulation
        wanted = [named(data | {"demonstration": simulation}) for data in claims]
        refused = 0 if dry_run else _record(house, person, PrepareClaim, wanted)
    for sentence in [] if as_json else told:
        say(sentence)
    _tell("prepared", wanted, refused, dry_run, as_json)


def _left_out(left_out: Sequence[LeftOut]) -> list[str]:
    """A day by itself, and many for one reason together."""
    by_reason = groupby(sorted(left_out, key=lambda one: one.why), key=lambda one: one.why)
    told = []
    for why, group in by_reason:
        days = [one.day for one in group]
        if len(days) == 1:
            told.append(f"Patient {days[0].patient_id} on {days[0].service_date}: {why}")
        else:
            told.append(f"{len(days):,} days of {len({day.patient_id for day in days}):,} patients: {why}")
    return told


def _out_of_turn(day: Day) -> str:
    return f"Patient {day.patient_id} from {day.service_date}: {OUT_OF_TURN}"


def _left(
    house: House, person: str | None, payer: str | None, first: str | None, last: str | None
) -> tuple[list[dict[str, Any]], list[NotReady]]:
    """Secondary claims over what is left of answered claims at the position that the read model has reached."""
    catch_up(house)
    asked, programs = question(house, "claims/secondary", person, "biller")
    answer = house.gate.read(
        asked, BILLING,
        lambda cursor, now: worklists.secondary_due(cursor, programs=programs, now=now, payer_id=payer),
    )  # fmt: skip
    due = [one for one in answer.result if (first or "") <= one.from_date <= (last or one.from_date)]
    return secondary_claims(due, decided_at=answer.position, now=answer.now, new_id=lambda: str(uuid4()))


def _billable(
    house: House, person: str | None, payer: str | None, first: str | None, last: str | None,
    period: Literal["week", "month"],
) -> Prepared:  # fmt: skip
    """Claims over today's billable days, decided at the position that the read model has reached."""
    catch_up(house)
    asked, programs = question(house, "claims/billable", person, "biller")
    answer = house.gate.read(
        asked, BILLING,
        lambda cursor, now: queries.to_bill(
            cursor, programs=programs, now=now, payer_id=payer, from_date=first, through_date=last
        ),
    )  # fmt: skip
    days, around = answer.result
    return prepared_claims(
        days, around=around, decided_at=answer.position, now=answer.now, period=period, new_id=lambda: str(uuid4())
    )


def named(data: dict[str, Any]) -> dict[str, Any]:
    """The claim under an id made from what it says, so that asking twice makes one claim."""
    return data | {"claim_id": str(uuid5(CLAIMS, _digest(data | {"claim_id": None})))}


def _digest(data: dict[str, Any]) -> str:
    return sha256(rfc8785.dumps(cast(Any, data))).hexdigest()


def _record(house: House, person: str | None, command: type, wanted: list[dict[str, Any]]) -> int:
    """Orders commands in batches; answers how many were refused, each refusal having been said."""
    refused = 0
    for begin in range(0, len(wanted), BATCH):
        part = wanted[begin : begin + BATCH]
        orders = [order(person, command, data) for data in part]
        answers = ordered(house, orders, [f"Claim {data['claim_id']}" for data in part])
        refused += sum(isinstance(answer, Exception) for answer in answers)
    return refused


def order(person: str | None, command: type, data: dict[str, Any]) -> Order:
    """A command in a biller's name; its key is what it says, so that it is recorded once."""
    name = COMMAND_NAME[command]
    adapter: TypeAdapter[Any] = TypeAdapter(command)
    key = f"{name}:{_digest(data)}"
    typed = adapter.validate_python(data)
    return Order(typed, person or operator(), "biller", None, key, digest_of(name, data))


def _tell(done: str, wanted: list[dict[str, Any]], refused: int, dry_run: bool, as_json: bool) -> None:
    if as_json:
        emit({done: len(wanted) - refused, "refused": refused, "dry_run": dry_run, "claims": wanted})
    else:
        would = "would be " if dry_run else ""
        typer.echo(f"{len(wanted) - refused:,} claims {would}{done}, {refused:,} refused.")
    if refused:
        raise typer.Exit(REFUSED)
