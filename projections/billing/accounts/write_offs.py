"""Write-offs that somebody asked for, as long as nobody approved or withdrew them: of a line of a claim, of what the
patient owes of a self-pay charge, or of a day on no claim."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from iop_es.engine.readmodel.model import Recorded, Table
from iop_es.engine.stored import Row
from projections.billing.accounts.documents import WriteOffAsked

if TYPE_CHECKING:
    from projections.billing.documents import Patient

TABLE = Table(
    "write_off_request",
    (
        "patient_id", "request", "kind", "program_id", "enrollment_id", "service_date", "claim_id", "line", "charge_id",
        "share", "amount_cents", "cause", "requested_by", "requested_at", "position",
    ),
)


def requested(patient: Patient, recorded: Recorded) -> None:
    """Of a line that is on a claim, or of a charge of a day."""
    fact = recorded.fact
    found = _of_line(patient, fact) if fact.charge_id is None else _of_charge(patient, fact)
    if found is not None:
        _enter(patient, fact.write_off_id, recorded, share=fact.share, amount_cents=fact.amount_cents, **found)


def day_requested(patient: Patient, recorded: Recorded) -> None:
    """Of a day; what it would be billed for is decided by then."""
    episode = patient.episodes.get(recorded.stream)
    if episode is not None:
        _enter(
            patient, _of_day(recorded), recorded, kind="day", program_id=episode.program_id,
            enrollment_id=recorded.stream, service_date=recorded.fact.service_date, share="payer",
        )  # fmt: skip


def answered(patient: Patient, recorded: Recorded) -> None:
    """Approved or withdrawn, so that nothing is left to decide."""
    _take_off(patient, recorded.fact.write_off_id)


def day_answered(patient: Patient, recorded: Recorded) -> None:
    """The same of a day."""
    _take_off(patient, _of_day(recorded))


def rows_of(patient_id: str, patient: Patient) -> Iterator[Row]:
    """One each."""
    for request, one in patient.write_offs_asked.items():
        yield (
            patient_id, request, one.kind, one.program_id, one.enrollment_id, one.service_date, one.claim_id, one.line,
            one.charge_id, one.share, one.amount_cents, one.cause, one.requested_by, one.requested_at, one.position,
        )


def _enter(patient: Patient, request: str, recorded: Recorded, **more: Any) -> None:
    patient.dirty_money = True
    patient.write_offs_asked[request] = WriteOffAsked(
        cause=recorded.fact.cause, requested_by=recorded.fact.requested_by, requested_at=recorded.recorded_at,
        position=recorded.position, **more,
    )  # fmt: skip


def _take_off(patient: Patient, request: str) -> None:
    if patient.write_offs_asked.pop(request, None) is not None:
        patient.dirty_money = True


def _of_day(recorded: Recorded) -> str:
    return f"{recorded.stream} {recorded.fact.service_date}"


def _of_line(patient: Patient, fact: Any) -> dict[str, Any] | None:
    claim = patient.claims.get(fact.claim_id)
    line = next((one for one in claim.lines if one.line == fact.line), None) if claim else None
    if claim is None or line is None:
        return None
    return {
        "kind": "line", "program_id": claim.program_id, "enrollment_id": claim.enrollment_id, "service_date": line.date,
        "claim_id": fact.claim_id, "line": fact.line,
    }  # fmt: skip


def _of_charge(patient: Patient, fact: Any) -> dict[str, Any] | None:
    for program_id, money in patient.money.items():
        charge = money.self_pay.get(fact.charge_id)
        if charge is not None:
            return {
                "kind": "charge", "program_id": program_id, "enrollment_id": charge.enrollment_id,
                "service_date": charge.date, "charge_id": fact.charge_id,
            }  # fmt: skip
    return None


TAKES = {
    "account.write_off_requested": requested,
    "account.write_off_request_withdrawn": answered,
    "enrollment.day_write_off_requested": day_requested,
    "enrollment.day_write_off_request_withdrawn": day_answered,
}
