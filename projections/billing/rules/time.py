"""How many minutes count, and are they enough?

Minutes are whole, by half-open intervals, breaks taken out. Sessions that overlap share their minutes: each minute
counts once, and the day is held until one attendance is corrected. A unit is whole: what is left over makes none.
While the patient is expected at a session yet, what is too little so far rules the day out only once it is over.
Where the minutes of too large a group do not count and are just those that the day lacks, the group's size decides.
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
    _count(case, case.per_diem.unit_basis, final=not case.open and not unknown)


def _count(case: Case, basis: str, *, final: bool) -> None:
    """Minutes and units of what counts; whether they are enough is asked once attendance is final."""
    large = _too_large(case)
    dropped = large if large and case.term("group_consequence") == "minutes_do_not_count" else []
    whole = [visit for _, visit in case.counted]
    case.counted = [(session, visit) for session, visit in case.counted if visit not in dropped]
    kept = [visit for _, visit in case.counted]
    case.minutes = _minutes(kept)
    case.units = units_of(basis, case.minutes, len(kept))
    decides = final and bool(dropped) and _short(case, basis, kept) and not _short(case, basis, whole)
    _group_size(case, large, decides=decides)
    if final:
        _enough(case, basis)


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


def _too_large(case: Case) -> list[Visit]:
    maximum = case.term("group_maximum")
    if maximum is None:
        return []
    case.term("group_consequence")
    return [visit for _, visit in case.counted if visit.kind == "group" and (visit.head_count or 0) > maximum]


def _group_size(case: Case, large: list[Visit], *, decides: bool) -> None:
    outcome: Outcome = "warning"
    if case.terms.group_consequence == "hold":
        outcome = "held"
    for visit in large:
        numbers = {"head_count": visit.head_count or 0, "maximum": case.terms.group_maximum or 0}
        if case.terms.group_consequence == "minutes_do_not_count":
            numbers["dropped_minutes"] = visit.minutes
        outcome = "not_billable" if decides else outcome
        until = case.expected_until if decides else None
        case.say("group_size", outcome, "group_over_maximum", visit.positions, until, numbers)


def _minutes(visits: list[Visit]) -> int:
    if len(visits) > 1 and _meets(visits):
        return minutes_once((visit.intervals, visit.breaks) for visit in visits)
    return sum(visit.minutes for visit in visits)


def _short(case: Case, basis: str, visits: list[Visit]) -> bool:
    """Whether these visits make no billable day under the payer's minimum."""
    minutes, terms = _minutes(visits), case.terms
    few = len(visits) < terms.minimum_sessions
    return minutes < terms.minimum_minutes or few or units_of(basis, minutes, len(visits)) == 0


def _meets(visits: list[Visit]) -> bool:
    return any(
        overlap(one.intervals, other.intervals) for place, one in enumerate(visits) for other in visits[place + 1 :]
    )


def _enough(case: Case, basis: str) -> None:
    minimum, services = case.term("minimum_minutes"), case.term("minimum_sessions")
    positions, until = [one for _, visit in case.counted for one in visit.positions], case.expected_until
    if case.minutes < minimum:
        case.say(
            "minutes", "not_billable", "below_minimum_minutes", positions, until, minutes=case.minutes, minimum=minimum,
        )
    else:
        case.say("minutes", positions=positions, minutes=case.minutes, minimum=minimum)
    if services:
        few, sessions = len(case.counted) < services, len(case.counted)
        case.say(
            "services", "not_billable" if few else "passed", "below_minimum_sessions" if few else None, positions,
            until if few else None, sessions=sessions, minimum=services,
        )
    if case.units == 0:
        case.say("units", "not_billable", "no_whole_unit", positions, until, minutes=case.minutes, basis=basis)
