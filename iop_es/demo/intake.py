"""From referral to admission."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from typing import Any, Literal

from aggregates.enrollment.commands import (
    AdmitPatient,
    AdoptPlan,
    AssessLevelOfCare,
    CertifyPlan,
    RecordDiagnosis,
    ReferPatient,
    VerifyBenefits,
)
from aggregates.enrollment.facts import GoalWords
from aggregates.group.commands import RosterPatient
from aggregates.patient.commands import CheckEligibility, RecordCoverage, RecordGuardian, RegisterPatient, SignConsent
from aggregates.patient.facts import CoverageIdentity, Identity
from aggregates.session.commands import ExpectPatient
from aggregates.values import Date
from iop_es.demo import evaluating, measures, mess, money, second, stay
from iop_es.demo.agenda import local
from iop_es.demo.charges import COINSURANCE, COPAYMENTS
from iop_es.demo.people import Course, Fate, Guest, Names
from iop_es.demo.world import CLOSED_ON, FIRST_DAY, SEATS, Place, World

FATES: tuple[Fate, ...] = ("completes", "drops_out", "steps_up")
COURSES: tuple[Course, ...] = ("improves", "stays", "deteriorates")
GOALS = ("goal-1", "goal-2")
GOAL_WORDS = (
    GoalWords(goal="goal-1", words="Use two coping skills on each day that feels hard, and tell the group about one."),
    GoalWords(goal="goal-2", words="Keep a regular day: up by nine, one meal with others, one walk."),
)


def plan(world: World, patients: int) -> None:
    """Draws the patients and puts their referrals down, spread over the weeks; admission waits for a free seat."""
    names = Names(world.chance)
    places = list(world.places.values())
    for number in range(patients):
        place = places[number % len(places)]
        guest = _draw(world, place, names, number)
        world.guests[guest.patient_id] = guest
        turn = number // len(places)
        referred = FIRST_DAY - timedelta(days=10) if turn < 8 else FIRST_DAY + timedelta(days=4 * (turn - 8) + 1)
        while referred.isoweekday() > 5:
            referred += timedelta(days=1)
        world.agenda.put(local(referred, "10:00"), partial(_refer, world, guest, referred))
        first_look = max(referred, FIRST_DAY - timedelta(days=3)) + timedelta(days=1)
        world.agenda.put(local(first_look, "08:10"), partial(_seat, world, guest))


def _draw(world: World, place: Place, names: Names, number: int) -> Guest:
    chance, setting = world.chance, place.setting
    given, family = names.draw()
    years = (2009, 2011) if setting.population == "adolescent" else (1958, 2003)
    born = date(chance.randint(*years), chance.randint(1, 12), chance.randint(1, 28))
    fate = chance.choices(FATES, (70, 27, 3))[0]
    return Guest(
        patient_id=world.desk.new_id(), enrollment_id=world.desk.new_id(), program=setting.code, given=given,
        family=family, born=born, payer=setting.payers[number // 3 % 2], fate="completes" if number < 6 else fate,
        course=chance.choices(COURSES, (72, 22, 6))[0],
        shows_up=chance.uniform(0.82, 0.97), severity=min(26, max(7, round(chance.gauss(16, 4.5)))),
        weeks=chance.randint(2, 4) if fate == "drops_out" and number >= 6 else chance.randint(6, 9),
        clinician=setting.leaders[number // 3 % len(setting.leaders)],
    )


def _refer(world: World, guest: Guest, day: date) -> None:
    """The front desk's first quarter of an hour with a new patient."""
    today, payer = day.isoformat(), world.payers[guest.payer]
    _register(world, guest)
    sources = ("hospital", "therapist", "self", "court", "primary-care")
    world.desk.order(
        world.staff["desk"],
        ReferPatient(
            enrollment_id=guest.enrollment_id, patient_id=guest.patient_id,
            program_id=world.places[guest.program].program_id, referred_on=today, source=world.chance.choice(sources),
        ),
    )
    _cover(world, guest, today, payer)
    payers = (payer, *((world.payers[second.PLAN],) if guest.second_coverage_id else ()))
    _consent(world, guest, "treatment", today, payers)
    _consent(world, guest, "disclosure", today, payers)


def _register(world: World, guest: Guest) -> None:
    """Who it is, and for an adolescent who may act."""
    desk, front = world.desk, world.staff["desk"]
    desk.order(front, RegisterPatient(patient_id=guest.patient_id, identity=_identity(world, guest)))
    if world.places[guest.program].setting.population == "adolescent":
        guest.guardian_id = desk.new_id()
        desk.order(
            front,
            RecordGuardian(
                patient_id=guest.patient_id, guardian_id=guest.guardian_id, relationship="parent",
                authority="parental-rights", effective_from=guest.born.isoformat(), family_name=guest.family,
                given_name="Morgan", phone="555-0100",
            ),
        )


def _cover(world: World, guest: Guest, today: Date, payer: str) -> None:
    """The coverage, whether it is active, and whether this care needs an authorization."""
    desk, front = world.desk, world.staff["desk"]
    guest.coverage_id = desk.new_id()
    # Medicaid insures each person, a commercial payer an adolescent through a parent.
    dependent = guest.guardian_id is not None and guest.payer != "medicaid_north_carolina"
    member = CoverageIdentity(
        member_number=f"DEMO{world.chance.randint(10**6, 10**7 - 1)}", group_number="DEMO-GROUP",
        **(_guardian(guest) if dependent else {}),
    )
    desk.order(
        front,
        RecordCoverage(
            patient_id=guest.patient_id, coverage_id=guest.coverage_id, payer_id=payer, plan="demo-plan",
            relationship="child" if dependent else "self", effective_from="2025-01-01", member=member,
        ),
    )
    desk.order(
        front,
        CheckEligibility(
            patient_id=guest.patient_id, coverage_id=guest.coverage_id, for_date=today, source="electronic",
            active=True, trace_number=f"T{world.chance.randint(10**5, 10**6 - 1)}",
        ),
    )
    desk.order(
        world.staff["reviewer"],
        VerifyBenefits(
            enrollment_id=guest.enrollment_id, payer_id=payer, coverage_id=guest.coverage_id, verified_on=today,
            authorization_required=guest.payer != "medicare",
            copayment_cents=COPAYMENTS.get(guest.payer), coinsurance_percent=COINSURANCE.get(guest.payer),
        ),
    )
    second.insure(world, guest, today)


def _guardian(guest: Guest) -> dict[str, Any]:
    """The guardian as the subscriber of an adolescent's insurance."""
    return {
        "subscriber_family_name": guest.family, "subscriber_given_name": "Morgan", "subscriber_sex": "unknown",
        "subscriber_birth_date": guest.born.replace(year=guest.born.year - 30).isoformat(),
        "subscriber_address": "1 Example Lane", "subscriber_city": "Anytown", "subscriber_state": "NC",
        "subscriber_postal_code": "27000-0000",
    }  # fmt: skip


def _identity(world: World, guest: Guest) -> Identity:
    return Identity(
        family_name=guest.family, given_name=guest.given, birth_date=guest.born.isoformat(),
        sex=world.chance.choice(("female", "male", "unknown")),
        medical_record_number=f"DEMO-{world.chance.randint(10**9, 10**10 - 1)}",
        address="1 Example Lane", city="Anytown", state="NC", postal_code="27000-0000", phone="555-0100",
    )


def _consent(
    world: World, guest: Guest, kind: Literal["treatment", "disclosure"], today: Date, payers: tuple[str, ...]
) -> None:
    world.desk.order(
        world.staff["desk"],
        SignConsent(
            patient_id=guest.patient_id, consent_id=world.desk.new_id(), kind=kind,
            discloser="Riverbend Behavioral Health (demo)",
            information="Diagnosis, plan of care, attendance and notes.",
            recipients="Treating providers, health plans and third-party payers.",
            recipient_payers=payers if kind == "disclosure" else (),
            redisclosure_statement="The recipient may disclose it again as the privacy rules allow.",
            purpose="treatment-payment-operations", right_to_revoke_stated=True, expires_upon="none",
            signed_by="guardian" if guest.guardian_id else "patient", signed_on=today, guardian_id=guest.guardian_id,
            capacity_rule="guardian" if guest.guardian_id else "adult",
        ),
    )


def _seat(world: World, guest: Guest) -> None:
    """Admits when a seat is free on a service day, else looks again tomorrow."""
    day = date.fromisoformat(world.desk.now[:10])
    place = world.places[guest.program]
    taken = sum(1 for other in world.guests.values() if other.program == guest.program and other.in_care(day))
    open_today = day >= FIRST_DAY and day != CLOSED_ON and day.isoweekday() in place.setting.weekdays
    if open_today and taken < mess.seats(world, place, day):
        admit(world, guest, place, day)
    else:
        world.agenda.put(local(day + timedelta(days=1), "08:10"), lambda: _seat(world, guest))


def admit(world: World, guest: Guest, place: Place, day: date) -> None:
    """Admission with everything that belongs to it, and a place in the program's three groups."""
    guest.admitted = day
    _assess(world, guest, place, day.isoformat())
    _plan_care(world, guest, place, day)
    _roster(world, guest, place, day)
    _expect(world, guest, day)
    money.ask(world, guest, day)
    measures.baseline(world, guest, day)
    evaluating.plan(world, guest, day)
    for after, step in ((27, stay.review), (guest.weeks * 7 - 7, stay.announce), (guest.weeks * 7, stay.leave)):
        world.agenda.put(local(day + timedelta(days=after), "08:05"), partial(step, world, guest))
    world.agenda.put(local(day + timedelta(days=57), "12:30"), partial(stay.recertify, world, guest))


def _assess(world: World, guest: Guest, place: Place, today: Date) -> None:
    """The level that the criteria support, the admission to it, and the diagnosis."""
    desk, doctor, clinician = world.desk, world.staff["weiss"], world.staff[guest.clinician]
    days, enrollment, setting = len(place.setting.weekdays), guest.enrollment_id, place.setting
    desk.order(
        clinician,
        AssessLevelOfCare(
            enrollment_id=enrollment, criteria="asam_3" if setting.focus == "substance_use" else "clinical",
            level_of_care="intensive_outpatient", assessed_on=today, assessed_by=clinician.id,
        ),
    )
    desk.order(
        clinician,
        AdmitPatient(
            enrollment_id=enrollment, admitted_on=today, level_of_care="intensive_outpatient", focus=setting.focus,
            admission_type="3", admission_source="1", attending_id=doctor.id, planned_days=days,
            planned_minutes=180 * days,
        ),
    )
    desk.order(
        doctor,
        RecordDiagnosis(
            enrollment_id=enrollment, code=setting.diagnosis, rank=1, effective_from=today, diagnosed_by=doctor.id
        ),
    )


def _plan_care(world: World, guest: Guest, place: Place, day: date) -> None:
    """The plan of care, certified by the physician for sixty days."""
    desk, doctor, today = world.desk, world.staff["weiss"], day.isoformat()
    days, enrollment = len(place.setting.weekdays), guest.enrollment_id
    guest.plan_id = desk.new_id()
    desk.order(
        world.staff[guest.clinician],
        AdoptPlan(
            enrollment_id=enrollment, plan_id=guest.plan_id, adopted_on=today, goals=GOALS, weekly_days=days,
            weekly_minutes=180 * days, planned_weeks=8, review_due_on=(day + timedelta(days=28)).isoformat(),
            words=GOAL_WORDS,
        ),
    )
    desk.order(
        doctor,
        CertifyPlan(
            enrollment_id=enrollment, plan_id=guest.plan_id, certified_on=today,
            certified_through=(day + timedelta(days=59)).isoformat(), physician_id=doctor.id,
        ),
    )


def _roster(world: World, guest: Guest, place: Place, day: date) -> None:
    """A place in each group; in a full one only with the director's reason."""
    full = sum(other.program == guest.program and other.in_care(day) for other in world.guests.values()) > SEATS
    for group_id in place.groups:
        world.desk.order(
            world.staff["desk"],
            RosterPatient(
                group_id=group_id, patient_id=guest.patient_id, enrollment_id=guest.enrollment_id,
                effective_from=day.isoformat(), reason="director-approved" if full else None,
            ),
        )


def _expect(world: World, guest: Guest, day: date) -> None:
    """The sessions that were planned before the admission expect the patient too."""
    for session in world.sessions.values():
        same = session.place.setting.code == guest.program and session.day >= day and not session.cancelled
        if same and not mess.forgotten(world, session):
            session.expected[guest.patient_id] = attendance_id = world.desk.new_id()
            world.desk.order(
                world.staff["desk"],
                ExpectPatient(
                    session_id=session.session_id, patient_id=guest.patient_id, enrollment_id=guest.enrollment_id,
                    attendance_id=attendance_id,
                ),
            )
