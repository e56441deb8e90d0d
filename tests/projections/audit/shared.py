"""Streams that two programs share: what one writes of a patient's risk, money and access is none of the other's."""

from __future__ import annotations

from aggregates.access.facts import BreakGlassOpened, BreakGlassReviewed, DisclosureMade
from aggregates.account.facts import (
    BalanceWrittenOff,
    OverpaymentIdentified,
    OverpaymentReturned,
    RemittancePosted,
    SelfPayChargePosted,
    SelfPayChargeReversed,
)
from aggregates.claim.facts import ClaimPrepared
from aggregates.clinician.facts import OnCallAssigned, OnCallEnded
from aggregates.enrollment.facts import PatientReferred
from aggregates.program.facts import ProgramOpened
from aggregates.risk.facts import RiskAssessed
from tests.projections.audit.past import ADULTS, ANA, TEENS
from tests.projections.story import Story, an_id

RISK, ACCOUNT, ACCESS, CLINICIAN, PAYER = (
    an_id(one) for one in ("risk", "account", "access", "clinician", "payer")
)
NOON = "2026-03-02T12:00:00Z"


def shared() -> Story:
    """Both programs open, and then each in turn writes the same facts, under the same ids where ids are a sender's."""
    story = Story()
    for program, code in ((ADULTS, "adults"), (TEENS, "teens")):
        opened = ProgramOpened(
            code=code, level_of_care="intensive_outpatient", focus="mental_health", population="adult",
            time_zone="America/New_York", opened_on="2026-01-01",
        )
        story.tell(program, opened, patients=())
    for number, program in enumerate((ADULTS, TEENS), 1):
        _written(story, program, number)
    return story


def _written(story: Story, program: str, number: int) -> None:
    claim, charge, overpayment, turn = (an_id(kind, number) for kind in ("claim", "charge", "overpayment", "turn"))
    about = {"patients": ((an_id("enrollment", number), ANA),)}
    story.tell(
        claim,
        ClaimPrepared(
            patient_id=ANA, enrollment_id=an_id("enrollment", number), program_id=program, payer_id=PAYER,
            policy_id=an_id("policy"), form="837P", frequency="1", from_date="2026-03-02", through_date="2026-03-02",
            lines=(), total_cents=0, decided_at=1,
        ),
        **about,
    )
    for fact in (
        SelfPayChargePosted(
            charge_id=charge, patient_id=ANA, program_id=program, enrollment_id=an_id("enrollment", number),
            service_date="2026-03-02", basis="self_pay", charge_cents=10_000, owed_cents=9_000, decided_at=1,
        ),
        SelfPayChargeReversed(charge_id=charge, cause="entered_in_error"),
        RemittancePosted(
            claim_id=claim, line=1, payer_id=PAYER, trace_number="T1", sequence=1, remittance_on="2026-03-09",
            paid_cents=100, adjustments=(),
        ),
        BalanceWrittenOff(
            write_off_id=an_id("off", number), charge_id=charge, share="patient", amount_cents=5, cause="hardship",
            requested_by=an_id("nurse"), approved_by=an_id("director"),
        ),
        OverpaymentIdentified(
            overpayment_id=overpayment, program_id=program, payer_id=PAYER, amount_cents=5, cause="duplicate",
            identified_by=an_id("nurse"), identified_on="2026-03-10", return_days=60, return_due_on="2026-05-09",
        ),
        OverpaymentReturned(
            overpayment_id=overpayment, return_id=an_id("return", number), returned_on="2026-03-11", amount_cents=5,
            method="check",
        ),
    ):
        story.tell(ACCOUNT, fact, **about)
    episode, grant = an_id("enrollment", number), an_id("grant", number)
    referred = PatientReferred(patient_id=ANA, program_id=program, referred_on="2026-03-01", source="self")
    story.tell(episode, referred, **about)
    for fact in (
        BreakGlassOpened(
            grant_id=grant, patient_id=ANA, acting_in=program, opened_by=CLINICIAN, opened_at=NOON, ends_at=NOON,
            cause="crisis_call", disclosed=False,
        ),
        BreakGlassReviewed(grant_id=grant, patient_id=ANA, reviewed_by=an_id("officer"), justified=True),
        DisclosureMade(
            disclosure_id=an_id("disclosure", number), patient_id=ANA, enrollment_id=episode, made_by=CLINICIAN,
            made_on="2026-03-02", information=("summary",), purpose="legal", basis="required_by_law",
        ),
    ):
        story.tell(ACCESS, fact, **about)
    story.tell(
        RISK,
        RiskAssessed(
            patient_id=ANA, program_id=program, assessed_by=CLINICIAN, assessed_at=NOON, level="high",
            basis=("interview",),
        ),
        **about,
    )
    story.tell(CLINICIAN, OnCallAssigned(on_call_id=turn, program_id=program, starts_at=NOON, ends_at=NOON), **about)
    story.tell(CLINICIAN, OnCallEnded(on_call_id=turn, ended_at=NOON), **about)
