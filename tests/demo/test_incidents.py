"""What goes wrong is found again in the record: each kind where it happened once, and nowhere else."""

from __future__ import annotations

from typing import Any

from aggregates.assessment.facts import AssessmentAdministered
from aggregates.enrollment.facts import LevelOfCareChanged, PatientDischarged
from aggregates.group.facts import FacilitatorSubstituted
from aggregates.session.facts import BreakTaken, PatientCheckedIn, PatientCheckedOut
from iop_es.demo.figures import Incident
from iop_es.demo.incidents import KINDS, incidents
from iop_es.wiring import House
from tests.demo.clinic import MORNING, ScheduledClinic, scheduled_clinic
from tests.projections.billing.clinic import an_id


def found_in(house: House, clinic: ScheduledClinic) -> dict[str, Incident]:
    """The incidents of a story, by kind."""
    clinic.story.append(house.log)
    house.project()
    return {one.kind: one for one in incidents(house)}


def counts(found: dict[str, Incident]) -> dict[str, int]:
    """How often each kind happened, without those that did not."""
    return {kind: one.count for kind, one in found.items() if one.count}


def left(clinic: ScheduledClinic, number: int, day: str, at: str, cause: Any) -> None:
    """The patient leaves a session."""
    clinic.story.tell(an_id("session", number), PatientCheckedOut(
        attendance_id=an_id("attendance", number * 1000 + 1), left_at=clinic.at(day, at), cause=cause,
    ))  # fmt: skip


def test_a_quiet_week_has_none(empty_house: House) -> None:
    """Everybody on time, every note signed the same day: no kind is found."""
    clinic = scheduled_clinic()
    for day in ("2026-01-05", "2026-01-06", "2026-01-07"):
        left(clinic, clinic.documented(day, MORNING), day, "12:00", "end")
    assert counts(found_in(empty_house, clinic)) == {}


def test_what_happens_in_the_room(empty_house: House) -> None:
    """Each kind once; next to it what only looks like it: on time, an excuse, a full group, another room."""
    clinic = scheduled_clinic()
    clinic.documented("2026-01-05", "09:10-12:10", planned=MORNING)
    left(clinic, clinic.documented("2026-01-06", MORNING), "2026-01-06", "11:30", "left_early")
    group = clinic.documented("2026-01-07", MORNING)
    clinic.documented("2026-01-07", "10:00-10:20", kind="medication_visit")
    left(clinic, group, "2026-01-07", "10:00", "checked_in_elsewhere")
    left(clinic, clinic.documented("2026-01-08", MORNING), "2026-01-08", "10:00", "checked_in_elsewhere")
    paused = clinic.documented("2026-01-09", MORNING)
    clinic.story.tell(an_id("session", paused), BreakTaken(interval=clinic._interval("2026-01-09", "10:00-10:10")))
    clinic.meet("2026-01-12", MORNING, leave="absent")
    clinic.meet("2026-01-13", MORNING, leave="excused")
    clinic.meet("2026-01-14", MORNING, leave="cancelled")
    clinic.documented("2026-01-15", MORNING, heads=13)
    clinic.documented("2026-01-16", MORNING, heads=12)
    clinic.correct("2026-01-16", clinic.documented("2026-01-16", "13:00-14:00"), "13:00-13:30")
    clinic.story.tell(an_id("group"), FacilitatorSubstituted(
        clinician_id=an_id("clinician", 2), in_place_of=an_id("clinician"), on="2026-01-19", cause="illness",
    ))  # fmt: skip
    visited = clinic.documented("2026-01-19", MORNING)
    clinic.patient(2)
    clinic.story.tell(an_id("session", visited), PatientCheckedIn(
        patient_id=an_id("patient", 2), attendance_id=an_id("attendance", visited * 1000 + 2),
        enrollment_id=an_id("enrollment", 2), program_id=an_id("program"), service_kind="group",
        service_date="2026-01-19", arrived_at=clinic.at("2026-01-19", "09:00"), modality="in_person",
        place_of_service="11", cause="walk_in",
    ))  # fmt: skip
    found = found_in(empty_house, clinic)
    assert counts(found) == dict.fromkeys(
        ("late_arrival", "early_departure", "called_out", "break", "walk_in", "substitute", "no_show",
         "cancelled_group", "group_over_limit", "corrected_after_closing"), 1,
    )  # fmt: skip
    assert found["called_out"].date == "2026-01-07"
    assert found["group_over_limit"].date == "2026-01-15"
    assert found["walk_in"].patient_id == an_id("patient", 2)


def test_what_happens_on_paper(empty_house: House) -> None:
    """A signature a day late, one that never came, three on a lapsed license, units gone mid-week, a late approval.

    Units that end with the week, and new ones a day later, are not gone mid-week.
    """
    clinic = scheduled_clinic()
    clinic.sign(clinic.draft("2026-01-05", "12:00", clinic.meet("2026-01-05", MORNING)), "2026-01-05",
                clinic.at("2026-01-06", "12:01"))  # fmt: skip
    clinic.meet("2026-01-06", MORNING)
    clinic.lapse("2026-01-07")
    clinic.documented("2026-01-07", MORNING)
    for patient, days in ((2, ("2026-01-05", "2026-01-06")), (3, ("2026-01-05", "2026-01-12"))):
        clinic.patient(patient, authorized=False)
        clinic.request(patient)
        clinic.approve(patient, units=1)
        for day in days:
            clinic.documented(day, "13:00-16:00", patients=(patient,))
    clinic.request(3, number=33, valid_from="2026-01-13")
    clinic.approve(33, valid_from="2026-01-13")
    clinic.documented("2026-01-13", "13:00-16:00", patients=(3,))
    clinic.patient(4, authorized=False)
    clinic.request(4)
    clinic.approve(4, decided_on="2026-01-14")
    found = found_in(empty_house, clinic)
    assert counts(found) == {
        "note_signed_late": 1, "note_never_signed": 1, "license_lapsed": 3, "authorization_ran_out": 1,
        "authorization_retroactive": 1,
    }  # fmt: skip
    assert (found["authorization_ran_out"].patient_id, found["authorization_ran_out"].date) == (
        an_id("patient", 2), "2026-01-06",
    )  # fmt: skip


def test_how_care_goes(empty_house: House) -> None:
    """A step up, a drop-out, a deterioration of 8 points and an item 9 above zero; a completed episode is none."""
    clinic = scheduled_clinic()
    clinic.patient(2)
    clinic.documented("2026-01-05", MORNING, patients=(1, 2))
    clinic.in_care(LevelOfCareChanged(
        effective_on="2026-01-07", from_level="intensive_outpatient", to_level="partial_hospitalization", cause="risk",
    ))  # fmt: skip
    clinic.in_care(PatientDischarged(discharged_on="2026-01-30", reason="completed", patient_status="01"))
    clinic.in_care(PatientDischarged(discharged_on="2026-01-09", reason="dropped_out", patient_status="07"), episode=2)
    for day, items in (("2026-01-05", (1,) * 8 + (0,)), ("2026-01-12", (2,) * 8 + (0,)), ("2026-01-19", (1,) * 9)):
        clinic.story.tell(an_id("assessment", int(day[-2:])), AssessmentAdministered(
            patient_id=an_id("patient"), enrollment_id=an_id("enrollment"), program_id=an_id("program"),
            instrument="phq-9", instrument_version="1", administered_on=day, administered_at=f"{day}T15:00:00Z",
            occasion="routine", respondent="patient", items=items,
        ), at=f"{day}T15:00:00Z")  # fmt: skip
    found = found_in(empty_house, clinic)
    assert counts(found) == dict.fromkeys(("step_up", "drop_out", "deterioration", "item_nine"), 1)
    assert (found["drop_out"].date, found["drop_out"].explain_date) == ("2026-01-09", "2026-01-05")


def test_the_kinds_are_those_of_the_list() -> None:
    """Nineteen kinds, told in few enough words for a table."""
    assert len(KINDS) == 19
    assert max(len(what) for what, _ in KINDS.values()) <= 30
