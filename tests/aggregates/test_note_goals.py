"""Which goals a signed document names can be corrected, as its sections can; what was signed stays."""

from __future__ import annotations

from typing import Any

import pytest

from aggregates.kit import NO_SALT
from aggregates.note import AGGREGATE
from aggregates.note.commands import AmendNote, ReturnNote, ReviseNote
from aggregates.note.content import amendment, commitment
from aggregates.note.facts import NoteContent
from aggregates.note.refusals import AmendmentIdTaken, CorrectionOfNothing, GoalsAreCorrected
from tests.aggregates.clinic import EVENING
from tests.aggregates.documents import NOTE, words
from tests.aggregates.scenario import an_id, given
from tests.aggregates.test_note_signing import BY_SUPERVISOR, SIGNED, WAITING, drafted, signed

NOTHING = NoteContent(sections=())


def to_correct(*goals: str, number: int = 1, **changes: Any) -> AmendNote:
    """The command for a correction of the goals."""
    fields: dict[str, Any] = {
        "note_id": NOTE, "amendment_id": an_id("amendment", number), "kind": "correction", "section": "goals",
        "cause": "wrong_goal", "goals": goals,
    }
    return AmendNote(**(fields | changes))


def test_a_correction_of_the_goals_has_them_stand_and_is_committed_to() -> None:
    """Told twice it is one; of two the later one stands, and the wording that was signed names what it named."""
    decided = SIGNED.when(to_correct("goal_2"), EVENING)
    [fact] = decided.facts
    assert (fact.goals, fact.sealed.sections) == (("goal_2",), ())
    said = amendment(NOTE, 1, fact.amendment_id, "correction", "goals", NOTHING, ("goal_2",))
    assert said["body"] == {"sections": (), "goals": ("goal_2",)}
    assert fact.content_digest == commitment(said, NO_SALT)
    assert "goals" not in amendment(NOTE, 1, fact.amendment_id, "addendum", None, words())["body"]
    assert (decided.state.goals, decided.state.wording.goals) == (("goal_2",), ())
    decided.never_twice().after.when(to_correct("goal_3"), EVENING).refuses(AmendmentIdTaken)
    assert decided.after.when(to_correct(number=2), EVENING).state.goals == ()


def test_a_returned_document_keeps_its_corrected_goals_when_it_is_rewritten() -> None:
    """Unless the revision names others; an older wording's correction says nothing of a newer one."""
    back = ReturnNote(note_id=NOTE, cause="unclear", words="Say more.")
    returned = WAITING.when(to_correct("goal_2"), EVENING).after.when(back, BY_SUPERVISOR).after
    assert returned.when(ReviseNote(note_id=NOTE, content=words("More.")), EVENING).state.wording.goals == ("goal_2",)
    other = returned.when(ReviseNote(note_id=NOTE, content=words("More."), goals=("goal_3",)), EVENING)
    assert other.state.goals == ("goal_3",)


@pytest.mark.parametrize("changes", [
    {"kind": "addendum"}, {"section": "response"}, {"section": None}, {"content": words("Goal 2 was meant.")},
])  # fmt: skip
def test_goals_are_given_by_a_correction_of_them_alone(changes: dict[str, Any]) -> None:
    """Not beside words, nor as an addition."""
    SIGNED.when(to_correct("goal_2", **changes), EVENING).refuses(GoalsAreCorrected)


def test_what_a_group_shares_names_no_goals() -> None:
    """They are a patient's."""
    shared = drafted(kind="group_narrative", patient_id=None, session_id=an_id("session"))
    past = given(AGGREGATE, shared, signed(content_digest=shared.content_digest))
    past.when(to_correct("goal_2"), EVENING).refuses(CorrectionOfNothing)
