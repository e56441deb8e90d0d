"""Templates cover every kind of document, and nothing unfinished passes as written."""

from __future__ import annotations

from importlib.resources import files
from typing import get_args
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregates.note.facts import DocumentKind
from aggregates.note.templates import Template, Unready, lacking, template, templates, unready

KINDS: tuple[DocumentKind, ...] = get_args(DocumentKind)
RISK = "Risk today: [none voiced, or what was said and what was done]."
PART = (
    ("participation", "Spoke twice."), ("response", "Tried the exercise."), ("progress", "Walked on three days."),
    ("risk", "Risk today: none voiced when asked."), ("plan", "Practice on Thursday."),
)  # fmt: skip


def put(name: str, words: str) -> tuple[tuple[str, str], ...]:
    """The whole part with other words in one section."""
    return tuple((one, words if one == name else said) for one, said in PART)


def reasons(*args: object, **more: object) -> list[tuple[str, str]]:
    """What is not ready, as pairs."""
    return [(one.section, one.why) for one in unready(*args, **more)]  # type: ignore[arg-type] # as the tests give them


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_document_has_a_template(kind: DocumentKind) -> None:
    """None is forgotten, each asks for something, and an untouched one is not ready."""
    form = template(kind)
    required = [one.name for one in form.sections if one.required]
    assert form.kind == kind and required
    assert [name for name, why in reasons(kind, (), ("goal-1",)) if why == "missing"] == required
    untouched = [(one.name, one.starting_words or " ") for one in form.sections]
    assert {one.section for one in unready(kind, untouched, ("goal-1",))} >= set(required)


def test_every_document_beside_the_module_is_a_template_of_its_name() -> None:
    """A file is named for its kind and version, and no version is there twice."""
    beside = files("aggregates.note") / "templates"
    named = {f"{one.kind}-{one.version}.toml" for one in templates()}
    assert sorted(one.name for one in beside.iterdir()) == sorted(named)


@pytest.mark.parametrize("form", templates(), ids=lambda one: f"{one.kind}-{one.version}")
def test_a_template_says_what_it_is_not_sure_of(form: Template) -> None:
    """A section is common practice, or names the source that makes it more; section names are not given twice."""
    names = [one.name for one in form.sections]
    assert len(set(names)) == len(names)
    assert all((one.source is None) == (one.confidence == "G") for one in form.sections)
    sure = {one.name for one in form.sections if one.confidence == "C"}
    assert set(form.unverified) == {one.name for one in form.sections if one.required} - sure


def test_a_group_narrative_asks_for_topic_and_interventions_and_never_for_times_or_heads() -> None:
    """Head-count and start and stop are the session's, so nobody types them."""
    names = {one.name for one in template("group_narrative").sections}
    assert {"topic", "interventions"} <= names
    assert not {one for one in names if "count" in one or "time" in one or "start" in one or "participants" in one}


def test_a_group_part_asks_for_what_is_the_patients_alone() -> None:
    """Participation, response, progress, risk and plan are required."""
    required = {one.name for one in template("group").sections if one.required}
    assert required == {"participation", "response", "progress", "risk", "plan"}


def test_a_finished_part_is_ready() -> None:
    """Every required section says something of its own and a goal is named."""
    assert unready("group", PART, ("goal-1",)) == ()


def test_each_missing_section_is_named_in_the_templates_order() -> None:
    """The author sees all that is left at once."""
    assert reasons("group", (("plan", "Same."), ("response", "Calm.")), ("goal-1",)) == [
        ("participation", "missing"), ("progress", "missing"), ("risk", "missing"),
    ]  # fmt: skip


@pytest.mark.parametrize("nothing", ["", "  ", "\n\t ", "\u00a0", "\u200b\u2060 \ufeff"])
def test_white_space_says_nothing(nothing: str) -> None:
    """Neither do characters that nobody sees."""
    assert unready("group", put("response", nothing), ("goal-1",)) == (Unready(section="response", why="empty"),)


@pytest.mark.parametrize("words", [RISK, f"  {RISK}\n", RISK.replace(" ", "\n "), RISK.replace(" ", "\u00a0")])
def test_starting_words_must_be_changed(words: str) -> None:
    """White space does not make them anybody's own."""
    assert reasons("group", put("risk", words), ("goal-1",)) == [("risk", "unchanged")]


def test_a_blank_of_the_starting_words_must_be_filled_in() -> None:
    """A word more beside the blank is not an answer."""
    assert reasons("group", put("risk", f"{RISK} Fine."), ("goal-1",)) == [("risk", "blank_left")]
    half = (("reason", "Dizzy."), ("observations", "Blood pressure 110/70, pulse [ ], temperature 98.4."),
            ("interventions", "Water."), ("response", "Better."), ("plan", "Tell the prescriber."))  # fmt: skip
    assert reasons("nursing", half, ()) == [("observations", "blank_left")]


def test_an_optional_section_may_be_left_out_or_empty_but_not_as_the_template_had_it() -> None:
    """What was never touched is not signed."""
    family = (
        ("participants", "The patient and an aunt."), ("focus", "Curfew."), ("interventions", "Reframing."),
        ("response", "Both spoke."), ("progress", "Two calm evenings."), ("plan", "Again in a week."),
    )  # fmt: skip
    assert unready("family", family, ("goal-1",)) == ()
    assert unready("family", (*family, ("risk", " ")), ("goal-1",)) == ()
    assert reasons("family", (*family, ("risk", RISK)), ("goal-1",)) == [("risk", "unchanged")]


def test_progress_needs_a_named_goal() -> None:
    """Progress toward nothing is not progress."""
    assert reasons("group", PART, ()) == [("progress", "no_goal")]
    assert reasons("group_narrative", (("topic", "Sleep."), ("interventions", "Teaching.")), ()) == []


def test_a_named_goal_is_one_of_the_plan_of_care() -> None:
    """Where there is a plan to hold it to; a document without a section for goals is told of them as such."""
    assert reasons("group", PART, ("goal-1", "goal-2"), planned=("goal-1",)) == [("progress", "unknown_goal")]
    assert reasons("group", PART, ("goal-1",), planned=("goal-1", "goal-2")) == []
    assert reasons("group", PART, ("goal-1",), planned=()) == [("progress", "unknown_goal")]
    assert reasons("group", PART, ("goal-1",)) == []
    narrative = (("topic", "Sleep."), ("interventions", "Teaching."))
    assert reasons("group_narrative", narrative, ("goal-2",), planned=("goal-1",)) == [("goals", "unknown_goal")]


def test_a_payer_may_ask_for_more() -> None:
    """A section of the template or one that the template does not know."""
    assert reasons("group", PART, ("goal-1",), ("necessity", "medication_changes")) == [
        ("necessity", "missing"), ("medication_changes", "missing"),
    ]  # fmt: skip
    more = (*PART, ("necessity", "Alone at home otherwise."), ("medication_changes", " "))
    assert reasons("group", more, ("goal-1",), ("necessity", "medication_changes")) == [("medication_changes", "empty")]


def test_each_facilitator_writes_their_own_interventions() -> None:
    """One entry fills the section; a session with two facilitators asks for both by id, and each must say something."""
    one = (("topic", "Sleep."), ("interventions:a", "Taught the sleep diary."))
    assert unready("group_narrative", one, ()) == ()
    both = ("interventions:a", "interventions:b")
    assert reasons("group_narrative", one, (), both) == [("interventions:b", "missing")]
    assert reasons("group_narrative", (*one, ("interventions:b", "")), ()) == [("interventions:b", "empty")]
    assert unready("group_narrative", (*one, ("interventions:b", "Led the round.")), (), both) == ()


@given(st.sampled_from([one for form in templates() for one in form.sections if one.starting_words]), st.data())
def test_no_spelling_of_the_starting_words_passes(section: object, data: st.DataObject) -> None:
    """Whatever white space and Unicode form they come in."""
    start = section.starting_words  # type: ignore[attr-defined] # drawn from sections that have them
    kind = next(form.kind for form in templates() if section in form.sections)
    gaps = [data.draw(st.text(" \n\t\u00a0", min_size=1, max_size=3)) for _ in start.split()]
    words = "".join(word + gap for word, gap in zip(start.split(), gaps, strict=True))
    said = normalize(data.draw(st.sampled_from(["NFC", "NFD"])), words)
    assert (section.name, "unchanged") in reasons(kind, ((section.name, said),), ("g",))  # type: ignore[attr-defined] # as above


def test_what_is_unready_is_told_in_the_templates_order() -> None:
    """Whether a section is there and lacks its goal, or is not there at all."""
    sections = [(name, "Said.") for name in ("participation", "response", "progress")]
    found = unready("group", sections, (), ("medical_necessity",))
    assert [(one.section, one.why) for one in found] == [
        ("progress", "no_goal"), ("risk", "missing"), ("plan", "missing"), ("medical_necessity", "missing"),
    ]


def test_what_a_document_lacks_is_told_by_the_names_of_its_sections() -> None:
    """Without their words; and nothing where only the first shape of the facts is known."""
    there = ("participation", "response", "progress", "risk")
    assert lacking("group", there, names_goal=True) == ("plan",)
    assert lacking("group", there, names_goal=False, required=("medical_necessity",)) == (
        "progress", "plan", "medical_necessity",
    )
    assert lacking("group", ("unnamed",), names_goal=False) == ()
