"""What a dispute is about: one patient's claims to one payer, all of them sent; and what the contract says of time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from aggregates.claim.state import Bill
from aggregates.dispute import refusals as no
from aggregates.dispute.clocks import Clock, level_clock
from aggregates.dispute.facts import DisputeWords
from aggregates.dispute.state import Dispute
from aggregates.dispute.tracks import UNASKED, WITHIN, Level
from aggregates.kit import Seen, Stream
from aggregates.payer_policy.state import Policy

CONTRACT: dict[Level, str] = {"contract_reconsideration": "reconsideration_days", "contract_appeal": "appeal_days"}
"""The term of the payer's policy that is the clock of a level of the provider's contract."""


def not_asked_for(state: Dispute, claims: Sequence[str], items: Sequence[str]) -> tuple[str, ...]:
    """What of the items no letter about one of these claims asks for. Of a claim that no letter is about, that is
    nothing: what goes with an appeal is ours to choose."""
    letters = [[one for one in state.requests if claim in one.claims] for claim in claims]
    asked = [{each for one in named for item in one.items for each in (item, *WITHIN.get(item, ()))}
             for named in letters if named]  # fmt: skip
    return tuple(one for one in items if one not in UNASKED and not all(one in each for each in asked))


def must_be_asked_for(
    state: Dispute, claims: Sequence[str], items: Sequence[str], beyond_cause: str | None
) -> None:
    """Raises NotAskedFor where more goes to a payer than its letters ask for, and nobody says why."""
    if beyond_cause is None and (beyond := not_asked_for(state, claims, items)):
        raise no.NotAskedFor(items=", ".join(beyond))


def claim_key(claim_id: str) -> str:
    """Under which name a claim is looked at."""
    return f"claim:{claim_id}"


def claims_named(claims: tuple[str, ...]) -> dict[str, Stream]:
    """The claims as streams to look at."""
    return {claim_key(one): Stream("claim", one) for one in claims}


def policy_of(claims: tuple[str, ...], seen: Mapping[str, Seen]) -> dict[str, Stream]:
    """The policy under which the first of the claims was billed."""
    sent = seen[claim_key(claims[0])].state.prepared if claims and claim_key(claims[0]) in seen else None
    return {"policy": Stream("payer_policy", sent.policy_id)} if sent else {}


def must_be_of_the_matter(state: Dispute, command: Any) -> None:
    """Raises OtherMatter when the id stands for something else."""
    first = state.first
    told = (command.patient_id, command.program_id, command.payer_id, command.track)
    if first is not None and (first.patient_id, first.program_id, first.payer_id, first.track) != told:
        raise no.OtherMatter


def must_be_their_claims(command: Any, seen: Mapping[str, Seen]) -> None:
    """Raises ClaimTwice, ClaimOfAnother or ClaimNotSent."""
    named: set[str] = set()
    for claim_id in command.claims:
        if claim_id in named:
            raise no.ClaimTwice(claim_id=claim_id)
        named.add(claim_id)
        bill: Bill = seen[claim_key(claim_id)].state
        sent = bill.prepared
        whose = (command.patient_id, command.program_id, command.payer_id)
        if sent is None or (sent.patient_id, sent.program_id, sent.payer_id) != whose:
            raise no.ClaimOfAnother(claim_id=claim_id)
        if bill.submitted is None or bill.rejected is not None:
            raise no.ClaimNotSent(claim_id=claim_id)


def clock_of(state_or_command: Any, level: Level, on: str, seen: Mapping[str, Seen]) -> Clock | None:
    """The clock for filing at a level after a decision of a day; a contract's is the term in force on the first day
    that the claims are of, verified or not."""
    return level_clock(state_or_command.track, level, on, _of_contract(level, state_or_command.claims, seen))


def _of_contract(level: Level, claims: tuple[str, ...], seen: Mapping[str, Seen]) -> Clock | None:
    term = CONTRACT.get(level)
    policy = seen["policy"].state if "policy" in seen else None
    if term is None or not isinstance(policy, Policy):
        return None
    version = policy.version_on(seen[claim_key(claims[0])].state.prepared.from_date)
    days = getattr(version.terms, term) if version else None
    if version is None or days is None:
        return None
    source = f"Policy {policy.published.code}: {term}"
    return Clock(days=days, confidence="term", source=source, unverified=term in version.unverified)


def sealed(command: Any) -> DisputeWords | None:
    """The words of a command, apart."""
    told = {name: getattr(command, name, None) for name in ("words", "reference", "spoke_with")}
    return DisputeWords(**told) if any(told.values()) else None
