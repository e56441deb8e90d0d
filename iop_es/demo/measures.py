"""Outcome measures: answers drawn around a course, so that means go about 16 to 9. Invented, not clinical data."""

from __future__ import annotations

from datetime import date
from typing import Literal

from aggregates.assessment.commands import AdministerAssessment
from iop_es.demo import care, mess
from iop_es.demo.agenda import at
from iop_es.demo.people import Guest
from iop_es.demo.world import World

SLOPE = {"improves": -1.5, "stays": -0.4, "deteriorates": 0.9}


def baseline(world: World, guest: Guest, day: date) -> None:
    """Both measures on the day of admission."""
    _measure(world, guest, day, "baseline", world.desk.now)


def weekly(world: World, guest: Guest, day: date, answered_at: str) -> None:
    """Both measures when a week has passed since the last ones; now and then forgotten."""
    if guest.last_measured is None or ((day - guest.last_measured).days >= 7 and world.likely(0.9)):
        _measure(world, guest, day, "routine", answered_at)


def last(world: World, guest: Guest, day: date) -> None:
    """At discharge."""
    _measure(world, guest, day, "discharge", at(day, "12:00"))


def _measure(
    world: World, guest: Guest, day: date, occasion: Literal["baseline", "routine", "discharge"], answered_at: str
) -> None:
    guest.last_measured = day
    for instrument, items, spread in (("phq-9", 9, 1.0), ("gad-7", 7, 0.8)):
        answers = _answers(world, guest, day, items, spread)
        if instrument == "phq-9":
            answers[8] = mess.item_nine(world, guest, day, answers[8])
        assessment_id = world.desk.new_id()
        if instrument == "phq-9" and answers[8]:
            care.answered(world, guest, assessment_id, day, answers[8])
        world.desk.order(
            world.staff[guest.clinician],
            AdministerAssessment(
                assessment_id=assessment_id, patient_id=guest.patient_id, enrollment_id=guest.enrollment_id,
                program_id=world.places[guest.program].program_id, instrument=instrument,
                administered_on=day.isoformat(), administered_at=answered_at, occasion=occasion,
                respondent="patient", items=tuple(answers),
            ),
            occurred_at=answered_at,
        )


def _answers(world: World, guest: Guest, day: date, items: int, spread: float) -> list[int]:
    """Items 0 to 3 whose sum follows the patient's course; the last one stays at 0 unless it is meant."""
    weeks = (day - (guest.admitted or day)).days / 7
    target = guest.severity * spread * items / 9 + SLOPE[guest.course] * weeks + world.chance.gauss(0, 1.2)
    asked = items - 1 if items == 9 else items
    left, answers = max(0, min(3 * asked, round(target))), [0] * items
    while left > 0:
        place = world.chance.randrange(asked)
        if answers[place] < 3:
            answers[place] += 1
            left -= 1
    return answers
