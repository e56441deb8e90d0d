"""A claim's line with what became of its charge, and the patient's own money with one program."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from aggregates.account.shares import Shares, WrittenOff, divide, in_force

UNANSWERED = Shares()


class Adjusted(msgspec.Struct, array_like=True):
    """Why a line pays other than its charge: group code, CARC, RARC where given, cents."""

    group: str
    carc: str
    rarc: str | None
    cents: int


class Line(msgspec.Struct, array_like=True, kw_only=True):
    """One line of a claim, the answer of the payer's that stands, what was posted of it, what was written off."""

    line: int
    date: str
    level: str
    charge_cents: int
    revenue_code: str = ""
    procedure_code: str | None = None
    modifiers: tuple[str, ...] = ()
    quantity: int = 1
    authorization_id: str | None = None
    units: tuple[int, ...] = ()
    paid_cents: int | None = None
    patient_cents: int | None = None
    adjusted: list[Adjusted] = msgspec.field(default_factory=list)
    allowed_cents: int | None = None
    posted_cents: int = 0
    payer_written_off: int = 0
    patient_written_off: int = 0

    @property
    def billed(self) -> str:
        """What a payer takes once: the day, the revenue code, the procedure code."""
        return f"{self.date} {self.revenue_code} {self.procedure_code or '-'}"

    @property
    def told_as(self) -> str:
        """What tells it from the other lines of its claim: of one service those by video have a modifier."""
        return "-".join([self.billed, *self.modifiers])

    @property
    def shares(self) -> Shares:
        """What the answer comes to; nothing, as long as there is none."""
        if self.paid_cents is None:
            return UNANSWERED
        return divide(self.paid_cents, ((one, one.cents) for one in self.adjusted))

    @property
    def written_off(self) -> WrittenOff:
        """All that was ever written off of it."""
        return WrittenOff(self.payer_written_off, self.patient_written_off)

    @property
    def given_up(self) -> WrittenOff:
        """What of that counts by its own payer's answer, whatever a second payer answered."""
        return in_force(self.written_off, self.charge_cents, self.shares)

    @property
    def adjustments(self) -> list[str]:
        """Group codes and CARCs as texts such as CO-197."""
        return [f"{one.group}-{one.carc}" for one in self.adjusted]

    @property
    def denied_cents(self) -> int:
        """What the payer refused of the charge."""
        return self.shares.denied


class Overpaid(msgspec.Struct, array_like=True, kw_only=True):
    """An overpayment that a person identified; `taken_cents` are what of its return the payer took itself."""

    payer_id: str
    claim_id: str | None
    cause: str
    amount_cents: int
    returned_cents: int = 0
    taken_cents: int = 0
    identified_by: str
    identified_on: str
    return_days: int
    suspended_days: int = 0
    return_due_on: str
    position: int


class Agreement(msgspec.Struct, array_like=True, kw_only=True):
    """What patient and program agreed to from a day on, or from one through another; cents a day, or a percentage."""

    kind: str
    on: str
    through: str | None
    day_cents: int | None
    percent: int | None
    position: int
    agreement_id: str = ""


class SelfPayCharge(msgspec.Struct, array_like=True, kw_only=True):
    """What the patient was charged for a day that no payer is asked for; the agreement took off what is not owed."""

    enrollment_id: str
    date: str
    basis: str
    agreement_id: str | None
    charge_cents: int
    owed_cents: int
    decided_at: int
    written_off: int = 0
    stands: bool = True
    position: int


class WriteOffAsked(msgspec.Struct, array_like=True, kw_only=True):
    """A write-off that somebody asked for: of a line, a charge or, without an amount, of a day."""

    kind: str
    program_id: str
    enrollment_id: str
    service_date: str
    claim_id: str | None = None
    line: int | None = None
    charge_id: str | None = None
    share: str
    amount_cents: int | None = None
    cause: str
    requested_by: str
    requested_at: str
    position: int


class Money(msgspec.Struct, array_like=True, kw_only=True):
    """What the patient paid and got back, the kind of the agreement set last, overpayments and the
    charges of self-pay days by id; cents."""

    received_cents: int = 0
    refunded_cents: int = 0
    agreement: str | None = None
    overpaid: dict[str, Overpaid] = msgspec.field(default_factory=dict)
    position: int = 0
    agreements: list[Agreement] = msgspec.field(default_factory=list)
    self_pay: dict[str, SelfPayCharge] = msgspec.field(default_factory=dict)


def charged_days(money: Mapping[str, Money]) -> Iterator[tuple[str, str, SelfPayCharge]]:
    """The charges of self-pay days that stand, each with its id and program."""
    for program_id, own in money.items():
        for charge_id, one in own.self_pay.items():
            if one.stands:
                yield charge_id, program_id, one
