"""The biller's worklists beside those of `queries` and of the accounts: what will stop the money soon, and what did.

Called as the other questions are. Today is the day that `now` is in each program's own zone. No list is a record of its
own: each is what decided days, units, claims and the terms of today add up to.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from psycopg import Cursor

from aggregates.days import days_between
from projections.billing import secondary as further
from projections.billing.day import Answer, Day, outcome_at
from projections.billing.queries import ledger_view, unsigned_days
from projections.billing.secondary import Secondary
from projections.billing.standing import stage_at
from projections.billing.statements import read, where_of
from projections.billing.times import plus_days
from projections.billing.views import LedgerView
from projections.billing.worklist_views import (
    AlikeView,
    EligibilityView,
    FilingView,
    RecertificationView,
    RunningOutView,
    SecondaryView,
    UnansweredView,
    UnbilledView,
    UnsignedView,
)

SOON = 14
"""Within how many days something is due soon, where nobody says otherwise."""
MONTH = 30
"""How old the last check of a coverage may be, and a claim without an answer, in days: our convention, unverified."""
LONGEST, SHORTEST = 28, 7
TASKS: dict[str, Any] = {
    "note_unsigned": "sign", "narrative_unsigned": "sign", "narrative_in_error": "rest_on", "note_returned": "revise",
    "cosignature_missing": "cosign", "facilitator_signature_missing": "sign_as_facilitator",
    "attestation_missing": "attest",
}  # fmt: skip
_RECERTIFICATION = (
    "kind", "patient_id", "enrollment_id", "program_id", "payer_id", "attending_id", "last_on", "due_on", "days_left",
    "unverified",
)
_ELIGIBILITY = ("patient_id", "coverage_id", "program_id", "payer_id", "rank", "checked_on", "active", "age_days")
_FILING = (
    "kind", "patient_id", "enrollment_id", "program_id", "payer_id", "claim_id", "from_date", "days", "status", "cents",
    "due_on", "days_left", "unverified",
)
_UNANSWERED = (
    "patient_id", "claim_id", "enrollment_id", "program_id", "payer_id", "after_claim", "from_date", "through_date",
    "status", "since", "days", "cents", "payer_control_number", "unmatched",
)
NOT_POSTED = "A part of a payer's file that names it could not be posted: settle that first (worklist unmatched)."
NEXT_STEPS = {
    "taken_back": "The payer took its answer back and gave no other: ask it why, and for the new one; import that, or "
    "record it by hand (claim.adjudicate).",
    "submitted": "Nobody acknowledged it: ask the payer or the clearing house whether it has it, and record that it "
    "has (claim.acknowledge), or that it has not (claim.reject), so that its days can be billed again.",
    "acknowledged": "It was taken in: ask the payer how it stands (276/277, or its portal), and import the remittance "
    "or record the answer by hand (claim.adjudicate).",
}
"""What to do about a claim without an answer, by how it stands."""
_COMMON = ("days", "cents", "first_day")
_UNBILLED = ("age", "state", "days", "cents", "expected_cents", "unknown", "oldest")


def unsigned(cursor: Cursor[Any], *, programs: Sequence[str], now: str) -> list[UnsignedView]:
    """Notes to sign, revise or cosign, to attest to, to rest on another narrative, or to sign beside the author, by
    clinician, with the waiting and held days that need them; most money first.

    A day that needs several of them is counted under each. A service that nobody has begun to write about has no author
    yet: such days are among the waiting and the held ones.
    """
    found: dict[tuple[str, str | None], _Signing] = {}
    for day in unsigned_days(cursor, programs=programs, now=now, reasons=[*TASKS]):
        for answer in day.answers:
            task = TASKS.get(answer.code or "")
            if task is None or outcome_at(answer, now) not in {"waiting", "held"}:
                continue
            for clinician in _whose(answer):
                found.setdefault((task, clinician), _Signing()).take(day, answer, now)
    views = [one.view(task, clinician) for (task, clinician), one in found.items()]
    return sorted(views, key=lambda one: (-one.cents, one.task, one.clinician_id or ""))


def running_out(
    cursor: Cursor[Any], *, programs: Sequence[str], now: str, within_days: int = SOON
) -> list[RunningOutView]:
    """Authorizations that run out within so many days or have, the first to run out first.

    Listed are the approved ones of patients in care, for today's payer and level, where the payer's terms want one. One
    that is followed is not: another one for the same begins the day after it runs out or before, and has units left.

    The pace is the units that the delivered days of the last 28 days used (today among them; those on a claim, that can
    be billed, wait or are held), per calendar day. Who came less than 28 days ago is counted over the days since, at
    least 7. At that pace the units that are left end on the day of the last whole one: today plus units left / pace,
    rounded down. A pace of nothing ends nothing. What comes first decides: that day or the authorization's last. The
    pace is a projection of ours, and no payer's rule.
    """
    where, parameters = where_of(programs, now, {})
    used = [(row[0], ledger_view(row[1:])) for row in read(cursor, "authorizations_in_use", where, parameters)]
    asked = {"enrollments": sorted({one.enrollment_id for _, one in used})}
    paces = {
        (enrollment, payer): (first, units)
        for enrollment, payer, first, units in read(cursor, "paces", where, parameters | asked)
    }
    views = [
        _running_out(one, today, *paces.get((one.enrollment_id, one.payer_id), (today, 0))) for today, one in used
    ]
    soon = [one for one in views if one.days_left <= within_days and not _followed(one, (each for _, each in used))]
    return sorted(soon, key=lambda one: (one.due_on, one.authorization_id))


def recertifications(
    cursor: Cursor[Any], *, programs: Sequence[str], now: str, within_days: int = SOON
) -> list[RecertificationView]:
    """Certifications and plan reviews of patients in care due within so many days or overdue, where the terms of
    today's payer ask for them, and consents to disclose that end within them; the longest overdue first."""
    where, parameters = where_of(programs, now, {})
    rows = read(cursor, "recertifications", where, parameters | {"within_days": within_days})
    return [RecertificationView(**dict(zip(_RECERTIFICATION, row, strict=True))) for row in rows]


def eligibility(
    cursor: Cursor[Any], *, programs: Sequence[str], now: str, older_than_days: int = MONTH
) -> list[EligibilityView]:
    """Coverages in force of patients in care whose payer was last asked about a day more than so many days ago, or
    never; those first. How old a check may be is our convention, unverified."""
    where, parameters = where_of(programs, now, {})
    rows = read(cursor, "eligibility", where, parameters | {"older_than_days": older_than_days})
    found = [dict(zip(_ELIGIBILITY, row[:-1], strict=True)) for row in rows]
    return [EligibilityView(**one, unverified=["older_than_days"]) for one in found]


def filing(
    cursor: Cursor[Any], *, programs: Sequence[str], now: str, within_days: int = SOON, patient_id: str | None = None,
    payer_id: str | None = None, after: str | None = None, limit: int | None = 100,
) -> list[FilingView]:
    """What must be filed within so many days or is past its window, the first to close first.

    Days that are on no claim and not given up; claims that are prepared, or sent and not acknowledged, by the first of
    their days to close; and, by the clock that runs from the first payer's remittance (secondary sources only), what is
    left for a second payer.
    """
    parameters = {
        "programs": list(programs), "now": now, "within_days": within_days, "patient_id": patient_id,
        "payer_id": payer_id, "after": after, "limit": limit,
    }
    rows = read(cursor, "filing", "", parameters)
    return [FilingView(**dict(zip(_FILING, row[:-1], strict=True))) for row in rows]


def cursor_of(view: FilingView) -> str:
    """Where the next page of `filing` begins after this view."""
    key = view.claim_id or f"{view.enrollment_id} {view.from_date}"
    if view.kind == "secondary":  # two coverages may each have days of one claim
        key = f"{key} {view.payer_id} {view.from_date}"
    return f"{view.due_on}|{view.kind}|{key}"


def secondary(
    cursor: Cursor[Any], *, programs: Sequence[str], now: str, payer_id: str | None = None
) -> list[SecondaryView]:
    """Answered claims of which something is left for the patient's second payer, and for which no secondary claim
    stands; the first to be filed first. `payer_id` is the second payer."""
    found = secondary_due(cursor, programs=programs, now=now, payer_id=payer_id)
    fields = SecondaryView.model_fields
    return [SecondaryView(**{name: getattr(one, name) for name in fields}) for one in found]


def secondary_due(
    cursor: Cursor[Any], *, programs: Sequence[str], now: str, payer_id: str | None = None
) -> list[Secondary]:
    """The same with their lines, for `claims.secondary`."""
    where, parameters = where_of(programs, now, {"next_payer_id": payer_id})
    return [further.decode(body) for (body,) in read(cursor, "secondary", where, parameters)]


def unanswered(
    cursor: Cursor[Any], *, programs: Sequence[str], now: str, older_than_days: int = MONTH,
    payer_id: str | None = None,
) -> list[UnansweredView]:
    """Claims at the payer without an answer that stands: first those whose answer the payer took back, then those sent
    more than so many days ago, each the oldest first. How many are too many is our convention, unverified: no source
    gives a payer a day for its answer. Voids, and what was replaced, are none of them."""
    where, parameters = where_of(programs, now, {"payer_id": payer_id})
    rows = read(cursor, "unanswered", where, parameters | {"older_than_days": older_than_days})
    found = [dict(zip(_UNANSWERED, row, strict=True)) for row in rows]
    return [
        UnansweredView(
            **one, next_step=NOT_POSTED if one["unmatched"] else NEXT_STEPS[one["status"]],
            unverified=["older_than_days"],
        )
        for one in found
    ]


def unbilled(cursor: Cursor[Any], *, programs: Sequence[str], now: str) -> list[UnbilledView]:
    """Delivered days that are on no claim and not given up, by age and state; every such day is in exactly one."""
    rows = read(cursor, "unbilled", *where_of(programs, now, {}))
    return [UnbilledView(**dict(zip(_UNBILLED, row, strict=True))) for row in rows]


class Agreed(NamedTuple):
    """Two records that may be one person's, in what they agree, and since which position."""

    patient_ids: tuple[str, str]
    grounds: list[str]
    since: int


def alike(cursor: Cursor[Any], *, programs: Sequence[str], now: str, agreed: Sequence[Agreed]) -> list[AlikeView]:
    """Records that may be one person's, those first that have most days in common: delivered ones of one date at one
    payer. What records agree in is known from elsewhere; billing knows no name."""
    where, parameters = where_of(programs, now, {})
    asked = {"ones": [one.patient_ids[0] for one in agreed], "others": [one.patient_ids[1] for one in agreed]}
    rows = read(cursor, "alike", where, parameters | asked) if agreed else []
    common = {(one, other): figures for one, other, *figures in rows}
    views = [
        AlikeView(
            patient_ids=list(one.patient_ids), grounds=one.grounds, since=one.since,
            **dict(zip(_COMMON, common[one.patient_ids], strict=True)),
        )
        for one in agreed
    ]
    return sorted(views, key=lambda view: (-view.days, view.since, view.patient_ids))


@dataclass(slots=True)
class _Signing:
    """What waits for one clinician's signatures of one kind."""

    notes: set[int] = field(default_factory=set)
    days: dict[tuple[str, str], tuple[Day, bool]] = field(default_factory=dict)
    ends: list[str] = field(default_factory=list)

    def take(self, day: Day, answer: Answer, now: str) -> None:
        """A note is known by its first fact; a narrative is one for everybody who was in the group."""
        self.notes.add(answer.positions[0])
        self.days[day.enrollment_id, day.service_date] = (day, stage_at(day, now).state == "held")
        if answer.due_at is not None and answer.due_at > now:
            self.ends.append(answer.due_at)

    def view(self, task: Any, clinician_id: str | None) -> UnsignedView:
        """All of it."""
        days = [day for day, _ in self.days.values()]
        return UnsignedView(
            task=task, clinician_id=clinician_id, notes=len(self.notes), days=len(days),
            held=sum(held for _, held in self.days.values()), cents=sum(day.cents or 0 for day in days),
            expected_cents=sum(day.expected_cents or 0 for day in days),
            unknown=sum(day.cents is None for day in days), oldest=min(day.service_date for day in days),
            due_at=min(self.ends, default=None),
        )


class _Pace(NamedTuple):
    """Units over calendar days."""

    units: int
    days: int


def _whose(answer: Answer) -> tuple[str | None, ...]:
    """The author; of a shared narrative its own author, of a cosignature the supervisor whom the author's names, of
    signatures beside the author each who led."""
    if answer.code == "facilitator_signature_missing":
        return tuple(str(answer.numbers["missing"]).split(", "))
    own = answer.numbers.get("clinician_id")
    author = None if answer.code == "cosignature_missing" else answer.numbers.get("author_id")
    return (str(own) if own else str(author) if author else None,)


def _running_out(one: LedgerView, today: str, first_day: str, units: int) -> RunningOutView:
    pace = _Pace(units, max(SHORTEST, min(LONGEST, days_between(first_day, today) + 1)))
    end = None
    if pace.units:
        end = plus_days(max(today, one.valid_from), max(0, one.remaining) * pace.days // pace.units)
    elif one.remaining <= 0:
        end = today
    due_on = min(one.valid_through, end or one.valid_through)
    return RunningOutView(
        patient_id=one.patient_id, authorization_id=one.authorization_id, enrollment_id=one.enrollment_id,
        program_id=one.program_id, payer_id=one.payer_id, procedure_code=one.procedure_code, unit_basis=one.unit_basis,
        units=one.units, remaining=one.remaining, valid_through=one.valid_through, pace_units=pace.units,
        pace_days=pace.days, units_end_on=end, due_on=due_on, days_left=days_between(today, due_on),
        because="last_day" if due_on == one.valid_through else "units", first_day_without=one.first_day_without,
    )


def _followed(one: RunningOutView, others: Iterable[LedgerView]) -> bool:
    """Whether another one for the same takes over by the day after."""
    return any(
        other.authorization_id != one.authorization_id and other.remaining > 0
        and (other.enrollment_id, other.payer_id, other.procedure_code)
        == (one.enrollment_id, one.payer_id, one.procedure_code)
        and other.valid_from <= plus_days(one.due_on, 1) and other.valid_through > one.due_on
        for other in others
    )
