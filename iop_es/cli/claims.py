"""`iop-es claims prepare`: claims made from billable days; how they are sent is in `claim_files`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial
from itertools import groupby
from typing import Annotated, Any, Literal

import typer
from pydantic import TypeAdapter

from aggregates.claim.commands import PrepareClaim
from aggregates.kit import COMMAND_NAME
from api.claiming import Made, Wanted, billable, digest, left
from api.commands.order import Order, digest_of
from iop_es import wiring
from iop_es.cli.frame import REFUSED, Json, emit, say, settings
from iop_es.cli.operator import Acting, Person, a_date, acting, an_id, caught_up, ordered, question
from iop_es.wiring import House
from projections.billing.claims import OUT_OF_TURN, LeftOut
from projections.billing.day import Day

BATCH = 100
From = Annotated[str | None, typer.Option("--from", help="First day of service.", parser=a_date)]
Through = Annotated[str | None, typer.Option("--through", help="Last day of service.", parser=a_date)]
Payer = Annotated[str | None, typer.Option("--payer", help="One payer's id.", parser=an_id)]
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
        by, least = acting(house, person, "biller"), caught_up(house)
        asked, programs = question(house, f"claims/{'secondary' if second else 'billable'}", by)
        wanted, simulation = Wanted(programs, payer, first, last, period), house.log.head().simulation
        make = left if second else partial(billable, house.log)
        made = make(house.gate, asked, wanted, least=least, simulation=simulation)
        refused = 0 if dry_run else _record(house, by, PrepareClaim, made.claims)
    _tell(made, refused, dry_run, as_json)


def _beside(made: Made) -> list[str]:
    """What is on no claim, out of turn, or to be looked at before it leaves, with why."""
    not_ready = [f"Claim {one.due.claim_id}: {one.why}" for one in made.not_ready]
    return [*_left_out(made.left_out), *_left_out(made.to_look_at), *map(_out_of_turn, made.out_of_turn), *not_ready]


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


def _record(house: House, by: Acting, command: type, wanted: list[dict[str, Any]]) -> int:
    """Orders commands in batches; answers how many were refused, each refusal having been said."""
    refused = 0
    for begin in range(0, len(wanted), BATCH):
        part = wanted[begin : begin + BATCH]
        orders = [order(by, command, data) for data in part]
        answers = ordered(house, orders, [f"Claim {data['claim_id']}" for data in part])
        refused += sum(isinstance(answer, Exception) for answer in answers)
    return refused


def order(by: Acting, command: type, data: dict[str, Any], secret: Collection[str] = ()) -> Order:
    """A command in somebody's name; its key is what it says, so that it is recorded once, but for what is `secret`."""
    name = COMMAND_NAME[command]
    adapter: TypeAdapter[Any] = TypeAdapter(command)
    key = f"{name}:{digest({field: value for field, value in data.items() if field not in secret})}"
    typed = adapter.validate_python(data)
    return Order(typed, by.person, by.role, None, key, digest_of(name, data), request=by.request)


def _tell(made: Made, refused: int, dry_run: bool, as_json: bool) -> None:
    prepared, beside = len(made.claims) - refused, _beside(made)
    if as_json:
        told = {"prepared": prepared, "refused": refused, "dry_run": dry_run, "claims": made.claims}
        emit(told | {"beside": beside})
    else:
        for sentence in beside:
            say(sentence)
        typer.echo(f"{prepared:,} claims {'would be ' if dry_run else ''}prepared, {refused:,} refused.")
    if refused:
        raise typer.Exit(REFUSED)
