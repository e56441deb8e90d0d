"""Is the day authorized, and with which numbered units?

Units are numbered from 1 in the order of service dates. Every delivered day that is not ruled out, and will not be
once it is over, reserves its units, whether it is billable, waiting or held; a live claim draws the very numbers that
it names, as does one that is taken back until its payer has accepted that, and other days take the lowest numbers left.
A day that finds none left is held, and the days before it keep theirs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from projections.billing.day import Case
from projections.billing.documents import Authorization, Units
from projections.billing.rules.time import drawn_by


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
    """The authorization of the day, where the payer wants one; a claimed day has to have it still.

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
    for line in (case.line, *(one.line for one in case.kept)):
        if line is not None and line.authorization_id is not None:
            _drawn(case, line.authorization_id, line.units)
            return
    matching = [(key, one) for key, one in case.patient.authorizations.items() if _matches(case, one)]
    approved = sorted((one.valid_from, key, one) for key, one in matching if one.status == "approved")
    covering = [(key, one) for start, key, one in approved if start <= case.date <= one.valid_through]
    if not covering:
        _uncovered(case, matching, [(key, one) for _, key, one in approved])
        return
    for key, one in covering:
        wanted = drawn_by(one.unit_basis, case.minutes, len(case.counted))
        numbers = ledger.take(key, one.units, wanted)
        if numbers:
            case.authorization_id, case.authorization_units = key, numbers
            ledger.note(key, case.date, reserved=len(numbers))
            case.say("authorization", positions=one.positions, unit=numbers[-1], units=one.units)
            return
        ledger.note(key, case.date)
    _, last = covering[-1]
    case.say("authorization", "held", "authorization_exhausted", last.positions, units=last.units)


def _drawn(case: Case, authorization_id: str, numbers: Sequence[int]) -> None:
    """The units that a claim drew, as the payer's word is by now: it may have been shortened or taken back since."""
    one = case.patient.authorizations.get(authorization_id)
    if one is None or one.status != "approved" or not one.valid_from <= case.date <= one.valid_through:
        known = [] if one is None or one.status == "voided" else [(authorization_id, one)]
        _uncovered(case, known, [(key, allowed) for key, allowed in known if allowed.status == "approved"])
    elif max(numbers, default=0) > one.units:
        case.say("authorization", "held", "authorization_exhausted", one.positions, units=one.units)
    else:
        case.say("authorization", positions=one.positions, unit=max(numbers, default=0), units=one.units)


def _matches(case: Case, one: Authorization) -> bool:
    code = case.per_diem.procedure_code if case.per_diem else None
    same_code = code is None or code == one.procedure_code
    same = (one.enrollment_id, one.payer_id, one.level) == (case.enrollment_id, case.payer_id, case.level)
    return same and same_code and one.status != "voided"


def _uncovered(
    case: Case, matching: list[tuple[str, Authorization]], approved: list[tuple[str, Authorization]]
) -> None:
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
