"""One payer policy: whose it is, how long it holds, and of its terms what authors have to know before they sign.

Those are the time for a signature, what becomes of a late one, whether all who led a group sign, and the sections that
a note must have, version by version; all other terms are weighed in billing.
"""

from __future__ import annotations

import msgspec

from aggregates.days import day_before
from aggregates.payer_policy.facts import PolicyPublished, PolicyRetired, PolicyRevised, PolicyVerified
from aggregates.payer_policy.terms import Terms
from iop_es.engine.readmodel.model import Recorded, Rows, Table
from projections.caseload.fold import Hand

PAYER = Table("payer", (
    "policy_id", "payer_id", "payer_kind", "payer_name", "code", "effective_from", "effective_through", "version",
))


WANTED = Table("payer_wanted", (
    "policy_id", "payer_id", "effective_from", "effective_through", "signature_hours", "signature_business_days",
    "signature_unverified", "note_sections", "late_signature", "every_facilitator_signs",
))
WINDOW = ("signature_hours", "signature_business_days")


class Wanted(msgspec.Struct, omit_defaults=True):
    """What one version of a policy wants of notes; a last day of None is open. `unverified` are the fields of the time
    for a signature that no official source confirmed."""

    effective_from: str
    effective_through: str | None = None
    signature_hours: int | None = None
    signature_business_days: int | None = None
    note_sections: tuple[str, ...] = ()
    late_signature: str = "none"
    every_facilitator_signs: bool = False
    unverified: tuple[str, ...] = ()

    @property
    def signature_unverified(self) -> bool:
        """Whether the time for a signature, or that there is none, is a value that nobody verified."""
        given = [name for name in WINDOW if getattr(self, name) is not None]
        return bool(set(given[:1] or WINDOW) & set(self.unverified))


class Policy(msgspec.Struct, omit_defaults=True, tag="payer_policy"):
    """A policy and its last day; None: open."""

    payer_id: str | None = None
    payer_kind: str | None = None
    payer_name: str | None = None
    code: str | None = None
    effective_from: str | None = None
    effective_through: str | None = None
    versions: list[Wanted] = []
    version: int = 0


def _published(policy: Policy, recorded: Recorded) -> None:
    fact: PolicyPublished = recorded.fact
    for name in ("payer_id", "payer_kind", "payer_name", "code", "effective_from", "effective_through"):
        setattr(policy, name, getattr(fact, name))
    policy.versions = [_wanted(fact.effective_from, fact.effective_through, fact.terms)]


def _revised(policy: Policy, recorded: Recorded) -> None:
    fact: PolicyRevised = recorded.fact
    _end_last(policy, day_before(fact.effective_from))
    policy.versions = [*policy.versions, _wanted(fact.effective_from, None, fact.terms)]


def _verified(policy: Policy, recorded: Recorded) -> None:
    fact: PolicyVerified = recorded.fact
    days = [one.effective_from for one in policy.versions]
    for one in policy.versions:
        if one.effective_from == (fact.effective_from or days[-1]):
            one.unverified = tuple(name for name in one.unverified if name not in fact.fields)


def _retired(policy: Policy, recorded: Recorded) -> None:
    fact: PolicyRetired = recorded.fact
    policy.effective_through = fact.effective_through
    _end_last(policy, fact.effective_through)


def _wanted(first: str, last: str | None, terms: Terms) -> Wanted:
    return Wanted(
        first, last, terms.signature_hours, terms.signature_business_days, terms.note_sections,
        terms.late_signature, terms.every_facilitator_signs != "none",
        tuple(name for name in WINDOW if name in terms.unverified),
    )


def _end_last(policy: Policy, day: str) -> None:
    """The last terms end on a day at the latest."""
    if policy.versions:
        last = policy.versions[-1]
        last.effective_through = day if last.effective_through is None else min(day, last.effective_through)


APPLY: dict[str, Hand] = {
    "payer_policy.published": _published,
    "payer_policy.verified": _verified,
    "payer_policy.revised": _revised,
    "payer_policy.retired": _retired,
}


def settle(policy_id: str, one: Policy) -> Rows:
    """The policy's row, and one for each version of what it wants of notes."""
    row = (
        policy_id, one.payer_id, one.payer_kind, one.payer_name, one.code, one.effective_from, one.effective_through,
        one.version,
    )
    wanted = [
        (
            policy_id, one.payer_id, each.effective_from, each.effective_through, each.signature_hours,
            each.signature_business_days, each.signature_unverified, list(each.note_sections),
            each.late_signature, each.every_facilitator_signs,
        )
        for each in one.versions
    ]
    return {
        "payer": {(policy_id,): [] if one.payer_id is None else [row]},
        "payer_wanted": {(policy_id,): [] if one.payer_id is None else wanted},
    }
