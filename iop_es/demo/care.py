"""What is done about alerts: an answer to the safety item on the same day, the rest of the list once a week.

Chances here come from a source of their own, so that nobody else's story changes with them. Invented, not clinical
advice.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import partial

from aggregates.risk.commands import AcknowledgeAlert, AssessRisk, MakeFollowUp, RecordSafetyPlan
from aggregates.risk.facts import Alert
from aggregates.risk.streams import risk_of
from aggregates.values import moment
from iop_es.demo.desk import Person
from iop_es.demo.people import Guest
from iop_es.demo.reading import EVERYTHING, Reading
from iop_es.demo.world import World
from iop_es.wiring import House
from projections.outcomes import today
from projections.outcomes.alert_views import AlertView

TALKED_AFTER = timedelta(minutes=40)
LEFT_OPEN, CALLED, REACHED, TAKEN = 0.25, 0.6, 0.7, 0.5


def answered(world: World, guest: Guest, assessment_id: str, day: date, answer: int) -> None:
    """An answer above zero: the clinician takes it, talks with the patient, and clears it; some stay open for now."""
    alert = Alert(kind="safety_item", about=assessment_id, since=day.isoformat())
    begins = _now(world)
    world.agenda.put(begins + timedelta(minutes=5), partial(_acknowledge, world, guest, alert, "taken", "on-duty"))
    if world.care.random() >= LEFT_OPEN:
        world.agenda.put(begins + TALKED_AFTER, partial(_talk, world, guest, alert, answer))


def review(world: World, house: House) -> None:
    """The week's look at the list: follow-up calls are made, what nobody has taken is taken, what was seen to is
    cleared."""
    world.desk.send()
    house.project("outcomes")
    for one in Reading(house).ask("outcomes", today.alerts, limit=EVERYTHING):
        guest = world.guests[one.patient_id]
        if one.kind == "follow_up":
            _call(world, guest)
        elif one.kind == "safety_item" and world.care.random() >= LEFT_OPEN:
            _talk(world, guest, _named(one), one.value or 0)
        elif one.kind in {"reliable_deterioration", "no_change", "no_measure"}:
            _see_to(world, guest, one)


def _see_to(world: World, guest: Guest, one: AlertView) -> None:
    if world.care.random() >= TAKEN:
        return
    alert = _named(one)
    if one.standing == "open":
        _acknowledge(world, guest, alert, "taken", "weekly-review")
    else:
        _acknowledge(world, guest, alert, "cleared", "plan-reviewed-with-patient")


def _named(one: AlertView) -> Alert:
    return Alert(kind=one.kind, about=one.alert.about if one.alert else "", since=one.since.isoformat())  # type: ignore[arg-type] # nobody is parked here


def _call(world: World, guest: Guest) -> None:
    if world.care.random() < CALLED:
        world.desk.order(
            world.staff["desk"],
            MakeFollowUp(
                risk_id=risk_of(guest.patient_id), patient_id=guest.patient_id, program_id=_program(world, guest),
                enrollment_id=guest.enrollment_id, made_at=world.desk.now, means="phone",
                reached=world.care.random() < REACHED, cause="after-discharge",
            ),
        )


def _talk(world: World, guest: Guest, alert: Alert, answer: int) -> None:
    """The risk is assessed; from a moderate one on, a safety plan is made; then the alert is cleared."""
    level = "moderate" if answer > 1 else "low"
    day = world.desk.now[:10]
    world.desk.order(
        _clinician(world, guest),
        AssessRisk(
            risk_id=risk_of(guest.patient_id), patient_id=guest.patient_id, program_id=_program(world, guest),
            enrollment_id=guest.enrollment_id, assessed_at=world.desk.now, level=level,  # type: ignore[arg-type] # one of two
            basis=("interview", "phq-9"), words="Talked alone after the group: thoughts without intent or plan.",
        ),
    )
    if level == "moderate":
        world.desk.order(
            _clinician(world, guest),
            RecordSafetyPlan(
                risk_id=risk_of(guest.patient_id), patient_id=guest.patient_id, program_id=_program(world, guest),
                enrollment_id=guest.enrollment_id, made_on=day,
                words="Warning signs, whom to call, and what is put away at home, in the patient's own words.",
            ),
        )
    _acknowledge(world, guest, alert, "cleared", "talked-with-patient")


def _acknowledge(world: World, guest: Guest, alert: Alert, outcome: str, cause: str) -> None:
    world.desk.order(
        _clinician(world, guest),
        AcknowledgeAlert(
            risk_id=risk_of(guest.patient_id), patient_id=guest.patient_id, program_id=_program(world, guest),
            alert=alert, outcome=outcome, cause=cause,  # type: ignore[arg-type] # taken or cleared
        ),
    )


def _clinician(world: World, guest: Guest) -> Person:
    return world.staff[guest.clinician]


def _program(world: World, guest: Guest) -> str:
    return world.places[guest.program].program_id


def _now(world: World) -> datetime:
    return moment(world.desk.now)
