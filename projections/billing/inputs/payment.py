"""Authorization and claim facts: what the payer allows, what was sent to it, what it answered."""

from __future__ import annotations

from aggregates.authorization import facts as authorization
from aggregates.claim import facts as claim
from aggregates.claim.state import ACCEPTING, FORWARDED, denies_correction
from iop_es.engine.readmodel.model import Recorded
from projections.billing.accounts.documents import Adjusted, Line
from projections.billing.documents import ALWAYS, Authorization, Claim, Patient
from projections.billing.headers import as_sent
from projections.billing.keeping import together
from projections.billing.lines import Header


def requested(patient: Patient, recorded: Recorded) -> None:
    """Asked of the payer: nothing is allowed yet."""
    fact: authorization.AuthorizationRequested = recorded.fact
    patient.authorizations[recorded.stream] = Authorization(
        enrollment_id=fact.enrollment_id, program_id=fact.program_id, payer_id=fact.payer_id, level=fact.level_of_care,
        procedure_code=fact.procedure_code, unit_basis=fact.unit_basis, units=fact.units, valid_from=fact.valid_from,
        valid_through=fact.valid_through, positions=[recorded.position],
    )
    patient.touch_from(ALWAYS)


def approved(patient: Patient, recorded: Recorded) -> None:
    """Allowed, from a day on that may lie in the past."""
    known = _known(patient, recorded)
    if known is not None:
        fact: authorization.AuthorizationApproved = recorded.fact
        known.status, known.decided_on, known.has_number = "approved", fact.decided_on, fact.has_number
        known.procedure_code, known.revenue_code = fact.procedure_code, fact.revenue_code
        known.units, known.unit_basis = fact.units, fact.unit_basis
        known.valid_from, known.valid_through = fact.valid_from, fact.valid_through


def extended(patient: Patient, recorded: Recorded) -> None:
    """More units, a later end, or both."""
    known = _known(patient, recorded)
    if known is not None:
        known.units += recorded.fact.added_units
        known.valid_through = recorded.fact.valid_through


def denied(patient: Patient, recorded: Recorded) -> None:
    """The payer said no."""
    known = _known(patient, recorded)
    if known is not None:
        known.status, known.decided_on = "denied", recorded.fact.decided_on


def voided_authorization(patient: Patient, recorded: Recorded) -> None:
    """It counts as never given."""
    known = _known(patient, recorded)
    if known is not None:
        known.status = "voided"


def prepared(patient: Patient, recorded: Recorded) -> None:
    """What is to be billed; from here on its days are billed and its units drawn."""
    fact: claim.ClaimPrepared = recorded.fact
    lines = [
        Line(
            line=line.line, date=line.service_date, level=line.level_of_care, charge_cents=line.charge_cents,
            revenue_code=line.revenue_code, procedure_code=line.procedure_code, modifiers=line.modifiers,
            quantity=line.units,
            authorization_id=line.authorization_id, units=line.authorization_units,
        )
        for line in fact.lines
    ]
    patient.claims[recorded.stream] = Claim(
        enrollment_id=fact.enrollment_id, program_id=fact.program_id, payer_id=fact.payer_id, policy_id=fact.policy_id,
        form=fact.form, frequency=fact.frequency, replaces=fact.replaces, after_claim=fact.after_claim,
        coverage_id=fact.coverage_id, from_date=fact.from_date, through_date=fact.through_date, lines=lines,
        total_cents=fact.total_cents, decided_at=fact.decided_at, type_of_bill=fact.type_of_bill,
        per_diem_days=fact.per_diem_days, header=_header(fact),
    )
    _tell(patient, recorded)
    _claim(patient, recorded)


def _header(fact: claim.ClaimPrepared) -> Header | None:
    told = fact.header
    return None if told is None else Header(
        told.patient_status, told.principal_diagnosis, tuple(told.other_diagnoses), told.attending_id, told.coverage_at,
        fact.coverage_id, told.identity_at, told.admitted_on, told.admission_type, told.admission_source,
    )  # fmt: skip


def submitted(patient: Patient, recorded: Recorded) -> None:
    """It left for the payer, and said what was known when its file was written."""
    known = _claim(patient, recorded)
    if known is not None:
        _tell(patient, recorded)
        known.header = as_sent(known, patient, upto=recorded.fact.written_as_of or recorded.position)
        known.status, known.submitted_at = "submitted", recorded.fact.submitted_at


def acknowledged(patient: Patient, recorded: Recorded) -> None:
    """Taken in; an acknowledgement that comes after the answer changes nothing but its date."""
    known = _claim(patient, recorded)
    if known is not None:
        known.acknowledged_at = recorded.fact.acknowledged_at
        if recorded.fact.source in ACCEPTING:
            known.accepted, known.denied_on = True, None
        known.status = "acknowledged" if known.status == "submitted" else known.status


def rejected(patient: Patient, recorded: Recorded) -> None:
    """Not taken in: its days can be billed again."""
    known = _claim(patient, recorded)
    if known is not None:
        known.status, known.codes, known.denied_on = "rejected", recorded.fact.codes, None


def adjudicated(patient: Patient, recorded: Recorded) -> None:
    """The payer's answer, line by line; one that comes late does not bring back what was replaced or voided."""
    known = _claim(patient, recorded)
    if known is None:
        return
    fact: claim.ClaimAdjudicated = recorded.fact
    denied = denies_correction(known, fact)
    known.accepted, known.denied_on = known.accepted or not denied, fact.adjudicated_on if denied else None
    known.status = "adjudicated" if known.live else known.status
    known.adjudicated_on, known.paid_cents, known.trace_number = (
        fact.adjudicated_on, fact.paid_cents, fact.trace_number,
    )  # fmt: skip
    known.payer_control_number, known.remittance_on = fact.payer_control_number, fact.remittance_on
    known.reversed_on, known.forwarded = None, fact.status in FORWARDED
    answers = {answer.line: answer for answer in fact.lines}
    for line in known.lines:
        answer = answers.get(line.line)
        if answer is not None:
            line.paid_cents, line.allowed_cents = answer.paid_cents, answer.allowed_cents
            line.patient_cents = sum(one.amount_cents for one in answer.adjustments if one.group == "PR")
            line.adjusted = [Adjusted(one.group, one.carc, one.rarc, one.amount_cents) for one in answer.adjustments]


def answer_reversed(patient: Patient, recorded: Recorded) -> None:
    """The payer took its answer back: no answer stands, and the claim waits as it did before."""
    known = _claim(patient, recorded)
    if known is None:
        return
    known.denied_on, known.forwarded = None, False
    known.reversed_cents += known.paid_cents or 0
    known.reversed_on = recorded.fact.reversed_on
    known.adjudicated_on = known.paid_cents = known.trace_number = known.remittance_on = None
    for line in known.lines:
        line.paid_cents = line.allowed_cents = line.patient_cents = None
        line.adjusted = []
    known.status = known.standing if known.status == "adjudicated" else known.status


def replaced(patient: Patient, recorded: Recorded) -> None:
    """A later claim stands in its place."""
    known = _claim(patient, recorded)
    if known is not None:
        known.status = "replaced"


def voided_claim(patient: Patient, recorded: Recorded) -> None:
    """Taken back."""
    known = _claim(patient, recorded)
    if known is not None:
        known.status = "voided"


def reinstated(patient: Patient, recorded: Recorded) -> None:
    """What was to replace or void it did not stand: it is again what it was before, as its own facts say."""
    known = _claim(patient, recorded)
    if known is not None and known.status in {"replaced", "voided"}:
        known.status = known.standing


def _known(patient: Patient, recorded: Recorded) -> Authorization | None:
    """The authorization, with every day marked: a day outside its period names it too, as not started or ended."""
    known = patient.authorizations.get(recorded.stream)
    if known is not None:
        known.positions.append(recorded.position)
        patient.touch_from(ALWAYS)
    return known


def _claim(patient: Patient, recorded: Recorded) -> Claim | None:
    """The claim, with its days marked, and with every day of the authorizations whose units it draws or gives back.

    So are the days of a claim that it takes back, which it keeps or frees. A secondary claim's lines are told from
    those of the claim that it comes after, or of what replaced that one, and what is written off there counts by both
    their answers, so all of them are made again together.
    """
    known = patient.claims.get(recorded.stream)
    if known is not None:
        known.positions.append(recorded.position)
        patient.dirty_claims.update(dict.fromkeys(together(patient, recorded.stream)))
        earlier = patient.claims.get(known.replaces or "")
        patient.touch_from(known.from_date)  # later days may have to wait for its answer
        for line in (*known.lines, *(earlier.lines if earlier else ())):
            patient.touch_day(line.date)
            allowed = patient.authorizations.get(line.authorization_id or "")
            if allowed is not None:
                patient.touch_from(min(allowed.valid_from, line.date))
    return known


def _tell(patient: Patient, recorded: Recorded) -> None:
    """What a secondary claim says of the answer before it, which a file tells as of when it is sent."""
    known = patient.claims[recorded.stream]
    before = patient.claims.get(known.after_claim or "")
    if before is not None:
        billed = {line.told_as for line in known.lines}
        known.told = {line: answer for line, answer in before.answers.items() if line in billed}


TAKES = {
    "authorization.requested": requested,
    "authorization.approved": approved,
    "authorization.extended": extended,
    "authorization.denied": denied,
    "authorization.voided": voided_authorization,
    "claim.prepared": prepared,
    "claim.submitted": submitted,
    "claim.acknowledged": acknowledged,
    "claim.rejected": rejected,
    "claim.adjudicated": adjudicated,
    "claim.adjudication_reversed": answer_reversed,
    "claim.replaced": replaced,
    "claim.voided": voided_claim,
    "claim.reinstated": reinstated,
}
