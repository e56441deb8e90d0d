"""Sessions: planned on Friday, taken roster by roster, closed; and the hour alone with one's own clinician."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial

from aggregates.session.commands import (
    Absent,
    ArrivedLate,
    CancelSession,
    CheckIn,
    CloseSession,
    LeftEarly,
    RosterEntry,
    RosterException,
    ScheduleSession,
    StartSession,
    TakeBreak,
    TakeRoster,
    WalkedIn,
)
from aggregates.values import instant
from iop_es.demo import measures, mess, money, writing
from iop_es.demo.agenda import local, minutes_later
from iop_es.demo.people import Guest
from iop_es.demo.world import CLOSED_ON, Place, Session, World

MINUTES = 65
ALONE_MINUTES = 50
WAITED_MINUTES = 15
OFFICE = "11"


def plan_week(world: World, monday: date) -> None:
    """Schedules a week's groups with their rosters, and each patient's hour alone."""
    for place in world.places.values():
        for weekday in place.setting.weekdays:
            day = monday + timedelta(days=weekday - 1)
            if day != CLOSED_ON:
                for hour in range(len(place.setting.hours)):
                    _plan_group(world, place, day, hour)
                evening = minutes_later(local(day, place.setting.hours[-1]), MINUTES + 40)
                written = local(mess.TYPED_IN, "09:30") if mess.on_paper(place, day) else evening
                world.agenda.put(written, partial(writing.evening, world, place, day))
        _plan_hours_alone(world, place, monday)


def _plan_group(world: World, place: Place, day: date, hour: int) -> None:
    desk, setting = world.desk, place.setting
    guests = [g for g in world.guests.values() if g.program == setting.code and g.in_care(day)]
    expected = {guest.patient_id: desk.new_id() for guest in guests}
    session = Session(desk.new_id(), place, hour, day, mess.leader(world, place, day, hour), expected)
    session.beside = mess.beside(world, place, day, hour)
    world.sessions[(setting.code, day, hour)] = session
    begin = local(day, setting.hours[hour])
    desk.order(
        world.staff["desk"],
        ScheduleSession(
            session_id=session.session_id, program_id=place.program_id, group_id=place.groups[hour],
            service_kind=setting.kinds[hour], level_of_care="intensive_outpatient", topic=setting.topics[hour],
            service_date=day.isoformat(), starts_at=instant(begin), ends_at=instant(minutes_later(begin, MINUTES)),
            place_of_service=OFFICE, facilitators=tuple(world.staff[one].id for one in session.leaders),
            expected=tuple(
                RosterEntry(
                    patient_id=g.patient_id, enrollment_id=g.enrollment_id, attendance_id=session.expected[g.patient_id]
                )
                for g in guests
            ),
        ),
    )
    closed = minutes_later(begin, MINUTES + 2)
    typed = local(mess.TYPED_IN, f"09:{hour:02d}") if mess.on_paper(place, day) else closed
    world.agenda.put(typed, partial(_hold, world, session, instant(closed)))


def _hold(world: World, session: Session, occurred_at: str) -> None:
    """The facilitator takes the whole roster at the end, says what was different, and closes."""
    if session.cancelled:
        return
    desk, leader = world.desk, world.staff[session.leader]
    begin = local(session.day, session.place.setting.hours[session.hour])
    if mess.full_house(world, session):
        world.absences.update(dict.fromkeys(((patient_id, session.day) for patient_id in session.expected), False))
    if session.hour == 0:
        for patient_id in session.expected:
            _comes(world, world.guests[patient_id], session.day)
    exceptions = tuple(_exceptions(world, session))
    roster = TakeRoster(session_id=session.session_id, started_at=instant(begin), exceptions=exceptions)
    desk.order(leader, roster, occurred_at=occurred_at)
    if (called := mess.called_out(world, session)) is not None:
        _visit_the_prescriber(world, session, world.guests[called])
    if world.likely(0.12):
        pause = minutes_later(begin, 30)
        desk.order(
            leader,
            TakeBreak(
                session_id=session.session_id, started_at=instant(pause), ended_at=instant(minutes_later(pause, 5))
            ),
        )
    end = instant(minutes_later(begin, MINUTES))
    closing = CloseSession(session_id=session.session_id, ended_at=end, everyone_else_stayed=True)
    desk.order(leader, closing, occurred_at=occurred_at)
    if session.hour == 0:
        for patient_id in session.present:
            measures.weekly(world, world.guests[patient_id], session.day, occurred_at)
    if session.hour == len(session.place.setting.hours) - 1:
        money.count_the_day(world, session)


def _comes(world: World, guest: Guest, day: date) -> bool:
    """Whether a patient comes at all on a day; who is about to drop out comes less and less."""
    key = (guest.patient_id, day)
    if key not in world.absences:
        leaving = guest.fate == "drops_out" and guest.admitted and (day - guest.admitted).days > guest.weeks * 7 - 8
        world.absences[key] = world.likely(0.75 if leaving else 1 - guest.shows_up)
    return not world.absences[key]


def _exceptions(world: World, session: Session) -> list[RosterException]:
    begin = local(session.day, session.place.setting.hours[session.hour])
    last = session.hour == len(session.place.setting.hours) - 1
    found: list[RosterException] = []
    for patient_id, attendance_id in session.expected.items():
        guest = world.guests[patient_id]
        if not _comes(world, guest, session.day):
            excused = world.likely(0.4)
            found.append(
                Absent(
                    exception="absent_excused" if excused else "absent", attendance_id=attendance_id,
                    cause="illness" if excused else "no_show",
                )
            )
            continue
        session.present[patient_id] = attendance_id
        if session.hour == 0 and world.likely(0.06):
            arrived = minutes_later(begin, world.chance.randint(5, 25))
            found.append(ArrivedLate(attendance_id=attendance_id, arrived_at=instant(arrived)))
        elif last and world.likely(0.04):
            left = minutes_later(begin, MINUTES - world.chance.randint(8, 40))
            found.append(LeftEarly(attendance_id=attendance_id, left_at=instant(left)))
    for guest in mess.walk_ins(world, session):
        attendance_id = world.desk.new_id()
        session.present[guest.patient_id] = attendance_id
        found.append(
            WalkedIn(
                exception="walk_in", patient_id=guest.patient_id, enrollment_id=guest.enrollment_id,
                attendance_id=attendance_id,
            )
        )
    return found


def _plan_hours_alone(world: World, place: Place, monday: date) -> None:
    seen: dict[str, int] = {}
    for guest in world.guests.values():
        if guest.program == place.setting.code and guest.in_care(monday):
            number = seen[guest.clinician] = seen.get(guest.clinician, -1) + 1
            days = place.setting.weekdays
            day = monday + timedelta(days=days[number % len(days)] - 1)
            if day != CLOSED_ON:
                clock = f"{place.setting.alone_from + number // len(days):02d}:00"
                _plan_hour_alone(world, place, guest, day, clock)


def _plan_hour_alone(world: World, place: Place, guest: Guest, day: date, clock: str) -> None:
    desk, begin = world.desk, local(day, clock)
    session_id, attendance_id = desk.new_id(), desk.new_id()
    entry = RosterEntry(patient_id=guest.patient_id, enrollment_id=guest.enrollment_id, attendance_id=attendance_id)
    desk.order(
        world.staff["desk"],
        ScheduleSession(
            session_id=session_id, program_id=place.program_id, service_kind="individual",
            level_of_care="intensive_outpatient", topic="individual", service_date=day.isoformat(),
            starts_at=instant(begin), ends_at=instant(minutes_later(begin, ALONE_MINUTES)), place_of_service=OFFICE,
            facilitators=(world.staff[guest.clinician].id,), expected=(entry,),
        ),
    )

    def held() -> None:
        clinician = world.staff[guest.clinician]
        if not guest.in_care(day):
            desk.order(clinician, CancelSession(session_id=session_id, cause="discharged"))
            return
        comes = _comes(world, guest, day)
        missed = () if comes else (Absent(exception="absent", attendance_id=attendance_id),)
        end = instant(minutes_later(begin, ALONE_MINUTES if comes else WAITED_MINUTES))
        desk.order(clinician, TakeRoster(session_id=session_id, started_at=instant(begin), exceptions=missed))
        desk.order(clinician, CloseSession(session_id=session_id, ended_at=end, everyone_else_stayed=True))
        if comes:
            world.alone.add((guest.patient_id, day))
            writing.alone(world, guest, place, session_id, attendance_id, day, end)

    world.agenda.put(minutes_later(begin, ALONE_MINUTES + 3), held)


def _visit_the_prescriber(world: World, session: Session, guest: Guest) -> None:
    """Called out of the group for a medication visit: checking in there closes the stay here, and back again."""
    desk, doctor, leader = world.desk, world.staff["weiss"], world.staff[session.leader]
    begin = local(session.day, session.place.setting.hours[session.hour])
    away, back = minutes_later(begin, 20), minutes_later(begin, 40)
    visit, attendance_id = desk.new_id(), desk.new_id()
    entry = RosterEntry(patient_id=guest.patient_id, enrollment_id=guest.enrollment_id, attendance_id=attendance_id)
    desk.order(
        doctor,
        ScheduleSession(
            session_id=visit, program_id=session.place.program_id, service_kind="medication_visit",
            level_of_care="intensive_outpatient", topic="medication", service_date=session.day.isoformat(),
            starts_at=instant(away), ends_at=instant(back), place_of_service=OFFICE, facilitators=(doctor.id,),
            expected=(entry,),
        ),
    )
    desk.order(doctor, StartSession(session_id=visit, started_at=instant(away)))
    stay = session.present[guest.patient_id]
    for where, person, arrived, attendance in (
        (visit, doctor, away, attendance_id), (session.session_id, leader, back, stay),
    ):
        desk.order(
            person,
            CheckIn(
                session_id=where, patient_id=guest.patient_id, attendance_id=attendance, arrived_at=instant(arrived)
            ),
        )
    desk.order(doctor, CloseSession(session_id=visit, ended_at=instant(back), everyone_else_stayed=True))
    writing.alone(world, guest, session.place, visit, attendance_id, session.day, instant(back), by="weiss")
