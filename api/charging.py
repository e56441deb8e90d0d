"""Days that no payer is asked for, charged to their patients as billing decided them. The one way to such a charge, at
the command line and over HTTP.

Nobody dictates a charge. The account knows agreements, fee schedules and claims, and no attendance: whether anybody
came, and whether the day is the patient's to pay, billing has decided. So `account.post_self_pay_charge` itself is
taken from no token (`api.routes.commands`): who charges says which days, and each charge follows from what the read
model has of its day at the position that the charge keeps (`decided_at`). What is known only later puts it on the list
of those that are to be taken back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import rfc8785
from psycopg import Cursor

from aggregates.account.commands import PostSelfPayCharge, ReverseSelfPayCharge
from aggregates.account.streams import account_of
from aggregates.kit import Refusal
from api.claiming import BILLING
from api.gate import Gate, Question
from projections.billing import queries, self_pay
from projections.billing.day import Day
from projections.billing.reasons import REASONS
from projections.billing.self_pay import SelfPayView
from projections.billing.standing import standing

CHARGES = uuid5(NAMESPACE_URL, "urn:iop-es:self-pay-charge")
PAYERS = {"billed": "It stands on a claim.", "billable": "It goes on a claim to the payer."}
"""What is said of a day that nothing stands against."""


class DayNotDecided(Refusal):
    """Nothing of {on} is decided for the patient: nobody is on record as having come, or the day is not projected yet.
    Record the attendance, wait for its position, and charge the day then."""


class DayNotThePatients(Refusal):
    """{on} is not the patient's to pay: it is decided as {state} ({reason}). {next_step} Where the patient is to pay,
    have the agreement or the restriction recorded, and charge the day then."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which days are to be charged: of these programs, and of a patient and from and to a day where these are named.
    `charge_id` is one of which something was written off, which is posted anew only by its name; it narrows to it."""

    programs: Sequence[str]
    patient_id: str | None = None
    first: str | None = None
    last: str | None = None
    charge_id: str | None = None

    @property
    def day(self) -> str | None:
        """The one day of one patient that is meant, if one is."""
        return self.first if self.patient_id and self.first and self.first == self.last else None


@dataclass(frozen=True, slots=True)
class Charging:
    """What is to be done about a day: the commands with their data, what is taken back before what is posted."""

    view: SelfPayView
    steps: list[tuple[type, dict[str, Any]]]

    @property
    def posted(self) -> str | None:
        """The charge that is posted, if one is."""
        return next((data["charge_id"] for command, data in self.steps if command is PostSelfPayCharge), None)


@dataclass(frozen=True, slots=True)
class Due:
    """What is to be done about days as they are decided at a position, and those that wait for a charge's name."""

    position: int
    days: list[Charging]
    left_out: list[SelfPayView]


def due(gate: Gate, question: Question, wanted: Wanted, least: int) -> Due:
    """What is to be done by what billing has decided, having seen the log up to `least`. Raises NotCaughtUp; and
    DayNotDecided and DayNotThePatients for the one day of a patient that is named, where the patient does not pay for
    it."""

    def asked(cursor: Cursor[Any], now: str) -> list[SelfPayView]:
        found = self_pay.due(
            cursor, programs=wanted.programs, now=now, patient_id=wanted.patient_id, from_date=wanted.first,
            through_date=wanted.last,
        )  # fmt: skip
        if wanted.day and not found:
            _must_be_the_patients(wanted.day, queries.decided(
                cursor, programs=wanted.programs, now=now, patient_id=wanted.patient_id or "", service_date=wanted.day,
            ), now)  # fmt: skip
        return found

    answer = gate.read(question, BILLING, asked, least=least)
    left = [one for one in answer.result if one.by_name is not None and one.charge_id != wanted.charge_id]
    found = [one for one in answer.result if one not in left and wanted.charge_id in {None, one.charge_id}]
    return Due(answer.position, [Charging(one, _steps(one, answer.position)) for one in found], left)


def _must_be_the_patients(on: str, days: Sequence[Day], now: str) -> None:
    """One that the account has charged already is; nothing is left to do about it."""
    if not days:
        raise DayNotDecided(on=on)
    if not any(self_pay.owes(one, now) for one in days):
        state, reason, _ = standing(days[0], now)
        next_step = REASONS[reason].next_step if reason else PAYERS.get(state, "Look at the day.")
        raise DayNotThePatients(on=on, state=state, reason=reason or state, next_step=next_step)


def _steps(one: SelfPayView, position: int) -> list[tuple[type, dict[str, Any]]]:
    account, steps = {"account_id": account_of(one.patient_id)}, list[tuple[type, dict[str, Any]]]()
    if one.charge_id is not None:
        steps.append((ReverseSelfPayCharge, account | {"charge_id": one.charge_id, "cause": self_pay.CAUSE}))
    data = one.posting(position)
    if data is not None:
        steps.append((PostSelfPayCharge, account | data | {"charge_id": _named(data)}))
    return steps


def _named(data: dict[str, Any]) -> str:
    """A charge's id, made from what it says, so that asking twice makes one charge."""
    return str(uuid5(CHARGES, rfc8785.dumps(data).decode()))
