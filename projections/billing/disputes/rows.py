"""Requests and disputes of a patient as rows, and denied claims that nobody contests.

The money at stake is that of the claims as it stands now. A denial is suggested as long as something of it is neither
given up nor answered by a corrected claim; its clock runs from the day of the payer's answer, which is its earliest:
an answer that came later leaves more time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from aggregates.days import covers
from aggregates.dispute.clocks import Clock, due, level_clock
from aggregates.dispute.matter import CONTRACT
from aggregates.dispute.tracks import LEVELS, Level, Track
from iop_es.engine.readmodel.model import Rows, Table
from iop_es.engine.stored import Row
from projections.billing.disputes.documents import Contested, Dispute, Request, Until
from projections.billing.disputes.missing import missing
from projections.billing.to_correct import is_to_correct, left

if TYPE_CHECKING:
    from projections.billing.accounts.documents import Line
    from projections.billing.documents import Claim, Patient
    from projections.billing.references import Policy, PolicyVersion, Reference

ENTRY = Table(
    "dispute",
    (
        "patient_id", "dispute_id", "entry", "program_id", "payer_id", "owner_id", "open", "claims", "due_on",
        "time_zone", "position", "body",
    ),
)
SUGGESTION = Table(
    "uncontested_denial",
    ("patient_id", "claim_id", "program_id", "payer_id", "due_on", "time_zone", "position", "body"),
)
TABLES = (ENTRY, SUGGESTION)
TRACKS: dict[str, Track] = {"medicare": "medicare", "commercial": "commercial", "medicaid": "medicaid_managed_care"}
"""Which way a denial of a payer of a kind takes, as far as nobody says otherwise: that Medicaid is managed care is
unverified, and so is its clock. Of TRICARE no clock was read of."""


class Entry(msgspec.Struct, omit_defaults=True, kw_only=True):
    """A request for records or a contested decision; what changes with the day is left to the query."""

    patient_id: str
    dispute_id: str
    entry: str
    kind: str
    program_id: str
    payer_id: str
    track: str
    status: str
    task: str
    owner_id: str
    claims: list[str]
    began_on: str
    until: Until
    charge_cents: int
    denied_cents: int
    letter_id: str | None = None
    level: str | None = None
    codes: list[str] = msgspec.field(default_factory=list)
    items: list[str] = msgspec.field(default_factory=list)
    missing: dict[str, int] = msgspec.field(default_factory=dict)
    unjudged: list[str] = msgspec.field(default_factory=list)
    amount_cents: int | None = None
    upheld_cents: int | None = None
    overturned_cents: int | None = None
    filed_on: str | None = None
    late: bool = False
    answered_on: str | None = None
    outcome: str | None = None
    contact_at: str | None = None
    contacts: int = 0
    packets: int = 0


class Suggestion(msgspec.Struct, omit_defaults=True, kw_only=True):
    """A denied claim that nobody contests."""

    patient_id: str
    claim_id: str
    program_id: str
    payer_id: str
    track: str
    level: str
    codes: list[str]
    denied_on: str
    until: Until
    charge_cents: int
    denied_cents: int


_json = msgspec.json.Encoder().encode
decode_entry = msgspec.json.Decoder(Entry).decode
decode_suggestion = msgspec.json.Decoder(Suggestion).decode


def rows_of(patient_id: str, patient: Patient, reference: Reference) -> Rows:
    """All of them; of a patient without a claim there are none."""
    if not patient.claims:
        return {}
    return {
        ENTRY.name: {(patient_id,): [
            _row(one, dispute, reference)
            for key, dispute in patient.disputes.items()
            for one in _entries(patient_id, key, dispute, patient, reference)
        ]} if patient.disputes else {},
        SUGGESTION.name: {(patient_id,): list(_suggested(patient_id, patient, reference))},
    }  # fmt: skip


def _row(one: Entry, dispute: Dispute, reference: Reference) -> Row:
    return (
        one.patient_id, one.dispute_id, one.entry, one.program_id, one.payer_id, one.owner_id, one.task != "none",
        one.claims, one.until.on, _zone(one.program_id, reference), dispute.position, _json(one).decode(),
    )  # fmt: skip


def _entries(
    patient_id: str, dispute_id: str, dispute: Dispute, patient: Patient, reference: Reference
) -> Iterator[Entry]:
    for request_id, request in dispute.requests.items():
        yield _request(patient_id, dispute_id, request_id, request, dispute, patient, reference)
    if dispute.contested is not None:
        yield _contest(patient_id, dispute_id, dispute.contested, dispute, patient)


def _request(
    patient_id: str, dispute_id: str, request_id: str, request: Request, dispute: Dispute, patient: Patient,
    reference: Reference,
) -> Entry:  # fmt: skip
    left = [one for one in request.items if one not in request.sent]
    claims = _claims(patient, request.claims)
    lacks, unjudged = missing(patient, reference, claims, left)
    return Entry(
        patient_id=patient_id, dispute_id=dispute_id, entry=request_id, kind="records",
        status="requested" if len(left) == len(request.items) else "partly_sent" if left else "sent",
        task="send_records" if left else "none", claims=list(request.claims), began_on=request.received_on,
        until=request.until, letter_id=request.letter_id, items=left, missing=lacks, unjudged=unjudged,
        filed_on=max(request.sent.values(), default=None), **_shared(dispute, claims),
    )


def _contest(patient_id: str, dispute_id: str, one: Contested, dispute: Dispute, patient: Patient) -> Entry:
    answered = one.answered_on is not None
    status, task = _standing(one)
    return Entry(
        patient_id=patient_id, dispute_id=dispute_id, entry="dispute", kind="dispute", status=status, task=task,
        claims=list(one.claims), began_on=one.began_on, until=one.until, letter_id=one.letter_id,
        level=one.next_level if answered and one.next_level else one.level, codes=list(one.codes),
        amount_cents=one.amount_cents, upheld_cents=one.upheld_cents if answered else None,
        overturned_cents=one.overturned_cents if answered else None, filed_on=one.filed_on, late=one.late,
        answered_on=one.answered_on, outcome=one.outcome, **_shared(dispute, _claims(patient, one.claims)),
    )  # fmt: skip


def _standing(one: Contested) -> tuple[str, str]:
    """How far it is, and what is to be done."""
    if one.over:
        return "over", "none"
    if one.answered_on is not None:
        return "answered", "appeal_further"
    return ("filed", "await_answer") if one.filed_on else ("to_file", "file_appeal")


def _claims(patient: Patient, ids: Iterable[str]) -> list[Claim]:
    return [patient.claims[one] for one in ids if one in patient.claims]


def _shared(dispute: Dispute, claims: list[Claim]) -> dict[str, Any]:
    """What every entry of a dispute says: whose it is, the contacts, what its claims charge, and what of that the payer
    refuses by the answers that stand."""
    lines = [line for claim in claims for line in claim.lines]
    names = ("program_id", "payer_id", "track", "owner_id", "contact_at", "contacts", "packets")
    return {
        **{name: getattr(dispute, name) for name in names}, "charge_cents": sum(line.charge_cents for line in lines),
        "denied_cents": sum(line.denied_cents for line in lines),
    }  # fmt: skip


def _suggested(patient_id: str, patient: Patient, reference: Reference) -> Iterator[Row]:
    contested = {claim for one in patient.disputes.values() if one.contested for claim in one.contested.claims}
    for claim_id, claim in patient.claims.items():
        if claim_id in contested or not claim.bills or claim.adjudicated_on is None:
            continue
        found = _suggestion(patient_id, claim_id, claim, reference)
        if found is not None:
            yield (
                patient_id, claim_id, claim.program_id, claim.payer_id, found.until.on,
                _zone(claim.program_id, reference), claim.positions[-1], _json(found).decode(),
            )


def _suggestion(patient_id: str, claim_id: str, claim: Claim, reference: Reference) -> Suggestion | None:
    lines = [line for line in claim.lines if left(line) > 0 and not is_to_correct(line)]
    policy = reference.policies.get(claim.policy_id)
    denied_on = claim.remittance_on or claim.adjudicated_on
    if not lines or policy is None or denied_on is None:
        return None
    way = _way(policy, claim.from_date, denied_on)
    deadline = due(way[2], received_on=denied_on) if way else None
    if way is None or deadline is None:
        return None
    return Suggestion(
        patient_id=patient_id, claim_id=claim_id, program_id=claim.program_id, payer_id=claim.payer_id, track=way[0],
        level=way[1], codes=sorted({code for line in lines for code in _refusing(line)}), denied_on=denied_on,
        until=Until(deadline.due_on, deadline.source, deadline.confidence, deadline.unverified),
        charge_cents=sum(line.charge_cents for line in lines), denied_cents=sum(map(left, lines)),
    )


def _refusing(line: Line) -> list[str]:
    return [f"{one.group}-{one.carc}" for one in line.adjusted if one.group != "PR" and one.carc != "45"]


def _way(policy: Policy, day: str, on: str) -> tuple[Track, Level, Clock] | None:
    """The first level of the contract where it sets a clock, else of the payer's kind; None where no clock is known."""
    contract = _contract(policy, day)
    if contract is not None:
        return contract
    track = TRACKS.get(policy.payer_kind)
    clock = level_clock(track, LEVELS[track][0], on) if track else None
    return None if track is None or clock is None else (track, LEVELS[track][0], clock)


def _contract(policy: Policy, day: str) -> tuple[Track, Level, Clock] | None:
    version = next((one for one in policy.versions if covers(one.effective_from, one.effective_through, day)), None)
    if version is None:
        return None
    for level, term in CONTRACT.items():
        days = getattr(version.terms, term)
        if days is not None:
            return "provider_contract", level, _clock(policy, version, term, days)
    return None


def _clock(policy: Policy, version: PolicyVersion, term: str, days: int) -> Clock:
    source = f"Policy {policy.code}: {term}"
    return Clock(days=days, confidence="term", source=source, unverified=term in version.unverified)


def _zone(program_id: str, reference: Reference) -> str:
    program = reference.programs.get(program_id)
    return program.time_zone if program else "UTC"
