"""What a 277CA says of each claim and a 999 of a whole batch: accepted, rejected, or neither.

Category codes of a 277CA (STC01-1, X12 code list 507): A0 to A2 and A5 say that the claim was taken in or passed on,
A3, A4 and A6 to A8 that it was not. A 999 (005010X231A1) answers a functional group; we name a batch by its group
control number, so that AK102 is the batch.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from iop_es.remittance.elements import Fault, at, coded, day
from iop_es.remittance.interchange import Segment, Transaction, component_parts

TAKEN, NOT_TAKEN = {"A0", "A1", "A2", "A5"}, {"A3", "A4", "A6", "A7", "A8"}
GROUP_TAKEN, GROUP_NOT_TAKEN = {"A", "E"}, {"R", "M", "W", "X"}
PATIENT_LEVEL = "PT"


@dataclass(slots=True)
class Status:
    """What is said of one claim (by control number) or of all claims of a batch."""

    source: Literal["277CA", "999"]
    control_number: str | None = None
    batch: str | None = None
    accepted: bool | None = None
    date: str | None = None
    reference: str | None = None
    codes: list[str] = field(default_factory=list)
    segments: list[Segment] = field(default_factory=list)
    fault: Fault | None = None

    @property
    def words(self) -> str:
        """What stood there, as it stood there."""
        return "~\n".join("*".join(one) for one in self.segments)


def statuses_of(transaction: Transaction, component: str) -> list[Status]:
    """Everything that a 277CA or a 999 says; whatever cannot be read, or says neither, has a fault."""
    found = _of_claims(transaction, component) if transaction.kind == "277" else _of_batches(transaction)
    for one in found:
        if one.accepted is None:
            one.fault = one.fault or Fault("status-unknown", "STC01" if one.source == "277CA" else "AK901")
        one.fault = transaction.fault or one.fault
    return found


def _of_claims(transaction: Transaction, component: str) -> list[Status]:
    """One a patient level: TRN*2 has our control number, STC the status, REF*1K the payer's number."""
    found: list[Status] = []
    for fields in _of_patients(transaction):
        if fields[0] == "TRN" and at(fields, 1) == "2":
            found.append(Status("277CA", control_number=at(fields, 2)))
        if not found:
            continue
        one = found[-1]
        one.segments.append(fields)
        try:
            _take(one, fields, component)
        except Fault as fault:
            one.fault = one.fault or fault
    return found


def _of_patients(transaction: Transaction) -> Iterator[Segment]:
    level = ""
    for fields in transaction.segments:
        if fields[0] == "HL":
            level = at(fields, 3)
        elif level == PATIENT_LEVEL:
            yield fields


def _take(one: Status, fields: Segment, component: str) -> None:
    if fields[0] == "REF" and at(fields, 1) == "1K":
        one.reference = at(fields, 2)
    elif fields[0] == "STC":
        parts = [part for part in component_parts(at(fields, 1), component) if part]
        category = parts[0] if parts else ""
        one.date = day(fields, 2)
        one.codes += [coded(part, "STC01") for part in parts[:2]]
        if category in NOT_TAKEN:
            one.accepted = False  # one refusal is enough, whatever else is said of the claim
        elif category in TAKEN and one.accepted is None:
            one.accepted = True


def _of_batches(transaction: Transaction) -> list[Status]:
    """One a functional group: AK1 names it, AK9 takes it in or not; partly (P) is neither."""
    found: list[Status] = []
    for fields in transaction.segments:
        if fields[0] == "AK1":
            found.append(Status("999", batch=at(fields, 2), reference=at(fields, 2)))
        if not found:
            continue
        one = found[-1]
        one.segments.append(fields)
        if fields[0] == "AK9":
            answer = at(fields, 1)
            one.accepted = True if answer in GROUP_TAKEN else False if answer in GROUP_NOT_TAKEN else None
            one.codes.append(answer or "none")
    return found
