"""Whether a payer's terms make sense in themselves, whoever's they are: each refusal names the field and says why."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import fields

from aggregates.days import must_run_forwards
from aggregates.kit import Refusal
from aggregates.payer_policy.terms import (
    GroupMaximum,
    ModifierRule,
    PerDiem,
    ScheduleShape,
    ServicePrice,
    TelehealthAllowance,
    Terms,
    WeeklyTest,
)

REVENUE_CODE = re.compile(r"0[1-9]\d{2}|210\d|310\d")
"""What a line of an outpatient service can have: 0100 to 0999, alternative therapies and adult day care; 0001 is the
total of a paper form, and other series are of other bills or undefined. General knowledge, verified with no source."""
PROCEDURE_CODE = re.compile(r"[A-Z0-9]\d{3}[A-Z0-9]")
MODIFIER = re.compile(r"[A-Z0-9]{2}")
TYPE_OF_BILL = re.compile(r"0[1-9][1-9][0-9]")
MOST_SERVICES, MOST_MODIFIERS = 24, 4


class FieldUnknown(Refusal):
    """Terms have no field {field}; name one of their fields, or a part of one such as weekly.minutes."""


class PerDiemTwice(Refusal):
    """{level_of_care} for {focus} has more than one price for a day of {services_at_least} services; keep one."""


class ServicePriceTwice(Refusal):
    """{procedure_code} for {service_kind} has more than one price of the use {use}; keep one."""


class NothingCounts(Refusal):
    """No kind of service counts toward a day, so no day could be billed; name at least one."""


class WeekCannotHold(Refusal):
    """The week asks for {minutes} minutes on {days} days and measures {measure}; measure what is scheduled or attended,
    and ask for no more minutes than these days have."""


class RateWithoutKind(Refusal):
    """A rate says whether it is contract, published or demo, and a kind comes with a rate; complete {revenue_code}."""


class GroupLimitsCross(Refusal):
    """A group of at least {minimum} and at most {maximum} cannot be; correct group_minimum or group_maximum."""


class GroupMaximumTwice(Refusal):
    """{service_kind} has more than one maximum in group_maximum and group_maximums; keep one."""


class TwoFilingWindows(Refusal):
    """A claim is filed within {days} days or within {months} calendar months, not both; keep the payer's own words."""


class TwoCorrectionWindows(Refusal):
    """A claim is corrected within {days} days or within {months} calendar months of its answer, not both; keep the
    payer's own words."""


class TwoSignatureWindows(Refusal):
    """A signature is due within {hours} hours or within {days} business days, not both; keep the payer's own words."""


class TitleTwice(Refusal):
    """Title {title} stands twice among those of whom may certify; keep one."""


class CertifierUnasked(Refusal):
    """certified_by says who certifies, and certification_days asks for no certification; give both or neither."""


class LateRecordingUnasked(Refusal):
    """late_recording is about certifications and plan reviews, and none of certification_days, plan_review_days and
    duration_cap_weeks asks for one; give one of them, or leave late_recording out."""


class SectionTwice(Refusal):
    """Section {section} stands twice among those that a note must have; keep one."""


class LinesWithoutPrices(Refusal):
    """Days are billed service by service, but no service has a price of the use day_line; add one or bill per_diem."""


class PrimaryServicesUnpriced(Refusal):
    """None of the codes in primary_services has a price of the use day_line, so that no day could reach the per diem of
    several services; price one of them or leave the list out."""


class CodeMisshapen(Refusal):
    """{field} cannot be {code}: {shape}; compare it with the payer's document."""


class ModifierTwice(Refusal):
    """Modifier {modifier} stands twice for the same services; keep one."""


class ConditionCodeTwice(Refusal):
    """Condition code {code} stands twice; keep one."""


class ConditionCodeOfAnotherLevel(Refusal):
    """Condition code {code} says {told}, and these terms price days of {level} too, whose claims would say so; leave
    those days or the code out."""


class TypeOfBillMissing(Refusal):
    """What goes on an 837I needs a type of bill, such as 0131; add type_of_bill."""


class TypeOfBillUnused(Refusal):
    """Nothing goes on an 837I, and an 837P has no type of bill; leave type_of_bill out or correct claim_form."""


class StayUntold(Refusal):
    """An 837P tells nothing of a stay, so that its claims are neither interim nor in sequence; leave interim_claims and
    sequential_claims out or correct claim_form."""


class ProcedureCodeMissing(Refusal):
    """A line of an 837P has a procedure code, and the per diem of revenue code {revenue_code} has none; add it."""


class SessionLongerThanDay(Refusal):
    """A session of at least {session} minutes is more than a day of at least {day}; correct session_minimum_minutes or
    minimum_minutes."""


class TooManyServices(Refusal):
    """No day has {services} services; correct services_at_least, which may be 24 at most."""


class NoSignatureWindow(Refusal):
    """A signature is late after signature_hours or signature_business_days, neither is given, and late_signature is
    {consequence}; give the window, or leave late_signature out."""


class TooManyModifiers(Refusal):
    """A line holds four modifiers, and {count} of these rules can meet on one; leave some out."""


LEVEL_TOLD = {"92": "intensive_outpatient", "41": "partial_hospitalization"}
"""Condition codes that tell the level of care of a whole claim, and so of every day that terms price (CMS: 92 on every
intensive outpatient claim, 41 on those of partial hospitalization)."""
_PARTS: dict[str, type] = {
    "per_diems": PerDiem, "services": ServicePrice, "weekly": WeeklyTest, "schedule": ScheduleShape,
    "telehealth": TelehealthAllowance, "modifiers": ModifierRule, "group_maximums": GroupMaximum,
}  # fmt: skip
FIELDS: frozenset[str] = frozenset(one.name for one in fields(Terms)) - {"unverified"}
PARTS: frozenset[str] = frozenset(f"{whole}.{one.name}" for whole, part in _PARTS.items() for one in fields(part))


def must_make_sense(terms: Terms) -> None:
    """Raises the refusal of the first rule that terms break in themselves."""
    fields_must_exist(terms.unverified)
    if not terms.counted_kinds:
        raise NothingCounts
    _prices_must_be_one(terms)
    _codes_must_have_their_shape(terms)
    _week_must_hold(terms.weekly)
    _groups_must_hold(terms)
    _windows_must_be_one(terms)
    _forms_must_fit(terms)
    _days_must_be_possible(terms)
    _documents_must_fit(terms)
    for allowance in terms.telehealth or ():
        must_run_forwards(allowance.effective_from, allowance.effective_through)


def _groups_must_hold(terms: Terms) -> None:
    if (terms.group_minimum or 0) > (terms.group_maximum if terms.group_maximum is not None else 1_000):
        raise GroupLimitsCross(minimum=terms.group_minimum, maximum=terms.group_maximum)
    kinds = Counter(one.service_kind for one in terms.group_maximums)
    kinds["group"] += terms.group_maximum is not None
    for kind, times in kinds.items():
        if times > 1:
            raise GroupMaximumTwice(service_kind=kind)


def _windows_must_be_one(terms: Terms) -> None:
    """In days or in months."""
    if terms.timely_filing_days is not None and terms.timely_filing_months is not None:
        raise TwoFilingWindows(days=terms.timely_filing_days, months=terms.timely_filing_months)
    if terms.correction_window_days is not None and terms.correction_window_months is not None:
        raise TwoCorrectionWindows(days=terms.correction_window_days, months=terms.correction_window_months)


def _documents_must_fit(terms: Terms) -> None:
    """One window for a signature, each section and title once, and nothing said of papers that nobody asks for."""
    if terms.signature_hours is not None and terms.signature_business_days is not None:
        raise TwoSignatureWindows(hours=terms.signature_hours, days=terms.signature_business_days)
    for title, times in Counter(terms.certified_by).items():
        if times > 1:
            raise TitleTwice(title=title)
    if terms.certified_by and terms.certification_days is None:
        raise CertifierUnasked
    asked = (terms.certification_days, terms.plan_review_days, terms.duration_cap_weeks)
    if terms.late_recording is not None and all(one is None for one in asked):
        raise LateRecordingUnasked
    for section, times in Counter(terms.note_sections).items():
        if times > 1:
            raise SectionTwice(section=section)


def fields_must_exist(names: Iterable[str]) -> None:
    """Raises FieldUnknown for the first name that is no field of terms, nor a part of one."""
    for name in names:
        if name not in FIELDS | PARTS:
            raise FieldUnknown(field=name)


def _prices_must_be_one(terms: Terms) -> None:
    days = Counter((one.level_of_care, one.focus, one.services_at_least) for one in terms.per_diems)
    for (level_of_care, focus, services), times in days.items():
        if times > 1:
            raise PerDiemTwice(level_of_care=level_of_care, focus=focus, services_at_least=services)
    priced = Counter((one.service_kind, one.procedure_code, one.use) for one in terms.services)
    for (kind, code, use), times in priced.items():
        if times > 1:
            raise ServicePriceTwice(service_kind=kind, procedure_code=code, use=use)
    prices: tuple[PerDiem | ServicePrice, ...] = (*terms.per_diems, *terms.services)
    for one in prices:
        if (one.rate_cents is None) != (one.rate_kind is None):
            raise RateWithoutKind(revenue_code=one.revenue_code)
    if terms.line_basis == "service" and not any(one.use == "day_line" for one in terms.services):
        raise LinesWithoutPrices
    lines = {one.procedure_code for one in terms.services if one.use == "day_line"}
    if terms.primary_services and lines.isdisjoint(terms.primary_services):
        raise PrimaryServicesUnpriced


def _codes_must_have_their_shape(terms: Terms) -> None:
    """The shapes that claim forms have room for; whether a code exists the payer's document says."""
    prices: tuple[PerDiem | ServicePrice, ...] = (*terms.per_diems, *terms.services)
    for one in prices:
        _must_match(REVENUE_CODE, "revenue_code", one.revenue_code, "a line has 0100 to 0999, 210x or 310x")
        _must_match(PROCEDURE_CODE, "procedure_code", one.procedure_code, "five characters such as S9480 or 90853")
    for code in terms.primary_services:
        _must_match(PROCEDURE_CODE, "primary_services", code, "five characters such as 90837")
    for rule, times in Counter(terms.modifiers).items():
        _must_match(MODIFIER, "modifier", rule.modifier, "two characters")
        if times > 1:
            raise ModifierTwice(modifier=rule.modifier)
    for code, times in Counter(terms.condition_codes).items():
        _must_match(MODIFIER, "condition_codes", code, "two characters")
        if times > 1:
            raise ConditionCodeTwice(code=code)
        told = LEVEL_TOLD.get(code)
        other = next((one.level_of_care for one in terms.per_diems if one.level_of_care != told), None)
        if told is not None and other is not None:
            raise ConditionCodeOfAnotherLevel(
                code=code, told=told.replace("_", " "), level=other.replace("_", " ")
            )
    _must_match(TYPE_OF_BILL, "type_of_bill", terms.type_of_bill, "four characters that begin with 0, such as 0131")


def _forms_must_fit(terms: Terms) -> None:
    """What a claim file would refuse of its form is refused of the terms."""
    forms = {terms.claim_form, *(one.form for one in terms.services if one.form)}
    if "837I" in forms and terms.type_of_bill is None:
        raise TypeOfBillMissing
    if "837I" not in forms and terms.type_of_bill is not None:
        raise TypeOfBillUnused
    if "837I" not in forms and (terms.interim_claims or terms.sequential_claims):
        raise StayUntold
    for one in terms.per_diems if terms.claim_form == "837P" and terms.line_basis == "per_diem" else ():
        if one.procedure_code is None:
            raise ProcedureCodeMissing(revenue_code=one.revenue_code)
    held = Counter(_MEETING.get(one.when, one.when) for one in terms.modifiers)
    together = held["always"] + sum(1 for when in held if when != "always")
    if together > MOST_MODIFIERS:
        raise TooManyModifiers(count=together)


_MEETING = {
    "audio_video": "audio", "audio_only": "audio", "off_campus_excepted": "campus", "off_campus_not_excepted": "campus",
}
"""Rules of which one line meets at most one."""


def _days_must_be_possible(terms: Terms) -> None:
    if 0 < terms.minimum_minutes < terms.session_minimum_minutes:
        raise SessionLongerThanDay(session=terms.session_minimum_minutes, day=terms.minimum_minutes)
    most = max((one.services_at_least for one in terms.per_diems), default=0)
    if most > MOST_SERVICES:
        raise TooManyServices(services=most)
    windows = (terms.signature_hours, terms.signature_business_days)
    if terms.late_signature != "none" and windows == (None, None):
        raise NoSignatureWindow(consequence=terms.late_signature)


def _must_match(shape: re.Pattern[str], field: str, code: str | None, told: str) -> None:
    if code is not None and not shape.fullmatch(code):
        raise CodeMisshapen(field=field, code=code, shape=told)


def _week_must_hold(weekly: WeeklyTest) -> None:
    measures_nothing = weekly.measure == "none" and (weekly.minutes > 0 or weekly.days > 0)
    if measures_nothing or weekly.minutes > 1440 * (weekly.days or 7):
        raise WeekCannotHold(minutes=weekly.minutes, days=weekly.days, measure=weekly.measure)
