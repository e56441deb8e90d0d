"""The demonstration draws: the trends of those flagged last, and the first program's course, stay and attendance."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from api.gate import NotFound
from iop_es.demo.figures import Drawn
from iop_es.demo.reading import EVERYTHING, Reading
from iop_es.wiring import House
from projections.caseload.attendance import attendance_map
from projections.outcomes import pictured, queries, today
from projections.outcomes.cohorts import queries as cohorts
from projections.pictures.attendance import attendance
from projections.pictures.course import course
from projections.pictures.picture import Picture
from projections.pictures.stay import stay_of, survival
from projections.pictures.svg import svg
from projections.pictures.trend import trend

FOLDER = ".iop-es/pictures"
INSTRUMENT = "phq-9"
DAYS = 41
"""Six weeks of attendance, with today's."""


def draw(house: House) -> list[Drawn]:
    """Writes each picture beside the database, in the place of an earlier one; answers where they are."""
    folder = Path(house.settings.project) / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    found = []
    for name, picture in _pictures(Reading(house)):
        (folder / f"{name}.svg").write_text(svg(picture), encoding="utf-8")
        found.append(Drawn(file=f"{FOLDER}/{name}.svg", shows=picture.title))
    return found


def _pictures(reading: Reading) -> Iterator[tuple[str, Picture]]:
    raised = [
        one for state in ("cleared", "open")
        for one in reading.ask("outcomes", today.alerts, state=state, limit=EVERYTHING) if one.instrument is not None
    ]
    newest = {one.kind: one for one in sorted(raised, key=lambda one: one.since)}
    for alert in newest.values():
        asked = {"patient_id": alert.patient_id, "instrument": alert.instrument, "scale": "total"}
        found = _asked(reading, "outcomes", pictured.courses, **asked)
        if found is not None:
            name = f"{alert.instrument}-{alert.patient_id[:8]}"
            yield name, trend(found.courses, found.until, found.expected)
    for program_id, one in list(reading.programs.items())[:1]:
        yield from _of_program(reading, program_id, one.code)


def _of_program(reading: Reading, program_id: str, code: str) -> Iterator[tuple[str, Picture]]:
    only = {"programs": [program_id]}
    courses = _asked(reading, "outcomes", queries.course, instrument=INSTRUMENT, **only)
    if courses:
        yield f"{code}-{INSTRUMENT}", course(courses, program_id)
    for stay in _asked(reading, "outcomes", cohorts.stay, unit="day", **only):
        yield f"{code}-stay", survival(stay_of(stay))
    last = date.fromisoformat(reading.house.gate.now()[:10])
    days = {"first": (last - timedelta(DAYS)).isoformat(), "last": last.isoformat()}
    came = _asked(reading, "caseload", attendance_map, **only, **days)
    if came is not None and any(one.days for one in came.patients):
        yield f"{code}-attendance", attendance(came)


def _asked(reading: Reading, model: str, query: Any, **narrowed: Any) -> Any:
    try:
        return reading.ask(model, query, **narrowed)
    except NotFound:
        return None
