"""The tables, and decided days, authorizations and claims as their rows. `body` of a day is the whole decision."""

from __future__ import annotations

import msgspec

from iop_es.engine.readmodel.model import Rows, Table
from iop_es.engine.stored import Row
from projections.billing import renewals, secondary, stale
from projections.billing.accounts import rows as money
from projections.billing.accounts.documents import charged_days
from projections.billing.corrections import differs
from projections.billing.day import Answer, Day, stages
from projections.billing.disputes import rows as disputes
from projections.billing.documents import Patient, Units
from projections.billing.headers import header_differs, told_status
from projections.billing.keeping import kept
from projections.billing.references import Reference
from projections.billing.times import week_of
from projections.billing.to_correct import NOTHING, to_correct

PATIENT_DAY = Table(
    "patient_day",
    (
        "patient_id", "week", "service_date", "enrollment_id", "program_id", "payer_id", "level_of_care", "state",
        "since", "stages", "stage_reasons", "stage_owners", "reasons", "reasons_since", "reasons_until", "minutes",
        "units", "cents", "expected_cents", "share_cents", "rate_kind", "unverified", "policy_id", "policy_code",
        "policy_version", "authorization_id", "authorization_units", "claim_ids", "differs", "told_status",
        "left_status", "unbilled_cents", "claim_id", "claim_status", "charge_cents", "paid_cents", "patient_cents",
        "denied_cents", "owed_cents", "patient_charge_cents", "patient_owed_cents", "filing_due_on", "time_zone",
        "position", "body",
    ),
    scope=2,
)
CLAIM_STATUS = Table(
    "claim_status",
    (
        "claim_id", "patient_id", "enrollment_id", "program_id", "payer_id", "policy_id", "status", "form", "frequency",
        "replaces", "from_date", "through_date", "line_count", "total_cents", "paid_cents", "patient_cents",
        "denied_cents", "decided_at", "submitted_at", "acknowledged_at", "adjudicated_on", "payer_control_number",
        "adjustments", "coverage_id", "after_claim", "denied_on", "reversed_on", "time_zone", "to_correct",
        "to_correct_cents", "unprocessable", "position",
    ),
)
AUTHORIZATION_LEDGER = Table(
    "authorization_ledger",
    (
        "patient_id", "authorization_id", "enrollment_id", "program_id", "payer_id", "status", "level_of_care",
        "procedure_code", "unit_basis", "units", "reserved", "drawn", "valid_from", "valid_through", "decided_on",
        "last_day", "first_day_without", "position",
    ),
)
TABLES = (
    PATIENT_DAY, CLAIM_STATUS, AUTHORIZATION_LEDGER, *renewals.TABLES, secondary.TABLE, stale.TABLE, *money.TABLES,
    *disputes.TABLES,
)  # fmt: skip

_json = msgspec.json.Encoder().encode


def day_row(day: Day) -> Row:
    """A decided day as its row."""
    spans = day.reason_spans
    return (
        day.patient_id, day.week, day.service_date, day.enrollment_id, day.program_id, day.payer_id, day.level_of_care,
        day.state, [stage.since for stage in day.stages], [stage.state for stage in day.stages],
        [stage.reason for stage in day.stages], [stage.owner for stage in day.stages], list(spans),
        [since for since, _ in spans.values()], [until for _, until in spans.values()], day.minutes, day.units,
        day.cents, day.expected_cents, day.share_cents, day.rate_kind, day.unverified, day.policy_id, day.policy_code,
        day.policy_version, day.authorization_id, len(day.authorization_units),
        sorted({line.claim_id for line in day.claimed} | {*day.secondary_ids}), differs(day) or header_differs(day),
        told_status(day), day.header.patient_status if day.header else None, day.unbilled_cents,
        day.claim_id, day.claim_status, day.charge_cents, day.paid_cents, day.patient_cents, day.denied_cents,
        day.owed_cents, day.charged.charge_cents if day.charged else None,
        day.charged.owed_cents if day.charged else None,
        day.filing_due_on, day.time_zone, day.positions[-1] if day.positions else 0, _json(day).decode(),
    )


def claim_rows(patient_id: str, patient: Patient, reference: Reference) -> dict[Row, list[Row]]:
    """The dirty claims, each a scope of its own."""
    return {
        (claim_id,): [_claim_row(patient_id, claim_id, patient, reference)] for claim_id in patient.dirty_claims
    }


def ledger_rows(patient_id: str, patient: Patient) -> dict[Row, list[Row]]:
    """Every authorization of a patient with its units so far."""
    if not patient.authorizations:
        return {}
    return {(patient_id,): [_ledger_row(patient_id, key, patient) for key in patient.authorizations]}


def rows_of(patient_id: str, patient: Patient, reference: Reference, decided: dict[str, list[Day]]) -> Rows:
    """All rows that a patient's decided weeks and dirty claims make."""
    return {
        "patient_day": {(patient_id, week): [day_row(day) for day in days] for week, days in decided.items()},
        "claim_status": claim_rows(patient_id, patient, reference),
        "authorization_ledger": ledger_rows(patient_id, patient),
        **renewals.rows_of(patient_id, patient, reference),
        **secondary.rows_of(patient_id, patient, reference),
        **stale.rows_of(patient_id, patient, reference),
        **money.rows_of(patient_id, patient, reference.withheld),
        **disputes.rows_of(patient_id, patient, reference),
    }


def parked_rows(patient_id: str, patient: Patient) -> Rows:
    """Every day of a patient whom the fold cannot follow any further: held, with no amount. Beyond which fact is not
    told: it may be another program's.

    As elsewhere, a day is one with something recorded, on a live claim or kept of one. Claims and units stay as they
    were known.
    """
    known = {
        (visit.date, visit.enrollment_id): visit.program_id
        for visit in patient.visits.values() if visit.status != "expected"
    }  # fmt: skip
    for claim in patient.claims.values():
        if claim.bills:
            known.update({(line.date, claim.enrollment_id): claim.program_id for line in claim.lines})
    known |= {(one.date, one.enrollment_id): program_id for _, program_id, one in charged_days(patient.money)}
    for one in kept(patient):
        if one.claim.after_claim is None:
            known[one.line.date, one.claim.enrollment_id] = one.claim.program_id
    weeks: dict[Row, list[Row]] = {}
    for (date, enrollment_id), program_id in sorted(known.items()):
        answers = [Answer("fold", "held", "parked")]
        day = Day(
            patient_id=patient_id, enrollment_id=enrollment_id, program_id=program_id, service_date=date,
            week=week_of(date), time_zone="UTC", state="held", answers=answers, stages=stages(answers),
        )
        weeks.setdefault((patient_id, day.week), []).append(day_row(day))
    return {"patient_day": weeks}


def _claim_row(patient_id: str, claim_id: str, patient: Patient, reference: Reference) -> Row:
    claim = patient.claims[claim_id]
    program = reference.programs.get(claim.program_id)
    denied_on = patient.denied_on(claim)
    denied = to_correct(claim) if denied_on is None else NOTHING
    answered = claim.status == "adjudicated"
    return (
        claim_id, patient_id, claim.enrollment_id, claim.program_id, claim.payer_id, claim.policy_id, claim.status,
        claim.form, claim.frequency, claim.replaces, claim.from_date, claim.through_date, len(claim.lines),
        claim.total_cents, claim.paid_cents,
        sum(line.patient_cents or 0 for line in claim.lines) if answered else None,
        sum(line.denied_cents for line in claim.lines) if answered else None,
        claim.decided_at, claim.submitted_at, claim.acknowledged_at, claim.adjudicated_on, claim.payer_control_number,
        sorted({one for line in claim.lines for one in line.adjustments}), claim.coverage_id, claim.after_claim,
        denied_on, claim.reversed_on, program.time_zone if program else "UTC", *denied, claim.positions[-1],
    )


def _ledger_row(patient_id: str, authorization_id: str, patient: Patient) -> Row:
    one, sums = patient.authorizations[authorization_id], Units()
    for week in patient.weeks.values():
        units = week.units.get(authorization_id)
        if units is not None:
            sums.reserved += units.reserved
            sums.drawn += units.drawn
            sums.last_day = max(sums.last_day or "", units.last_day or "") or None
            sums.first_without = sums.first_without or units.first_without
    return (
        patient_id, authorization_id, one.enrollment_id, one.program_id, one.payer_id, one.status, one.level,
        one.procedure_code, one.unit_basis, one.units, sums.reserved, sums.drawn, one.valid_from, one.valid_through,
        one.decided_on, sums.last_day, sums.first_without, one.positions[-1],
    )
