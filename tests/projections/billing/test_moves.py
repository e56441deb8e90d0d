"""A move or a change of attending is so from a day on: no claim is wrong that said what was so at its time."""

from __future__ import annotations

import pytest

from aggregates.enrollment.facts import AttendingCorrected
from projections.billing.headers import ATTENDING, IDENTITY
from tests.projections.billing.clinic import a_clinic, an_id
from tests.projections.billing.office import Office

DAY, LATER = "2026-03-02", "2026-03-09"
SENT = "2026-04-10"
"""The day on which the office sends claims."""


def billed() -> Office:
    """Two weeks of one stay, each on a claim that was sent on 10 April."""
    clinic = a_clinic(authorization_required=False)
    clinic.register()
    for day in (DAY, LATER):
        clinic.documented(day, "09:00-12:00")
    office = Office(clinic)
    office.prepare()
    office.send()
    return office


def wrong(office: Office) -> list[tuple[str, list[str]]]:
    """The first day of each claim that is wrong, and what it says beside its lines that is not so."""
    return [(one.from_date, one.header) for one in office.wrong()]


@pytest.mark.parametrize(("since", "found"), [
    (None, [(DAY, [IDENTITY]), (LATER, [IDENTITY])]), ("2026-04-11", []),
    (SENT, [(DAY, [IDENTITY]), (LATER, [IDENTITY])]),
], ids=["it was wrong", "moved after they left", "moved before they left"])  # fmt: skip
def test_an_address_is_compared_as_it_was_when_the_claim_left(
    since: str | None, found: list[tuple[str, list[str]]]
) -> None:  # fmt: skip
    """A correction says that it was never so; a move that it is so since a day."""
    office = billed()
    office.clinic.rename("address", "city", since=since)
    assert wrong(office) == found


def test_a_correction_after_a_move_puts_right_what_was_told_before_it_too() -> None:
    """The name was never right."""
    office = billed()
    office.clinic.rename("address", since="2026-04-11")
    assert wrong(office) == []
    office.clinic.rename("family_name")
    assert wrong(office) == [(DAY, [IDENTITY]), (LATER, [IDENTITY])]


@pytest.mark.parametrize(("since", "found"), [
    (None, [(DAY, [ATTENDING]), (LATER, [ATTENDING])]), ("2026-03-03", [(LATER, [ATTENDING])]), ("2026-03-10", []),
])
def test_the_attending_is_compared_as_of_the_claims_last_day(
    since: str | None, found: list[tuple[str, list[str]]]
) -> None:  # fmt: skip
    """Another one from a day on: the claims before it named the right one."""
    office = billed()
    office.clinic.in_care(AttendingCorrected(
        was_attending_id=an_id("clinician"), attending_id=an_id("clinician", 2), cause="left", effective_from=since,
    ))  # fmt: skip
    assert wrong(office) == found
    for claim_id in office.live():
        office.answer(claim_id, 100)
    office.mend()
    told = {one.from_date: one.header.attending_id for one in office.live().values() if one.header}
    assert told == {day: an_id("clinician", 2 if day in dict(found) else 1) for day in (DAY, LATER)}
