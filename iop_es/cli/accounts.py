"""`iop-es accounts charge`: the days that no payer is asked for, charged to their patients."""

from __future__ import annotations

from typing import Annotated

import typer

from aggregates.kit import Refusal
from api.charging import Due, Wanted, due
from api.commands.order import Order
from iop_es import wiring
from iop_es.cli.claims import DryRun, From, Through, order
from iop_es.cli.frame import REFUSED, Json, emit, say, settings
from iop_es.cli.operator import Acting, Person, acting, an_id, caught_up, ordered, question
from iop_es.wiring import House
from projections.billing.self_pay import SelfPayView
from projections.billing.words import dollars

BATCH = 100
PatientId = Annotated[str | None, typer.Option("--patient", help="One patient's id; left out, all.", parser=an_id)]
ChargeId = Annotated[
    str | None, typer.Option("--charge", help="One charge's id, of which something may be written off.", parser=an_id)
]  # fmt: skip

accounts = typer.Typer(help="Patients' accounts: charge the days that no payer is asked for.", no_args_is_help=True)


@accounts.command()
def charge(
    patient: PatientId = None, first: From = None, last: Through = None, named: ChargeId = None,
    person: Person = None, dry_run: DryRun = False, as_json: Json = False,
) -> None:  # fmt: skip
    """Charge patients for self-pay and sliding-fee days, and take back what is decided otherwise by now.

    A charge of which something was written off is posted anew only where --charge names it. Exit code 1 when a charge
    is refused.
    """
    with wiring.opened(settings("warning")) as house:
        by = acting(house, person, "biller")
        found = _due(house, by, patient, first, last, named)
        orders = [(one.view, order(by, *step)) for one in found.days for step in one.steps]
        refused = 0 if dry_run else _order(house, orders)
    posted = sum(one.posted is not None for one in found.days)
    views = [one.view for one in found.days]
    money = sum(one.difference_cents for one in views)
    for one in found.left_out:
        say(f"Patient {one.patient_id} on {one.service_date}: {one.by_name}")
    if as_json:
        told = [one.model_dump() | {"difference_cents": one.difference_cents} for one in views]
        left = [one.model_dump() for one in found.left_out]
        emit({"posted": posted, "taken_back": len(orders) - posted, "refused": refused, "dry_run": dry_run,
              "difference_cents": money, "days": told, "left_out": left})  # fmt: skip
    else:
        would = "would be " if dry_run else ""
        typer.echo(
            f"{posted:,} charges {would}posted, {len(orders) - posted:,} {would}taken back, {refused:,} refused; "
            f"patients owe {dollars(money)} more."
        )
    if refused:
        raise typer.Exit(REFUSED)


def _due(
    house: House, by: Acting, patient: str | None, first: str | None, last: str | None, named: str | None
) -> Due:
    """What is to be done, at the position that the read model has reached. Raises typer.Exit for a day of a patient
    that is named and not the patient's to pay."""
    least = caught_up(house)
    asked, programs = question(house, "accounts/charge", by)
    try:
        return due(house.gate, asked, Wanted(programs, patient, first, last, named), least)
    except Refusal as wrong:
        say(str(wrong))
        raise typer.Exit(REFUSED) from wrong


def _order(house: House, steps: list[tuple[SelfPayView, Order]]) -> int:
    """Orders in batches; answers how many were refused, each refusal having been said."""
    refused = 0
    for begin in range(0, len(steps), BATCH):
        part = steps[begin : begin + BATCH]
        names = [f"Patient {one.patient_id} on {one.service_date}" for one, _ in part]
        refused += sum(isinstance(one, Exception) for one in ordered(house, [each for _, each in part], names))
    return refused
