"""Lines of a command file for the tests: a program, patients, and episodes of theirs."""

import json
from typing import Any
from uuid import NAMESPACE_URL, uuid5

STAFF = str(uuid5(NAMESPACE_URL, "staff"))
OCCURRED_AT = "2026-03-02T14:00:00.000000Z"


def an_id(*parts: object) -> str:
    """The same id for the same parts."""
    return str(uuid5(NAMESPACE_URL, "/".join(map(str, parts))))


PROGRAM = an_id("program")


def line(command: str, data: dict[str, Any], role: str = "director", **more: Any) -> dict[str, Any]:
    """One line as JSON values."""
    actor = {"id": STAFF, "role": role}
    return {"command": command, "actor": actor, "occurred_at": OCCURRED_AT, "data": data, **more}


def program(**more: Any) -> dict[str, Any]:
    """Opens the program."""
    data = {
        "program_id": PROGRAM, "code": "north", "name": "North", "level_of_care": "intensive_outpatient",
        "focus": "mental_health", "population": "adult", "time_zone": "America/New_York", "opened_on": "2026-03-02",
    }  # fmt: skip
    return line("program.open", data, **more)


def patient(number: int, **more: Any) -> dict[str, Any]:
    """Registers a patient."""
    identity = {"family_name": f"Family{number}", "given_name": "Given", "birth_date": "1980-01-01", "sex": "unknown"}
    data = {"patient_id": an_id("patient", number), "identity": identity}
    return line("patient.register", data, "front_desk", **more)


def episode(number: int, **more: Any) -> dict[str, Any]:
    """Refers that patient to the program."""
    data = {
        "enrollment_id": an_id("episode", number), "patient_id": an_id("patient", number), "program_id": PROGRAM,
        "referred_on": "2026-03-02", "source": "hospital",
    }  # fmt: skip
    return line("enrollment.refer", data, "front_desk", **more)


def text(*lines: dict[str, Any] | str) -> bytes:
    """A file of these lines; text stands as it is."""
    return "".join(f"{one if isinstance(one, str) else json.dumps(one)}\n" for one in lines).encode()
