"""Reasons of which an answer says more than its code, and what is left of a reason once its wait is over."""

from __future__ import annotations

from dataclasses import replace

from projections.billing.reasons import REASONS, Reason

AFTERWARDS: dict[str, Reason] = {
    "weekly_minimum": replace(
        REASONS["weekly_minimum"],
        owner="biller",
        next_step="The week is over and cannot be made up: have a director release its days with a cause, or write "
        "them off.",
    ),
}
"""A reason once its wait is over, where that changes who can do what."""

_ASK_DIRECTOR = "Ask the director to release the day with the cause of the delay, or to write it off."
_UNTOLD = " The payer's terms say nothing of such a recording: that it is a warning only is our convention, unverified."
_OFFERED = REASONS["schedule_shape"].sentence.removesuffix(".")
_GAP = ", at most {gap:day} without one where the payer takes {longest_gap}"
_GROUP = ", {ungrouped:day} without a group"
_ELSEWHERE = "Whoever may read the patient's days of the whole organization finds it among them."

VARIANTS: dict[str, Reason] = {
    "schedule_shape, gap": replace(REASONS["schedule_shape"], sentence=f"{_OFFERED}{_GAP}."),
    "schedule_shape, group": replace(REASONS["schedule_shape"], sentence=f"{_OFFERED}{_GROUP}."),
    "schedule_shape, gap and group": replace(REASONS["schedule_shape"], sentence=f"{_OFFERED}{_GAP}{_GROUP}."),
    "below_minimum_minutes, services instead": Reason(
        "{minutes} of {minimum:minute}: below the payer's minimum for a day, so that it is billed as its services "
        "({instead}) instead.",
        "biller",
        "Nothing to do; correct the attendance if it is wrong.",
    ),
    "below_minimum_sessions, services instead": Reason(
        "{sessions} of {minimum:service}: below the payer's minimum for a day, so that it is billed as its services "
        "({instead}) instead.",
        "biller",
        "Nothing to do; correct the attendance if it is wrong.",
    ),
    "group_under_minimum, minutes dropped": Reason(
        "{head_count:patient} in a group that this payer wants to have at least {minimum}: its {dropped_minutes:minute}"
        " do not count.",
        "supervisor",
        "Correct the head-count if it is wrong; otherwise bring groups together.",
    ),
    "group_under_minimum, apart": replace(
        REASONS["group_under_minimum"],
        sentence="{head_count:patient} in a group that this payer wants to have at least {minimum}: it is not billed "
        "apart from the per diem.",
    ),
    "group_over_maximum, apart": replace(
        REASONS["group_over_maximum"],
        sentence="{head_count:patient} in a group that this payer limits to {maximum}: it is not billed apart from the "
        "per diem.",
    ),
    "overlap, another day": replace(
        REASONS["overlap"],
        sentence="A session of the day overlaps one of {other_day}: each day counts the minutes that they share.",
    ),
    "overlap, elsewhere": replace(
        REASONS["overlap"],
        sentence="A session of the day overlaps another service of the organization.",
        next_step=f"Correct the attendance if it is wrong. {_ELSEWHERE}",
    ),
    "second_program_same_day, elsewhere": replace(
        REASONS["second_program_same_day"],
        sentence="One per diem a day to this payer: another service of the organization on this day goes first (that "
        "the longer day does is our convention, unverified).",
        next_step=f"Nothing to bill as long as that stands. {_ELSEWHERE}",
    ),
    "included_in_per_diem, elsewhere": replace(
        REASONS["included_in_per_diem"],
        sentence="Another service of the organization on this day has this payer's per diem, which includes {codes}.",
        next_step=f"Nothing to bill as long as that stands. {_ELSEWHERE}",
    ),
    "billed_by_other_program, elsewhere": replace(
        REASONS["billed_by_other_program"],
        sentence="Another service of the organization on this day is billed to this payer already.",
        next_step="If that claim is wrong, it is put right first and this day prepared then; otherwise write this day "
        f"off. {_ELSEWHERE}",
    ),
    "partial_hospitalization_before, elsewhere": replace(
        REASONS["partial_hospitalization_before"],
        sentence="Another service of the organization lies within {look_back:day} before this one, and is of a kind "
        "after which this payer returns a claim for intensive outpatient care.",
        next_step=f"Ask the payer how to bill these days. {_ELSEWHERE}",
    ),
    "disclosure_restricted, owed": replace(
        REASONS["disclosure_restricted"],
        sentence="The patient pays in full ({owed_cents:money}) and forbade telling this payer (45 CFR 164.522(a)).",
    ),
    "second_program_same_day, the patient's": Reason(
        "The patient pays a program for a day once: another episode's day, {episode}, has {minutes:minute} and goes "
        "first (that the longer day does is our convention, unverified).",
        "biller",
        "Nothing to charge as long as the other episode's day stands.",
    ),
    "correction_not_accepted, denied": replace(
        REASONS["correction_not_accepted"],
        sentence="Claim {other} takes back what was billed for this day, and the payer's answer of {denied_on} denies "
        "that: the earlier claim still stands there.",
        next_step="Ask the payer: record the rejection of that claim, which gives the day back to the earlier one, or "
        "its acceptance (portal); a reversal of the earlier answer accepts it too.",
    ),
    "self_pay, public coverage": Reason(
        "The day is covered by {public}, whose patients are not to be charged for what it covers instead of it (42 CFR "
        "447.15 for Medicaid, section 1848(g)(4) of the Social Security Act for Medicare: unverified).",
        "biller",
        "Look whether the agreement is meant to hold here; if not, end it and bill the payer.",
    ),
    "certification_missing, certified late": Reason(
        "The first certification that the payer accepts is of {certified_on}, {days_after:day} after this day and so "
        "beyond its interval of {interval:day}: how far back it reaches is our convention, unverified.",
        "clinician",
        "Look for an earlier certification and record it; else be ready to show why it came so late.",
    ),
    "weekly_minimum, week not over": replace(
        REASONS["weekly_minimum"], next_step="Offer a make-up session, or document why less was given."
    ),
    "weekly_minimum, warning, week over": replace(
        AFTERWARDS["weekly_minimum"],
        next_step="Nothing is held for it; be ready to show the payer why less was given.",
    ),
    "signature_late, held": replace(
        REASONS["signature_late"],
        next_step="Have the author amend the note with why it was late, then ask the director to release it or write "
        "it off.",
    ),
    "signature_late, held and reasoned": replace(
        REASONS["signature_late"], next_step="Ask the director to release it or write it off; the reason is recorded."
    ),
    "signature_late, warning": replace(
        REASONS["signature_late"],
        next_step="Have the author amend the note with why it was late; attach that when the payer asks.",
    ),
    "signature_late, warning and reasoned": replace(
        REASONS["signature_late"], next_step="The reason is recorded; attach it when the payer asks."
    ),
    "certification_recorded_late, held": replace(
        REASONS["certification_recorded_late"], next_step=_ASK_DIRECTOR,
    ),
    "plan_review_recorded_late, held": replace(REASONS["plan_review_recorded_late"], next_step=_ASK_DIRECTOR),
    **{
        f"{code}, untold": replace(REASONS[code], sentence=REASONS[code].sentence + _UNTOLD)
        for code in ("certification_recorded_late", "plan_review_recorded_late")
    },
    "group_over_maximum, minutes dropped": replace(
        REASONS["group_over_maximum"],
        sentence="{head_count:patient} in a group that this payer limits to {maximum}: its {dropped_minutes:minute} do "
        "not count.",
    ),
    "group_over_maximum, decides": replace(
        REASONS["group_over_maximum"],
        sentence="{head_count:patient} in a group that this payer limits to {maximum}: its {dropped_minutes:minute} do "
        "not count, and without them the day is below the payer's minimum.",
    ),
}
VARIANTS |= {
    f"{name}, in business days": replace(
        reason, sentence=reason.sentence.replace("{hours:hour}", "{business_days:business day}")
    )
    for name, reason in VARIANTS.items() if name.startswith("signature_late, ")
}
"""Reasons of which an answer says more than its code; `words` chooses."""
