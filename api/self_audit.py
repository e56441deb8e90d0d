"""A self-audit asked through the gate: whoever's days were ever billed in the period is on record as read, then each
one's history is folded up to the moment, the same way for now as for then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from api.gate import Answer, Gate, Question, RecordParked
from api.rooms import rooms_of
from projections.billing import MODEL, queries
from projections.billing.day import Day
from projections.billing.documents import Patient
from projections.billing.self_audit import SelfAuditView, Window, self_audit


def audited(
    gate: Gate, question: Question, window: Window, *, programs: Sequence[str], as_of: int | str | None = None
) -> Answer[SelfAuditView]:
    """The answer as of a moment (None: now). Raises NotProjectedYet, NotYetKnown, and NotFound for a program out of
    reach."""
    moment = None if as_of is None else gate.moment(as_of)
    found = gate.read(
        replace(question, program=window.program_id), MODEL.name,
        lambda cursor, now: queries.ever_claimed(
            cursor, programs=programs, now=now, from_date=window.from_date, through_date=window.to_date
        ),
    )  # fmt: skip
    upto, at = moment or (found.position, found.now)
    upto = min(upto, found.position)  # of whom to ask is known so far only
    days, patients, unfollowed = list[Day](), dict[str, Patient](), list[str]()
    for patient in found.result.patient_ids:
        try:
            folded = gate.folded(MODEL.name, patient, upto)
        except RecordParked:
            unfollowed.append(patient)
            continue
        days += queries.days_from(folded, patient)
        if (known := queries.document_from(folded, patient)) is not None:
            patients[patient] = known
    inside = [day for day in days if window.from_date <= day.service_date <= window.to_date]
    view = self_audit(
        days, window, programs=programs, as_of=upto, at=at, patients=patients, unfollowed=unfollowed,
        rooms=rooms_of(gate, inside, upto),
    )
    return Answer(view, upto, at)
