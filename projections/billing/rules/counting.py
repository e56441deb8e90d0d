"""Which of the day's visits count toward it under the payer's terms, and which do not, with the reason.

A visit counts when its kind does, it is long enough, it took place where and how the payer allows, the payer takes one
more of its kind that day, and its group has the right size or one that leaves its minutes alone. A group that the
payer pays apart from the per diem, counted or not, is held to the same size: where the minutes of one out of size do
not count, it is not billed apart either.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from aggregates.payer_policy.terms import ServicePrice, TelehealthAllowance
from projections.billing.day import Case, Outcome
from projections.billing.documents import Visit
from projections.billing.rules.services import price_of, priced


def ask(case: Case) -> None:
    """Fills `case.counted`; a group whose minutes do not count stays among them, because it may decide
    (`groups_out_of_size`)."""
    kinds = case.term("counted_kinds")
    case.counted = [
        (session, visit) for session, visit in case.visits
        if visit.status == "present" and visit.kind in kinds and _is_service(case, visit)
    ]  # fmt: skip
    _long_enough(case)
    _allowed_at_a_distance(case)
    _not_too_many(case)


def groups_out_of_size(case: Case) -> list[Visit]:
    """The visits, counted or billed apart, of too many or too few patients for this payer: groups, and what has its own
    maximum."""
    least, maximums = case.term("group_minimum"), _maximums(case)
    if (least is None and not maximums) or case.term("group_consequence") == "none":
        return []
    billed = [visit for _, visit in case.counted]
    billed += [visit for visit, _ in apart(case) if all(visit is not one for one in billed)]
    return [
        visit for visit in billed
        if _too_many(visit, heads(case, visit), maximums)
        or (visit.kind == "group" and heads(case, visit) < (least or 0))
    ]  # fmt: skip


def apart(case: Case) -> list[tuple[Visit, ServicePrice]]:
    """What the payer pays apart from the per diem, each with its price; no group whose size leaves it out."""
    present = (visit for _, visit in case.visits if visit.status == "present" and visit not in case.left_out)
    return priced(case.terms, present, "carved_out")


def _maximums(case: Case) -> dict[str | None, int]:
    """The most patients by kind of service; a kind that is not named has no maximum."""
    found: dict[str | None, int] = {one.service_kind: one.maximum for one in case.term("group_maximums")}
    groups = case.term("group_maximum")
    return found if groups is None else found | {"group": groups}


def _too_many(visit: Visit, count: int, maximums: dict[str | None, int]) -> bool:
    return visit.kind in maximums and count > maximums[visit.kind]


def heads(case: Case, visit: Visit) -> int:
    """How many patients of all payers a group had: distinct ones, or at most at once, as the payer counts."""
    peak = case.term("group_measure") == "peak"
    return (visit.peak_count if peak and visit.peak_count is not None else visit.head_count) or 0


def say_group_sizes(case: Case, visits: list[Visit], unbilled: list[Visit], deciding: list[Visit]) -> None:
    """Each group out of size, with the payer's consequence: `unbilled` are those that are no service apart by it,
    `deciding` those without which there is nothing to bill."""
    consequence, maximums = case.terms.group_consequence, _maximums(case)
    outcome: Outcome = "held" if consequence == "hold" else "warning"
    for visit in visits:
        count = heads(case, visit)
        over = _too_many(visit, count, maximums)
        limit = {"maximum": maximums[visit.kind]} if over else {"minimum": case.terms.group_minimum or 0}
        numbers = {"head_count": count} | limit
        if consequence == "minutes_do_not_count":
            numbers |= {"apart": 1} if visit in unbilled else {"dropped_minutes": visit.minutes}
        code = "group_over_maximum" if over else "group_under_minimum"
        decides = visit in deciding
        until = case.expected_until if decides else None
        case.say("group_size", "not_billable" if decides else outcome, code, visit.positions, until, numbers)


def _is_service(case: Case, visit: Visit) -> bool:
    """Where days are billed service by service, only what has a line of its own is a service."""
    return case.term("line_basis") == "per_diem" or price_of(case.terms, visit, "day_line") is not None


def _long_enough(case: Case) -> None:
    least = case.term("session_minimum_minutes")
    for visit in _dropped(case, lambda visit: visit.minutes < least):
        case.say(
            "session_length", "warning", "session_too_short", visit.positions, about={"service": visit.kind},
            minutes=visit.minutes, minimum=least,
        )  # fmt: skip


def _allowed_at_a_distance(case: Case) -> None:
    allowances = case.term("telehealth")
    if allowances is None:
        return
    for visit in _dropped(case, lambda visit: not _allowed(case.date, visit, allowances)):
        case.say(
            "telehealth", "warning", "telehealth_not_allowed", visit.positions, about={"service": visit.kind},
            modality=(visit.modality or "").replace("_", " "), place=visit.place_of_service or "",
        )  # fmt: skip


def _allowed(date: str, visit: Visit, allowances: tuple[TelehealthAllowance, ...]) -> bool:
    return visit.modality in {None, "in_person"} or any(
        one.effective_from <= date <= (one.effective_through or date)
        and visit.modality in one.modalities and visit.place_of_service in one.places_of_service
        for one in allowances
    )  # fmt: skip


def _not_too_many(case: Case) -> None:
    most = case.term("daily_visits_per_kind")
    if most is None:
        return
    seen: Counter[str] = Counter()
    late = []
    dropped = groups_out_of_size(case) if case.terms.group_consequence == "minutes_do_not_count" else []
    for _, visit in sorted(case.counted, key=lambda one: one[1].starts_at or ""):
        if visit in dropped:  # it takes none of the day's visits
            continue
        seen[visit.kind] += 1
        if seen[visit.kind] > most:
            late.append(visit)
    for visit in _dropped(case, lambda visit: visit in late):
        case.say("visits_a_day", "warning", "visit_beyond_limit", visit.positions, kind=visit.kind, maximum=most)


def _dropped(case: Case, out: Callable[[Visit], bool]) -> list[Visit]:
    """Takes the visits for which `out` holds off the counted ones, and answers them."""
    gone = [visit for _, visit in case.counted if out(visit)]
    case.counted = [(session, visit) for session, visit in case.counted if not out(visit)]
    return gone
