"""Numbered units: given in the order of service dates, never one twice, and a claim keeps those that it drew."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings

from aggregates.claim.facts import ClaimLine, ClaimReinstated, ClaimRejected, ClaimVoided
from projections.billing import MODEL
from projections.billing.queries import authorizations_from_rows, days_from
from tests.projections.billing.clinic import Clinic, a_clinic, an_id
from tests.projections.billing.stories import pasts
from tests.projections.story import folded

PROGRAMS = [an_id("program")]


def _units(clinic: Clinic) -> dict[str, list[int]]:
    days = days_from(folded(MODEL, clinic.story.recorded(MODEL)), an_id("patient"))
    return {day.service_date: day.authorization_units for day in days}


def test_days_take_numbers_in_the_order_of_service_dates() -> None:
    """The order of recording plays no part: an earlier day recorded later moves the numbers of those after it."""
    clinic = a_clinic()
    clinic.documented("2026-03-11", "09:00-12:00")
    clinic.documented("2026-03-04", "09:00-12:00")
    assert _units(clinic) == {"2026-03-04": [1], "2026-03-11": [2]}
    clinic.documented("2026-03-02", "09:00-12:00")
    assert _units(clinic) == {"2026-03-02": [1], "2026-03-04": [2], "2026-03-11": [3]}


def test_a_claim_keeps_its_number_when_an_earlier_day_turns_up() -> None:
    """A drawn number is passed over; once the claim is void it is given again in order."""
    clinic = a_clinic()
    clinic.documented("2026-03-11", "09:00-12:00")
    clinic.claim(1, [("2026-03-11", 1)])
    clinic.documented("2026-03-04", "09:00-12:00")
    clinic.documented("2026-03-12", "09:00-12:00")
    assert _units(clinic) == {"2026-03-04": [2], "2026-03-11": [1], "2026-03-12": [3]}
    clinic.story.tell(an_id("claim"), ClaimVoided(voided_on="2026-03-20", cause="error"))
    assert _units(clinic) == {"2026-03-04": [1], "2026-03-11": [2], "2026-03-12": [3]}
    clinic.story.tell(an_id("claim"), ClaimReinstated(instead_of=an_id("claim", 2)))
    assert _units(clinic) == {"2026-03-04": [2], "2026-03-11": [1], "2026-03-12": [3]}


def test_a_day_too_short_so_far_reserves_nothing_until_it_is_long_enough() -> None:
    """While a session is to come the short day takes no unit; its closing gives it one."""
    clinic = a_clinic()
    clinic.documented("2026-03-04", "09:00-10:00")
    clinic.meet("2026-03-04", "10:00-12:00", leave="expected")
    clinic.documented("2026-03-05", "09:00-12:00")
    assert _units(clinic) == {"2026-03-04": [], "2026-03-05": [1]}
    clinic.correct("2026-03-04", 2, "10:00-12:00")
    assert _units(clinic) == {"2026-03-04": [1], "2026-03-05": [2]}


def test_a_rejected_claim_gives_its_units_back() -> None:
    """It never counted as filed, so its day reserves again instead of drawing."""
    clinic = a_clinic()
    clinic.documented("2026-03-04", "09:00-12:00")
    clinic.claim(1, [("2026-03-04", 1)])
    clinic.story.tell(
        an_id("claim"), ClaimRejected(rejected_at="2026-03-20T12:00:00Z", source="277CA", codes=("A7",))
    )
    delta = folded(MODEL, clinic.story.recorded(MODEL), 1)
    (ledger,) = authorizations_from_rows(delta, patient_id=an_id("patient"), programs=PROGRAMS)
    assert (ledger.reserved, ledger.drawn, ledger.remaining) == (1, 0, 29)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(pasts())
def test_no_number_is_reserved_twice_or_beyond_what_was_allowed(clinic: Clinic) -> None:
    """Whatever happened, days that are not billed hold different numbers, all of them within the units."""
    delta = folded(MODEL, clinic.story.recorded(MODEL))
    for patient in (an_id("patient", 1), an_id("patient", 2)):
        allowed = {
            one.authorization_id: one for one in authorizations_from_rows(delta, patient_id=patient, programs=PROGRAMS)
        }
        taken = [
            (day.authorization_id, number)
            for day in days_from(delta, patient) if day.state != "billed" for number in day.authorization_units
        ]
        drawn = {
            (day.authorization_id, number)
            for day in days_from(delta, patient) if day.state == "billed" for number in day.authorization_units
        }
        assert len(taken) == len(set(taken))
        assert not drawn & set(taken)
        assert all(1 <= number <= allowed[key].units for key, number in taken if key is not None)


def test_a_claim_with_a_service_beside_the_day_draws_the_day_s_unit() -> None:
    """The line without an authorization, although later on the claim, takes nothing from the one that has it."""
    clinic = a_clinic()
    clinic.documented("2026-03-04", "09:00-12:00")
    day = ClaimLine(
        line=1, service_date="2026-03-04", level_of_care="intensive_outpatient", revenue_code="0905",
        procedure_code="S9480", units=1, charge_cents=20_000, authorization_id=an_id("authorization"),
        authorization_units=(7,),
    )  # fmt: skip
    visit = ClaimLine(
        line=2, service_date="2026-03-04", level_of_care="intensive_outpatient", revenue_code="0510",
        procedure_code="99213", units=1, charge_cents=15_000,
    )
    clinic.claim(1, [("2026-03-04", 7)], lines=(day, visit), total_cents=35_000)
    assert _units(clinic) == {"2026-03-04": [7]}
    delta = folded(MODEL, clinic.story.recorded(MODEL))
    (ledger,) = authorizations_from_rows(delta, patient_id=an_id("patient"), programs=PROGRAMS)
    assert (ledger.reserved, ledger.drawn, ledger.remaining) == (0, 1, 29)
