"""The simulated clinic: what is there when it opens, and what its people may want to do."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from aggregates.kit import COMMANDS
from api.commands.order import Order, digest_of

PATIENTS = 6
DAY, BEFORE = "2026-03-02", "2026-02-20"
STARTS, ENDS, ARRIVES = (f"{DAY}T{clock}:00.000000Z" for clock in ("13:00", "15:59", "13:05"))
CAUSE = "misspelled"


def an_id(*parts: object) -> str:
    """The id of a thing, the same in every run."""
    return str(uuid5(NAMESPACE_URL, ":".join(map(str, ("simulation", *parts)))))


PROGRAM, CLINICIAN, DESK, SESSION = an_id("program"), an_id("clinician"), an_id("desk"), an_id("session")


@dataclass(slots=True)
class Wish:
    """One command that somebody wants done: under its key, on the version that was read."""

    name: str
    role: str
    data: dict[str, Any]
    key: str
    expected: int | None = None
    meant: str = ""

    def order(self, programs: frozenset[str] | None = frozenset({PROGRAM})) -> Order:
        """As the API would make it, anew each time that it is sent."""
        digest = digest_of(self.name, self.data | {"expected": None})
        return Order(
            COMMANDS[self.name](**self.data), DESK, self.role, programs, self.key, digest,  # type: ignore[arg-type]
            expected=self.expected, kept=True,
        )  # fmt: skip


def opening() -> Iterator[Wish]:
    """Everything that is there before the first morning."""
    yield _first("program.open", "director", {
        "program_id": PROGRAM, "code": "iop", "name": "Evening program", "level_of_care": "intensive_outpatient",
        "focus": "mental_health", "population": "adult", "time_zone": "UTC", "opened_on": "2020-01-01",
    })  # fmt: skip
    yield _first("clinician.join", "director", {
        "clinician_id": CLINICIAN, "programs": [PROGRAM], "discipline": "LCSW", "associate": False,
        "joined_on": "2020-01-01", "family_name": "Hale", "given_name": "Miriam",
    })  # fmt: skip
    for number in range(PATIENTS):
        patient, enrollment = an_id("patient", number), an_id("enrollment", number)
        yield _first("patient.register", "front_desk", {"patient_id": patient, "identity": identity(f"Ash{number}")})
        yield _first("enrollment.refer", "front_desk", {
            "enrollment_id": enrollment, "patient_id": patient, "program_id": PROGRAM, "referred_on": BEFORE,
            "source": "hospital",
        })  # fmt: skip
        yield _first("enrollment.admit", "clinician", {
            "enrollment_id": enrollment, "admitted_on": BEFORE, "level_of_care": "intensive_outpatient",
            "focus": "mental_health", "admission_type": "elective", "admission_source": "referral",
            "attending_id": CLINICIAN, "planned_days": 3, "planned_minutes": 540,
        })  # fmt: skip
    yield _first("session.schedule", "front_desk", {
        "session_id": SESSION, "program_id": PROGRAM, "service_kind": "group",
        "level_of_care": "intensive_outpatient", "topic": "coping-skills", "service_date": DAY, "starts_at": STARTS,
        "ends_at": ENDS, "place_of_service": "53", "facilitators": [CLINICIAN],
        "expected": [_expected(number) for number in range(PATIENTS)],
    })  # fmt: skip


def identity(family_name: str, record: str | None = None) -> dict[str, Any]:
    """Who somebody is."""
    found = {"family_name": family_name, "given_name": "Eve", "birth_date": "1992-02-02", "sex": "female"}
    return found if record is None else found | {"medical_record_number": record}


def wish(chance: random.Random, key: str, known: dict[str, int]) -> Wish:
    """What somebody wants next; `known` are the versions that this one has read."""
    number, patient = chance.randrange(PATIENTS), an_id("patient", chance.randrange(PATIENTS))
    match chance.choice(("register", "correct", "correct", "arrive", "draft", "revise")):
        case "correct":
            data = {"patient_id": patient, "identity": identity(key), "cause": CAUSE}
            return Wish("patient.correct_demographics", "front_desk", data, key, known.get(patient), key)
        case "arrive":
            one = _expected(number)
            data = {"session_id": SESSION, "patient_id": one["patient_id"], "attendance_id": one["attendance_id"],
                    "arrived_at": ARRIVES}  # fmt: skip
            return Wish("session.check_in", "front_desk", data, key)
        case "draft":
            return Wish("note.draft", "clinician", _draft(an_id("note", key), number, key), key, meant=key)
        case "revise" if notes := [one for one in known if one not in PEOPLE]:
            note = chance.choice(sorted(notes))
            data = {"note_id": note, "content": _content(key)}
            return Wish("note.revise", "clinician", data, key, known[note], key)
        case _:
            # One number for three: who comes second is refused, whoever that is.
            record = f"MRN-{chance.randrange(40)}"
            data = {"patient_id": an_id("patient", key), "identity": identity(key, record)}
            return Wish("patient.register", "front_desk", data, key, meant=key)


PEOPLE = {an_id("patient", number) for number in range(PATIENTS)}


def _first(name: str, role: str, data: dict[str, Any]) -> Wish:
    return Wish(name, role, data, f"{name}:{next(iter(data.values()))}")


def _expected(number: int) -> dict[str, str]:
    kinds = ("patient", "enrollment", "attendance")
    return {f"{kind}_id": an_id(kind, number) for kind in kinds}


def _draft(note: str, number: int, words: str) -> dict[str, Any]:
    return {
        "note_id": note, "kind": "individual", "program_id": PROGRAM, "author_id": CLINICIAN,
        "service_date": "2026-03-01", "service_ended_at": "2026-03-01T15:00:00.000000Z",
        "patient_id": an_id("patient", number), "enrollment_id": an_id("enrollment", number),
        "service_kind": "individual", "content": _content(words),
    }  # fmt: skip


def _content(words: str) -> dict[str, Any]:
    return {"sections": [{"name": "data", "words": f"In other words: {words}."}]}
