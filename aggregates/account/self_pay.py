"""The charges of days that no payer is asked for: posted once a day, as the day was decided, and taken back.

Whoever orders a charge lays out what billing decided of the day, as for a claim; here it is held against what is on
record: the agreement in force, the fee schedule, the coverage, the restriction. The amounts follow from these: under a
self-pay agreement its price of a day, under a sliding fee the agreed share of a charge of the program's, and of a day
whose disclosure the patient forbade all of the charge, which is what the payer's terms and the fee schedule would have
put on a claim. A program charges a day once, however many episodes it has; of a day kept from a payer, which pays one
per diem for it, only one program does. A day that was written off is charged to nobody.
A day that stands on a claim of the program, or to the payer from whom it is kept, is not charged to the patient. The
account knows of claims that were sent, whose charges are on it, so that two orders at once cannot both succeed; of
claims that are prepared it knows by who holds the day's per diem, which it looks at and does not claim: another
program's claim may hold it rightly.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aggregates.account import commands as ask
from aggregates.account import refusals as no
from aggregates.account.counting import charged_on, counts
from aggregates.account.facts import PatientAgreementSet, SelfPayChargePosted, SelfPayChargeReversed
from aggregates.account.shares import agreed_cents
from aggregates.account.state import Account
from aggregates.account.streams import account_of
from aggregates.claim.state import per_diem_key
from aggregates.days import covers
from aggregates.decision import made, not_in_the_future, only
from aggregates.enrollment.refusals import EnrollmentOfAnother, UnknownEnrollment, UnknownPatient
from aggregates.enrollment.state import Episode
from aggregates.kit import Act, Seen, Stream
from aggregates.patient.state import Patient
from aggregates.payer_policy.state import Policy
from aggregates.payer_policy.terms import Terms
from aggregates.program.state import Program

Outcomes = tuple[Any, ...]
RESTRICTED = "disclosure_restricted"
PER_DIEM = "per_diem:"
SESSIONS_A_DAY = 12
UNITS_A_DAY = {"day": 1, "session": SESSIONS_A_DAY, "hour": 24, "quarter_hour": 96}
"""How many units of each basis a day can have; of sessions, more than anybody holds."""


def must_be_the_patients(command: Any, seen: Mapping[str, Seen]) -> Patient:
    """The patient is known and this is their account. Raises UnknownPatient or AccountOfAnother."""
    patient, wanted = seen["patient"].state, account_of(command.patient_id)
    if not isinstance(patient, Patient):
        raise UnknownPatient(patient_id=command.patient_id)
    if command.account_id != wanted:
        raise no.AccountOfAnother(account_id=command.account_id, wanted=wanted)
    return patient


def post_self_pay(state: Account, command: ask.PostSelfPayCharge, act: Act, seen: Mapping[str, Seen]) -> Outcomes:
    """Once a day of an episode."""
    patient = must_be_the_patients(command, seen)
    fact = made(SelfPayChargePosted, command)
    earlier = state.self_pay.get(fact.charge_id)
    if earlier is not None:
        if earlier.reversed is not None:
            raise no.SelfPayChargeTakenBack(charge_id=fact.charge_id)
        return only(earlier.charge, fact, no.SelfPayChargeToldOtherwise(charge_id=fact.charge_id))
    not_in_the_future(act, fact.service_date)
    _must_fit_the_episode(fact, seen["enrollment"].state)
    _must_be_charged_once(state, fact)
    _must_be_on_no_claim(state, fact, patient, seen)
    if fact.basis == RESTRICTED:
        _must_be_restricted(fact, patient, seen)
    else:
        _must_be_agreed(state, fact, patient, seen["program"].state)
    return (fact,)


def terms_of(command: ask.PostSelfPayCharge, seen: Mapping[str, Seen]) -> dict[str, Stream]:
    """The policy of the payer from whom a day is kept: whoever covers it first."""
    patient = seen["patient"].state
    if command.basis != RESTRICTED or not isinstance(patient, Patient):
        return {}
    covered = patient.first_coverage_on(command.service_date)
    key = None if covered is None else ("policy_of_payer", covered.payer_id)
    return {} if key is None else {"policy": Stream("payer_policy", holder_of=key)}


def per_diems_of(command: ask.PostSelfPayCharge, seen: Mapping[str, Seen]) -> dict[str, Stream]:
    """Who holds the day's per diem of any payer that ever covered the patient."""
    patient = seen["patient"].state
    payers = {one.recorded.payer_id for one in patient.coverages} if isinstance(patient, Patient) else set()
    keys = {payer: per_diem_key(command.patient_id, payer, command.service_date) for payer in sorted(payers)}
    return {f"{PER_DIEM}{payer}": Stream("claim", holder_of=key) for payer, key in keys.items()}


def reverse_self_pay(
    state: Account, command: ask.ReverseSelfPayCharge, _act: Act, _seen: Mapping[str, Seen]
) -> Outcomes:
    """Once."""
    known = state.self_pay.get(command.charge_id)
    if known is None:
        raise no.UnknownSelfPayCharge(charge_id=command.charge_id)
    return () if known.reversed else (made(SelfPayChargeReversed, command),)


def _must_fit_the_episode(fact: SelfPayChargePosted, episode: Episode) -> None:
    if episode.referral is None:
        raise UnknownEnrollment(enrollment_id=fact.enrollment_id)
    if (episode.patient_id, episode.program_id) != (fact.patient_id, fact.program_id):
        raise EnrollmentOfAnother(enrollment_id=fact.enrollment_id)
    if not episode.open_on(fact.service_date):
        raise no.ServiceDayOutsideEpisode(on=fact.service_date)
    if any(one.service_date == fact.service_date for one in episode.written_off):
        raise no.ServiceDayWrittenOff(on=fact.service_date)


def _must_be_charged_once(state: Account, fact: SelfPayChargePosted) -> None:
    for charge_id, one in state.self_pay.items():
        kept = one.charge.basis == fact.basis == RESTRICTED
        same = one.charge.service_date == fact.service_date and (kept or one.charge.program_id == fact.program_id)
        if same and one.reversed is None:
            raise no.DayAlreadyCharged(charge_id=charge_id, on=fact.service_date)


def _must_be_on_no_claim(
    state: Account, fact: SelfPayChargePosted, patient: Patient, seen: Mapping[str, Seen]
) -> None:  # fmt: skip
    covered = patient.first_coverage_on(fact.service_date)
    kept_from = covered.payer_id if covered and fact.basis == RESTRICTED else None
    sent = [
        (one.claim_id, one.program_id, one.payer_id) for one in charged_on(state, fact.service_date)
        if counts(one.claim_id, seen)
    ]  # fmt: skip
    bills = [(one.id, one.state) for name, one in seen.items() if name.startswith(PER_DIEM)]
    held = [(key, bill.prepared.program_id, bill.prepared.payer_id) for key, bill in bills if bill.prepared]
    for claim_id, program_id, payer_id in (*sent, *held):
        if program_id == fact.program_id or payer_id == kept_from:
            raise no.ServiceDayOnClaim(claim_id=claim_id, on=fact.service_date)


def _must_be_restricted(fact: SelfPayChargePosted, patient: Patient, seen: Mapping[str, Seen]) -> None:
    """The patient forbade telling whoever pays first on the day."""
    covered = patient.first_coverage_on(fact.service_date)
    named = {None} if covered is None else {None, covered.payer_id}
    if fact.agreement_id is not None or not any(
        one.payer_id in named and covers(one.effective_from, one.effective_through, fact.service_date)
        for one in patient.restrictions
    ):
        raise no.NotThePatientsToPay(on=fact.service_date, basis=fact.basis)
    policy = seen["policy"].state if "policy" in seen else None
    version = policy.version_on(fact.service_date) if isinstance(policy, Policy) else None
    charges = _charges_on(seen["program"].state, fact.service_date)
    if version is None or fact.charge_cents not in _sums(version.terms, charges, fact.charge_cents):
        raise no.ChargeNotInFeeSchedule(on=fact.service_date, charge_cents=fact.charge_cents)
    _must_come_to(fact, fact.charge_cents, fact.charge_cents)


def _sums(terms: Terms, charges: Mapping[str, int], most: int) -> set[int]:
    """What a day can come to under a payer's terms, up to an amount: one per diem in whole units at most, and the
    services that are billed beside it or instead of it."""
    units = {
        charges.get(one.procedure_code or one.revenue_code, 0) * count
        for one in terms.per_diems for count in range(1, UNITS_A_DAY[one.unit_basis] + 1)
    }  # fmt: skip
    found = {cents for cents in (0, *units) if cents <= most}
    for cents in {charges[one.procedure_code] for one in terms.services if one.procedure_code in charges} - {0}:
        sums = (one + cents * count for one in found for count in range(SESSIONS_A_DAY + 1))
        found = {one for one in sums if one <= most}
    return found


def _charges_on(program: object, day: str) -> dict[str, int]:
    """The fee schedule in force on a day, by code."""
    adopted = [one for one in program.fee_schedules if one.effective_from <= day] if isinstance(
        program, Program
    ) else []  # fmt: skip
    charges = max(reversed(adopted), key=lambda one: one.effective_from).charges if adopted else ()
    return {one.procedure_code or one.revenue_code or "": one.charge_cents for one in charges}


def _must_be_agreed(state: Account, fact: SelfPayChargePosted, patient: Patient, program: object) -> None:
    """The agreement that began last of those in force; a sliding fee is for whoever has no coverage on the day."""
    covered = patient.first_coverage_on(fact.service_date) is not None
    kinds = {"self_pay"} if covered else {"self_pay", "sliding_fee"}
    held = [
        one for one in state.agreements.values()
        if one.program_id == fact.program_id and one.kind in kinds
        and covers(one.effective_from, one.effective_through, fact.service_date)
    ]  # fmt: skip
    if not held:
        raise no.NotThePatientsToPay(on=fact.service_date, basis=fact.basis)
    agreement = max(reversed(held), key=lambda one: one.effective_from)
    if (fact.basis, fact.agreement_id) != (agreement.kind, agreement.agreement_id):
        raise no.OtherAgreementInForce(
            agreement_id=agreement.agreement_id, kind=agreement.kind, on=fact.service_date,
        )
    _must_be_priced(fact, agreement, program)


def _must_be_priced(fact: SelfPayChargePosted, agreement: PatientAgreementSet, program: object) -> None:
    if agreement.day_cents is not None:
        _must_come_to(fact, agreement.day_cents, agreement.day_cents)
        return
    if fact.charge_cents not in _charges_on(program, fact.service_date).values():
        raise no.ChargeNotInFeeSchedule(on=fact.service_date, charge_cents=fact.charge_cents)
    _must_come_to(fact, fact.charge_cents, agreed_cents(fact.charge_cents, agreement.percent or 0))


def _must_come_to(fact: SelfPayChargePosted, charge_cents: int, owed_cents: int) -> None:
    if (fact.charge_cents, fact.owed_cents) != (charge_cents, owed_cents):
        raise no.ChargeNotAsAgreed(on=fact.service_date, charge_cents=charge_cents, owed_cents=owed_cents)
