"""What changes the past changes the same rows live as in a rebuild; and whatever crashes, nothing is lost."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from aggregates.codec import decode
from aggregates.enrollment.facts import LevelOfCareChanged
from aggregates.payer_policy.facts import PolicyRevised
from aggregates.session.facts import HeadCountChanged
from iop_es.engine.connections import Pool, open_pool
from iop_es.engine.log import Log
from iop_es.engine.readmodel.driver import Driver
from projections.billing import MODEL
from tests.conftest import SCHEMA
from tests.projections.billing.clinic import Clinic, a_clinic, an_id
from tests.projections.billing.stories import DAYS, a_season, pasts
from tests.projections.billing.terms import DEFAULT_TERMS, terms
from tests.projections.story import Story, folded, project, rebuild, tables

PARTIAL = "partial_hospitalization"
TWELVE = tuple(range(1, 13))


def a_group(**changes: Any) -> Clinic:
    """Twelve patients, two weeks of sessions, everything documented."""
    clinic = Clinic()
    clinic.open()
    clinic.license()
    clinic.publish(**changes)
    for number in TWELVE:
        clinic.patient(number)
    for day in DAYS[:4]:
        clinic.documented(day, "09:00-12:00", TWELVE)
    return clinic


def live_and_rebuilt(clinic: Clinic, late: int, log: Log, projector: Pool) -> dict[str, list[tuple[Any, ...]]]:
    """Everything before `late` at once, then fact by fact; the same from nothing. Answers the rows."""
    story = clinic.story
    Story(now=story.now, facts=story.facts[:late]).append(log)
    project(MODEL, log, projector)
    before = len(story.facts)
    for position in range(late + 1, before + 1):
        Story(now=story.now, facts=story.facts[:position]).append(log, position)
        driver = project(MODEL, log, projector, 1)
    live = tables(driver, projector)
    rebuild(MODEL, log, projector, 40)
    assert tables(driver, projector) == live
    delta = folded(MODEL, story.recorded(MODEL))
    assert dict(live["document"]) == delta.documents
    return live


def worth(rows: dict[str, list[tuple[Any, ...]]]) -> list[tuple[str, str, str, int | None]]:
    """Patient, day, state and what the payer is expected to allow."""
    names = next(table for table in MODEL.tables if table.name == "patient_day").columns
    places = [names.index(name) for name in ("patient_id", "service_date", "state", "expected_cents")]
    found = [tuple(row[place] for place in places) for row in rows["patient_day"]]
    return sorted((str(patient), str(day), state, cents) for patient, day, state, cents in found)


def test_new_terms_for_days_long_past_decide_them_anew(log: Log, projector: Pool) -> None:
    """A policy revised with effect from last week changes every day since then, live as in a rebuild."""
    clinic = a_group()
    late = len(clinic.story.facts)
    dearer = [one | {"rate_cents": 25_000} for one in DEFAULT_TERMS["per_diems"]]
    revised = PolicyRevised(effective_from="2026-03-05", terms=terms(per_diems=tuple(dearer)), cause="contract")
    clinic.story.tell(an_id("policy"), revised)
    days = worth(live_and_rebuilt(clinic, late, log, projector))
    assert len(days) == 4 * len(TWELVE)
    assert {(day >= "2026-03-05", cents) for _, day, _, cents in days} == {(False, 20_000), (True, 25_000)}


def test_a_late_head_count_reaches_the_whole_group(log: Log, projector: Pool) -> None:
    """One patient's attendance is corrected: for the others the count of heads changes, and with it every one's day."""
    clinic = a_group(group_maximum=11, group_consequence="hold")
    late = len(clinic.story.facts)
    before = {(patient, day): state for patient, day, state, _ in worth(_rows(clinic))}
    clinic.correct(DAYS[1], 2, "", 12, heads=11)
    others = tuple(
        (an_id("patient", number), an_id("attendance", 2_000 + number)) for number in TWELVE if number != 12
    )
    changed = HeadCountChanged(service_date=DAYS[1], head_count=11, peak_count=11)
    clinic.story.tell(an_id("session", 2), changed, patients=others)
    after = {(patient, day): state for patient, day, state, _ in worth(live_and_rebuilt(clinic, late, log, projector))}
    assert set(before.values()) == {"held"}
    for number in TWELVE:
        expected = "not_billable" if number == 12 else "billable"
        assert after[an_id("patient", number), DAYS[1]] == expected
        assert after[an_id("patient", number), DAYS[0]] == "held"


@pytest.mark.parametrize(("taken_back", "days"), [(False, ["2026-03-04"]), (True, [])])
def test_partial_hospitalization_told_late_reaches_the_week_after_it(
    log: Log, projector: Pool, taken_back: bool, days: list[str]
) -> None:
    """A day of it that nobody had told warns the days of the next week; taken back, it warns no more."""
    clinic = a_clinic(partial_hospitalization_look_back_days=7)
    steps: Any = (("2026-02-23", "intensive_outpatient", PARTIAL), ("2026-02-26", PARTIAL, "intensive_outpatient"))
    for on, before, after in steps:
        clinic.in_care(LevelOfCareChanged(effective_on=on, from_level=before, to_level=after, cause="acuity"))
    for day in ("2026-02-20", "2026-03-04", "2026-03-06", "2026-03-18"):
        clinic.documented(day, "09:00-12:00")
    late = len(clinic.story.facts)
    number = clinic.documented("2026-02-25", "09:00-12:00")
    if taken_back:
        clinic.correct("2026-02-25", number, "")
    assert warned(live_and_rebuilt(clinic, late, log, projector)) == days


def warned(rows: dict[str, list[tuple[Any, ...]]]) -> list[str]:
    """The days that say that partial hospitalization came shortly before."""
    names = next(table for table in MODEL.tables if table.name == "patient_day").columns
    reasons, day = names.index("reasons"), names.index("service_date")
    return sorted(str(row[day]) for row in rows["patient_day"] if "partial_hospitalization_before" in row[reasons])


def _rows(clinic: Clinic) -> dict[str, list[tuple[Any, ...]]]:
    delta = folded(MODEL, clinic.story.recorded(MODEL))
    return {name: [row for rows in scopes.values() for row in rows] for name, scopes in delta.rows.items()}


class Crash(Exception):
    """What no part of the engine knows."""


def crash_and_go_on(clinic: Clinic, url: str, random: Random) -> None:
    """The story comes in random parts; drivers take turns and crash wherever they may; live = memory = rebuild."""

    def pause(_name: str) -> None:
        if random.random() < 0.2:
            raise Crash

    with open_pool(url, SCHEMA, "iop_api", 2) as pool, open_pool(url, SCHEMA, "iop_projector", 4) as projector:
        log, story, told = Log(pool, SCHEMA), clinic.story, 0
        drivers = [Driver(MODEL, log, projector, decode, lease_seconds=0.0, pause=pause) for _ in range(3)]
        drivers[0].prepare()
        while told < len(story.facts):
            upto = min(told + random.randint(1, 25), len(story.facts))
            Story(now=story.now, facts=story.facts[:upto]).append(log, told + 1)
            told = upto
            for _ in range(random.randint(0, 4)):
                with suppress(Crash):
                    random.choice(drivers).step(random.randint(1, 12))
        driver = project(MODEL, log, projector, 7)
        live = tables(driver, projector)
        assert dict(live["document"]) == folded(MODEL, story.recorded(MODEL)).documents
        rebuild(MODEL, log, projector, random.randint(1, 60))
        assert tables(driver, projector) == live
        assert live["document"]


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_a_season_with_crashes_is_a_season(store_url: str, seed: int) -> None:
    """Two weeks of three patients survive drivers that crash at every failpoint."""
    crash_and_go_on(a_season(), store_url, Random(seed))


@pytest.mark.slow
@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.reuse, Phase.generate])
@given(clinic=pasts(), seed=st.integers(0, 1_000))
def test_any_past_with_crashes_is_that_past(
    new_database: Callable[[str | None], str], simulation_template: str, clinic: Clinic, seed: int
) -> None:
    """The same for whatever may happen to two patients, by the story's own clock: a plan tells when it was recorded."""
    crash_and_go_on(clinic, new_database(simulation_template), Random(seed))
