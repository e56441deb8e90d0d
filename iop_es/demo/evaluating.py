"""The psychiatrist's evaluation of each new patient: written and signed on the day of admission, mostly.

Some come days late, some are written and never signed, and some never come about, so that a self-audit has something to
find. Chances and words come from a source of their own, so that nobody else's story changes with them.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from uuid import UUID

from aggregates.note.commands import DraftNote, SignNote
from aggregates.note.facts import NoteContent, Section
from iop_es.demo.agenda import local
from iop_es.demo.people import Guest
from iop_es.demo.phrases import evaluation
from iop_es.demo.world import World

MISSING, LATE, UNSIGNED = 0.05, 0.08, 0.04
"""Shares of the admissions whose evaluation never came about, came two to six days late, or was never signed."""
FATES = ("kept", "missing", "late", "unsigned")
SEEN_AT = "12:50"
"""When no program has a group: after those of the morning, before those of the afternoon."""


def plan(world: World, guest: Guest, day: date) -> None:
    """Puts the evaluation of a patient down who is admitted today, unless it is forgotten."""
    kept = 1 - MISSING - LATE - UNSIGNED
    (fate,) = world.evaluations.choices(FATES, (kept, MISSING, LATE, UNSIGNED))
    seen_on = day + timedelta(days=world.evaluations.randint(2, 6) if fate == "late" else 0)
    while seen_on.isoweekday() > 5:
        seen_on += timedelta(days=1)
    if fate != "missing":
        world.agenda.put(local(seen_on, SEEN_AT), partial(_evaluate, world, guest, fate != "unsigned"))


def _evaluate(world: World, guest: Guest, signed: bool) -> None:
    """It is of no session: nobody bills it here."""
    today = world.desk.now[:10]
    if not guest.in_care(date.fromisoformat(today)):
        return
    note_id = str(UUID(int=world.evaluations.getrandbits(128), version=4))
    doctor, place = world.staff["weiss"], world.places[guest.program]
    told = evaluation(world.evaluations, place.setting.diagnosis)
    world.desk.order(
        doctor,
        DraftNote(
            note_id=note_id, kind="psychiatric_evaluation", program_id=place.program_id, service_date=today,
            service_ended_at=world.desk.now, patient_id=guest.patient_id, enrollment_id=guest.enrollment_id,
            content=NoteContent(sections=tuple(Section(name=name, words=words) for name, words in told)),
        ),
    )
    if signed:
        world.desk.sign(doctor, SignNote(note_id=note_id))
