"""How many minutes count, and are they enough?

Minutes are whole, by half-open intervals, breaks taken out. Sessions that overlap share their minutes: each minute
counts once, and the day is held until one attendance is corrected. A unit is whole: what is left over makes none.
"""

from __future__ import annotations

from projections.billing.day import Case, Outcome
from projections.billing.documents import Visit
from projections.billing.times import minutes_once, overlap


def ask(case: Case) -> None:
    """Group size, overlap, the minimum of minutes and of services; only where the payer's terms are known."""
    _overlap(case)
    if case.per_diem is None:
        case.minutes = sum(visit.minutes for _, visit in case.visits)
        return
    kinds = case.term("counted_kinds")
    case.counted = [
        (session, visit) for session, visit in case.visits if visit.status == "present" and visit.kind in kinds
    ]
    nameless = [visit for _, visit in case.visits if visit.status == "present" and not visit.kind]
    unknown = [position for visit in nameless for position in visit.positions]
    if unknown:
        case.say("service_kind", "held", "service_kind_unknown", unknown)
    _group_size(case)
    visits = [visit for _, visit in case.counted]
    case.minutes = sum(visit.minutes for visit in visits)
    if len(visits) > 1 and _meets(visits):
        case.minutes = minutes_once((visit.intervals, visit.breaks) for visit in visits)
    case.units = units_of(case.per_diem.unit_basis, case.minutes, len(case.counted))
    if not case.open and not unknown:
        _enough(case, case.per_diem.unit_basis)


def ask_rivals(case: Case, rivals: list[Case]) -> None:
    """One per diem a patient, payer and day: the day with more minutes is billed, then the earlier admission's."""
    for rival in rivals:
        contends = rival.payer_id == case.payer_id and rival.per_diem is not None and not rival.not_billable
        if contends and _rank(rival) < _rank(case):
            positions = [one for _, visit in rival.visits for one in visit.positions]
            minutes = rival.minutes
            case.say("one_per_diem", "not_billable", "second_program_same_day", positions, minutes=minutes)
            return


def units_of(basis: str, minutes: int, sessions: int) -> int:
    """Whole units of a basis."""
    if basis == "hour":
        return minutes // 60
    if basis == "quarter_hour":
        return minutes // 15
    return sessions if basis == "session" else 1


def _rank(case: Case) -> tuple[int, str, str]:
    return (-case.minutes, case.episode.admitted_on or "", case.enrollment_id)


def _overlap(case: Case) -> None:
    for session, visit in case.visits:
        for other, rival in case.same_day:
            if session != other and visit.intervals and overlap(visit.intervals, rival.intervals):
                case.say("overlap", "held", "overlap", sorted({*visit.positions, *rival.positions}))
                return


def _group_size(case: Case) -> None:
    maximum = case.term("group_maximum")
    if maximum is None:
        return
    consequence = case.term("group_consequence")
    for session, visit in list(case.counted):
        if visit.kind == "group" and visit.head_count is not None and visit.head_count > maximum:
            outcome: Outcome = "held" if consequence == "hold" else "warning"
            case.say(
                "group_size", outcome, "group_over_maximum", visit.positions, head_count=visit.head_count,
                maximum=maximum,
            )
            if consequence == "minutes_do_not_count":
                case.counted.remove((session, visit))


def _meets(visits: list[Visit]) -> bool:
    return any(
        overlap(one.intervals, other.intervals) for place, one in enumerate(visits) for other in visits[place + 1 :]
    )


def _enough(case: Case, basis: str) -> None:
    minimum, services = case.term("minimum_minutes"), case.term("minimum_sessions")
    positions = [one for _, visit in case.counted for one in visit.positions]
    if case.minutes < minimum:
        case.say(
            "minutes", "not_billable", "below_minimum_minutes", positions, minutes=case.minutes, minimum=minimum,
        )
    else:
        case.say("minutes", positions=positions, minutes=case.minutes, minimum=minimum)
    if len(case.counted) < services:
        sessions = len(case.counted)
        case.say(
            "services", "not_billable", "below_minimum_sessions", positions, sessions=sessions, minimum=services
        )
    if case.units == 0:
        case.say("units", "not_billable", "no_whole_unit", positions, minutes=case.minutes, basis=basis)
