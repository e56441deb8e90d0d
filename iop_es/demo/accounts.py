"""The accounts beside what payers pay: copayments at the front desk, and one balance that the director gives up."""

from __future__ import annotations

from datetime import date
from typing import Any

from aggregates.account.commands import ReceivePatientPayment, RequestWriteOff, WriteOffBalance
from aggregates.account.streams import account_of
from iop_es.demo.charges import COPAYMENTS
from iop_es.demo.people import Guest
from iop_es.demo.world import World

WRITTEN_OFF = "97"
"""The CARC of the denial that nobody contests."""


def pay_at_the_desk(world: World, guest: Guest, day: date) -> None:
    """After the day's last group, whoever has a copayment pays it more often than not."""
    copayment = COPAYMENTS.get(guest.payer)
    if copayment and world.likely(0.6):
        world.desk.order(
            world.staff["desk"],
            ReceivePatientPayment(
                account_id=account_of(guest.patient_id), patient_id=guest.patient_id,
                program_id=world.places[guest.program].program_id, payment_id=world.desk.new_id(),
                received_on=day.isoformat(), amount_cents=copayment,
                method=world.chance.choice(("card", "card", "cash", "check")),
            ),
        )


def write_off(world: World) -> None:
    """The biller asks, the director approves: a denied day that is not worth an appeal."""
    for bill in world.bills.values():
        line = bill.claim.lines[0]
        denied = bill.answer and any(one.carc == WRITTEN_OFF for one in bill.answer.lines[0].adjustments)
        if denied and not bill.claim.replaces and not bill.claim.after_claim:
            it: dict[str, Any] = {
                "account_id": account_of(bill.claim.patient_id), "write_off_id": world.desk.new_id(),
                "claim_id": bill.claim.claim_id, "line": line.line, "share": "payer",
                "amount_cents": line.charge_cents, "cause": "not-worth-an-appeal",
            }  # fmt: skip
            world.desk.order(world.staff["biller"], RequestWriteOff(**it))
            world.desk.order(world.staff["director"], WriteOffBalance(**it))
            return
