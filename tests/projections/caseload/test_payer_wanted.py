"""What the payer who pays first on a day wants of notes: one function, which costs no more than what stands in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from psycopg import Cursor

from aggregates.patient.facts import CoverageEnded
from iop_es.engine.readmodel.reading import set_scope
from projections.caseload.statements import STATEMENTS
from projections.caseload.statements import ask as asked
from tests.projections.caseload.clinic import NOON, Clinic
from tests.projections.caseload.test_documentation import PROGRAMS, insured, paying
from tests.projections.story import an_id

Ask = Callable[[Clinic], Cursor[Any]]
PATIENT = an_id("patient")
GIVEN: dict[str, dict[str, Any]] = {
    "wanted": {"patients": [PATIENT], "days": ["2026-03-16"]},
    "documents": {"programs": PROGRAMS, "now": NOON, "person": None, "after": None, "limit": 100},
}


def two_payers() -> Clinic:
    """The first pays until 15 March, from when on the second comes first; a third pays from 1 April, also after it."""
    clinic = Clinic().opens().takes_in(1)
    for payer, hours in ((1, 24), (2, 48), (3, 72)):
        paying(clinic, payer, signature_hours=hours)
    insured(insured(insured(clinic, 1, 2, rank=2), 1, 1), 1, 3, since="2026-04-01")
    ended = CoverageEnded(coverage_id=an_id("coverage", 11), ended_on="2026-03-15", cause="job")
    return clinic.says("patient", 1, ended)


def hours(cursor: Cursor[Any], *days: str) -> list[int]:
    """The window of the payer who pays first, on each day of which there is one."""
    found = asked(cursor, "wanted", patients=[PATIENT] * len(days), days=list(days))
    return [row["signature_hours"] for row in sorted(found, key=lambda row: row["day"])]


def test_who_pays_first_on_the_day_says_what_is_wanted(ask: Ask) -> None:
    """By rank among the coverages of the day, its first and its last day among them; on a day without one, nobody."""
    cursor = ask(two_payers())
    assert hours(cursor, "2026-03-15", "2026-03-16", "2026-03-31", "2026-04-01") == [24, 48, 48, 72]
    assert hours(cursor, "2025-12-31") == []


@pytest.mark.parametrize("name", GIVEN)
def test_the_function_stands_in_the_plan_of_whoever_calls_it(ask: Ask, name: str) -> None:
    """Never as a call of its own, row by row: coverage and terms are looked up by index, as if written there."""
    cursor = ask(two_payers())
    cursor.execute("SET LOCAL enable_seqscan = off")
    plan = "\n".join(line for (line,) in cursor.execute(b"EXPLAIN " + STATEMENTS[name], GIVEN[name]))
    assert "payer_wanted_on" in STATEMENTS[name].decode()
    assert "payer_wanted_on" not in plan
    assert "coverage_pkey" in plan
    assert "payer_wanted_payer" in plan


def test_row_level_security_stands_in_it(ask: Ask) -> None:
    """Within the patient's program it answers, within another it does not."""
    cursor = ask(two_payers())
    cursor.execute("SET LOCAL ROLE iop_query")
    for programs, found in ((PROGRAMS, [48]), ([an_id("program", 2)], [])):
        set_scope(cursor, programs=",".join(programs), person=an_id("clinician"), unreferred="off")
        assert hours(cursor, "2026-03-16") == found
