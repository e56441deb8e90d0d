"""Authorizations asked for and extended; claims prepared on Friday, sent, acknowledged, paid, denied or rejected."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Literal

from pydantic import TypeAdapter

from aggregates.authorization.commands import (
    ApproveAuthorization,
    ExtendAuthorization,
    RequestAuthorization,
    SubmitReview,
)
from aggregates.claim.commands import AcknowledgeClaim, AdjudicateClaim, PrepareClaim, RejectClaim, SubmitClaim
from aggregates.claim.facts import AdjudicatedLine, Adjustment, ClaimLine
from aggregates.patient.commands import CheckEligibility
from api.gate import Question
from api.identity import Caller
from iop_es.demo import mess
from iop_es.demo.agenda import local
from iop_es.demo.charges import COINSURANCE, COPAYMENTS
from iop_es.demo.people import Guest
from iop_es.demo.policies import load_policy
from iop_es.demo.world import Session, World
from iop_es.wiring import House
from projections.billing import queries
from projections.billing.claims import prepare
from projections.claim_file.batch import batch_of

UNITS = 14
DAYS = 60
Group = Literal["CO", "PR"]
DENIALS: tuple[tuple[Group, str, str | None], ...] = (
    ("CO", "197", None), ("CO", "16", "N706"), ("CO", "97", "N390"), ("CO", "50", None),
)
_claim: TypeAdapter[PrepareClaim] = TypeAdapter(PrepareClaim)
_submission: TypeAdapter[SubmitClaim] = TypeAdapter(SubmitClaim)


def ask(world: World, guest: Guest, day: date) -> None:
    """An authorization for the first weeks where the payer wants one; the answer comes at once or, once, much later."""
    policy = load_policy(guest.payer)
    if not policy.terms.authorization_required:
        return
    focus = world.places[guest.program].setting.focus
    procedure = next(one.procedure_code for one in policy.terms.per_diems if one.focus == focus) or "none"
    guest.authorization_id, guest.authorized = world.desk.new_id(), UNITS
    through = (day + timedelta(days=DAYS)).isoformat()
    world.desk.order(
        world.staff["reviewer"],
        RequestAuthorization(
            authorization_id=guest.authorization_id, patient_id=guest.patient_id, enrollment_id=guest.enrollment_id,
            program_id=world.places[guest.program].program_id, payer_id=world.payers[guest.payer],
            level_of_care="intensive_outpatient", procedure_code=procedure, units=UNITS, unit_basis="day",
            valid_from=day.isoformat(), valid_through=through, requested_on=day.isoformat(),
        ),
    )
    world.desk.order(
        world.staff["reviewer"],
        SubmitReview(
            authorization_id=guest.authorization_id, kind="initial", submitted_on=day.isoformat(),
            words="Symptoms, risk and plan told to the reviewer.",
        ),
    )
    number = f"DEMO-{world.chance.randint(10**6, 10**7 - 1)}"

    def approved() -> None:
        world.desk.order(
            world.staff["reviewer"],
            ApproveAuthorization(
                authorization_id=guest.authorization_id or "", procedure_code=procedure, units=UNITS, unit_basis="day",
                valid_from=day.isoformat(), valid_through=through, decided_on=world.desk.now[:10], number=number,
            ),
        )

    wait = mess.days_until_approval(world, guest)
    if wait:
        world.agenda.put(local(day + timedelta(days=wait), "11:00"), approved)
    else:
        approved()


def count_the_day(world: World, session: Session) -> None:
    """After the last group: who is near the end of the authorized days is reviewed, and mostly extended."""
    for patient_id in session.present:
        guest = world.guests[patient_id]
        guest.days_attended += 1
        if guest.authorization_id and guest.days_attended == guest.authorized - 2 and not mess.runs_out(world, session):
            _extend(world, guest, session.day)


def _extend(world: World, guest: Guest, day: date) -> None:
    guest.authorized += UNITS
    world.desk.order(
        world.staff["reviewer"],
        SubmitReview(
            authorization_id=guest.authorization_id or "", kind="concurrent", submitted_on=day.isoformat(),
            words="Progress, scores and what is left to do.",
        ),
    )
    world.desk.order(
        world.staff["reviewer"],
        ExtendAuthorization(
            authorization_id=guest.authorization_id or "", added_units=UNITS,
            valid_through=(day + timedelta(days=DAYS)).isoformat(), decided_on=day.isoformat(),
        ),
    )


def bill(world: World, house: House, monday: date) -> None:
    """Friday: everything billable up to last week goes on claims, one a patient and week, and leaves at once."""
    world.desk.send()
    house.project()
    biller = world.staff["biller"]
    programs = [place.program_id for place in world.places.values()]
    question = Question(Caller(biller.id, "biller", frozenset(programs), "demo"), "claims/billable", "payment")
    through = (monday + timedelta(days=4)).isoformat()
    answer = house.gate.read(
        question,
        "billing",
        lambda cursor, now: queries.billable_days(cursor, programs=programs, now=now, through_date=through),
    )
    found = prepare(
        answer.result, decided_at=answer.position, now=answer.now, period="week", new_id=world.desk.new_id
    )
    claims = [_claim.validate_python(data | {"demonstration": True}) for data in found.claims]
    for claim in claims:
        world.desk.order(biller, claim)
    controls = {claim.claim_id: f"{monday:%y%m%d}{number:04d}" for number, claim in enumerate(claims, 1)}
    sent = _submit(world, house, controls, f"{monday:%Y%m%d}")
    for claim in claims:
        if claim.claim_id in sent:
            _answer(world, claim, controls[claim.claim_id], monday)


def _submit(world: World, house: House, controls: dict[str, str], batch: str) -> set[str]:
    """The week's claims leave in files; answers which of them. What may not leave stays prepared."""
    upto = world.desk.send()
    if not controls:
        return set()
    files = batch_of(house.log, controls, name=batch, submitted_at=world.desk.now, upto=upto, test=True)
    submissions = [data for file in files.files for data in files.submissions(file)]
    for data in submissions:
        world.desk.order(world.staff["biller"], _submission.validate_python(data | {"demonstration": True}))
    world.desk.send()
    return {str(data["claim_id"]) for data in submissions}


def _answer(world: World, claim: PrepareClaim, control: str, monday: date) -> None:
    """The payer takes it in on Monday and answers some ten days later; a few it does not take in at all."""
    biller = world.staff["biller"]
    received = local(monday + timedelta(days=7), "06:00")
    decided = local(monday + timedelta(days=14 + world.chance.randint(0, 3)), "06:30")
    if world.likely(0.03):
        world.agenda.put(
            received,
            lambda: world.desk.order(
                biller,
                RejectClaim(claim_id=claim.claim_id, rejected_at=world.desk.now, source="277CA", codes=("A7", "562")),
            ),
        )
        return
    world.agenda.put(
        received,
        lambda: world.desk.order(
            biller,
            AcknowledgeClaim(
                claim_id=claim.claim_id, acknowledged_at=world.desk.now, source="277CA", reference=f"R{control}"
            ),
        ),
    )
    denied = world.chance.choice(DENIALS) if world.likely(0.08) else None
    world.agenda.put(decided, lambda: world.desk.order(biller, _adjudication(world, claim, control, denied)))


def _adjudication(
    world: World, claim: PrepareClaim, control: str, denied: tuple[Group, str, str | None] | None
) -> AdjudicateClaim:
    lines = []
    for line in claim.lines:
        adjustments = _denied(line, *denied) if denied else _allowed(world, claim, line)
        paid = line.charge_cents - sum(one.amount_cents for one in adjustments)
        lines.append(AdjudicatedLine(line=line.line, paid_cents=paid, adjustments=adjustments))
    return AdjudicateClaim(
        claim_id=claim.claim_id, adjudicated_on=world.desk.now[:10], payer_control_number=f"PCN{control}",
        lines=tuple(lines), paid_cents=sum(line.paid_cents for line in lines),
    )


def _denied(line: ClaimLine, group: Group, carc: str, rarc: str | None) -> tuple[Adjustment, ...]:
    return (Adjustment(group=group, carc=carc, rarc=rarc, amount_cents=line.charge_cents),)


def _allowed(world: World, claim: PrepareClaim, line: ClaimLine) -> tuple[Adjustment, ...]:
    """The payer allows what its terms say, takes the rest off as contractual, and leaves its share to the patient."""
    name = next(name for name, payer in world.payers.items() if payer == claim.payer_id)
    rates = [one.rate_cents for one in load_policy(name).terms.per_diems if one.revenue_code == line.revenue_code]
    allowed = min(line.charge_cents, (rates[0] if rates and rates[0] else line.charge_cents) * line.units)
    copayment = COPAYMENTS.get(name, 0)
    share = min(allowed, copayment or (allowed * COINSURANCE.get(name, 0) + 50) // 100)
    return (
        *((Adjustment(group="CO", carc="45", amount_cents=line.charge_cents - allowed),)
          if allowed < line.charge_cents else ()),
        *((Adjustment(group="PR", carc="3" if copayment else "2", amount_cents=share),) if share else ()),
    )  # fmt: skip


def open_the_day(world: World, day: date) -> None:
    """The last thing before today begins: the front desk asks today's payers whether coverage is active."""
    for guest in world.guests.values():
        if guest.in_care(day):
            world.desk.order(
                world.staff["desk"],
                CheckEligibility(
                    patient_id=guest.patient_id, coverage_id=guest.coverage_id, for_date=day.isoformat(),
                    source="electronic", active=True, trace_number=f"T{world.chance.randint(10**5, 10**6 - 1)}",
                ),
            )
