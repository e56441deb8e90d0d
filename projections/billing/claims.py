"""Billable days into claims: pure, so that the same always makes the same.

One claim holds the lines of one patient, episode, coverage, policy, form and authorization in one calendar week or
month: whichever the payer's terms say, and then only once it is over or the patient discharged, or else the biller. The
days after an authorization has ended or is used up, which another one covers, are on a claim of their own. Lines are
charged by the program's fee schedule. A payer with interim claims gets frequency 1 for a stay on one claim, 2 for its
first, 3 for those between and 4 for the last (CMS bill frequencies). The last is the one after which nothing of the
stay is to be billed, once the patient is discharged, in whatever week. What is told only after a later bill has gone
goes as a continuing one (3), because the payer has the first already: our convention, for which no source was found. To
a payer that takes claims in sequence only the earliest of a stay goes at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, NamedTuple

from aggregates.claim.state import Key, per_diem_key, service_key
from aggregates.payer_policy.terms import Period
from projections.billing.corrections import APART, OTHER_AUTHORIZATION, UNNAMED, apart, standing_lines
from projections.billing.day import Day
from projections.billing.headers import as_data, on_form, status_of
from projections.billing.lines import PER_DIEM, BillLine, ClaimedLine, authorized
from projections.billing.standing import INSTITUTIONAL, due_lines, standing, underlying_at
from projections.billing.stays import Stay, stays
from projections.billing.times import end_of_day, plus_days, start_of_day, week_of
from projections.billing.views import ClaimView, CorrectionView


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A day that is not put on a claim, and why."""

    day: Day
    why: str


@dataclass(frozen=True, slots=True)
class Prepared:
    """Data of `claim.prepare` commands, the days that were left out, and the first days of claims `out_of_turn`: of
    stays whose bills for later days have gone already."""

    claims: list[dict[str, Any]]
    left_out: list[LeftOut]
    out_of_turn: list[Day] = field(default_factory=list)


OUT_OF_TURN = "Bills for later days of the stay have gone already; this one goes as a continuing one (frequency 3)."
TWICE = "Another program's day bills the same service to this payer."
ALIKE = (
    "A record that may be the same person's bills this day to this payer: have a person find that they are two people, "
    "or leave the day to that one."
)


DENIED = "denied_to_correct"


class Billed(NamedTuple):
    """A line and the day that it is of."""

    day: Day
    line: BillLine


def prepare(
    days: Iterable[Day], *, decided_at: int, now: str, period: Period, new_id: Callable[[], str],
    around: Iterable[Day] = (), others: Mapping[str, Collection[str]] | None = None, billed: Collection[Key] = (),
) -> Prepared:  # fmt: skip
    """Claims over these days, which were decided at position `decided_at`; `period` is for payers that set none.

    `around` are all days of the stays whose payers are told of them (`queries.to_bill`). `others` are, of a patient,
    the other records that may be the same person's, and `billed` what of these days they have on claims.

    Of a billed day only what none of its claims bills is prepared, of one that waits for an earlier bill's answer only
    what goes on another form. A day is left out when it is not billable at `now`,
    when a charge is unknown, when another program's day has the same service or a record that may be the same person's
    has it or the day's per diem, when the consent that lets it be
    disclosed ran out before today (42 CFR 2.31), or when an earlier claim of its stay must be answered first.
    """
    days, left_out = list(days), list[LeftOut]()
    known = stays([*days, *around], now)
    ready: list[Billed] = []
    taken, elsewhere = set[Key](), set(billed)
    for day in days:
        due = due_lines(day, now)
        services = {_service(day, line, day.patient_id) for line in due}
        theirs = bills_too(day, due, others or {}, elsewhere)
        why = _objection(day, now) or (TWICE if services & taken else ALIKE if theirs else None)
        if why is None:
            taken |= services
            elsewhere.update(billed_keys(day, due, day.patient_id))
            ready += [Billed(day, line) for line in due]
        else:
            left_out.append(LeftOut(day, why))
    ready.sort(key=lambda one: (_key(one, period), one.day.service_date))
    claims, begun, out_of_turn = [], set(), []
    for lines in _claims(ready, period):
        day, last = lines[0].day, lines[-1].day.service_date
        stay = (day.enrollment_id, day.payer_id, lines[0].line.form)
        if day.sequential_claims and stay in begun:
            why = "An earlier claim of the stay goes first; this payer takes them in sequence."
            left_out += [LeftOut(one, why) for one in {id(one.day): one.day for one in lines}.values()]
        else:
            whole = known[day.enrollment_id, day.payer_id or ""]
            frequency = _frequency(lines[0], whole, last, first=whole.first_billed is None and stay not in begun)
            ends = whole.ends_with(last) if _is_told(lines[0]) else True
            told = [_line(number, one) for number, one in enumerate(lines, 1)]
            claims.append(_claim_of(day, told, decided_at, new_id(), lines[0].line.form, frequency))
            form = lines[0].line.form
            claims[-1] |= _headed(lines[-1].day, form, status_of(lines[-1].day, form, ends=ends))
            if _is_told(lines[0]) and whole.first_billed is not None and last < whole.first_billed:
                out_of_turn.append(day)
        begun.add(stay)
    return Prepared(claims, left_out, out_of_turn)


def bills_too(
    day: Day, lines: Iterable[BillLine], others: Mapping[str, Collection[str]], billed: Collection[Key]
) -> bool:
    """Whether one of the records that may be the same person's has any of these lines of a day, or the day's per diem,
    on a claim: `others` and `billed` as `prepare` has them."""
    own = list(lines)
    theirs = (key for other in others.get(day.patient_id, ()) for key in billed_keys(day, own, other))
    return any(key in billed for key in theirs)


def billed_keys(day: Day, lines: Iterable[BillLine], patient_id: str) -> set[Key]:
    """What a claim of these lines of a day would hold if they were another record's: each service, and the per diem."""
    per_diem = {per_diem_key(patient_id, day.payer_id or "", day.service_date)}
    services = {_service(day, line, patient_id) for line in lines}
    return services | (per_diem if any(line.use in PER_DIEM for line in lines) else set())


def _service(day: Day, line: BillLine, patient_id: str) -> Key:
    return service_key(patient_id, day.payer_id or "", day.service_date, line.code)


def _claims(ready: Iterable[Billed], period: Period) -> Iterator[list[Billed]]:
    """The lines of each claim: of one key, and of one authorization at most, because a file names one (REF*G1)."""
    for _, group in groupby(ready, key=lambda one: _key(one, period)):
        lines, named = list[Billed](), ""
        for one in group:
            authorization = one.day.authorization_id if one.line is authorized(one.day.lines) else None
            if named and authorization and authorization != named:
                yield lines
                lines, named = [], ""
            lines.append(one)
            named = named or authorization or ""
        yield lines


def correcting(
    claim: ClaimView, days: Iterable[Day], correction: CorrectionView, *, decided_at: int, now: str, claim_id: str
) -> dict[str, Any] | None:
    """Data of the `claim.prepare` command that puts a wrong claim right at the payer; None for one that it never got.

    A replacement (frequency 7) has every line that stands now under the authorization that it names, a void (8) says
    again what was sent. `days` are the claim's own.
    """
    if correction.frequency is None or correction.waits is not None:
        return None
    own = sorted(days, key=lambda day: day.service_date)
    first = own[0]
    if correction.frequency == "8":
        sent = [(day, line) for day in own for line in day.claimed if line.claim_id == claim.claim_id]
        lines = [_again(number, *one) for number, one in enumerate(sent, 1)]
        said = own[-1].told.get(claim.claim_id)
        header = {"header": as_data(said) if said else None}
    else:
        later = apart(claim, own, now)
        on_it = (day for day in own if day.service_date not in later)
        billed = [Billed(day, line) for day in on_it for line in standing_lines(claim, day, now)]
        lines = [_line(number, one) for number, one in enumerate(billed, 1)]
        header = _headed(billed[-1].day, claim.form, correction.patient_status)
    data = _claim_of(first, lines, decided_at, claim_id, claim.form, correction.frequency)
    same = {"program_id": claim.program_id, "payer_id": claim.payer_id, "policy_id": claim.policy_id}
    bill = {"form": claim.form, "type_of_bill": _type_of_bill(first, claim.form, correction.frequency)}
    return data | same | bill | header | {"replaces": claim.claim_id, "replacement_cause": _cause(correction)}


def _again(number: int, day: Day, sent: ClaimedLine) -> dict[str, Any]:
    """A line as it was sent."""
    return {
        "line": number,
        "service_date": day.service_date,
        "level_of_care": sent.level_of_care,
        "revenue_code": sent.revenue_code,
        "procedure_code": sent.procedure_code,
        "modifiers": list(sent.modifiers),
        "units": sent.units,
        "charge_cents": sent.charge_cents,
        "authorization_id": sent.authorization_id,
        "authorization_units": list(sent.authorization_units),
    }


def _cause(correction: CorrectionView) -> str:
    """The first reason why a day does not stand, or that its authorization or its lines are others, or nothing of it is
    this payer's, or that only what stands beside the lines is another, or that only the payer says so."""
    reason = next((day.reason for day in correction.days if day.reason), None)
    if correction.look is not None:
        return DENIED
    if not correction.days:
        return "other_header"
    if reason is None and {day.sentence for day in correction.days} <= {APART, OTHER_AUTHORIZATION, UNNAMED}:
        return "other_authorization"
    return reason or ("other_lines" if correction.right_cents else "other_payer")


def _objection(day: Day, now: str) -> str | None:
    if (over := ran_out(day.disclosure_through, day.time_zone, now)) is not None:
        return over
    state = underlying_at(day, now) if day.unbilled else standing(day, now)[0]
    if state != "billable" and not due_lines(day, now):
        return f"The day is {state.replace('_', ' ')}."
    if day.cents is None or day.payer_id is None or day.policy_id is None or not day.lines:
        return "The day has no known charge or payer."
    if day.billing_period is not None and not _period_over(day, day.billing_period, now):
        return f"This payer is billed by the {day.billing_period}, which is not over yet."
    return None


def ran_out(through: str | None, time_zone: str, now: str) -> str | None:
    """Why nothing is sent any more under a consent, once its last day is over where the program is; else None."""
    if through is None or now < end_of_day(time_zone, through):
        return None
    return f"The consent to disclose ran out on {through}; ask the patient for a new one."


def _period_over(day: Day, period: Period, now: str) -> bool:
    """Whether nothing more of the stay can come into the day's week or month."""
    if day.discharged_on and _ends_in(day, period):
        return now >= end_of_day(day.time_zone, day.discharged_on)
    after = plus_days(day.week, 7) if period == "week" else plus_days(day.service_date[:7] + "-28", 4)[:7] + "-01"
    return now >= start_of_day(day.time_zone, after)


def _ends_in(day: Day, period: Period) -> bool:
    """Whether the discharge is in the day's own week or month."""
    if day.discharged_on is None:
        return False
    same_month = day.discharged_on[:7] == day.service_date[:7]
    return week_of(day.discharged_on) == day.week if period == "week" else same_month


def _key(one: Billed, period: Period) -> tuple[str, ...]:
    day = one.day
    when = day.week if (day.billing_period or period) == "week" else day.service_date[:7]
    whose = (day.patient_id, day.enrollment_id, day.payer_id, day.coverage_id)
    parts = (*whose, day.policy_id, one.line.form, day.type_of_bill, when)
    return tuple(part or "" for part in parts)


def _type_of_bill(day: Day, form: str, frequency: str) -> str | None:
    """The payer's type of bill, whose last character is the frequency; the professional form has none."""
    return day.type_of_bill[:3] + frequency if form == INSTITUTIONAL and day.type_of_bill else None


def _claim_of(
    day: Day, lines: list[dict[str, Any]], decided_at: int, claim_id: str, form: str, frequency: str
) -> dict[str, Any]:
    """The claim of these lines, all that they share taken from one of their days."""
    return {
        "claim_id": claim_id,
        "patient_id": day.patient_id,
        "enrollment_id": day.enrollment_id,
        "program_id": day.program_id,
        "payer_id": day.payer_id,
        "coverage_id": day.coverage_id,
        "policy_id": day.policy_id,
        "form": form,
        "type_of_bill": _type_of_bill(day, form, frequency),
        "frequency": frequency,
        "from_date": lines[0]["service_date"],
        "through_date": lines[-1]["service_date"],
        "lines": lines,
        "total_cents": sum(line["charge_cents"] for line in lines),
        "decided_at": decided_at,
    }


def _headed(day: Day, form: str, patient_status: str | None) -> dict[str, Any]:
    """What a claim that ends with a day says beside its lines."""
    kind = _type_of_bill(day, form, "1")
    return {"header": as_data(on_form(day.header, form, kind, patient_status)) if day.header else None}


def _is_told(one: Billed) -> bool:
    """Whether the payer is told where in the stay the claim stands: on its bills only."""
    return one.day.interim_claims and one.line.form == INSTITUTIONAL


def _frequency(one: Billed, stay: Stay, through: str, *, first: bool) -> str:
    """Whether the stay begins with this claim, and whether it ends with it."""
    if not _is_told(one):
        return "1"
    ends = stay.ends_with(through)
    if first:
        return "1" if ends else "2"
    return "4" if ends else "3"


def _line(number: int, one: Billed) -> dict[str, Any]:
    day, line = one
    names = line is authorized(day.lines)
    return {
        "line": number,
        "service_date": day.service_date,
        "level_of_care": day.level_of_care,
        "revenue_code": line.revenue_code,
        "procedure_code": line.procedure_code,
        "modifiers": list(line.modifiers),
        "units": line.units,
        "charge_cents": line.charge_cents,
        "authorization_id": day.authorization_id if names else None,
        "authorization_units": list(day.authorization_units) if names else [],
    }
