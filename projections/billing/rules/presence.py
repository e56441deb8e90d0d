"""Was the patient there?"""

from __future__ import annotations

from projections.billing.day import Case
from projections.billing.times import end_of_day


def ask(case: Case) -> None:
    """An open session keeps the day waiting until the service day is over in the program's zone, then holds it."""
    positions = [position for _, visit in case.visits for position in visit.positions]
    if case.delivered:
        still_open = sum(visit.status == "open" for _, visit in case.visits)
        if still_open:
            due_at = end_of_day(case.program.time_zone, case.date)
            case.say("presence", "waiting", "session_open", positions, due_at, "held", sessions=still_open)
        else:
            sessions = sum(visit.status == "present" for _, visit in case.visits)
            case.say("presence", positions=positions, sessions=sessions)
        return
    absent = any(visit.status in {"absent", "absent_excused"} for _, visit in case.visits)
    case.say("presence", "not_billable", "no_attendance" if absent else "session_cancelled", positions)
