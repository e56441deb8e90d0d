"""The payers: they take claims in on Monday, and answer a week's claims together, in one remittance.

A remittance is made as it would be read from an 835 and taken by the same code, so that claims are adjudicated and
accounts posted as `iop-es claims import-835` does it. Once, a payer takes back what it paid and pays less, and once
one pays interest, which is an adjustment of the provider's (PLB) and nobody's claim.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from hashlib import sha256

from aggregates.claim.commands import AcknowledgeClaim, RejectClaim
from aggregates.claim.facts import ClaimLine
from aggregates.payer_policy.terms import Terms
from iop_es.demo import disputes, second
from iop_es.demo.agenda import local
from iop_es.demo.charges import COINSURANCE, COPAYMENTS
from iop_es.demo.desk import DemoRefused
from iop_es.demo.policies import ADDRESSES, load_policy
from iop_es.demo.world import Bill, World
from iop_es.remittance.books import Books
from iop_es.remittance.keeping import Door, Keeper
from iop_es.remittance.planning import REVERSAL
from iop_es.remittance.reading import Adjusted, ProviderAdjustment, Remittance, RemittedClaim, RemittedLine
from iop_es.remittance.remitted import Remitted
from iop_es.wiring import House

VOID = "8"
PROCESSED, SECONDARY, DENIED = "1", "2", "4"
"""CLP02: processed as primary, as secondary, denied."""
DENIALS = (("197", None), ("16", "N706"), ("97", "N390"), ("50", None))
"""CARCs of contractual denials, each with its RARC."""
REVIEWER, REVIEWED_FROM = "commercial_substance_use", 9
"""Who takes money back after a review of records, from which week on."""
LATE_PAYER, INTEREST, INTEREST_FROM = "medicare", -1_275, 6
"""Who pays interest (a negative adjustment adds to the payment), how much, and from which week on."""


def take_in(world: World, house: House, bills: list[Bill], monday: date) -> None:
    """What arrives of a week's claims on Monday, of which a few are rejected; and the answer some ten days later."""
    received = local(monday + timedelta(days=7), "06:00")
    by_payer: dict[str, list[Bill]] = {}
    for bill in bills:
        if not bill.claim.replaces and not bill.claim.after_claim and world.likely(0.03):
            world.agenda.put(received, partial(_reject, world, bill))
        else:
            world.agenda.put(received, partial(_acknowledge, world, bill))
            by_payer.setdefault(bill.claim.payer_id, []).append(bill)
    for payer_id, own in by_payer.items():
        # Who is asked as the second payer only answers on the first day, and changes nobody's chances.
        wait = world.chance.randint(0, 3) if any(not one.claim.after_claim for one in own) else 0
        decided = local(monday + timedelta(days=14 + wait), "06:30")
        world.agenda.put(decided, partial(_remit, world, house, payer_id, own))


def _reject(world: World, bill: Bill) -> None:
    world.desk.order(
        world.staff["biller"],
        RejectClaim(
            claim_id=bill.claim.claim_id, rejected_at=world.desk.now, source="277CA", codes=("A7", "562")
        ),
    )


def _acknowledge(world: World, bill: Bill) -> None:
    world.desk.order(
        world.staff["biller"],
        AcknowledgeClaim(
            claim_id=bill.claim.claim_id, acknowledged_at=world.desk.now, source="277CA", reference=f"R{bill.control}"
        ),
    )


def _remit(world: World, house: House, payer_id: str, bills: list[Bill]) -> None:
    """One payment for these claims, posted at once."""
    world.desk.send()
    name, today = world.payer_named(payer_id), world.desk.now[:10]
    claims = [*(one for bill in bills for one in _answers(world, name, bill)), *_taken_back(world, name)]
    adjustments = _interest(world, name)
    payer = ADDRESSES[name]["electronic_payer_id"]
    remittance = Remittance(
        payment=sum(one.paid for one in claims) - sum(one.cents for one in adjustments),
        trace_number=f"EFT-{payer}-{today.replace('-', '')}", originator=payer, paid_on=today, produced_on=today,
        payer=load_policy(name).payer_name, claims=claims, adjustments=adjustments,
    )
    for bill in bills:
        world.bills[bill.claim.claim_id] = bill
    biller = world.staff["biller"].id
    door = Door(house.log, world.desk.commands, biller, payer_id, recorded_at=world.desk.now)
    digest = sha256(f"{remittance.trace_number}".encode()).hexdigest()
    keeper = Keeper(door, Books(house.log), "835", f"{remittance.trace_number}.835", digest)
    Remitted(keeper, remittance).take()
    if keeper.left:
        raise DemoRefused(f"remittance {remittance.trace_number}: {keeper.left[0].sentence}")
    disputes.answered(world, name, bills)


def _answers(world: World, name: str, bill: Bill) -> Iterator[RemittedClaim]:
    """The answer to a claim; before that to a corrected one, the earlier answer taken back. A void gets no other."""
    if bill.claim.replaces is not None:
        earlier = world.bills[bill.claim.replaces]
        if earlier.answer is not None:
            yield _turned(earlier.answer)
            earlier.answer = None
    if bill.claim.after_claim is not None and bill.claim.frequency != VOID:
        bill.answer = _claim(bill, second.answered(world, bill), SECONDARY)
        yield bill.answer
    elif bill.claim.frequency != VOID:
        denied = None if bill.claim.replaces else world.chance.choice(DENIALS) if world.likely(0.08) else None
        allowed = _allowed(name, bill.claim.lines)
        lines = [
            _denied(line, *denied) if denied else _priced(name, line, allowed[line.line]) for line in bill.claim.lines
        ]
        bill.answer = _claim(bill, lines)
        yield bill.answer


def _taken_back(world: World, name: str) -> Iterator[RemittedClaim]:
    """Once: an answer of some weeks ago is reversed, and comes again with its last day not medically necessary."""
    due = name == REVIEWER and world.week(date.fromisoformat(world.desk.now[:10])) >= REVIEWED_FROM
    own = (one for one in world.bills.values() if world.payer_named(one.claim.payer_id) == name)
    bill = next((one for one in own if one.paid_cents and len(one.claim.lines) > 1), None)
    if bill is not None and bill.answer is not None and world.once("taken back", due):
        yield _turned(bill.answer)
        lines = [*bill.answer.lines[:-1], _denied(bill.claim.lines[-1], "50", None)]
        bill.answer = replace(_claim(bill, lines), sequence=2)
        yield bill.answer


def _interest(world: World, name: str) -> list[ProviderAdjustment]:
    due = name == LATE_PAYER and world.week(date.fromisoformat(world.desk.now[:10])) >= INTEREST_FROM
    return [ProviderAdjustment(1, "L6", None, INTEREST)] if world.once("interest", due) else []


def _claim(bill: Bill, lines: list[RemittedLine], processed: str = PROCESSED) -> RemittedClaim:
    paid, charge = sum(line.paid for line in lines), bill.claim.total_cents
    status = processed if any(line.allowed for line in lines) else DENIED
    number = f"PCN{bill.control}"
    return RemittedClaim(
        bill.control, status, 1, charge=charge, paid=paid, payer_control_number=number, lines=lines,
        segments=[["CLP", bill.control, status, str(charge), str(paid), number]],
    )


def _turned(answer: RemittedClaim) -> RemittedClaim:
    """The same with every sign turned: its reversal."""
    lines = [
        replace(
            line, charge=-line.charge, paid=-line.paid,
            adjustments=[replace(one, cents=-one.cents) for one in line.adjustments],
        )
        for line in answer.lines
    ]
    segments = [["CLP", answer.control_number, REVERSAL, str(-answer.charge), str(-answer.paid)]]
    return replace(
        answer, status=REVERSAL, sequence=1, charge=-answer.charge, paid=-answer.paid, lines=lines, segments=segments
    )


def _denied(line: ClaimLine, carc: str, rarc: str | None) -> RemittedLine:
    return RemittedLine(
        charge=line.charge_cents, number=str(line.line), remarks=[rarc] if rarc else [],
        adjustments=[Adjusted("CO", carc, line.charge_cents)],
    )


def _allowed(name: str, lines: Sequence[ClaimLine]) -> dict[int, int]:
    """What the payer's terms allow for each line: its per diem; or where days are billed service by service the day's,
    on its dearest lines."""
    terms = load_policy(name).terms
    if terms.line_basis == "per_diem":
        rates = {one.revenue_code: one.rate_cents for one in reversed(terms.per_diems)}
        return {
            one.line: min(one.charge_cents, (rates.get(one.revenue_code) or one.charge_cents) * one.units)
            for one in lines
        }  # fmt: skip
    found = {}
    for day in {one.service_date for one in lines}:
        own = sorted((one for one in lines if one.service_date == day), key=lambda one: (-one.charge_cents, one.line))
        left = _rate(terms, own)
        for one in own:
            found[one.line] = min(one.charge_cents, left)
            left -= found[one.line]
    return found


def _rate(terms: Terms, day: Sequence[ClaimLine]) -> int:
    """The per diem for the day's services; the least where none of them is primary. All foci have the same."""
    primary = any(one.procedure_code in terms.primary_services for one in day)
    services = sum(one.units for one in day) if primary else 1
    tiers = [one for one in terms.per_diems if one.services_at_least <= services]
    return max(tiers, key=lambda one: one.services_at_least).rate_cents or 0


def _priced(name: str, line: ClaimLine, allowed: int) -> RemittedLine:
    """The payer takes what it does not allow off as contractual, and leaves its share to the patient."""
    copayment = COPAYMENTS.get(name, 0)
    share = min(allowed, copayment or (allowed * COINSURANCE.get(name, 0) + 50) // 100)
    adjustments = [
        *([Adjusted("CO", "45", line.charge_cents - allowed)] if allowed < line.charge_cents else []),
        *([Adjusted("PR", "3" if copayment else "2", share)] if share else []),
    ]
    return RemittedLine(
        charge=line.charge_cents, paid=allowed - share, number=str(line.line), allowed=allowed, adjustments=adjustments
    )
