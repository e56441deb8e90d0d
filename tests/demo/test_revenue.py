"""The money of the full clinic's report: it adds up, and the payers did once what payers do."""

from __future__ import annotations

import io
import json
import shlex
from collections import defaultdict
from collections.abc import Iterator

import pytest
from rich.console import Console
from typer.testing import CliRunner

from aggregates.codec import decode
from iop_es import wiring
from iop_es.cli import app
from iop_es.demo.figures import Report
from iop_es.demo.show import WIDTH
from iop_es.demo.show_revenue import show_claims
from iop_es.settings import Settings
from iop_es.wiring import House

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def clinic(full_clinic: Settings) -> Iterator[House]:
    """The store of the full clinic, opened; to be read only."""
    with wiring.opened(full_clinic) as opened:
        yield opened


@pytest.fixture(scope="module")
def told(full_report: Report) -> Report:
    """Its report."""
    return full_report


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


def test_what_is_sent_is_charged_at_once_and_once(clinic: House) -> None:
    """Every claim to a first payer has its charges on the account since it left; to a second payer it has none."""
    facts = {
        name: {one.stream: decode(one.topic, one.state) for one in clinic.log.by_topics([name])}
        for name in ("claim.prepared", "claim.submitted")
    }
    charges: defaultdict[str, int] = defaultdict(int)
    since: defaultdict[str, str] = defaultdict(str)
    for one in clinic.log.by_topics(["account.charge_posted"]):
        fact = decode(one.topic, one.state)
        charges[fact.claim_id] += fact.charge_cents
        since[fact.claim_id] = one.recorded_at
    bills = {claim: facts["claim.prepared"][claim] for claim in facts["claim.submitted"]}
    assert charges == {
        claim: bill.total_cents for claim, bill in bills.items() if bill.after_claim is None and bill.frequency != "8"
    }
    assert {claim: at[:16] for claim, at in since.items()} == {
        claim: facts["claim.submitted"][claim].submitted_at[:16] for claim in charges
    }


def test_a_few_patients_have_a_second_payer(clinic: House, told: Report) -> None:
    """What Medicare left to them was asked of their plan, which paid it; a patient's share is none after that."""
    prepared = [decode(one.topic, one.state) for one in clinic.log.by_topics(["claim.prepared"])]
    further = [one for one in prepared if one.after_claim is not None]
    assert len(further) == told.claims.secondary >= 2
    assert len({one.patient_id for one in further}) >= 2
    assert told.claims.secondary_paid_cents > 0
    page = io.StringIO()
    show_claims(told, Console(file=page, width=WIDTH))
    assert f"Second payers were asked by {len(further)} of them" in page.getvalue()


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


def test_a_denial_is_contested_and_a_reviewer_asks_for_records(told: Report) -> None:
    """Filed with an owner after a call and a peer-to-peer; of the records a part is still to be sent."""
    by_kind = {one.kind: one for one in told.disputes.entries}
    assert sorted(by_kind) == ["dispute", "records"]
    contested, asked = by_kind["dispute"], by_kind["records"]
    assert (contested.contacts, contested.denied_cents > 0) == (2, True)
    assert "Appeal filed on" in contested.sentence
    assert asked.sentence.startswith("Records asked for")
    assert contested.owner != asked.owner
    assert told.disputes.uncontested > 0
