"""Which claims are wrong by what is known now, by how much, and with which frequency code they are put right.

A billed day whose lines would be others today, or that would not be billed at all, puts its claim here. A claim of
which something stands is replaced as a whole (frequency 7, all correct lines again); one of which nothing stands is
voided (8). A day that is held by now counts as not standing until whoever it waits for has acted. A claim that says
something else beside its lines than it would now (see `headers`) is here too, and replaced; so is one that names
another authorization than covers the day now, or none where it should (see `rules.authorization`). A file names one
(REF*G1): days under another one leave with the replacement, and go on a claim of their own once the payer has accepted
it. Where a payer rejects what it had accepted (a replacement or a void) and the day was billed anew meanwhile, it has
two bills: both are here, and a person says which one goes, for either may be the right one.

A claim that its payer denied as to be corrected is here too, though nothing of ours says that it is wrong: a person
finds out what was missing and names it, and then the lines that stand are sent again (see `to_correct`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from aggregates.claim.state import AT_PAYER
from projections.billing.day import Day
from projections.billing.headers import changed
from projections.billing.late import lateness
from projections.billing.lines import BillLine, ClaimedLine, authorized
from projections.billing.rules.correct_by import of_days
from projections.billing.standing import stage_at
from projections.billing.views import ClaimedLineView, ClaimView, CorrectedDayView, CorrectionView
from projections.billing.words import dollars, reason_of, sentence

STANDS = frozenset({"billable", "waiting"})
TWICE = "billed_twice"
DENIED = (
    "Its payer denied this replacement, and the answer to claim {} stands: say first which of the two holds "
    "(claim.reject or claim.acknowledge, see the list of denied voids)."
)
OTHER_PAYER = "By what is known now another payer covers the day: void this claim first, then bill the other payer."
OTHER_AUTHORIZATION = "Another authorization covers the day than the claim names: the replacement names that one."
UNNAMED = "An authorization covers the day, and the claim names none: the replacement names it."
APART = (
    "A claim names one authorization, and the day is under another than the others: the replacement leaves it out, and "
    "it is billed on its own once the payer has accepted that."
)


def differs(day: Day) -> bool:
    """Whether its claims say other lines than the day is decided to have, or another authorization, whatever its
    state."""
    return bool(day.misnamed) or other_lines(day)


def other_lines(day: Day) -> bool:
    """Whether its claims say other lines than the day is decided to have."""
    return any(_differs(day, form, payer_id) for form, payer_id in {(one.form, one.payer_id) for one in day.claimed})


def wrong(claim: ClaimView, day: Day, now: str) -> bool:
    """Whether a claim of the day is wrong at a moment."""
    if stage_at(day, now).state not in STANDS:
        return True
    misnamed = claim.claim_id in day.misnamed
    return misnamed or twin(claim, day) is not None or _differs(day, claim.form, claim.payer_id)


def twin(claim: ClaimView, day: Day) -> ClaimedLine | None:
    """What another claim that stands bills of the same service of the day to the same payer."""
    own = {line.code for line in day.claimed if line.claim_id == claim.claim_id}
    other = (line for line in day.claimed if line.claim_id != claim.claim_id and line.payer_id == claim.payer_id)
    return next((line for line in other if line.code in own), None)


def correction(claim: ClaimView, days: Iterable[Day], now: str) -> CorrectionView | None:
    """What is wrong with a claim, out of all its days; None when it is right.

    Where the payer is told of the stay (`interim_claims`), `days` are all of the stay.
    """
    days = list(days)
    own = [day for day in days if any(line.claim_id == claim.claim_id for line in day.claimed)]
    later = apart(claim, own, now)
    found = [day for day in own if wrong(claim, day, now)]
    header, status = changed(claim, days, now) if own else ([], None)
    if not own or not (found or header or claim.to_correct):
        return None
    told = [_day_view(claim, day, now, later) for day in own if day in found or day.service_date in later]
    right = sum(line.charge_cents or 0 for day in own for line in _on_it(claim, day, now, later))
    at_payer = claim.status in AT_PAYER and not claim.unprocessable
    return CorrectionView(
        patient_id=claim.patient_id, claim_id=claim.claim_id, program_id=claim.program_id, payer_id=claim.payer_id,
        status=claim.status, payer_control_number=claim.payer_control_number, decided_at=claim.decided_at,
        frequency=("7" if right else "8") if at_payer else None, claimed_cents=claim.total_cents, right_cents=right,
        difference_cents=right - claim.total_cents, days=told, waits=_waits(claim, own, now) if at_payer else None,
        from_date=claim.from_date, header=header, patient_status=status, twice=next(_twice(claim, own), None),
        denied=claim.to_correct, denied_cents=claim.to_correct_cents, unprocessable=claim.unprocessable,
        look=None if told or header else _look(claim), **_last_day(claim, own, right, now),
    )


def _look(claim: ClaimView) -> str:
    """What a person must do first about what only the payer says."""
    then = (
        "then name the claim: as this payer never took it as filed, it is voided here and its days go on a new one"
        if claim.unprocessable else "then name the claim: its lines are sent again as a replacement"
    )
    return (
        f"The payer denied {dollars(claim.to_correct_cents)} as to be corrected ({', '.join(claim.to_correct)}), and "
        f"nothing on record says what is wrong: find out what was missing, see to it, {then}."
    )


def _last_day(claim: ClaimView, own: list[Day], right: int, now: str) -> dict[str, Any]:
    """Until when it can be corrected; of what was never filed, until when it can be filed."""
    if not claim.unprocessable:
        by = of_days(day.correct_by.get(claim.claim_id) for day in own)
        return lateness(by, own[0].service_date, right - claim.total_cents, now)
    known = [(day.filing_due_on, day.unverified) for day in own if day.filing_due_on is not None]
    if not known:
        return {}
    on, unverified = min(known)
    return {"correct_by": on, "unverified": [one for one in unverified if one.startswith("timely_filing")]}


def _twice(claim: ClaimView, days: Iterable[Day]) -> Iterator[str]:
    for day in days:
        other = twin(claim, day)
        if other is not None:
            code = other.procedure_code or other.revenue_code
            yield (
                f"Billed twice at the payer: claim {other.claim_id} has {code} of {day.service_date} too. Void one of "
                "the two: name the one that is to go."
            )


def _waits(claim: ClaimView, days: Iterable[Day], now: str) -> str | None:
    """Until a service that is to come on the claim is free: another claim of the day has it, or keeps it until its
    payer has accepted that it takes it back; of a replacement that was denied, until that is settled."""
    if claim.denied_on is not None:
        return DENIED.format(claim.replaces)
    for day in days:
        own = {line.code for line in day.claimed if line.claim_id == claim.claim_id}
        new = {line.code for line in standing_lines(claim, day, now)} - own
        for line in (*day.claimed, *day.kept):
            if line.code in new and line.claim_id != claim.claim_id:
                code = line.procedure_code or line.revenue_code
                return (
                    f"Claim {line.claim_id} still has {code} of {day.service_date}: that one is corrected first, and "
                    "this one once its payer has accepted the correction."
                )  # fmt: skip
    return None


def standing_lines(claim: ClaimView, day: Day, now: str) -> list[BillLine]:
    """The lines of a day that would go on such a claim now; none of one that another claim bills as well."""
    if twin(claim, day) is not None:
        return []
    return _now_on(day, claim.form, claim.payer_id) if stage_at(day, now).state in STANDS else []


def apart(claim: ClaimView, days: Iterable[Day], now: str) -> frozenset[str]:
    """The dates of a claim's days that stand and are under another authorization than a replacement would name: that of
    most days that name it already, and then of most days."""
    under: dict[str, list[Day]] = {}
    for day in days:
        if day.authorization_id is not None and authorized(day.lines) in standing_lines(claim, day, now):
            under.setdefault(day.authorization_id, []).append(day)
    named = max(under, key=lambda one: (_named(claim, under[one], one), len(under[one])), default=None)
    return frozenset(day.service_date for key, found in under.items() if key != named for day in found)


def _named(claim: ClaimView, days: Iterable[Day], authorization_id: str) -> int:
    """On how many days the claim names it."""
    names = {claim.claim_id, authorization_id}
    return sum(any({line.claim_id, line.authorization_id} == names for line in day.claimed) for day in days)


def _on_it(claim: ClaimView, day: Day, now: str, later: Collection[str]) -> list[BillLine]:
    return [] if day.service_date in later else standing_lines(claim, day, now)


def _now_on(day: Day, form: str, payer_id: str) -> list[BillLine]:
    return [line for line in day.lines if line.form == form] if day.payer_id == payer_id else []


def _differs(day: Day, form: str, payer_id: str) -> bool:
    claimed = sorted(line.billed_as for line in day.claimed if (line.form, line.payer_id) == (form, payer_id))
    return sorted(line.billed_as for line in _now_on(day, form, payer_id)) != claimed


def _day_view(claim: ClaimView, day: Day, now: str, later: Collection[str]) -> CorrectedDayView:
    stage = stage_at(day, now)
    reason = stage.reason if stage.state not in STANDS else None
    words = (sentence(day, one, now) for one in day.answers if one.code == reason and reason_of(one, now))
    new = _on_it(claim, day, now, later)
    told = next(words, None) if reason else _standing_otherwise(claim, day, later)
    if twin(claim, day) is not None:
        reason, told = TWICE, next(_twice(claim, [day]))
    return CorrectedDayView(
        service_date=day.service_date, enrollment_id=day.enrollment_id, state=stage.state, reason=reason,
        sentence=told,
        claimed=[_line_view(line) for line in day.claimed if line.claim_id == claim.claim_id],
        right=[_line_view(line) for line in new], positions=[one for one in day.positions if one > claim.decided_at],
    )


def _standing_otherwise(claim: ClaimView, day: Day, later: Collection[str]) -> str | None:
    """What is wrong though the day stands, beside its lines."""
    if day.payer_id != claim.payer_id:
        return OTHER_PAYER
    if day.service_date in later:
        return APART
    if claim.claim_id not in day.misnamed:
        return None
    names = any(line.authorization_id for line in day.claimed if line.claim_id == claim.claim_id)
    return OTHER_AUTHORIZATION if names else UNNAMED


def _line_view(line: BillLine | ClaimedLine) -> ClaimedLineView:
    revenue_code, procedure_code, modifiers, units, charge_cents = line.billed_as
    return ClaimedLineView(
        revenue_code=revenue_code, procedure_code=procedure_code or None, modifiers=list(modifiers), units=units,
        charge_cents=charge_cents,
    )
