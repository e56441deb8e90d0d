"""Small 835 files, segment by segment: balanced unless a test says otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

CAS = tuple[str, str, float]


@dataclass
class Service:
    """One service line: day, charge, what was paid and why not all of it."""

    date: str
    charge: float
    paid: float
    adjustments: Sequence[CAS] = ()
    number: str | None = None
    code: str = "HC:S9480"
    revenue: str = "0905"
    remark: str | None = None
    allowed: float | None = None

    def segments(self) -> list[str]:
        """SVC and what follows it."""
        found = [
            f"SVC*{self.code}*{money(self.charge)}*{money(self.paid)}*{self.revenue}*1", f"DTM*472*{plain(self.date)}",
        ]
        found += cas(self.adjustments)
        found += [f"REF*6R*{self.number}"] if self.number else []
        found += [f"AMT*B6*{money(self.allowed)}"] if self.allowed is not None else []
        return found + ([f"LQ*HE*{self.remark}"] if self.remark else [])


@dataclass
class Claim:
    """One claim; its sums are those of its lines unless given."""

    control: str
    services: Sequence[Service] = ()
    status: str = "1"
    adjustments: Sequence[CAS] = ()
    charge: float | None = None
    paid: float | None = None
    icn: str = "ICN1"

    @property
    def is_paid(self) -> float:
        """CLP04."""
        taken = sum(amount for *_, amount in self.adjustments)
        return sum(one.paid for one in self.services) - taken if self.paid is None else self.paid

    def segments(self) -> list[str]:
        """CLP and what follows it."""
        charge = sum(one.charge for one in self.services) if self.charge is None else self.charge
        found = [f"CLP*{self.control}*{self.status}*{money(charge)}*{money(self.is_paid)}**12*{self.icn}*13*1"]
        found += cas(self.adjustments)
        found += ["NM1*QC*1*QUEEG*PHILIP****MI*ZX12345"]
        return found + [segment for one in self.services for segment in one.segments()]


@dataclass
class Payment:
    """One transaction. `plb` are (reason, reference, amount)."""

    claims: Sequence[Claim] = ()
    trace: str = "EFT-1"
    paid_on: str = "2026-04-01"
    produced_on: str | None = None
    payer: str = "PAYER 1"
    payer_number: str = ""
    npi: str = "1234567893"
    plb: Sequence[tuple[str, str, float]] = ()
    total: float | None = None
    bpr_date: str | None = None
    number: str = field(default="0001")

    def segments(self) -> list[str]:
        """ST to SE."""
        total = sum(one.is_paid for one in self.claims) - sum(amount for *_, amount in self.plb)
        body = [
            f"ST*835*{self.number}",
            f"BPR*I*{money(total if self.total is None else self.total)}*C*ACH*CCP*01*1*DA*1*1512345678**01*2*DA*2*"
            f"{self.bpr_date or plain(self.paid_on)}",
            f"TRN*1*{self.trace}*1512345678",
            *([f"DTM*405*{plain(self.produced_on)}"] if self.produced_on else []),
            f"N1*PR*{self.payer}", "N3*1 MAIN STREET", "N4*ALBANY*NY*12207",
            *([f"REF*2U*{self.payer_number}"] if self.payer_number else []),
            f"N1*PE*THE PROGRAM*XX*{self.npi}", "LX*1",
            *(segment for one in self.claims for segment in one.segments()),
            *(f"PLB*{self.npi}*20261231*{why}:{reference}*{money(amount)}" for why, reference, amount in self.plb),
        ]  # fmt: skip
        return [*body, f"SE*{len(body) + 1}*{self.number}"]


def file(*payments: Payment, terminator: str = "~\n") -> bytes:
    """A whole interchange of these transactions."""
    body = []
    for number, one in enumerate(payments, 1):
        one.number = f"{number:04d}"
        body += one.segments()
    return enveloped(body, len(payments), terminator)


def interchange(kind: str, segments: Sequence[str]) -> bytes:
    """A whole interchange of one transaction of a kind."""
    return enveloped([f"ST*{kind}*0001", *segments, f"SE*{len(segments) + 2}*0001"], 1)


def enveloped(body: Sequence[str], sets: int, terminator: str = "~\n") -> bytes:
    """Segments between ISA and IEA."""
    isa = "ISA*00*          *00*          *30*PAYER          *30*PROGRAM        *260401*1200*^*00501*000000001*0*T*:"
    segments = ["GS*HP*PAYER*PROGRAM*20260401*1200*1*X*005010X221A1", *body, f"GE*{sets}*1", "IEA*1*000000001"]
    return (isa + terminator + "".join(f"{one}{terminator}" for one in segments)).encode()


def money(amount: float) -> str:
    """Dollars as X12 writes them."""
    return f"{amount:.2f}".rstrip("0").rstrip(".") or "0"


def plain(date: str) -> str:
    """CCYYMMDD."""
    return date.replace("-", "")


def cas(adjustments: Sequence[CAS]) -> list[str]:
    """One segment an adjustment."""
    return [f"CAS*{group}*{carc}*{money(amount)}" for group, carc, amount in adjustments]
