"""A void that its payer denies is not taken in: a person says what the payer meant, or the payer's reversal does."""

from __future__ import annotations

import pytest

from aggregates.claim import commands as ask
from iop_es.engine.connections import Pool
from iop_es.engine.log import Log
from projections.billing import MODEL, queries
from projections.billing.explain import told as explained
from tests.projections.billing.office import NOW, PROGRAMS, Office
from tests.projections.billing.test_taking_back import DAY, money, told, voided
from tests.projections.story import asking, folded, project


def denied(*, acknowledged: bool = False) -> tuple[Office, str, str]:
    """The void was sent, taken in by the clearing house or not, and answered with CLP02 4 and CARC 16."""
    office, first, void = voided()
    office.send()
    if acknowledged:
        office.accept(void)
    office.answer(void, 0, carc="16", status="4")
    assert office.refused == []
    return office, first, void


def on_the_list(office: Office) -> list[str]:
    """The voids that a person must settle, by the read model's claims."""
    facts = office.clinic.story.recorded(MODEL)
    assert folded(MODEL, facts, 1).rows["claim_status"] == folded(MODEL, facts).rows["claim_status"]
    return [one.claim_id for one in office.claims() if one.denied_on is not None]


def portal(office: Office, void: str) -> None:
    """A person read on the payer's portal that the void was taken in after all."""
    office.order(void, ask.AcknowledgeClaim(claim_id=void, acknowledged_at=NOW, source="portal", reference="r"))


def test_a_denied_void_takes_nothing_back() -> None:
    """The day, its unit and the charge stay with the earlier claim, and the day says what to do."""
    office, first, void = denied()
    assert office.seen(void).accepted is False
    assert told(office) == [(DAY, "waiting", "waiting", "correction_not_accepted")]
    assert office.days()[0].authorization_units == [1]
    assert office.prepare() == 0 and money(office) == (20_000, 20_000, 0)
    assert {one.claim_id: one.status for one in office.claims()}[first] == "voided"
    assert on_the_list(office) == [void]
    lines = explained(office.days()[0], NOW)
    assert any("the payer's answer of 2026-04-10 denies that" in line for line in lines)


def test_a_rejection_by_a_person_gives_the_day_back_to_the_earlier_claim() -> None:
    """So it can be voided again, with what was wrong mended."""
    office, first, void = denied()
    office.reject(void)
    assert office.refused == [] and list(office.live()) == [first] and on_the_list(office) == []
    assert told(office) == [(DAY, "billed", "billable", None)]


def test_an_acceptance_by_a_person_frees_the_day() -> None:
    """The payer had taken it in after all."""
    office, _, void = denied()
    portal(office, void)
    assert office.refused == [] and on_the_list(office) == []
    assert told(office) == [(DAY, "billable", "billable", None)] and money(office) == (0, 0, 20_000)


def test_the_reversal_of_the_earlier_answer_accepts_a_void_that_was_denied() -> None:
    """CLP02 22 of the earlier claim is the payer's word that it is gone."""
    office, first, _ = denied()
    office.reverse(first)
    assert office.refused == [] and on_the_list(office) == []
    assert told(office) == [(DAY, "billable", "billable", None)]


def test_a_void_that_was_acknowledged_and_then_denied_is_for_a_person() -> None:
    """The day was free from the acknowledgment on; the answer contradicts it until somebody settles that."""
    office, _, void = denied(acknowledged=True)
    assert told(office) == [(DAY, "billable", "billable", None)] and on_the_list(office) == [void]
    portal(office, void)
    assert on_the_list(office) == []


@pytest.mark.parametrize("status", ["1", None])
def test_any_other_answer_to_a_void_accepts_it(status: str | None) -> None:
    """As processed, or told without a status, as all answers were that earlier releases kept."""
    office, _, void = voided()
    office.send()
    office.answer(void, 0, carc="16", status=status)
    assert office.seen(void).accepted and on_the_list(office) == []
    assert told(office) == [(DAY, "billable", "billable", None)]


def test_the_list_of_denied_voids_is_asked_of_the_rows(log: Log, projector: Pool) -> None:
    """Which void, of which claim, since when and why; of one payer where that is asked."""
    office, first, void = denied()
    office.clinic.story.append(log)
    with asking(project(MODEL, log, projector), projector) as cursor:
        [one] = queries.denied_voids(cursor, programs=PROGRAMS, now=NOW)
        none = queries.denied_voids(cursor, programs=PROGRAMS, now=NOW, payer_id=first)
    assert (one.claim_id, one.replaces, one.denied_on, one.adjustments) == (void, first, "2026-04-10", ["CO-16"])
    assert none == []
