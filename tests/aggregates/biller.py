"""A biller's week for the tests of claims: two days of one patient, their terms, units and answers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from aggregates.authorization import AGGREGATE as AUTHORIZATION
from aggregates.authorization.facts import AuthorizationApproved, AuthorizationRequested
from aggregates.claim import AGGREGATE
from aggregates.claim import commands as ask
from aggregates.claim import facts as past
from aggregates.claim import refusals as no
from aggregates.enrollment import AGGREGATE as ENROLLMENT
from aggregates.enrollment.facts import PatientAdmitted, PatientReferred
from aggregates.kit import Claim, Release, Seen
from aggregates.patient import AGGREGATE as PATIENT
from aggregates.patient.facts import PatientRegistered
from aggregates.payer_policy import AGGREGATE as POLICY
from aggregates.payer_policy.facts import PolicyPublished, PolicyVerified
from aggregates.payer_policy.terms import PerDiem, Terms, WeeklyTest
from aggregates.program import AGGREGATE as PROGRAM
from tests.aggregates.scenario import Decided, Given, an_act, an_id, given, seen_as

IT, OLD, EPISODE, PATIENT_ID = an_id("claim", 2), an_id("claim"), an_id("enrollment"), an_id("patient")
PROGRAM_ID, PAYER, POLICY_ID, UNITS = an_id("program"), an_id("payer"), an_id("policy"), an_id("authorization")
DAYS = "2026-03-02", "2026-03-04"
JUNE = an_act(occurred_at="2026-06-01T12:00:00Z", role="biller")
SERVICE = f"{PATIENT_ID}:{PAYER}:2026-03-02:0905:S9480", f"{PATIENT_ID}:{PAYER}:2026-03-04:0905:S9480"


VERIFIED = PolicyVerified(
    verified_by=an_id("person"), verified_on="2026-01-02", source="Provider manual 7.2", fields=("minimum_sessions",)
)


def policy(
    *unverified: str, payer_id: str = PAYER, per_diems: tuple[PerDiem, ...] = (),
    verified: tuple[PolicyVerified, ...] = (VERIFIED,), **changes: Any,
) -> Seen:
    """Terms of 2026 that somebody compared with the payer's manual, with the named fields unverified, these per diems
    beside the one, and other changes."""
    terms = Terms(
        per_diems=(PerDiem(
            level_of_care="intensive_outpatient", focus="mental_health", procedure_code="S9480", revenue_code="0905",
            unit_basis="day",
        ), *per_diems),
        minimum_minutes=180, minimum_sessions=1, counted_kinds=("group",),
        weekly=WeeklyTest(measure="none", minutes=0, days=0, consequence="none"), cosignature_required=False,
        credential_required=True, authorization_required=True, claim_form="837I", unverified=unverified,
        **changes,
    )
    return seen_as(POLICY, POLICY_ID, PolicyPublished(
        payer_id=payer_id, payer_kind="commercial", payer_name="A payer", code="commercial-mh",
        effective_from="2026-01-01", terms=terms,
    ), *verified)


def episode(*more: Any, **changes: Any) -> Seen:
    """Referred on 26 February, admitted on 2 March."""
    fields: dict[str, Any] = {"patient_id": PATIENT_ID, "program_id": PROGRAM_ID, "referred_on": "2026-02-26"}
    admitted = PatientAdmitted(
        admitted_on="2026-03-02", level_of_care="intensive_outpatient", focus="mental_health", admission_type="3",
        admission_source="1", attending_id=an_id("physician"), planned_days=3, planned_minutes=540,
    )
    return seen_as(ENROLLMENT, EPISODE, PatientReferred(source="self", **(fields | changes)), admitted, *more)


def authorization(**changes: Any) -> Seen:
    """Two days approved, 2 through 27 March."""
    fields: dict[str, Any] = {
        "patient_id": PATIENT_ID, "enrollment_id": EPISODE, "program_id": PROGRAM_ID, "payer_id": PAYER,
        "level_of_care": "intensive_outpatient", "requested_on": "2026-02-27",
    }
    given_units: dict[str, Any] = {
        "procedure_code": "S9480", "units": 2, "unit_basis": "day", "valid_from": "2026-03-02",
        "valid_through": "2026-03-27",
    }
    return seen_as(
        AUTHORIZATION, UNITS, AuthorizationRequested(**(fields | given_units | changes)),
        AuthorizationApproved(**given_units, decided_on="2026-02-27", has_number=False),
    )


def patient(*facts: Any) -> Seen:
    """The patient, and what else is recorded of them."""
    return seen_as(PATIENT, PATIENT_ID, PatientRegistered(
        year_of_birth=1990, has_medical_record_number=False, has_address=False, patient_id=PATIENT_ID,
    ), *facts)  # fmt: skip


def around(**changes: Seen) -> dict[str, Seen]:
    """Everything that a preparation looks at."""
    fields = {
        "enrollment": episode(), "policy": policy(), f"authorization:{UNITS}": authorization(), "patient": patient(),
        "program": seen_as(PROGRAM, PROGRAM_ID),
    }  # fmt: skip
    return fields | {name.replace("authorization", f"authorization:{UNITS}"): seen for name, seen in changes.items()}


def line(number: int = 1, day: str = "2026-03-02", **changes: Any) -> past.ClaimLine:
    """A day of intensive outpatient care at 325 dollars that draws the unit of its number."""
    fields: dict[str, Any] = {
        "level_of_care": "intensive_outpatient", "revenue_code": "0905", "procedure_code": "S9480", "units": 1,
        "charge_cents": 32_500, "authorization_id": UNITS, "authorization_units": (number,),
    }
    return past.ClaimLine(line=number, service_date=day, **(fields | changes))


LINES = (line(), line(2, "2026-03-04"))


def prepare(**changes: Any) -> ask.PrepareClaim:
    """The two days of the first week of March."""
    fields: dict[str, Any] = {
        "claim_id": IT, "patient_id": PATIENT_ID, "enrollment_id": EPISODE, "program_id": PROGRAM_ID,
        "payer_id": PAYER, "policy_id": POLICY_ID, "form": "837I", "type_of_bill": "0132", "frequency": "2",
        "from_date": "2026-03-02", "through_date": "2026-03-08", "lines": LINES, "total_cents": 65_000,
        "decided_at": 4711,
    }
    return ask.PrepareClaim(**(fields | changes))


def without_units(*lines: past.ClaimLine) -> tuple[past.ClaimLine, ...]:
    """The lines, drawing on no authorization."""
    return tuple(replace(one, authorization_id=None, authorization_units=()) for one in lines)


def submit(**changes: Any) -> ask.SubmitClaim:
    """Sent on the evening of 10 March."""
    fields: dict[str, Any] = {"submitted_at": "2026-03-10T21:00:00Z", "batch": "B-0310", "control_number": "CN147"}
    return ask.SubmitClaim(claim_id=IT, **(fields | changes))


def acknowledge(**changes: Any) -> ask.AcknowledgeClaim:
    """Taken in six hours later."""
    fields: dict[str, Any] = {"acknowledged_at": "2026-03-11T03:00:00Z", "source": "277CA", "reference": "A1"}
    return ask.AcknowledgeClaim(claim_id=IT, **(fields | changes))


def reject(**changes: Any) -> ask.RejectClaim:
    """Not taken in."""
    fields: dict[str, Any] = {"rejected_at": "2026-03-11T04:00:00Z", "source": "277CA", "codes": ("A7",)}
    return ask.RejectClaim(claim_id=IT, **(fields | changes))


def paid(number: int, cents: int, *adjustments: tuple[str, int]) -> past.AdjudicatedLine:
    """The payer's answer to one line; adjustments are (CARC, cents) under the group CO."""
    return past.AdjudicatedLine(line=number, paid_cents=cents, adjustments=tuple(
        past.Adjustment(group="CO", carc=carc, amount_cents=amount) for carc, amount in adjustments
    ))


ANSWERS = (paid(1, 29_000, ("45", 3_500)), paid(2, 0, ("197", 32_500)))


def adjudicate(*lines: past.AdjudicatedLine, **changes: Any) -> ask.AdjudicateClaim:
    """One day paid, the other denied, on 30 March."""
    fields: dict[str, Any] = {"adjudicated_on": "2026-03-30", "payer_control_number": "P88", "paid_cents": 29_000}
    return ask.AdjudicateClaim(claim_id=IT, lines=lines or ANSWERS, **(fields | changes))


def reverse(**changes: Any) -> ask.ReverseAdjudication:
    """Taken back by the payer on 30 April."""
    fields: dict[str, Any] = {"reversed_on": "2026-04-30", "trace_number": "EFT-2"}
    return ask.ReverseAdjudication(claim_id=IT, **(fields | changes))


def void(**changes: Any) -> ask.VoidClaim:
    """Withdrawn on 9 March."""
    return ask.VoidClaim(claim_id=IT, **({"voided_on": "2026-03-09", "cause": "error"} | changes))


def prepared(per_diem_days: tuple[str, ...] | None = DAYS, **changes: Any) -> past.ClaimPrepared:
    """The fact of a preparation."""
    command = prepare(**changes)
    names = past.ClaimPrepared.__dataclass_fields__.keys() - {"per_diem_days"}
    return past.ClaimPrepared(per_diem_days=per_diem_days, **{name: getattr(command, name) for name in names})


SENT = past.ClaimSubmitted(submitted_at="2026-03-10T21:00:00Z", batch="B-0310", control_number="CN147")
TAKEN = past.ClaimAcknowledged(acknowledged_at="2026-03-11T03:00:00Z", source="277CA", reference="A1")
ENDED = past.ClaimReplaced(replaced_by=IT, cause="corrected")
TAKEN_BACK = past.ClaimVoided(voided_on="2026-06-01", cause="corrected")


def earlier(*facts: Any) -> dict[str, Seen]:
    """The claim to be replaced, taken in unless other facts are given, beside everything else."""
    return around() | {"replaced": seen_as(AGGREGATE, OLD, *(facts or (prepared(), SENT, TAKEN)))}


def after(*commands: Any) -> Given:
    """The stream after commands that are all accepted in June."""
    return given(AGGREGATE).having(*commands, act=JUNE, seen=around())


def asked(command: Any, *before: Any, seen: dict[str, Seen] | None = None) -> Decided:
    """The decision in June."""
    return after(*before).when(command, JUNE, seen or around())


def holding(kind: type, *days: str) -> tuple[Any, ...]:
    """The outcomes that claim or release the two days, or one of them: service, per diem and unit of each."""
    told = [number for number, key in enumerate(SERVICE) if not days or key.split(":")[2] in days]
    keys = (
        *(("billed_day", SERVICE[one]) for one in told),
        *(("per_diem_day", SERVICE[one].rpartition(":0905")[0]) for one in told),
        *(("authorization_unit", f"{UNITS}:{one + 1}") for one in told),
    )
    if kind is Release:
        return tuple(Release(*key) for key in keys)
    held = {
        "billed_day": no.DayAlreadyBilled, "per_diem_day": no.PerDiemAlreadyBilled,
        "authorization_unit": no.UnitAlreadyDrawn,
    }
    return tuple(Claim(name, key, held=held[name]) for name, key in keys)


PREPARED = (prepare(),)
ON_ITS_WAY = (*PREPARED, submit())
