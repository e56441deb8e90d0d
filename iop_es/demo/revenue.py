"""The money of the report: claims, what is wrong with them, accounts, and one month under other terms."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from importlib.resources import files
from itertools import groupby
from pathlib import Path
from typing import Any

from aggregates.account.shares import share_of
from aggregates.codec import decode
from iop_es.cli.what_if import answered
from iop_es.demo import figures as told
from iop_es.demo.policies import load_policy
from iop_es.demo.reading import EVERYTHING, Reading
from iop_es.engine.stored import name_of
from projections.billing import queries
from projections.billing.accounts import queries as account_queries
from projections.billing.disputes import queries as dispute_queries
from projections.billing.disputes.views import DisputeView
from projections.billing.views import ClaimView, CorrectionView
from projections.billing.worth import Total
from projections.packet.differences import differences
from projections.packet.reading import Wanted, read

REPRICED, TERMS = "commercial-substance-use", "medicaid_north_carolina"
"""Whose days are decided again, by the policy's code, and under which of the demonstration's terms."""
HEADS = {"claimed": "billed", "billable": "billable", "pending": "held", "nothing": "not_billable"}
VOID = "8"


def claims(reading: Reading) -> told.Claims:
    """Claims by where they stand, by payer, and denials; money is that of claims that were not corrected since.

    A claim to a second payer charges nothing anew: it counts in what is paid alone.
    """
    found = reading.ask("billing", queries.claims, limit=EVERYTHING)
    submitted = [claim for claim in found if claim.submitted_at]
    stand = [claim for claim in submitted if _stands(claim)]
    first = [claim for claim in stand if claim.after_claim is None]
    further = [claim for claim in stand if claim.after_claim is not None]
    statuses = Counter(claim.status for claim in found)
    return told.Claims(
        prepared=len(found),
        submitted=len(submitted),
        rejected=statuses["rejected"],
        paid=sum(bool(claim.paid_cents) for claim in stand),
        denied=sum(bool(claim.denied_cents) for claim in stand),
        secondary=sum(claim.after_claim is not None for claim in submitted),
        secondary_paid_cents=sum(claim.paid_cents or 0 for claim in further),
        charged_cents=sum(claim.total_cents for claim in first),
        paid_cents=sum(claim.paid_cents or 0 for claim in stand),
        patient_cents=sum(claim.patient_cents or 0 for claim in first),
        denied_cents=sum(claim.denied_cents or 0 for claim in first),
        by_status=[
            told.ClaimStatus(status=status, claims=count,
                        cents=sum(claim.total_cents for claim in found if claim.status == status))
            for status, count in statuses.most_common()
        ],
        by_payer=[
            _payer(name, own)
            for payer_id, name in reading.payers.items()
            if (own := [claim for claim in submitted if claim.payer_id == payer_id])
        ],
        denials=_denials(reading),
    )  # fmt: skip


def corrections(reading: Reading) -> told.Corrections:
    """The claims that are due to be put right by our own record, and how many corrections went out."""
    wrong = sorted((one for one in reading.ask("billing", queries.corrections) if one.look is None), key=_way)
    sent = Counter(one.frequency for one in reading.ask("billing", queries.claims, limit=EVERYTHING))
    return told.Corrections(
        due=[
            told.CorrectionsDue(
                frequency=own[0].frequency, waits=waits, claims=len(own),
                claimed_cents=sum(one.claimed_cents for one in own),
                right_cents=sum(one.right_cents for one in own),
                difference_cents=sum(one.difference_cents for one in own), example=own[0].claim_id,
            )
            for (waits, _), group in groupby(wrong, key=_way)
            for own in [list(group)]
        ],
        replacements=sent["7"], voids=sent[VOID],
    )  # fmt: skip


def accounts(reading: Reading) -> told.Accounts:
    """What became of the charges of each program, and what payers took back."""
    sums = {one.program_id: one for one in reading.ask("billing", account_queries.sums)}
    settled = reading.ask("billing", account_queries.adjustments, limit=EVERYTHING)
    posted = [decode(one.topic, one.state) for one in reading.house.log.by_topics(["account.remittance_posted"])]
    return told.Accounts(
        programs=[
            told.Account(
                program=program.code, charged_cents=one.charge_cents, contractual_cents=one.contractual_cents,
                paid_cents=one.paid_cents, patient_cents=one.patient_cents, written_off_cents=one.written_off_cents,
                open_cents=one.open_cents, denied_cents=one.denied_cents,
                patient_paid_cents=one.received_cents - one.refunded_cents,
            )
            for program_id, program in reading.programs.items() if (one := sums.get(program_id)) is not None
        ],
        remittances=len({(one.payer_id, one.trace_number) for one in posted}),
        takebacks=_takebacks(reading),
        provider_adjustments_cents=sum(one.amount_cents for one in settled),
    )  # fmt: skip


def disputes(reading: Reading) -> told.Disputes:
    """What is asked for and contested, and what nobody contests; whoever prints a packet takes the ids from here."""
    found = reading.ask("billing", dispute_queries.disputes)
    left = [one for one in found if one.kind == "denial"]
    return told.Disputes(
        entries=[
            told.Disputed(
                dispute_id=one.dispute_id, kind=one.kind, payer=reading.payers[one.payer_id], claims=one.claims,
                sentence=one.sentence, owner=one.owner_id or "", contacts=one.contacts, charge_cents=one.charge_cents,
                denied_cents=one.denied_cents, **_since(reading, one),
            )
            for one in found if one.dispute_id is not None
        ],
        uncontested=len(left), uncontested_cents=sum(one.denied_cents for one in left),
        unverified=sum(one.unverified for one in found),
    )  # fmt: skip


def _since(reading: Reading, one: DisputeView) -> dict[str, Any]:
    """Of a contested decision: when its claims were decided, and what changed between then and today."""
    if one.kind != "dispute":
        return {"decided_at": None, "changed": []}
    log, gate = reading.house.log, reading.house.gate
    then = max(decode(fact.topic, fact.state).decided_at for fact in log.first_of_streams(one.claims))
    wanted = Wanted(one.patient_id, tuple(one.claims), frozenset(), "internal", then, log.head().position)
    record = read(log, wanted, lambda model, upto: gate.folded(model, one.patient_id, upto))
    return {"decided_at": then, "changed": differences(record)}


def other_terms(reading: Reading) -> told.OtherTerms | None:
    """One payer's last full month under another's terms, as `iop-es what-if` tells it."""
    payer_id = reading.payer_of_code.get(REPRICED)
    if payer_id is None:
        return None
    last = date.fromisoformat(reading.house.gate.now()[:10]).replace(day=1) - timedelta(days=1)
    first, through, document = last.replace(day=1).isoformat(), last.isoformat(), load_policy(TERMS)
    answer = answered(reading.house, document, first, through, payer_id, None)
    if not answer.patients:
        return None
    words = f"what-if --policy {_path(TERMS)} --payer {payer_id} --from {first} --to {through}"
    return told.OtherTerms(
        payer=reading.payers[payer_id], terms_of=document.payer_name, from_date=first, to_date=through,
        patients=answer.patients, heads=[_head(one) for one in answer.totals], command=words,
    )  # fmt: skip


def _way(one: CorrectionView) -> tuple[bool, str]:
    """How it is put right: what waits comes last."""
    return one.waits is not None, one.frequency or ""


def _stands(claim: ClaimView) -> bool:
    return claim.status not in {"replaced", "voided"} and claim.frequency != VOID


def _payer(name: str, submitted: Sequence[ClaimView]) -> told.Payer:
    stand = [claim for claim in submitted if _stands(claim)]
    first = [claim for claim in stand if claim.after_claim is None]
    return told.Payer(
        payer=name,
        claims=len(submitted),
        charged_cents=sum(claim.total_cents for claim in first),
        answered=sum(claim.adjudicated_on is not None for claim in submitted),
        paid_cents=sum(claim.paid_cents or 0 for claim in stand),
        denied_cents=sum(claim.denied_cents or 0 for claim in first),
    )


def _denials(reading: Reading) -> list[told.Denial]:
    days, cents = Counter[str](), Counter[str]()
    for day in reading.days():
        if day.denied_cents:
            adjustments = ", ".join(day.adjustments)
            days[adjustments] += 1
            cents[adjustments] += day.denied_cents
    return [told.Denial(adjustments=one, days=count, cents=cents[one]) for one, count in days.most_common()]


def _takebacks(reading: Reading) -> list[told.Takeback]:
    """Reversals of claims that we did not correct ourselves, each with what the same remittance paid instead."""
    stand = {one.claim_id for one in reading.ask("billing", queries.claims, limit=EVERYTHING) if _stands(one)}
    taken: defaultdict[tuple[str, str], list[Any]] = defaultdict(list)
    given: defaultdict[tuple[str, str], list[Any]] = defaultdict(list)
    for stored in reading.house.log.by_topics(["account.payment_reversed", "account.remittance_posted"]):
        fact = decode(stored.topic, stored.state)
        lines = taken if name_of(stored.topic) == "account.payment_reversed" else given
        lines[fact.claim_id, fact.trace_number].append(fact)
    return [
        told.Takeback(
            payer=reading.payers[lines[0].payer_id], claim_id=claim_id, on=lines[0].remittance_on,
            trace_number=trace_number, taken_cents=sum(one.paid_cents for one in lines),
            paid_cents=sum(one.paid_cents for one in instead), adjustments=_refused(instead),
        )
        for (claim_id, trace_number), lines in taken.items() if claim_id in stand
        for instead in [given[claim_id, trace_number]]
    ]  # fmt: skip


def _refused(lines: Sequence[Any]) -> list[str]:
    """What lines are refused for."""
    return sorted({
        f"{one.group}-{one.carc}" for line in lines for one in line.adjustments
        if share_of(one, line.paid_cents > 0) == "denied"
    })  # fmt: skip


def _head(total: Total) -> told.Terms:
    return told.Terms(
        head=HEADS[total.counts_as], now_days=total.now_days, now_cents=total.now_cents, then_days=total.then_days,
        then_cents=total.then_cents, now_demo=total.marks.now_demo, then_demo=total.marks.then_demo,
    )


def _path(name: str) -> str:
    """Where the terms are, from here if they are below."""
    path = Path(str(files("iop_es.demo") / "policies" / f"{name}.toml"))
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)
