"""A patient who is parked has every day held without an amount; nobody else notices, and a retry decides all anew."""

from __future__ import annotations

from typing import Any

import pytest

from aggregates.codec import decode
from aggregates.payer_policy.facts import PolicyRevised
from iop_es.engine.connections import Pool
from iop_es.engine.log import Log
from iop_es.engine.readmodel.asof import as_of
from iop_es.engine.readmodel.driver import Driver
from iop_es.engine.readmodel.failure import FoldFailed
from iop_es.engine.readmodel.parking import retry
from iop_es.engine.readmodel.rebuild import Build
from projections.billing import MODEL, queries
from tests.projections.billing.clinic import Clinic, an_id
from tests.projections.billing.stories import DAYS, a_season
from tests.projections.billing.terms import terms
from tests.projections.broken import SECRET, broken, mended
from tests.projections.story import asking, project, tables

NOW = "2026-03-20T12:00:00.000000Z"
ALL = (1, 2, 3)


def parked(projector: Pool) -> dict[str, int]:
    """Who is parked in the schema in use."""
    with projector.connection() as connection:
        return dict(connection.execute(
            "SELECT p.id, p.position FROM parked p JOIN read_model m USING (schema) WHERE m.active"
            " AND p.kind = 'patient'"
        ).fetchall())  # fmt: skip


def shows(driver: Driver, projector: Pool, number: int) -> dict[str, Any]:
    """What the lists answer of one patient."""
    given: dict[str, Any] = {"programs": [an_id("program")], "now": NOW, "patient_id": an_id("patient", number)}
    with asking(driver, projector) as cursor:
        return {
            "days": queries.days(cursor, **given), "claims": queries.claims(cursor, **given),
            "authorizations": queries.authorizations(cursor, **given),
        }


def made(log: Log, number: int) -> dict[str, Any]:
    """The same out of the patient's own history in memory, where nothing is broken."""
    patient, programs = an_id("patient", number), [an_id("program")]
    delta = as_of(MODEL, log, mended, patient, None)
    return {
        "days": queries.from_rows(delta, patient_id=patient, programs=programs, now=NOW),
        "claims": queries.claims_from_rows(delta, patient_id=patient, programs=programs),
        "authorizations": queries.authorizations_from_rows(delta, patient_id=patient, programs=programs),
    }


def rebuilt(log: Log, projector: Pool, share: int = 20_000, **more: Any) -> None:
    """A build from nothing that ends in use."""
    build = Build(MODEL, Log(projector, log.schema), projector, more.pop("decode", decode), **more)
    schema = build.open(share)
    build.work(schema)
    build.complete(schema)
    build.switch(schema)


def a_correction(clinic: Clinic) -> int:
    """Something about patient 1 alone."""
    return broken(clinic.story, clinic.correct(DAYS[3], 3, "09:00-11:00", 1))


def a_session(clinic: Clinic) -> int:
    """The end of a session of patients 2 and 3."""
    clinic.documented("2026-03-16", "09:00-12:00", (2, 3))
    names = [fact.name for fact in clinic.story.facts]
    return broken(clinic.story, len(names) - names[::-1].index("session.closed"))


def a_policy(clinic: Clinic) -> int:
    """New terms of payer 1, who pays for everybody but patient 4."""
    clinic.publish(2)
    clinic.patient(4, payer=2)
    clinic.documented("2026-03-16", "09:00-12:00", (4,))
    revised = PolicyRevised(effective_from="2026-03-01", terms=terms(), cause="contract")
    return broken(clinic.story, clinic.story.tell(an_id("policy"), revised))


def a_clinician(clinic: Clinic) -> int:
    """The license of clinician 2, whose signature is under no note."""
    clinic.license(2)
    return broken(clinic.story, clinic.lapse("2026-03-15", 2))


@pytest.mark.parametrize(
    ("breaks", "concerned"),
    [(a_correction, {1}), (a_session, {2, 3}), (a_policy, {1, 2, 3}), (a_clinician, set())],
)
def test_whom_a_fact_concerns_is_held_and_nobody_else(
    log: Log, projector: Pool, breaks: Any, concerned: set[int]
) -> None:
    """Live and in a build that parks: their days are held for `parked` without an amount, all others are right; a
    strict build ends; a history in memory fails for them alone; a retry after the mend is a rebuild byte for byte."""
    clinic = a_season()
    before = len(clinic.story.facts)
    clinic.story.append(log)
    project(MODEL, log, projector, 9)
    position = breaks(clinic)
    clinic.story.append(log, before + 1)
    driver = project(MODEL, log, projector, 3)
    for number in ALL:
        if number in concerned:
            with pytest.raises(FoldFailed):
                as_of(MODEL, log, decode, an_id("patient", number), None)
        else:
            assert as_of(MODEL, log, decode, an_id("patient", number), None).rows == as_of(
                MODEL, log, mended, an_id("patient", number), None
            ).rows
    with pytest.raises(FoldFailed, match=f"position {position} ") as failed:
        rebuilt(log, projector)
    assert SECRET not in str(failed.value)
    for how in ("live", "built", "built in small shares"):
        if how != "live":
            rebuilt(log, projector, 20_000 if how == "built" else 30, parking=True)
        assert parked(projector) == {an_id("patient", number): position for number in concerned}, how
        for number in (*ALL, 4):
            shown = shows(driver, projector, number)
            if number not in concerned:
                assert shown == made(log, number), (how, number)
                continue
            assert len(shown["days"]) >= 3
            for day in shown["days"]:
                assert (day.state, day.reason, day.cents, day.owner) == ("held", "parked", None, "director")
                assert day.charge_cents is day.paid_cents is None
            assert shown["authorizations"]
        stopped = [row for row in tables(driver, projector)["patient_day"] if row[0] in parked(projector)]
        assert not [row for row in stopped if "billable" in row or "billed" in row]
    retry(MODEL, Log(projector, log.schema), projector, mended)
    assert not parked(projector)
    live = tables(driver, projector)
    rebuilt(log, projector, decode=mended)
    assert tables(driver, projector) == live
