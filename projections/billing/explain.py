"""A decided day as a person would tell it: every rule asked, its answer, its numbers, its facts, its terms."""

from __future__ import annotations

from datetime import date
from string import Formatter

from projections.billing.day import Answer, Day
from projections.billing.reasons import REASONS
from projections.billing.standing import outcome_at, passed, standing
from projections.billing.views import AnswerView, DayView, ReasonView, TraceView

PASSED = {
    "presence": "The patient attended {sessions} closed session(s).",
    "admission": "In care that day, at the level {level}.",
    "coverage": "Covered that day by a payer of rank {rank}.",
    "policy": "The payer's policy {policy} is in force.",
    "per_diem": "The policy has a per diem for this level of care.",
    "minutes": "{minutes} minutes counted; the payer asks for {minimum}.",
    "note": "The note was signed at {signed_at}.",
    "cosignature": "The note was cosigned.",
    "credential": "The signer's credential was active on the day of service.",
    "week": "The week is in order: {minutes} {measure} minutes on {days} days.",
    "certification": "Certified through {through}.",
    "plan_review": "The plan of care is reviewed; the next review is due on {due_on}.",
    "duration": "Week {weeks} in care; the payer's cap of {cap} weeks is kept or reasoned.",
    "payer_enrollment": "The program is enrolled with the payer.",
    "disclosure": "A consent lets the record go to the payer.",
    "authorization": "Authorized: unit {unit} of {units}.",
    "claim": "On line {line} of a claim that stands.",
}
TERMS = {
    "per_diem": ("per_diems",),
    "minutes": ("minimum_minutes", "counted_kinds"),
    "services": ("minimum_sessions", "counted_kinds"),
    "units": ("per_diems",),
    "group_size": ("group_maximum", "group_consequence"),
    "note": ("signature_hours",),
    "signature_window": ("signature_hours", "late_signature"),
    "cosignature": ("cosignature_required",),
    "credential": ("credential_required",),
    "week": ("weekly",),
    "certification": ("certification_days",),
    "plan_review": ("plan_review_days",),
    "duration": ("duration_cap_weeks",),
    "authorization": ("authorization_required",),
}
"""The fields of a payer's terms that a rule rests on, so that an unverified one is named where it shows."""
MARKS = {"passed": "yes", "warning": "but", "waiting": "wait", "held": "no", "not_billable": "no"}


def sentence(answer: Answer) -> str:
    """An answer in words."""
    template = REASONS[answer.code].sentence if answer.code else PASSED[answer.rule]
    names = {name for _, name, _, _ in Formatter().parse(template) if name}
    return template.format(**{name: answer.numbers.get(name, "?") for name in names})


def unverified(day: Day, rule: str) -> list[str]:
    """Those fields of the terms behind a rule that nobody has verified."""
    return [name for name in day.unverified if name.partition(".")[0] in TERMS.get(rule, ())]


def told(day: Day, now: str) -> list[str]:
    """The decision line by line at a moment."""
    on = date.fromisoformat(day.service_date)
    state, _, _ = standing(day, now)
    lines = [f"{on:%A} {day.service_date}: {state.replace('_', ' ')}, {_money(day)}."]
    if day.policy_code is not None:
        codes = "/".join(code for code in (day.procedure_code, day.revenue_code) if code)
        billed_as = f", as {codes}" if codes else ""
        lines.append(f"Decided under policy {day.policy_code}, version {day.policy_version}{billed_as}.")
    for answer in day.answers:
        words = f"{sentence(answer)}{_wait(answer, now)}{_doubt(day, answer)}{_facts(answer)}"
        lines.append(f"{MARKS[outcome_at(answer, now)]:>4}  {words}")
        if answer.code and outcome_at(answer, now) != "warning":
            reason = REASONS[answer.code]
            lines.append(f"      {reason.owner.replace('_', ' ')}: {reason.next_step}")
    if day.state == "billed" and day.underlying != "billable":
        otherwise = day.underlying.replace("_", " ")
        lines.append(f"Without its claim the day would be {otherwise}: look whether it needs correcting.")
    if day.unverified:
        lines.append(f"Unverified values of the policy: {', '.join(day.unverified)}.")
    return lines


def reason_view(code: str, answer: Answer, day: Day, now: str) -> ReasonView:
    """The reason of an answer that did not pass."""
    reason = REASONS[code]
    return ReasonView(
        code=code, outcome=outcome_at(answer, now), sentence=sentence(answer), owner=reason.owner,
        next_step=reason.next_step, denial=reason.denial, due_at=answer.due_at, numbers=answer.numbers,
        positions=answer.positions, unverified=unverified(day, answer.rule),
    )


def day_view(day: Day, now: str) -> DayView:
    """The day as it stands at a moment."""
    state, reason, owner = standing(day, now)
    waiting = state == "waiting"
    return DayView(
        patient_id=day.patient_id, enrollment_id=day.enrollment_id, program_id=day.program_id,
        service_date=day.service_date, week=day.week, state=state, underlying=day.underlying, reason=reason,
        owner=owner, due_at=day.due_at if waiting else None, becomes=day.becomes if waiting else None,
        minutes=day.minutes, sessions=day.sessions, units=day.units, cents=day.cents,
        demo_rate=day.rate_kind == "demo", unverified=day.unverified, level_of_care=day.level_of_care,
        payer_id=day.payer_id, policy_id=day.policy_id, policy_code=day.policy_code,
        policy_version=day.policy_version, procedure_code=day.procedure_code, revenue_code=day.revenue_code,
        authorization_id=day.authorization_id, authorization_units=day.authorization_units, claim_id=day.claim_id,
        claim_status=day.claim_status, charge_cents=day.charge_cents, paid_cents=day.paid_cents,
        patient_cents=day.patient_cents, denied_cents=day.denied_cents, adjustments=day.adjustments,
        filing_due_on=day.filing_due_on, positions=day.positions,
        reasons=[reason_view(answer.code, answer, day, now) for answer in day.answers if answer.code],
    )


def trace_view(day: Day, now: str) -> TraceView:
    """The day with every rule asked, and told in sentences."""
    answers = [
        AnswerView(
            rule=answer.rule, outcome=outcome_at(answer, now), code=answer.code, sentence=sentence(answer),
            numbers=answer.numbers, positions=answer.positions, unverified=unverified(day, answer.rule),
        )
        for answer in day.answers
    ]
    return TraceView(patient_id=day.patient_id, day=day_view(day, now), answers=answers, told=told(day, now))


def _money(day: Day) -> str:
    cents = day.charge_cents if day.state == "billed" else day.cents
    if cents is None:
        return "worth unknown: the policy states no rate"
    doubt = " (unverified rate)" if {"per_diems", "per_diems.rate_cents"} & set(day.unverified) else ""
    doubt = " (demo rate)" if day.rate_kind == "demo" else doubt
    return f"${cents // 100:,}.{cents % 100:02d}{doubt}"


def _doubt(day: Day, answer: Answer) -> str:
    names = unverified(day, answer.rule)
    return f" [unverified: {', '.join(names)}]" if names else ""


def _wait(answer: Answer, now: str) -> str:
    if answer.outcome != "waiting":
        return ""
    if answer.due_at is None:
        return " No date is set for it."
    return f" It was due at {answer.due_at}." if passed(answer.due_at, now) else f" It has until {answer.due_at}."


def _facts(answer: Answer) -> str:
    if not answer.positions:
        return ""
    return f" (fact{'s' if len(answer.positions) > 1 else ''} {', '.join(map(str, answer.positions))})"
