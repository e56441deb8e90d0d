"""Does the patient pay for the day, so that no payer is asked?

Under a self-pay agreement in force nobody is billed, whatever coverage there is: the patient owes the price of a day
that was agreed. A sliding fee is a share of the program's charge for whoever has no coverage on the day. That charge is
the fee schedule's for the per diem code that the day's focus usually has (H0015, S9480: secondary sources only), which
is our convention, unverified. What the patient owes is told here, and charged on the account by a person's command. As
long as such a charge stands, no payer is asked for the day.
"""

from __future__ import annotations

from aggregates.account.shares import agreed_cents
from projections.billing.accounts.documents import Agreement
from projections.billing.day import Case
from projections.billing.rules.lines import charges_on

USUAL_CODE = {"mental_health": "S9480", "substance_use": "H0015"}


def ask(case: Case) -> bool:
    """Whether it is the patient's; one with a session to be closed yet waits for that."""
    agreement = _in_force(case)
    if agreement is None:
        return False
    if case.open:
        return True
    charges, code = charges_on(case), USUAL_CODE.get(case.focus or "", "")
    charge = agreement.day_cents if agreement.kind == "self_pay" else charges.cents.get(code) if charges else None
    positions = [agreement.position, *(charges.positions if charges and agreement.kind != "self_pay" else [])]
    if charge is None:
        case.say("charge", "held", "charge_missing", positions, codes=code)
        return True
    percent = 100 if agreement.percent is None else agreement.percent
    case.charge_cents, case.owed_cents = charge, agreed_cents(charge, percent)
    case.owed_basis, case.agreement_id = agreement.kind, agreement.agreement_id
    case.say(
        "self_pay", "not_billable", "self_pay", positions, about={"charge_cents": charge}, owed_cents=case.owed_cents
    )
    return True


def _in_force(case: Case) -> Agreement | None:
    """Of the agreements that hold on the day the one that began last; of several the one recorded last."""
    money = case.patient.money.get(case.program_id)
    wanted = {"self_pay"} if case.coverage else {"self_pay", "sliding_fee"}
    held = [
        one for one in (money.agreements if money else ())
        if one.kind in wanted and one.on <= case.date and (one.through is None or case.date <= one.through)
    ]  # fmt: skip
    return max(reversed(held), key=lambda one: one.on, default=None)


def ask_charged(case: Case) -> None:
    """Nobody is asked twice: what the patient was charged is taken back before a payer is billed."""
    if case.charged is not None and case.line is None and not case.not_billable:
        about = {"charge_cents": case.charged.charge_cents, "owed_cents": case.charged.owed_cents}
        case.say("self_pay_charge", "held", "patient_charged", [case.charged.position], about=about)
