"""What another way of deciding changes is told in days and dollars, before anybody relies on it."""

from __future__ import annotations

from psycopg import sql

from aggregates.codec import decode
from iop_es.engine.connections import Pool, transaction
from iop_es.engine.log import Log
from iop_es.engine.readmodel.model import Rows
from iop_es.engine.readmodel.rebuild import Build
from projections.billing import MODEL
from projections.billing.changes import ChangedDay, changed_days
from projections.billing.documents import Patient
from projections.billing.model import Billing
from projections.billing.references import Reference
from projections.billing.rows import PATIENT_DAY
from tests.projections.billing.stories import a_season
from tests.projections.story import project

_COUNT = sql.SQL("SELECT count(*) FROM {}")
IN_USE = f"iop_billing_{MODEL.version}"
CENTS, DATE, STATE = (PATIENT_DAY.columns.index(name) for name in ("cents", "service_date", "state"))


class Dearer(Billing):
    """The next version: every day with a known worth is worth a dollar more, and one day is no longer there."""

    version = MODEL.version + 1

    def settle(self, key: str, document: Patient, reference: Reference) -> Rows:
        rows = Billing.settle(self, key, document, reference)
        for scope, days in rows["patient_day"].items():
            rows["patient_day"][scope] = [_dearer(day) for day in days if day[DATE] != "2026-03-03"]
        return rows


def _dearer(day: tuple[object, ...]) -> tuple[object, ...]:
    cents = day[CENTS]
    return (*day[:CENTS], cents + 100 if isinstance(cents, int) else cents, *day[CENTS + 1 :])


def changed(log: Log, projector: Pool, model: Billing) -> tuple[list[ChangedDay], int]:
    """The days that a build of this model decides otherwise than the one in use, and how many days there are."""
    a_season().story.append(log)
    project(MODEL, log, projector)
    build = Build(model, Log(projector, log.schema), projector, decode)
    schema = build.open()
    build.work(schema)
    build.complete(schema)
    with transaction(projector) as cursor:
        count = cursor.execute(_COUNT.format(sql.Identifier(IN_USE, "patient_day"))).fetchall()[0][0]
        return changed_days(cursor, IN_USE, schema), count


def test_each_changed_day_is_told_with_its_money(log: Log, projector: Pool) -> None:
    """A billable or held day counts its worth, a billed one its charge, one that is not billable nothing, a day that is
    gone what it counted for."""
    days, _ = changed(log, projector, Dearer())
    assert {day.new_state is None for day in days} == {True, False}
    for day in days:
        if day.service_date == "2026-03-03":
            assert (day.new_state, day.new_cents, day.difference_cents) == (None, None, -(day.old_cents or 0))
        else:
            assert day.old_state not in {"billed", "not_billable"}
            assert (day.old_state, day.difference_cents) == (day.new_state, 100)


def test_the_same_rules_change_no_day(log: Log, projector: Pool) -> None:
    """A build by the same rules decides every day as before."""
    days, count = changed(log, projector, MODEL)
    assert (days, count) == ([], 14)
