"""The claim of an 837I (005010X223A2): loop 2300 and its lines, as a facility bills on a UB-04."""

from __future__ import annotations

from aggregates.claim.bill_type import facility, shows_admission_date
from aggregates.claim.facts import ClaimLine
from projections.claim_file.contents import Contents, known
from projections.claim_file.loops import (
    condition_codes,
    line_adjudication,
    other_payers,
    practitioner,
    procedure,
    references,
)
from projections.claim_file.segments import Segment, Transaction, amount, day

VERSION = "005010X223A2"
DIAGNOSES_IN_A_SEGMENT = 12
OTHER_DIAGNOSES = 24


def institutional_claim(claim: Contents) -> list[Segment]:
    """Loops 2300, 2310A, 2320 and 2400 of one claim."""
    bill, admission = claim.prepared, known(claim.admission)
    kind = facility(known(bill.type_of_bill))
    transaction = Transaction()
    transaction.add(
        (
            "CLM", claim.control_number, amount(bill.total_cents), "", "", (kind, "A", bill.frequency), "",
            "A", "Y", claim.release,
        ),
        ("DTP", "434", "RD8", f"{day(bill.from_date)}-{day(bill.through_date)}"),
        ("DTP", "435", "D8", day(admission.admitted_on)) if shows_admission_date(bill.type_of_bill) else None,
        ("CL1", admission.admission_type, admission.admission_source, claim.patient_status),
        *references(claim),
        ("HI", ("ABK", code(known(claim.principal)))),
        *_other_diagnoses(claim),
        condition_codes(claim),
        practitioner("71", known(claim.attending)),
        *other_payers(claim),
    )  # fmt: skip
    for line in bill.lines:
        transaction.add(*_line(claim, line))
    return transaction.segments


def code(diagnosis: str) -> str:
    """An ICD-10-CM code without its point, as files have it."""
    return diagnosis.replace(".", "")


def _other_diagnoses(claim: Contents) -> list[Segment]:
    codes = [("ABF", code(one)) for one in claim.diagnoses[:OTHER_DIAGNOSES]]
    step = DIAGNOSES_IN_A_SEGMENT
    return [("HI", *codes[start : start + step]) for start in range(0, len(codes), step)]


def _line(claim: Contents, line: ClaimLine) -> list[Segment]:
    judged = line_adjudication(claim.before, line, line.revenue_code) if claim.before else []
    return [
        ("LX", str(line.line)),
        ("SV2", line.revenue_code, procedure(line) or "", amount(line.charge_cents), "UN", str(line.units)),
        ("DTP", "472", "D8", day(line.service_date)),
        *judged,
    ]
