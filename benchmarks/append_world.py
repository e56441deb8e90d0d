"""What the append benchmark is about: a clinic with sessions and patients in care, and the commands of one morning.

Every second command is a check-in into a session of twelve, every other one a note's draft. One after the other each
session has an arrival, then each its second, so that commands that are on their way together never conflict.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5
from zoneinfo import ZoneInfo

from aggregates.kit import COMMANDS
from aggregates.values import instant
from api.commands.handle import Commands
from api.commands.order import Order, digest_of
from iop_es.engine.log import Log

ROSTER = 12
CHUNK = 500
ZONES = ("Pacific/Honolulu", "America/New_York", "UTC", "Asia/Dubai", "Asia/Tokyo", "Pacific/Auckland")
ZONE = next(zone for zone in ZONES if 13 <= datetime.now(ZoneInfo(zone)).hour < 23)
NOW = datetime.now(UTC).replace(second=0, microsecond=0)
TODAY = NOW.astimezone(ZoneInfo(ZONE)).date()
STARTS, ARRIVES, ENDS = (instant(NOW + timedelta(minutes=minutes)) for minutes in (-90, -80, -1))
YESTERDAY, BEFORE = (TODAY - timedelta(days=1)).isoformat(), (TODAY - timedelta(days=12)).isoformat()
WORDS = "Took part, named two triggers of the week and chose one skill to practice until the next group. " * 6


def an_id(*parts: object) -> str:
    """The id of a thing, the same in every run."""
    return str(uuid5(NAMESPACE_URL, ":".join(map(str, ("append", *parts)))))


PROGRAM, CLINICIAN, DESK = an_id("program"), an_id("clinician"), an_id("desk")


@dataclass(frozen=True, slots=True)
class Call:
    """One HTTP command: the role that gives it, its path under /v1, its body and its key."""

    role: str
    path: str
    body: dict[str, Any]
    key: str


def open_clinic(log: Log, patients: int) -> None:
    """Puts a program, a clinician, patients in care and their sessions into the log."""
    commands, orders = Commands(log, remember=True), list(_orders(patients))
    for start in range(0, len(orders), CHUNK):
        for answer in commands.handle_all(orders[start : start + CHUNK]):
            if isinstance(answer, Exception):
                raise answer


def calls(first: int, count: int) -> list[Call]:
    """An arrival and a draft for each of so many patients, neighbours of a session far apart."""
    patients = sorted(range(first, first + count), key=lambda patient: (patient % ROSTER, patient))
    return [call for patient in patients for call in (_arrival(patient), _draft(patient))]


def _arrival(patient: int) -> Call:
    session = patient // ROSTER
    body = {"patient_id": an_id("patient", patient), "attendance_id": an_id("attendance", patient),
            "arrived_at": ARRIVES}  # fmt: skip
    return Call("front_desk", f"/sessions/{an_id('session', session)}/check-in", body, f"arrival-{patient}")


def _draft(patient: int) -> Call:
    body = {
        "note_id": an_id("note", patient), "kind": "individual", "program_id": PROGRAM, "author_id": CLINICIAN,
        "service_date": YESTERDAY, "service_ended_at": instant(NOW - timedelta(days=1)),
        "patient_id": an_id("patient", patient), "enrollment_id": an_id("enrollment", patient),
        "service_kind": "individual", "content": {"sections": [{"name": "data", "words": WORDS}]},
    }  # fmt: skip
    return Call("clinician", "/notes", body, f"draft-{patient}")


def _orders(patients: int) -> Iterator[Order]:
    yield _order("program.open", "director", {
        "program_id": PROGRAM, "code": "iop", "name": "Evening program", "level_of_care": "intensive_outpatient",
        "focus": "mental_health", "population": "adult", "time_zone": ZONE, "opened_on": "2020-01-01",
    })  # fmt: skip
    yield _order("clinician.join", "director", {
        "clinician_id": CLINICIAN, "programs": [PROGRAM], "discipline": "LCSW", "associate": False,
        "joined_on": "2020-01-01", "family_name": "Hale", "given_name": "Miriam",
    })  # fmt: skip
    for number in range(patients):
        yield from _in_care(number)
    for session in range(-(-patients // ROSTER)):
        yield _order("session.schedule", "front_desk", _session(session, patients))


def _in_care(number: int) -> Iterator[Order]:
    patient, enrollment = an_id("patient", number), an_id("enrollment", number)
    yield _order("patient.register", "front_desk", {"patient_id": patient, "identity": {
        "family_name": f"Ash{number}", "given_name": "Eve", "birth_date": "1992-02-02", "sex": "female"}})
    yield _order("enrollment.refer", "front_desk", {
        "enrollment_id": enrollment, "patient_id": patient, "program_id": PROGRAM, "referred_on": BEFORE,
        "source": "hospital",
    })  # fmt: skip
    yield _order("enrollment.admit", "clinician", {
        "enrollment_id": enrollment, "admitted_on": BEFORE, "level_of_care": "intensive_outpatient",
        "focus": "mental_health", "admission_type": "elective", "admission_source": "referral",
        "attending_id": CLINICIAN, "planned_days": 3, "planned_minutes": 540,
    })  # fmt: skip


def _session(session: int, patients: int) -> dict[str, Any]:
    numbers = range(session * ROSTER, min(patients, (session + 1) * ROSTER))
    expected = [
        {"patient_id": an_id("patient", one), "enrollment_id": an_id("enrollment", one),
         "attendance_id": an_id("attendance", one)} for one in numbers
    ]  # fmt: skip
    return {
        "session_id": an_id("session", session), "program_id": PROGRAM, "service_kind": "group",
        "level_of_care": "intensive_outpatient", "topic": "coping-skills",
        "service_date": TODAY.isoformat(), "starts_at": STARTS, "ends_at": ENDS, "place_of_service": "53",
        "facilitators": [CLINICIAN], "expected": expected,
    }  # fmt: skip


def _order(name: str, role: str, data: dict[str, Any]) -> Order:
    key = f"{name}:{next(iter(data.values()))}"
    command = COMMANDS[name](**data)
    return Order(command, DESK, role, None, key, digest_of(name, data))  # type: ignore[arg-type] # a Role


def requests(calls: Sequence[Call], tokens: dict[str, str]) -> list[bytes]:
    """The calls as they go over the wire."""
    return [_request(call, tokens[call.role]) for call in calls]


def _request(call: Call, token: str) -> bytes:
    body = json.dumps(call.body).encode()
    head = (
        f"POST /v1{call.path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n"
        f"Idempotency-Key: {call.key}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
