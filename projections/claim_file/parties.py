"""Checks of the people and the program on a claim: names, birth dates, addresses, tax id and postal codes."""

from __future__ import annotations

import re

from aggregates.patient.facts import Identity
from projections.claim_file.contents import Contents, Insurance
from projections.claim_file.segments import digits
from projections.claim_file.wording import Objection, Objections, readable, unbroken

STATE = re.compile(r"[A-Za-z]{2}")
IDENTITY = "Correct the patient's demographics."
COVERAGE = "End the coverage and record it again with it."
PROVIDER = "Record the provider's identity again."
SUBMITTER = "Record the program's submitter."


def parties(claim: Contents) -> Objections:
    """Submitter, billing provider, patient and subscriber."""
    yield from _submitter(claim)
    yield from _provider(claim)
    if claim.patient is None:
        yield Objection("patient", "nobody is registered", "Register the patient.")
    else:
        yield from _patient(claim.patient)
    if claim.dependent and claim.insurance:
        yield from _subscriber(claim.insurance)


def _submitter(claim: Contents) -> Objections:
    contact = claim.submitter and claim.submitter.sealed
    if claim.submitter is None or not contact:
        yield Objection("submitter", "the program has none on the day of sending", SUBMITTER)
        return
    yield from readable("submitter's contact", contact.name, SUBMITTER)
    if len(digits(contact.phone)) != 10:
        yield Objection("submitter's telephone", "it has not ten digits", SUBMITTER)


def _provider(claim: Contents) -> Objections:
    identity = claim.provider and claim.provider.sealed
    if claim.provider is None or not identity:
        yield Objection("billing provider", "the program has no identity on the claim's last day", PROVIDER)
        return
    yield from readable("billing provider's name", identity.legal_name, PROVIDER)
    yield from _address("billing provider", identity.address, identity.city, identity.state, PROVIDER)
    if len(digits(identity.postal_code)) != 9:
        yield Objection("billing provider's postal code", "it has not nine digits", PROVIDER)
    if len(digits(identity.tax_id)) != 9:
        yield Objection("billing provider's tax id", "it has not nine digits", PROVIDER)
    if not re.fullmatch(r"[A-Za-z0-9]{10}", claim.provider.taxonomy):
        yield Objection("billing provider's taxonomy", "it has not ten characters", PROVIDER)


def _patient(patient: Identity) -> Objections:
    yield from readable("patient's family name", patient.family_name, IDENTITY)
    yield from readable("patient's given name", patient.given_name, IDENTITY)
    yield from _address("patient", patient.address, patient.city, patient.state, IDENTITY)
    yield from _postal_code("patient's postal code", patient.postal_code, IDENTITY)


def _subscriber(insurance: Insurance) -> Objections:
    member = insurance.member
    yield from subscriber_names(insurance, "")
    if member.subscriber_birth_date is None:
        yield Objection("subscriber's birth date", "it is missing", COVERAGE)
    if member.subscriber_sex is None:
        yield Objection("subscriber's sex", "it is missing", COVERAGE)
    if member.subscriber_address is not None:
        home = member.subscriber_address, member.subscriber_city, member.subscriber_state
        yield from _address("subscriber", *home, COVERAGE)
        yield from _postal_code("subscriber's postal code", member.subscriber_postal_code, COVERAGE)


def _address(whose: str, address: str | None, city: str | None, state: str | None, remedy: str) -> Objections:
    yield from readable(f"{whose}'s address", address, remedy)
    yield from readable(f"{whose}'s city", city, remedy, shortest=2)
    if not STATE.fullmatch(state or ""):
        yield Objection(f"{whose}'s state", "it is not a code of two letters", remedy)


def _postal_code(field: str, postal_code: str | None, remedy: str) -> Objections:
    if len(digits(postal_code)) not in {5, 9}:
        yield Objection(field, "it has neither five nor nine digits", remedy)


def subscriber_names(insurance: Insurance, whose: str) -> Objections:
    """Whoever holds the insurance of a dependent has a name."""
    member = insurance.member
    if insurance.coverage.relationship != "self":
        yield from readable(f"{whose}subscriber's family name", member.subscriber_family_name, COVERAGE)
        yield from readable(f"{whose}subscriber's given name", member.subscriber_given_name, COVERAGE)


def member_numbers(insurance: Insurance, whose: str) -> Objections:
    """The member's number is there, and both numbers can be carried."""
    member = insurance.member
    if len((member.member_number or "").strip()) < 2:
        yield Objection(f"{whose}member number", "it is missing or has one character only", COVERAGE)
    yield from unbroken(f"{whose}member number", member.member_number, 80, COVERAGE)
    yield from unbroken(f"{whose}group number", member.group_number, 50, COVERAGE)
