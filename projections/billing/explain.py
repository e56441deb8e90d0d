"""A decided day as a person would tell it: every rule asked, its answer, its numbers, its facts, its terms."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from projections.billing.day import Answer, Day, outcome_at
from projections.billing.lines import BillLine
from projections.billing.reasons import Reason
from projections.billing.rules.payer import FILING_WINDOW
from projections.billing.standing import next_stage, passed, standing, underlying_at
from projections.billing.views import AnswerView, BillLineView, DayView, ReasonView, TraceView
from projections.billing.words import dollars, local, reason_of, sentence

SIGNATURE_WINDOW = ("signature_hours", "signature_business_days")
TERMS = {
    "per_diem": ("per_diems",),
    "minutes": ("minimum_minutes", "counted_kinds"),
    "services": ("minimum_sessions", "counted_kinds"),
    "primary_service": ("primary_services",),
    "units": ("per_diems",),
    "group_size": ("group_minimum", "group_maximum", "group_maximums", "group_measure", "group_consequence"),
    "session_length": ("session_minimum_minutes",),
    "telehealth": ("telehealth",),
    "visits_a_day": ("daily_visits_per_kind",),
    "attestation": (*SIGNATURE_WINDOW, "late_signature"),
    "facilitators": ("every_facilitator_signs",),
    "payer_credentialing": ("credentialing_required",),
    "schedule": ("schedule",),
    "authorization_free": ("authorization_after_days",),
    "authorization_unnamed": ("authorization_required",),
    "filing": FILING_WINDOW,
    "sequence": ("sequential_claims",),
    "charge": ("services", "modifiers", "line_basis"),
    "expected": ("per_diems", "services"),
    "note": SIGNATURE_WINDOW,
    "signature_window": (*SIGNATURE_WINDOW, "late_signature"),
    "cosignature": ("cosignature_required", *SIGNATURE_WINDOW),
    "credential": ("credential_required",),
    "week": ("weekly",),
    "certification": ("certification_days", "certified_by"),
    "plan_review": ("plan_review_days",),
    "duration": ("duration_cap_weeks",),
    "recording": ("late_recording",),
    "look_back": ("partial_hospitalization_look_back_days",),
    "authorization": ("authorization_required",),
}
"""The fields of a payer's terms that a rule rests on, so that an unverified one is named where it shows."""
AGREED = "By agreement the patient pays: no payer is asked, and neither minutes nor notes nor papers are tested."
MARKS = {"passed": "yes", "warning": "but", "waiting": "wait", "held": "no", "not_billable": "no", "written_off": "no"}


def unverified(day: Day, rule: str) -> list[str]:
    """Those fields of the terms behind a rule that nobody has verified."""
    return [name for name in day.unverified if name.partition(".")[0] in TERMS.get(rule, ())]


def told(day: Day, now: str, beside: Sequence[str] = ()) -> list[str]:
    """The decision line by line at a moment, and what is to be looked at beside it."""
    on = date.fromisoformat(day.service_date)
    state, _, _ = standing(day, now)
    lines = [f"{on:%A} {day.service_date}: {state.replace('_', ' ')}, {_money(day)}."]
    if day.policy_code is not None:
        lines.append(_policy(day))
    if _agreed(day):
        lines.append(AGREED)
    for answer in day.answers:
        words = f"{sentence(day, answer, now)}{_wait(day, answer, now)}{_doubt(day, answer)}{_facts(answer)}"
        lines.append(f"{MARKS[outcome_at(answer, now)]:>4}  {words}")
        reason = reason_of(answer, now)
        if reason is not None:
            lines.append(f"      {reason.owner.replace('_', ' ')}: {reason.next_step}")
    otherwise = underlying_at(day, now).replace("_", " ")
    if state == "billed" and otherwise != "billable":
        lines.append(f"Without its claim the day would be {otherwise}: look whether it needs correcting.")
    if day.unverified:
        lines.append(f"Unverified values of the policy: {', '.join(day.unverified)}.")
    return lines + [f"Beside the decision: {one}" for one in beside]


def reason_view(code: str, reason: Reason, answer: Answer, day: Day, now: str) -> ReasonView:
    """The reason of an answer that does not pass at a moment."""
    return ReasonView(
        code=code, outcome=outcome_at(answer, now), sentence=sentence(day, answer, now), owner=reason.owner,
        next_step=reason.next_step, denial=reason.denial, due_at=answer.due_at, numbers=answer.numbers,
        positions=answer.positions, unverified=unverified(day, answer.rule),
    )


def day_view(day: Day, now: str) -> DayView:
    """The day as it stands at a moment."""
    state, reason, owner = standing(day, now)
    coming = next_stage(day, now) if state == "waiting" else None
    standing_now = [(answer.code, found, answer) for answer in day.answers if (found := reason_of(answer, now))]
    return DayView(
        patient_id=day.patient_id, enrollment_id=day.enrollment_id, program_id=day.program_id,
        service_date=day.service_date, week=day.week, state=state, underlying=underlying_at(day, now),
        reason=reason, owner=owner, due_at=coming.since if coming else None, becomes=coming.state if coming else None,
        minutes=day.minutes, sessions=day.sessions, units=day.units, cents=day.cents,
        expected_cents=day.expected_cents, share_cents=day.share_cents, owed_cents=day.owed_cents,
        charged_cents=day.charged.owed_cents if day.charged else None,
        lines=[line_view(line) for line in day.lines],
        demo_rate=day.rate_kind == "demo", unverified=day.unverified, level_of_care=day.level_of_care,
        payer_id=day.payer_id, policy_id=day.policy_id, policy_code=day.policy_code,
        policy_version=day.policy_version, procedure_code=day.procedure_code, revenue_code=day.revenue_code,
        authorization_id=day.authorization_id, authorization_units=day.authorization_units, claim_id=day.claim_id,
        claim_status=day.claim_status, charge_cents=day.charge_cents, paid_cents=day.paid_cents,
        patient_cents=day.patient_cents, denied_cents=day.denied_cents, adjustments=day.adjustments,
        filing_due_on=day.filing_due_on, positions=day.positions,
        reasons=[reason_view(code, found, answer, day, now) for code, found, answer in standing_now if code],
    )


def line_view(line: BillLine) -> BillLineView:
    """A line as which the day is billed."""
    return BillLineView(
        use=line.use, revenue_code=line.revenue_code, procedure_code=line.procedure_code, modifiers=line.modifiers,
        units=line.units, charge_cents=line.charge_cents, expected_cents=line.expected_cents, form=line.form,
    )


def trace_view(day: Day, now: str, beside: Sequence[str] = ()) -> TraceView:
    """The day with every rule asked, and told in sentences; `beside` is what its decision cannot know."""
    answers = [
        AnswerView(
            rule=answer.rule, outcome=outcome_at(answer, now), code=answer.code if reason_of(answer, now) else None,
            sentence=sentence(day, answer, now),
            numbers=answer.numbers, positions=answer.positions, unverified=unverified(day, answer.rule),
        )
        for answer in day.answers
    ]
    return TraceView(
        patient_id=day.patient_id, day=day_view(day, now), answers=answers, beside=list(beside),
        told=told(day, now, beside),
    )


def _policy(day: Day) -> str:
    policy = f"policy {day.policy_code}, version {day.policy_version}"
    if _agreed(day):
        return f"Covered under {policy}, which is not asked."
    if all(answer.rule != "policy" for answer in day.answers):
        return f"Covered under {policy}; nothing was delivered."
    codes = "/".join(code for code in (day.procedure_code, day.revenue_code) if code)
    return f"Decided under {policy}{f', as {codes}' if codes else ''}."


def _agreed(day: Day) -> bool:
    """Whether something was given, and no payer is asked for it: where one is, whether it covers the day is asked."""
    asked = {answer.rule for answer in day.answers}
    return "presence" in asked and asked.isdisjoint({"attendance", "coverage"})


def _money(day: Day) -> str:
    cents = day.charge_cents if day.state == "billed" else day.cents
    if cents is None:
        return "its charge unknown"
    if day.state in {"not_billable", "written_off"} and cents == 0:
        return "worth nothing"
    would_be = "would be " if day.state in {"not_billable", "written_off"} else ""
    return f"{would_be}{dollars(cents)}{_expected(day, cents)}"


def _expected(day: Day, cents: int) -> str:
    """What the payer is expected to allow, where it is not the charge itself, and what to think of that."""
    doubt = " (unverified rate)" if {"per_diems", "per_diems.rate_cents"} & set(day.unverified) else ""
    doubt = " (demo rate)" if day.rate_kind == "demo" else doubt
    if day.expected_cents is None:
        return ""
    return doubt if day.expected_cents == cents else f", expected {dollars(day.expected_cents)}{doubt}"


def _doubt(day: Day, answer: Answer) -> str:
    names = unverified(day, answer.rule)
    return f" [unverified: {', '.join(names)}]" if names else ""


def _wait(day: Day, answer: Answer, now: str) -> str:
    if answer.outcome != "waiting":
        return ""
    if answer.due_at is None:
        return " No date is set for it."
    due_at = local(answer.due_at, day.time_zone)
    return f" It was due at {due_at}." if passed(answer.due_at, now) else f" It has until {due_at}."


def _facts(answer: Answer) -> str:
    if not answer.positions:
        return ""
    return f" (fact{'s' if len(answer.positions) > 1 else ''} {', '.join(map(str, answer.positions))})"
