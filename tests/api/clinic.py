"""A clinic made by the API alone: two programs, a payer, twelve patients in care, a group, one patient elsewhere."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from aggregates.values import instant
from iop_es.demo.policies import load_policy
from tests.api.house import ELSEWHERE, PROGRAM, House, an_id

PAYER = an_id("payer")
POLICY = an_id("policy")
GROUP = an_id("group")
PATIENTS = 12
STRANGER = an_id("patient", 99)
FAMILY, BIRTH_DATE, WORDS = "Quillfeather", "1984-07-13", "lavender octopus"
DIRECTOR = (PROGRAM, ELSEWHERE)
ZONES = (
    "Pacific/Honolulu", "America/New_York", "UTC", "Asia/Dubai", "Asia/Tokyo", "Pacific/Auckland",
)  # fmt: skip

CHARGE = 28_500
"""What the programs charge for a day; the demo payer allows as much."""


def _midday() -> str:
    """A zone in which the morning is over and the day is not, so that a test can record this morning."""
    return next(zone for zone in ZONES if 13 <= datetime.now(ZoneInfo(zone)).hour < 23)


ZONE = _midday()
TODAY = datetime.now(ZoneInfo(ZONE)).date()


def at(clock: str, days: int = 0) -> str:
    """The instant of a clock time (HH:MM) in the programs' zone, today or so many days from it."""
    hour, minute = map(int, clock.split(":"))
    day = TODAY + timedelta(days=days)
    return instant(datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZoneInfo(ZONE)).astimezone(UTC))


def on(days: int = 0) -> str:
    """A day, counted from today."""
    return (TODAY + timedelta(days=days)).isoformat()


def open_clinic(house: House) -> None:
    """Everything that must be before the first morning."""
    _organization(house)
    for number in range(1, PATIENTS + 1):
        take_in(house, number)
    take_in(house, 99, program=ELSEWHERE, episode=99)
    _group(house)


def take_in(
    house: House, number: int, program: str = PROGRAM, episode: int | None = None, focus: str = "mental_health",
    attending: str | None = None,
) -> str:  # fmt: skip
    """A patient is registered, covered, referred and admitted ten days ago; answers the patient's id.

    `attending` is somebody else who admits, diagnoses and attends.
    """
    patient, enrollment, where = an_id("patient", number), an_id("enrollment", episode or number), (program,)
    identity = {"family_name": f"{FAMILY}{number:02}", "given_name": "Ada", "birth_date": BIRTH_DATE, "sex": "female"}
    house.done("front_desk", "/patients", {"patient_id": patient, "identity": identity}, programs=where)
    coverage = {"coverage_id": an_id("coverage", number), "payer_id": PAYER, "plan": "ppo", "rank": 1,
                "relationship": "self", "effective_from": "2020-01-01", "member": {"member_number": f"M-{number}"}}
    house.done("front_desk", f"/patients/{patient}/record-coverage", coverage, programs=where)
    referral = {"enrollment_id": enrollment, "patient_id": patient, "program_id": program, "referred_on": on(-12),
                "source": "hospital"}
    house.done("front_desk", "/enrollments", referral, programs=where)
    admission = {"admitted_on": on(-10), "level_of_care": "intensive_outpatient", "focus": focus,
                 "admission_type": "elective", "admission_source": "referral",
                 "attending_id": attending or an_id("prescriber"),
                 "planned_days": 3, "planned_minutes": 540}
    by: dict[str, Any] = {"programs": where, "person": attending}
    house.done("clinician", f"/enrollments/{enrollment}/admit", admission, **by)
    house.done("clinician", f"/enrollments/{enrollment}/record-diagnosis", {
        "code": "F33.1", "rank": 1, "effective_from": on(-10), "diagnosed_by": attending or an_id("clinician")}, **by)
    if focus == "mental_health":  # of substance use the payer is told only under a consent
        _authorize(house, number, program, enrollment)
    return patient


def put_on_call(house: House, person: str, program: str = PROGRAM) -> str:
    """Somebody who treats no patient yet is on call for a program around now; answers the time's id."""
    call = an_id(f"on-call-{person}-{program}")
    house.done("director", f"/clinicians/{person}/assign-on-call", {
        "on_call_id": call, "program_id": program, "starts_at": at("00:00", -1), "ends_at": at("00:00", 2),
    }, programs=DIRECTOR)  # fmt: skip
    return call


def _authorize(house: House, number: int, program: str, enrollment: str) -> None:
    """Twelve days that the payer allowed from the admission on."""
    authorization, days = an_id("authorization", number), {"units": 12, "unit_basis": "day", "valid_from": on(-10)}
    asked = {"procedure_code": "S9480", "valid_through": on(30), **days}
    house.done("utilization_reviewer", "/authorizations", {
        "authorization_id": authorization, "patient_id": an_id("patient", number), "enrollment_id": enrollment,
        "program_id": program, "payer_id": PAYER, "level_of_care": "intensive_outpatient", "requested_on": on(-10),
        **asked,
    }, programs=(program,))  # fmt: skip
    house.done("utilization_reviewer", f"/authorizations/{authorization}/approve", asked | {"decided_on": on(-9)},
               programs=(program,))


def morning(
    house: House, session: int = 1, patients: range = range(1, PATIENTS + 1), days: int = 0, start: str = "09:00",
    end: str = "12:30",
) -> str:
    """A group session, from 9:00 to 12:30 unless told otherwise, is planned for a day; answers its id."""
    session_id = an_id("session", session)
    expected = [
        {"patient_id": an_id("patient", one), "enrollment_id": an_id("enrollment", one),
         "attendance_id": attendance(session, one)}
        for one in patients
    ]
    house.done("front_desk", "/sessions", {
        "session_id": session_id, "program_id": PROGRAM, "group_id": GROUP, "service_kind": "group",
        "level_of_care": "intensive_outpatient", "topic": "coping-skills", "service_date": on(days),
        "starts_at": at(start, days), "ends_at": at(end, days), "place_of_service": "53",
        "facilitators": [an_id("clinician")], "expected": expected,
    })  # fmt: skip
    return session_id


def attendance(session: int, patient: int) -> str:
    """The attendance id of a patient in a session."""
    return an_id(f"attendance-{session}", patient)


REST = [
    {"name": name, "words": told} for name, told in (
        ("focus", "The week."), ("interventions", "Asked and listened."), ("response", "Told it in order."),
        ("progress", "A step."), ("risk", "None voiced."), ("plan", "The same next week."),
    )
]  # fmt: skip
"""What else an individual document needs before it can be signed."""


def draft(house: House, note: int = 1, patient: int = 1, words: str = WORDS, **more: Any) -> str:
    """A draft of an individual document by the clinician; answers its id."""
    note_id = an_id("note", note)
    house.done("clinician", "/notes", {
        "note_id": note_id, "kind": "individual", "program_id": PROGRAM, "author_id": an_id("clinician"),
        "service_date": on(-1), "service_ended_at": at("10:00", -1), "patient_id": an_id("patient", patient),
        "enrollment_id": an_id("enrollment", patient), "service_kind": "individual",
        "goals": ["goal-1"], "content": {"sections": [{"name": "data", "words": words}, *REST]}, **more,
    })  # fmt: skip
    return note_id


def _organization(house: House) -> None:
    for number, program in enumerate((PROGRAM, ELSEWHERE), 1):
        house.done("director", "/programs", {
            "program_id": program, "code": f"iop-{number}", "name": f"Program {number}",
            "level_of_care": "intensive_outpatient", "focus": "mental_health", "population": "adult",
            "time_zone": ZONE, "opened_on": "2020-01-01",
        }, programs=DIRECTOR)  # fmt: skip
        house.done("director", f"/programs/{program}/adopt-fee-schedule", {
            "effective_from": "2020-01-01", "charges": [{"procedure_code": "S9480", "charge_cents": CHARGE}],
        }, programs=DIRECTOR)  # fmt: skip
    for role in ("clinician", "supervisor", "prescriber"):
        house.done("director", "/clinicians", {
            "clinician_id": an_id(role), "programs": list(DIRECTOR), "discipline": "LCSW", "associate": False,
            "joined_on": "2020-01-01", "family_name": "Hale", "given_name": "Miriam", "npi": "1234567893",
        }, programs=DIRECTOR)  # fmt: skip
        house.done("director", f"/clinicians/{an_id(role)}/record-credential", {
            "credential_id": an_id(f"credential-{role}"), "title": "LCSW", "jurisdiction": "NY",
            "active_from": "2020-01-01",
        }, programs=DIRECTOR)  # fmt: skip
    house.done("director", f"/clinicians/{an_id('clinician')}/assign-supervisor", {
        "supervisor_id": an_id("supervisor"), "effective_from": "2020-01-01",
    }, programs=DIRECTOR)  # fmt: skip
    policy = msgspec.to_builtins(load_policy("commercial_mental_health"))
    house.done("biller", "/payer-policies", {"policy_id": POLICY, "payer_id": PAYER, **policy})
    house.done("biller", f"/payer-policies/{POLICY}/record-electronic-address", {
        "effective_from": "2025-01-01", "receiver_id": "CLEARING", "receiver_name": "Clearing House",
        "electronic_payer_id": "BRH01", "claim_filing_indicator": "CI",
    })  # fmt: skip


def _group(house: House) -> None:
    house.done("director", "/groups", {
        "group_id": GROUP, "program_id": PROGRAM, "topic": "coping-skills", "capacity": 12, "formed_on": on(-10),
    })  # fmt: skip
    house.done("director", f"/groups/{GROUP}/assign-facilitator", {
        "clinician_id": an_id("clinician"), "effective_from": on(-10),
    })  # fmt: skip
    for number in range(1, PATIENTS + 1):
        house.done("front_desk", f"/groups/{GROUP}/roster-patient", {
            "patient_id": an_id("patient", number), "enrollment_id": an_id("enrollment", number),
            "effective_from": on(-9),
        })  # fmt: skip
