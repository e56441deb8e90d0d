"""What is left of an answered claim for the patient's second payer (coordination of benefits).

A claim that its payer answered, whose days a coverage of rank 2 covers, can be billed again to that coverage's payer:
the same lines on the payer's own form, after the first claim. What is left of a line is its charge less what was paid,
reduced by contract and written off; a claim of which nothing is left is none. The clock for filing runs from the
first payer's remittance, which only a secondary source says: wherever that day is told it is unverified.

The next payer is asked what the first one was: member number, terms, enrollment with the payer, consent to disclose
a substance-use record, restrictions by the patient. Authorizations are not: the first payer's are not the second's, and
whether it wants its own beside them is not confirmed.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from iop_es.engine.readmodel.model import Rows, Table
from projections.billing.accounts.documents import Line
from projections.billing.day import Case
from projections.billing.documents import Claim, Patient, PolicyVersion, Reference
from projections.billing.reasons import REASONS
from projections.billing.rules import care, particulars, payer
from projections.billing.times import week_of

TABLE = Table(
    "secondary_claim",
    (
        "patient_id", "claim_id", "program_id", "payer_id", "next_payer_id", "time_zone", "from_date", "left_cents",
        "filing_due_on", "standing_id", "standing_status", "body",
    ),
)
SECOND = 2
CLOCK = "filing_clock"
COVERS_PART = "The second coverage does not cover every day of the claim; bill its days by hand."
_json = msgspec.json.Encoder().encode


class SecondaryLine(msgspec.Struct, array_like=True):
    """A line of the first claim."""

    line: int
    service_date: str
    level_of_care: str
    revenue_code: str
    procedure_code: str | None
    modifiers: list[str]
    units: int
    charge_cents: int
    left_cents: int


class Secondary(msgspec.Struct, omit_defaults=True):
    """A claim that was answered, and the payer that comes after.

    `objection` says what to do before a secondary claim can be prepared, `reason` is why if a day could have the same.
    """

    claim_id: str
    patient_id: str
    enrollment_id: str
    program_id: str
    payer_id: str
    next_payer_id: str
    coverage_id: str
    time_zone: str
    from_date: str
    through_date: str
    charge_cents: int
    left_cents: int
    answered_on: str
    lines: list[SecondaryLine]
    frequency: str = "1"
    policy_id: str | None = None
    form: str | None = None
    type_of_bill: str | None = None
    filing_due_on: str | None = None
    disclosure_through: str | None = None
    reason: str | None = None
    objection: str | None = None
    standing_id: str | None = None
    standing_status: str | None = None
    unverified: list[str] = msgspec.field(default_factory=list)


decode = msgspec.json.Decoder(Secondary).decode


def rows_of(patient_id: str, patient: Patient, reference: Reference) -> Rows:
    """All answered claims of a patient that somebody else may have to pay a part of."""
    if not patient.claims:
        return {"secondary_claim": {}}
    found = [
        _of(_Sought(patient_id, patient, reference, claim_id, claim), second)
        for claim_id, claim in patient.claims.items() if (second := _second(patient, claim)) is not None
    ]
    rows = [
        (
            one.patient_id, one.claim_id, one.program_id, one.payer_id, one.next_payer_id, one.time_zone, one.from_date,
            one.left_cents, one.filing_due_on, one.standing_id, one.standing_status, _json(one).decode(),
        )
        for one in found
    ]
    return {"secondary_claim": {(patient_id,): rows}}


@dataclass(frozen=True, slots=True)
class _Sought:
    """An answered claim with all around it."""

    patient_id: str
    patient: Patient
    reference: Reference
    claim_id: str
    claim: Claim


def _second(patient: Patient, claim: Claim) -> str | None:
    """The coverage of rank 2, by another payer, on the first of the days of an answered claim that has one."""
    if claim.after_claim is not None or not claim.live or claim.adjudicated_on is None:
        return None
    found = (
        coverage_id for day in sorted({line.date for line in claim.lines})
        for coverage_id, one in payer.covering(patient, day) if one.rank == SECOND and one.payer_id != claim.payer_id
    )  # fmt: skip
    return next(found, None)


def _of(sought: _Sought, coverage_id: str) -> Secondary:
    claim, patient = sought.claim, sought.patient
    coverage = patient.coverages[coverage_id]
    days = sorted({line.date for line in claim.lines})
    cases = [_asked(sought, coverage_id, day) for day in days]
    version = cases[0].version
    lines = [_line(line) for line in claim.lines]
    program = sought.reference.programs.get(claim.program_id)
    made = Secondary(
        claim_id=sought.claim_id, patient_id=sought.patient_id, enrollment_id=claim.enrollment_id,
        program_id=claim.program_id, payer_id=claim.payer_id, next_payer_id=coverage.payer_id, coverage_id=coverage_id,
        time_zone=program.time_zone if program else "UTC", from_date=claim.from_date, through_date=claim.through_date,
        charge_cents=claim.total_cents, left_cents=sum(line.left_cents for line in lines), lines=lines,
        answered_on=claim.remittance_on or claim.adjudicated_on or "",
        disclosure_through=min((one.disclosure_through for one in cases if one.disclosure_through), default=None),
    )
    if version is not None:
        _by_the_terms(made, version, cases[0].policy_id, claim.frequency)
    _object(made, cases, [day for day in days if coverage_id not in dict(payer.covering(patient, day))])
    _stands(made, patient)
    return made


def _asked(sought: _Sought, coverage_id: str, day: str) -> Case:
    """The day as the second payer would be asked for it."""
    enrollment_id = sought.claim.enrollment_id
    case = Case(
        sought.patient_id, enrollment_id, day, week_of(day), sought.patient, sought.reference, [], [], [], []
    )
    care.find(case)
    payer.insure(case, coverage_id)
    payer.ask_insurance(case)
    payer.ask_disclosure(case)
    if case.version is not None:
        particulars.ask(case)
    return case


def _by_the_terms(made: Secondary, version: PolicyVersion, policy_id: str | None, frequency: str) -> None:
    """Form, type of bill, frequency and the last day for filing, as the second payer's terms have them."""
    terms = version.terms
    made.policy_id, made.form = policy_id, terms.claim_form
    made.frequency = frequency if terms.interim_claims and frequency in {"2", "3", "4"} else "1"
    if terms.claim_form == "837I" and terms.type_of_bill:
        made.type_of_bill = terms.type_of_bill[:3] + made.frequency
    made.filing_due_on = payer.last_for_filing(terms, made.answered_on)
    if made.filing_due_on is not None:
        made.unverified.append(CLOCK)
        made.unverified += [one for one in version.unverified if one in payer.FILING_WINDOW]


def _object(made: Secondary, cases: list[Case], uncovered: list[str]) -> None:
    if uncovered:
        made.objection = COVERS_PART
        return
    against = (one for case in cases for one in case.answers if one.code and one.outcome in {"held", "not_billable"})
    first = next(against, None)
    if first is not None and first.code is not None:
        made.reason, made.objection = first.code, REASONS[first.code].next_step


def _stands(made: Secondary, patient: Patient) -> None:
    """The claim that bills the second payer already: after this claim, or after one that this one replaced."""
    services = {(line.service_date, line.revenue_code, line.procedure_code) for line in made.lines}
    for claim_id, claim in patient.claims.items():
        own = ((line.date, line.revenue_code, line.procedure_code) for line in claim.lines)
        same = claim.after_claim == made.claim_id or not services.isdisjoint(own)
        if claim.live and claim.payer_id == made.next_payer_id and claim.program_id == made.program_id and same:
            made.standing_id, made.standing_status = claim_id, claim.status


def _line(line: Line) -> SecondaryLine:
    shares = line.shares
    left = line.charge_cents - shares.paid - shares.contractual - line.payer_written_off - line.patient_written_off
    return SecondaryLine(
        line.line, line.date, line.level, line.revenue_code, line.procedure_code, list(line.modifiers), line.quantity,
        line.charge_cents, left,
    )
