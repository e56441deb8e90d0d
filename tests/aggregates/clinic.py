"""A small clinic for the tests of groups, sessions and notes: one Monday, one group at nine, and who belongs to it."""

from __future__ import annotations

from typing import Any

from aggregates.clinician import AGGREGATE as CLINICIAN
from aggregates.clinician.facts import (
    ClinicianJoined,
    ClinicianLeft,
    CredentialLapsed,
    CredentialRecorded,
    SupervisorAssigned,
)
from aggregates.enrollment import AGGREGATE as ENROLLMENT
from aggregates.enrollment.facts import PatientAdmitted, PatientDischarged, PatientReferred
from aggregates.kit import Claim, Seen
from aggregates.session import AGGREGATE as SESSION_AGGREGATE
from aggregates.session.commands import (
    CheckIn,
    CheckOut,
    ExpectPatient,
    RescheduleSession,
    RosterEntry,
    ScheduleSession,
    TakeRoster,
)
from aggregates.session.facts import (
    PatientCheckedIn,
    PatientCheckedOut,
    PatientExpected,
    PatientMarkedAbsent,
    SessionScheduled,
    SessionStarted,
)
from aggregates.session.refusals import PresentElsewhere
from tests.aggregates.scenario import an_act, an_id, folded, seen_as

MONDAY = "2026-03-02"
SESSION, PROGRAM, GROUP = an_id("session"), an_id("program"), an_id("group")
FACILITATOR = an_id("clinician")


def at(clock: str, day: str = MONDAY) -> str:
    """A clock time of that Monday, in UTC, as an instant."""
    return f"{day}T{clock}:00.000000Z" if len(clock) == 5 else f"{day}T{clock}.000000Z"


def that_evening(**changes: Any) -> Any:
    """The facilitator's act on Monday at 23:00: the whole day has happened."""
    return an_act(**({"occurred_at": at("23:00"), "by": FACILITATOR} | changes))


def patient(number: int) -> str:
    """A patient's id."""
    return an_id("patient", number)


def enrollment(number: int) -> str:
    """The id of that patient's enrollment."""
    return an_id("enrollment", number)


def attendance(number: int) -> str:
    """The id under which the session speaks of that patient."""
    return an_id("attendance", number)


def episode(number: int = 1, *, admitted_on: str | None = "2026-02-02", discharged_on: str | None = None) -> Seen:
    """A patient's episode, referred on 26 January."""
    facts: list[Any] = [
        PatientReferred(patient_id=patient(number), program_id=PROGRAM, referred_on="2026-01-26", source="self"),
    ]
    if admitted_on:
        facts.append(PatientAdmitted(
            admitted_on=admitted_on, level_of_care="intensive_outpatient", focus="mental_health", admission_type="3",
            admission_source="1", attending_id=an_id("physician"), planned_days=3, planned_minutes=540,
        ))
    if discharged_on:
        facts.append(PatientDischarged(discharged_on=discharged_on, reason="completed", patient_status="01"))
    return seen_as(ENROLLMENT, enrollment(number), *facts)


def episodes(*numbers: int, **others: Seen) -> dict[str, Seen]:
    """Consulted episodes of several patients, with anything else that was consulted."""
    return {f"enrollment:{enrollment(number)}": episode(number) for number in numbers} | others


def anything(stream: str) -> Seen:
    """A stream that exists, where only that matters."""
    return Seen(id=stream, version=1, state=None)


def a_clinician(
    number: int = 1, *, associate: bool = False, supervisor: int | None = None, licensed: bool = True,
    lapsed_on: str | None = None, left_on: str | None = None,
) -> Seen:
    """A clinician licensed since 2024, perhaps an associate, perhaps with a license that lapsed, perhaps gone."""
    facts: list[Any] = [ClinicianJoined(
        programs=(PROGRAM,), discipline="counseling", associate=associate, joined_on="2024-01-02", has_npi=False,
    )]
    if licensed:
        facts.append(CredentialRecorded(
            credential_id=an_id("credential"), title="LPC", jurisdiction="CT", active_from="2024-01-02",
        ))
    if lapsed_on:
        facts.append(CredentialLapsed(credential_id=an_id("credential"), lapsed_on=lapsed_on, cause="not_renewed"))
    if supervisor:
        facts.append(SupervisorAssigned(supervisor_id=an_id("clinician", supervisor), effective_from="2024-01-02"))
    if left_on:
        facts.append(ClinicianLeft(left_on=left_on))
    return seen_as(CLINICIAN, an_id("clinician", number), *facts)


def a_plan(**changes: Any) -> SessionScheduled:
    """The group at nine, until half past ten."""
    fields: dict[str, Any] = {
        "program_id": PROGRAM, "group_id": GROUP, "service_kind": "group", "level_of_care": "intensive_outpatient",
        "topic": "distress_tolerance", "service_date": MONDAY, "starts_at": at("09:00"), "ends_at": at("10:30"),
        "modality": "in_person", "place_of_service": "53", "facilitators": (FACILITATOR,),
    }
    return SessionScheduled(**(fields | changes))


def to_schedule(*numbers: int, **changes: Any) -> ScheduleSession:
    """The command for that plan, with these patients on the roster."""
    plan = a_plan()
    fields = {name: getattr(plan, name) for name in SessionScheduled.__dataclass_fields__}
    roster = tuple(
        RosterEntry(patient_id=patient(one), enrollment_id=enrollment(one), attendance_id=attendance(one))
        for one in numbers
    )
    return ScheduleSession(session_id=SESSION, expected=roster, **(fields | changes))


def expected(number: int, **changes: Any) -> PatientExpected:
    """A patient on the roster of that plan."""
    fields: dict[str, Any] = {
        "patient_id": patient(number), "attendance_id": attendance(number), "enrollment_id": enrollment(number),
        "program_id": PROGRAM, "service_kind": "group", "service_date": MONDAY, "starts_at": at("09:00"),
        "ends_at": at("10:30"), "scheduled_minutes": 90, "cause": "roster",
    }
    return PatientExpected(**(fields | changes))


def began(clock: str = "09:00") -> SessionStarted:
    """The session's start."""
    return SessionStarted(started_at=at(clock), facilitators=(FACILITATOR,), topic="distress_tolerance")


def came(number: int, clock: str = "09:00", cause: Any = "expected", **changes: Any) -> PatientCheckedIn:
    """A patient's arrival."""
    fields: dict[str, Any] = {
        "patient_id": patient(number), "attendance_id": attendance(number), "enrollment_id": enrollment(number),
        "program_id": PROGRAM, "service_kind": "group", "service_date": MONDAY, "arrived_at": at(clock),
        "modality": "in_person", "place_of_service": "53", "cause": cause,
    }
    return PatientCheckedIn(**(fields | changes))


def to_check_in(number: int, clock: str = "09:00", **changes: Any) -> CheckIn:
    """The command for an arrival."""
    fields: dict[str, Any] = {
        "session_id": SESSION, "patient_id": patient(number), "attendance_id": attendance(number),
        "enrollment_id": enrollment(number), "arrived_at": at(clock),
    }
    return CheckIn(**(fields | changes))


EVENING = that_evening()
OTHER = an_id("session", 2)


def the_house(*numbers: int, **others: Seen) -> dict[str, Seen]:
    """What scheduling looks at: program, group, facilitator and episodes, all of which exist."""
    group = Seen(id=GROUP, version=1, state=a_plan())
    house = {"program": anything(PROGRAM), "group": group, f"clinician:{FACILITATOR}": anything(FACILITATOR)}
    return house | episodes(*numbers) | others


def nobody(stream: str) -> Seen:
    """A stream in which nothing is recorded."""
    return Seen(id=stream, version=0, state=SESSION_AGGREGATE.initial)


def elsewhere(*facts: Any) -> dict[str, Seen]:
    """Another session, in which patient 1 is checked in."""
    state = folded(SESSION_AGGREGATE, a_plan(service_kind="individual", group_id=None), *facts)
    return {f"present:{patient(1)}": Seen(id=OTHER, version=1 + len(facts), state=state)}


def presence(number: int) -> tuple[str, str]:
    """What a patient holds who is in a room of the program."""
    return "present", f"{PROGRAM}:{patient(number)}"


def claimed(number: int) -> Claim:
    """The reservation that a check-in makes."""
    return Claim(*presence(number), held=PresentElsewhere)


def gone(number: int, clock: str, cause: Any = "left_early") -> PatientCheckedOut:
    """A departure."""
    return PatientCheckedOut(attendance_id=attendance(number), left_at=at(clock), cause=cause)


def check_out(number: int, clock: str, **changes: Any) -> CheckOut:
    """The command for a departure."""
    return CheckOut(session_id=SESSION, attendance_id=attendance(number), left_at=at(clock), **changes)


def absent(number: int, **changes: Any) -> PatientMarkedAbsent:
    """An absence."""
    fields: dict[str, Any] = {
        "patient_id": patient(number), "attendance_id": attendance(number), "enrollment_id": enrollment(number),
        "program_id": PROGRAM, "service_kind": "group", "service_date": MONDAY, "excused": False, "cause": "no_show",
    }
    return PatientMarkedAbsent(**(fields | changes))


def to_expect(number: int, **changes: Any) -> ExpectPatient:
    """The command that puts a patient on the roster."""
    fields: dict[str, Any] = {
        "session_id": SESSION, "patient_id": patient(number), "enrollment_id": enrollment(number),
        "attendance_id": attendance(number),
    }
    return ExpectPatient(**(fields | changes))


def to_move(**changes: Any) -> RescheduleSession:
    """The command that moves the session to ten o'clock."""
    fields: dict[str, Any] = {
        "session_id": SESSION, "service_date": MONDAY, "starts_at": at("10:00"), "ends_at": at("11:30"),
        "cause": "room_unavailable",
    }
    return RescheduleSession(**(fields | changes))


def roster(*exceptions: Any, **changes: Any) -> TakeRoster:
    """The command: present to the end, except …."""
    return TakeRoster(**({"session_id": SESSION, "started_at": at("09:00"), "exceptions": exceptions} | changes))
