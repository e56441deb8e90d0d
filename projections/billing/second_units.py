"""Units of a second payer's own authorization, drawn by the claims that go to it.

Whether a second payer wants an authorization beside the first one's is not confirmed, so none is asked for and no claim
waits. Where there is one it is named: the one that covers most of a claim's lines, one for the whole claim because a
file has room for one number. The units are the lowest that no claim drew and no day of its own reserves; so they are
never more than the payer allows, and an append that comes too late is refused by the claim's reservations.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from projections.billing.documents import Authorization, Patient
from projections.billing.keeping import kept
from projections.billing.rules.time import drawn_by

if TYPE_CHECKING:
    from projections.billing.secondary import Secondary, SecondaryLine

Draws = dict[int, list[int]]


class Free:
    """What is left of a patient's authorizations; `without` names a claim whose own units are free for it."""

    def __init__(self, patient: Patient, without: str | None = None) -> None:
        self.patient = patient
        self.taken = {key: set(range(1, self._last(key) + 1)) for key in patient.authorizations}
        for claim_id, claim in patient.claims.items():
            for line in claim.lines if claim.live else ():
                if line.authorization_id is not None:
                    taken = self.taken.setdefault(line.authorization_id, set())
                    taken.difference_update(line.units) if claim_id == without else taken.update(line.units)
        for one in kept(patient):
            if one.line.authorization_id is not None and one.claim_id != without:
                self.taken.setdefault(one.line.authorization_id, set()).update(one.units)

    def _last(self, authorization_id: str) -> int:
        """The last number that a day was given; later weeks carry it on."""
        return max((week.after.get(authorization_id, 0) for week in self.patient.weeks.values()), default=0)

    def of(self, enrollment_id: str, payer_id: str) -> Iterable[tuple[str, Authorization]]:
        """The payer's approved authorizations for an episode, the first to begin first."""
        found = [
            (one.valid_from, key, one) for key, one in self.patient.authorizations.items()
            if (one.enrollment_id, one.payer_id, one.status) == (enrollment_id, payer_id, "approved")
        ]  # fmt: skip
        return [(key, one) for _, key, one in sorted(found, key=lambda each: each[:2])]

    def numbers(self, authorization_id: str, allowed: int) -> list[int]:
        """The free ones, in order."""
        taken = self.taken.get(authorization_id, set())
        return [number for number in range(1, allowed + 1) if number not in taken]

    def wanted(self, enrollment_id: str, day: str, basis: str) -> int:
        """How many units a day takes, by the time of all that the patient attended."""
        minutes = [
            visit.minutes for visit in self.patient.visits.values()
            if (visit.enrollment_id, visit.date, visit.status) == (enrollment_id, day, "present")
        ]  # fmt: skip
        return drawn_by(basis, sum(minutes), len(minutes))


def draw(made: Secondary, free: Free) -> None:
    """Names in the lines the authorization that covers most of them, and takes its units."""
    found = [(key, _draws(made, free, key, one)) for key, one in free.of(made.enrollment_id, made.next_payer_id)]
    key, draws = max(found, key=lambda one: len(one[1]), default=("", Draws()))
    for line in made.lines:
        if line.line in draws:
            line.authorization_id, line.authorization_units = key, draws[line.line]
            free.taken.setdefault(key, set()).update(draws[line.line])


def missing(days: Sequence[str], free_days: int) -> str:
    """The warning for days without an authorization where the payer's terms ask for one."""
    after = f" after the first {free_days} days" if free_days else ""
    return (
        f"The second payer's terms ask for an authorization{after}, and none with units left covers {', '.join(days)}; "
        "ask the payer whether it wants one of its own."
    )


def _draws(made: Secondary, free: Free, key: str, one: Authorization) -> Draws:
    """The units that each covered line would draw, in the order of the lines, as long as there are enough."""
    numbers, found = free.numbers(key, one.units), Draws()
    for line in made.lines:
        wanted = free.wanted(made.enrollment_id, line.service_date, one.unit_basis) if _covers(one, line) else 0
        if 0 < wanted <= len(numbers):
            found[line.line], numbers = numbers[:wanted], numbers[wanted:]
    return found


def _covers(one: Authorization, line: SecondaryLine) -> bool:
    same = line.procedure_code in {None, one.procedure_code} and line.level_of_care == one.level
    return same and one.valid_from <= line.service_date <= one.valid_through
