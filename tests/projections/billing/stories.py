"""Longer pasts: a hand-made one in which everything comes late, and random ones."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from aggregates.authorization.facts import AuthorizationExtended, AuthorizationVoided
from aggregates.claim.facts import (
    AdjudicatedLine,
    AdjudicationReversed,
    Adjustment,
    ClaimAcknowledged,
    ClaimAdjudicated,
    ClaimReinstated,
    ClaimRejected,
    ClaimSubmitted,
    ClaimVoided,
)
from aggregates.enrollment.facts import (
    DayWrittenOff,
    HoldReleased,
    LeaveEnded,
    LeaveStarted,
    LevelOfCareChanged,
    PatientDischarged,
    PlanCertified,
    PlanOfCareAdopted,
)
from aggregates.payer_policy.facts import PolicyRevised, PolicyVerified
from aggregates.program.facts import Charge, ClosureDeclared, FeeScheduleAdopted
from aggregates.session.facts import HeadCountChanged, SessionRescheduled
from tests.projections.billing.clinic import Clinic, an_id
from tests.projections.billing.office_stories import REVISIONS, SERVICES
from tests.projections.billing.terms import terms

DAYS = ("2026-03-02", "2026-03-03", "2026-03-05", "2026-03-09", "2026-03-10", "2026-03-12")


def a_season() -> Clinic:
    """Three patients, two weeks: late notes, corrections, a late approval, a lapse, one claim answered, one voided."""
    clinic = Clinic()
    weekly = {"measure": "attended", "minutes": 540, "days": 3, "consequence": "hold"}
    clinic.open()
    clinic.license()
    unverified = ("per_diems", "minimum_minutes")
    clinic.publish(weekly=weekly, group_maximum=2, group_consequence="hold", unverified=unverified)
    clinic.patient(1)
    clinic.patient(2, authorized=False)
    clinic.patient(3)
    first = clinic.documented(DAYS[0], "09:00-12:00", (1, 2))
    clinic.meet(DAYS[1], "09:00-12:00", (1, 2, 3))
    clinic.documented(DAYS[3], "09:00-12:00", (1, 3))
    clinic.documented(DAYS[2], "09:00-10:30", (1, 2))
    clinic.documented(DAYS[2], "10:30-12:00", (1, 2))
    clinic.request(2)
    clinic.approve(2, units=2, decided_on="2026-03-08")
    late = clinic.draft(DAYS[1], "12:00", 2, 1)
    clinic.sign(late, DAYS[1], "2026-03-09T15:00:00Z")
    clinic.claim(1, [(DAYS[0], 1), (DAYS[2], 3)], 1)
    clinic.story.tell(
        an_id("claim", 1), ClaimSubmitted(submitted_at="2026-03-10T15:00:00Z", batch="b1", control_number="c1")
    )
    clinic.meet(DAYS[4], "09:00-12:00", (2, 3), leave="absent")
    clinic.correct(DAYS[4], clinic.sessions, "09:00-12:00", 2)
    clinic.correct(DAYS[0], first, "09:00-11:30", 1)
    clinic.story.tell(
        an_id("claim", 1), ClaimAcknowledged(acknowledged_at="2026-03-11T15:00:00Z", source="277CA", reference="r1")
    )
    clinic.story.tell(an_id("claim", 1), _answer())
    clinic.story.tell(
        an_id("authorization", 2),
        AuthorizationExtended(added_units=5, valid_through="2026-12-31", decided_on="2026-03-11"),
    )
    clinic.claim(2, [(DAYS[3], 4)], 1)
    clinic.story.tell(an_id("claim", 2), ClaimVoided(voided_on="2026-03-12", cause="wrong_day"))
    changed = LevelOfCareChanged(
        effective_on=DAYS[5], from_level="intensive_outpatient", to_level="partial_hospitalization", cause="acuity"
    )
    clinic.in_care(changed, 3)
    clinic.documented(DAYS[5], "09:00-12:00", (1, 2, 3))
    clinic.lapse("2026-03-12")
    changed_terms = terms(weekly=weekly, minimum_minutes=175)
    revised = PolicyRevised(effective_from="2026-03-09", terms=changed_terms, cause="contract")
    clinic.story.tell(an_id("policy"), revised)
    verified = PolicyVerified(
        verified_by=an_id("person"), verified_on="2026-03-13", source="contract", fields=("minimum_minutes",)
    )
    clinic.story.tell(an_id("policy"), verified)
    clinic.story.tell(
        an_id("enrollment", 2), PatientDischarged(discharged_on="2026-03-11", reason="dropped_out", patient_status="07")
    )
    return clinic


def _answer() -> ClaimAdjudicated:
    refused = Adjustment(group="CO", carc="197", amount_cents=20_000)
    reduced = Adjustment(group="CO", carc="45", amount_cents=5_000)
    return ClaimAdjudicated(
        adjudicated_on="2026-03-12", payer_control_number="p1", paid_cents=15_000,
        lines=(
            AdjudicatedLine(line=1, paid_cents=15_000, adjustments=(reduced,)),
            AdjudicatedLine(line=2, paid_cents=0, adjustments=(refused,)),
        ),
    )


@st.composite
def pasts(draw: st.DrawFn) -> Clinic:  # noqa: C901 # one arm a kind of step
    """Two patients of two weeks with whatever may happen, in any order that can be told."""
    clinic = Clinic()
    clinic.open()
    clinic.license()
    consequence = draw(st.sampled_from(("hold", "warn")))
    clinic.publish(
        weekly={"measure": "attended", "minutes": 360, "days": 2, "consequence": consequence}, group_maximum=8,
        partial_hospitalization_look_back_days=4,
    )
    clinic.patient(1)
    clinic.patient(2, authorized=False)
    clinic.request(2)
    drafted: list[tuple[int, str]] = []
    met: list[tuple[str, int]] = []
    claims = 0
    for step in draw(st.lists(st.integers(0, 22), min_size=4, max_size=25)):
        day = draw(st.sampled_from(DAYS))
        match step:
            case 0 | 1 | 2:
                stop = draw(st.sampled_from(("11:59", "12:00", "12:30")))
                patients = draw(st.sampled_from(((1,), (1, 2), (2,))))
                met.append((day, clinic.documented(day, f"09:00-{stop}", patients)))
            case 3:
                leave = draw(st.sampled_from(("closed", "open", "absent", "expected")))
                number = clinic.meet(day, "13:00-14:00", (1, 2), leave=leave)
                drafted.append((clinic.draft(day, "14:00", number, 1), day))
            case 4 if drafted:
                number, on = drafted.pop(0)
                clinic.sign(number, on, clinic.at(on, "14:00", draw(st.sampled_from((60, 1440, 1441)))))
            case 5 if met:
                on, number = draw(st.sampled_from(met))
                spans = draw(st.sampled_from(("", "09:00-11:00", "09:00-12:15")))
                clinic.correct(on, number, spans, draw(st.sampled_from((1, 2))))
            case 6:
                clinic.approve(2, units=draw(st.integers(1, 3)), valid_from=day)
            case 7:
                claims += 1
                clinic.claim(claims, [(day, claims)], 1)
            case 8 if claims:
                stream = an_id("claim", draw(st.integers(1, claims)))
                rejected = ClaimRejected(rejected_at=f"{day}T22:00:00Z", source="277CA", codes=("A7",))
                again = ClaimReinstated(instead_of=an_id("claim", 99))
                gone = draw(st.sampled_from((ClaimVoided(voided_on=day, cause="error"), rejected, again)))
                clinic.story.tell(stream, gone)
            case 9:
                clinic.lapse(day)
            case 19 if claims:
                _answered(clinic, draw(st.integers(1, claims)), day, draw(st.booleans()))
            case 20:
                _revised(clinic, day, draw(st.sampled_from(REVISIONS)))
            case _:
                _elsewhere(clinic, step, day, met)
    return clinic


def _revised(clinic: Clinic, day: str, changes: dict[str, Any]) -> None:
    """Other terms of the payer from a day on, those of services among them."""
    changed = terms(**{"services": SERVICES} | changes)
    clinic.story.tell(an_id("policy"), PolicyRevised(effective_from=day, terms=changed, cause="contract"))


def _answered(clinic: Clinic, number: int, day: str, again: bool) -> None:
    """The payer denies a claim of one day, and may take that back; or the claim turns out to be the second payer's."""
    adjustment = Adjustment(group="CO", carc="197", amount_cents=20_000)
    refused = AdjudicatedLine(line=1, paid_cents=0, adjustments=(adjustment,))
    clinic.story.tell(
        an_id("claim", number),
        ClaimAdjudicated(adjudicated_on=day, payer_control_number="p1", paid_cents=0, lines=(refused,)),
    )
    if again:
        back = AdjudicationReversed(reversed_on=day, cause="payer-reversal", answered_on=day)
        clinic.story.tell(an_id("claim", number), back)
    else:
        second = {"payer_id": an_id("payer", 2), "after_claim": an_id("claim", number)}
        clinic.claim(number + 50, [(day, number)], 1, **second)


def _elsewhere(clinic: Clinic, step: int, day: str, met: list[tuple[str, int]]) -> None:
    """What happens around the sessions: to the episode, the authorization, the payer's terms, the program."""
    levels: tuple[Any, Any] = ("intensive_outpatient", "partial_hospitalization")
    care = {
        10: LevelOfCareChanged(
            effective_on=day, from_level=levels[0], to_level=levels[DAYS.index(day) % 2], cause="acuity"
        ),
        11: LeaveStarted(leave_id=an_id("leave"), started_on=day, cause="travel"),
        12: LeaveEnded(leave_id=an_id("leave"), returned_on=day),
        13: PatientDischarged(discharged_on=day, reason="completed", patient_status="01"),
        14: PlanCertified(
            plan_id=an_id("plan"), certified_on=day, certified_through=day, physician_id=an_id("clinician", 3)
        ),
        15: PlanOfCareAdopted(
            plan_id=an_id("plan"), adopted_on=day, goals=("sleep",), weekly_days=3, weekly_minutes=540,
            planned_weeks=6, review_due_on=day,
        ),
    }
    if step in care:
        clinic.in_care(care[step])
    elif step == 16:
        clinic.story.tell(an_id("authorization", 2), AuthorizationVoided(voided_on=day, cause="error"))
        clinic.story.tell(an_id("program"), ClosureDeclared(closed_from=day, closed_through=day, cause="weather"))
    elif step == 17:
        changed = terms(certification_days=10, plan_review_days=10, duration_cap_weeks=1, unverified=("weekly",))
        clinic.story.tell(an_id("policy"), PolicyRevised(effective_from=day, terms=changed, cause="contract"))
        clinic.end_coverage(day, patient=2)
    elif step == 21:
        clinic.documented(day, "14:00-14:20", (1,), kind="medication_visit")
    elif step == 22:
        charges = tuple(Charge(procedure_code=code, charge_cents=21_000) for code in ("S9480", "99213", "90837"))
        clinic.story.tell(an_id("program"), FeeScheduleAdopted(effective_from=day, charges=charges))
        person, hold = an_id("person"), "authorization_missing"
        clinic.in_care(HoldReleased(service_date=day, hold=hold, cause="promised", released_by=person), 2)  # type: ignore[arg-type] # a hold's name
        clinic.in_care(DayWrittenOff(service_date=day, cause="no_note", approved_by=person))
    elif met:
        on, number = met[-1]
        starts, ends = clinic.at(day, "09:00"), clinic.at(day, "12:00")
        moved = SessionRescheduled(service_date=day, starts_at=starts, ends_at=ends, facilitators=(), cause="room")
        clinic.story.tell(an_id("session", number), moved)
        fact = HeadCountChanged(service_date=on, head_count=9, peak_count=9)
        clinic.story.tell(an_id("session", number), fact)
