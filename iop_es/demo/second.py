"""The second payer of a few patients: Medicare comes first, and a commercial plan pays what is left to the patient.

Chances here come from a source of their own, so that nobody else's story changes with them.
"""

from __future__ import annotations

from typing import Any

from aggregates.claim.facts import ClaimLine
from aggregates.patient.commands import CheckEligibility, RecordCoverage
from aggregates.patient.facts import CoverageIdentity
from aggregates.values import Date
from api.gate import Question
from iop_es.demo.people import Guest
from iop_es.demo.world import Bill, World
from iop_es.remittance.reading import Adjusted, RemittedLine
from iop_es.wiring import House
from projections.billing import worklists
from projections.billing.secondary_claims import secondary

FIRST, PLAN = "medicare", "commercial_mental_health"
SHARE = 0.5
"""How many of those whom Medicare insures have the plan too."""
PRIOR_PAYER = "23"
"""The CARC for what the payer before paid and reduced."""


def insure(world: World, guest: Guest, today: Date) -> None:
    """Perhaps a second coverage, with its first check."""
    if guest.payer != FIRST or world.second.random() >= SHARE:
        return
    guest.second_coverage_id = world.second_id()
    member = CoverageIdentity(
        member_number=f"DEMO{world.second.randint(10**6, 10**7 - 1)}", group_number="DEMO-RETIRED"
    )
    world.desk.order(
        world.staff["desk"],
        RecordCoverage(
            patient_id=guest.patient_id, coverage_id=guest.second_coverage_id, payer_id=world.payers[PLAN],
            plan="demo-retirees", rank=2, relationship="self", effective_from="2025-01-01", member=member,
        ),
    )
    check(world, guest, today)


def check(world: World, guest: Guest, today: Date) -> None:
    """The second payer is asked too whether its coverage is active."""
    if guest.second_coverage_id:
        world.desk.order(
            world.staff["desk"],
            CheckEligibility(
                patient_id=guest.patient_id, coverage_id=guest.second_coverage_id, for_date=today, source="electronic",
                active=True, trace_number=f"S{world.second.randint(10**5, 10**6 - 1)}",
            ),
        )


def claims(world: World, house: House, question: Question) -> list[dict[str, Any]]:
    """What `iop-es claims prepare --secondary` would prepare now: data of the commands."""
    programs = sorted(question.caller.programs)
    answer = house.gate.read(
        question, "billing", lambda cursor, now: worklists.secondary_due(cursor, programs=programs, now=now)
    )
    found, _ = secondary(answer.result, decided_at=answer.position, now=answer.now, new_id=world.second_id)
    return found


def answered(world: World, bill: Bill) -> list[RemittedLine]:
    """The plan pays what the first payer left to the patient, and refuses what that one refused."""
    before = world.bills[bill.claim.after_claim or ""]
    theirs = {line.service_date: number for number, line in enumerate(before.claim.lines)}
    lines = before.answer.lines if before.answer else []
    return [_line(one, lines[theirs[one.service_date]] if lines else None) for one in bill.claim.lines]


def _line(line: ClaimLine, before: RemittedLine | None) -> RemittedLine:
    left = sum(one.cents for one in before.adjustments if one.group == "PR") if before else 0
    if before is None or not before.paid:
        refused = [one for one in before.adjustments if one.group == "CO"] if before else []
        return RemittedLine(charge=line.charge_cents, number=str(line.line), adjustments=refused)
    rest = Adjusted("OA", PRIOR_PAYER, line.charge_cents - left)
    return RemittedLine(
        charge=line.charge_cents, paid=left, number=str(line.line), allowed=left, adjustments=[rest]
    )
