"""What may not leave: each planted error is named with its field and what to do, and nothing else is said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from aggregates.authorization.facts import AuthorizationVoided
from projections.claim_file.checks import LeftOut, billable_diagnosis, objections
from projections.claim_file.wording import Objection
from tests.projections.claim_file.office import (
    CLAIM,
    IDENTITY,
    LATER,
    PRIMARY,
    PROVIDER,
    SUBSCRIBER,
    UNITS,
    Office,
    a_line,
    an_id,
    office,
    paid,
)

Plant = Callable[[Office], Any]
P837 = {"form": "837P"}


def without(*names: str) -> Office:
    """An office in which facts of these names were never recorded."""
    clinic = office()
    clinic.story.facts = [one for one in clinic.story.facts if one.name not in names]
    return clinic


def insured_through(clinic: Office, **changes: Any) -> None:
    """The patient is a dependent at the second payer."""
    clinic.publish(2)
    clinic.cover(2, relationship="child", **SUBSCRIBER | changes)
    clinic.prepare(payer=2)


PLANTED: list[tuple[str, Plant]] = [
    ("Total charge: the lines add up to 65100 cents", lambda c: c.prepare(total_cents=65_200)),
    ("Type of bill: it has not the form of 0131", lambda c: c.prepare(type_of_bill="131")),
    ("Type of bill: 0132 says frequency 2, the claim 1", lambda c: c.prepare(type_of_bill="0132")),
    ("Type of bill: an 837P has none", lambda c: c.prepare(type_of_bill="0131", **P837)),
    ("Frequency: an 837P has no frequency 2", lambda c: c.prepare(frequency="2", **P837)),
    ("Line 1: 905 is no revenue code", lambda c: c.prepare(lines=(a_line(revenue_code="905"),))),
    ("Line 1: 0001 is no revenue code", lambda c: c.prepare(lines=(a_line(revenue_code="0001"),))),
    ("Line 1: S948 is no procedure code", lambda c: c.prepare(lines=(a_line(procedure_code="S948"),))),
    ("Line 1: an 837P line needs a procedure code", lambda c: c.prepare(lines=(a_line(procedure_code=None),), **P837)),
    ("Line 1: it has more than four modifiers", lambda c: c.prepare(lines=(a_line(modifiers=("95",) * 5),))),
    ("Line 1: it has more than four modifiers or a wrong one", lambda c: c.prepare(lines=(a_line(modifiers=("9:",)),))),
    ("Line 1: 2026-03-09 is outside", lambda c: c.prepare(lines=(a_line(day="2026-03-09"),))),
    ("Line 1: its authorization does not cover 2026-03-30", lambda c: c.prepare(
        from_date="2026-03-30", through_date="2026-03-30", lines=(a_line(day="2026-03-30"),))),
    ("Patient status: frequency 4 ends the stay, and no discharge is recorded", lambda c: c.prepare(frequency="4")),
    ("Patient status: frequency 3 says that care goes on", lambda c: (
        c.discharge("2026-03-03"), c.prepare(frequency="3"))),
    ("Payer's control number: frequency 7 needs", lambda c: (
        c.prepare(LATER), c.prepare(frequency="7", replaces=LATER))),
    ("Prior authorization: it is longer than 50", lambda c: (
        c.authorize("AUTH*1", an_id("other")), c.prepare(lines=(a_line(authorization_id=an_id("other")),)))),
    ("Prior authorization: the lines draw on authorizations with different numbers", lambda c: (
        c.authorize("A-2", an_id("other")),
        c.prepare(lines=(a_line(), a_line(2, "2026-03-04", authorization_id=an_id("other")))))),
    ("Member number: it is missing", lambda c: (c.publish(2), c.cover(2, member_number=None), c.prepare(payer=2))),
    ("Member number: it is longer than 80 or has", lambda c: (
        c.publish(2), c.cover(2, member_number="W~1"), c.prepare(payer=2))),
    ("Group number: it is longer than 50 or has", lambda c: (
        c.publish(2), c.cover(2, group_number="G:1"), c.prepare(payer=2))),
    ("Subscriber's family name: it is missing", lambda c: insured_through(c, subscriber_family_name=None)),
    ("Subscriber's birth date: it is missing", lambda c: insured_through(c, subscriber_birth_date=None)),
    ("Subscriber's sex: it is missing", lambda c: insured_through(c, subscriber_sex=None)),
    ("Subscriber's state: it is not a code of two letters", lambda c: insured_through(c, subscriber_state=None)),
    ("Patient's address: it is missing", lambda c: (c.correct(address=None), c.prepare())),
    ("Patient's family name: it is missing, or nothing of it", lambda c: (c.correct(family_name="李"), c.prepare())),
    ("Patient's state: it is not a code of two letters", lambda c: (c.correct(state="New York"), c.prepare())),
    ("Patient's postal code: it has neither five nor nine", lambda c: (c.correct(postal_code="1220"), c.prepare())),
    ("Coverage: the patient has none with this payer", lambda c: (c.publish(2), c.prepare(payer=2))),
    ("Order of payers: a coverage of rank 2 needs the answer", lambda c: (
        c.publish(2), c.cover(2, rank=2), c.prepare(payer=2))),
    ("Order of payers: files to a third payer are not written yet", lambda c: (
        c.publish(2), c.cover(2, rank=3), c.prepare(payer=2))),
    ("Other subscriber's given name: it is missing", lambda c: (
        c.publish(2), c.cover(2, rank=2, relationship="spouse", subscriber_family_name="Doe"), c.prepare())),
    ("Other group number: it is longer than 50", lambda c: (
        c.publish(2), c.cover(2, rank=2, group_number="G*1"), c.prepare())),
]  # fmt: skip


@pytest.mark.parametrize(("told", "plant"), PLANTED, ids=[told for told, _ in PLANTED])
def test_a_planted_error_is_named_with_its_field_and_a_way_out(told: str, plant: Plant) -> None:
    """One sentence for what is wrong, one for what to do; without the error there is none of them."""
    clinic = office()
    plant(clinic)
    found = clinic.objections()
    assert [one for one in found if one.startswith(told)], found
    assert len(found) == 1, found
    assert all(one.endswith(".") and ". " in one for one in found)


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (("program.submitter_recorded",), ["Submitter: the program has none"]),
        (("program.provider_identity_recorded",), ["Billing provider: the program has no identity"]),
        (("payer_policy.electronic_address_recorded",), ["Payer id and receiver: none are recorded"]),
        (("clinician.joined",), ["Attending provider: the episode names none"]),
        (("enrollment.diagnosis_recorded",), ["Principal diagnosis: none is in force"]),
        (("authorization.approved",), ["Line 1: its authorization", "Line 2: its authorization"]),
        (("patient.coverage_recorded",), ["Coverage: the patient has none"]),
        (("patient.registered",), ["Patient: nobody is registered", "Coverage: the patient has none"]),
        (("enrollment.patient_admitted",), ["Attending provider: the episode", "Admission: none is recorded"]),
    ],
)
def test_what_nobody_recorded_is_asked_for(names: tuple[str, ...], told: list[str]) -> None:
    """A missing part is one objection, and never an accident."""
    clinic = without(*names)
    clinic.prepare()
    found = clinic.objections()
    assert [one[: len(start)] for one, start in zip(found, told, strict=True)] == told


def test_an_837p_needs_to_know_where() -> None:
    """Each day's place of service comes from a check-in of that day."""
    clinic = without("session.patient_checked_in")
    clinic.come("2026-03-02")
    clinic.prepare(form="837P")
    assert [one[:43] for one in clinic.objections()] == ["Line 2: no check-in of the day says the pla"]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"postal_code": "12207"}, "Billing provider's postal code: it has not nine digits"),
        ({"tax_id": "98-765432"}, "Billing provider's tax id: it has not nine digits"),
        ({"taxonomy": "261Q"}, "Billing provider's taxonomy: it has not ten characters"),
        ({"state": "N.Y."}, "Billing provider's state: it is not a code of two letters"),
    ],
)
def test_the_billing_provider_is_complete(changes: dict[str, str], told: str) -> None:
    """Nine digits of postal code and tax id, a taxonomy, a state."""
    clinic = office()
    clinic.identify(effective_from="2025-01-01", **PROVIDER | changes)
    clinic.prepare()
    assert [one.startswith(told) for one in clinic.objections()] == [True]


def test_npis_have_their_check_digit() -> None:
    """An NPI whose last digit is wrong is found, on the attending and on the program; a missing one too."""
    clinic = office()
    clinic.prepare()
    claim = clinic.contents()
    assert claim.attending and claim.provider
    wrong = replace_unchecked(claim.attending, npi="2999999082")
    bad = replace(claim, attending=wrong, provider=replace_unchecked(claim.provider, npi="1234567890"))
    assert [one.field for one in objections(bad)] == ["attending provider", "billing provider"]
    missing = replace(claim, attending=replace_unchecked(claim.attending, npi=None))
    assert [one.field for one in objections(missing)] == ["attending provider"]


def replace_unchecked(fact: Any, **changes: Any) -> Any:
    """A fact as bytes from elsewhere could hold it: the fast decoder checks nothing."""
    made = object.__new__(type(fact))
    for name in type(fact).__dataclass_fields__:
        object.__setattr__(made, name, changes.get(name, getattr(fact, name)))
    return made


@pytest.mark.parametrize(("code", "fine"), [("F33.1", True), ("F33", False), ("F99.9", False), ("F10.20", True)])
def test_a_diagnosis_is_the_finest_there_is(code: str, fine: bool) -> None:
    """A category that is divided further, and a code that does not exist, are not billed."""
    assert billable_diagnosis(code) is fine


def test_a_diagnosis_is_named_by_its_rank_and_never_by_its_code() -> None:
    """Sentences go to screens and logs, where no diagnosis belongs."""
    clinic = without("enrollment.patient_referred", "enrollment.patient_admitted", "enrollment.diagnosis_recorded")
    clinic.admit(("F33", "F99.9"))
    clinic.prepare()
    found = clinic.objections()
    assert [one.split(":")[0] for one in found] == ["Principal diagnosis", "Other diagnosis 1"]
    assert not [one for one in found if "F33" in one or "F99" in one]


def test_medicare_ends_a_stay_with_a_discharge() -> None:
    """Frequency 1 of somebody who is still a patient is refused for Medicare, and for it alone."""
    clinic = office(kind="medicare", filed_as="MB")
    clinic.prepare()
    assert [one[:33] for one in clinic.objections()] == ["Patient status: frequency 1 ends "]


def test_a_void_needs_no_authorization() -> None:
    """What was sent is taken back as it was, also when the authorization fell away meanwhile."""
    clinic = office()
    clinic.prepare()
    clinic.answer(CLAIM, paid(1, 32_550), paid(2, 32_550))
    clinic.story.tell(UNITS, AuthorizationVoided(voided_on="2026-03-25", cause="retroactive"))
    clinic.prepare(LATER, frequency="8", replaces=CLAIM)
    assert clinic.objections(LATER) == []


SECONDARY: list[tuple[str, Plant]] = [
    ("Line 2: the payer before was not billed this day", lambda c: c.prepare(
        payer=2, after_claim=PRIMARY, lines=(a_line(), a_line(2, "2026-03-04", charge_cents=30_000)))),
]  # fmt: skip


@pytest.mark.parametrize(("told", "plant"), SECONDARY, ids=[told for told, _ in SECONDARY])
def test_a_secondary_claim_balances_with_the_primarys_lines(told: str, plant: Plant) -> None:
    """Every line was billed to the payer before at this charge."""
    clinic = office()
    clinic.prepare(PRIMARY)
    clinic.answer(PRIMARY, paid(1, 20_000, ("CO", "45", 12_550)), paid(2, 10_000, ("CO", "45", 22_550)))
    clinic.publish(2)
    clinic.cover(2, rank=2)
    plant(clinic)
    assert [one for one in clinic.objections() if one.startswith(told)]


def test_a_claim_level_payment_that_the_lines_do_not_make_is_found() -> None:
    """What was paid on the claim alone cannot be told line by line."""
    clinic = office()
    clinic.prepare(PRIMARY)
    clinic.answer(PRIMARY, paid(1, 32_550), paid(2, 32_550), paid_cents=65_000)
    clinic.publish(2)
    clinic.cover(2, rank=2)
    clinic.prepare(payer=2, after_claim=PRIMARY)
    told = "Paid by the payer before: its lines make 65100 cents, its answer says 65000"
    assert [one for one in clinic.objections() if one.startswith(told)]


def test_an_answer_that_does_not_add_up_is_found() -> None:
    """The charge of each line is what the payer before paid and why not the rest, to the cent."""
    clinic = office()
    clinic.prepare(PRIMARY)
    clinic.answer(PRIMARY, paid(1, 20_000, ("CO", "45", 12_549)), paid(2, 32_550))
    clinic.publish(2)
    clinic.cover(2, rank=2)
    clinic.prepare(payer=2, after_claim=PRIMARY)
    assert [one[:53] for one in clinic.objections()] == ["Line 1: the earlier answer does not add up to the cha"]


def test_a_control_number_has_at_most_twenty_characters() -> None:
    """And none that segments are made of."""
    clinic = office()
    clinic.prepare()
    for number in ("X" * 21, "A:1", " A"):
        found = objections(replace(clinic.contents(), control_number=number))
        assert [one.field for one in found] == ["control number"]


def test_a_claim_left_out_is_told_in_one_line() -> None:
    """Which claim, which field, what to do; no name of anybody."""
    wrong = Objection("subscriber's sex", "it is missing", "End the coverage and record it again with it.")
    told = LeftOut(CLAIM, (wrong,)).told
    assert told == f"Claim {CLAIM}: Subscriber's sex: it is missing. End the coverage and record it again with it."


def test_no_sentence_holds_a_name_or_a_number_of_a_person() -> None:
    """Whatever is wrong with the demographics, nothing of them is repeated."""
    clinic = office()
    clinic.correct(state="Nowhere", postal_code="1", city="-")
    clinic.prepare()
    told = " ".join(clinic.objections())
    assert not [one for one in (*IDENTITY.values(), "Nowhere", "W100123") if one in told and len(one) > 3]
