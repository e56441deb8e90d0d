"""How many minutes count, and are they enough?

Minutes are whole, by half-open intervals, breaks taken out. Sessions that overlap share their minutes: each minute
counts once, and the day is held until one attendance is corrected. A day that overlaps the one before or after it, in
a session across midnight, is held as well, and so is that one. A unit is whole: what is left over makes none.
While the patient is expected at a session yet, what is too little so far rules the day out only once it is over.
Where the minutes of a group out of size do not count and are just those that the day lacks, the group's size decides;
so does that of a group apart from the per diem that is not billed for it, where nothing else is.
A day too short for its per diem is billed as its services where the payer takes those instead, or apart from it.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from msgspec.structs import replace

from aggregates.claim.per_diem import is_per_diem
from aggregates.payer_policy.terms import PerDiem
from projections.billing.accounts.documents import Line
from projections.billing.day import Case, Outcome
from projections.billing.documents import Claim, Visit
from projections.billing.keeping import kept
from projections.billing.rules import counting
from projections.billing.rules.services import codes_of, priced, services_of
from projections.billing.times import minutes_once, overlap


def ask(case: Case) -> None:
    """Group size, overlap, the minimum of minutes and of services; only where the payer's terms are known."""
    _overlap(case)
    if case.per_diem is None:
        case.minutes = sum(visit.minutes for _, visit in case.visits)
        return
    counting.ask(case)
    nameless = [visit for _, visit in case.visits if visit.status == "present" and not visit.kind]
    unknown = [position for visit in nameless for position in visit.positions]
    if unknown:
        case.say("service_kind", "held", "service_kind_unknown", unknown)
    _count(case, final=not case.open and not unknown)


def _count(case: Case, *, final: bool) -> None:
    """Minutes and units of what counts; whether they are enough is asked once attendance is final."""
    misfits = counting.groups_out_of_size(case)
    apart = [visit for visit, _ in counting.apart(case)] if misfits else []
    case.left_out = misfits if misfits and case.terms.group_consequence == "minutes_do_not_count" else []
    whole = [visit for _, visit in case.counted]
    case.counted = [(session, visit) for session, visit in case.counted if visit not in case.left_out]
    kept = [visit for _, visit in case.counted]
    case.minutes = minutes_of(kept)
    case.services = _services(case, kept)
    case.per_diem = _per_diem_for(case, kept)
    case.units = units_of(case.per_diem.unit_basis, case.minutes, len(kept))
    if misfits:
        _say_group_sizes(case, misfits, whole, apart, final=final)
    if final:
        _enough(case)
        _ask_primary(case, kept)


def _say_group_sizes(case: Case, misfits: list[Visit], whole: list[Visit], apart: list[Visit], *, final: bool) -> None:
    """The groups out of size, after what was counted, and billed apart, before they were left out."""
    kept = [visit for _, visit in case.counted]
    lacking = final and bool(case.left_out) and _short(case, kept) and not _instead(case, kept)
    short = lacking and _short(case, whole)
    unbilled = [visit for visit in apart if short or visit not in whole]
    deciding = [visit for visit in misfits if (visit in unbilled) == short] if lacking else []
    counting.say_group_sizes(case, misfits, unbilled, deciding)


def _per_diem_for(case: Case, kept: list[Visit]) -> PerDiem:
    """Of the per diems for the day's level and focus the one for so many services, or the least when they are fewer or
    none of them is primary where that is asked."""
    least, reached = _least_and_reached(case)
    return least if reached.services_at_least > 1 and _lacks_primary(case, kept) else reached


def _least_and_reached(case: Case) -> tuple[PerDiem, PerDiem]:
    """The per diem for the fewest services, and the one for as many as were counted."""
    fitting = [
        one for one in case.terms.per_diems if (one.level_of_care, one.focus) == (case.level, case.focus)
    ]
    fitting.sort(key=lambda one: one.services_at_least)
    reached = (one for one in reversed(fitting) if one.services_at_least <= case.services)
    return fitting[0], next(reached, fitting[0])


def _lacks_primary(case: Case, kept: list[Visit]) -> bool:
    primary = case.term("primary_services")
    return bool(primary) and codes_of(case.terms, kept).isdisjoint(primary)


def _ask_primary(case: Case, kept: list[Visit]) -> None:
    """Whether one of several services is of the payer's primary list, where it has one and the day has that many."""
    _, reached = _least_and_reached(case)
    if not case.terms.primary_services or case.short_day or reached.services_at_least <= 1:
        return
    positions = [one for visit in kept for one in visit.positions]
    needed, codes = reached.services_at_least, ", ".join(sorted(codes_of(case.terms, kept)))
    if _lacks_primary(case, kept):
        until = case.expected_until
        case.say(
            "primary_service", "warning", "primary_service_missing", positions, until, needed=needed, codes=codes
        )
    else:
        case.say("primary_service", positions=positions, needed=needed, codes=codes)


def contends(case: Case) -> bool:
    """Whether a weighed day may be billed as a per diem, now or once somebody has acted, or is the patient's to pay.

    One that is held contends, because it may still be documented; one that no longer can be leaves the day to a shorter
    one as soon as a named person gives it up.
    """
    per_diem = case.per_diem is not None and not case.short_day
    return case.delivered and (per_diem or case.owed_basis is not None) and not case.not_billable


def ask_rivals(case: Case, rivals: list[Case]) -> None:
    """One per diem a patient, payer and day, and one charge a patient and program where no payer is asked: the day with
    more minutes is billed, then the earlier admission's. The services of a short day are in another program's per
    diem."""
    if case.short_day:
        _ask_included(case, rivals)
        return
    if case.per_diem is None and case.owed_basis is None:
        return
    for rival in rivals:
        if _payer_of(rival) == _payer_of(case) and _rank(rival) < _rank(case):
            whose = {} if case.owed_basis is None else {"episode": rival.enrollment_id}
            positions, about = case.told_of(rival.enrollment_id, _facts(rival), minutes=rival.minutes, **whose)
            case.say("one_per_diem", "not_billable", "second_program_same_day", positions, about=about)
            return


def _facts(case: Case) -> list[int]:
    return [position for _, visit in case.visits for position in visit.positions]


def _ask_included(case: Case, rivals: list[Case]) -> None:
    """A per diem swallows what is billed instead of one, whichever program gave it (BCBS North Dakota, TRICARE: by any
    provider); what the payer pays apart from it stays."""
    instead = [line for line in case.lines if line.use == "short_day"]
    rival = next((one for one in rivals if one.owed_basis is None and one.payer_id == case.payer_id), None)
    if not instead or rival is None:
        return
    apart = [line for line in case.lines if line.use != "short_day"]
    case.lines = apart or case.lines
    positions, about = case.told_of(rival.enrollment_id, _facts(rival), minutes=rival.minutes)
    case.say(
        "one_per_diem", "warning" if apart else "not_billable", "included_in_per_diem", positions, about=about,
        codes=", ".join(sorted({line.procedure_code or line.revenue_code for line in instead})),
    )


def _included(case: Case) -> set[tuple[str, str]]:
    """The services that the payer pays instead of a per diem and never beside it."""
    uses: dict[tuple[str, str], set[str]] = {}
    for price in case.terms.services:
        uses.setdefault((price.revenue_code, price.procedure_code), set()).add(price.use)
    return {code for code, found in uses.items() if found == {"short_day"}}


def _payer_of(case: Case) -> tuple[str | None, str]:
    """Who pays for a day once: a payer, or the patient to a program under an agreement."""
    return (case.payer_id, "") if case.owed_basis is None else (None, case.program_id)


def ask_claimed(case: Case) -> None:
    """What another episode's claim bills to the payer for the day is billed once, service by service (CARC 18), and so
    is the day's per diem, whatever its code, with the services that it includes: if this day is the one to bill, that
    claim is wrong, and goes first."""
    codes = {line.code for line in case.lines}
    free = not case.short_day and not any(_has_per_diem(case, claim, [line]) for _, claim, line in case.claimed)
    included = _included(case) if free else set()
    elsewhere = [(claim_id, claim, lines, _codes(lines)) for claim_id, claim, lines in _elsewhere(case)]
    for claim_id, claim, told in (
        *((claim_id, claim, billed & codes or (billed if free and _has_per_diem(case, claim, lines) else set()))
          for claim_id, claim, lines, billed in elsewhere),
        *((claim_id, claim, billed & included) for claim_id, claim, _, billed in elsewhere),
    ):  # fmt: skip
        if told:
            named = ", ".join(sorted(procedure or revenue for revenue, procedure in told))
            positions, about = case.told_of(claim.enrollment_id, claim.positions, codes=named, other=claim_id)
            case.say("billed_once", "held", "billed_by_other_program", positions, about=about)
            return


def _codes(lines: list[Line]) -> set[tuple[str, str]]:
    return {(line.revenue_code, line.procedure_code or "") for line in lines}


def _elsewhere(case: Case) -> Iterator[tuple[str, Claim, list[Line]]]:
    """Other episodes' claims to the payer that hold the day: that stand, or are to take back what did."""
    for claim_id, claim in case.patient.claims.items():
        if claim.live and claim.payer_id == case.payer_id and claim.enrollment_id != case.enrollment_id:
            yield claim_id, claim, [line for line in claim.lines if line.date == case.date]
    for one in kept(case.patient):
        same = (one.claim.payer_id, one.line.date) == (case.payer_id, case.date)
        if same and one.free and one.claim.enrollment_id != case.enrollment_id:
            back = one.claim.replaces or one.claim_id
            said = case.patient.claims[back].per_diem_days  # what takes it back may bill other services instead
            yield back, replace(one.claim, per_diem_days=said), [one.line]


def _has_per_diem(case: Case, claim: Claim, lines: list[Line]) -> bool:
    """Whether a claim bills the day's per diem, by its own word or, where it says nothing, by the terms."""
    if claim.per_diem_days is not None:
        return bool(lines) and case.date in claim.per_diem_days
    return any(is_per_diem(line, case.terms) for line in lines)


def units_of(basis: str, minutes: int, sessions: int) -> int:
    """Whole units of a basis."""
    if basis == "hour":
        return minutes // 60
    if basis == "quarter_hour":
        return minutes // 15
    return sessions if basis == "session" else 1


def drawn_by(basis: str, minutes: int, sessions: int) -> int:
    """The units of an authorization that a billed day draws: at least one, because units go by billed days."""
    return max(1, units_of(basis, minutes, sessions))


def _rank(case: Case) -> tuple[int, str, str]:
    return (-case.minutes, case.episode.admitted_on or "", case.enrollment_id)


def _overlap(case: Case) -> None:
    for session, visit in case.visits:
        for other, rival in case.around:
            if session != other and visit.intervals and overlap(visit.intervals, rival.intervals):
                beside = {} if rival.date == case.date else {"other_day": rival.date}
                positions, about = case.told_of(rival.enrollment_id, rival.positions, **beside)
                case.say("overlap", "held", "overlap", sorted({*visit.positions, *positions}), about=about)
                return


def minutes_of(visits: list[Visit]) -> int:
    """The minutes of visits, those that they share once."""
    if len(visits) > 1 and _meets(visits):
        return minutes_once((visit.intervals, visit.breaks) for visit in visits)
    return sum(visit.minutes for visit in visits)


def _short(case: Case, visits: list[Visit]) -> bool:
    """Whether these visits make no billable day under the payer's minimum."""
    minutes, terms = minutes_of(visits), case.terms
    few = _services(case, visits) < terms.minimum_sessions
    return minutes < terms.minimum_minutes or few or units_of(_basis(case), minutes, len(visits)) == 0


def _meets(visits: list[Visit]) -> bool:
    return any(overlap(one.intervals, other.intervals) for one, other in combinations(visits, 2))


def _basis(case: Case) -> str:
    return case.per_diem.unit_basis if case.per_diem else "day"


def _services(case: Case, visits: list[Visit]) -> int:
    return services_of(case.terms, visits) if case.terms.line_basis == "service" else len(visits)


def _instead(case: Case, kept: list[Visit]) -> int:
    """How many services are billed where the per diem is not: those of a short day, and those that stand apart."""
    return len(priced(case.terms, kept, "short_day")) + len(counting.apart(case))


def _enough(case: Case) -> None:
    """Too little is no per diem; where the payer takes discrete services instead, the day is those."""
    minimum, services = case.term("minimum_minutes"), case.term("minimum_sessions")
    positions, until = [one for _, visit in case.counted for one in visit.positions], case.expected_until
    kept = [visit for _, visit in case.counted]
    instead = _instead(case, kept) if case.term("services") and _short(case, kept) else 0
    case.short_day = instead > 0
    outcome: Outcome = "warning" if instead else "not_billable"
    if case.minutes < minimum:
        numbers = {"minutes": case.minutes, "minimum": minimum} | ({"instead": instead} if instead else {})
        case.say("minutes", outcome, "below_minimum_minutes", positions, until, numbers)
    else:
        case.say("minutes", positions=positions, minutes=case.minutes, minimum=minimum)
    if services:
        few, sessions = case.services < services, case.services
        numbers = {"sessions": sessions, "minimum": services} | ({"instead": instead} if few and instead else {})
        case.say(
            "services", outcome if few else "passed", "below_minimum_sessions" if few else None, positions,
            until if few else None, numbers,
        )  # fmt: skip
    if case.units == 0:
        case.say("units", outcome, "no_whole_unit", positions, until, minutes=case.minutes, basis=_basis(case))
