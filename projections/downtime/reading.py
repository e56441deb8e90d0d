"""Gathers a program's day: what the caseload expects, what stands open about everybody, how each may be reached.

A session that is scheduled stands as it is; a group that meets by its series and has no session yet stands as it would
be scheduled. Everybody who is in care is on the list of contacts, not only who is expected; and whom an alert of safety
is about, in care or not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from psycopg import Cursor

from aggregates.patient.facts import ConfidentialContactSet, Identity
from aggregates.patient.state import Guardian, Patient
from aggregates.risk.decide import OF_SAFETY
from aggregates.session.state import Known
from aggregates.values import instant, moment
from iop_es.engine.log import Log, StoredFact
from projections.caseload import queries
from projections.caseload.directory import ProgramView
from projections.caseload.group_views import GroupView, Meeting
from projections.caseload.group_views import Seat as Seated
from projections.caseload.names import PersonName, by_name
from projections.caseload.on_call import gaps
from projections.caseload.views import RosterEntry, SessionView
from projections.chart.inputs import Story, story_of
from projections.chart.words import UNREADABLE, clock, said
from projections.downtime.views import Contact, Downtime, Seat, Sheet
from projections.outcomes import today
from projections.outcomes.alert_views import AlertView, RiskView

MOST = 10_000
STANDING = frozenset({"scheduled", "started"})
"""States of a session that is still to be held, or is being held."""
DIGITS = 4
NewId = Callable[[], str]


@dataclass(frozen=True, slots=True)
class Shown:
    """What the caller's role may see: record numbers, and what an alert is about."""

    numbers: bool
    risks: bool


def tomorrow(now: str, zone: str) -> date:
    """The day after an instant's, in a program's zone."""
    return moment(now).astimezone(ZoneInfo(zone)).date() + timedelta(1)


def expected(
    cursor: Cursor[Any], log: Log, program_id: str, on: date | None, now: str, shown: Shown, new_id: NewId
) -> Downtime | None:
    """One program's day (None: tomorrow), without what stands open; None for a program that is not there.

    The caller has opened the caseload. `new_id` makes the ids of what is not scheduled yet.
    """
    asked: dict[str, Any] = {"programs": [program_id], "now": now}
    program = next(iter(queries.programs_of(cursor, **asked)), None)
    if program is None:
        return None
    asked["opening"] = log.opened
    day = on or tomorrow(now, program.time_zone)
    names = {one.clinician_id: _called(one.name) for one in queries.clinicians(cursor, **asked)}
    planned = queries.sessions(cursor, on=day.isoformat(), limit=MOST, **asked)
    groups = queries.groups(cursor, on=day.isoformat(), limit=MOST, **asked)
    known = {one.patient_id: one.name for one in queries.patients(cursor, limit=MOST, **asked)}
    rosters: list[Sequence[RosterEntry | Seated]] = [one.roster for one in planned]
    rosters += [one.roster for one in groups]
    known |= {each.patient_id: each.name for roster in rosters for each in roster}
    stories = _stories(log, [*known, *(one.session_id for one in planned)])
    made = [
        *(_scheduled(one, stories.get(one.session_id), names) for one in planned if one.state in STANDING),
        *_by_series(program, groups, planned, day, names, new_id),
    ]
    ordered = sorted(made, key=lambda one: (one.starts_at, one.topic, one.session_id))
    numbers = {patient: _number(stories.get(patient)) if shown.numbers else None for patient in known}
    called_off = (one for one in planned if one.state == "cancelled")
    return Downtime(
        program_id=program_id, code=program.code, level_of_care=program.level_of_care, zone=program.time_zone, day=day,
        position=0, known_at=now,
        sheets=tuple(_numbered(one, place, numbers) for place, one in enumerate(ordered, 1)),
        contacts=_contacts(known, stories, day),
        cancelled=tuple(f"{clock(one.starts_at, program.time_zone)} {said(one.topic)}" for one in called_off),
        uncovered=tuple((one.from_at, one.until) for one in gaps(log, [program_id], *_hours(day, program.time_zone))),
    )  # fmt: skip


def _hours(day: date, zone: str) -> tuple[str, str]:
    """The moments at which a day begins and ends in a zone."""
    first, last = (datetime.combine(one, time(), ZoneInfo(zone)) for one in (day, day + timedelta(1)))
    return instant(first), instant(last)


def with_risks(cursor: Cursor[Any], log: Log, now: str, found: Downtime, shown: Shown) -> Downtime:
    """The same with what stands open, or for roles that do not see it, with a mark to ask the clinician; and with
    those who are not in care and whom somebody should look for."""
    asked: dict[str, Any] = {"programs": [found.program_id], "now": now}
    contacts = (*found.contacts, *_not_in_care(log, today.alerts(cursor, limit=MOST, **asked), found))
    risks = {one.patient_id: today.risk(cursor, patient_id=one.patient_id, **asked) for one in contacts}
    marked = {patient for patient, one in risks.items() if one.open}
    return replace(
        found, risks_known=True,
        contacts=tuple(replace(one, risks=tuple(_risks(risks[one.patient_id], found.zone, shown))) for one in contacts),
        sheets=tuple(
            replace(one, seats=tuple(replace(each, attention=each.patient_id in marked) for each in one.seats))
            for one in found.sheets
        ),
    )  # fmt: skip


def _not_in_care(log: Log, open_: Sequence[AlertView], found: Downtime) -> tuple[Contact, ...]:
    """Whom nobody expects any more, or not yet, and an alert of safety is about."""
    of_safety = {one.patient_id for one in open_ if one.urgent or one.kind in OF_SAFETY}
    others = sorted(of_safety - {one.patient_id for one in found.contacts})
    stories = _stories(log, others)
    return _contacts({patient: _name(stories.get(patient)) for patient in others}, stories, found.day)


def _contacts(
    known: Mapping[str, PersonName | None], stories: Mapping[str, Story], day: date
) -> tuple[Contact, ...]:
    ordered = sorted(known.items(), key=lambda one: (by_name(one[1]), one[0]))
    return tuple(_contact(patient, name, stories.get(patient), day) for patient, name in ordered)


def _scheduled(one: SessionView, story: Story | None, names: Mapping[str, str]) -> Sheet:
    state = story.state if story else None
    return Sheet(
        session_id=one.session_id, group_id=one.group_id, scheduled=True, service_kind=one.service_kind,
        level_of_care=one.level_of_care, topic=one.topic, starts_at=one.starts_at, ends_at=one.ends_at,
        modality=one.modality or "in_person", place=state.plan.place_of_service if isinstance(state, Known) else None,
        facilitator_ids=one.facilitators, facilitators=tuple(names.get(who, who) for who in one.facilitators),
        seats=tuple(
            Seat("", each.patient_id, each.enrollment_id, each.attendance_id, _called(each.name), None, False)
            for each in one.roster
        ),
    )  # fmt: skip


def _by_series(
    program: ProgramView, groups: Sequence[GroupView], planned: Sequence[SessionView], day: date,
    names: Mapping[str, str], new_id: NewId,
) -> Iterator[Sheet]:  # fmt: skip
    have = [(one.group_id, one.starts_at, one.ends_at) for one in planned]
    for group in groups:
        for meeting in group.meetings:
            starts_at, ends_at = _times(meeting, day, program.time_zone)
            if any(who == group.group_id and start < ends_at and starts_at < end for who, start, end in have):
                continue  # a session of the group at that time, be it called off; one at another is another meeting
            yield Sheet(
                session_id=new_id(), group_id=group.group_id, scheduled=False, service_kind=group.service_kind,
                level_of_care=program.level_of_care, topic=group.topic, starts_at=starts_at, ends_at=ends_at,
                modality="in_person", place=None, facilitator_ids=group.facilitators,
                facilitators=tuple(names.get(who, who) for who in group.facilitators),
                seats=tuple(
                    Seat("", one.patient_id, one.enrollment_id, new_id(), _called(one.name), None, False)
                    for one in group.roster if not one.discharged
                ),
            )  # fmt: skip


def _times(meeting: Meeting, day: date, zone: str) -> tuple[str, str]:
    start = datetime.combine(day, time.fromisoformat(meeting.starts), ZoneInfo(zone)).astimezone(UTC)
    return instant(start), instant(start + timedelta(minutes=meeting.minutes))


def _numbered(one: Sheet, place: int, numbers: Mapping[str, str | None]) -> Sheet:
    return replace(one, seats=tuple(
        replace(each, code=f"{place}-{row}", number=numbers.get(each.patient_id))
        for row, each in enumerate(one.seats, 1)
    ))  # fmt: skip


def _stories(log: Log, streams: Sequence[str]) -> dict[str, Story]:
    by_stream: dict[str, list[StoredFact]] = {}
    for fact in log.facts_of_streams(list(streams)) if streams else ():
        by_stream.setdefault(fact.stream, []).append(fact)
    return {stream: story_of(stream, facts) for stream, facts in by_stream.items()}


def _called(name: PersonName | None) -> str:
    return f"Name {UNREADABLE}" if name is None else f"{name.family_name}, {name.given_name}"


def _identity(story: Story | None) -> Identity | None:
    state = story.state if story else None
    return state.identity if isinstance(state, Patient) else None


def _name(story: Story | None) -> PersonName | None:
    known = _identity(story)
    return PersonName(family_name=known.family_name, given_name=known.given_name) if known else None


def _number(story: Story | None) -> str | None:
    known = _identity(story)
    return known.medical_record_number[-DIGITS:] if known and known.medical_record_number else None


def _contact(patient_id: str, name: PersonName | None, story: Story | None, day: date) -> Contact:
    state = story.state if story else None
    if story is None or not isinstance(state, Patient):
        return Contact(patient_id, _called(name), (), None, (), ())
    on, known = day.isoformat(), state.identity
    asked = [one for one in story.facts if isinstance(one, ConfidentialContactSet) and one.effective_from <= on]
    guardians = [one for one in state.guardians if state.guardian_on(one.recorded.guardian_id, on)]
    if asked:
        # The patient's wish is about everybody who might call, so a guardian's number goes too (45 CFR 164.522(b)).
        words = asked[-1].sealed.instructions if asked[-1].sealed else f"The wish is {UNREADABLE}: do not call."
        return Contact(patient_id, _called(name), (), words, tuple(_guardian(one, False) for one in guardians), ())
    reach = (known.phone, known.email) if known else ()
    return Contact(
        patient_id, _called(name), tuple(one for one in reach if one), None,
        tuple(_guardian(one, True) for one in guardians), (),
    )  # fmt: skip


def _guardian(one: Guardian, reachable: bool) -> str:
    known, relation = one.recorded.sealed, said(one.recorded.relationship).lower()
    if known is None:
        return f"{relation}, name {UNREADABLE}"
    phone = f", {known.phone}" if reachable and known.phone else ""
    return f"{known.family_name}, {known.given_name} ({relation}){phone}"


def _risks(found: RiskView, zone: str, shown: Shown) -> Iterator[str]:
    if not shown.risks:
        if found.open:
            yield "Ask the clinician."
        return
    for one in found.open:
        yield _alert(one)
    if found.level in {"moderate", "high", "imminent"}:
        yield f"Risk judged {found.level}, {clock(found.levels[-1].assessed_at, zone)[:10]}."
    if found.safety_plans:
        yield f"Safety plan of {found.safety_plans[-1].made_on}."


def _alert(one: AlertView) -> str:
    urgent = "URGENT: " if one.urgent else ""
    return f"{urgent}{said(one.kind)} since {one.since}, {'nobody has taken it' if one.taken_by is None else 'taken'}."
