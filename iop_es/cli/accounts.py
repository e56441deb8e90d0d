"""`iop-es accounts charge`: the days that no payer is asked for, charged to their patients."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import NAMESPACE_URL, uuid5

import rfc8785
import typer

from aggregates.account.accounts import account_of
from aggregates.account.commands import PostSelfPayCharge, ReverseSelfPayCharge
from api.claiming import BILLING
from api.commands.order import Order
from iop_es import wiring
from iop_es.cli.claims import DryRun, From, Person, Through, order
from iop_es.cli.frame import REFUSED, Json, emit, say, settings
from iop_es.cli.operator import an_id, catch_up, ordered, question
from iop_es.wiring import House
from projections.billing import self_pay
from projections.billing.self_pay import SelfPayView
from projections.billing.words import dollars

CHARGES = uuid5(NAMESPACE_URL, "urn:iop-es:self-pay-charge")
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
        position, due = _due(house, person, patient, first, last)
        left = [one for one in due if one.by_name is not None and one.charge_id != named]
        found = [one for one in due if one not in left and named in {None, one.charge_id}]
        steps = [(one, each) for one in found for each in _steps(person, one, position)]
        refused = 0 if dry_run else _order(house, steps)
    posted = sum(isinstance(each.command, PostSelfPayCharge) for _, each in steps)
    money = sum(one.difference_cents for one in found)
    for one in left:
        say(f"Patient {one.patient_id} on {one.service_date}: {one.by_name}")
    if as_json:
        told = [one.model_dump() | {"difference_cents": one.difference_cents} for one in found]
        emit({"posted": posted, "taken_back": len(steps) - posted, "refused": refused, "dry_run": dry_run,
              "difference_cents": money, "days": told, "left_out": [one.model_dump() for one in left]})  # fmt: skip
    else:
        would = "would be " if dry_run else ""
        typer.echo(
            f"{posted:,} charges {would}posted, {len(steps) - posted:,} {would}taken back, {refused:,} refused; "
            f"patients owe {dollars(money)} more."
        )
    if refused:
        raise typer.Exit(REFUSED)


def _due(
    house: House, person: str | None, patient: str | None, first: str | None, last: str | None
) -> tuple[int, list[SelfPayView]]:
    """What is to be done, at the position that the read model has reached."""
    catch_up(house)
    asked, programs = question(house, "accounts/charge", person, "biller")
    answer = house.gate.read(
        asked, BILLING,
        lambda cursor, now: self_pay.due(
            cursor, programs=programs, now=now, patient_id=patient, from_date=first, through_date=last
        ),
    )  # fmt: skip
    return answer.position, answer.result


def _steps(person: str | None, one: SelfPayView, position: int) -> list[Order]:
    """What is taken back comes before what is posted."""
    account, steps = {"account_id": account_of(one.patient_id)}, []
    if one.charge_id is not None:
        steps.append(order(person, ReverseSelfPayCharge, account | {
            "charge_id": one.charge_id, "cause": self_pay.CAUSE
        }))  # fmt: skip
    data = one.posting(position)
    if data is not None:
        steps.append(order(person, PostSelfPayCharge, account | data | {"charge_id": _named(data)}))
    return steps


def _named(data: dict[str, Any]) -> str:
    """A charge's id, made from what it says, so that asking twice makes one charge."""
    return str(uuid5(CHARGES, rfc8785.dumps(data).decode()))


def _order(house: House, steps: list[tuple[SelfPayView, Order]]) -> int:
    """Orders in batches; answers how many were refused, each refusal having been said."""
    refused = 0
    for begin in range(0, len(steps), BATCH):
        part = steps[begin : begin + BATCH]
        names = [f"Patient {one.patient_id} on {one.service_date}" for one, _ in part]
        refused += sum(isinstance(one, Exception) for one in ordered(house, [each for _, each in part], names))
    return refused
