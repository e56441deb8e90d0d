"""The claim of an 837P (005010X222A1): loop 2300 and its lines, as a practitioner bills on a CMS-1500.

The claim names the rendering provider of its first line, and a line that somebody else rendered names its own.
"""

from __future__ import annotations

from aggregates.claim.facts import ClaimLine
from aggregates.clinician.facts import ClinicianIdentity
from projections.claim_file.contents import Contents, known
from projections.claim_file.institutional import code
from projections.claim_file.loops import (
    condition_codes,
    line_adjudication,
    other_payers,
    practitioner,
    procedure,
    references,
)
from projections.claim_file.segments import Segment, Transaction, amount, day

VERSION = "005010X222A1"
DIAGNOSES = 12
POINTERS = 4


def professional_claim(claim: Contents) -> list[Segment]:
    """Loops 2300, 2310B, 2320, 2400 and 2420A of one claim."""
    bill = claim.prepared
    rendering = known(claim.rendered_by(bill.lines[0]))
    place = known(claim.places.get(bill.lines[0].service_date))
    diagnoses = (known(claim.principal), *claim.diagnoses)[:DIAGNOSES]
    transaction = Transaction()
    transaction.add(
        (
            "CLM", claim.control_number.upper(), amount(bill.total_cents), "", "", (place, "B", bill.frequency), "Y",
            "A", "Y", "Y",
        ),
        *references(claim),
        ("HI", *(("ABF" if number else "ABK", code(one)) for number, one in enumerate(diagnoses))),
        condition_codes(claim),
        practitioner("82", rendering),
        *other_payers(claim),
    )  # fmt: skip
    pointers = tuple(str(number) for number in range(1, min(len(diagnoses), POINTERS) + 1))
    for line in bill.lines:
        transaction.add(*_line(claim, line, place, rendering, pointers))
    return transaction.segments


def _line(
    claim: Contents, line: ClaimLine, place: str, rendering: ClinicianIdentity, pointers: tuple[str, ...]
) -> list[Segment]:  # fmt: skip
    own = claim.places.get(line.service_date, place)
    who = known(claim.rendered_by(line))
    judged = line_adjudication(claim.before, line, "") if claim.before else []
    return [
        ("LX", str(line.line)),
        (
            "SV1", procedure(line) or "", amount(line.charge_cents), "UN", str(line.units), "" if own == place else own,
            "", pointers,
        ),
        ("DTP", "472", "D8", day(line.service_date)),
        *([] if who == rendering else [practitioner("82", who)]),
        *judged,
    ]  # fmt: skip
