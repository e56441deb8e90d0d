"""Lines, balances and overpayments as rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from aggregates.account.shares import Shares, WrittenOff, added, in_force, priced, share_of, together
from aggregates.account.streams import account_of
from aggregates.claim.before import Place, lines_before
from iop_es.engine.readmodel.model import Rows, Table
from iop_es.engine.stored import Row
from projections.billing.accounts import payer_credits, write_offs
from projections.billing.accounts.documents import UNANSWERED, Line, Money
from projections.billing.accounts.provider import TABLES as PROVIDER_TABLES
from projections.billing.keeping import counted

if TYPE_CHECKING:
    from projections.billing.documents import Claim, Patient

LINE = Table(
    "account_line",
    (
        "claim_id", "line", "patient_id", "enrollment_id", "program_id", "payer_id", "service_date", "counts",
        "claim_status", "charge_cents", "paid_cents", "contractual_cents", "patient_cents", "written_off_cents",
        "open_cents", "denied_cents", "other_cents", "posted_cents", "allowed_cents", "groups", "carcs", "rarcs",
        "cents", "shares", "adjudicated_on", "trace_number", "decided_at", "position",
    ),
)
SUMS = (
    "charge_cents", "paid_cents", "contractual_cents", "patient_cents", "written_off_cents", "open_cents",
    "denied_cents",
)
SELF_PAY = Table(
    "self_pay_charge",
    (
        "patient_id", "charge_id", "enrollment_id", "program_id", "service_date", "basis", "agreement_id", "counts",
        "charge_cents", "adjusted_cents", "patient_cents", "written_off_cents", "decided_at", "position",
    ),
)
BALANCE = Table(
    "account_balance",
    ("patient_id", "program_id", "account_id", *SUMS, "adjusted_cents", "credit_cents", "returned_cents",
     "received_cents", "refunded_cents", "balance_cents", "agreement", "position"),
)  # fmt: skip
OVERPAYMENT = Table(
    "overpayment",
    (
        "patient_id", "overpayment_id", "program_id", "payer_id", "claim_id", "cause", "amount_cents",
        "returned_cents", "identified_by", "identified_on", "return_days", "suspended_days", "return_due_on",
        "position",
    ),
)
TABLES = (LINE, SELF_PAY, BALANCE, OVERPAYMENT, payer_credits.TABLE, write_offs.TABLE, *PROVIDER_TABLES)
_PLACES = [LINE.columns.index(name) for name in SUMS]


def rows_of(patient_id: str, patient: Patient, withheld: Mapping[str, int]) -> Rows:
    """The lines of the dirty claims, and the balances, which rest on all claims, where anything of them is dirty;
    `withheld` as `payer_credits` has it."""
    lines: dict[Row, list[Row]] = {
        (claim_id,): list(_lines(patient_id, claim_id, patient)) for claim_id in patient.dirty_claims
    }
    rows: Rows = {"account_line": lines}
    if patient.dirty_claims or patient.dirty_money:
        rows["account_balance"] = {(patient_id,): list(_balances(patient_id, patient, lines, withheld))}
        rows["payer_credit"] = {(patient_id,): list(payer_credits.rows_of(patient_id, patient, withheld))}
    if patient.dirty_money:
        rows["overpayment"] = {(patient_id,): list(_overpayments(patient_id, patient))}
        rows["self_pay_charge"] = {(patient_id,): list(_self_pay(patient_id, patient))}
        rows["write_off_request"] = {(patient_id,): list(write_offs.rows_of(patient_id, patient))}
    return rows


def _lines(patient_id: str, claim_id: str, patient: Patient) -> Iterator[Row]:
    """None of a claim that was never sent, and none of a request to void another one."""
    claim = patient.claims[claim_id]
    if claim.submitted_at is not None and claim.frequency != "8":
        before, counts = _before(claim, patient), claim_id in counted(patient)
        for line in claim.lines:
            charge, shares = line.charge_cents, line.shares
            if claim.after_claim is not None:
                charge, shares = 0, _on_top(shares, before.get(line.line))
            given_up = _given_up(line, charge, shares, before.get(line.line), patient)
            yield _line(patient_id, claim_id, claim, line, charge, shares, given_up, counts=counts)


def _before(claim: Claim, patient: Patient) -> dict[int, Line]:
    """The lines of the claim before by the numbers of those that bill them again; none where it counts no longer."""
    counts, after = counted(patient), claim.after_claim or ""
    before_id = after if after in counts else patient.claim_in_place_of(after) or ""
    if before_id not in counts:
        return {}
    before = patient.claims[before_id]
    billed = {line.line: line for line in before.lines}
    found = lines_before(map(_place, claim.lines), map(_place, before.lines))
    return {number: billed[earlier] for number, earlier in found.items()}


def _given_up(line: Line, charge: int, shares: Shares, before: Line | None, patient: Patient) -> WrittenOff:
    """What counts on a line of the write-offs of the charge that it is, or bills again: first on the charge, as far as
    its own answer leaves so much, and the rest where second payers' answers do."""
    charged = line if before is None or any(line.written_off) else before
    if not any(charged.written_off):
        return charged.written_off
    own = (line, charge, shares) if charged is line else (charged, charged.charge_cents, charged.shares)
    places = [own, *((one, 0, more) for one, more in _further(charged, patient))]
    left = in_force(charged.written_off, own[1], together(*(one for *_, one in places)))
    for place, its_charge, its_shares in places:
        here = in_force(left, its_charge, its_shares)
        if place is line:
            return here
        left = WrittenOff(left.payer - here.payer, left.patient - here.patient)
    return WrittenOff()


def _further(charged: Line, patient: Patient) -> Iterator[tuple[Line, Shares]]:
    """The lines of second payers' claims that count and bill a line again, each with what its answer adds."""
    counts = counted(patient)
    for claim_id, claim in patient.claims.items():
        if claim.after_claim is not None and claim_id in counts:
            before = _before(claim, patient)
            yield from ((one, _on_top(one.shares, charged)) for one in claim.lines if before.get(one.line) is charged)


def _place(line: Line) -> Place:
    return Place(line.line, line.date, line.charge_cents, (line.revenue_code, line.procedure_code))


def _on_top(shares: Shares, before: Line | None) -> Shares:
    """What a secondary payer's answer adds to the line before; all of it, where no such line counts."""
    if before is None or shares == UNANSWERED:
        return shares
    return added(before.shares, shares, before.charge_cents)


def _line(
    patient_id: str, claim_id: str, claim: Claim, line: Line, charge: int, shares: Shares, given_up: WrittenOff, *,
    counts: bool,
) -> Row:  # fmt: skip
    worth = priced(line.paid_cents or 0, line.adjusted)
    patient_cents = shares.patient - given_up.patient
    written_off = sum(given_up)
    left = charge - shares.paid - shares.contractual - patient_cents - written_off
    return (
        claim_id, line.line, patient_id, claim.enrollment_id, claim.program_id, claim.payer_id, line.date, counts,
        claim.status, charge, shares.paid, shares.contractual, patient_cents, written_off, left,
        shares.denied, shares.other, line.posted_cents, line.allowed_cents, [one.group for one in line.adjusted],
        [one.carc for one in line.adjusted], [one.rarc or "" for one in line.adjusted],
        [one.cents for one in line.adjusted], [share_of(one, worth) for one in line.adjusted], claim.adjudicated_on,
        claim.trace_number, claim.decided_at, claim.positions[-1],
    )


def _balances(
    patient_id: str, patient: Patient, made: dict[Row, list[Row]], withheld: Mapping[str, int]
) -> Iterator[Row]:  # fmt: skip
    """The sums over every claim; `made` are the lines of those that are dirty."""
    sums: dict[str, list[int]] = {program: [0] * len(SUMS) for program in patient.money}
    last: dict[str, int] = {program: money.position for program, money in patient.money.items()}
    counts = counted(patient)
    for claim_id, claim in patient.claims.items():
        if claim_id in counts:
            total = sums.setdefault(claim.program_id, [0] * len(SUMS))
            for row in made.get((claim_id,)) or _lines(patient_id, claim_id, patient):
                for place, column in enumerate(_PLACES):
                    total[place] += row[column]
            last[claim.program_id] = max(last.get(claim.program_id, 0), claim.positions[-1])
    owing = list(payer_credits.credits_of(patient, withheld))
    for one in owing:
        sums.setdefault(one.claim.program_id, [0] * len(SUMS))
        last[one.claim.program_id] = max(last.get(one.claim.program_id, 0), one.claim.positions[-1])
    for program in sorted(sums):
        money = patient.money.get(program, Money())
        adjusted = _add_self_pay(sums[program], money)
        owed = sums[program][SUMS.index("patient_cents")]
        own = [one for one in owing if one.claim.program_id == program]
        yield (
            patient_id, program, account_of(patient_id), *sums[program], adjusted, sum(one.left for one in own),
            sum(one.returned + one.withheld for one in own), money.received_cents, money.refunded_cents,
            owed - money.received_cents + money.refunded_cents, money.agreement, last[program],
        )


def _add_self_pay(sums: list[int], money: Money) -> int:
    """Adds the charges of self-pay days that stand, and answers what agreements took off them."""
    adjusted = 0
    for one in money.self_pay.values():
        if one.stands:
            sums[SUMS.index("charge_cents")] += one.charge_cents
            sums[SUMS.index("patient_cents")] += one.owed_cents - one.written_off
            sums[SUMS.index("written_off_cents")] += one.written_off
            adjusted += one.charge_cents - one.owed_cents
    return adjusted


def _self_pay(patient_id: str, patient: Patient) -> Iterator[Row]:
    for program, money in patient.money.items():
        for charge_id, one in money.self_pay.items():
            yield (
                patient_id, charge_id, one.enrollment_id, program, one.date, one.basis, one.agreement_id, one.stands,
                one.charge_cents, one.charge_cents - one.owed_cents, one.owed_cents - one.written_off, one.written_off,
                one.decided_at, one.position,
            )


def _overpayments(patient_id: str, patient: Patient) -> Iterator[Row]:
    for program, money in patient.money.items():
        for key, one in money.overpaid.items():
            yield (
                patient_id, key, program, one.payer_id, one.claim_id, one.cause, one.amount_cents, one.returned_cents,
                one.identified_by, one.identified_on, one.return_days, one.suspended_days, one.return_due_on,
                one.position,
            )
