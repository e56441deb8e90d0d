"""One day of one episode: the questions asked, their answers, and the state that they add up to.

States: billable (now), waiting (until its next stage), held (somebody must act), billed, not_billable (this day is
nothing to bill here) and written_off (somebody gave it up). The worst answer decides: written off before not billable
before held before waiting. A hold that a named person answers for is a warning. A live claim makes a day billed
whatever the answers say; `underlying` is what they say, so that a correction shows. What time alone changes is decided
beforehand, as the stages that the day goes through (see `standing`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec

from aggregates.payer_policy.terms import PerDiem, Period, Terms
from projections.billing.accounts.documents import Adjusted, Line
from projections.billing.documents import Claim, Coverage, Episode, Note, Patient, Visit
from projections.billing.keeping import Kept
from projections.billing.lines import BillLine, ClaimedLine, CorrectBy, Header, total
from projections.billing.reasons import REASONS
from projections.billing.references import Policy, PolicyVersion, Program, Reference
from projections.billing.times import end_of_day
from projections.billing.variants import AFTERWARDS

Outcome = Literal["passed", "warning", "waiting", "held", "not_billable", "written_off"]
State = Literal["billable", "waiting", "held", "billed", "not_billable", "written_off"]
SEVERITY: dict[str, int] = {"passed": 0, "warning": 1, "waiting": 2, "held": 3, "not_billable": 4, "written_off": 5}
STATES: tuple[State, ...] = ("billable", "billable", "waiting", "held", "not_billable", "written_off")
FOREVER = "9999-12-31"


class Answer(msgspec.Struct, omit_defaults=True):
    """One rule's answer: the code of the reason unless it passed, the numbers compared, the facts used.

    A waiting answer ends at `due_at` (None: no date is set): it holds the day from then on, unless it `ends_as`
    something else. Any other answer with a `due_at` stands from then on.
    """

    rule: str
    outcome: Outcome = "passed"
    code: str | None = None
    numbers: dict[str, int | str] = msgspec.field(default_factory=dict)
    positions: list[int] = msgspec.field(default_factory=list)
    due_at: str | None = None
    ends_as: Outcome = "held"


class Stage(msgspec.Struct, array_like=True, frozen=True):
    """What a day is from an instant on (empty: from the first), without its claim; `reason` and `owner` decide it."""

    since: str
    state: State
    reason: str | None = None
    owner: str | None = None


class Charged(msgspec.Struct, array_like=True, frozen=True):
    """The charge that the patient was posted for a day, and that stands; cents. `owed_cents` are those of the
    agreement, `written_off` what of them somebody gave up since."""

    charge_id: str
    charge_cents: int
    owed_cents: int
    position: int
    written_off: int = 0


class Day(msgspec.Struct, omit_defaults=True):
    """A decided day; `sessions` counts those that gave minutes.

    Money is in cents, None where it is unknown: `cents` is the charge of its lines, `expected_cents` what the payer is
    expected to allow for them, `share_cents` the patient's part of that; `charge_cents` is what its claims charged;
    `owed_cents` is what the patient owes for a day that no payer is asked to pay, `owed_basis` why (with the agreement,
    where there is one), and `charged` what stands of it on the account.

    `amended_after` counts amendments of its notes that were signed after its first claim left.

    `secondary_ids` are the claims that bill it again to a second payer. `kept` are the lines that were billed and are
    being taken back, each under the claim that does so: its payer has yet to accept that. `header` is what a bill that
    ends with it would say beside its lines, `told` what each of its claims whose last day it is did say. `correct_by`
    is until when the payer takes a correction, by claim. `misnamed` are the claims that name another authorization than
    it has now, or none where they should (see `rules.authorization`).

    `state` is billed while a claim stands, and otherwise that of the first of the `stages`.
    """

    patient_id: str
    enrollment_id: str
    program_id: str
    service_date: str
    week: str
    time_zone: str
    state: State
    answers: list[Answer]
    stages: list[Stage]
    minutes: int = 0
    sessions: int = 0
    units: int = 0
    cents: int | None = None
    expected_cents: int | None = None
    share_cents: int | None = None
    owed_cents: int | None = None
    owed_basis: str | None = None
    agreement_id: str | None = None
    charged: Charged | None = None
    lines: list[BillLine] = msgspec.field(default_factory=list)
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
    condition_codes: list[str] = msgspec.field(default_factory=list)
    unverified: list[str] = msgspec.field(default_factory=list)
    authorization_id: str | None = None
    authorization_units: list[int] = msgspec.field(default_factory=list)
    disclosure_through: str | None = None
    billing_period: Period | None = None
    interim_claims: bool = False
    sequential_claims: bool = False
    discharged_on: str | None = None
    header: Header | None = None
    told: dict[str, Header] = msgspec.field(default_factory=dict)
    filing_due_on: str | None = None
    claimed: list[ClaimedLine] = msgspec.field(default_factory=list)
    kept: list[ClaimedLine] = msgspec.field(default_factory=list)
    secondary_ids: list[str] = msgspec.field(default_factory=list)
    correct_by: dict[str, CorrectBy] = msgspec.field(default_factory=dict)
    misnamed: list[str] = msgspec.field(default_factory=list)
    claim_id: str | None = None
    claim_status: str | None = None
    charge_cents: int | None = None
    paid_cents: int | None = None
    patient_cents: int | None = None
    denied_cents: int | None = None
    adjusted: list[Adjusted] = msgspec.field(default_factory=list)
    positions: list[int] = msgspec.field(default_factory=list)
    amended_after: int = 0

    @property
    def adjustments(self) -> list[str]:
        """Group codes and CARCs of the payer's adjustments, as texts such as CO-197."""
        return [f"{one.group}-{one.carc}" for one in self.adjusted]

    @property
    def reasons(self) -> list[str]:
        """The codes of every answer that does not pass now or later, each once, in the order asked."""
        return list(self.reason_spans)

    @property
    def reason_spans(self) -> dict[str, tuple[str, str]]:
        """From when (empty: from the first) until when each of them stands."""
        spans: dict[str, tuple[str, str]] = {}
        for answer in self.answers:
            if answer.code is None:
                continue
            passes = answer.outcome == "waiting" and answer.ends_as == "passed"
            since = "" if answer.outcome == "waiting" else answer.due_at or ""
            until = (answer.due_at or FOREVER) if passes else FOREVER
            first, last = spans.get(answer.code, (since, until))
            spans[answer.code] = min(first, since), max(last, until)
        return spans

    @property
    def unbilled(self) -> list[BillLine]:
        """The lines that a claim of their own can bill.

        Of a day that is on no claim these are all; of a billed one those on a form that none of its claims has, for
        what is wrong on a form is put right on its claim. None while another payer's claim stands, which is to be
        voided first, and no service that a claim has on another form.
        """
        if any(line.payer_id != self.payer_id for line in self.claimed):
            return []
        forms, codes = {line.form for line in self.claimed}, {line.code for line in self.claimed}
        return [line for line in self.lines if line.form not in forms and line.code not in codes]

    @property
    def unbilled_cents(self) -> int | None:
        """What is charged for the lines of a billed day that are on no claim; None where that is unknown."""
        return total([line.charge_cents for line in self.unbilled]) if self.claimed else 0

    @property
    def underlying(self) -> State:
        """What it is at first, without its claim."""
        return self.stages[0].state

    @property
    def reason(self) -> str | None:
        """The code of the reason that decides at first."""
        return self.stages[0].reason


NO_EPISODE, NO_PROGRAM = Episode(), Program()
"""What a case has before its own are found; nothing ever changes them."""


@dataclass(slots=True)
class Case:
    """A day while it is being decided: what is known of it so far, and the answers given.

    `around` are the patient's visits of the day in any episode, and those of a day beside it that it may overlap.
    `open`: a session of the day is still to be closed for this patient; `delivered`: the patient was there, in one that
    is closed or still open.
    """

    patient_id: str
    enrollment_id: str
    date: str
    week: str
    patient: Patient
    reference: Reference
    visits: list[tuple[str, Visit]]
    around: list[tuple[str, Visit]]
    expected: list[Visit]
    notes: list[Note]
    episode: Episode = field(default_factory=lambda: NO_EPISODE)
    program_id: str = ""
    program: Program = field(default_factory=lambda: NO_PROGRAM)
    level: str | None = None
    focus: str | None = None
    coverage_id: str | None = None
    coverage: Coverage | None = None
    policy_id: str | None = None
    policy: Policy | None = None
    version: PolicyVersion | None = None
    per_diem: PerDiem | None = None
    counted: list[tuple[str, Visit]] = field(default_factory=list)
    left_out: list[Visit] = field(default_factory=list)
    minutes: int = 0
    units: int = 0
    services: int = 0
    short_day: bool = False
    lines: list[BillLine] = field(default_factory=list)
    documented: list[tuple[str, Visit]] = field(default_factory=list)
    expected_cents: int | None = None
    share_cents: int | None = None
    charge_cents: int | None = None
    owed_cents: int | None = None
    owed_basis: str | None = None
    agreement_id: str | None = None
    owed_positions: list[int] = field(default_factory=list)
    charged: Charged | None = None
    authorization_id: str | None = None
    authorization_units: list[int] = field(default_factory=list)
    misnamed: list[str] = field(default_factory=list)
    disclosure_through: str | None = None
    claim_id: str | None = None
    claim: Claim | None = None
    line: Line | None = None
    claimed: list[tuple[str, Claim, Line]] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)
    newest: Claim | None = None
    answers: list[Answer] = field(default_factory=list)
    used: dict[str, None] = field(default_factory=dict)
    delivered: bool = field(init=False)
    open: bool = field(init=False)

    def __post_init__(self) -> None:
        """Tells once what every rule asks of the visits."""
        statuses = {visit.status for _, visit in self.visits}
        self.open = "open" in statuses
        self.delivered = self.open or "present" in statuses

    @property
    def expected_until(self) -> str | None:
        """Until when it is not judged, because the patient is expected at a session yet: the end of the day there."""
        return end_of_day(self.program.time_zone, self.date) if self.expected else None

    @property
    def not_billable(self) -> bool:
        """Whether an answer so far rules the day out, now or once the day is over."""
        return any(answer.outcome in {"not_billable", "written_off"} for answer in self.answers)

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

    def told_of(
        self, enrollment_id: str, positions: Iterable[int], **numbers: int | str
    ) -> tuple[list[int], dict[str, int | str]]:
        """Facts and numbers of any episode, as far as this day may tell of them. Whoever reads a program's days need
        not know that another one treats the patient (42 CFR Part 2): of its facts only that something is `elsewhere`.
        """
        known = self.patient.episodes.get(enrollment_id)
        own = enrollment_id == self.enrollment_id or (known is not None and known.program_id == self.program_id)
        return (list(positions), numbers) if own else ([], {"elsewhere": 1})

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
        about: Mapping[str, int | str] | None = None,
        ends_as: Outcome = "held",
        **numbers: int | str,
    ) -> None:
        """Gives a rule's answer, with the numbers that it compared, after what it is about."""
        told = {**about, **numbers} if about else numbers
        self.answers.append(Answer(rule, outcome, code, told, list(positions), due_at, ends_as))


def outcome_at(answer: Answer, now: str) -> Outcome:
    """An answer's outcome at a moment: a wait that is over has ended as it says; what is not due yet is no matter."""
    due = answer.due_at is not None and answer.due_at <= now
    if answer.outcome == "waiting":
        return answer.ends_as if due else "waiting"
    return answer.outcome if due or answer.due_at is None else "passed"


def stages(answers: list[Answer]) -> list[Stage]:
    """What answers add up to, from the first and then whenever an end makes a difference."""
    found: list[Stage] = []
    for since in ("", *sorted({answer.due_at for answer in answers if answer.due_at})):
        stage = _stage(answers, since)
        if not found or msgspec.structs.replace(stage, since=found[-1].since) != found[-1]:
            found.append(stage)
    return found


def _stage(answers: list[Answer], since: str) -> Stage:
    """The worst outcome at an instant, and of the answers that have it the first one with a reason."""
    worst, first = 0, None
    for answer in answers:
        if answer.code is None or REASONS[answer.code].decides:
            severity = SEVERITY[outcome_at(answer, since)]
            if severity > worst:
                worst, first = severity, None
            if severity == worst and worst and first is None and answer.code is not None:
                first = answer
    if first is None or first.code is None:
        return Stage(since, STATES[worst])
    over = first.due_at is not None and first.due_at <= since
    return Stage(since, STATES[worst], first.code, owner_of(first.code, afterwards=over))


def owner_of(code: str, *, afterwards: bool = False) -> str:
    """The role that must act on a reason, or once its wait is over."""
    return (AFTERWARDS.get(code, REASONS[code]) if afterwards else REASONS[code]).owner
