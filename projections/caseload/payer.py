"""One payer policy: whose it is and how long it holds. Its terms are weighed in billing."""

from __future__ import annotations

import msgspec

from aggregates.payer_policy.facts import PolicyPublished, PolicyRetired
from iop_es.engine.readmodel.model import Recorded, Rows, Table
from projections.caseload.fold import Hand, unchanged

PAYER = Table("payer", (
    "policy_id", "payer_id", "payer_kind", "payer_name", "code", "effective_from", "effective_through", "version",
))


class Policy(msgspec.Struct, omit_defaults=True, tag="payer_policy"):
    """A policy and its last day; None: open."""

    payer_id: str | None = None
    payer_kind: str | None = None
    payer_name: str | None = None
    code: str | None = None
    effective_from: str | None = None
    effective_through: str | None = None
    version: int = 0


def _published(policy: Policy, recorded: Recorded) -> None:
    fact: PolicyPublished = recorded.fact
    for name in ("payer_id", "payer_kind", "payer_name", "code", "effective_from", "effective_through"):
        setattr(policy, name, getattr(fact, name))


def _retired(policy: Policy, recorded: Recorded) -> None:
    fact: PolicyRetired = recorded.fact
    policy.effective_through = fact.effective_through


APPLY: dict[str, Hand] = {
    "payer_policy.published": _published,
    "payer_policy.verified": unchanged,
    "payer_policy.revised": unchanged,
    "payer_policy.retired": _retired,
}


def settle(policy_id: str, one: Policy) -> Rows:
    """The policy's row."""
    row = (
        policy_id, one.payer_id, one.payer_kind, one.payer_name, one.code, one.effective_from, one.effective_through,
        one.version,
    )
    return {"payer": {(policy_id,): [] if one.payer_id is None else [row]}}
