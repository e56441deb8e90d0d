"""The continued-stay summary over HTTP: who may have it, on whose record it stands, and as of when."""

from __future__ import annotations

import io

import pypdf
import pytest

from aggregates.risk.streams import risk_of
from tests.api.clinic import FAMILY, at, on, take_in
from tests.api.house import ELSEWHERE, PROGRAM, House, an_id
from tests.api.test_gate import last_read
from tests.api.test_problems import problem

PATIENT, ENROLLMENT = an_id("patient", 881), an_id("enrollment", 881)
PATH = f"/patients/{PATIENT}/continued-stay"
WORDS = "lavender octopus"


@pytest.fixture(scope="module", autouse=True)
def worked(house: House) -> int:
    """A plan of care, then a judgment of risk, of a patient whom no other file knows; answers the log's position
    between them."""
    take_in(house, 881)
    house.done("clinician", f"/enrollments/{ENROLLMENT}/adopt-plan", {
        "plan_id": an_id("plan", 881), "adopted_on": on(-9), "weekly_days": 3, "weekly_minutes": 540,
        "planned_weeks": 8, "review_due_on": on(5), "goals": ["mood"],
        "words": [{"goal": "mood", "words": "Mood lifts"}],
    })  # fmt: skip
    between = house.log.head().position
    house.done("clinician", f"/risks/{risk_of(PATIENT)}/assess", {
        "patient_id": PATIENT, "program_id": PROGRAM, "enrollment_id": ENROLLMENT,
        "assessed_at": at("09:00", -1), "level": "high", "basis": ["interview"], "words": WORDS,
    })  # fmt: skip
    return between


def test_the_summary_says_the_stay(house: House) -> None:
    """Ten days after the admission: plan, goals, risk without its words, units, and what is missing; no name."""
    answer = house.get("utilization_reviewer", PATH)
    found = answer.json()["item"]
    assert (found["days_since_admission"], found["enrollment_id"], found["diagnosis"]) == (10, ENROLLMENT, "F33.1")
    assert found["plan"]["goals"] == [{"goal": "mood", "words": "Mood lifts"}]
    assert (found["risk"]["level"], found["risk"]["safety_plan_on"]) == ("high", None)
    assert "No safety plan, although the risk is high." in found["missing"]
    assert [(one["units"], one["used"], one["left"]) for one in found["authorizations"]] == [(12, 0, 12)]
    assert found["policy"]["policy_code"] and {"authorization"} <= {one["what"] for one in found["policy"]["asked"]}
    assert FAMILY not in answer.text and WORDS not in answer.text


def test_a_plan_adopted_anew_the_same_day_is_the_one_in_force_everywhere(own_house: House) -> None:
    """The refusal of another text under the same id says to adopt it under a new one: then every list has that one, and
    its review by the day that the last review set, though it is sooner than the plan's."""
    house, enrollment = own_house, an_id("enrollment")
    for number, minutes, goal in ((1, 54, "moood"), (2, 540, "mood")):
        house.done("clinician", f"/enrollments/{enrollment}/adopt-plan", {
            "plan_id": an_id("plan", number), "adopted_on": on(-9), "weekly_days": 3, "weekly_minutes": minutes,
            "planned_weeks": 8, "review_due_on": on(19), "goals": [goal],
        })  # fmt: skip
    house.done("clinician", f"/enrollments/{enrollment}/review-plan", {
        "plan_id": an_id("plan", 2), "reviewed_on": on(-6), "next_review_due_on": on(-1), "patient_agreed": True,
    })  # fmt: skip
    (episode,) = house.found("clinician", f"/patients/{an_id('patient')}/summary")["episodes"]
    assert (episode["plan"]["weekly_minutes"], episode["plan"]["review_due_on"]) == (540, on(-1))
    stay = house.found("clinician", f"/patients/{an_id('patient')}/continued-stay")
    assert (stay["plan"]["goals"][0]["goal"], stay["plan"]["review_due_on"]) == ("mood", on(-1))
    assert f"The plan's review was due on {on(-1)}." in stay["missing"]
    assert {week["planned_minutes"] for week in stay["weeks"]} == {540}
    (due,) = (one for one in house.found("clinician", "/caseload/due") if one["kind"] == "plan_review")
    assert due["enrollment_id"] == enrollment


def test_as_of_a_moment_it_says_what_was_known_then(house: House, worked: int) -> None:
    """Before the judgment nobody had made one."""
    then = house.found("clinician", PATH, as_of=worked)
    assert then["risk"]["level"] is None
    assert "No assessment of risk." in then["missing"] and then["plan"] is not None
    problem(house.get("clinician", PATH, as_of=999_999_999), 422, "not-yet-known")


def test_the_print_is_one_page_on_record_with_its_purpose(house: House) -> None:
    """PDF and HTML name the patient; the read says what it is for; the same again is the same bytes."""
    printed = house.get("utilization_reviewer", f"{PATH}.pdf", purpose="payment")
    [page] = [one.extract_text() for one in pypdf.PdfReader(io.BytesIO(printed.content)).pages]
    assert f"{FAMILY}881, Ada" in page and "page 1 of 1" in page and WORDS not in page
    read = last_read(house)
    assert [read[name] for name in ("role", "purpose", "resource", "patients", "outcome")] == [
        "utilization_reviewer", "payment", "patient.continued_stay_print", [PATIENT], "answered",
    ]  # fmt: skip
    assert printed.headers["content-disposition"] == f'inline; filename="continued-stay-{PATIENT}-{on()}.pdf"'
    shown = house.get("utilization_reviewer", f"{PATH}.html")
    assert f"{FAMILY}881" in shown.text and shown.headers["content-security-policy"].startswith("default-src 'none'")
    head = house.log.head().position
    again = [house.get("clinician", f"{PATH}.pdf", as_of=head).content for _ in range(2)]
    assert again[0] == again[1]


def test_who_may_not_ask_gets_nothing(house: House) -> None:
    """Not the biller, the front desk or the director; and nobody from elsewhere."""
    for ending in ("", ".pdf", ".html"):
        for role in ("biller", "front_desk", "director", "auditor"):
            problem(house.get(role, f"{PATH}{ending}"), 403, "not-permitted")
        problem(house.get("clinician", f"{PATH}{ending}", programs=(ELSEWHERE,)), 404, "not-found")
    problem(house.get("clinician", f"/patients/{an_id('nobody')}/continued-stay"), 404, "not-found")
    problem(house.get("clinician", f"{PATH}.doc"), 422, "invalid")
