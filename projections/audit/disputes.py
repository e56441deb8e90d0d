"""The words of requests for records and disputes; what was written and said in them stays sealed."""

from __future__ import annotations

from typing import Any

from projections.audit.phrases import Kind, Sentence, because, clock, count, many


def _requested(fact: Any) -> str:
    items = many([_plain(one) for one in fact.items])
    return (
        f"Payer {fact.payer_id} asked for records of {count(len(fact.claims), 'claim')} (request {fact.request_id},"
        f" {_plain(fact.kind)}), received on {fact.received_on}, due on {fact.due_on}{_doubt(fact.deadline)}: {items}."
    )


def _opened(fact: Any) -> str:
    due = "" if fact.due_on is None else f", appeal due on {fact.due_on}{_doubt(fact.deadline)}"
    return (
        f"Dispute opened about {count(len(fact.claims), 'claim')} with payer {fact.payer_id} ({many(fact.codes)}) at"
        f" the level {_plain(fact.level)}, {fact.amount_cents} cents{due}{because(fact.skipped_cause)}."
    )


def _filed(fact: Any) -> str:
    late = f", after its last day {fact.due_on}{because(fact.late_cause)}" if fact.late else ""
    return (
        f"Appeal {fact.appeal_id} filed at the level {_plain(fact.level)} on {fact.filed_on} by {_plain(fact.means)},"
        f" {fact.amount_cents} cents{_by(fact.tracking)}{late}."
    )


def _resolved(fact: Any) -> str:
    following = ""
    if fact.next_level is not None:
        due = "" if fact.next_due_on is None else f", due on {fact.next_due_on}{_doubt(fact.next_deadline)}"
        following = f"; next level {_plain(fact.next_level)}{due}"
    return (
        f"Level {_plain(fact.level)} answered on {fact.decided_on}: {_plain(fact.outcome)}, {fact.upheld_cents} cents"
        f" upheld, {fact.overturned_cents} cents overturned{following}."
    )


def _packet(fact: Any) -> str:
    approved = "" if fact.approved_by is None else f", approved by {fact.approved_by}"
    return (
        f"Packet {fact.packet_id} issued ({fact.edition}) as of position {fact.as_of}, built from what was known at"
        f" {fact.known_to}: {count(fact.pages, 'page')}, SHA-256 {fact.sha256[:12]}, left out {many(fact.left_out)}"
        f"{approved}."
    )


def _plain(code: str) -> str:
    return code.replace("_", " ")


def _doubt(deadline: Any) -> str:
    return " (unverified)" if deadline is not None and deadline.unverified else ""


def _by(tracking: str | None) -> str:
    return "" if tracking is None else f", tracking number {tracking}"


WORDS: dict[str, tuple[Kind, Sentence]] = {
    "dispute.records_requested": ("write", _requested),
    "dispute.records_sent": (
        "write", lambda f: f"Records of request {f.request_id} sent on {f.sent_on} by {_plain(f.means)}"
        f"{_by(f.tracking)}: {many([_plain(one) for one in f.items])}."),
    "dispute.opened": ("write", _opened),
    "dispute.appeal_filed": ("write", _filed),
    "dispute.hearing_held": (
        "write", lambda f: f"Hearing held at the level {_plain(f.level)} on {f.held_on} ({_plain(f.manner)})."),
    "dispute.peer_to_peer_held": ("write", lambda f: f"Peer-to-peer held on {f.held_on}: {f.outcome}."),
    "dispute.call_logged": (
        "write", lambda f: f"Contact {_plain(f.direction)} by {f.channel} at {clock(f.contacted_at)}: {f.outcome}."),
    "dispute.owner_assigned": (
        "write", lambda f: f"Dispute given to {f.owner_id} by {f.assigned_by} ({f.cause})."),
    "dispute.packet_issued": ("write", _packet),
    "dispute.resolved": ("write", _resolved),
}
