"""Answers in words: the sentence that fits, with plurals, money, and times in the program's own zone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from string import Formatter
from typing import Any
from zoneinfo import ZoneInfo

from aggregates.values import moment
from projections.billing.day import Answer, Day, outcome_at
from projections.billing.reasons import REASONS, Reason
from projections.billing.standing import passed
from projections.billing.variants import AFTERWARDS, VARIANTS

PASSED = {
    "presence": "The patient attended {sessions:closed session}.",
    "presence, not held": "{sessions:session} of the day not held or closed for this patient: not counted.",
    "attendance": "Nothing attended so far.",
    "admission": "In care that day, at the level {level}.",
    "coverage": "Covered that day by a payer of rank {rank}.",
    "policy": "The payer's policy {policy} is in force.",
    "per_diem": "The policy has a per diem for this level of care.",
    "minutes": "{minutes:minute} counted; the payer asks for {minimum}.",
    "minutes, no minimum": "{minutes:minute} counted; the payer sets no daily minimum.",
    "minutes, so far": "{minutes:minute} counted so far; the payer asks for {minimum}.",
    "services, so far": "{sessions:service} counted so far; the payer asks for {minimum}.",
    "units, so far": "{minutes:minute} counted so far: no whole unit yet ({basis}).",
    "group_size, so far": "{head_count:patient} in a group that this payer limits to {maximum}: its "
    "{dropped_minutes:minute} do not count.",
    "services": "{sessions:service} counted; the payer asks for {minimum}.",
    "primary_service": "One of the day's services ({codes}) is on the payer's primary list, as a day of "
    "{needed:service} needs.",
    "note": "The author signed the note at {signed_at:time}.",
    "cosignature": "The note was cosigned at {cosigned_at:time}.",
    "credential": "The signer's credential was active on the day of service.",
    "week": "The week is in order: {minutes:{measure} minute} on {days:day}.",
    "week, not judged": "Not judged: {not_judged} (our convention, unverified; {verb} {minutes:minute} on {days:day}).",
    "week, not over": "The week is not over: {minutes} of {minimum_minutes:{measure} minute} on {days} of "
    "{minimum_days:day} so far; a week that falls short is a warning only.",
    "certification": "Certified through {through}.",
    "certification, from a later day": "Certified through {through}, on {certified_on}: that the first certification "
    "covers the days since admission is our convention, unverified.",
    "plan_review": "The plan of care is reviewed; the next review is due on {due_on}.",
    "recording": "The {paper} of {told_on} was recorded on {recorded_on}, {days:day} after that day ({because}).",
    "schedule": "The schedule is in order: services on {days:day} of the week, at most {gap:day} without one.",
    "schedule, not judged": "The schedule is not judged: {not_judged} (our convention, unverified).",
    "schedule, not over": "The week is not over: services offered on {days} of {minimum_days:day} so far.",
    "attestation": "The author attested the late signature.",
    "facilitators": "Each of the {facilitators} facilitators signed.",
    "payer_credentialing": "The payer has accepted whoever signed.",
    "authorization_of_short_day": "No authorization is asked for where a short day is billed as its services (our "
    "convention, unverified).",
    "authorization_free": "Day {served} under this payer; it wants an authorization only after {free}.",
    "authorization_unnamed": "The claim names no authorization, and the payer's answer asks for none; other days have "
    "the {units:unit} of the one that covers the day (our convention, unverified: nothing to correct).",
    "charge": "The program charges {charge_cents:money}.",
    "expected": "The payer is expected to allow {expected_cents:money}.",
    "patient_share": "The patient's share of that is {share_cents:money}, as the payer said of the benefits.",
    "diagnosis": "The principal diagnosis is {diagnosis}.",
    "filing": "The claim can be filed through {due_on}.",
    "filing, in months": "The claim can be filed through {due_on}, {months:calendar month} after the day of service.",
    "duration": "Week {weeks} in care (calendar weeks with a service: our convention, unverified); the payer's cap of "
    "{cap:week} is kept or reasoned.",
    "look_back": "No partial hospitalization under this payer within {look_back:day} before.",
    "payer_enrollment": "The program is enrolled with the payer.",
    "disclosure": "A consent lets the record go to the payer.",
    "disclosure, not over": "A consent lets the record go to the payer through {through}.",
    "disclosure, revoked since": "A consent let the record go to the payer until it was revoked at {revoked_at:time}; "
    "what was sent before stands (42 CFR 2.31).",
    "authorization": "Authorized: unit {unit} of {units}.",
    "claim": "On line {line} of claim {claim_id}, which is {claim_status}, for {charge_cents:money}.",
    "remittance": "The payer paid {paid_cents:money} of {charge_cents:money} (answered on {answered_on}); "
    "adjustments: {adjusted}.",
}


BY_NUMBER = {
    "certified_on": "from a later day", "revoked_at": "revoked since", "not_judged": "not judged",
    "months": "in months",
}  # fmt: skip
"""Which words an answer that passes has by a number that only some of a rule's answers have."""


def reason_of(answer: Answer, now: str) -> Reason | None:
    """What stands against the day at a moment, in the words that fit the answer; None when it passes."""
    if answer.code is None or outcome_at(answer, now) == "passed":
        return None
    if passed(answer.due_at, now) and answer.code in AFTERWARDS:
        return VARIANTS.get(f"{answer.code}, {outcome_at(answer, now)}, week over", AFTERWARDS[answer.code])
    return VARIANTS.get(_variant(answer), REASONS[answer.code])


def sentence(day: Day, answer: Answer, now: str) -> str:
    """An answer in words at a moment; one about a note says first which service and whose note."""
    reason = reason_of(answer, now)
    template = reason.sentence if reason else PASSED[_passed(answer)]
    words = _Words(day.time_zone)
    numbers = answer.numbers | {
        "adjusted": adjusted(day), "verb": "counted" if answer.numbers.get("measure") == "attended" else "scheduled",
    }
    text = words.vformat(template, (), numbers)
    if "released_by" in answer.numbers:
        text += f" Released by {answer.numbers['released_by']} ({answer.numbers['released_because']})."
    about = _about(answer, day.time_zone)
    return f"{about}: {text[0].lower()}{text[1:]}" if about else text


def recorded_late(day: Day, now: str) -> list[str]:
    """What the day rests on and was recorded after it, in words."""
    return [sentence(day, one, now) for one in day.answers if one.rule == "recording" and one.code is not None]


def adjusted(day: Day) -> str:
    """The payer's adjustments of a billed day: group code and CARC, RARC where given, and the money."""
    told = (f"{one.group}-{one.carc}{f' {one.rarc}' if one.rarc else ''} {dollars(one.cents)}" for one in day.adjusted)
    return ", ".join(told) or "none"


def dollars(cents: int) -> str:
    """Money as people write it."""
    sign = "-" if cents < 0 else ""
    return f"{sign}${abs(cents) // 100:,}.{abs(cents) % 100:02d}"


def local(instant: str, zone: str) -> str:
    """An instant by the wall clock of a zone, with the zone's abbreviation; seconds only where there are any."""
    there = moment(instant).astimezone(ZoneInfo(zone))
    return there.strftime("%Y-%m-%d %H:%M:%S %Z" if there.second else "%Y-%m-%d %H:%M %Z")


def _variant(answer: Answer) -> str:
    numbers = answer.numbers
    if answer.code == "weekly_minimum":
        return "weekly_minimum, week not over"
    if answer.code == "signature_late":
        window = ", in business days" if "business_days" in numbers else ""
        return f"signature_late, {answer.outcome}{' and reasoned' if 'late_reason' in numbers else ''}{window}"
    if answer.code == "schedule_shape":
        return f"schedule_shape, {' and '.join(name for name in ('gap', 'group') if f'{name}_tested' in numbers)}"
    told = {
        "instead": "services instead", "owed_cents": "owed", "episode": "the patient's", "public": "public coverage",
        "days_after": "certified late", "denied_on": "denied", "apart": "apart",
        "other_day": "another day", "elsewhere": "elsewhere", "untold": "untold",
    }  # fmt: skip
    for number in told.keys() & numbers.keys():
        return f"{answer.code}, {told[number]}"
    if "dropped_minutes" in numbers:
        decides = answer.code == "group_over_maximum" and answer.outcome == "not_billable"
        return f"{answer.code}, {'decides' if decides else 'minutes dropped'}"
    return f"{answer.code}, {answer.outcome}"


def _passed(answer: Answer) -> str:
    if answer.code is not None and f"{answer.rule}, not over" in PASSED:
        return f"{answer.rule}, not over"
    if answer.rule == "presence" and answer.code is not None:
        return "presence, not held"
    if answer.code is not None and f"{answer.rule}, so far" in PASSED:
        return f"{answer.rule}, so far"
    told = next((words for number, words in BY_NUMBER.items() if number in answer.numbers), None)
    if told is not None:
        return f"{answer.rule}, {told}"
    if answer.rule == "minutes" and answer.numbers.get("minimum") == 0:
        return "minutes, no minimum"
    return answer.rule


def _about(answer: Answer, zone: str) -> str:
    numbers = answer.numbers
    if "service" not in numbers:
        return ""
    service = str(numbers["service"]).replace("_", " ").capitalize()
    start = f" at {local(str(numbers['starts_at']), zone)}" if "starts_at" in numbers else ""
    document = f", {numbers['document']}" if "document" in numbers else ""
    author = f", author {numbers['author_id']}" if "author_id" in numbers else ""
    return f"{service}{start}{document}{author}"


class _Words(Formatter):
    """Fills a template: `{n:day}` is 1 day or 2 days, `{at:time}` a time in the zone, `{cents:money}` dollars."""

    def __init__(self, zone: str) -> None:
        self.zone = zone

    def get_value(self, key: int | str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        return kwargs.get(str(key), "?")

    def format_field(self, value: Any, format_spec: str) -> str:
        if value == "?" or not format_spec:
            return str(value)
        if format_spec == "time":
            return local(value, self.zone)
        if format_spec == "money":
            return dollars(value)
        return f"{value} {format_spec}{'' if value == 1 else 's'}"
