"""What came to a document between two moments."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from projections.chart.changes import of_differences
from projections.chart.differences import compared, differences
from tests.aggregates.documents import revision
from tests.aggregates.scenario import an_id
from tests.projections.chart.charted import NOTE, amended, content, narrative_drafted, part_drafted, shown, signed

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
