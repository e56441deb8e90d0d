"""Answered claims into secondary claims, and stale ones into what puts them right: pure, as `claims` is.

The lines are those of the claim before, without its authorizations, which are another payer's, and with the second
payer's own where it gave one; on the second payer's form.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from projections.billing.claims import ran_out
from projections.billing.headers import as_data
from projections.billing.secondary import Secondary, SecondaryLine
from projections.billing.stale import Stale
from projections.billing.views import CorrectionView

REPLACEMENT, VOID = "7", "8"


@dataclass(frozen=True, slots=True)
class NotReady:
    """An answered claim for which no secondary claim can be prepared, and why."""

    due: Secondary
    why: str


def secondary(
    due: Iterable[Secondary], *, decided_at: int, now: str, new_id: Callable[[], str]
) -> tuple[list[dict[str, Any]], list[NotReady]]:
    """Data of the `claim.prepare` commands that bill the second payer what the first one left, and what cannot be.

    Left out is what somebody must mend first, and what the consent no longer lets out today.
    """
    claims, not_ready = [], []
    for one in due:
        why = one.objection or ran_out(one.disclosure_through, one.time_zone, now)
        if why is None:
            claims.append(_after(one, decided_at, new_id()))
        else:
            not_ready.append(NotReady(one, why))
    return claims, not_ready


def correcting_secondary(
    stale: Stale, correction: CorrectionView, *, decided_at: int, claim_id: str
) -> dict[str, Any] | None:
    """Data of the `claim.prepare` command that puts a stale secondary claim right; None for one never sent.

    A replacement bills what is left after the claim that stands now, a void says again what was sent.
    """
    if correction.frequency is None:
        return None
    frequency = correction.frequency
    if stale.right is not None and frequency == REPLACEMENT:
        data = _after(stale.right, decided_at, claim_id)
    else:
        data = _again(stale, decided_at, claim_id)
    bill = {"frequency": frequency, "type_of_bill": _type_of_bill(data["type_of_bill"], frequency)}
    return data | bill | {"replaces": stale.claim_id, "replacement_cause": stale.reason}


def _after(one: Secondary, decided_at: int, claim_id: str) -> dict[str, Any]:
    """The claim that comes after this one."""
    return {
        "claim_id": claim_id, "patient_id": one.patient_id, "enrollment_id": one.enrollment_id,
        "program_id": one.program_id, "payer_id": one.next_payer_id, "coverage_id": one.coverage_id,
        "policy_id": one.policy_id, "form": one.form, "type_of_bill": one.type_of_bill, "frequency": one.frequency,
        "after_claim": one.claim_id, "from_date": one.from_date, "through_date": one.through_date,
        "lines": _lines(one.lines), "total_cents": one.charge_cents, "decided_at": decided_at,
        "header": as_data(one.header) if one.header else None,
    }


def _again(stale: Stale, decided_at: int, claim_id: str) -> dict[str, Any]:
    """The claim as it was sent."""
    return {
        "claim_id": claim_id, "patient_id": stale.patient_id, "enrollment_id": stale.enrollment_id,
        "program_id": stale.program_id, "payer_id": stale.payer_id, "coverage_id": stale.coverage_id,
        "policy_id": stale.policy_id, "form": stale.form, "type_of_bill": stale.type_of_bill,
        "after_claim": stale.after_claim, "from_date": stale.from_date, "through_date": stale.through_date,
        "lines": _lines(stale.lines), "total_cents": sum(line.charge_cents for line in stale.lines),
        "decided_at": decided_at, "header": as_data(stale.header) if stale.header else None,
    }


def _lines(lines: Iterable[SecondaryLine]) -> list[dict[str, Any]]:
    """Numbered anew: of a claim that is covered in part, some lines are not here."""
    return [
        {
            "line": number, "service_date": line.service_date, "level_of_care": line.level_of_care,
            "revenue_code": line.revenue_code, "procedure_code": line.procedure_code, "modifiers": list(line.modifiers),
            "units": line.units, "charge_cents": line.charge_cents, "authorization_id": line.authorization_id,
            "authorization_units": list(line.authorization_units),
        }
        for number, line in enumerate(lines, 1)
    ]


def _type_of_bill(known: str | None, frequency: str) -> str | None:
    """The payer's type of bill, whose last character is the frequency; the professional form has none."""
    return known[:3] + frequency if known else None
