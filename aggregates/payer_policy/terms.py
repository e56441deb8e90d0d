"""A payer's rules and prices as values: what a policy document states. Names and shapes are the storage format.

Everything here is data. A field whose value no official source confirmed is named in `unverified`; a price of None is
unknown, never zero.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from aggregates.kit import value
from aggregates.values import (
    CareFocus,
    Cents,
    Code,
    Count,
    Date,
    LevelOfCare,
    Minutes,
    Modality,
    ServiceKind,
    UnitBasis,
)

LONGEST_LOOK_BACK = 31
"""The most days that terms look back for partial hospitalization, so that how long it is remembered has an end."""
Consequence = Literal["none", "warn", "hold"]
Form = Literal["837I", "837P"]
RateKind = Literal["contract", "published", "demo"]
Period = Literal["week", "month"]


@value
class PerDiem:
    """What one day of one level of care and focus is billed as, and what the payer pays for it.

    Of several for one level and focus the one holds whose `services_at_least` is the greatest that the day reaches
    (Medicare's three- and four-service days). `rate_cents` is the expected payment for a unit, not the charge.
    """

    level_of_care: LevelOfCare
    focus: CareFocus
    procedure_code: Code | None = None
    revenue_code: Code
    unit_basis: UnitBasis
    rate_cents: Cents | None = None
    rate_kind: RateKind | None = None
    services_at_least: Count = 0


@value
class ServicePrice:
    """A service that is billed as itself: on a day too short for its per diem, beside it, or as a line of the day.

    `short_day` is what may be billed instead of a per diem that the minimum took away; `carved_out` is billed whether
    or not the per diem is; `day_line` is a line of a day that is billed service by service (Medicare). A kind without
    any price is included in the per diem.
    """

    service_kind: ServiceKind
    procedure_code: Code
    use: Literal["short_day", "carved_out", "day_line"]
    revenue_code: Code
    minimum_minutes: Minutes = 0
    form: Form | None = None
    rate_cents: Cents | None = None
    rate_kind: RateKind | None = None


@value
class WeeklyTest:
    """What a week must hold: minutes and days, scheduled or attended; 0 asks for nothing.

    `partial_weeks` says what becomes of a week of admission, discharge or closure; with `excused_absences_count` a day
    from which the patient was excused counts as attended, with its scheduled minutes.
    """

    measure: Literal["none", "scheduled", "attended"]
    minutes: Annotated[int, Field(ge=0, le=10_080)]
    days: Annotated[int, Field(ge=0, le=7)]
    consequence: Consequence
    partial_weeks: Literal["not_judged", "judged"] = "not_judged"
    excused_absences_count: bool = False


@value
class ScheduleShape:
    """How the services offered to the patient must lie in a week, whatever the patient attended.

    `longest_gap_days` is the most consecutive days without an offered service (None: not tested).
    """

    days: Annotated[int, Field(ge=0, le=7)] = 0
    longest_gap_days: Annotated[int, Field(ge=0, le=6)] | None = None
    group_each_day: bool = False
    consequence: Consequence


@value
class TelehealthAllowance:
    """Services at a distance that count, by how and where, from a day through another (None: open)."""

    effective_from: Date
    effective_through: Date | None = None
    modalities: tuple[Modality, ...]
    places_of_service: tuple[Code, ...]


@value
class ModifierRule:
    """A modifier that a line carries; the rules of a policy are in the order in which its modifiers stand.

    The two about a hospital's department off campus hold for lines on the institutional form only.
    """

    modifier: Code
    when: Literal[
        "always", "group", "audio_video", "audio_only", "associate", "off_campus_excepted", "off_campus_not_excepted",
    ]


@value
class GroupMaximum:
    """The most patients that a service of one kind may have, such as a family session of several families."""

    service_kind: ServiceKind
    maximum: Count


@value
class Terms:
    """One payer's rules, all of them data. `unverified` names the fields whose value no official source confirmed.

    A claim is filed within `timely_filing_days`, or within so many months of the calendar (both None: whenever); what
    the payer answered is replaced or voided within `correction_window_days` of its answer, or so many months.
    Where `primary_services` are named, a day has the per diem of more than one service only if one of them has such a
    procedure code; else it has the least one (empty: not asked).
    A decision is contested under the provider's contract within `reconsideration_days` of its receipt, and what comes
    of that within `appeal_days` (None: the contract has no such level, or nobody read of it).
    `group_minimum` and `group_maximum` are of groups; another kind of service has a maximum where `group_maximums`
    names one (Connecticut: 24 of several families, 12 of any other group; empty: groups alone have one).
    A signature is in time within `signature_hours`, or within so many business days (both None: whenever; see
    `windows`). `note_sections` are the sections that the payer wants in a note beside the template's own.
    `partial_hospitalization_look_back_days` is how many days after partial hospitalization the payer returns a claim
    for intensive outpatient care (0: on the same day; None: not asked). `condition_codes` stand on the claim in this
    order (a UB-04 has room for eleven, FL18-28). `certified_by` are the titles of credentials, one of which whoever
    certifies holds on that day (empty: nothing is asked beside that the treating physician does). `late_recording` is
    what becomes of a day that only a certification or plan review bears which was recorded after it, and after the day
    that it tells of (None: nobody read what the payer makes of one).
    """

    per_diems: tuple[PerDiem, ...]
    services: tuple[ServicePrice, ...] = ()
    primary_services: tuple[Code, ...] = ()
    line_basis: Literal["per_diem", "service"] = "per_diem"
    minimum_minutes: Minutes
    minimum_sessions: Count
    session_minimum_minutes: Minutes = 0
    daily_visits_per_kind: Count | None = None
    counted_kinds: tuple[ServiceKind, ...]
    weekly: WeeklyTest
    schedule: ScheduleShape | None = None
    group_minimum: Count | None = None
    group_maximum: Count | None = None
    group_maximums: tuple[GroupMaximum, ...] = ()
    group_measure: Literal["distinct", "peak"] = "distinct"
    group_consequence: Literal["none", "warn", "minutes_do_not_count", "hold"] = "warn"
    note_basis: Literal["session", "day"] = "session"
    note_sections: tuple[Code, ...] = ()
    signature_hours: Annotated[int, Field(ge=0, le=8_760)] | None = None
    signature_business_days: Annotated[int, Field(ge=1, le=366)] | None = None
    late_signature: Literal["none", "warn", "hold", "attestation"] = "none"
    every_facilitator_signs: Consequence = "none"
    cosignature_required: bool
    credential_required: bool
    credentialing_required: bool = False
    authorization_required: bool
    authorization_after_days: Count = 0
    certification_days: Annotated[int, Field(ge=0, le=366)] | None = None
    certified_by: tuple[Code, ...] = ()
    plan_review_days: Annotated[int, Field(ge=0, le=366)] | None = None
    late_recording: Consequence | None = None
    duration_cap_weeks: Annotated[int, Field(ge=0, le=104)] | None = None
    partial_hospitalization_look_back_days: Annotated[int, Field(ge=0, le=LONGEST_LOOK_BACK)] | None = None
    telehealth: tuple[TelehealthAllowance, ...] | None = None
    modifiers: tuple[ModifierRule, ...] = ()
    condition_codes: Annotated[tuple[Code, ...], Field(max_length=11)] = ()
    claim_form: Form
    type_of_bill: Code | None = None
    billing_period: Period | None = None
    interim_claims: bool = False
    sequential_claims: bool = False
    timely_filing_days: Annotated[int, Field(ge=1, le=730)] | None = None
    timely_filing_months: Annotated[int, Field(ge=1, le=24)] | None = None
    correction_window_days: Annotated[int, Field(ge=1, le=730)] | None = None
    correction_window_months: Annotated[int, Field(ge=1, le=24)] | None = None
    reconsideration_days: Annotated[int, Field(ge=1, le=730)] | None = None
    appeal_days: Annotated[int, Field(ge=1, le=730)] | None = None
    unverified: tuple[Code, ...]
