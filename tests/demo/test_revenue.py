"""The money of the full clinic's report: it adds up, and the payers did once what payers do."""

from __future__ import annotations

import json
import shlex
from collections import defaultdict
from collections.abc import Iterator

import pytest
from typer.testing import CliRunner

from aggregates.codec import decode
from iop_es import wiring
from iop_es.cli import app
from iop_es.demo.figures import Report
from iop_es.demo.report import report
from iop_es.settings import Settings
from iop_es.wiring import House

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def clinic(full_clinic: Settings) -> Iterator[House]:
    """The store of the full clinic, opened; to be read only."""
    with wiring.opened(full_clinic) as opened:
        yield opened


@pytest.fixture(scope="module")
def told(clinic: House) -> Report:
    """Its report."""
    return report(clinic, [])


def test_accounts_add_up_to_what_is_on_claims(told: Report) -> None:
    """Charged is contractual, paid, the patients', written off and open; all accounts are all billed days."""
    for one in told.accounts.programs:
        parts = one.contractual_cents + one.paid_cents + one.patient_cents + one.written_off_cents + one.open_cents
        assert one.charged_cents == parts
    assert sum(one.patient_paid_cents for one in told.accounts.programs) > 0
    [billed] = [one for one in told.billing.states if one.state == "billed"]
    assert sum(one.charged_cents for one in told.accounts.programs) == billed.cents
    assert sum(one.paid_cents for one in told.accounts.programs) == told.claims.paid_cents
    assert sum(one.written_off_cents > 0 for one in told.accounts.programs) == 1


def test_one_payer_took_money_back_and_one_paid_interest(told: Report) -> None:
    """The same remittance pays less than it takes, and says why; the adjustment of the provider is to our good."""
    [taken] = told.accounts.takebacks
    assert 0 < taken.paid_cents < taken.taken_cents
    assert taken.adjustments == ["CO-50"]
    assert told.accounts.provider_adjustments_cents < 0


def test_a_run_of_claims_is_answered_by_one_remittance_a_payer(clinic: House) -> None:
    """All answers to one batch by one payer have one trace number and day, and every one is posted; nothing is left."""
    facts = {
        name: [(one.stream, decode(one.topic, one.state)) for one in clinic.log.by_topics([name])]
        for name in ("claim.prepared", "claim.submitted", "claim.adjudicated", "account.remittance_posted")
    }
    payer = {claim: fact.payer_id for claim, fact in facts["claim.prepared"]}
    batch = {claim: fact.batch for claim, fact in facts["claim.submitted"]}
    traces: defaultdict[tuple[str, str], set[tuple[str, str]]] = defaultdict(set)
    first: set[str] = set()
    for claim, fact in facts["claim.adjudicated"]:
        if claim not in first:  # the answer after a takeback comes with a later run's
            traces[payer[claim], batch[claim]].add((fact.trace_number, fact.remittance_on))
        first.add(claim)
    assert {len(found) for found in traces.values()} == {1}
    assert len(traces) > 30
    assert {fact.claim_id for _, fact in facts["account.remittance_posted"]} == first
    assert not clinic.log.by_topics(["account.remittance_unmatched"])


def test_corrections_were_made_and_others_are_due(told: Report) -> None:
    """A replacement and voids went out; one of each is left, for less than was charged."""
    found = told.corrections
    assert found.replacements >= 1 and found.voids >= 1
    assert {one.frequency for one in found.due} == {"7", "8"}
    assert all(one.difference_cents == one.right_cents - one.claimed_cents < 0 for one in found.due)
    statuses = {one.status: one.claims for one in told.claims.by_status}
    assert (statuses["replaced"], statuses["voided"]) == (found.replacements, found.voids)


def test_a_month_under_other_terms_is_what_the_printed_line_tells(told: Report, full_clinic: Settings) -> None:
    """Every day is under one head now and then, and the what-if on the command line has the same totals."""
    found = told.other_terms
    assert found is not None
    assert sum(one.now_days for one in found.heads) == sum(one.then_days for one in found.heads) > 0
    assert any((one.now_days, one.now_cents) != (one.then_days, one.then_cents) for one in found.heads)
    environment = {"IOP_ES_DATABASE_URL": full_clinic.database_url or "", "IOP_ES_PROJECT": str(full_clinic.project)}
    done = CliRunner().invoke(app, [*shlex.split(found.command), "--json"], env=environment)
    assert done.exit_code == 0, done.output
    totals = json.loads(done.stdout)["totals"]
    assert [(one["now_days"], one["now_cents"], one["then_days"], one["then_cents"]) for one in totals] == [
        (one.now_days, one.now_cents, one.then_days, one.then_cents) for one in found.heads
    ]
