"""What is left of an answered claim for the patient's second payer (coordination of benefits).

A claim that its payer answered, whose days a coverage of rank 2 covers, can be billed again to that coverage's payer:
the lines of the days that it covers on the payer's own form, after the first claim. What is left of a line is its
charge less what was paid, reduced by contract and, as far as that answer leaves it, written off; a claim of which
nothing is left is none. The clock for filing runs from the first payer's remittance, which only a secondary source
says: wherever that day is told it is unverified. A claim that its payer forwarded to the next one itself (CLP02 19 to
21) is not billed there again.

The next payer is asked what the first one was: member number, terms, enrollment with the payer, consent to disclose
a substance-use record, restrictions by the patient. Its own authorization is named where there is one (`units`). Beside
its lines the claim says what the first one does, with the numbers of its own coverage (`headers`).
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from iop_es.engine.readmodel.model import Rows, Table
from projections.billing import second_units
from projections.billing.accounts.documents import Line
from projections.billing.day import FOREVER, Case
from projections.billing.documents import Claim, Patient
from projections.billing.headers import STILL_A_PATIENT, header_of, on_form
from projections.billing.lines import Header
from projections.billing.reasons import REASONS
from projections.billing.references import PolicyVersion, Reference
from projections.billing.rules import care, particulars, payer
from projections.billing.times import week_of

TABLE = Table(
    "secondary_claim",
    (
        "patient_id", "claim_id", "coverage_id", "program_id", "payer_id", "next_payer_id", "time_zone", "from_date",
        "day_count", "left_cents", "filing_due_on", "standing_id", "standing_status", "body",
    ),
)
SECOND = 2
ENDS = frozenset({"1", "4"})
"""Frequencies of a bill that ends its stay."""
CLOCK = "filing_clock"
AUTHORIZATION = "second_authorization"
"""That a second payer wants an authorization of its own, and counts units as the first does: confirmed nowhere."""
COVERS_PART = (
    "The second coverage does not cover every day of the claim, and the answer does not tell its lines apart; bill the "
    "days by hand."
)
FORWARDED = (
    "The payer forwarded the claim to the next payer itself (CLP02 19, 20 or 21), which refuses it as a duplicate "
    "(CARC 18) when it comes again: wait for that payer's answer, and bill it only once it says that it did not get "
    "the claim. Then correct the first answer: take it back (claim.reverse_adjudication) and record it anew without "
    "its status (claim.adjudicate)."
)
_json = msgspec.json.Encoder().encode


class SecondaryLine(msgspec.Struct, array_like=True):
    """A line of the first claim, by its number there, with the units to draw of the second payer's authorization."""

    line: int
    service_date: str
    level_of_care: str
    revenue_code: str
    procedure_code: str | None
    modifiers: list[str]
    units: int
    charge_cents: int
    left_cents: int
    authorization_id: str | None = None
    authorization_units: list[int] = msgspec.field(default_factory=list)


class Secondary(msgspec.Struct, omit_defaults=True):
    """A claim that was answered, and the payer that comes after.

    `objection` says what to do before a secondary claim can be prepared, `reason` is why if a day could have the same;
    `warning` is what to look at before it leaves. `from_date`, `through_date` and the cents are of the lines told.
    `header` is what the claim says beside them; `interim_claims`: the payer is told which bill ends the stay.
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
    warning: str | None = None
    standing_id: str | None = None
    standing_status: str | None = None
    unverified: list[str] = msgspec.field(default_factory=list)
    header: Header | None = None
    interim_claims: bool = False


decode = msgspec.json.Decoder(Secondary).decode


def rows_of(patient_id: str, patient: Patient, reference: Reference) -> Rows:
    """All answered claims of a patient that somebody else may have to pay a part of."""
    if not patient.claims:
        return {"secondary_claim": {}}
    free = second_units.Free(patient)
    found = [
        left(Sought(patient_id, patient, reference, claim_id, claim), coverage_id, free)
        for claim_id, claim in patient.claims.items() for coverage_id in seconds(patient, claim)
    ]
    rows = [
        (
            one.patient_id, one.claim_id, one.coverage_id, one.program_id, one.payer_id, one.next_payer_id,
            one.time_zone, one.from_date, len({line.service_date for line in one.lines}), one.left_cents,
            one.filing_due_on, one.standing_id, one.standing_status, _json(one).decode(),
        )
        for one in found
    ]
    return {"secondary_claim": {(patient_id,): rows}}


@dataclass(frozen=True, slots=True)
class Sought:
    """An answered claim with all around it."""

    patient_id: str
    patient: Patient
    reference: Reference
    claim_id: str
    claim: Claim


def seconds(patient: Patient, claim: Claim) -> list[str]:
    """The coverages of rank 2, by another payer, on the days of an answered claim, in the order of the days."""
    if claim.after_claim is not None or not claim.live or claim.adjudicated_on is None:
        return []
    if patient.denied_on(claim) is not None:  # the claim that it replaces has an answer too: a person says which holds
        return []
    return list(dict.fromkeys(
        coverage_id for day in sorted({line.date for line in claim.lines})
        for coverage_id, one in payer.covering(patient, day) if one.rank == SECOND and one.payer_id != claim.payer_id
    ))  # fmt: skip


def left(
    sought: Sought, coverage_id: str, free: second_units.Free, instead_of: str | None = None
) -> Secondary:
    """What is left of the claim under a coverage; unless it is billed already, it takes of the units that are free.

    With `instead_of` the claim of this id counts for nothing: what is told is to take its place.
    """
    claim, patient = sought.claim, sought.patient
    coverage = patient.coverages[coverage_id]
    covered = [line for line in claim.lines if coverage_id in dict(payer.covering(patient, line.date))]
    split = len(covered) == len(claim.lines) or _answered_by_line(claim)
    own = covered if split else claim.lines
    told = None if instead_of is None else patient.claims.get(instead_of)
    cases = {day: _asked(sought, coverage_id, day, told) for day in sorted({line.date for line in covered})}
    first = next(iter(cases.values()))
    lines = [_line(line) for line in own]
    program = sought.reference.programs.get(claim.program_id)
    whole = len(own) == len(claim.lines)
    made = Secondary(
        claim_id=sought.claim_id, patient_id=sought.patient_id, enrollment_id=claim.enrollment_id,
        program_id=claim.program_id, payer_id=claim.payer_id, next_payer_id=coverage.payer_id, coverage_id=coverage_id,
        time_zone=program.time_zone if program else "UTC",
        from_date=claim.from_date if whole else min(cases), through_date=claim.through_date if whole else max(cases),
        charge_cents=sum(line.charge_cents for line in own), left_cents=sum(line.left_cents for line in lines),
        lines=lines, answered_on=claim.remittance_on or claim.adjudicated_on or "",
        disclosure_through=min(
            (one.disclosure_through for one in cases.values() if one.disclosure_through), default=None
        ),
    )
    if first.version is not None:
        _by_the_terms(made, first.version, first.policy_id, claim.frequency)
        _head(made, patient)
    _object(made, list(cases.values()), split)
    if claim.forwarded and (told is None or told.submitted_at is None):  # what went there is mended there
        made.reason, made.objection = "forwarded", FORWARDED
    _stands(made, patient, instead_of)
    if made.standing_id is None and made.left_cents > 0:
        _authorize(made, cases, free)
    return made


def _answered_by_line(claim: Claim) -> bool:
    """Whether every line has an answer of its own, and together they pay what the claim's does."""
    paid = [line.paid_cents for line in claim.lines]
    return None not in paid and sum(one or 0 for one in paid) == claim.paid_cents


def _authorize(made: Secondary, cases: dict[str, Case], free: second_units.Free) -> None:
    """Names the payer's authorization and draws its units; says where the terms ask for one and none is there."""
    second_units.draw(made, free)
    without = sorted({
        line.service_date for line in made.lines if line.authorization_id is None
        and (case := cases.get(line.service_date)) is not None and case.version is not None
        and case.term("authorization_required")
    })  # fmt: skip
    if without:
        made.warning = second_units.missing(without, cases[without[0]].term("authorization_after_days"))
    if without or any(line.authorization_id for line in made.lines):
        made.unverified.append(AUTHORIZATION)


def _asked(sought: Sought, coverage_id: str, day: str, told: Claim | None) -> Case:
    """The day as the second payer would be asked for it, or is, where a claim has `told` of it already."""
    enrollment_id = sought.claim.enrollment_id
    case = Case(
        sought.patient_id, enrollment_id, day, week_of(day), sought.patient, sought.reference, [], [], [], []
    )
    if told is not None and told.submitted_at is not None:
        case.claimed = [("", told, line) for line in told.lines if line.date == day]
    care.find(case)
    payer.insure(case, coverage_id)
    payer.ask_insurance(case)
    payer.ask_disclosure(case)
    payer.ask_restriction(case)
    if case.version is not None:
        particulars.ask(case)
    return case


def _by_the_terms(made: Secondary, version: PolicyVersion, policy_id: str | None, frequency: str) -> None:
    """Form, type of bill, frequency and the last day for filing, as the second payer's terms have them."""
    terms = version.terms
    made.policy_id, made.form = policy_id, terms.claim_form
    made.interim_claims = terms.interim_claims
    made.frequency = frequency if terms.interim_claims and frequency in {"2", "3", "4"} else "1"
    if terms.claim_form == "837I" and terms.type_of_bill:
        made.type_of_bill = terms.type_of_bill[:3] + made.frequency
    made.filing_due_on = payer.last_for_filing(terms, made.answered_on)
    if made.filing_due_on is not None:
        made.unverified.append(CLOCK)
        made.unverified += [one for one in version.unverified if one in payer.FILING_WINDOW]


def _head(made: Secondary, patient: Patient) -> None:
    """What the claim says beside its lines: of the stay, as of its last day, what its frequency says of it."""
    episode = patient.episodes.get(made.enrollment_id)
    if episode is not None and made.form is not None:
        header = header_of(patient, episode, made.coverage_id, made.through_date)
        left = made.frequency in ENDS or (episode.discharged_on or FOREVER) <= made.through_date
        status = header.patient_status if left else None
        made.header = on_form(header, made.form, made.type_of_bill, status or STILL_A_PATIENT)


def _object(made: Secondary, cases: list[Case], split: bool) -> None:
    if not split:
        made.objection = COVERS_PART
        return
    answers = (one for case in cases for one in case.answers if one.due_at is None)  # when it is due, the list says
    against = (one for one in answers if one.code and one.outcome in {"held", "not_billable"})
    first = next(against, None)
    if first is not None and first.code is not None:
        made.reason, made.objection = first.code, REASONS[first.code].next_step


def _stands(made: Secondary, patient: Patient, instead_of: str | None) -> None:
    """The claim that bills the second payer already, or voids what did and is not accepted yet: the same services, or
    after this claim or one that it replaced."""
    services = {(line.service_date, line.revenue_code, line.procedure_code) for line in made.lines}
    for claim_id, claim in patient.claims.items():
        same = (claim.payer_id, claim.program_id) == (made.next_payer_id, made.program_id)
        if not (claim.live or patient.pending(claim)) or not same or claim_id == instead_of:
            continue
        own = ((line.date, line.revenue_code, line.procedure_code) for line in claim.lines)
        after = claim.after_claim is not None and patient.claim_in_place_of(claim.after_claim) == made.claim_id
        if not services.isdisjoint(own) or (after and claim.coverage_id == made.coverage_id):
            made.standing_id, made.standing_status = claim_id, claim.status


def _line(line: Line) -> SecondaryLine:
    shares = line.shares
    left = line.charge_cents - shares.paid - shares.contractual - sum(line.given_up)
    return SecondaryLine(
        line.line, line.date, line.level, line.revenue_code, line.procedure_code, list(line.modifiers), line.quantity,
        line.charge_cents, left,
    )
