"""Claims that turn out wrong: a sheet says less than was billed; the biller puts some right, and not yet all."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from aggregates.session.commands import CorrectAttendance
from aggregates.session.facts import Interval
from aggregates.values import instant
from api.gate import Question
from iop_es.demo.agenda import local, minutes_later
from iop_es.demo.world import FIRST_DAY, Bill, Session, World
from iop_es.wiring import House
from projections.billing.views import CorrectionView
from projections.billing.wrong import wrong_claims

PUT_RIGHT_IN = FIRST_DAY + timedelta(weeks=9)
AN_AFTERNOON = 4
"""How many claims the biller gets through, the oldest first; the others stay due."""
STAYED = 20
"""Minutes of the first group for which the patient stayed, by the sheet."""


def look_at_the_sheets(world: World, payer: str) -> None:
    """A leader compares old sheets with what was recorded: of a day that was paid, a patient left the first group."""
    for bill in world.bills.values():
        session = _doubtful(world, bill) if world.payers[payer] == bill.claim.payer_id else None
        if session is not None:
            _correct(world, session, bill.claim.patient_id)
            return


def put_right(world: World, house: House, monday: date, question: Question) -> list[dict[str, Any]]:
    """In one week, replacements and voids of the first claims that are wrong: data of their commands."""
    if monday != PUT_RIGHT_IN:
        return []
    programs = sorted(question.caller.programs)
    answer = house.gate.read(
        question, "billing", lambda cursor, now: wrong_claims(cursor, programs=programs, now=now)
    )
    ready = [one for one in answer.result if _is_ready(one.correction)]
    made = [
        one.data(decided_at=answer.position, now=answer.now, claim_id=world.desk.new_id())
        for one in ready[:AN_AFTERNOON]
    ]
    return [data for data in made if data is not None]


def _is_ready(one: CorrectionView) -> bool:
    """What only the payer says is wrong is for a person to look into."""
    return one.payer_control_number is not None and one.waits is None and one.look is None


def _doubtful(world: World, bill: Bill) -> Session | None:
    """The first group of a paid claim's first day, if that day needs each of its three groups to count."""
    claim = bill.claim
    guest, day = world.guests[claim.patient_id], date.fromisoformat(claim.lines[0].service_date)
    corrects = claim.replaces or claim.after_claim
    if not bill.paid_cents or len(claim.lines) == 1 or corrects or (claim.patient_id, day) in world.alone:
        return None
    session = world.sessions.get((guest.program, day, 0))
    return session if session is not None and claim.patient_id in session.present else None


def _correct(world: World, session: Session, patient_id: str) -> None:
    begin = local(session.day, session.place.setting.hours[0])
    world.desk.order(
        world.staff[session.leader],
        CorrectAttendance(
            session_id=session.session_id, attendance_id=session.present[patient_id], status="present",
            intervals=(Interval(start=instant(begin), stop=instant(minutes_later(begin, STAYED))),),
            cause="sign_in_sheet",
            explanation="The sheet at the door has the time of leaving; nobody had copied it.",
        ),
    )
