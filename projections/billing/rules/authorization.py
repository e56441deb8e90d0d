"""Is the day authorized, and with which numbered units?

Units are numbered from 1 in the order of service dates. Every delivered day that is not ruled out, and will not be
once it is over, reserves its units, whether it is billable, waiting or held; a live claim draws the very numbers that
it names, as does one that is taken back until its payer has accepted that, and other days take the lowest numbers left.
A day that finds none left is held, and the days before it keep theirs.

Where the authorization that a claim names was taken back, or no longer covers the day, the day is given units of one
that does, and the claim is to be replaced with that one's number (REF*G1). So is a claim that names none while one
covers the day, as long as its payer has not answered, or where it denied the line for want of one: CARC 15 and 197 are
answered by a corrected claim with the number, and 198 once there are units again. What the payer paid or denied
otherwise is left as it is, and its day counts among the units, which go by billed days. This is our convention,
unverified. A claim whose authorization stands is not wrong because of another one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from projections.billing.accounts.documents import Line
from projections.billing.day import Case
from projections.billing.documents import Authorization, Units
from projections.billing.lines import authorized
from projections.billing.rules.time import drawn_by

FOR_WANT_OF_ONE = frozenset({"15", "197", "198"})
"""CARCs of denials for a number that is missing or invalid, an absent authorization, and one that is used up."""
Found = list[tuple[str, Authorization]]


@dataclass(slots=True)
class Ledger:
    """The running count of units: `last` is the last number given of each authorization, `drawn` what claims hold."""

    last: dict[str, int]
    drawn: dict[str, set[int]]
    week: dict[str, Units] = field(default_factory=dict)

    def take(self, authorization_id: str, allowed: int, wanted: int) -> list[int]:
        """The next free numbers, all of them or none."""
        drawn, number = self.drawn.get(authorization_id, set()), self.last.get(authorization_id, 0)
        taken: list[int] = []
        while len(taken) < wanted and number < allowed:
            number += 1
            if number not in drawn:
                taken.append(number)
        if len(taken) < wanted:
            return []
        self.last[authorization_id] = number
        return taken

    def note(self, authorization_id: str, day: str, reserved: int = 0, drawn: int = 0) -> None:
        """Keeps what a day did to an authorization; nothing reserved and nothing drawn means that none were left."""
        units = self.week.setdefault(authorization_id, Units())
        units.reserved += reserved
        units.drawn += drawn
        if reserved or drawn:
            units.last_day = day
        elif units.first_without is None:
            units.first_without = day


def ask(case: Case, ledger: Ledger, served: int) -> None:
    """The authorization of the day, where the payer wants one; a claimed day keeps the one that its claim names as long
    as that covers it.

    `served` numbers the delivered days of the episode under this payer, this one included: a payer may want none for
    the first of them. That an authorization for the per diem is not wanted for the services of a short day is our
    convention, unverified.
    """
    if not case.term("authorization_required") or case.not_billable:
        return
    if case.short_day:
        case.say("authorization_of_short_day")
        return
    free = case.term("authorization_after_days")
    if served <= free:
        case.say("authorization_free", served=served, free=free)
        return
    matching = [(key, one) for key, one in case.patient.authorizations.items() if _matches(case, one)]
    approved = sorted((one.valid_from, key, one) for key, one in matching if one.status == "approved")
    covering = [(key, one) for start, key, one in approved if start <= case.date <= one.valid_through]
    lines = (case.line, *(one.line for one in case.kept))
    named = next((line for line in lines if line is not None and line.authorization_id is not None), None)
    standing = _standing(case, named, covering) if named is not None else None
    if named is not None and standing is not None:
        _drawn(case, standing, named)
    elif covering:
        _reserve(case, ledger, covering, named)
    else:
        _uncovered(case, matching, [(key, one) for _, key, one in approved])


def _standing(case: Case, named: Line, covering: Found) -> Authorization | None:
    """The authorization that a claim's line names, if it covers the day yet. One for what the day turned out not to be
    (another level of care, another code) gives way to one for what it is."""
    one = case.patient.authorizations.get(named.authorization_id or "")
    if one is None or one.status != "approved" or not one.valid_from <= case.date <= one.valid_through:
        return None
    other = named.level != case.level or _code(named) not in {line.code for line in case.lines}
    gives_way = other and one.payer_id == case.payer_id and not _matches(case, one) and covering
    return None if gives_way else one


def _drawn(case: Case, one: Authorization, named: Line) -> None:
    """The units that a claim drew, as the payer's word is by now: there may be fewer since."""
    unit = max(named.units, default=0)
    if unit > one.units:
        case.say("authorization", "held", "authorization_exhausted", one.positions, units=one.units)
    else:
        case.say("authorization", positions=one.positions, unit=unit, units=one.units)


def _reserve(case: Case, ledger: Ledger, covering: Found, named: Line | None) -> None:
    """The next free units of the first that has enough, and which claims are wrong by that."""
    unnamed = [] if named is not None else list(_unnamed(case))
    for key, one in covering:
        wanted = drawn_by(one.unit_basis, case.minutes, len(case.counted))
        numbers = ledger.take(key, one.units, wanted)
        if numbers:
            case.authorization_id, case.authorization_units = key, numbers
            case.misnamed = [claim_id for claim_id, line in unnamed if _wants_one(line)] + _naming(case, named)
            ledger.note(key, case.date, reserved=len(numbers))
            case.say("authorization", positions=one.positions, unit=numbers[-1], units=one.units)
            return
        ledger.note(key, case.date)
    _, last = covering[-1]
    if unnamed and not any(_wants_one(line) for _, line in unnamed):
        case.say("authorization_unnamed", positions=last.positions, units=last.units)
    else:
        case.say("authorization", "held", "authorization_exhausted", last.positions, units=last.units)


def _unnamed(case: Case) -> Iterator[tuple[str, Line]]:
    """What this payer's standing claims bill of the service that names the day's authorization, naming none."""
    bill = authorized(case.lines)
    for claim_id, claim, line in case.claimed:
        if bill is not None and claim.payer_id == case.payer_id and _code(line) == bill.code:
            yield claim_id, line


def _wants_one(line: Line) -> bool:
    """Whether the number can still help: the line is unanswered, or denied for want of one."""
    return line.paid_cents is None or any(one.carc in FOR_WANT_OF_ONE and one.cents > 0 for one in line.adjusted)


def _naming(case: Case, named: Line | None) -> list[str]:
    """The standing claims that name for the day what does not cover it."""
    return [] if named is None else list(dict.fromkeys(
        claim_id for claim_id, _, line in case.claimed if line.authorization_id == named.authorization_id
    ))  # fmt: skip


def _code(line: Line) -> tuple[str, str]:
    return line.revenue_code, line.procedure_code or ""


def _matches(case: Case, one: Authorization) -> bool:
    code = case.per_diem.procedure_code if case.per_diem else None
    same_code = code is None or code == one.procedure_code
    same = (one.enrollment_id, one.payer_id, one.level) == (case.enrollment_id, case.payer_id, case.level)
    return same and same_code and one.status != "voided"


def _uncovered(case: Case, matching: Found, approved: Found) -> None:
    ended = [one for _, one in approved if one.valid_through < case.date]
    if ended:
        newest = max(ended, key=lambda one: one.valid_through)
        through = newest.valid_through
        case.say("authorization", "held", "authorization_expired", newest.positions, valid_through=through)
    elif approved:
        first = approved[0][1]
        start = first.valid_from
        case.say("authorization", "held", "authorization_not_started", first.positions, valid_from=start)
    else:
        positions = [position for _, one in matching for position in one.positions]
        denied = bool(matching) and all(one.status == "denied" for _, one in matching)
        case.say("authorization", "held", "authorization_denied" if denied else "authorization_missing", positions)
