"""A day that stands on a claim is not charged to the patient, whoever orders it."""

from __future__ import annotations

from typing import Any

import pytest

from aggregates.account import AGGREGATE
from aggregates.account import refusals as no
from aggregates.account.facts import ChargePosted, PatientAgreementSet
from aggregates.claim import AGGREGATE as CLAIM
from aggregates.claim import commands as ask
from aggregates.decision import made
from aggregates.kit import Seen, Stream
from tests.aggregates import biller
from tests.aggregates.biller import IT, JUNE, ON_ITS_WAY, PATIENT_ID, PAYER, PREPARED, PROGRAM_ID
from tests.aggregates.scenario import Decided, an_id, given, seen_as
from tests.aggregates.test_account_self_pay import COVERED, KEPT, PRICE, PRICED, charge, forbidden, seen

AGREED = made(PatientAgreementSet, PRICED)
HOLDER = f"per_diem:{PAYER}"
OTHER = an_id("program", 9)


def a_claim(*commands: Any) -> Seen:
    """The biller's claim of the day after commands that are accepted."""
    return seen_as(CLAIM, IT, *biller.after(*commands).facts)


REJECTED = ask.RejectClaim(claim_id=IT, rejected_at="2026-03-12T12:00:00Z", source="277CA", codes=("A7",))


def charged(program_id: str = PROGRAM_ID, day: str = "2026-03-02") -> ChargePosted:
    """What the claim, once sent, charges on the account."""
    return ChargePosted(
        patient_id=PATIENT_ID, program_id=program_id, payer_id=PAYER, claim_id=IT, line=1, service_date=day,
        charge_cents=32_500,
    )


def decided(
    *facts: Any, claims: dict[str, Seen], basis: dict[str, Any] | None = None, more: tuple[Any, ...] = ()
) -> Decided:  # fmt: skip
    """The charge of the day under an agreement, on an account with these facts."""
    streams = seen(COVERED, *more) | claims
    return given(AGGREGATE, AGREED, *facts).when(charge(**(basis or PRICE)), JUNE, streams)


def on_account(claim: Seen) -> dict[str, Seen]:
    """As the account names it."""
    return {f"claim:{IT}": claim}


def test_a_day_of_a_claim_that_was_sent_and_stands_is_refused_by_name() -> None:
    """Its charges are on the account; the refusal names the claim and what to do."""
    said = decided(charged(), claims=on_account(a_claim(*ON_ITS_WAY))).refuses(no.ServiceDayOnClaim)
    assert IT in said and "void that claim first" in said


def test_another_day_of_that_claim_and_a_claim_that_was_rejected_leave_the_day_to_the_patient() -> None:
    """What was not taken in charges nothing."""
    decided(charged(day="2026-03-04"), claims=on_account(a_claim(*ON_ITS_WAY))).once()
    decided(charged(), claims=on_account(a_claim(*ON_ITS_WAY, REJECTED))).once()


def test_a_claim_that_is_prepared_holds_the_day_too() -> None:
    """By its per diem, before anything is on the account."""
    decided(claims={HOLDER: a_claim(*PREPARED)}).refuses(no.ServiceDayOnClaim)


def test_a_claim_of_another_program_is_no_matter_but_for_a_day_kept_from_its_payer() -> None:
    """Under an agreement a program's day is its own; of a day kept from a payer there is one for all programs."""
    streams = on_account(a_claim(*ON_ITS_WAY))
    decided(charged(OTHER), claims=streams).once()
    decided(charged(OTHER), basis=KEPT, more=(forbidden(),), claims=streams).refuses(no.ServiceDayOnClaim)


@pytest.mark.parametrize("facts", [(), (charged(),)], ids=["nothing charged", "charged"])
def test_the_account_looks_at_claims_that_charge_the_day_and_at_who_holds_its_per_diem(facts: tuple[Any, ...]) -> None:
    """Of every payer that ever covered the patient."""
    state = AGGREGATE.initial
    for fact in facts:
        state = AGGREGATE.evolve(state, fact)
    consulted = AGGREGATE.consult(state, charge(**PRICE))
    assert (f"claim:{IT}" in consulted) == bool(facts)
    key = ("per_diem_day", f"{PATIENT_ID}:{PAYER}:2026-03-02")
    assert AGGREGATE.further(state, charge(**PRICE), seen(COVERED))[HOLDER] == Stream("claim", holder_of=key)
