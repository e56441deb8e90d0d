"""What must be right before a claim leaves, each wrong thing as a sentence: which field, and what to do about it.

The validators of the standard look at segments; these look at what they cannot know: sums, check digits, codes that
exist, periods, and what one payer's answer must add up to. A claim with an objection stays prepared and is left out of
its file. No sentence holds a name, a number of a person or a diagnosis.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

from pydantic import TypeAdapter, ValidationError

from aggregates.days import covers
from aggregates.payer_policy.sense import REVENUE_CODE, TYPE_OF_BILL
from aggregates.values import Npi
from projections.claim_file.contents import STILL_A_PATIENT, Contents
from projections.claim_file.parties import parties
from projections.claim_file.payers import payers
from projections.claim_file.wording import Objection, Objections
from projections.icd import place

PROCEDURE = re.compile(r"[A-Z0-9]{5}")
MODIFIER = re.compile(r"[A-Z0-9]{2}")
LINES = {"837I": 999, "837P": 50}
PROFESSIONAL_FREQUENCIES = frozenset({"1", "7", "8"})
INTERIM, LAST = frozenset({"2", "3"}), "4"

_npi: TypeAdapter[str] = TypeAdapter(Npi)


def objections(claim: Contents) -> list[Objection]:
    """Everything that stands against sending this claim; empty when it may leave."""
    return [one for check in CHECKS for one in check(claim)]


def lines_add_up(claim: Contents) -> Objections:
    """The charges of the lines are the claim's charge (CLM02)."""
    total = sum(one.charge_cents for one in claim.prepared.lines)
    if total != claim.prepared.total_cents:
        yield Objection(
            "total charge", f"the lines add up to {total} cents and the claim says {claim.prepared.total_cents}",
            "Withdraw the claim and prepare it again.",
        )  # fmt: skip
    if len(claim.prepared.lines) > LINES[claim.prepared.form]:
        most = LINES[claim.prepared.form]
        yield Objection("lines", f"a {claim.prepared.form} holds at most {most} lines", "Split the claim.")


def bill_type_fits(claim: Contents) -> Objections:
    """The type of bill belongs to the 837I and ends in the claim's frequency; an 837P is an original, 7 or 8."""
    bill = claim.prepared
    if bill.form == "837P":
        if bill.type_of_bill:
            yield Objection("type of bill", "an 837P has none", "Prepare the claim again without it.")
        if bill.frequency not in PROFESSIONAL_FREQUENCIES:
            yield Objection("frequency", f"an 837P has no frequency {bill.frequency}", "Use 1, 7 or 8.")
    elif not TYPE_OF_BILL.fullmatch(bill.type_of_bill or ""):
        yield Objection("type of bill", "it has not the form of 0131", "Correct it in the payer's terms.")
    elif bill.type_of_bill and bill.type_of_bill[-1] != bill.frequency:
        yield Objection(
            "type of bill", f"{bill.type_of_bill} says frequency {bill.type_of_bill[-1]}, the claim {bill.frequency}",
            "Prepare the claim again so that both agree.",
        )  # fmt: skip


def status_fits(claim: Contents) -> Objections:
    """Frequencies 2 and 3 are of somebody who is still a patient (30), 4 of somebody who has left; Medicare asks the
    same of 1 (CMS, IOP billing instructions 2024; other payers: not confirmed, so not asked)."""
    frequency, still = claim.prepared.frequency, claim.patient_status == STILL_A_PATIENT
    if claim.prepared.form == "837P":
        return
    if frequency in INTERIM and not still:
        yield Objection(
            "patient status", f"frequency {frequency} says that care goes on, and the patient is discharged",
            "Prepare the claim again with frequency 4.",
        )  # fmt: skip
    if still and (frequency == LAST or (frequency == "1" and claim.payer_kind == "medicare")):
        yield Objection(
            "patient status", f"frequency {frequency} ends the stay, and no discharge is recorded",
            "Record the discharge, or prepare the claim again with frequency 2 or 3.",
        )  # fmt: skip


def codes_have_their_shape(claim: Contents) -> Objections:
    """Revenue codes have four digits of a known series, procedures five characters, modifiers two."""
    for line in claim.prepared.lines:
        field = f"line {line.line}"
        if not REVENUE_CODE.fullmatch(line.revenue_code):
            yield Objection(field, f"{line.revenue_code} is no revenue code", "Correct it in the payer's terms.")
        if line.procedure_code is None and claim.prepared.form == "837P":
            yield Objection(field, "an 837P line needs a procedure code", "Add it to the payer's terms.")
        elif line.procedure_code is None and line.service_date in claim.by_service:
            yield Objection(field, "a day billed by service needs a procedure code", "Add it to the payer's terms.")
        elif line.procedure_code and not PROCEDURE.fullmatch(line.procedure_code.upper()):
            yield Objection(field, f"{line.procedure_code} is no procedure code", "Correct it in the payer's terms.")
        if len(line.modifiers) > 4 or not all(MODIFIER.fullmatch(one.upper()) for one in line.modifiers):
            yield Objection(field, "it has more than four modifiers or a wrong one", "Correct the modifiers.")


def lines_lie_in_their_periods(claim: Contents) -> Objections:
    """A line's day lies in the statement period, and inside the days of the authorization that it draws on."""
    bill = claim.prepared
    for line in bill.lines:
        if not covers(bill.from_date, bill.through_date, line.service_date):
            yield Objection(
                f"line {line.line}", f"{line.service_date} is outside {bill.from_date} to {bill.through_date}",
                "Withdraw the claim and prepare it again.",
            )  # fmt: skip
        authorization = claim.authorizations.get(line.authorization_id or "")
        if line.authorization_id and bill.frequency != "8" and not (
            authorization and authorization.covers(line.service_date)
        ):
            yield Objection(
                f"line {line.line}", f"its authorization does not cover {line.service_date}",
                "Have the authorization extended, or leave the day out.",
            )  # fmt: skip
    if len(claim.authorization_numbers) > 1:
        yield Objection(
            "prior authorization", "the lines draw on authorizations with different numbers",
            "Prepare one claim for each of them.",
        )  # fmt: skip


def diagnoses_can_be_billed(claim: Contents) -> Objections:
    """There is a principal diagnosis, and each code is one of ICD-10-CM that is not divided further."""
    if claim.principal is None:
        yield Objection(
            "principal diagnosis", "none is in force on the claim's last day", "Have the attending record it.",
        )  # fmt: skip
    named = [("principal diagnosis", claim.principal)] if claim.principal else []
    named += [(f"other diagnosis {number}", one) for number, one in enumerate(claim.diagnoses, 1)]
    for field, code in named:
        if not billable_diagnosis(code):
            yield Objection(
                field, "its code is not in ICD-10-CM or is divided further", "Have the full code recorded.",
            )  # fmt: skip


@cache
def billable_diagnosis(code: str) -> bool:
    """Whether ICD-10-CM has this code and no finer one below it."""
    found = place(code)
    return found is not None and not found.divided


def header_is_current(claim: Contents) -> Objections:
    """Diagnoses are those that the claim was prepared with: its facts are kept to be compared with what comes later."""
    header = claim.prepared.header
    if header is None or claim.prepared.frequency == "8":
        return
    if header.principal_diagnosis != claim.principal or header.other_diagnoses != claim.diagnoses:
        yield Objection(
            "diagnoses", "others were recorded after the claim was prepared",
            "Withdraw the claim and prepare it again.",
        )  # fmt: skip


def practitioner_is_known(claim: Contents) -> Objections:
    """The attending (837I) or rendering providers (837P) are known, with NPIs whose check digit is right."""
    role = "attending provider" if claim.prepared.form == "837I" else "rendering provider"
    named = [claim.rendered_by(line) for line in claim.prepared.lines]
    if None in named:
        yield Objection(role, "the episode names none who has joined", "Admit the patient to an attending.")
    elif not all(is_npi(one.npi) for one in named if one):
        yield Objection(role, "the NPI is missing or its check digit is wrong", "Record the clinician's NPI.")
    if claim.provider and not is_npi(claim.provider.npi):
        yield Objection("billing provider", "the NPI's check digit is wrong", "Record the provider's identity again.")


def is_npi(value: str | None) -> bool:
    """Whether it is ten digits with the right check digit."""
    try:
        _npi.validate_python(value)
    except ValidationError:
        return False
    return True


def stay_is_known(claim: Contents) -> Objections:
    """An 837I says how the stay began (CL1), an 837P where each service took place."""
    if claim.prepared.form == "837I":
        admission = claim.admission
        if admission is None:
            yield Objection("admission", "none is recorded", "Record the admission first.")
        elif len(admission.admission_type) != 1 or len(admission.admission_source) != 1:
            yield Objection("admission", "type and source are one character each", "Correct the admission's codes.")
        return
    for line in claim.prepared.lines:
        if not re.fullmatch(r"\d{2}", claim.places.get(line.service_date, "")):
            yield Objection(
                f"line {line.line}", "no check-in of the day says the place of service", "Correct the attendance.",
            )  # fmt: skip


CHECKS: tuple[Callable[[Contents], Iterator[Objection]], ...] = (
    lines_add_up, bill_type_fits, status_fits, codes_have_their_shape, lines_lie_in_their_periods,
    diagnoses_can_be_billed, header_is_current, practitioner_is_known, stay_is_known, parties, payers,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A claim that does not leave, and everything that stands against it."""

    claim_id: str
    objections: tuple[Objection, ...]

    @property
    def told(self) -> str:
        """The claim and its objections as one line."""
        return f"Claim {self.claim_id}: {' '.join(one.told for one in self.objections)}"
