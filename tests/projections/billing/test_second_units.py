"""A second payer's own authorization: named and drawn where there is one, and a warning where there is none."""

from __future__ import annotations

from typing import Any

from aggregates.claim import facts as claim
from iop_es.engine.connections import Pool
from iop_es.engine.log import Log
from projections.billing import MODEL, queries, worklists
from projections.billing.secondary import AUTHORIZATION, CLOCK
from tests.projections.billing.clinic import an_id
from tests.projections.billing.test_secondary import NOW, PATIENT, PROGRAM, answered, bill, due
from tests.projections.story import asking, folded, project


def test_the_second_payers_own_authorization_is_named_and_drawn(log: Log, projector: Pool) -> None:
    """Three units, the first held by another claim: two are drawn, in the order of the days, and the ledger says so."""
    clinic = answered()
    clinic.request(payer=2, number=2, units=3)
    clinic.approve(number=2, units=3)
    clinic.claim(9, [("2026-02-02", 1)], payer_id=an_id("payer", 2), policy_id=an_id("policy", 2),
                 lines=_drawing(an_id("authorization", 2), "2026-02-02", 1), total_cents=20_000)  # fmt: skip
    command = bill(clinic)
    assert [(one.authorization_id, one.authorization_units) for one in command.lines] == [
        (an_id("authorization", 2), (2,)), (an_id("authorization", 2), (3,))
    ]
    assert [one.warning for one in due(clinic)] == [None]
    clinic.story.append(log)
    with asking(project(MODEL, log, projector), projector) as cursor:
        ledger = queries.authorizations(cursor, programs=[PROGRAM], now=NOW)
    assert [(one.drawn, one.reserved, one.remaining) for one in ledger if one.payer_id == an_id("payer", 2)] == [
        (3, 0, 0)
    ]


def _drawing(authorization_id: str, day: str, unit: int) -> tuple[claim.ClaimLine, ...]:
    return (claim.ClaimLine(
        line=1, service_date=day, level_of_care="intensive_outpatient", revenue_code="0905", procedure_code="S9480",
        units=1, charge_cents=20_000, authorization_id=authorization_id, authorization_units=(unit,),
    ),)  # fmt: skip


def test_a_day_of_its_own_comes_before_what_another_payer_left() -> None:
    """The payer is the first one of a later day, which reserves unit 1 of three; the secondary claim draws the rest."""
    clinic = answered()
    clinic.end_coverage("2026-03-06")
    clinic.cover(payer=2, effective_from="2026-03-07", coverage_id=an_id("coverage", 200))
    clinic.request(payer=2, number=2, units=3)
    clinic.approve(number=2, units=3)
    clinic.documented("2026-03-09", "09:00-12:00")
    [day] = [
        one for one in queries.days_from(folded(MODEL, clinic.story.recorded(MODEL)), PATIENT)
        if one.service_date == "2026-03-09"
    ]
    assert (day.state, day.authorization_units) == ("billable", [1])
    assert [line.authorization_units for line in bill(clinic).lines] == [(2,), (3,)]


def test_where_units_are_missing_nothing_waits_and_a_warning_names_the_days(log: Log, projector: Pool) -> None:
    """One unit for two days: drawn for the first, and the list warns of the other; nobody asks, nobody is warned."""
    clinic = answered()
    clinic.request(payer=2, number=2, units=1)
    clinic.approve(number=2, units=1)
    clinic.story.append(log)
    with asking(project(MODEL, log, projector), projector) as cursor:
        [one] = worklists.secondary(cursor, programs=[PROGRAM], now=NOW)
    assert (one.objection, AUTHORIZATION in one.unverified) == (None, True)
    assert one.warning is not None
    assert "none with units left covers 2026-03-04;" in one.warning
    assert [line.authorization_units for line in bill(clinic).lines] == [(1,), ()]
    [none] = due(answered(second={"authorization_required": False}))
    assert (none.warning, none.unverified) == (None, [CLOCK])


def test_an_authorization_of_another_episode_level_code_or_time_is_not_drawn() -> None:
    """Nor one that was asked for and not given."""
    others: list[tuple[dict[str, Any], dict[str, Any]]] = [
        ({"enrollment_id": an_id("enrollment", 7)}, {}), ({"level_of_care": "partial_hospitalization"}, {}),
        ({}, {"procedure_code": "H0015"}), ({}, {"valid_from": "2026-03-05"}), ({"payer_id": an_id("payer", 3)}, {}),
    ]
    for asked, given in others:
        clinic = answered()
        clinic.request(payer=2, number=2, **asked)
        clinic.approve(number=2, **given)
        assert {line.authorization_id for line in bill(clinic).lines} == {None}, (asked, given)
    clinic = answered()
    clinic.request(payer=2, number=2)
    assert {line.authorization_id for line in bill(clinic).lines} == {None}
