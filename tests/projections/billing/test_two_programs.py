"""What program 1 is told of a patient is the same whatever program 2 recorded, as long as the day comes out the same.

Each story is told twice with other ids, hours and minutes in program 2 (`There`). Every row of program 1, in every
table of every read model, has to be the same, and rests on no fact of program 2.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from aggregates.patient.facts import ConsentRevoked
from iop_es.wiring import MODELS
from projections.billing import MODEL
from projections.billing.day import Day
from projections.billing.explain import told, trace_view
from projections.billing.queries import days_from
from tests.projections.billing.clinic import Clinic, a_clinic, an_id
from tests.projections.story import folded

BEFORE, DAY, AFTER = "2026-03-03", "2026-03-04", "2026-03-05"
NOW = "2026-03-20T12:00:00.000000Z"
PROGRAM = an_id("program")
HOUR = {"service_kind": "group", "procedure_code": "90853", "use": "short_day", "revenue_code": "0915"}


@dataclass(frozen=True)
class There:
    """How program 2 has the patient: the episode, the first session's number, and how much longer it lasts."""

    episode: int
    session: int
    end: str
    first: str = "2026-02-20"


ONE, OTHER = There(51, 500, "17:00"), There(61, 600, "18:30", "2026-02-24")
Tells = Callable[[Clinic, There], None]


def overlapping(clinic: Clinic, there: There) -> None:
    """Sessions of one time."""
    meets(clinic, there, DAY, f"11:00-{there.end}")


def overlapping_at_night(clinic: Clinic, there: There) -> None:
    """A session of the evening before that ends in this day."""
    meets(clinic, there, BEFORE, f"{there.end}-34:00")


def longer(clinic: Clinic, there: There) -> None:
    """A longer day of the same payer."""
    meets(clinic, there, DAY, f"13:00-{there.end}")


def billed(clinic: Clinic, there: There) -> None:
    """The day on a claim."""
    meets(clinic, there, DAY, "13:00-15:00")
    clinic.claim(
        there.session, [(DAY, 1)], enrollment_id=an_id("enrollment", there.episode),
        program_id=an_id("program", 2), total_cents=int(there.end[:2]),
    )


def partial_hospitalization(clinic: Clinic, there: There) -> None:
    """A day of partial hospitalization in the weeks before."""
    meets(clinic, there, there.first, f"13:00-{there.end}", level="partial_hospitalization")


def consenting(clinic: Clinic, there: There) -> None:
    """A consent that lets program 2 alone disclose."""
    clinic.consent(consent_id=an_id("consent", there.episode), programs=(an_id("program", 2),), signed_on=there.first)


def documenting(clinic: Clinic, there: There) -> None:
    """A note about the whole day, which names no episode."""
    noted = clinic.draft(
        DAY, there.end, 0, kind="daily", enrollment_id=None, program_id=an_id("program", 2),
        author_id=an_id("clinician", there.episode),
    )
    clinic.sign(noted, DAY, clinic.at(DAY, there.end, 5), signer_id=an_id("clinician", there.episode))


STORIES: dict[str, tuple[Tells, str, dict[str, Any]]] = {
    "overlapping": (overlapping, "overlap", {}),
    "overlapping at night": (overlapping_at_night, "overlap", {}),
    "longer": (longer, "second_program_same_day", {}),
    "included": (longer, "included_in_per_diem", {"services": (HOUR,), "minimum_minutes": 200}),
    "billed": (billed, "billed_by_other_program", {}),
    "partial hospitalization": (
        partial_hospitalization, "partial_hospitalization_before", {"partial_hospitalization_look_back_days": 31},
    ),
    "consenting": (consenting, "no_consent_for_disclosure", {}),
    "documenting": (documenting, "note_missing", {}),
}


def meets(clinic: Clinic, there: There, on: str, span: str, **more: Any) -> None:
    """A session of program 2."""
    clinic.sessions, own = there.session, clinic.sessions
    clinic.meet(on, span, program_number=2, episodes={1: there.episode}, **more)
    clinic.sessions = own


def a_patient_of_both(name: str, there: There) -> tuple[Clinic, set[int]]:
    """Program 1's day, after all that program 2 recorded; and the positions of the latter."""
    tells, _, terms = STORIES[name]
    substance_use = tells is consenting
    clinic = a_clinic("substance_use" if substance_use else "mental_health", authorization_required=False, **terms)
    if substance_use:
        revoked = ConsentRevoked(consent_id=an_id("consent"), revoked_at="2026-01-03T12:00:00Z")
        clinic.story.tell(an_id("patient"), revoked)
    clinic.charges["90853"] = 6_000
    clinic.open(2)
    first = len(clinic.story.facts)
    clinic.refer(program_number=2, episode=there.episode)
    level = "partial_hospitalization" if tells is partial_hospitalization else "intensive_outpatient"
    clinic.admit(on="2026-01-06", episode=there.episode, level=level)
    clinic.diagnose(there.episode)
    tells(clinic, there)
    theirs = set(range(first + 1, len(clinic.story.facts) + 1))
    if tells is documenting:
        clinic.meet(DAY, "09:00-12:00")
    else:
        clinic.documented(DAY, "09:00-12:00")
    return clinic, theirs


def own_rows(clinic: Clinic) -> Iterator[tuple[str, dict[str, Any]]]:
    """What every read model keeps of program 1, which is what its readers may read."""
    for model in MODELS.values():
        delta = folded(model, clinic.story.recorded(model))
        for table in model.tables:
            if "program_id" in table.columns:
                for rows in delta.rows.get(table.name, {}).values():
                    found = (dict(zip(table.columns, row, strict=True)) for row in rows)
                    yield from ((f"{model.name}.{table.name}", row) for row in found if row["program_id"] == PROGRAM)


def own_day(clinic: Clinic) -> Day:
    """Program 1's day."""
    delta = folded(MODEL, clinic.story.recorded(MODEL))
    (day,) = [one for one in days_from(delta, an_id("patient")) if one.program_id == PROGRAM]
    return day


@pytest.mark.parametrize("name", STORIES)
def test_a_day_tells_nothing_of_another_programs_record(name: str) -> None:
    """Neither a number, an id, a time nor a position: only that another service of the organization counts."""
    (clinic, theirs), (otherwise, _) = (a_patient_of_both(name, there) for there in (ONE, OTHER))
    day = own_day(clinic)
    assert STORIES[name][1] in day.reasons
    rows = list(own_rows(clinic))
    assert rows == list(own_rows(otherwise))
    assert {table.partition(".")[0] for table, _ in rows} >= {"billing", "caseload", "outcomes"}
    assert theirs.isdisjoint(day.positions)
    assert not [table for table, row in rows if theirs & {row.get("position"), *row.get("positions", ())}]
    shown = json.dumps(trace_view(day, NOW).model_dump()) + "\n".join(told(day, NOW))
    assert an_id("program", 2) not in shown
    assert an_id("enrollment", ONE.episode) not in shown
    assert "?" not in "".join(told(day, NOW))
