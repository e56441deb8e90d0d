"""One session: who was in the room, from when to when.

A session is planned with a roster, begins, and ends; in between patients arrive and leave. What happened is recorded,
not judged: a walk-in, an arrival an hour late, somebody on leave, one patient over the group's size, all enter the
record, and billing says later what follows. Refused is what cannot be: leaving before arriving, a break outside the
session, the future, a service before the referral or after the discharge.

    presence     one or several half-open intervals in whole minutes (seconds are floored); breaks never count
    two places   checking in elsewhere ends the earlier stay and says so; a true overlap is recorded in both sessions
    closing      every open check-in gets an end from a named person, everyone expected is accounted for
    head-count   distinct people with at least a minute in the session, of all payers; the peak is the most at once
    afterwards   only corrections, with a cause and in words; the earlier entry stays in the record

A session-level fact holds attendance ids only and concerns everyone on the roster; a patient's own facts say whose an
attendance id is. So one patient's packet says nothing about the others.
"""

from __future__ import annotations

from aggregates.kit import Aggregate
from aggregates.session.decide import COMMANDS, consult, decide, patients
from aggregates.session.state import NotScheduled, evolve

AGGREGATE = Aggregate(
    "session", NotScheduled(), evolve, decide, commands=COMMANDS, patients=patients, consult=consult,
)
