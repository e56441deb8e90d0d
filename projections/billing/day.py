"""One day of one episode: the questions asked, their answers, and the state that they add up to.

States: billable (now), waiting (until `due_at`, and what it becomes then), held (somebody must act), billed, and
not_billable (this day is no per diem here). The worst answer decides: not billable before held before waiting.
A live claim makes a day billed whatever the answers say; `underlying` is what they say, so that a correction shows.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec

from aggregates.payer_policy.facts import PerDiem, Terms
from projections.billing.documents import (
    Claim,
    Coverage,
    Episode,
    Line,
    Note,
    Patient,
    Policy,
    PolicyVersion,
    Program,
    Reference,
    Visit,
)
from projections.billing.reasons import REASONS

Outcome = Literal["passed", "warning", "waiting", "held", "not_billable"]
State = Literal["billable", "waiting", "held", "billed", "not_billable"]
SEVERITY: dict[str, int] = {"passed": 0, "warning": 1, "waiting": 2, "held": 3, "not_billable": 4}


class Answer(msgspec.Struct, omit_defaults=True):
    """One rule's answer: the code of the reason unless it passed, the numbers compared, the facts used.

    A waiting answer is good until `due_at` (None: no date is set) and then `becomes` held or billable.
    """

    rule: str
    outcome: Outcome = "passed"
    code: str | None = None
    numbers: dict[str, int | str] = msgspec.field(default_factory=dict)
    positions: list[int] = msgspec.field(default_factory=list)
    due_at: str | None = None
    becomes: Literal["held", "billable"] | None = None


class Day(msgspec.Struct, omit_defaults=True):
    """A decided day. Money is in cents, None where a rate is unknown; `sessions` counts those that gave minutes."""

    patient_id: str
    enrollment_id: str
    program_id: str
    service_date: str
    week: str
    state: State
    underlying: State
    answers: list[Answer]
    reason: str | None = None
    due_at: str | None = None
    becomes: State | None = None
    due_reason: str | None = None
    minutes: int = 0
    sessions: int = 0
    units: int = 0
    cents: int | None = None
    level_of_care: str | None = None
    focus: str | None = None
    payer_id: str | None = None
    coverage_id: str | None = None
    policy_id: str | None = None
    policy_code: str | None = None
    policy_version: int | None = None
    procedure_code: str | None = None
    revenue_code: str | None = None
    rate_kind: str | None = None
    claim_form: str | None = None
    type_of_bill: str | None = None
    condition_code: str | None = None
    unverified: list[str] = msgspec.field(default_factory=list)
    authorization_id: str | None = None
    authorization_units: list[int] = msgspec.field(default_factory=list)
    disclosure_through: str | None = None
    filing_due_on: str | None = None
    claim_id: str | None = None
    claim_status: str | None = None
    charge_cents: int | None = None
    paid_cents: int | None = None
    patient_cents: int | None = None
    denied_cents: int | None = None
    adjustments: list[str] = msgspec.field(default_factory=list)
    positions: list[int] = msgspec.field(default_factory=list)

    @property
    def reasons(self) -> list[str]:
        """The codes of every answer that did not pass, each once, in the order asked."""
        return list(dict.fromkeys(answer.code for answer in self.answers if answer.code))


@dataclass(slots=True)
class Case:
    """A day while it is being decided: what is known of it so far, and the answers given."""

    patient_id: str
    enrollment_id: str
    date: str
    week: str
    patient: Patient
    reference: Reference
    visits: list[tuple[str, Visit]]
    same_day: list[tuple[str, Visit]]
    notes: list[Note]
    episode: Episode = field(default_factory=Episode)
    program_id: str = ""
    program: Program = field(default_factory=Program)
    level: str | None = None
    focus: str | None = None
    coverage_id: str | None = None
    coverage: Coverage | None = None
    policy_id: str | None = None
    policy: Policy | None = None
    version: PolicyVersion | None = None
    per_diem: PerDiem | None = None
    counted: list[tuple[str, Visit]] = field(default_factory=list)
    minutes: int = 0
    units: int = 0
    authorization_id: str | None = None
    authorization_units: list[int] = field(default_factory=list)
    disclosure_through: str | None = None
    claim_id: str | None = None
    claim: Claim | None = None
    line: Line | None = None
    answers: list[Answer] = field(default_factory=list)
    used: dict[str, None] = field(default_factory=dict)

    @property
    def delivered(self) -> bool:
        """Whether the patient was there, in a session that is closed or still open."""
        return any(visit.status in {"present", "open"} for _, visit in self.visits)

    @property
    def open(self) -> bool:
        """Whether a session of the day is still to be closed for this patient."""
        return any(visit.status == "open" for _, visit in self.visits)

    @property
    def not_billable(self) -> bool:
        """Whether an answer so far rules the day out."""
        return any(answer.outcome == "not_billable" for answer in self.answers)

    @property
    def terms(self) -> Terms:
        """The payer's terms on this day. Raises LookupError before a policy is found."""
        if self.version is None:
            raise LookupError("No terms are in force on this day; ask for them only once a policy is found.")
        return self.version.terms

    @property
    def payer_id(self) -> str | None:
        """Who covers the day."""
        return self.coverage.payer_id if self.coverage else None

    def term(self, name: str) -> Any:
        """The value of a field of the terms, remembered as used so that an unverified one is named."""
        self.used[name] = None
        return getattr(self.terms, name)

    def say(
        self,
        rule: str,
        outcome: Outcome = "passed",
        code: str | None = None,
        positions: Iterable[int] = (),
        due_at: str | None = None,
        becomes: Literal["held", "billable"] | None = None,
        **numbers: int | str,
    ) -> None:
        """Gives a rule's answer, with the numbers that it compared."""
        self.answers.append(Answer(rule, outcome, code, numbers, list(positions), due_at, becomes))


def summary(answers: list[Answer]) -> tuple[State, str | None, str | None, State | None, str | None]:
    """What answers add up to: the state, its first reason, and when it changes by itself, to what and why."""
    worst = max((SEVERITY[answer.outcome] for answer in answers), default=0)
    first = next((answer for answer in answers if SEVERITY[answer.outcome] == worst and answer.code), None)
    reason = first.code if first else None
    if worst == SEVERITY["not_billable"]:
        return "not_billable", reason, None, None, None
    if worst == SEVERITY["held"]:
        return "held", reason, None, None, None
    if worst == SEVERITY["waiting"]:
        return ("waiting", reason, *_change([answer for answer in answers if answer.outcome == "waiting"]))
    return "billable", reason, None, None, None


def _change(waits: list[Answer]) -> tuple[str | None, State | None, str | None]:
    """The first wait that ends in a hold decides; only if none can, the day is free when the last wait is over."""
    holds = [(wait.due_at, number) for number, wait in enumerate(waits) if wait.due_at and wait.becomes == "held"]
    if holds:
        due_at, number = min(holds)
        return due_at, "held", waits[number].code
    ends = [wait.due_at for wait in waits]
    if None in ends:
        return None, None, None
    return max(end for end in ends if end), "billable", None


def owner_of(code: str | None) -> str | None:
    """The role that must act on a reason."""
    return REASONS[code].owner if code else None
