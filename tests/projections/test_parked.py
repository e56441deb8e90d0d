"""Facts of any kind break in the shipped read models: who is not parked is right, and after the mend everybody is."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from aggregates.codec import decode
from iop_es.engine.connections import Pool
from iop_es.engine.log import Log
from iop_es.engine.readmodel.driver import Driver
from iop_es.engine.readmodel.parking import retry
from iop_es.engine.readmodel.rebuild import Build
from projections import audit, billing, caseload, outcomes
from tests.projections.billing.stories import a_season
from tests.projections.broken import broken, mended
from tests.projections.caseload.whole import whole_story
from tests.projections.outcomes.test_queries import past
from tests.projections.story import Story, an_id, project, tables

PATIENTS = {an_id("patient", number) for number in range(1, 6)}


def parked(pool: Pool) -> set[str]:
    """Who is parked in the schema in use."""
    with pool.connection() as connection:
        query = "SELECT p.id FROM parked p JOIN read_model m USING (schema) WHERE m.active AND p.kind = 'patient'"
        return {one for (one,) in connection.execute(query)}


def rows(driver: Driver, pool: Pool, gone: set[str]) -> dict[str, Any]:
    """Rows that name a patient, and nobody who is parked."""
    found = {}
    for name, made in tables(driver, pool).items():
        texts = [tuple(map(str, row)) for row in made]
        found[name] = [row for row in texts if set(row) & PATIENTS and not set(row) & gone]
    return found


def rebuilt(model: Any, log: Log, pool: Pool, decoding: Any, share: int, *, parking: bool = False) -> None:
    """A build from nothing that ends in use."""
    build = Build(model, Log(pool, log.schema), pool, decoding, parking=parking)
    schema = build.open(share)
    build.work(schema)
    build.complete(schema)
    build.switch(schema)


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize(
    ("model", "tell"),
    [
        (billing.MODEL, lambda: a_season().story), (outcomes.MODEL, past), (caseload.MODEL, whole_story),
        (audit.MODEL, whole_story),
    ],
    ids=["billing", "outcomes", "caseload", "audit"],
)  # fmt: skip
def test_broken_facts_are_parked_and_mended(
    log: Log, projector: Pool, model: Any, tell: Callable[[], Story], seed: int
) -> None:
    """Random facts cannot be read: live, tried again in vain and built with parking, whoever flows has the same rows;
    mended, everything is what a rebuild makes, byte for byte."""
    random, story = Random(seed), tell()
    handled = [told.position for told in story.facts if told.name in model.handles and told.patients]
    for position in random.sample(handled, 2):
        broken(story, position)
    story.append(log)
    driver = project(model, log, projector, random.randint(1, 20))
    gone = parked(projector)
    assert gone
    live = rows(driver, projector, gone)
    assert retry(model, Log(projector, log.schema), projector, decode).failures
    assert parked(projector) == gone
    assert rows(driver, projector, gone) == live
    rebuilt(model, log, projector, decode, random.randint(5, 60), parking=True)
    assert parked(projector) == gone
    assert rows(driver, projector, gone) == live
    freed = retry(model, Log(projector, log.schema), projector, mended)
    assert freed == (len(gone), ())
    assert not parked(projector)
    right = tables(driver, projector)
    rebuilt(model, log, projector, mended, 20_000)
    assert tables(driver, projector) == right
