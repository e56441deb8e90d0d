"""The signer's credential on the day of signing: recorded beside its state on the date of service, never a refusal."""

from __future__ import annotations

from typing import Any

import pytest

from aggregates.kit import Seen
from aggregates.note import AGGREGATE
from aggregates.note.commands import (
    AmendNote,
    AttestSignature,
    CosignNote,
    EnterNoteInError,
    SignAsFacilitator,
    SignNote,
)
from aggregates.program import AGGREGATE as PROGRAMS
from aggregates.program.facts import ProgramOpened
from aggregates.session import AGGREGATE as SESSIONS
from tests.aggregates.clinic import PROGRAM, SESSION, a_clinician, a_plan, that_evening
from tests.aggregates.documents import NOTE, words
from tests.aggregates.scenario import an_id, given, seen_as
from tests.aggregates.test_note_signing import BY_AN_ASSOCIATE, SUPERVISOR, drafted, signed

LAPSED_ON = "2026-03-05"
BEFORE_MIDNIGHT, AFTER_MIDNIGHT = "2026-03-05T04:59:00.000000Z", "2026-03-05T05:00:00.000000Z"
"""The last minute of 4 March in New York, and the first of 5 March; in UTC both are of 5 March."""
AMEND = AmendNote(
    note_id=NOTE, amendment_id=an_id("amendment"), kind="addendum", cause="payer_request", content=words("More.")
)


def in_new_york() -> Seen:
    """The program, whose days are New York's."""
    opened = ProgramOpened(
        code="iop", level_of_care="intensive_outpatient", focus="mental_health", population="adult",
        time_zone="America/New_York", opened_on="2020-01-01", sealed=None,
    )
    return seen_as(PROGRAMS, PROGRAM, opened)


@pytest.mark.parametrize(("at", "active"), [(BEFORE_MIDNIGHT, True), (AFTER_MIDNIGHT, False)])
@pytest.mark.parametrize(
    ("past", "command", "number"),
    [
        ((drafted(),), SignNote(note_id=NOTE), 1),
        ((drafted(), BY_AN_ASSOCIATE), CosignNote(note_id=NOTE), 2),
        ((drafted(), signed()), SignAsFacilitator(note_id=NOTE, signer_id=SUPERVISOR), 2),
        ((drafted(), signed()), AMEND, 1),
        ((drafted(),), AttestSignature(note_id=NOTE), 1),
        ((drafted(),), EnterNoteInError(note_id=NOTE, cause="duplicate", words="Twice."), 1),
    ],
)  # fmt: skip
def test_every_signature_says_whether_the_credential_was_active_on_its_day(
    past: tuple[Any, ...], command: Any, number: int, at: str, active: bool
) -> None:
    """On the day of the program's zone, which is not UTC's; a credential that lapsed after the service stops nobody."""
    by = that_evening(occurred_at=at) if number == 1 else that_evening(by=SUPERVISOR, role="supervisor", occurred_at=at)
    session = seen_as(SESSIONS, SESSION, a_plan(facilitators=(an_id("clinician"), SUPERVISOR)))
    seen = {"clinician": a_clinician(number, lapsed_on=LAPSED_ON), "program": in_new_york(), "session": session}
    [fact] = given(AGGREGATE, *past).when(command, by, seen).facts
    assert fact.active_at_signing is active
    assert getattr(fact, "credential_active", True)


def test_without_a_program_the_day_is_not_known() -> None:
    """A program that nobody opened has no zone: nothing is said, and nothing refused."""
    nobody = {"clinician": a_clinician(), "program": seen_as(PROGRAMS, PROGRAM)}
    [fact] = given(AGGREGATE, drafted()).when(SignNote(note_id=NOTE), that_evening(), nobody).facts
    assert fact.active_at_signing is None
