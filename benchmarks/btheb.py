"""The Beat the Blues trial as commands: 100 real patients' BDI-II scores at admission and 2, 3, 5 and 8 months.

    python benchmarks/btheb.py [--arms] btheb.csv > btheb.jsonl
    iop-es load btheb.jsonl

The scores, and which of them are missing, are the trial's (R package HSAUR3, GPL-2: the file is not kept here); its
arm shows as the source of the referral, or with --arms as a program of its own; then stays end too, completed for who
was measured at 8 months, else dropped out on the day of the last measure. Names, birth dates, days and the program are
invented, because commands ask for them. Every id is made from its place in the file, so that loading twice changes
nothing.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

NAMESPACE = UUID("0b7e4d0a-5f43-5c0c-9a6e-8f1d2b3c4e5a")
MONTHS = {"bdi.pre": 0, "bdi.2m": 2, "bdi.3m": 3, "bdi.5m": 5, "bdi.8m": 8}
ADMITTED_ON = date(2025, 1, 6)
MISSING = "NA"

Row = dict[str, str]
Command = dict[str, Any]


def an_id(*parts: object) -> str:
    """The id of a thing of the trial, the same in every run."""
    return str(uuid5(NAMESPACE, "/".join(map(str, parts))))


PROGRAM = an_id("program")
ARMS = {arm: an_id("program", arm) for arm in ("BtheB", "TAU")}
STAFF = an_id("staff")


def read(path: Path) -> list[Row]:
    """The rows of the trial's file. Raises ValueError if it does not have its columns."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    missing = sorted({"treatment", *MONTHS} - set(rows[0] if rows else ()))
    if missing:
        raise ValueError(f"{path.name} is not the Beat the Blues file: it lacks the columns {', '.join(missing)}.")
    return rows


def day(months: int) -> str:
    """The same day of the month, so many months after the admission."""
    year, month = divmod(ADMITTED_ON.month - 1 + months, 12)
    return ADMITTED_ON.replace(year=ADMITTED_ON.year + year, month=month + 1).isoformat()


def last_month(row: Row) -> int:
    """Months from the admission to a patient's last measure."""
    return max(months for column, months in MONTHS.items() if row[column] != MISSING)


def commands(rows: Iterable[Row], arms: bool = False) -> Iterator[Command]:
    """All commands in order of time, one dict a line; also with each arm as a program of its own."""
    numbered = list(enumerate(rows, 1))
    programs = {arm: program_id if arms else PROGRAM for arm, program_id in ARMS.items()}
    for number, program_id in enumerate(dict.fromkeys(programs.values())):
        yield _line("program.open", "director", 12, day(0), {
            "program_id": program_id, "code": f"btheb-{number}" if arms else "btheb", "name": "Beat the Blues",
            "level_of_care": "intensive_outpatient", "focus": "mental_health", "population": "adult",
            "time_zone": "Europe/London", "opened_on": day(0),
        })
    for number, row in numbered:
        yield from _admission(number, row, programs[row["treatment"]])
    for column, months in MONTHS.items():
        for number, row in numbered:
            if row[column] != MISSING:
                yield _measure(number, months, int(row[column]), programs[row["treatment"]])
        for number, row in numbered if arms else ():
            if last_month(row) == months:
                yield _end(number, months)


def _admission(number: int, row: Row, program_id: str) -> Iterator[Command]:
    patient_id, enrollment_id = an_id("patient", number), an_id("enrollment", number)
    identity = {"family_name": f"Patient {number}", "given_name": "Trial", "birth_date": "1960-01-01", "sex": "unknown"}
    yield _line("patient.register", "front_desk", 13, day(0), {"patient_id": patient_id, "identity": identity})
    yield _line("enrollment.refer", "front_desk", 13, day(0), {
        "enrollment_id": enrollment_id, "patient_id": patient_id, "program_id": program_id, "referred_on": day(0),
        "source": f"trial-{row['treatment'].lower()}",
    })
    yield _line("enrollment.admit", "clinician", 13, day(0), {
        "enrollment_id": enrollment_id, "admitted_on": day(0), "level_of_care": "intensive_outpatient",
        "focus": "mental_health", "admission_type": "3", "admission_source": "1", "attending_id": STAFF,
        "planned_days": 3, "planned_minutes": 540,
    })


def _end(number: int, months: int) -> Command:
    return _line("enrollment.discharge", "clinician", 16, day(months), {
        "enrollment_id": an_id("enrollment", number), "discharged_on": day(months),
        "reason": "completed" if months == max(MONTHS.values()) else "dropped_out", "patient_status": "01",
    })


def _measure(number: int, months: int, score: int, program_id: str) -> Command:
    return _line("assessment.administer", "clinician", 15, day(months), {
        "assessment_id": an_id("assessment", number, months), "patient_id": an_id("patient", number),
        "enrollment_id": an_id("enrollment", number), "program_id": program_id, "instrument": "bdi-ii",
        "instrument_version": "1", "administered_on": day(months), "administered_at": f"{day(months)}T15:00:00.000000Z",
        "occasion": "routine" if months else "baseline", "respondent": "patient", "entered_score": score,
    })


def _line(command: str, role: str, hour: int, on: str, data: dict[str, Any]) -> Command:
    return {
        "command": command, "key": f"btheb:{command}:{next(iter(data.values()))}",
        "actor": {"id": STAFF, "role": role}, "occurred_at": f"{on}T{hour}:00:00.000000Z", "data": data,
    }


def main() -> int:
    """Writes the command file to standard output, or says what is wrong with the input and answers 1."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("file", type=Path, help="btheb.csv of the R package HSAUR3")
    parser.add_argument("--simulation", action="store_true", help="for a simulation store: recorded when it was true")
    parser.add_argument("--arms", action="store_true", help="each arm as a program of its own, with its drop-out")
    asked = parser.parse_args()
    try:
        for line in commands(read(asked.file), asked.arms):
            print(json.dumps(line | {"recorded_at": line["occurred_at"]} if asked.simulation else line))
    except (OSError, ValueError) as error:
        print(f"Cannot read the trial's file: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
