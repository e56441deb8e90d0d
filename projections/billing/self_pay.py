"""The days that no payer is asked for and the account does not say so yet, or says otherwise, and what puts that right.

A day's charge is posted once the day is decided to be the patient's and nothing of it is at a payer any more. Once the
day is decided otherwise its charge is wrong: it is taken back, and posted anew where the patient owes another amount.
What was written off of a charge goes with it, and a new charge is owed in full: so one of which something was written
off is posted anew only by a person who names it, and who has it written off again if that is meant.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Literal

from psycopg import Cursor
from pydantic import Field

from projections.billing import queries
from projections.billing.day import Charged, Day
from projections.billing.standing import reasons_at, standing
from projections.billing.views import View
from projections.billing.words import dollars

PATIENTS = frozenset({"self_pay", "disclosure_restricted"})
"""The reasons for which a day is the patient's to pay."""
CAUSE = "other-decision"


class SelfPayView(View):
    """A day whose charge is to be posted, taken back, or taken back and posted anew."""

    patient_id: str
    enrollment_id: str
    program_id: str
    service_date: str
    action: Literal["post", "take_back", "correct"] = Field(description="correct: take it back, then post it anew.")
    basis: str | None = Field(description="self_pay, sliding_fee or disclosure_restricted; null: not the patient's.")
    agreement_id: str | None
    charge_cents: int = Field(description="The charge as the day is decided now; 0 where it is not the patient's.")
    owed_cents: int = Field(description="What the patient owes of it.")
    charge_id: str | None = Field(description="The charge that stands; null: none does.")
    charged_cents: int = Field(description="What the patient owes by the charge that stands, less what was given up.")
    written_off_cents: int = Field(description="What was written off of the charge that stands.")
    by_name: str | None = Field(
        description="Why a person must name the charge before it is posted anew; null: nobody must."
    )

    @property
    def difference_cents(self) -> int:
        """By how much more the patient owes once this is done."""
        return self.owed_cents - self.charged_cents

    def posting(self, decided_at: int) -> dict[str, Any] | None:
        """Data of the `account.post_self_pay_charge` command but its ids; None where nothing is to be posted."""
        if self.action == "take_back":
            return None
        names = ("patient_id", "program_id", "enrollment_id", "service_date", "basis", "agreement_id", "charge_cents",
                 "owed_cents")  # fmt: skip
        return {name: getattr(self, name) for name in names} | {"decided_at": decided_at}


def due(
    cursor: Cursor[Any], *, programs: Sequence[str], now: str, patient_id: str | None = None,
    from_date: str | None = None, through_date: str | None = None,
) -> list[SelfPayView]:
    """All of them, in order of the day."""
    found = queries.self_pay_days(
        cursor, programs=programs, now=now, patient_id=patient_id, from_date=from_date, through_date=through_date
    )
    return list(to_do(found, now))


def to_do(days: Sequence[Day], now: str) -> Iterator[SelfPayView]:
    """What is to be done about days; nothing where the account says what they are decided to be."""
    for day in days:
        theirs = owes(day, now)
        right = (day.cents, day.owed_cents) if theirs else None
        stands = (day.charged.charge_cents, day.charged.owed_cents) if day.charged else None
        if right != stands:
            yield SelfPayView(
                patient_id=day.patient_id, enrollment_id=day.enrollment_id, program_id=day.program_id,
                service_date=day.service_date,
                action="post" if day.charged is None else "correct" if theirs else "take_back",
                basis=day.owed_basis if theirs else None, agreement_id=day.agreement_id if theirs else None,
                charge_cents=(day.cents or 0) if theirs else 0, owed_cents=(day.owed_cents or 0) if theirs else 0,
                charge_id=day.charged.charge_id if day.charged else None,
                charged_cents=day.charged.owed_cents - day.charged.written_off if day.charged else 0,
                written_off_cents=day.charged.written_off if day.charged else 0,
                by_name=_by_name(day.charged) if theirs and day.charged else None,
            )  # fmt: skip


def _by_name(charged: Charged) -> str | None:
    if not charged.written_off:
        return None
    return (
        f"{dollars(charged.written_off)} of charge {charged.charge_id} were written off, and a new charge is owed in "
        "full: name the charge to have it posted anew (`iop-es accounts charge --charge`), and have a director write "
        "off of the new one what is still to be given up."
    )


def owes(day: Day, now: str) -> bool:
    """Whether the day is the patient's to pay, and nothing of it is at a payer any more."""
    state, reason, _ = standing(day, now)
    return (
        state == "not_billable" and reason in PATIENTS and day.owed_cents is not None
        and "correction_not_accepted" not in reasons_at(day, now)
    )
