"""What a bill says beside its lines: as it was prepared, and as it would be now; in codes and ids only.

The patient's status is the discharge's on the bill that ends the stay, and 30 (still a patient) on the others. A payer
with interim claims is told which bill that is; to another payer a bill that said 30 stays right as long as the patient
left after its last day. Member numbers and subscribers are nowhere here: the position of the fact that gave them is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import msgspec

from projections.billing.lines import Header
from projections.billing.standing import INSTITUTIONAL
from projections.billing.stays import stays

if TYPE_CHECKING:
    from projections.billing.day import Case, Day
    from projections.billing.views import ClaimView

STILL_A_PATIENT = "30"
ATTENDING = "The episode names another attending than the claim."
COVERAGE = "The claim has the member number and subscriber of another coverage than the one that covers it now."
NUMBERS = "Member number or subscriber of the coverage were recorded anew after the claim was prepared."


def header_of(case: Case) -> Header:
    """What a bill that ends with a day would say; the status is that of the discharge, None before one."""
    episode, coverage = case.episode, case.coverage
    by_rank: dict[int, str] = {}
    for one in episode.diagnoses:
        if one.on <= case.date:
            by_rank[1] = one.value
    for other in episode.other_diagnoses:
        if other.on <= case.date:
            by_rank[other.rank] = other.value
    principal = by_rank.pop(1, None)
    others = dict.fromkeys(code for _, code in sorted(by_rank.items()) if code != principal)
    return Header(
        patient_status=episode.patient_status if episode.discharged_on else None, principal_diagnosis=principal,
        other_diagnoses=tuple(others), attending_id=episode.attending_id, coverage_id=case.coverage_id,
        coverage_at=coverage.positions[0] if coverage else None,
    )


def status_of(day: Day, form: str, *, ends: bool) -> str | None:
    """The patient's status on a bill through a day; the professional form has none."""
    if form != INSTITUTIONAL or day.header is None:
        return None
    return (day.header.patient_status or STILL_A_PATIENT) if ends else STILL_A_PATIENT


def told_status(day: Day) -> str | None:
    """The status that a bill through this day told a payer who is told where in the stay it stands."""
    told = (one.patient_status for one in day.told.values()) if day.interim_claims else ()
    return next((one for one in told if one is not None), None)


def header_differs(day: Day) -> bool:
    """Whether a bill through this day would say something else now, as far as the day alone can tell."""
    return any(any(_changes(told, day, None)) for told in day.told.values())


def changed(claim: ClaimView, days: Iterable[Day], now: str) -> tuple[list[str], str | None]:
    """What a claim says beside its lines that is not so now, a sentence each, and the patient's status as it is now.

    `days` are all of its stay, where the payer is told of it.
    """
    days = list(days)
    own = (day for day in days if any(line.claim_id == claim.claim_id for line in day.claimed))
    day = max(own, key=lambda one: one.service_date)
    told = day.told.get(claim.claim_id)
    if day.interim_claims:
        stay = stays(days, now)[day.enrollment_id, claim.payer_id]
        status = status_of(day, claim.form, ends=stay.ends_with(day.service_date))
    else:
        status = _status(told, day) if told else status_of(day, claim.form, ends=True)
    same_payer = told is not None and day.payer_id == claim.payer_id
    return list(_changes(told, day, status)) if told and same_payer else [], status


def _changes(told: Header, day: Day, status: str | None) -> Iterator[str]:
    """Sentences; without a status only what the day alone can tell of it."""
    header = day.header
    if header is None:
        return
    right = status or (told.patient_status if day.interim_claims else _status(told, day))
    if right != told.patient_status:
        yield f"The patient's status is {right} now, and the claim says {told.patient_status}."
    if header.principal_diagnosis != told.principal_diagnosis:
        now, then = (one.principal_diagnosis or "none" for one in (header, told))
        yield f"The principal diagnosis is {now} now, and the claim says {then}."
    if header.other_diagnoses != told.other_diagnoses:
        now, then = (", ".join(one.other_diagnoses) or "none" for one in (header, told))
        yield f"The other diagnoses are {now} now, and the claim says {then}."
    if header.attending_id != told.attending_id:
        yield ATTENDING
    if header.coverage_id != told.coverage_id:
        yield COVERAGE
    elif header.coverage_at != told.coverage_at:
        yield NUMBERS


def _status(told: Header, day: Day) -> str | None:
    """The status that such a bill says now, where the payer is not told which one ends the stay."""
    if told.patient_status is None or day.header is None:
        return None
    left = day.discharged_on is not None and (
        day.discharged_on <= day.service_date or told.patient_status != STILL_A_PATIENT
    )
    return (day.header.patient_status or STILL_A_PATIENT) if left else STILL_A_PATIENT


def as_data(header: Header) -> dict[str, object]:
    """The header as `claim.prepare` takes it; the claim itself names its coverage."""
    data: dict[str, object] = msgspec.to_builtins(header)
    data.pop("coverage_id", None)
    return data
