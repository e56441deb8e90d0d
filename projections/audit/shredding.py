"""The words of how a patient's personal parts were given up, or kept."""

from __future__ import annotations

from typing import Any

from projections.audit.phrases import Kind, Sentence, clock


def _approved(fact: Any) -> str:
    return (
        f"Shredding {fact.request_id} approved by {fact.approved_by}; it can be carried out from"
        f" {clock(fact.not_before)} on."
    )


def _shredded(fact: Any) -> str:
    since = "without any service" if fact.last_service_on is None else f"last served on {fact.last_service_on}"
    keys = "1 key" if len(fact.keys) == 1 else f"{len(fact.keys)} keys"
    ids = "".join(f", {one.key_id}" for one in fact.keys)
    return (
        f"Shredding {fact.request_id} carried out: {keys} destroyed{ids}; {since}, kept through {fact.retained_until}."
    )


WORDS: dict[str, tuple[Kind, Sentence]] = {
    "shredding.requested": (
        "write", lambda f: f"Shredding of patient {f.patient_id} requested by {f.requested_by} ({f.cause}),"
        f" request {f.request_id}."),
    "shredding.approved": ("write", _approved),
    "shredding.withdrawn": (
        "void", lambda f: f"Shredding {f.request_id} withdrawn by {f.withdrawn_by} ({f.cause})."),
    "shredding.hold_placed": (
        "write", lambda f: f"Record held for {f.kind} by {f.placed_by} ({f.cause}), hold {f.hold_id}."),
    "shredding.hold_released": (
        "write", lambda f: f"Hold {f.hold_id} released by {f.released_by} ({f.cause})."),
    "shredding.patient_keys_shredded": ("void", _shredded),
}  # fmt: skip
