"""Which bill of a stay it is: the frequency of a claim, where the payer tells bills of one stay apart.

Medicare's intensive outpatient benefit is billed in sequence: 1 admission through discharge, 2 the first of several, 3
a further one, 4 the last (CMS, billing instructions of 2024 for condition code 92). What other payers ask is not
confirmed: their claims stay originals of frequency 1, each for itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from aggregates.codec import decode
from iop_es.engine.reader import StoredFact, name_of

Stay = tuple[str, str]
"""An episode and a payer."""


@dataclass(slots=True)
class History:
    """What was billed before: payers who count their bills, stays with a claim that stands, last days of episodes."""

    counting: set[str] = field(default_factory=set)
    claims: dict[str, Stay] = field(default_factory=dict)
    discharged: dict[str, str] = field(default_factory=dict)


HISTORY = (
    "payer_policy.published", "claim.prepared", "claim.rejected", "claim.voided", "enrollment.patient_discharged",
)  # fmt: skip
"""The facts that a history is made of."""


def history(facts: Iterable[StoredFact]) -> History:
    """The history that facts of these names tell."""
    known = History()
    for stored in facts:
        _take(known, name_of(stored.topic), stored)
    return known


def _take(known: History, name: str, stored: StoredFact) -> None:
    fact = decode(stored.topic, stored.state)
    match name:
        case "payer_policy.published" if fact.payer_kind == "medicare":
            known.counting.add(fact.payer_id)
        case "claim.prepared" if fact.frequency != "8":
            known.claims[stored.stream] = (fact.enrollment_id, fact.payer_id)
        case "claim.rejected" | "claim.voided":
            known.claims.pop(stored.stream, None)
        case "enrollment.patient_discharged":
            known.discharged[stored.stream] = fact.discharged_on


def in_sequence(claims: Iterable[dict[str, Any]], known: History, through: str | None) -> list[dict[str, Any]]:
    """The data of `claim.prepare` commands with the frequency of each, and the type of bill that says it.

    `through` is the last day that was looked at (None: all), because a later day of the stay may still be to be billed.
    """
    found = sorted(claims, key=lambda claim: str(claim["from_date"]))
    billed = set(known.claims.values())
    last = {_stay(claim): claim["claim_id"] for claim in found}
    numbered = {}
    for claim in found:
        stay = _stay(claim)
        if claim["payer_id"] in known.counting and claim["form"] == "837I":
            discharged_on = known.discharged.get(claim["enrollment_id"], "9999")
            ends = last[stay] == claim["claim_id"] and discharged_on <= (through or "9998")
            numbered[claim["claim_id"]] = _FREQUENCY[stay in billed, ends]
        billed.add(stay)
    return [_as(claim, numbered.get(claim["claim_id"])) for claim in claims]


_FREQUENCY = {(False, False): "2", (True, False): "3", (True, True): "4", (False, True): "1"}
"""By whether an earlier bill of the stay stands, and whether this one ends it."""


def _stay(claim: dict[str, Any]) -> Stay:
    return claim["enrollment_id"], claim["payer_id"]


def _as(claim: dict[str, Any], frequency: str | None) -> dict[str, Any]:
    if frequency is None or not claim["type_of_bill"]:
        return claim
    return claim | {"frequency": frequency, "type_of_bill": claim["type_of_bill"][:3] + frequency}
