"""Cloned notes are found, honest ones are left alone, and what everybody's note holds counts for nothing."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from aggregates.note.facts import DocumentKind
from aggregates.note.likeness import Likeness, Place, Wording, _own_said, _own_words, against, within
from aggregates.note.templates import Sections
from tests.aggregates.note_likeness import pairs, rates

FIRST = "Told how a walk after dinner keeps the evening calm, and chose one skill to try before the next group."
SECOND = "Could not close his eyes in the scan; kept them on the wall, felt both feet, and asked for a shorter tape."
GOAL = "Use two coping skills on each day that feels hard, and tell the group about one."


def note(which: int, *sections: tuple[str, str], kind: DocumentKind = "group", goals: tuple[str, ...] = ()) -> Wording:
    """A document's wording."""
    return Wording(f"00000000-0000-4000-8000-{which:012}", kind, sections, goals)


def cut(sections: Sections, place: Place) -> str:
    """The words that a place points at."""
    name, words = sections[place.position]
    assert name == place.section
    return words[place.start : place.end]


def only(found: tuple[Likeness, ...]) -> Likeness:
    """The one likeness."""
    (one,) = found
    return one


def test_the_labeled_pairs_are_judged_as_people_did(record_property: Callable[[str, object], None]) -> None:
    """At least nine of ten clones are found and at most one of ten honest pairs is called alike, in either half."""
    known = pairs()
    assert len(known) >= 60 and sum(one.cloned for one in known) * 2 == len(known)
    for tuned_on in (True, False):
        judged = [one for one in known if one.tuned_on is tuned_on]
        hits, alarms = rates(judged)
        half = "tuned on" if tuned_on else "held out"
        rate = f"{hits:.0%} of the clones found, {alarms:.0%} of the honest called alike"
        record_property("measured", f"cloned notes, {len(judged)} pairs {half}: {rate}")
        assert hits >= 0.9 and alarms <= 0.1


def test_each_pair_of_a_session_is_told_once_and_the_most_alike_first() -> None:
    """Of four parts two are copies of one, one of them changed a little."""
    changed = FIRST.replace("walk", "swim").replace("chose", "picked")
    parts = [note(1, ("response", FIRST)), note(2, ("response", SECOND)), note(3, ("response", changed)),
             note(4, ("response", FIRST))]  # fmt: skip
    found = within(parts)
    assert [(one.note_id[-1], one.other_id[-1]) for one in found] == [("1", "4"), ("1", "3"), ("3", "4")]
    assert found[0].score == 100 > found[1].score >= 50


def test_a_part_is_held_against_the_patients_earlier_notes() -> None:
    """Only the earlier note that it repeats is told."""
    earlier = (note(2, ("response", SECOND)), note(3, ("response", FIRST)))
    assert [one.other_id for one in against(note(1, ("response", FIRST)), earlier)] == [earlier[1].note_id]


def test_a_note_carried_forward_is_found_though_as_much_was_written_below() -> None:
    """Yesterday's note is still all there."""
    more = "His brother was robbed on Sunday and came to stay. Money for the deposit is gone, and he has not slept."
    longer = f"{FIRST} {more}"
    assert len(longer.split()) > 2 * len(FIRST.split())
    assert only(against(note(1, ("response", longer)), [note(2, ("response", FIRST))])).score >= 90


def test_another_name_pronoun_and_number_do_not_hide_a_copy() -> None:
    """Who and how much were changed, and nothing else."""
    one = "Mr. Ortiz slept 5 hours and woke with worry. He tried the breathing and felt his shoulders drop on Monday."
    other = "Ms. Chen slept 6 hours and woke with worry. She tried the breathing and felt her shoulders drop on Friday."
    assert only(within((note(1, ("response", one)), note(2, ("response", other))))).score >= 90


def test_passages_stand_where_they_are_alike_in_either_text() -> None:
    """The runs of at least six words, in the first text's order, also when they were moved to another section."""
    ours = (("participation", f"Came late. {FIRST}"), ("plan", "Will bring the tape on Monday to show it."))
    theirs = (("plan", "She will bring the tape on Friday, to show it!"), ("response", FIRST.upper()))
    found = only(within((note(1, *ours), note(2, *theirs))))
    assert [(cut(ours, here), cut(theirs, there)) for here, there in found.passages] == [
        (FIRST.rstrip("."), FIRST.upper().rstrip(".")),
        ("Will bring the tape on Monday to show it", "will bring the tape on Friday, to show it"),
    ]


def test_a_passage_ends_with_its_section() -> None:
    """Be it the first text's or the second's."""
    first, last = FIRST[: FIRST.index(", and")], FIRST[FIRST.index("and chose") : -1]
    apart, whole = note(1, ("response", first), ("plan", last)), note(2, ("response", f"{first}, {last}"))
    for one, other in ((apart, whole), (whole, apart), (apart, apart)):
        found = only(within((one, other)))
        assert [cut(one.sections, here) for here, _ in found.passages] == [first, last]
        assert [cut(other.sections, there) for _, there in found.passages] == [first, last]


def test_short_texts_are_alike_only_word_by_word() -> None:
    """Under eight words one word makes the difference, and a pronoun or a number is one."""
    short = note(1, ("response", "Tried the exercise twice; it helped him."))
    same = note(2, ("response", "tried the exercise twice it helped him"))
    other = note(3, ("response", "Tried the exercise twice; it helped her."))
    found = only(within((short, same, other)))
    assert (found.note_id, found.other_id, found.score) == (short.note_id, same.note_id, 100)
    assert [cut(short.sections, here) for here, _ in found.passages] == ["Tried the exercise twice; it helped him"]


def test_nothing_is_like_nothing() -> None:
    """Empty parts are another rule's business."""
    assert within((note(1), note(2, ("response", " ")), note(3, ("response", "...")))) == ()


def test_a_templates_words_and_headings_make_nobody_alike() -> None:
    """Two parts that share only what the template gave them share nothing."""
    start = "Risk today: [none voiced, or what was said and what was done]."
    one = note(1, ("response", "Response: quiet, then told of a son."), ("risk", start), ("plan", "Plan: call."))
    other = note(2, ("response", "Response: loud, left for a smoke."), ("risk", start), ("plan", "Plan: write."))
    assert within((one, other), threshold=1) == ()
    label = "Progress toward goals: "
    assert len(within((note(1, ("response", label + FIRST)), note(2, ("response", label + FIRST))))[0].passages) == 1


def test_a_quoted_goal_is_no_copy_but_a_shared_sentence_is() -> None:
    """The goal's own words are to be repeated, in every note that serves it."""
    one = f"\u201c{GOAL}\u201d Music on Monday, none since."
    other = f"Goal: {GOAL} She is not there yet, two lines written."
    notes = [(("progress", text),) for text in (one, other)]
    assert within((note(1, *notes[0], goals=(GOAL,)), note(2, *notes[1], goals=(GOAL,)))) == ()
    assert len(within((note(1, *notes[0]), note(2, *notes[1])))) == 1


def test_a_wording_does_not_show_its_words() -> None:
    """So that it can be logged by mistake."""
    assert "walk" not in repr(note(1, ("response", FIRST), goals=("walk",)))


@given(st.permutations(FIRST.split() + SECOND.split()), st.integers(8, 40))
def test_a_copy_is_always_alike_and_its_passages_are_whole(words: list[str], many: int) -> None:
    """Whatever the words are, both ways round."""
    text = " ".join(words[:many])
    found = only(within((note(1, ("response", text)), note(2, ("response", text)))))
    assert found.score == 100
    assert [(here.start, there.start) for here, there in found.passages] == [(0, 0)]


@given(st.text("ab1 .:'é\n\uff9e", max_size=60), st.text("ab1 .:'é\n\uff9e", max_size=60))
def test_likeness_is_mutual_and_bounded(one: str, other: str) -> None:
    """Neither text is the original."""
    first, second = note(1, ("response", one)), note(2, ("response", other))
    here, there = only(within((first, second), 0)), only(within((second, first), 0))
    assert here.score == there.score and 0 <= here.score <= 100
    for mine, yours in here.passages:
        assert cut(first.sections, mine) and cut(second.sections, yours)


@given(st.text("abR1 .:'_-’é\n", max_size=60), st.sampled_from(["", "a b", "risk today"]))
def test_words_are_the_same_with_and_without_their_places(text: str, goal: str) -> None:
    """So that a passage is where the score found it."""
    wording = note(1, ("response", text), ("risk", "Risk today: none voiced. " + text), goals=(goal,))
    assert _own_said(wording) == [word for word, *_ in _own_words(wording)]
