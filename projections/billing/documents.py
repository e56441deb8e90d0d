"""What billing remembers of one patient: everything that a day's decision asks for; see `references` for the rest.

Each part keeps the positions of the facts that gave it. Dates, instants and ids are text as the facts have them.
Lists grow in the order of recording, so that the same facts in any batches make the same bytes.
"""

from __future__ import annotations

import msgspec

from aggregates.claim import state
from projections.billing.accounts.documents import Line, Money, WriteOffAsked
from projections.billing.disputes.documents import Dispute
from projections.billing.lines import Header


class Part(msgspec.Struct, array_like=True, kw_only=True):
    """A part of a document; `positions` are those of the facts that gave it."""

    positions: list[int] = msgspec.field(default_factory=list)


class Visit(Part):
    """A patient's part in one session. Status: expected, open, present, absent, absent_excused or cancelled.

    `kind` is empty as long as no fact about this patient has told it; minutes are those left after breaks. `scheduled`
    is the interval that was planned for `scheduled_minutes`.
    """

    attendance_id: str
    enrollment_id: str
    program_id: str = ""
    kind: str = ""
    date: str = ""
    status: str = "expected"
    scheduled_minutes: int = 0
    minutes: int = 0
    intervals: list[tuple[str, str]] = msgspec.field(default_factory=list)
    breaks: list[tuple[str, str]] = msgspec.field(default_factory=list)
    head_count: int | None = None
    peak_count: int | None = None
    facilitators: tuple[str, ...] = ()
    starts_at: str | None = None
    ended_at: str | None = None
    modality: str | None = None
    place_of_service: str | None = None
    corrected: bool = False
    scheduled: tuple[str, str] | None = None


class Note(Part):
    """A clinical document: about this patient, or the narrative that a group shares; `facilitators` signed its words
    beside the author."""

    kind: str
    date: str
    service_ended_at: str
    session_id: str | None = None
    narrative_id: str | None = None
    author_id: str | None = None
    signer_id: str | None = None
    signed_at: str | None = None
    late_reason: str | None = None
    credential_active: bool = False
    needs_cosignature: bool = False
    cosigner_id: str | None = None
    cosigned_at: str | None = None
    cosigner_credential_active: bool = False
    returned: bool = False
    in_error: bool = False
    attested: bool = False
    supervisor_id: str | None = None
    amended_at: list[str] = msgspec.field(default_factory=list)
    facilitators: list[str] = msgspec.field(default_factory=list)
    enrollment_id: str | None = None
    program_id: str = ""

    def is_daily_of(self, enrollment_id: str, program_id: str) -> bool:
        """Whether it documents the sessions of its day in an episode; without one, in each of its program's."""
        own = self.program_id == program_id if self.enrollment_id is None else self.enrollment_id == enrollment_id
        return self.kind == "daily" and own


class Coverage(Part):
    """A period of coverage by one payer at one rank; `checked_on` is the latest day that its payer was asked about,
    `active` what it answered for that day."""

    payer_id: str
    rank: int
    effective_from: str
    effective_through: str | None = None
    has_member_number: bool = True
    has_subscriber: bool = True
    relationship: str = "self"
    checked_on: str | None = None
    active: bool | None = None


class Consent(Part):
    """A consent to disclose to the payers it names, by the programs it names or, where it names none, by every one."""

    payers: tuple[str, ...]
    signed_on: str
    expires_on: str | None = None
    expires_upon: str | None = None
    revoked_at: str | None = None
    programs: tuple[str, ...] = ()


class Restriction(Part):
    """A payer (None: every payer) that must not be told, because the patient paid in full."""

    payer_id: str | None
    effective_from: str
    effective_through: str | None = None


class Benefits(Part):
    """What a payer said that the patient's share of a day is, from a day on: cents, and a percentage."""

    payer_id: str
    on: str
    copayment_cents: int | None = None
    coinsurance_percent: int | None = None


class Release(Part):
    """Who answers for a hold of a day, and why."""

    on: str
    hold: str
    cause: str
    released_by: str


class Dated(Part):
    """Something that holds from a date on, or from one date through another."""

    on: str
    value: str = ""
    through: str | None = None


class Paper(Dated, kw_only=True):
    """A certification, whose `value` is the physician, or a plan of care or its review, whose `value` says which, by
    the day that it tells of: when it was recorded, and why that was later, where somebody said so."""

    recorded_at: str
    late_reason: str | None = None


class Diagnosis(Dated, kw_only=True):
    """A diagnosis from a day on, and how it ranks behind the principal one."""

    rank: int


class Episode(Part):
    """One episode of care: levels, leaves, certifications and plan reviews are dated entries."""

    program_id: str = ""
    focus: str | None = None
    admitted_on: str | None = None
    admission_positions: list[int] = msgspec.field(default_factory=list)
    discharged_on: str | None = None
    discharge_position: int | None = None
    patient_status: str | None = None
    attending_id: str | None = None
    levels: list[Dated] = msgspec.field(default_factory=list)
    leaves: dict[str, Dated] = msgspec.field(default_factory=dict)
    certifications: list[Paper] = msgspec.field(default_factory=list)
    reviews: list[Paper] = msgspec.field(default_factory=list)
    rationales: list[Paper] = msgspec.field(default_factory=list)
    diagnoses: list[Dated] = msgspec.field(default_factory=list)
    benefits: list[Benefits] = msgspec.field(default_factory=list)
    releases: list[Release] = msgspec.field(default_factory=list)
    written_off: dict[str, Dated] = msgspec.field(default_factory=dict)
    other_diagnoses: list[Diagnosis] = msgspec.field(default_factory=list)
    discharge_planned_on: str | None = None
    admission_type: str | None = None
    admission_source: str | None = None
    attending_at: int | None = None
    attendings: list[tuple[str, str]] = msgspec.field(default_factory=list)

    def attending_on(self, day: str) -> str | None:
        """Who attended on a day; `attendings` are by their first days."""
        return next((who for since, who in reversed(self.attendings) if since <= day), None)


class Authorization(Part):
    """What one payer allows for one episode. Status: requested, approved, denied or voided."""

    enrollment_id: str
    program_id: str
    payer_id: str
    level: str
    procedure_code: str
    unit_basis: str
    units: int
    valid_from: str
    valid_through: str
    revenue_code: str | None = None
    status: str = "requested"
    decided_on: str | None = None
    has_number: bool = False


class LineAnswer(msgspec.Struct, array_like=True):
    """What a payer paid of a line, and its adjustments: group code, CARC, cents."""

    paid_cents: int
    adjusted: list[tuple[str, str, int]]


class Claim(Part):
    """A claim. Status: prepared, submitted, acknowledged, rejected, adjudicated, replaced or voided.

    `codes` are those of a rejection. A secondary claim comes `after_claim`: it bills again what that one's payer left,
    so it is never a day's own claim, and its charges are none of their own. `told` is what it said of that answer when
    it was prepared, and then when it was sent. `accepted` says that its payer took it in by its own answers,
    `per_diem_days` whose one per diem it bills (None: it was prepared before that was told). `denied_on`: the day of an
    answer that denies that it takes anything back, as long as nobody has settled that (see `Patient`).
    `reversed_cents` is all that was paid in answers that its payer took back, `reversed_on` the day on which it took
    the last one back, as long as it has given no other. `forwarded`: by the answer that stands its payer sent it on to
    the next payer itself.
    """

    enrollment_id: str
    program_id: str
    payer_id: str
    policy_id: str
    form: str
    frequency: str
    from_date: str
    through_date: str
    lines: list[Line]
    total_cents: int
    decided_at: int
    replaces: str | None = None
    after_claim: str | None = None
    status: str = "prepared"
    codes: tuple[str, ...] = ()
    submitted_at: str | None = None
    acknowledged_at: str | None = None
    adjudicated_on: str | None = None
    payer_control_number: str | None = None
    paid_cents: int | None = None
    trace_number: str | None = None
    coverage_id: str | None = None
    remittance_on: str | None = None
    type_of_bill: str | None = None
    told: dict[str, LineAnswer] = msgspec.field(default_factory=dict)
    accepted: bool = False
    per_diem_days: tuple[str, ...] | None = None
    header: Header | None = None
    denied_on: str | None = None
    reversed_cents: int = 0
    reversed_on: str | None = None
    forwarded: bool = False

    @property
    def answers(self) -> dict[str, LineAnswer]:
        """What its payer answered, by what each line is told as; empty while no answer stands."""
        return {
            line.told_as: LineAnswer(line.paid_cents, sorted(
                (one.group, one.carc, one.cents) for one in line.adjusted
            ))
            for line in self.lines if line.paid_cents is not None
        }  # fmt: skip

    @property
    def standing(self) -> str:
        """The status that its own way to the payer gives it, whatever took its place."""
        return state.standing(
            rejected=bool(self.codes), adjudicated=self.adjudicated_on is not None,
            acknowledged=self.acknowledged_at is not None, submitted=self.submitted_at is not None,
        )

    @property
    def live(self) -> bool:
        """Whether it stands: a rejected claim never counted as filed, a replaced or voided one no longer does, and one
        that takes another back (frequency 8) bills nothing."""
        return self.frequency != state.VOID and self.status in state.STANDS

    @property
    def answered(self) -> bool:
        """Whether its payer ever answered it, also where it took that back."""
        return self.payer_control_number is not None

    @property
    def allows(self) -> bool:
        """Whether an answer stands that pays something or leaves something to the patient."""
        return self.adjudicated_on is not None and any(
            (line.paid_cents or 0) > 0 or any(one.group == "PR" and one.cents > 0 for one in line.adjusted)
            for line in self.lines
        )

    @property
    def bills(self) -> bool:
        """Whether it bills its days: it stands, and is not the bill for the rest of one that another payer answered."""
        return self.live and self.after_claim is None


class Units(msgspec.Struct, array_like=True):
    """What one week did to one authorization: units, the last day reached, the first day that found none left."""

    reserved: int = 0
    drawn: int = 0
    last_day: str | None = None
    first_without: str | None = None


class Week(msgspec.Struct, array_like=True):
    """A decided week, Monday through Sunday.

    `after` are the running counters at its end: the last unit number given of each authorization; of each episode the
    weeks in care, the days delivered under each payer and the last day offered; of each payer the last day of partial
    hospitalization, and its episode. The next week starts with them.
    """

    after: dict[str, int] = msgspec.field(default_factory=dict)
    units: dict[str, Units] = msgspec.field(default_factory=dict)


class Patient(msgspec.Struct, array_like=True):
    """All that is known of one patient; the `dirty_` ones are marks of a batch, empty once it is settled.

    `money` is the patient's own with each program, by its id. `identity_at` is the position of the fact that gave what
    claims say of the patient now, `identities` are by their first days (see `inputs.people`). `write_offs_asked` wait
    for somebody else (see `accounts.write_offs`).
    """

    visits: dict[str, Visit] = msgspec.field(default_factory=dict)
    notes: dict[str, Note] = msgspec.field(default_factory=dict)
    coverages: dict[str, Coverage] = msgspec.field(default_factory=dict)
    consents: dict[str, Consent] = msgspec.field(default_factory=dict)
    restrictions: dict[str, Restriction] = msgspec.field(default_factory=dict)
    episodes: dict[str, Episode] = msgspec.field(default_factory=dict)
    authorizations: dict[str, Authorization] = msgspec.field(default_factory=dict)
    claims: dict[str, Claim] = msgspec.field(default_factory=dict)
    weeks: dict[str, Week] = msgspec.field(default_factory=dict)
    dirty_days: dict[str, None] = msgspec.field(default_factory=dict)
    dirty_from: str | None = None
    dirty_claims: dict[str, None] = msgspec.field(default_factory=dict)
    money: dict[str, Money] = msgspec.field(default_factory=dict)
    dirty_money: bool = False
    identity_at: int | None = None
    identities: list[tuple[str, int]] = msgspec.field(default_factory=list)
    disputes: dict[str, Dispute] = msgspec.field(default_factory=dict)
    write_offs_asked: dict[str, WriteOffAsked] = msgspec.field(default_factory=dict)

    def identity_on(self, day: str) -> int | None:
        """The position of the fact that gave who the patient was on a day, as it is known now."""
        return next((position for since, position in reversed(self.identities) if since <= day), None)

    def pending(self, claim: Claim) -> bool:
        """Whether a claim takes another back and the payer has yet to accept that."""
        earlier = self.claims.get(claim.replaces or "")
        return claim.replaces is not None and claim.status in state.STANDS and not state.taken_in(claim, earlier)

    def denied_on(self, claim: Claim) -> str | None:
        """The day on which a payer denied that a claim takes another back, which stands for all it says; None once that
        is settled, or the other one's answer does not stand any more."""
        beside = state.stands_beside(claim, self.claims.get(claim.replaces or ""))
        return claim.denied_on if claim.status in state.STANDS and beside else None

    def claim_in_place_of(self, claim_id: str) -> str | None:
        """The claim that stands for one: itself, what replaced it, or what it was to replace; None if nothing does."""
        claim = self.claims.get(claim_id)
        if claim is None or claim.live:
            return None if claim is None else claim_id
        if claim.status == "replaced" or claim.replaces is None:
            return self._replacement_of(claim_id)
        return self._standing_from(claim.replaces)

    def _standing_from(self, claim_id: str) -> str | None:
        known = self.claims.get(claim_id)
        return claim_id if known is not None and known.live else self._replacement_of(claim_id)

    def _replacement_of(self, claim_id: str) -> str | None:
        """Down the replacements of a claim, to the one that stands; an id is replaced by later ones only."""
        for later, one in self.claims.items():
            if one.replaces == claim_id and (one.live or one.status == "replaced"):
                return self._standing_from(later)
        return None

    def touch_day(self, date: str) -> None:
        """This day, and with it its week, is to be decided again."""
        self.dirty_days[date] = None

    def touch_from(self, date: str) -> None:
        """Every week from this day's on is to be decided again."""
        if self.dirty_from is None or date < self.dirty_from:
            self.dirty_from = date


ALWAYS = "0001-01-01"
