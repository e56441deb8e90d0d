"""The words of payers' terms, claims and accounts."""

from __future__ import annotations

from typing import Any

from projections.audit.phrases import Kind, Sentence, clock, count, many, through


def _claim_prepared(fact: Any) -> str:
    return (
        f"Claim prepared for payer {fact.payer_id}: {count(len(fact.lines), 'line')}, {fact.total_cents} cents,"
        f" {fact.from_date} through {fact.through_date}, frequency {fact.frequency},"
        f" decided at position {fact.decided_at}."
    )


def _by_remittance(trace_number: str | None) -> str:
    return "" if trace_number is None else f" by remittance {trace_number}"


def _adjustments(fact: Any) -> str:
    return many([f"{one.group}-{one.carc} {one.amount_cents} cents" for one in fact.adjustments])


def _of(fact: Any) -> str:
    return f"charge {fact.charge_id}" if fact.charge_id else f"line {fact.line} of claim {fact.claim_id}"


def _given_up(fact: Any) -> str:
    return f"{fact.amount_cents} cents of the {fact.share}'s part of {_of(fact)}"


WORDS: dict[str, tuple[Kind, Sentence]] = {
    "payer_policy.published": (
        "write", lambda f: f"Policy {f.code} of payer {f.payer_id} ({f.payer_kind}) published"
        f" from {f.effective_from}{through(f.effective_through)}."),
    "payer_policy.verified": (
        "write", lambda f: f"Verified by {f.verified_by} on {f.verified_on}: {many(f.fields)}"
        f"{'' if f.effective_from is None else f' of the terms from {f.effective_from}'}."),
    "payer_policy.revised": (
        "correction", lambda f: f"Terms revised from {f.effective_from} ({f.cause})."),
    "payer_policy.retired": (
        "void", lambda f: f"Policy retired{through(f.effective_through)} ({f.cause})."),
    "payer_policy.electronic_address_recorded": (
        "write", lambda f: f"Claim files go to {f.receiver_id} for payer {f.electronic_payer_id} from"
        f" {f.effective_from}, filed as {f.claim_filing_indicator}."),
    "claim.prepared": ("write", _claim_prepared),
    "claim.submitted": (
        "write", lambda f: f"Claim submitted in batch {f.batch} at {clock(f.submitted_at)},"
        f" control number {f.control_number}{'' if f.interchange is None else f', interchange {f.interchange}'}."),
    "claim.acknowledged": (
        "write", lambda f: f"Claim acknowledged by {f.source} at {clock(f.acknowledged_at)},"
        f" reference {f.reference}."),
    "claim.rejected": (
        "write", lambda f: f"Claim rejected by {f.source} at {clock(f.rejected_at)}: {many(f.codes)}."),
    "claim.adjudicated": (
        "write", lambda f: f"Claim adjudicated on {f.adjudicated_on}: {f.paid_cents} cents paid"
        f" on {count(len(f.lines), 'line')}{_by_remittance(f.trace_number)}."),
    "claim.adjudication_reversed": (
        "void", lambda f: f"Answer of {f.answered_on} reversed on {f.reversed_on}"
        f"{_by_remittance(f.trace_number)} ({f.cause})."),
    "claim.replaced": ("correction", lambda f: f"Claim replaced by {f.replaced_by} ({f.cause})."),
    "claim.reinstated": (
        "write", lambda f: f"Claim stands again; {f.instead_of} no longer takes its place."
        f"{' Of some of it the payer has another bill by now.' if f.billed_anew else ''}"),
    "claim.voided": ("void", lambda f: f"Claim voided on {f.voided_on} ({f.cause})."),
    "account.charge_posted": (
        "write", lambda f: f"Charge of {f.charge_cents} cents posted for line {f.line} of claim {f.claim_id},"
        f" service of {f.service_date}, payer {f.payer_id}."),
    "account.self_pay_charge_posted": (
        "write", lambda f: f"The patient owes {f.owed_cents} of a charge of {f.charge_cents} cents for {f.service_date}"
        f" ({f.basis}), charge {f.charge_id}."),
    "account.self_pay_charge_reversed": (
        "void", lambda f: f"Self-pay charge {f.charge_id} taken back ({f.cause})."),
    "account.remittance_posted": (
        "write", lambda f: f"{f.paid_cents} cents posted to line {f.line} of claim {f.claim_id}"
        f"{_by_remittance(f.trace_number)}, adjustments {_adjustments(f)}."),
    "account.payment_reversed": (
        "void", lambda f: f"{f.paid_cents} cents of line {f.line} of claim {f.claim_id}, posted"
        f"{_by_remittance(f.posted_trace_number)}, taken back{_by_remittance(f.trace_number)} ({f.cause})."),
    "account.provider_adjustment_posted": (
        "write", lambda f: f"Provider adjustment {f.reason_code} of {f.amount_cents} cents"
        f"{_by_remittance(f.trace_number)} of payer {f.payer_id}."),
    "account.patient_payment_received": (
        "write", lambda f: f"Patient paid {f.amount_cents} cents by {f.method} on {f.received_on}."),
    "account.patient_agreement_set": (
        "write", lambda f: f"Agreement {f.agreement_id} ({f.kind}) from"
        f" {f.effective_from}{through(f.effective_through)}."),
    "account.write_off_requested": (
        "write", lambda f: f"Write-off {f.write_off_id} of {_given_up(f)} asked for by {f.requested_by} ({f.cause})."),
    "account.write_off_request_withdrawn": (
        "correction", lambda f: f"Request for write-off {f.write_off_id}, of {_of(f)}, withdrawn by {f.withdrawn_by}"
        f" ({f.cause})."),
    "account.balance_written_off": (
        "void", lambda f: f"{_given_up(f)} written off, asked for by {f.requested_by}, approved by {f.approved_by}"
        f" ({f.cause})."),
    "account.refund_issued": (
        "write", lambda f: f"{f.amount_cents} cents refunded to the patient by {f.method} on {f.issued_on}"
        f" ({f.cause})."),
    "account.overpayment_identified": (
        "write", lambda f: f"Overpayment {f.overpayment_id} of {f.amount_cents} cents by payer {f.payer_id} identified"
        f" by {f.identified_by} on {f.identified_on}, due back by {f.return_due_on} ({f.cause})."),
    "account.overpayment_investigation_opened": (
        "write", lambda f: f"Investigation of overpayment {f.overpayment_id} opened on {f.opened_on},"
        f" now due back by {f.return_due_on}."),
    "account.overpayment_returned": (
        "write", lambda f: f"{f.amount_cents} cents of overpayment {f.overpayment_id} returned by {f.method}"
        f" on {f.returned_on}."),
    "account.remittance_unmatched": (
        "write", lambda f: f"Part of a {f.source} file not matched ({f.part}, {f.why})"
        f"{_by_remittance(f.trace_number)}."),
    "account.unmatched_assigned": (
        "write", lambda f: f"Unmatched part {f.unmatched_id} assigned as {f.resolution}"
        f"{'' if f.claim_id is None else f', claim {f.claim_id}'}."),
}
