"""What goes wrong, and when. Late arrivals, early departures, no-shows, breaks, late and missing signatures and small
corrections happen by chance all the time; the rest is planned here:

    week 3   adult mental health   a patient is called out to the prescriber in the middle of a group
    week 4   substance use         a walk-in: admitted that morning, and on the sheet of two groups only
    week 4   adult mental health   the first authorization answer comes nine days late: approved retroactively
    week 5   adolescent            a substitute leads the group
    week 5   adult mental health   one patient's PHQ-9 has an item 9 above zero
    week 6   adult mental health   a group is cancelled
    week 6   substance use         one patient steps up to partial hospitalization
    week 7   substance use         a thirteenth patient is taken; once all come, and the group is beyond its limit
    week 7   adolescent            the system is down for a day; the sheets are typed in two days later
    week 8   adult mental health   a license lapses, and the board's letter is recorded eight days later
    week 9   substance use         a payer takes its answer back and pays a day less (`payers`)
    week 9   substance use         an old sign-in sheet says less than was billed and paid (`correcting`)
    week 10  everywhere            the biller puts right four of the claims that are wrong by then (`correcting`)
    week 12  adult mental health   another such sheet; that claim stays to be put right
    week 12  everywhere            a denied day is written off (`accounts`)
    the last evening               two lead a group, and the other signs beside the author
    always                         two patients' authorizations are never extended: they run out in mid-week
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial

from aggregates.clinician.commands import LapseCredential, RecordCredential
from aggregates.group.commands import SubstituteFacilitator
from aggregates.session.commands import CancelSession, CorrectAttendance
from aggregates.session.facts import Interval
from aggregates.values import instant
from iop_es.demo import accounts, correcting
from iop_es.demo.agenda import local, minutes_later
from iop_es.demo.people import Guest
from iop_es.demo.world import FIRST_DAY, SEATS, Place, Session, World

ADULT, SUBSTANCE, TEEN = "adult-mental-health", "substance-use", "adolescent"
LAPSED_ON = FIRST_DAY + timedelta(weeks=7)
ON_PAPER = FIRST_DAY + timedelta(weeks=6, days=1)
TYPED_IN = ON_PAPER + timedelta(days=2)
LETTER_ON = LAPSED_ON + timedelta(days=8)


def plan(world: World, step_up: Callable[[World, Guest], None]) -> None:
    """Puts the planned incidents that are acts of their own on the agenda; `step_up` moves a patient to more care."""
    world.agenda.put(local(FIRST_DAY + timedelta(weeks=5, days=1), "08:30"), lambda: _cancel(world))
    world.agenda.put(local(FIRST_DAY + timedelta(weeks=5, days=2), "08:20"), lambda: _step_up(world, step_up))
    world.agenda.put(local(LETTER_ON, "08:00"), lambda: _lapse(world))
    for weeks, payer in ((8, "medicaid_north_carolina"), (11, "commercial_mental_health")):
        wednesday = local(FIRST_DAY + timedelta(weeks=weeks, days=2), "13:00")
        world.agenda.put(wednesday, partial(correcting.look_at_the_sheets, world, payer))
    world.agenda.put(local(FIRST_DAY + timedelta(weeks=11, days=3), "15:00"), lambda: accounts.write_off(world))
    for week in range(1, world.weeks):
        world.agenda.put(local(FIRST_DAY + timedelta(weeks=week, days=4), "12:00"), lambda: _correct(world))


def leader(world: World, place: Place, day: date, hour: int) -> str:
    """Who leads a group: its own leader, or once a substitute."""
    own = place.setting.leaders[hour]
    due = place.setting.code == TEEN and hour == 0 and world.week(day) == 5
    if world.once("substitute", due):
        world.desk.order(
            world.staff["director"],
            SubstituteFacilitator(
                group_id=place.groups[hour], clinician_id=world.staff["amari"].id, in_place_of=world.staff[own].id,
                on=day.isoformat(), cause="illness",
            ),
        )
        return "amari"
    return own


def called_out(world: World, session: Session) -> str | None:
    """The patient who, once, leaves the group for a medication visit and comes back."""
    due = session.place.setting.code == ADULT and session.hour == 1 and world.week(session.day) >= 3
    return next(iter(session.present)) if session.present and world.once("called out", due) else None


def walk_ins(world: World, session: Session) -> list[Guest]:
    """Patients of the program who come although this session did not expect them."""
    program = session.place.setting.code
    return [
        guest for guest in world.guests.values()
        if guest.program == program and guest.in_care(session.day) and guest.patient_id not in session.expected
    ]


def forgotten(world: World, session: Session) -> bool:
    """Whether a new patient is left off this session's sheet."""
    due = session.place.setting.code == SUBSTANCE and session.hour == 1 and world.week(session.day) >= 4
    return world.once("walk-in", due and session.day.isoformat() == world.desk.now[:10])


def seats(world: World, place: Place, day: date) -> int:
    """How many patients a program takes."""
    return SEATS + (1 if place.setting.code == SUBSTANCE and world.week(day) >= 7 else 0)


def beside(world: World, place: Place, day: date, hour: int) -> str | None:
    """Who leads a group beside its leader: one of the last evening, of a payer who wants both signatures."""
    last = FIRST_DAY + timedelta(weeks=world.weeks)
    return "novak" if (place.setting.code, day, hour) == (SUBSTANCE, last, 0) else None


def full_house(world: World, session: Session) -> bool:
    """The one day on which everybody of a group that is too large comes."""
    return world.once("full house", session.hour == 0 and len(session.expected) > SEATS)


def on_paper(place: Place, day: date) -> bool:
    """The day of which the sheets are typed in later."""
    return place.setting.code == TEEN and day == ON_PAPER


def days_until_approval(world: World, guest: Guest) -> int:
    """How long the payer takes to answer: nine days, once."""
    day = guest.admitted or FIRST_DAY
    return 9 if world.once("retroactive", guest.program == ADULT and world.week(day) >= 3) else 0


def runs_out(world: World, session: Session) -> bool:
    """Whether nobody asks for the extension of a patient with two units left; the last one falls inside a week."""
    days = session.place.setting.weekdays
    inside = (days.index(session.day.isoweekday()) + 2) % len(days) != len(days) - 1
    return any(world.once(f"{which} runs out", inside) for which in ("one", "another", "a third"))


def item_nine(world: World, guest: Guest, day: date, answer: int) -> int:
    """An answer above zero once planned, and rarely otherwise; the total must not hide it."""
    due = guest.program == ADULT and world.week(day) >= 5
    return 2 if world.once("item nine", due) else 1 if world.likely(0.01) else answer


def may_sign(writer: str, day: date, at: datetime) -> bool:
    """Whether somebody may sign for a day at a moment: for one in the lapse nobody may, once that is known."""
    return not (writer == "osei" and LAPSED_ON <= day < LETTER_ON and at >= local(LETTER_ON, "08:00"))


def _cancel(world: World) -> None:
    day = date.fromisoformat(world.desk.now[:10])
    session = world.sessions.get((ADULT, day, 2))
    if session is not None:
        session.cancelled = True
        world.desk.order(
            world.staff["director"], CancelSession(session_id=session.session_id, cause="facilitator-ill")
        )


def _step_up(world: World, step_up: Callable[[World, Guest], None]) -> None:
    day = date.fromisoformat(world.desk.now[:10])
    for guest in world.guests.values():
        if guest.program == SUBSTANCE and guest.in_care(day) and (day - (guest.admitted or day)).days >= 10:
            step_up(world, guest)
            return


def _lapse(world: World) -> None:
    clinician, director = world.staff["osei"], world.staff["director"]
    world.desk.order(
        director,
        LapseCredential(
            clinician_id=clinician.id, credential_id=world.credentials["osei"], lapsed_on=LAPSED_ON.isoformat(),
            cause="renewal-missed",
        ),
    )
    world.desk.order(
        director,
        RecordCredential(
            clinician_id=clinician.id, credential_id=world.desk.new_id(), title="LPC", jurisdiction="NC",
            active_from=LETTER_ON.isoformat(), number="DEMO-LPC-2",
        ),
    )


def _correct(world: World) -> None:
    """The sign-in sheet says otherwise: one attendance of this week is corrected."""
    friday = date.fromisoformat(world.desk.now[:10])
    week = [s for s in world.sessions.values() if friday - timedelta(days=5) < s.day < friday and not s.cancelled]
    wrong = [(s, p) for s in week for p in s.expected if world.absences.get((p, s.day)) and s.hour == 0]
    if not wrong:
        return
    session, patient_id = world.chance.choice(wrong)
    begin = local(session.day, session.place.setting.hours[0])
    world.desk.order(
        world.staff[session.leader],
        CorrectAttendance(
            session_id=session.session_id, attendance_id=session.expected[patient_id], status="present",
            intervals=(Interval(start=instant(begin), stop=instant(minutes_later(begin, 65))),), cause="sign_in_sheet",
            explanation="The sheet at the door has the signature; it was overlooked when the roster was taken.",
        ),
    )
