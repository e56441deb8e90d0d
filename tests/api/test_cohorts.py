"""Cohorts over HTTP: who is told what, and what may narrow a question."""

from __future__ import annotations

import pytest

from projections.outcomes.cohorts.coarse import last_month
from tests.api.clinic import at, on
from tests.api.house import PROGRAM, House, an_id
from tests.api.test_problems import problem

PHQ = {"instrument": "phq-9"}


def measured(house: House) -> None:
    """One patient was measured yesterday: not the one whom other files share and count."""
    house.done("clinician", "/assessments", {
        "patient_id": an_id("patient", 2), "enrollment_id": an_id("enrollment", 2), "program_id": PROGRAM,
        "instrument": "phq-9", "administered_on": on(-1), "administered_at": at("09:00", -1), "occasion": "baseline",
        "respondent": "patient", "items": [2] * 8 + [0],
    })  # fmt: skip
    house.project()


@pytest.fixture(scope="module", autouse=True)
def worked(house: House) -> None:
    """Something to ask for in the clinic that all tests share."""
    measured(house)


def test_a_clinician_sees_the_cohorts_of_the_program(own_house: House) -> None:
    """One of the admitted has a baseline, and was never measured again."""
    house = own_house
    measured(house)
    [cohort] = house.found("clinician", "/outcomes/cohorts", **PHQ)
    assert (cohort["cohort"], cohort["suppressed"], cohort["everybody"]["n"]) == (PROGRAM, False, 1)
    assert cohort["coverage"] == 1 / cohort["admitted"]
    [stay] = house.found("clinician", "/outcomes/stay", program_id=PROGRAM, unit="day")
    assert stay["n"] == cohort["admitted"]
    assert stay["points"][-1]["survival"] == 1
    [attended] = house.found("clinician", "/outcomes/attendance", **PHQ)
    assert (attended["n"], attended["never_again"]) == (0, 1)


def test_a_director_is_told_of_no_few_and_nothing_of_this_month(own_house: House) -> None:
    """What works for the organization gets what may leave the program, and so does whoever asks for that. The clinic's
    patients came ten days ago: until the month is over there are none of them."""
    house = own_house
    measured(house)
    through = last_month(at("12:00")).isoformat()
    for role, more in (("director", {}), ("clinician", {"outside": "true"})):
        scores, stays, attended = (
            house.found(role, f"/outcomes/{path}", **asked, **more)
            for path, asked in (("cohorts", PHQ), ("stay", {}), ("attendance", PHQ))
        )
        assert {one["through"] for one in (*scores, *stays, *attended)} == {through}
        assert all(one["suppressed"] for one in (*scores, *attended))
        assert [(one["n"], one["points"]) for one in stays] == ([(15, [])] if on(-10) <= through else [])
    assert [one["through"] for one in house.found("clinician", "/outcomes/cohorts", **PHQ)] == [None]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("program_id", PROGRAM), ("payer_id", an_id("payer")), ("level_of_care", "intensive_outpatient"),
        ("diagnosis_group", "F30-F39"), ("admitted_from", "2026-01-01"), ("admitted_through", "2026-01-31"),
    ],
)  # fmt: skip
def test_nothing_narrows_a_question_from_outside(house: House, name: str, value: str) -> None:
    """The difference of two answers would show what each of them hides; inside, it narrows."""
    body = problem(house.get("director", "/outcomes/cohorts", **PHQ, **{name: value}), 422, "invalid")
    assert [one["field"] for one in body["errors"]] == [f"query.{name}"]
    assert house.get("clinician", "/outcomes/cohorts", **PHQ, **{name: value}).status_code == 200


def test_a_cohort_that_is_not_there_is_not_found(house: House) -> None:
    """Two cohorts are compared if both are within reach; a period runs forwards."""
    asked = PHQ | {"one": PROGRAM, "other": an_id("nobody")}
    problem(house.get("clinician", "/outcomes/cohorts/difference", **asked), 404, "not-found")
    groups = house.found("clinician", "/outcomes/cohorts/difference", **asked | {"other": PROGRAM})
    assert [one["group"] for one in groups] == ["everybody", "measured_again", "completers"]
    backwards = PHQ | {"admitted_from": "2026-02-01", "admitted_through": "2026-01-01"}
    problem(house.get("clinician", "/outcomes/cohorts", **backwards), 422, "invalid")
