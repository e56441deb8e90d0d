"""Was the patient there?"""

from __future__ import annotations

from projections.billing.day import Case, Outcome
from projections.billing.times import end_of_day


def ask(case: Case) -> None:
    """Sessions that are still to be held or closed keep the day waiting until it is over in the program's zone.

    Then a session in which the patient was checked in holds the day, because nobody knows the minutes; one that the
    patient was only expected at is passed over.
    """
    positions = [position for _, visit in case.visits for position in visit.positions]
    unfinished = case.expected + [visit for _, visit in case.visits if visit.status == "open"]
    if unfinished:
        due_at = end_of_day(case.program.time_zone, case.date)
        facts = sorted({*positions, *(position for visit in case.expected for position in visit.positions)})
        ends_as: Outcome = "held" if case.open else "passed"
        case.say("presence", "waiting", "session_open", facts, due_at, ends_as=ends_as, sessions=len(unfinished))
    elif case.delivered:
        case.say("presence", positions=positions, sessions=sum(visit.status == "present" for _, visit in case.visits))
    if case.delivered:
        return
    absent = any(visit.status in {"absent", "absent_excused"} for _, visit in case.visits)
    code = "no_attendance" if absent else "session_cancelled"
    case.say("attendance", "not_billable", code, positions, case.expected_until)
