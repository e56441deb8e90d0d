"""What came to a document between two moments."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from aggregates.note.facts import ErrorWords, NoteEnteredInError, PatientRefused, RefusalWords
from projections.chart.changes import of_differences
from projections.chart.differences import Differences, compared, differences
from projections.chart.shown import Disagreement, Rendition
from tests.aggregates.documents import revision
from tests.aggregates.scenario import an_id
from tests.projections.chart.charted import (
    AUTHOR,
    NOTE,
    amended,
    content,
    narrative_drafted,
    part_drafted,
    shown,
    signed,
)

SINCE = (52, "2026-03-02T18:00:00.000000Z")


def test_words_are_compared_section_by_section() -> None:
    """What stayed, what went and what came, in order; a new section is told as a whole."""
    part = part_drafted(response="Spoke twice of the dog", plan="Rest")
    anew = revision(part, content(response="Spoke once of the dog", risk="None"), goals=("goal-2",), note_id=NOTE)
    found = differences(SINCE, shown([part]), shown([part, anew]))
    assert [(one.name, one.change) for one in found.sections] == [
        ("response", "changed"), ("plan", "removed"), ("risk", "added"),
    ]  # fmt: skip
    assert [(run.change, run.words) for run in found.sections[0].runs] == [
        ("same", "Spoke "), ("removed", "twice"), ("added", "once"), ("same", " of the dog"),
    ]  # fmt: skip
    assert (found.goals_added, found.goals_removed) == (("goal-2",), ("goal-1",))


def test_signatures_and_amendments_that_came_are_told() -> None:
    """Those that were there are not, and the narrative's are told apart."""
    part, narrative = part_drafted(), narrative_drafted()
    before = shown([part, signed(part.content_digest)], [narrative])
    later = [part, signed(part.content_digest), amended(1, "addendum", "More")]
    found = differences(SINCE, before, shown(later, [narrative, signed(narrative.content_digest)]))
    assert [one.amendment_id for one in found.amendments] == [an_id("amendment", 1)]
    assert (len(found.signatures), len(found.narrative_signatures)) == (0, 1)
    assert (found.narrative_phase_then, found.narrative_phase_now) == ("draft", "signed")
    assert found.sections == ()


def told(found: Differences, now: Rendition) -> list[str]:
    """What stands on paper, each block in one text."""
    [sheet] = of_differences(found, now).sets[0].sheets
    return ["\n".join((one.title, *one.lines)) for one in sheet.blocks]


def test_the_patients_answers_that_came_are_told() -> None:
    """A refusal of the plan and a signature under it; of two that are alike each is one."""
    part = part_drafted()
    facts = [part, signed(part.content_digest)]
    answer = PatientRefused(
        refused_by="patient", cause="disagrees", refused_on="2026-03-02", witnessed_by=AUTHOR, note_version=1,
        content_digest=part.content_digest, sealed=RefusalWords(words="I did not say that."),
    )
    before, now = shown([*facts, answer]), shown([*facts, answer, answer])
    found = differences(SINCE, before, now)
    assert [(one.cause, one.words) for one in found.answers] == [("disagrees", "I did not say that.")]
    assert told(found, now) == [
        "Signature refused\nPatient, 2026-03-02; reason: Disagrees; witnessed by Miriam Hale, LCSW.\n"
        "I did not say that."
    ]
    assert len(differences(SINCE, shown(facts), now).answers) == 2


def test_why_it_was_struck_is_told_with_the_signature_under_that() -> None:
    """Once, and also of the narrative that a part rests on."""
    part, narrative = part_drafted(), narrative_drafted()
    facts, shared = [part, signed(part.content_digest)], [narrative, signed(narrative.content_digest)]
    error = NoteEnteredInError(declared_by=AUTHOR, cause="wrong-patient", sealed=ErrorWords(words="Another's words."))
    now = shown([*facts, error], [*shared, error])
    found = differences(SINCE, shown(facts, shared), now)
    for one in (found.struck, found.narrative_struck):
        assert one is not None and one.words == "Another's words."
    on_paper = told(found, now)
    assert sum("Another's words." in one for one in on_paper) == 2
    assert sum("Responsibility for striking this document through" in one for one in on_paper) == 2
    assert differences(SINCE, now, now).struck is None


def test_what_the_patient_wants_changed_is_told_as_it_went_on() -> None:
    """A request, and again when it was denied and the patient filed a disagreement; one that stands still is not."""
    part = shown([part_drafted()])
    asked = Disagreement("2026-03-03", "Not my words.", None, None, None)
    denied = replace(asked, accepted=False, answer="They are.", objection="I object.")
    came, went_on = replace(part, disagreements=(asked,)), replace(part, disagreements=(denied,))
    assert differences(SINCE, part, came).disagreements == (asked,)
    assert differences(SINCE, came, came).disagreements == ()
    found = differences(SINCE, came, went_on)
    assert told(found, went_on) == [
        "Amendment requested by the patient on 2026-03-03: denied\nNot my words.\nThey are.\n"
        "Statement of disagreement: I object."
    ]


def test_before_it_was_begun_there_was_nothing() -> None:
    """Everything came since; and between a moment and itself nothing did."""
    part = part_drafted()
    now = shown([part, signed(part.content_digest)])
    found = differences(SINCE, None, now)
    assert (found.phase_then, {one.change for one in found.sections}) == (None, {"added"})
    assert len(found.signatures) == 1
    same = of_differences(differences(SINCE, now, now), now)
    assert [one.title for one in same.sets[0].sheets[0].blocks] == ["Nothing differs"]


@given(st.text(), st.text())
def test_the_two_texts_come_out_of_the_runs_again(before: str, after: str) -> None:
    """Nothing is left out of either."""
    runs = compared(before, after)
    assert "".join(one.words for one in runs if one.change != "added") == before
    assert "".join(one.words for one in runs if one.change != "removed") == after
