"""What a patient's history in memory says as of any moment is what the live rows said then."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from psycopg import sql

from aggregates.codec import decode
from iop_es.engine.connections import Pool, transaction
from iop_es.engine.log import Log
from iop_es.engine.readmodel.asof import References, as_of
from iop_es.engine.readmodel.driver import Driver
from iop_es.engine.readmodel.model import Delta
from iop_es.engine.readmodel.place import Place
from projections import billing, caseload, outcomes
from tests.projections.billing.stories import a_season
from tests.projections.caseload.whole import whole_story
from tests.projections.outcomes.test_queries import past
from tests.projections.story import Story, an_id

MOMENTS, SEED, GROUP = 12, 20_260_302, 3
OTHERS_FACTS = {"attendance", "place"}
"""Part of these is told to others; the caseload's own tests say which part is in one patient's history."""

Rows = dict[str, list[tuple[Any, ...]]]


class Past:
    """A story in a log, in small appends, with live rows captured at random moments."""

    def __init__(self, model: Any, story: Story, log: Log, pool: Pool) -> None:
        self.model, self.log, self.pool = model, log, pool
        self.tables = [one for one in model.tables if "patient_id" in one.columns and one.name not in OTHERS_FACTS]
        for first in range(0, len(story.facts), GROUP):
            Story(now=story.now, facts=story.facts[: first + GROUP]).append(log, first + 1)
        self.facts = log.after(0, 10_000)
        ends = [log.position_at(fact.recorded_at) for fact in self.facts]
        self.moments = sorted({*Random(SEED).sample(ends, MOMENTS), len(self.facts)})
        driver = Driver(model, log, pool, decode)
        driver.prepare()
        self.live: dict[tuple[int, str], Rows] = {}
        for moment in self.moments:
            while (step := driver.step(4, moment)).taken:
                pass
            assert step.position == moment
            with transaction(pool) as cursor:
                driver.place.enter(cursor)
                self.live.update({(moment, one): self.rows(cursor, one) for one in PATIENTS})
        with transaction(pool) as cursor:
            (schema,) = cursor.execute("SELECT open_read_model(%s, 99)", (model.name,)).fetchall()[0]
            self.scratch = Place(model, schema)
            self.scratch.create(cursor)

    def rows(self, cursor: Any, patient: str) -> Rows:
        """Everything that the entered schema has of a patient."""
        return {
            table.name: sorted(
                cursor.execute(
                    sql.SQL("SELECT {} FROM {} WHERE patient_id::text = %s").format(
                        sql.SQL(", ").join(map(sql.Identifier, table.columns)), sql.Identifier(table.name)
                    ),
                    (patient,),
                ).fetchall(), key=repr,
            )
            for table in self.tables
        }  # fmt: skip

    def filled(self, delta: Delta, patient: str) -> Rows:
        """The rows of a delta as the database gives them back."""
        with (
            self.pool.connection() as connection, connection.transaction(force_rollback=True),
            connection.cursor() as cursor,
        ):  # fmt: skip
            self.scratch.enter(cursor)
            self.scratch.fill(cursor, delta)
            return self.rows(cursor, patient)


PATIENTS = [an_id("patient", number) for number in (1, 2, 3)]


@pytest.mark.parametrize(
    ("model", "tell"),
    [(billing.MODEL, lambda: a_season().story), (outcomes.MODEL, past), (caseload.MODEL, whole_story)],
    ids=["billing", "outcomes", "caseload"],
)
def test_as_of_any_moment_is_what_was_live_then(
    log: Log, projector: Pool, model: Any, tell: Callable[[], Story]
) -> None:
    """By position and by time, in any order, with references kept or fresh: the rows that were live then."""
    told = Past(model, tell(), log, projector)
    kept, order = References(model, log, decode), [(moment, one) for moment in told.moments for one in PATIENTS]
    Random(SEED).shuffle(order)
    compared = 0
    for moment, patient in order:
        position = log.position_at(told.facts[moment - 1].recorded_at)
        assert position == moment
        delta = as_of(model, log, decode, patient, position, kept)
        assert told.filled(delta, patient) == told.live[moment, patient], (moment, patient)
        fresh = as_of(model, log, decode, patient, position)
        assert (delta.rows, delta.documents) == (fresh.rows, fresh.documents)
        compared += sum(map(len, told.live[moment, patient].values()))
    assert compared > 50
    today = as_of(model, log, decode, PATIENTS[0], None, kept)
    assert told.filled(today, PATIENTS[0]) == told.live[len(told.facts), PATIENTS[0]]
