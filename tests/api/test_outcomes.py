"""A patient's courses over HTTP: what judged a result comes with it, levels and subscales have no total."""

from __future__ import annotations

import pytest

from tests.api.clinic import at, on, take_in
from tests.api.house import PROGRAM, House, an_id
from tests.api.test_problems import problem

PATIENT = an_id("patient", 871)
ANSWERS = {
    "phq-9": [2] * 8 + [0], "bam": [1] * 17, "c-ssrs-screener": [1, 0, None, None, None, 0], "pcl-5": [2] * 20,
}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def worked(house: House) -> None:
    """One measure of each kind of instrument, yesterday, of a patient whom no other file measures."""
    take_in(house, 871)
    for instrument, items in ANSWERS.items():
        house.done("clinician", "/assessments", measure(instrument=instrument, items=items))
    house.project()


def measure(**more: object) -> dict[str, object]:
    """A measure of yesterday morning, as it is posted."""
    return {
        "patient_id": PATIENT, "enrollment_id": an_id("enrollment", 871), "program_id": PROGRAM,
        "administered_on": on(-1), "administered_at": at("09:00", -1), "occasion": "baseline",
        "respondent": "patient", **more,
    }  # fmt: skip


def test_each_result_comes_with_what_judged_it(house: House) -> None:
    """The reliable change, the SD and reliability behind it, since when it holds, and its source."""
    [course] = house.found("clinician", f"/patients/{PATIENT}/outcomes", instrument="phq-9")
    [taken] = course["measures"]
    by = taken["thresholds"]
    assert (by["reliable_change"], by["standard_deviation"], by["reliability"], by["thresholds_from"]) == (
        6, 5.7, 0.89, None,
    )  # fmt: skip
    assert "NHS Talking Therapies" in by["threshold_source"]
    assert (course["last_score"], course["slope"], course["scale"]) == (16, None, "total")


def test_subscales_and_levels_are_told_without_a_total(house: House) -> None:
    """Three courses of the BAM and none for a total; the screener's level and no score."""
    bam = house.found("clinician", f"/patients/{PATIENT}/outcomes", instrument="bam")
    assert {one["scale"]: one["last_score"] for one in bam} == {"use": 3, "risk": 6, "protective": 6}
    [triage] = house.found("clinician", f"/patients/{PATIENT}/outcomes", instrument="c-ssrs-screener")
    assert (triage["scale"], triage["measures"][0]["score"], triage["measures"][0]["band"]) == ("triage", None, "low")


def test_a_program_is_asked_by_scale(house: House) -> None:
    """Without a scale the total is meant."""
    path = f"/programs/{PROGRAM}/outcomes"
    [total] = house.found("clinician", path, instrument="pcl-5")
    [cluster] = house.found("clinician", path, instrument="pcl-5", scale="cluster-c")
    assert (total["scale"], total["points"][0]["mean"], cluster["points"][0]["mean"]) == ("total", 40, 4)
    assert house.found("clinician", path, instrument="bam") == []


def test_too_few_earlier_episodes_are_no_expectation(house: House) -> None:
    """The reason is said instead."""
    [course] = house.found("clinician", f"/patients/{PATIENT}/outcomes/expected", instrument="phq-9")
    assert (course["episodes"], course["points"]) == (0, [])
    assert course["not_shown"] == "0 earlier episodes of this program have a baseline; 50 are needed."


def test_locus_is_refused_with_its_reason(house: House) -> None:
    """No electronic LOCUS without a license."""
    answer = house.post("clinician", "/assessments", measure(instrument="locus", entered_score=18))
    assert "without a license" in problem(answer, 409, "needs-license")["detail"]
