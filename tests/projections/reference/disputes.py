"""The afternoon's disputes: a reviewer's letter, a denial contested at two levels, and one that nobody contests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aggregates.values import Role
from tests.aggregates.scenario import an_id

if TYPE_CHECKING:
    from tests.projections.reference.making import Afternoon

BILLER: Role = "biller"
REVIEWER: Role = "utilization_reviewer"
DISPUTE, DIGEST = an_id("dispute"), "ab" * 32


def disputed(afternoon: Afternoon) -> None:
    """Of two claims that no payer has answered both are denied now; one is contested."""
    prepared = dict(afternoon.all("claim.prepared"))
    waiting = [
        one for one, _ in afternoon.untouched(
            "claim.submitted", "claim.adjudicated", "claim.rejected", "claim.replaced", "claim.voided",
            "claim.reinstated",
        )
        if prepared[one].after_claim is None and prepared[one].frequency not in {"7", "8"}
    ]  # fmt: skip
    for number, claim_id in enumerate(waiting[:2], 1):
        _deny(afternoon, claim_id, prepared[claim_id], f"denied{number}")
    contested = waiting[0]
    _records(afternoon, contested, prepared[contested])
    _dispute(afternoon, contested, prepared[contested])


def _deny(afternoon: Afternoon, claim_id: str, sent: Any, number: str) -> None:
    lines = [
        {"line": one.line, "paid_cents": 0,
         "adjustments": [{"group": "CO", "carc": "50", "amount_cents": one.charge_cents}]}
        for one in sent.lines
    ]  # fmt: skip
    afternoon.order(
        "claim.adjudicate", BILLER, claim_id=claim_id, adjudicated_on=afternoon.today, payer_control_number=number,
        lines=lines, paid_cents=0,
    )


def _matter(claim_id: str, sent: Any, dispute_id: str = DISPUTE) -> dict[str, Any]:
    return {
        "dispute_id": dispute_id, "patient_id": sent.patient_id, "program_id": sent.program_id,
        "payer_id": sent.payer_id, "track": "medicare", "claims": [claim_id],
    }  # fmt: skip


def _records(afternoon: Afternoon, claim_id: str, sent: Any) -> None:
    """Asked for, and sent in part."""
    afternoon.order(
        "dispute.receive_request", BILLER, **_matter(claim_id, sent), request_id=an_id("request"),
        letter_id=an_id("letter"), kind="medical_review", received_on=afternoon.today, words="Please send.",
        items=["group_notes", "attendance", "certification", "outcome_scores"],
    )
    afternoon.order(
        "dispute.send_records", BILLER, dispute_id=DISPUTE, request_id=an_id("request"), sent_on=afternoon.today,
        means="portal", items=["attendance"],
    )


def _dispute(afternoon: Afternoon, claim_id: str, sent: Any) -> None:
    """Opened, given away, called about, filed, heard, upheld, and brought to the next level."""
    cents, it = sent.total_cents, {"dispute_id": DISPUTE}
    first, second = "redetermination", "reconsideration"
    afternoon.order(
        "dispute.open", BILLER, **_matter(claim_id, sent), codes=["CO-50"], level=first, notice_on=afternoon.today,
        amount_cents=cents, words="Every day met the level of care.",
    )
    afternoon.order("dispute.assign_owner", "director", **it, owner_id=an_id(REVIEWER), cause="clinical")
    afternoon.order(
        "dispute.log_call", REVIEWER, **it, contacted_at=afternoon.now, channel="phone", outcome="in-review",
        words="They will write.",
    )
    afternoon.order("dispute.hold_peer_to_peer", REVIEWER, **it, held_on=afternoon.today, outcome="undecided")
    afternoon.order(
        "dispute.issue_packet", REVIEWER, **it, packet_id=an_id("packet"), patient_id=sent.patient_id,
        claims=[claim_id], edition="payer", as_of=1, known_to=2, sha256=DIGEST, bytes=80_000, pages=12, items=["claim"],
        approved_by=an_id(REVIEWER), beyond_cause="asked-by-phone",
    )
    filed = {"filed_on": afternoon.today, "means": "portal", "amount_cents": cents}
    afternoon.order(
        "dispute.file_appeal", REVIEWER, **it, **filed, appeal_id=an_id("appeal"), level=first,
        packet_id=an_id("packet"),
    )
    afternoon.order(
        "dispute.hold_hearing", REVIEWER, **it, level=first, held_on=afternoon.today, manner="on_the_record"
    )
    afternoon.order(
        "dispute.resolve", BILLER, **it, level=first, outcome="upheld", decided_on=afternoon.today,
        received_on=afternoon.today, upheld_cents=cents, overturned_cents=0,
    )
    afternoon.order("dispute.file_appeal", REVIEWER, **it, **filed, appeal_id=an_id("appeal", 2), level=second)
