"""Cohorts side by side, by hand: nobody who left is left out, and who was never measured again is shown as such."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings

from projections.outcomes.cohorts.comparing import GROUPS, against, side_by_side
from projections.outcomes.cohorts.members import Member
from tests.projections.outcomes.people import ASKED, PEOPLE, member

FOUR = [
    member(1, baseline=20, last=8, change_class="recovered", ended="completed"),
    member(2, baseline=16, last=10, change_class="improved", ended="completed"),
    member(3, baseline=18, ended="dropped_out"),
    member(4, baseline=12, last=15, change_class="unchanged"),
]
UNMEASURED = member(5, version=None, measures=None, baseline=None, last=None)


def test_completers_do_not_stand_for_everybody() -> None:
    """Completers fell by nine points; with who left and who is still there it is 3.75, as the never measured count."""
    [cohort] = side_by_side([*FOUR, UNMEASURED], ASKED)
    assert cohort.everybody and cohort.completers and cohort.measured_again
    groups = (cohort.everybody, cohort.measured_again, cohort.completers)
    assert [one.n for one in groups] == [4, 3, 2]
    assert [one.change.value for one in groups] == [-3.75, -5, -9]
    assert [one.baseline_mean for one in groups] == [16.5, 16, 18]
    assert [one.last_mean for one in groups] == [12.75, 11, 9]
    effect = cohort.everybody.effect_size.value
    assert effect == pytest.approx(3.75 / (35 / 3) ** 0.5)
    assert (cohort.admitted, cohort.coverage, cohort.higher_is_better) == (5, 0.8, False)
    assert {one.ended: one.n for one in cohort.ends} == {"completed": 2, "dropped_out": 1, "other": 0, "in_care": 1}


def test_shares_of_classes_are_of_all_who_began() -> None:
    """One of four recovered, although it is one of three of those measured again."""
    [cohort] = side_by_side(FOUR, ASKED)
    assert cohort.everybody is not None
    assert {one.standing: one.share for one in cohort.everybody.standings or ()} == {
        "recovered": 0.25, "improved": 0.25, "unchanged": 0.25, "deteriorated": 0, "not_judged": 0, "never_again": 0.25,
    }  # fmt: skip


def test_higher_is_better_where_the_instrument_says_so() -> None:
    """Twelve points more on the WHO-5 are an effect above zero; a version that nobody knows has none."""
    well = [member(number, baseline=20 + 4 * number, last=32 + 4 * number, ended="completed") for number in range(4)]
    for code, version, sign in (("who-5", "1", 1), ("phq-9", "1", -1), ("who-5", "99", None)):
        [cohort] = side_by_side([one._replace(version=version) for one in well], ASKED._replace(instrument=code))
        assert cohort.everybody is not None
        assert cohort.everybody.change.value == 12
        found = cohort.everybody.effect_size.value
        assert found is None if sign is None else found is not None and found * sign > 0


def test_a_cohort_is_what_an_admission_was() -> None:
    """By payer, level, block of diagnoses and month; who has none is a cohort of its own, last."""
    people = [
        member(1, payer_id="b", diagnosis="F33.1", admitted_on=date(2026, 1, 31)),
        member(2, payer_id="a", diagnosis="F32.9", admitted_level="partial_hospitalization"),
        member(3, diagnosis="F10.20", admitted_on=date(2026, 2, 1)),
        member(4, diagnosis="ZZZ.9"),
    ]
    names = {
        by: [(one.cohort, one.admitted) for one in side_by_side(people, ASKED._replace(by=by))]
        for by in ("payer", "level_of_care", "diagnosis_group", "admission_month")
    }
    assert names["payer"] == [("a", 1), ("b", 1), (None, 2)]
    assert names["level_of_care"] == [("intensive_outpatient", 3), ("partial_hospitalization", 1)]
    assert names["diagnosis_group"] == [("F10-F19", 1), ("F30-F39", 2), ("ZZZ", 1)]
    assert names["admission_month"] == [("2026-01", 3), ("2026-02", 1)]
    labels = {one.cohort: one.label for one in side_by_side(people, ASKED._replace(by="diagnosis_group"))}
    assert labels["F30-F39"] == "Mood [affective] disorders (F30-F39)"
    assert labels["ZZZ"] is None


def test_versions_are_never_mixed() -> None:
    """An episode that was measured with two versions is in both tables and admitted once."""
    people = [FOUR[0], FOUR[0]._replace(version="2", baseline=9, last=9), FOUR[1]]
    found = side_by_side(people, ASKED)
    assert [(one.instrument_version, one.admitted, one.everybody and one.everybody.n) for one in found] == [
        ("1", 2, 2), ("2", 2, 1),
    ]  # fmt: skip


def test_two_cohorts_are_compared_by_change_and_last_score() -> None:
    """Changes of -12, -6, 0 and 3 against 0, 0 and 3: 4.75 points more; and nothing is compared with what is not."""
    others = [member(10 + place, program_id="two", baseline=10, last=last) for place, last in enumerate((10, 10, 13))]
    found = {one.group: one for one in against([*FOUR, *others], ASKED, "one", "two") or ()}
    everybody = found["everybody"]
    assert (everybody.n_one, everybody.n_other) == (4, 3)
    assert everybody.change is not None
    assert everybody.last is not None
    assert everybody.change.difference.value == -4.75
    assert everybody.last.difference.value == 12.75 - 11
    assert everybody.change.effect_size.value is not None
    assert everybody.change.effect_size.value > 0
    assert (found["completers"].n_one, found["completers"].n_other) == (2, 0)
    assert found["completers"].change is not None
    assert found["completers"].change.difference.value is None
    assert against(FOUR, ASKED, "one", "two") is None
    assert against([], ASKED, "one", "two") is None


@settings(max_examples=60, deadline=None)
@given(PEOPLE)
def test_everybody_is_completers_and_all_others(people: list[Member]) -> None:
    """In every cohort the ends, the classes, and measured or never measured again each add up to everybody."""
    for cohort in side_by_side(people, ASKED):
        assert cohort.everybody and cohort.completers and cohort.measured_again
        n = cohort.everybody.n
        ends = {one.ended: one.n or 0 for one in cohort.ends}
        assert sum(ends.values()) == n
        assert ends["completed"] == cohort.completers.n
        standings = {one.standing: one.n or 0 for one in cohort.everybody.standings or ()}
        assert sum(standings.values()) == n
        assert standings["never_again"] + cohort.measured_again.n == n
        own = [one for one in people if one.program_id == cohort.cohort]
        assert cohort.admitted == len(own)
        assert n == sum(one.version is not None for one in own)
        assert set(GROUPS) <= set(type(cohort).model_fields)
