"""Who was there: the claimed days' sessions by the minute, from the closed sessions and what corrected them since."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from aggregates.session.facts import Attendance, AttendanceCorrected, SessionClosed
from projections.chart.pages import Block
from projections.chart.words import said
from projections.packet.items import TITLES
from projections.packet.reading import Fact, Record
from projections.packet.sections import Section, listed, sheet, shown, table

NAMES = ("date", "service", "scheduled", "held", "present", "minutes", "in the room", "led by")


@dataclass(frozen=True, slots=True)
class Attended:
    """A closed session, the patient's attendance of it as it stands, and the corrections that led to it."""

    closed: SessionClosed
    attendance: Attendance
    head_count: int
    corrections: tuple[Fact, ...]
    facts: tuple[Fact, ...]


def sessions(record: Record) -> list[Attended]:
    """The closed sessions of the claimed days that the patient has an attendance of, in order of time."""
    found = [one for facts in record.streams.values() if (one := _attended(record, facts)) is not None]
    return sorted(found, key=lambda one: one.closed.actual.start)


def attendance(record: Record) -> Section:
    """Each session of the claimed days, with its times, breaks, head-count and facilitators."""
    held = sessions(record)
    if not held:
        return Section("attendance")
    corrected = [fact for one in held for fact in one.corrections]
    blocks = [
        table("", NAMES, (_row(record, one) for one in held)),
        table(
            "Minutes by day", ("date", "sessions", "minutes", "as billing counts them"),
            _by_day(record, held), "Breaks never count; billing counts the kinds of service that the payer counts.",
        ),
        listed(record, "Corrected after the session was closed", corrected) if corrected else
        Block("words", "Corrected after the session was closed", ("Nothing.",)),
    ]  # fmt: skip
    every = [fact for one in held for fact in one.facts]
    return Section("attendance", (sheet(record, TITLES["attendance"], blocks),), shown(every))


def _attended(record: Record, facts: list[Fact]) -> Attended | None:
    """Of a session's facts those about this patient: a stream of a session holds no other of his."""
    closed = next((one.told for one in facts if isinstance(one.told, SessionClosed)), None)
    if closed is None or closed.service_date not in record.days:
        return None
    own = {alias for one in facts if (alias := getattr(one.told, "attendance_id", None))}
    attended = next((one for one in closed.attendances if one.attendance_id in own), None)
    if attended is None:
        return None
    corrections = tuple(one for one in facts if one.name in _CORRECTING)
    count = closed.head_count
    for one in facts:
        if isinstance(one.told, AttendanceCorrected) and one.told.patient_id == record.wanted.patient_id:
            attended = one.told.after
        count = getattr(one.told, "head_count", count) if one.name in _CORRECTING else count
    return Attended(closed, attended, count, corrections, tuple(facts))


_CORRECTING = frozenset({
    "session.attendance_corrected", "session.head_count_changed", "session.breaks_corrected", "session.times_corrected",
})  # fmt: skip


def _row(record: Record, one: Attended) -> tuple[str, ...]:
    closed, attended = one.closed, one.attendance
    spans = ", ".join(f"{_at(record, span.start)}–{_at(record, span.stop)}" for span in attended.intervals)
    leaders = (record.clinician(person).printed_name or person for person in closed.facilitators)
    breaks = "".join(f", break {_at(record, each.start)}–{_at(record, each.stop)}" for each in closed.breaks)
    return (
        closed.service_date, f"{said(closed.service_kind)}: {said(closed.topic).lower()}",
        f"{_at(record, closed.scheduled.start)}–{_at(record, closed.scheduled.stop)}",
        f"{_at(record, closed.actual.start)}–{_at(record, closed.actual.stop)}{breaks}",
        spans or said(attended.status), str(attended.minutes), str(one.head_count), ", ".join(leaders),
    )  # fmt: skip


def _by_day(record: Record, held: list[Attended]) -> Iterator[tuple[str, ...]]:
    for day in record.days:
        own = [one for one in held if one.closed.service_date == day]
        decided = record.now.days.get(day, ())
        yield (
            day, str(len(own)), str(sum(one.attendance.minutes for one in own)),
            ", ".join(str(one.minutes) for one in decided) or "not decided",
        )  # fmt: skip


def _at(record: Record, at: str) -> str:
    return record.clock(at)[11:16]
