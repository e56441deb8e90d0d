"""The stay after admission: plan reviews, certifications, a step up, and the end."""

from __future__ import annotations

from datetime import date, timedelta

from aggregates.enrollment.commands import (
    ChangeLevelOfCare,
    DischargePatient,
    PlanDischarge,
    RecertifyPlan,
    ReviewPlan,
)
from aggregates.enrollment.facts import DischargeReason
from aggregates.group.commands import UnrosterPatient
from aggregates.session.commands import DoNotExpectPatient
from iop_es.demo import measures
from iop_es.demo.agenda import local
from iop_es.demo.people import Fate, Guest
from iop_es.demo.world import World

REASON: dict[Fate, DischargeReason] = {
    "completes": "completed", "drops_out": "dropped_out", "steps_up": "transferred_step_up",
}


def _today(world: World) -> date:
    return date.fromisoformat(world.desk.now[:10])


def review(world: World, guest: Guest) -> None:
    """The plan of care is reviewed with the patient."""
    day = _today(world)
    if guest.in_care(day):
        world.desk.order(
            world.staff[guest.clinician],
            ReviewPlan(
                enrollment_id=guest.enrollment_id, plan_id=guest.plan_id, reviewed_on=day.isoformat(),
                next_review_due_on=(day + timedelta(days=28)).isoformat(), patient_agreed=True,
            ),
        )


def recertify(world: World, guest: Guest) -> None:
    """The physician certifies again before the first certification runs out."""
    day = _today(world)
    if guest.in_care(day):
        world.desk.order(
            world.staff["weiss"],
            RecertifyPlan(
                enrollment_id=guest.enrollment_id, plan_id=guest.plan_id, certified_on=day.isoformat(),
                certified_through=(day + timedelta(days=59)).isoformat(), physician_id=world.staff["weiss"].id,
            ),
        )


def announce(world: World, guest: Guest) -> None:
    """A week before the end the discharge is planned, for those who complete."""
    day = _today(world)
    if guest.in_care(day) and guest.fate == "completes":
        planned = (day + timedelta(days=7)).isoformat()
        world.desk.order(
            world.staff[guest.clinician], PlanDischarge(enrollment_id=guest.enrollment_id, planned_on=planned)
        )


def leave(world: World, guest: Guest) -> None:
    """The end of the stay: completed, dropped out, or stepped up."""
    day = _today(world)
    if not guest.in_care(day):
        return
    discharge(world, guest, day, REASON[guest.fate])


def step_up(world: World, guest: Guest) -> None:
    """To partial hospitalization from today on; the transfer follows after a week."""
    day = _today(world)
    world.desk.order(
        world.staff["weiss"],
        ChangeLevelOfCare(
            enrollment_id=guest.enrollment_id, effective_on=day.isoformat(), from_level="intensive_outpatient",
            to_level="partial_hospitalization", cause="worsening-symptoms",
        ),
    )
    guest.fate = "steps_up"
    world.agenda.put(local(day + timedelta(days=7), "08:05"), lambda: leave(world, guest))


def discharge(world: World, guest: Guest, day: date, reason: DischargeReason) -> None:
    """Yesterday was the last day: off the rosters, off the planned sessions, a last measure for who completes."""
    last = day - timedelta(days=1)
    guest.discharged = day
    if reason == "completed":
        measures.last(world, guest, last)
    world.desk.order(
        world.staff[guest.clinician],
        DischargePatient(
            enrollment_id=guest.enrollment_id, discharged_on=last.isoformat(), reason=reason,
            patient_status="07" if reason == "dropped_out" else "01",
        ),
    )
    for group_id in world.places[guest.program].groups:
        world.desk.order(
            world.staff["desk"],
            UnrosterPatient(
                group_id=group_id, patient_id=guest.patient_id, effective_from=day.isoformat(), cause="discharged"
            ),
        )
    for session in world.sessions.values():
        if session.day >= day and guest.patient_id in session.expected and not session.cancelled:
            attendance_id = session.expected.pop(guest.patient_id)
            world.desk.order(
                world.staff["desk"],
                DoNotExpectPatient(session_id=session.session_id, attendance_id=attendance_id, cause="discharged"),
            )
