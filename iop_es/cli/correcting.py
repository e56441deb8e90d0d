"""`iop-es claims correct`: wrong claims put right, by a claim that replaces (7) or voids (8) what the payer has."""

from __future__ import annotations

from typing import Annotated

import typer

from aggregates.claim.commands import PrepareClaim
from api.claiming import Remedy, remedies
from iop_es import wiring
from iop_es.cli.claims import DryRun, order
from iop_es.cli.frame import REFUSED, Json, emit, leave, settings
from iop_es.cli.operator import Acting, Person, acting, an_id, caught_up, ordered, question
from iop_es.wiring import House
from projections.billing.views import ClaimedLineView, CorrectedDayView
from projections.billing.words import dollars

ClaimId = Annotated[
    str | None,
    typer.Argument(
        metavar="CLAIM", help="One claim's id; left out, every claim that is wrong by our own record.", parser=an_id
    ),
]


def correct(
    claim: ClaimId = None, person: Person = None, dry_run: DryRun = False, as_json: Json = False
) -> None:
    """Prepare what puts wrong claims right: a replacement, or a void where nothing of a claim stands.

    A claim that was never sent is voided here. One that only its payer says is wrong (denied as to be corrected) is put
    right where you name it, once somebody has found out what was missing. What changes is told for each, in words and
    money. Exit code 1 when one cannot be corrected yet or is refused.
    """
    with wiring.opened(settings("warning")) as house:
        by = acting(house, person, "biller")
        found = _remedies(house, claim, by)
        if claim is not None and not found:
            _must_be_known(house, claim)
        if not dry_run:
            _order(house, by, found)
    _tell(found, claim, dry_run, as_json)


def _remedies(house: House, claim: str | None, by: Acting) -> list[Remedy]:
    """What to do about each wrong claim, by what the read model knows."""
    least, simulation = caught_up(house), house.log.head().simulation
    asked, programs = question(house, "claims/correct", by)
    return remedies(house.gate, asked, programs, claim, least=least, simulation=simulation)


def _must_be_known(house: House, claim_id: str) -> None:
    """Ends the command for a claim that nobody prepared; one that is known is right."""
    if not house.log.streams([claim_id])[claim_id]:
        leave(REFUSED, f"There is no claim {claim_id}; correct the id.")


def _order(house: House, by: Acting, found: list[Remedy]) -> None:
    """Orders each by itself; a refusal is said and kept with its claim.

    They share one append, which gives back before it takes, whichever is told first.
    """
    due = [one for one in found if one.command is not None and one.data is not None]
    orders = [order(by, one.command, one.data) for one in due if one.command and one.data]
    answers = ordered(house, orders, [f"Claim {one.wrong.claim.claim_id}" for one in due])
    for one, answer in zip(due, answers, strict=True):
        if isinstance(answer, Exception):
            one.refused = str(answer) or " ".join((type(answer).__doc__ or "").split())


def _tell(found: list[Remedy], claim: str | None, dry_run: bool, as_json: bool) -> None:
    done = [one for one in found if one.refused is None]
    prepared = sum(one.command is PrepareClaim for one in done)
    counts = {"prepared": prepared, "voided": len(done) - prepared, "refused": len(found) - len(done)}
    if as_json:
        emit(counts | {"dry_run": dry_run, "corrections": [one.as_json() for one in found]})
    else:
        for one in found:
            _tell_one(one)
        if claim is not None and not found:
            typer.echo(f"Claim {claim}: by what is known now there is nothing to correct.")
        would = "would be " if dry_run else ""
        typer.echo(
            f"{prepared:,} claims {would}prepared, {counts['voided']:,} {would}voided here, {counts['refused']:,} not "
            "corrected."
        )
    if counts["refused"]:
        raise typer.Exit(REFUSED)


def _tell_one(remedy: Remedy) -> None:
    one = remedy.wrong.correction
    money = f"{dollars(one.claimed_cents)} becomes {dollars(one.right_cents)} ({dollars(one.difference_cents)})"
    typer.echo(f"Claim {one.claim_id}, {one.status}: {remedy.action}. {money}.")
    for day in one.days:
        typer.echo(f"  {_change(day)}")
    for sentence in (*one.header, *filter(None, (one.late_released, None if remedy.refused else one.look))):
        typer.echo(f"  {sentence}")
    if remedy.refused is not None:
        typer.echo(f"  Not corrected: {remedy.refused}")


def _change(day: CorrectedDayView) -> str:
    """What a day's lines were and are, and why."""
    right = ", ".join(map(_line, day.right)) or "nothing"
    why = f" {day.sentence}" if day.sentence else ""
    return f"{day.service_date}: {', '.join(map(_line, day.claimed))} becomes {right}.{why}"


def _line(line: ClaimedLineView) -> str:
    code = "/".join(filter(None, (line.procedure_code, line.revenue_code)))
    times = f" times {line.units}" if line.units != 1 else ""
    return f"{' '.join((code, *line.modifiers))}{times} at {dollars(line.charge_cents)}"
