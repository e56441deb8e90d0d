"""Today's list over HTTP: who may see it, taking and clearing from it, the session check-in, and a patient's risk."""

from __future__ import annotations

from typing import Any

import pytest

from aggregates.risk.streams import risk_of
from iop_es.wiring import MODELS
from tests.api.clinic import at, morning, on
from tests.api.house import ELSEWHERE, PROGRAM, House, an_id
from tests.api.test_gate import last_read
from tests.api.test_parked import unreadable
from tests.api.test_problems import problem

WORDS = "purple umbrella"


def measure(
    house: House, number: int, answer: int, programs: tuple[str, ...] = (PROGRAM,), **more: Any
) -> str:
    """A PHQ-9 of yesterday; answers its id."""
    assessment = an_id("assessment", 700 + number)
    house.done("clinician", "/assessments", {
        "assessment_id": assessment, "patient_id": an_id("patient", number),
        "enrollment_id": an_id("enrollment", number), "program_id": PROGRAM, "instrument": "phq-9",
        "administered_on": on(-1), "administered_at": at("09:00", -1), "occasion": "baseline", "respondent": "patient",
        "items": [0] * 8 + [answer], **more,
    }, programs=programs)  # fmt: skip
    return assessment


@pytest.fixture(scope="module", autouse=True)
def worked(house: House) -> None:
    """Patients 10 and 11 answered item 9 with 1 and 3, patient 12 with 0; all are expected this morning."""
    for number, answer in ((10, 1), (11, 3), (12, 0)):
        measure(house, number, answer)
    morning(house, session=700, patients=range(10, 13))


def listed(house: House, **asked: Any) -> list[dict[str, Any]]:
    """Alerts of item 9 as a clinician finds them."""
    found: list[dict[str, Any]] = house.found("clinician", "/outcomes/alerts", kind="safety_item", **asked)
    return found


def act(house: House, verb: str, number: int, role: str = "clinician", **data: Any) -> dict[str, Any]:
    """Something is done about a patient's risk."""
    [entry] = house.found("clinician", "/outcomes/alerts", patient_id=an_id("patient", number), state="open")
    who = {name: entry[name] for name in ("patient_id", "program_id")}
    return house.done(role, f"/risks/{entry['risk_id']}/{verb}", who | data)


def test_an_alert_is_taken_assessed_and_cleared_as_the_list_names_it(own_house: House) -> None:
    """It leaves the list, and can be read among those that were cleared."""
    house = own_house
    measure(house, 1, 1)
    [alert] = listed(house)
    assert (alert["owner_id"], alert["standing"], alert["age_days"]) == (an_id("prescriber"), "open", 1)
    act(house, "acknowledge-alert", 1, alert=alert["alert"], outcome="taken", cause="on-duty")
    [taken] = listed(house, mine=True)
    assert (taken["owner_id"], taken["standing"]) == (an_id("clinician"), "taken")
    assert listed(house, mine=True, person=an_id("prescriber")) == []
    act(house, "assess", 1, assessed_at=at("10:00", -1), level="low", basis=["interview"])
    act(house, "acknowledge-alert", 1, alert=alert["alert"], outcome="cleared", cause="talked")
    assert listed(house) == []
    [cleared] = listed(house, state="cleared")
    assert (cleared["cleared_by"], cleared["risk_level"]) == (an_id("clinician"), "low")


def test_a_score_that_is_put_right_leaves_the_alert_of_an_answer(own_house: House) -> None:
    """Who mends a total alone has not said that nobody thinks of suicide."""
    score = {"entered_score": 3, "administered_on": on(-1), "cause": "entry_error"}
    refused = own_house.post("clinician", f"/assessments/{measure(own_house, 1, 3)}/correct", score)
    problem(refused, 409, "answers-taken-away")
    [alert] = listed(own_house)
    assert (alert["urgent"], alert["standing"]) == (True, "open")


def test_what_was_judged_before_a_correction_does_not_clear_the_alert_that_it_raises(own_house: House) -> None:
    """Nobody knew of an answer of 3 when the risk was judged after one of 0; what the list names is judged anew."""
    house = own_house
    assessment = measure(house, 1, 0)
    whose = {"patient_id": an_id("patient", 1), "program_id": PROGRAM}
    risk, judgment = f"/risks/{risk_of(whose['patient_id'])}", {"level": "low", "basis": ["interview"]}
    house.done("clinician", f"{risk}/assess", whose | judgment | {"assessed_at": at("10:00", -1)})
    answers = {"items": [0] * 8 + [3], "administered_on": on(-1), "cause": "misread"}
    corrected = house.done("clinician", f"/assessments/{assessment}/correct", answers)
    [alert] = listed(house)
    clearing = whose | {"alert": alert["alert"], "outcome": "cleared", "cause": "talked"}
    problem(house.post("clinician", f"{risk}/acknowledge-alert", clearing), 409, "risk-not-assessed")
    house.done("clinician", f"{risk}/assess", whose | judgment | {"assessed_at": corrected["recorded_at"]})
    assert house.done("clinician", f"{risk}/acknowledge-alert", clearing)["facts"] == ["risk.alert_acknowledged"]
    assert listed(house) == []


def test_a_measure_that_is_voided_leaves_its_alert_until_somebody_judges(own_house: House) -> None:
    """Whoever voids it stands beside it, and cannot clear it by that."""
    house = own_house
    house.done("supervisor", f"/assessments/{measure(house, 1, 3)}/void", {"cause": "entry_error"})
    [alert] = listed(house)
    assert (alert["urgent"], alert["withdrawn"], alert["withdrawn_by"]) == (True, "voided", an_id("supervisor"))
    clearing = {"alert": alert["alert"], "outcome": "cleared", "cause": "voided"}
    whose = {name: alert[name] for name in ("patient_id", "program_id")}
    refused = house.post("clinician", f"/risks/{alert['risk_id']}/acknowledge-alert", whose | clearing)
    problem(refused, 409, "risk-not-assessed")
    act(house, "assess", 1, assessed_at=at("10:00", -1), level="low", basis=["interview"])
    assert [one["judged"] for one in listed(house)] == [True]
    act(house, "acknowledge-alert", 1, **clearing)
    assert listed(house) == []


def test_who_is_discharged_with_an_open_alert_leaves_with_it_and_the_answer_says_so(own_house: House) -> None:
    """The discharge is recorded; the alert stays on the list, the summary and the counts until somebody judges it."""
    house, stay = own_house, f"/enrollments/{an_id('enrollment', 1)}"
    measure(house, 1, 3)
    assert house.done("clinician", f"{stay}/plan-discharge", {"planned_on": on(3)})["alerts"] == [
        {"kind": "safety_item", "since": on(-1), "urgent": True, "left_on": None}
    ]
    ending = {"discharged_on": on(), "reason": "left_against_advice", "patient_status": "07"}
    ended = house.done("clinician", f"{stay}/discharge", ending)
    mark = {"kind": "safety_item", "since": on(-1), "urgent": True, "left_on": on()}
    assert (ended["facts"], ended["alerts"]) == (["enrollment.patient_discharged"], [mark])
    assert (last_read(house)["resource"], last_read(house)["patients"]) == ("enrollment.discharge", [an_id("patient")])
    [alert] = listed(house)
    assert (alert["left_on"], alert["standing"]) == (on(), "open")
    [count] = [one for one in house.found("director", "/outcomes/alerts/counts") if one["kind"] == "safety_item"]
    assert (count["alerts"], count["left"]) == (1, 1)
    for asked in ({}, {"as_of": ended["position"]}):
        told = house.found("clinician", f"/patients/{an_id('patient')}/summary", **asked)
        assert (told["attention"], told["alerts"]) == (True, [mark])
        told = house.found("front_desk", f"/patients/{an_id('patient')}/summary", **asked)
        assert (told["attention"], told["alerts"]) == (True, None)
    referral = {"patient_id": an_id("patient"), "program_id": PROGRAM, "referred_on": on(), "source": "self"}
    back = house.done("front_desk", "/enrollments", referral)["id"]
    admission = {
        "admitted_on": on(), "level_of_care": "intensive_outpatient", "focus": "mental_health",
        "admission_type": "elective", "admission_source": "self", "attending_id": an_id("prescriber"),
        "planned_days": 3, "planned_minutes": 540,
    }  # fmt: skip
    again = house.done("clinician", f"/enrollments/{back}/admit", admission)
    assert again["alerts"] == [mark | {"left_on": None}]
    act(house, "assess", 1, assessed_at=ended["recorded_at"], level="low", basis=["interview"])
    act(house, "acknowledge-alert", 1, alert=alert["alert"], outcome="cleared", cause="talked")
    assert house.done("clinician", f"/enrollments/{back}/admit", admission)["alerts"] == []
    assert listed(house) == []


def test_who_discharges_is_told_nothing_of_what_stands_open_in_another_program(own_house: House) -> None:
    """Not even where the token is of both: the answer is about this stay."""
    house, both = own_house, (PROGRAM, ELSEWHERE)
    there = house.done("front_desk", "/enrollments", {
        "patient_id": an_id("patient", 1), "program_id": ELSEWHERE, "referred_on": on(-2), "source": "self",
    }, programs=both)["id"]  # fmt: skip
    measure(house, 1, 3, enrollment_id=there, program_id=ELSEWHERE, programs=both)
    ending = {"discharged_on": on(), "reason": "completed", "patient_status": "01"}
    stay = f"/enrollments/{an_id('enrollment', 1)}/discharge"
    assert house.done("clinician", stay, ending, programs=both)["alerts"] == []
    found = house.found("clinician", "/outcomes/alerts", kind="safety_item", programs=both)
    assert [(one["program_id"], one["left_on"]) for one in found] == [(ELSEWHERE, None)]
    summary = f"/patients/{an_id('patient', 1)}/summary"
    assert house.found("clinician", summary)["alerts"] == house.found("clinician", "/outcomes/alerts") == []


def test_who_treats_nobody_takes_what_is_on_the_list_and_makes_no_alert_up(own_house: House) -> None:
    """One that nobody raised opens no chart: it is told like what does not exist, and is on record; the one that stands
    does, because whoever took it sees to the patient."""
    house, passing = own_house, {"person": an_id("passes-by")}
    measure(house, 1, 1)
    [alert] = listed(house)
    patient, risk = alert["patient_id"], f"/risks/{alert['risk_id']}/acknowledge-alert"
    data = {"patient_id": patient, "program_id": PROGRAM, "outcome": "taken", "cause": "on-duty"}
    for made_up in (
        {"kind": "no_measure", "about": an_id("enrollment", 1), "since": on(-3)},
        {"kind": "follow_up", "about": an_id("enrollment", 1), "since": on(-3)},
        alert["alert"] | {"kind": "suicide_screen"},
    ):
        problem(house.post("clinician", risk, data | {"alert": made_up}, **passing), 404, "not-found")
        assert (last_read(house)["resource"], last_read(house)["outcome"]) == ("risk.acknowledge_alert", "out of reach")
        problem(house.get("clinician", f"/patients/{patient}/risk", **passing), 404, "not-found")
    taken = house.post("clinician", risk, data | {"alert": alert["alert"]}, idempotency_key="take", **passing)
    assert taken.json()["facts"] == ["risk.alert_acknowledged"]
    assert house.get("clinician", f"/patients/{patient}/risk", **passing).status_code == 200
    again = house.post("clinician", risk, data | {"alert": alert["alert"]}, idempotency_key="take", **passing)
    assert again.json()["replayed"] is True


def test_the_list_is_for_clinicians_and_its_counts_for_directors_too(house: House) -> None:
    """Counts name nobody."""
    for role in ("front_desk", "director", "biller", "auditor", "utilization_reviewer"):
        problem(house.get(role, "/outcomes/alerts"), 403, "not-permitted")
    found = house.found("director", "/outcomes/alerts/counts")
    known = listed(house)
    assert [(one["alerts"], one["urgent"]) for one in found if one["kind"] == "safety_item"] == [
        (len(known), sum(one["urgent"] for one in known))
    ]  # fmt: skip
    assert not any(one["patient_id"] in repr(found) for one in known)
    problem(house.get("front_desk", "/outcomes/alerts/counts"), 403, "not-permitted")


def test_the_session_shows_clinicians_what_it_is_and_the_front_desk_that_somebody_should_ask(house: House) -> None:
    """Now, on the day's list, and as of any moment; one entry of the access log for both read models."""
    path = f"/sessions/{an_id('session', 700)}"
    for asked in ({}, {"as_of": house.log.head().position}):
        roster = {one["patient_id"]: one for one in house.found("clinician", path, **asked)["roster"]}
        assert roster[an_id("patient", 11)]["alerts"] == [
            {"kind": "safety_item", "since": on(-1), "urgent": True, "left_on": None}
        ]
        assert (roster[an_id("patient", 12)]["alerts"], roster[an_id("patient", 12)]["attention"]) == ([], False)
        neutral = {one["patient_id"]: one for one in house.found("front_desk", path, **asked)["roster"]}
        assert [(neutral[an_id("patient", one)]["attention"], neutral[an_id("patient", one)]["alerts"])
                for one in (10, 11, 12)] == [(True, None), (True, None), (False, None)]  # fmt: skip
        assert last_read(house)["resource"] == "caseload.session"
    today = house.found("clinician", "/caseload/sessions")
    [session] = [one for one in today if one["session_id"] == an_id("session", 700)]
    assert [bool(one["alerts"]) for one in sorted(session["roster"], key=lambda one: str(one["name"]))] == [
        True, True, False,
    ]  # fmt: skip


def test_a_roster_goes_without_marks_where_outcomes_are_not_built(
    own_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who waits in the room is not kept waiting: whether there is an alert is then not known, and said so."""
    path = f"/sessions/{morning(own_house, session=701, patients=range(1, 2))}"
    [known] = own_house.found("clinician", path)["roster"]
    monkeypatch.setattr(type(MODELS["outcomes"]), "version", 9_999)
    [entry] = own_house.get("clinician", path, project=False).json()["item"]["roster"]
    assert (known["attention"], entry["attention"], entry["alerts"]) == (False, None, None)


def test_a_patients_risk_tells_when_each_act_was_recorded(own_house: House) -> None:
    """Whatever time it says of itself: a judgment of three days ago that was written down today shows both."""
    house = own_house
    measure(house, 1, 1)
    act(house, "assess", 1, assessed_at=at("10:00", -3), level="low", basis=["interview"])
    act(house, "record-safety-plan", 1, made_on=on(-3))
    reply = act(house, "make-follow-up", 1, made_at=at("11:00", -3), means="phone", reached=True, cause="alert")
    view = house.found("clinician", f"/patients/{an_id('patient')}/risk")
    (level,), (plan,), (tried,) = (view[name] for name in ("levels", "safety_plans", "follow_ups"))
    assert level["assessed_at"] < at("00:00", -2) and level["recorded_at"] > at("00:00", -1)
    assert level["recorded_at"] < plan["recorded_at"] < tried["recorded_at"] == reply["recorded_at"]
    upto = house.log.head().position
    assert house.found("clinician", f"/patients/{an_id('patient')}/risk", as_of=upto)["levels"] == [level]


def test_words_come_to_those_who_may_read_documents_and_that_is_on_record(own_house: House) -> None:
    """A reviewer sees the level and no words."""
    house, path = own_house, f"/patients/{an_id('patient')}/risk"
    measure(house, 1, 1)
    act(house, "assess", 1, assessed_at=at("10:00", -1), level="low", basis=["interview"], words=WORDS)
    act(house, "record-safety-plan", 1, made_on=on(-1), words=WORDS)
    act(house, "make-follow-up", 1, role="front_desk", made_at=at("11:00", -1), means="phone", reached=True,
        cause="alert", words=WORDS)  # fmt: skip
    for role, words in (("utilization_reviewer", None), ("clinician", WORDS), ("privacy_officer", WORDS)):
        view = house.found(role, path)
        assert [view[name][0]["words"] for name in ("levels", "safety_plans", "follow_ups")] == [words] * 3
        assert view["level"] == "low"
        read = last_read(house)
        assert (read["resource"], read["patients"]) == (
            "outcomes.risk" if words is None else "risk.words", [an_id("patient")]
        )  # fmt: skip
    for role in ("front_desk", "director", "biller", "auditor"):
        problem(house.get(role, path), 403, "not-permitted")
    problem(house.get("clinician", path, programs=(ELSEWHERE,)), 404, "not-found")


def test_a_parked_patient_is_on_the_list_and_on_the_roster(own_house: House) -> None:
    """Nothing newer is known, so somebody should ask; as of that moment too."""
    house, patient = own_house, an_id("patient", 2)
    session = morning(house, session=702, patients=range(2, 3))
    house.project()
    position = unreadable(house.log, patient, "assessment.administered")
    [parked] = house.found("clinician", "/outcomes/alerts", patient_id=patient)
    assert (parked["kind"], parked["urgent"], parked["alert"]) == ("parked", True, None)
    assert parked["positions"] == []
    [entry] = house.found("clinician", f"/sessions/{session}")["roster"]
    assert [one["kind"] for one in entry["alerts"]] == ["parked"]
    [then] = house.found("clinician", f"/sessions/{session}", as_of=position)["roster"]
    assert (then["attention"], [one["kind"] for one in then["alerts"]]) == (True, ["parked"])
