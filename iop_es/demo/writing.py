"""Notes: the group's narrative and each attendee's part in one call, signed in another in the evening, late, or never.

Where two led, the other signs beside the author. An associate's are cosigned next day. Now and then somebody copies a
neighbor's part, and adds to a note that is signed.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial

from aggregates.note.commands import (
    AmendNote,
    AttestSignature,
    CosignNote,
    DraftNote,
    ReturnNote,
    ReviseNote,
    SignAsFacilitator,
    SignNote,
)
from aggregates.note.facts import NoteContent, Section
from aggregates.values import moment
from api.documenting.group import signature_of
from api.documenting.storing import Part
from iop_es.demo import mess
from iop_es.demo.agenda import local
from iop_es.demo.people import Guest
from iop_es.demo.phrases import NEXT, PARTICIPATION, PROGRESS, individual, shared
from iop_es.demo.world import Place, Session, World

MINUTES = 65
GOALS = ("goal-1", "goal-2")
COPIED, AMENDED, ATTESTED, RETURNED = 0.006, 0.004, 0.3, 0.01
"""How often a part is a neighbor's with its words hardly touched, a signed note is added to, a signature that never
came is attested to when somebody finds it missing, and an associate's note comes back for changes."""


Sections = tuple[tuple[str, str], ...]
HOUR: Sections = (
    ("focus", "What the week brought, and what was planned for it last time."),
    ("interventions", "Went through the chain of events, and practiced what comes next."),
)
VISIT: Sections = (
    ("interval_history", "Since the last visit, by the patient's own account."),
    ("medications", "Taken as prescribed, with one dose forgotten."), ("side_effects", "None that trouble."),
    ("mental_status", "Awake, oriented, speaks freely."), ("assessment", "As expected at this point of the treatment."),
)
"""What an hour alone and a medication visit are documented by beside what every part says."""


def evening(world: World, place: Place, day: date) -> None:
    """Each leader writes up the day's groups."""
    for hour in range(len(place.setting.hours)):
        session = world.sessions.get((place.setting.code, day, hour))
        if session is not None and session.present and not session.cancelled:
            _write_up(world, session)


def _write_up(world: World, session: Session) -> None:
    desk, leader = world.desk, world.staff[session.leader]
    narrative = desk.new_id()
    topic = session.place.setting.topics[session.hour].replace("-", " ")
    whole = Part(_content(*_by_each(world, session, shared(world.pen, topic))), None, narrative)
    desk.sign(leader, signature_of(narrative, whole))
    if session.beside is not None:
        desk.sign(world.staff[session.beside], SignAsFacilitator(note_id=narrative))
    _cosign(world, session.leader, narrative, date.fromisoformat(desk.now[:10]) + timedelta(days=1))
    parts: list[Part] = []
    for patient_id in session.present:
        note_id = desk.new_id()
        if not world.likely(0.004):
            goal = world.chance.choice(GOALS)
            parts.append(Part(_individual(world, parts), patient_id, note_id, (goal,)))
            _sign(world, session.leader, note_id, session.day)
    desk.document(leader, session.session_id, whole, parts)


def _by_each(world: World, session: Session, sections: Sections) -> Sections:
    """What all share; where two led, each one's interventions by themselves."""
    if session.beside is None:
        return sections
    topic, (name, words) = sections
    told = (words, "Led the practice in pairs, and went from one pair to the next.")
    each = zip(session.leaders, told, strict=True)
    return (topic, *((f"{name}:{world.staff[one].id}", said) for one, said in each))


def alone(
    world: World, guest: Guest, place: Place, session_id: str, attendance_id: str, day: date, ended: str,
    by: str | None = None,
) -> None:
    """The note of an hour alone, or of a medication visit."""
    writer, more = by or guest.clinician, VISIT if by else HOUR
    note_id = world.desk.new_id()
    world.desk.order(
        world.staff[writer],
        DraftNote(
            note_id=note_id, kind="medication_visit" if by else "individual", program_id=place.program_id,
            service_date=day.isoformat(), service_ended_at=ended, session_id=session_id,
            patient_id=guest.patient_id, enrollment_id=guest.enrollment_id, attendance_id=attendance_id,
            goals=GOALS[:1], content=_also(_individual(world, []), more),
        ),
    )
    _sign(world, writer, note_id, day, more)


def _sign(world: World, writer: str, note_id: str, day: date, more: Sections = ()) -> None:
    """Mostly at once; some late with a reason; a few never, among them what nobody may sign by then. An associate's is
    cosigned on a later morning."""
    lot = world.chance.random()
    today = date.fromisoformat(world.desk.now[:10])
    if lot > 0.993:
        if world.pen.random() < ATTESTED:
            found = partial(_put, world, writer, day, AttestSignature(note_id=note_id))
            world.agenda.put(local(today + timedelta(days=12), "07:45"), found)
        return
    when = local(today, "23:00")
    if lot <= 0.955:
        _put_signature(world, writer, note_id, day, None)
    else:
        late = world.chance.randint(2, 6)
        when = local(today + timedelta(days=late), "07:40")
        world.agenda.put(when, lambda: _put_signature(world, writer, note_id, day, "caseload"))
    if writer in world.supervised_by and world.likely(0.97):
        day_after = (when + timedelta(days=world.chance.choice((1, 1, 1, 2)))).date()
        if lot <= 0.955 and world.pen.random() < RETURNED:
            world.agenda.put(local(day_after, "07:45"), partial(_return, world, writer, note_id, day, more))
        else:
            _cosign(world, writer, note_id, day_after)
    elif writer not in world.supervised_by and world.pen.random() < AMENDED and mess.may_sign(writer, day, when):
        world.agenda.put(when + timedelta(days=2), partial(_amend, world, writer, note_id))


def _cosign(world: World, writer: str, note_id: str, day: date) -> None:
    """An associate's supervisor signs in the morning; nobody else needs one."""
    supervisor = world.supervised_by.get(writer)
    if supervisor is not None:
        doing = partial(world.desk.sign, world.staff[supervisor], CosignNote(note_id=note_id))
        world.agenda.put(local(day, "07:50"), doing)


def _put_signature(world: World, writer: str, note_id: str, day: date, late: str | None) -> None:
    _put(world, writer, day, SignNote(note_id=note_id, late_reason=late))


def _put(world: World, writer: str, day: date, command: SignNote | AttestSignature) -> None:
    if mess.may_sign(writer, day, moment(world.desk.now)):
        world.desk.sign(world.staff[writer], command)


def _return(world: World, writer: str, note_id: str, day: date, more: Sections) -> None:
    """The supervisor wants to know which goal it was; it is written and signed again the next evening."""
    today = date.fromisoformat(world.desk.now[:10])
    supervisor = world.staff[world.supervised_by[writer]]
    world.desk.order(
        supervisor, ReturnNote(note_id=note_id, cause="goal-unclear", words="Say which goal this was about, and how.")
    )
    world.agenda.put(local(today, "20:45"), partial(_write_again, world, writer, note_id, day, more))


def _write_again(world: World, writer: str, note_id: str, day: date, more: Sections) -> None:
    again = _also(_content(*individual(world.pen, (PARTICIPATION[0], PROGRESS[0], NEXT[1]))), more)
    world.desk.order(world.staff[writer], ReviseNote(note_id=note_id, content=again))
    _put_signature(world, writer, note_id, day, None)
    _cosign(world, writer, note_id, date.fromisoformat(world.desk.now[:10]) + timedelta(days=1))


def _amend(world: World, writer: str, note_id: str) -> None:
    """Something was left out: an addendum, signed like the note."""
    added = AmendNote(
        note_id=note_id, amendment_id=world.pen_id(), kind="addendum", section="plan", cause="left-out",
        content=_content(("plan", "The next date was agreed with the patient before leaving; it was left out above.")),
    )
    world.desk.sign(world.staff[writer], added)


def _individual(world: World, others: list[Part]) -> NoteContent:
    """A part of its own words; or, rarely, the last one of the group with a first sentence of its own."""
    opening = (
        world.chance.choice(PARTICIPATION), world.chance.choice(PROGRESS), world.chance.choice(NEXT)
    )
    if others and world.pen.random() < COPIED:
        first, *rest = others[-1].content.sections
        return NoteContent(sections=(Section(name=first.name, words=opening[0]), *rest))
    return _content(*individual(world.pen, opening))


def _also(content: NoteContent, more: Sections) -> NoteContent:
    """The words with what a service alone is documented by beside."""
    return NoteContent(sections=(*_content(*more).sections, *content.sections))


def _content(*sections: tuple[str, str]) -> NoteContent:
    return NoteContent(sections=tuple(Section(name=name, words=words) for name, words in sections))
