"""Notes: the group's narrative and each attendee's part, signed in the evening, late, or never; cosigned next day."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial

from aggregates.note.commands import CosignNote, DraftNote, SignNote
from aggregates.note.facts import NoteContent, Section
from aggregates.values import instant
from iop_es.demo import mess
from iop_es.demo.agenda import local, minutes_later
from iop_es.demo.people import Guest
from iop_es.demo.world import Place, Session, World

MINUTES = 65
PARTICIPATION = (
    "Spoke early and stayed with the topic.", "Listened at first, then told of a hard evening this week.",
    "Tried the exercise twice and named what helped.", "Quiet today; answered when asked and kept eye contact.",
    "Offered another member encouragement without advice.", "Left the circle once and came back by choice.",
)
PROGRESS = (
    "Used a coping skill on four of seven days.", "Kept the morning plan on three days.",
    "Reports fewer urges than last week.", "No change that can be named yet.",
    "Sleep is steadier; appetite is not.", "Called a friend instead of staying in bed.",
)
NEXT = ("Same plan.", "Practice once before the next group.", "Bring the worksheet.", "Ask the prescriber about sleep.")
GOALS = ("goal-1", "goal-2")


def evening(world: World, place: Place, day: date) -> None:
    """Each leader writes up the day's groups."""
    for hour in range(len(place.setting.hours)):
        session = world.sessions.get((place.setting.code, day, hour))
        if session is not None and session.present and not session.cancelled:
            _write_up(world, session)


def _write_up(world: World, session: Session) -> None:
    desk, leader = world.desk, world.staff[session.leader]
    begin = local(session.day, session.place.setting.hours[session.hour])
    ended = instant(minutes_later(begin, MINUTES))
    narrative = desk.new_id()
    topic = session.place.setting.topics[session.hour]
    desk.order(
        leader,
        DraftNote(
            note_id=narrative, kind="group_narrative", program_id=session.place.program_id,
            service_date=session.day.isoformat(), service_ended_at=ended, session_id=session.session_id,
            content=_content(("topic", f"About {topic}."), ("intervention", "Teaching, practice, a round at the end.")),
        ),
    )
    desk.order(leader, SignNote(note_id=narrative))
    _cosign(world, session.leader, narrative, date.fromisoformat(desk.now[:10]) + timedelta(days=1))
    for patient_id, attendance_id in session.present.items():
        note_id = desk.new_id()
        guest = world.guests[patient_id]
        if world.likely(0.004):
            continue
        desk.order(
            leader,
            DraftNote(
                note_id=note_id, kind="group", program_id=session.place.program_id,
                service_date=session.day.isoformat(), service_ended_at=ended, session_id=session.session_id,
                patient_id=patient_id, enrollment_id=guest.enrollment_id, attendance_id=attendance_id,
                narrative_id=narrative, goals=(world.chance.choice(GOALS),), content=_individual(world),
            ),
        )
        _sign(world, session.leader, note_id, session.day)


def alone(
    world: World, guest: Guest, place: Place, session_id: str, attendance_id: str, day: date, ended: str,
    by: str | None = None,
) -> None:
    """The note of an hour alone, or of a medication visit."""
    writer = by or guest.clinician
    note_id = world.desk.new_id()
    world.desk.order(
        world.staff[writer],
        DraftNote(
            note_id=note_id, kind="medication_visit" if by else "individual", program_id=place.program_id,
            service_date=day.isoformat(), service_ended_at=ended, session_id=session_id,
            patient_id=guest.patient_id, enrollment_id=guest.enrollment_id, attendance_id=attendance_id,
            goals=GOALS[:1], content=_individual(world),
        ),
    )
    _sign(world, writer, note_id, day)


def _sign(world: World, writer: str, note_id: str, day: date) -> None:
    """Mostly at once; some late with a reason; a few never. An associate's is cosigned on a later morning."""
    lot = world.chance.random()
    if lot > 0.993:
        return
    today = date.fromisoformat(world.desk.now[:10])
    when = local(today, "23:00")
    if lot <= 0.955:
        _order_signature(world, writer, note_id, day, None)
    else:
        late = world.chance.randint(2, 6)
        when = local(today + timedelta(days=late), "07:40")
        world.agenda.put(when, lambda: _order_signature(world, writer, note_id, day, "caseload"))
    if writer in world.supervised_by and world.likely(0.97):
        _cosign(world, writer, note_id, (when + timedelta(days=world.chance.choice((1, 1, 1, 2)))).date())


def _cosign(world: World, writer: str, note_id: str, day: date) -> None:
    """An associate's supervisor signs in the morning; nobody else needs one."""
    supervisor = world.supervised_by.get(writer)
    if supervisor is not None:
        doing = partial(world.desk.order, world.staff[supervisor], CosignNote(note_id=note_id))
        world.agenda.put(local(day, "07:50"), doing)


def _order_signature(world: World, writer: str, note_id: str, day: date, late: str | None) -> None:
    override = mess.override_for(world, writer, day)
    world.desk.order(
        world.staff[writer], SignNote(note_id=note_id, late_reason=late, override_cause=override)
    )


def _individual(world: World) -> NoteContent:
    return _content(
        ("participation", world.chance.choice(PARTICIPATION)), ("progress", world.chance.choice(PROGRESS)),
        ("plan", world.chance.choice(NEXT)),
    )


def _content(*sections: tuple[str, str]) -> NoteContent:
    return NoteContent(sections=tuple(Section(name=name, words=words) for name, words in sections))
