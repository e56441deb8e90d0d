"""Authorizations asked for and extended; claims prepared on Friday and sent. What payers answer is in `payers`."""

from __future__ import annotations

from datetime import date, timedelta

from pydantic import TypeAdapter

from aggregates.account.commands import PostCharges
from aggregates.account.streams import account_of
from aggregates.authorization.commands import (
    ApproveAuthorization,
    ExtendAuthorization,
    RequestAuthorization,
    SubmitReview,
)
from aggregates.claim.commands import PrepareClaim, SubmitClaim
from aggregates.patient.commands import CheckEligibility
from api.gate import Question
from api.identity import Caller
from iop_es.demo import accounts, correcting, mess, payers, second
from iop_es.demo.agenda import local
from iop_es.demo.people import Guest
from iop_es.demo.policies import load_policy
from iop_es.demo.world import Bill, Session, World
from iop_es.wiring import House
from projections.billing import queries
from projections.billing.claims import prepare
from projections.claim_file.batch import batch_of

UNITS = 14
DAYS = 60
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
        accounts.pay_at_the_desk(world, guest, session.day)
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
    """Friday: everything billable up to last week goes on claims, one a patient and week, and leaves at once.

    So does what answered claims left to a second payer, and, once in the simulation, what is wrong with earlier ones.
    """
    world.desk.send()
    house.project("billing")
    biller = world.staff["biller"]
    programs = [place.program_id for place in world.places.values()]
    question = Question(Caller(biller.id, "biller", frozenset(programs), "demo"), "claims/billable", "payment")
    through = (monday + timedelta(days=4)).isoformat()
    answer = house.gate.read(
        question,
        "billing",
        lambda cursor, now: queries.to_bill(cursor, programs=programs, now=now, through_date=through),
    )
    days, around = answer.result
    found = prepare(
        days, around=around, decided_at=answer.position, now=answer.now, period="week", new_id=world.desk.new_id
    )
    corrections = correcting.put_right(world, house, monday, question)
    further = second.claims(world, house, question)
    claims = [
        _claim.validate_python(data | {"demonstration": True}) for data in [*found.claims, *corrections, *further]
    ]
    for claim in claims:
        world.desk.order(biller, claim)
    controls = {claim.claim_id: f"{monday:%y%m%d}{number:04d}" for number, claim in enumerate(claims, 1)}
    sent = _submit(world, house, controls, f"{monday:%Y%m%d}")
    left = [Bill(claim, controls[claim.claim_id]) for claim in claims if claim.claim_id in sent]
    payers.take_in(world, house, left, monday)


def _submit(world: World, house: House, controls: dict[str, str], batch: str) -> set[str]:
    """The week's claims leave in files; answers which of them. What may not leave stays prepared."""
    upto = world.desk.send()
    if not controls:
        return set()
    files = batch_of(house.log, controls, name=batch, submitted_at=world.desk.now, upto=upto, test=True)
    submissions = [data for file in files.files for data in files.submissions(file)]
    for data in submissions:
        world.desk.order(world.staff["biller"], _submission.validate_python(data | {"demonstration": True}))
    for claim in (claim for file in files.files for claim in file.claims):
        account_id = account_of(claim.prepared.patient_id)
        world.desk.order(world.staff["biller"], PostCharges(account_id=account_id, claim_id=claim.claim_id))
    world.desk.send()
    return {str(data["claim_id"]) for data in submissions}


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
            second.check(world, guest, day.isoformat())
