"""Whoever treats a patient reads and writes the chart, from the moment on which the log says so; nobody else does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from aggregates.access.streams import access_of
from aggregates.enrollment.facts import PatientAdmitted, PatientDischarged, PatientReferred
from aggregates.note.commands import DraftNote
from aggregates.note.facts import NoteContent, Section
from aggregates.patient.facts import PatientRegistered
from aggregates.risk.streams import risk_of
from api.commands.attempt import Weighed
from api.commands.handle import Commands
from api.commands.order import Order, OutOfReach
from iop_es.engine.log import Log, StoredFact
from tests.api.clinic import FAMILY, REST, WORDS, at, attendance, draft, on, put_on_call, take_in
from tests.api.house import PROGRAM, House, an_id
from tests.api.test_gate import last_read
from tests.api.test_problems import problem
from tests.projections.story import Story

PATIENT = an_id("patient", 3)
CHART = f"/patients/{PATIENT}/chart"
GRANT, GROUP = an_id("grant-relation"), an_id("group", 371)
PERIOD = {"from": on(-30), "through": on()}


@pytest.fixture(scope="module", autouse=True)
def noted(house: House) -> str:
    """A document of the patient's."""
    return draft(house, 371, 3)


def newcomer(house: House, name: str) -> str:
    """A clinician of the program who treats nobody; answers their id."""
    person = an_id(name)
    house.done("director", "/clinicians", {
        "clinician_id": person, "programs": [PROGRAM], "discipline": "LCSW", "associate": False,
        "joined_on": "2020-01-01", "family_name": "Reed", "given_name": "Ash",
    })  # fmt: skip
    return person


def reads(house: House, person: str, role: str = "clinician") -> bool:
    """Whether they read the chart; no read model is brought up, so only the log can say."""
    response = house.get(role, CHART, person=person, project=False, **PERIOD)
    assert response.status_code in {200, 404}
    return response.status_code == 200 and WORDS in response.text


def test_who_treats_somebody_else_finds_the_patient_and_not_the_chart(house: House, noted: str) -> None:
    """Name, roster and summary without detail, as the desk has them; no words, results, risk or list of documents."""
    person = newcomer(house, "colleague")
    assert not reads(house, person)
    for path in (f"/notes/{noted}", f"/notes/{noted}/print", f"/patients/{PATIENT}/outcomes",
                 f"/patients/{PATIENT}/risk", f"/patients/{PATIENT}/notes", f"/patients/{PATIENT}/continued-stay"):
        problem(house.get("clinician", path, person=person), 404, "not-found")
    assert FAMILY in house.get("clinician", f"/patients/{PATIENT}/identity", person=person).text
    seen = house.found("clinician", f"/patients/{PATIENT}/summary", person=person)
    assert [one["diagnoses"] for one in seen["episodes"]] == [None]
    treated = house.found("clinician", f"/patients/{PATIENT}/summary")
    assert [one["code"] for one in treated["episodes"][0]["diagnoses"]] == ["F33.1"]


def test_a_substitute_of_a_minute_ago_reads_and_writes_at_once(house: House) -> None:
    """Before any read model has heard of it; so does who is put down for a session of today."""
    person, other = newcomer(house, "substitute"), newcomer(house, "assigned")
    house.done("director", "/groups", {
        "group_id": GROUP, "program_id": PROGRAM, "topic": "skills", "capacity": 12, "formed_on": on(-10),
    })  # fmt: skip
    house.done("director", f"/groups/{GROUP}/assign-facilitator", {
        "clinician_id": an_id("clinician"), "effective_from": on(-10),
    })  # fmt: skip
    house.done("front_desk", f"/groups/{GROUP}/roster-patient", {
        "patient_id": PATIENT, "enrollment_id": an_id("enrollment", 3), "effective_from": on(-9),
    })  # fmt: skip
    assert not reads(house, person)
    house.done("front_desk", f"/groups/{GROUP}/substitute-facilitator", {
        "clinician_id": person, "in_place_of": an_id("clinician"), "on": on(), "cause": "ill",
    })  # fmt: skip
    assert reads(house, person)
    assert write(house, person, 372).status_code == 201
    house.done("front_desk", "/sessions", session(373, other, days=2))
    assert not reads(house, other)  # two days ahead
    house.done("front_desk", "/sessions", session(374, other, days=0))
    assert reads(house, other)


def session(number: int, facilitator: str, days: int) -> dict[str, Any]:
    """An appointment of the patient's at nine."""
    return {
        "session_id": an_id("session", number), "program_id": PROGRAM, "service_kind": "individual",
        "level_of_care": "intensive_outpatient", "topic": "coping-skills", "service_date": on(days),
        "starts_at": at("09:00", days), "ends_at": at("10:00", days), "place_of_service": "53",
        "facilitators": [facilitator], "expected": [{
            "patient_id": PATIENT, "enrollment_id": an_id("enrollment", 3),
            "attendance_id": an_id("attendance-relation", number),
        }],
    }  # fmt: skip


def write(house: House, person: str, number: int, **more: Any) -> Any:
    """Somebody drafts a document about the patient."""
    return house.post("clinician", "/notes", {
        "note_id": an_id("note", number), "kind": "individual", "program_id": PROGRAM, "author_id": person,
        "service_date": on(-1), "service_ended_at": at("10:00", -1), "patient_id": PATIENT,
        "enrollment_id": an_id("enrollment", 3), "goals": ["goal-1"],
        "content": {"sections": [{"name": "data", "words": "Spoke."}, *REST]}, **more,
    }, person=person)  # fmt: skip


def test_a_session_of_others_that_somebody_leads_is_no_way_to_a_patient(house: House) -> None:
    """Named in a document, it opens nobody's chart who is not of it; of its members whoever leads it writes."""
    person, other = newcomer(house, "leads-others"), an_id("patient", 5)
    house.done("front_desk", "/sessions", session(9_391, person, days=-1) | {"expected": [{
        "patient_id": other, "enrollment_id": an_id("enrollment", 5), "attendance_id": attendance(9_391, 5),
    }]})  # fmt: skip
    named = {"session_id": an_id("session", 9_391)}
    problem(write(house, person, 9_391), 404, "not-found")
    problem(write(house, person, 9_391, **named), 404, "not-found")
    assert not reads(house, person)
    theirs = {"patient_id": other, "enrollment_id": an_id("enrollment", 5)}
    assert write(house, person, 9_392, **named, **theirs).status_code == 201


def test_who_is_on_call_reads_until_it_is_ended(house: House) -> None:
    """At once, and not a request longer."""
    person = newcomer(house, "on-call")
    call = put_on_call(house, person)
    assert reads(house, person)
    house.done("supervisor", f"/clinicians/{person}/end-on-call", {"on_call_id": call})
    assert not reads(house, person)


def test_on_call_opens_no_episode_that_is_long_over(house: House) -> None:
    """Care of a program that ended ten days ago is still open, and care that ended forty days ago is not."""
    person, past = newcomer(house, "on-call-late"), {}
    call = put_on_call(house, person)
    for number, ago in ((9_371, 10), (9_372, 40)):
        patient, episode, story = an_id("patient", number), an_id("enrollment", number), Story()
        for stream, fact in (
            (patient, PatientRegistered(year_of_birth=1980, has_medical_record_number=False, has_address=False)),
            (episode, PatientReferred(patient_id=patient, program_id=PROGRAM, referred_on=on(-90), source="hospital")),
            (episode, PatientAdmitted(
                admitted_on=on(-89), level_of_care="intensive_outpatient", focus="mental_health", planned_days=3,
                admission_type="elective", admission_source="referral", attending_id=an_id("prescriber"),
                planned_minutes=540,
            )),
            (episode, PatientDischarged(discharged_on=on(-ago), reason="completed", patient_status="01")),
        ):  # fmt: skip
            story.tell(stream, fact, patients=((patient, an_id(stream, number)),))
        story.append(house.log)
        past[ago] = f"/patients/{patient}/risk"
    house.project()
    assert house.get("clinician", past[10], person=person).status_code == 200
    problem(house.get("clinician", past[40], person=person), 404, "not-found")
    house.done("supervisor", f"/clinicians/{person}/end-on-call", {"on_call_id": call})
    problem(house.get("clinician", past[10], person=person), 404, "not-found")


def test_a_supervisor_reads_what_those_whom_they_supervise_read(house: House) -> None:
    """The clinic's supervisor supervises its clinician; another supervisor nobody; a clinician supervises none."""
    assert reads(house, an_id("supervisor"), "supervisor")
    assert not reads(house, newcomer(house, "other-supervisor"), "supervisor")
    assert not reads(house, an_id("supervisor"), "clinician")


def test_what_is_left_goes_through_a_broken_glass_in_ones_own_program_too(house: House) -> None:
    """To read and to write, each look under its grant; of a patient whom one treats nothing is broken."""
    person = newcomer(house, "emergency")
    assert write(house, person, 375).status_code == 404
    glass = {"patient_id": PATIENT, "grant_id": GRANT, "cause": "crisis_call", "words": "On a bridge."}
    house.done("clinician", f"/access/{access_of(PATIENT)}/open-break-glass", glass, person=person)
    assert reads(house, person)
    assert (last_read(house)["purpose"], last_read(house)["patients"]) == ("break_glass", [PATIENT])
    assessed = {"patient_id": PATIENT, "program_id": PROGRAM, "assessed_at": at("09:00", -1), "level": "high",
                "basis": ["interview"], "words": "Called 911."}  # fmt: skip
    house.done("clinician", f"/risks/{risk_of(PATIENT)}/assess", assessed, person=person)
    [waiting] = [one for one in house.found("privacy_officer", "/audit/break-glass") if one["grant_id"] == GRANT]
    assert (waiting["reviewed_by"], [one["resource"] for one in waiting["looks"]]) == (None, ["patient.chart"])


def test_an_author_keeps_their_own_document_whoever_treats_the_patient(house: House) -> None:
    """The document alone; and only the log's roles: who reads by program reads as before."""
    person = newcomer(house, "author")
    call = put_on_call(house, person)
    assert write(house, person, 376).status_code == 201
    house.done("director", f"/clinicians/{person}/end-on-call", {"on_call_id": call})
    assert house.get("clinician", f"/notes/{an_id('note', 376)}", person=person).status_code == 200
    assert house.get("privacy_officer", f"/notes/{an_id('note', 376)}").status_code == 200


class Asked(Log):
    """The house's log, which remembers about whom it was asked."""

    def __init__(self, log: Log) -> None:
        super().__init__(log.pool, log.schema, log.sealer)
        self.asked: list[list[str]] = []

    def about(
        self, patients: Sequence[str], names: Sequence[str], upto: int | None = None, *, with_context: bool = True
    ) -> list[StoredFact]:
        """As it is; and takes note of the patients."""
        self.asked.append(list(patients))
        return super().about(patients, names, upto, with_context=with_context)


def test_the_teams_of_all_patients_of_a_group_of_orders_are_read_at_once(house: House) -> None:
    """And each order has its own answer: only about those whom the clinician treats."""
    take_in(house, 381, attending=newcomer(house, "of-381"))
    log = Asked(house.log)
    about = (4, 381, 5)
    weighed = Commands(log).weigh([drafting(patient) for patient in about])
    assert [type(one) for one in weighed] == [Weighed, OutOfReach, Weighed]
    assert log.asked[0] == [an_id("patient", one) for one in about]
    assert {people for one in log.asked[1:] for people in one} == {an_id("patient", 381)}  # what else may connect them


def drafting(patient: int) -> Order:
    """The clinician is to write about a patient."""
    command = DraftNote(
        note_id=an_id("note-of-group", patient), kind="individual", program_id=PROGRAM, author_id=an_id("clinician"),
        service_date=on(-1), service_ended_at=at("10:00", -1), patient_id=an_id("patient", patient),
        enrollment_id=an_id("enrollment", patient), goals=("goal-1",),
        content=NoteContent(sections=(Section(name="data", words="Spoke."),)),
    )
    return Order(command, an_id("clinician"), "clinician", frozenset({PROGRAM}), f"group-{patient}", b"")
