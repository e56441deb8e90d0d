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
from projections.billing.documents import Restriction
from projections.billing.rules.lines import charges_on

PUBLIC = frozenset({"medicare", "medicaid"})
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
    case.owed_basis, case.agreement_id, case.owed_positions = agreement.kind, agreement.agreement_id, positions
    return True


def tell(case: Case) -> None:
    """That the patient pays for the day by agreement, unless it was written off or the program charges another episode
    for it. A payer of the public's is no payer that a patient may choose to leave out: whoever covers the day under
    Medicare or Medicaid should not be billed for covered services (42 CFR 447.15 for Medicaid, section 1848(g)(4) of
    the Social Security Act for Medicare: known from secondary sources only, unverified), which is a warning here."""
    if case.owed_basis is None or case.charge_cents is None or case.owed_cents is None:
        return
    if case.not_billable:
        case.owed_cents = case.owed_basis = case.agreement_id = None
        return
    about = {"charge_cents": case.charge_cents}
    case.say("self_pay", "not_billable", "self_pay", case.owed_positions, about=about, owed_cents=case.owed_cents)
    if case.policy is not None and case.policy.payer_kind in PUBLIC and not restrictions(case):
        positions = case.coverage.positions if case.coverage else []
        case.say("public_coverage", "warning", "self_pay", positions, about={"public": case.policy.payer_kind})


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


def restrictions(case: Case) -> list[Restriction]:
    """What the patient forbade telling whoever covers the day."""
    return [
        one for one in case.patient.restrictions.values()
        if one.payer_id in {None, case.payer_id} and one.effective_from <= case.date
        and (one.effective_through is None or case.date <= one.effective_through)
    ]  # fmt: skip
