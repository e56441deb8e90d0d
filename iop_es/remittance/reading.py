"""An 835 transaction (005010X221A1) into a remittance. A fault in a claim is that claim's, one in the header all's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from iop_es.remittance.elements import Fault, at, cents, code, coded, day, trace_number
from iop_es.remittance.interchange import Segment, Transaction, component_parts

DEBIT = "D"
NO_PROCEDURE = {"NU", "RB"}
"""Qualifiers of SVC01 whose code is a revenue code."""


@dataclass(frozen=True, slots=True)
class Adjusted:
    """One adjustment (CAS): group, CARC, cents."""

    group: str
    carc: str
    cents: int


@dataclass(slots=True)
class RemittedLine:
    """One service line (SVC): `number` is the control number that we sent (REF*6R)."""

    charge: int = 0
    paid: int = 0
    procedure: str | None = None
    revenue: str | None = None
    number: str | None = None
    date: str | None = None
    allowed: int | None = None
    remarks: list[str] = field(default_factory=list)
    adjustments: list[Adjusted] = field(default_factory=list)


@dataclass(slots=True)
class RemittedClaim:
    """One claim (CLP). `sequence` counts those with this control number; `fault` why it cannot be used."""

    control_number: str
    status: str
    sequence: int
    charge: int = 0
    paid: int = 0
    payer_control_number: str = ""
    date: str | None = None
    remarks: list[str] = field(default_factory=list)
    adjustments: list[Adjusted] = field(default_factory=list)
    lines: list[RemittedLine] = field(default_factory=list)
    segments: list[Segment] = field(default_factory=list)
    fault: Fault | None = None

    @property
    def words(self) -> str:
        """What stood there, as it stood there."""
        return "~\n".join("*".join(one) for one in self.segments)


@dataclass(frozen=True, slots=True)
class ProviderAdjustment:
    """One adjustment of the provider's (PLB); a positive amount lowers the payment."""

    sequence: int
    reason: str
    reference: str | None
    cents: int


@dataclass(slots=True)
class Remittance:
    """One payment with its claims. `fault` is one of the whole: nothing of it can be posted.

    The payer names itself, and by the ids that it gives (N104 with XV, REF*2U) where it gives any.
    """

    payment: int = 0
    debit: bool = False
    trace_number: str | None = None
    originator: str = ""
    paid_on: str | None = None
    produced_on: str | None = None
    payer: str = ""
    payer_numbers: tuple[str, ...] = ()
    payee: str = ""
    claims: list[RemittedClaim] = field(default_factory=list)
    adjustments: list[ProviderAdjustment] = field(default_factory=list)
    fault: Fault | None = None

    @property
    def date(self) -> str | None:
        """When the payer decided: the production date where given, else the day of the payment."""
        return self.produced_on or self.paid_on


def remittance_of(transaction: Transaction, component: str) -> Remittance:
    """The remittance of a transaction; whatever is wrong is a fault of its part."""
    reading = _Reading(component, Remittance(fault=transaction.fault))
    for fields in transaction.segments:
        reading.take(fields)
    if reading.found.trace_number is None and reading.found.fault is None:
        reading.found.fault = Fault("no-trace", "TRN02")
    return reading.found


@dataclass(slots=True)
class _Reading:
    component: str
    found: Remittance
    claim: RemittedClaim | None = None
    line: RemittedLine | None = None
    seen: dict[str, int] = field(default_factory=dict)

    def take(self, fields: Segment) -> None:
        """One segment, where it belongs to what is open."""
        name = fields[0].upper()
        if name == "CLP":
            self._begin(fields)
        elif name == "PLB":
            self.claim = self.line = None
            self._guard(lambda: self._plb(fields))
        elif name == "LX":
            self.claim = self.line = None
        elif self.claim is not None:
            self.claim.segments.append(fields)
            self._guard(lambda: self._of_claim(name, fields))
        else:
            self._guard(lambda: self._of_header(name, fields))

    def _guard(self, work: Callable[[], None]) -> None:
        """The first fault of a claim, or of the remittance, is kept; reading goes on."""
        try:
            work()
        except Fault as fault:
            part: RemittedClaim | Remittance = self.found if self.claim is None else self.claim
            part.fault = part.fault or fault

    def _begin(self, fields: Segment) -> None:
        number = at(fields, 1)
        key = number.upper()
        self.seen[key] = self.seen.get(key, 0) + 1
        self.claim, self.line = RemittedClaim(number, at(fields, 2), self.seen[key], segments=[fields]), None
        self.found.claims.append(self.claim)
        self._guard(lambda: self._clp(fields))

    def _clp(self, fields: Segment) -> None:
        if self.claim is not None:
            self.claim.charge, self.claim.paid = cents(fields, 3), cents(fields, 4)
            self.claim.payer_control_number = code(fields, 7)

    def _of_header(self, name: str, fields: Segment) -> None:
        found = self.found
        match name, at(fields, 1):
            case "BPR", _:
                found.debit = at(fields, 3) == DEBIT
                found.payment = cents(fields, 2)
                found.paid_on = day(fields, 16)
            case "TRN", "1":
                found.originator = at(fields, 3)
                found.trace_number = trace_number(fields, 2)
            case "DTM", "405":
                found.produced_on = day(fields, 2)
            case "N1", "PR":
                found.payer = at(fields, 2)
                found.payer_numbers += (at(fields, 4),) if at(fields, 3) == "XV" and at(fields, 4) else ()
            case "REF", "2U" if at(fields, 2):
                found.payer_numbers += (at(fields, 2),)
            case "N1", "PE":
                found.payee = at(fields, 4) if at(fields, 3) == "XX" else ""

    def _of_claim(self, name: str, fields: Segment) -> None:
        if self.claim is None:
            return
        if name == "SVC":
            self.line = RemittedLine(charge=cents(fields, 2), paid=cents(fields, 3))
            self.claim.lines.append(self.line)
            self._svc(self.line, fields)
        elif name == "CAS":
            (self.line or self.claim).adjustments.extend(_adjustments(fields))
        elif self.line is not None:
            self._of_line(self.line, name, fields)
        elif name == "DTM" and at(fields, 1) == "232":
            self.claim.date = day(fields, 2)
        elif name == "MOA":
            self.claim.remarks += [coded(one, "MOA03") for one in map(str.strip, fields[3:8]) if one]

    def _svc(self, line: RemittedLine, fields: Segment) -> None:
        """SVC01 is the procedure or, for a line without one, the revenue code; else SVC04 is the revenue code."""
        qualifier, _, rest = at(fields, 1).partition(self.component)
        first = next(component_parts(rest, self.component))
        if qualifier in NO_PROCEDURE:
            line.revenue = first
        else:
            line.procedure, line.revenue = first, at(fields, 4) or None

    def _of_line(self, line: RemittedLine, name: str, fields: Segment) -> None:
        match name, at(fields, 1):
            case "DTM", "472" | "150":
                line.date = day(fields, 2)
            case "REF", "6R":
                line.number = at(fields, 2)
            case "AMT", "B6":
                line.allowed = cents(fields, 2)
            case "LQ", "HE":
                line.remarks.append(code(fields, 2))
            case "DTM", "151":
                day(fields, 2)

    def _plb(self, fields: Segment) -> None:
        """Up to six pairs of reason and amount; a reference follows the reason."""
        for place in range(3, len(fields) - 1, 2):
            if not at(fields, place):
                continue
            reason, _, reference = at(fields, place).partition(self.component)
            self.found.adjustments.append(
                ProviderAdjustment(
                    len(self.found.adjustments) + 1, coded(reason, f"PLB{place:02d}"), reference.strip() or None,
                    cents(fields, place + 1),
                )
            )


def _adjustments(fields: Segment) -> list[Adjusted]:
    """One group with up to six reasons (CARC, amount, quantity)."""
    group = at(fields, 1)
    if group not in {"CO", "PR", "OA", "PI"}:
        raise Fault("bad-element", "CAS01")
    return [
        Adjusted(group, code(fields, place), cents(fields, place + 1))
        for place in range(2, len(fields), 3) if at(fields, place)
    ]  # fmt: skip
