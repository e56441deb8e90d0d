"""The rows of this read model; the fields are the columns of `schema.sql`, in its order."""

from __future__ import annotations

from typing import Literal, NamedTuple

Direction = Literal["improved", "unchanged", "worsened"]
ChangeClass = Literal["recovered", "improved", "unchanged", "deteriorated"]
End = Literal["completed", "dropped_out", "other"]


class Measure(NamedTuple):
    """One administration that counts on one scale, judged by the thresholds of its day, which are kept with it.

    Of several near a month one speaks for it, of an occasion the last.
    """

    patient_id: str
    assessment_id: str
    scale: str
    program_id: str
    enrollment_id: str | None
    instrument: str
    instrument_version: str
    administered_on: str
    administered_at: str
    occasion: str
    respondent: str
    score: int | None
    band: str | None
    band_verified: bool | None
    band_raised: bool | None
    provisional_diagnosis: bool | None
    baseline_assessment_id: str | None
    baseline_score: int | None
    change: int | None
    direction: Direction | None
    reliable: bool | None
    change_class: ChangeClass | None
    important: bool | None
    response: bool | None
    remission: bool | None
    end_state: bool | None
    days_since_baseline: int | None
    months_since_baseline: int | None
    speaks_for_month: bool
    speaks_for_occasion: bool
    missing_items: list[int]
    safety_item_score: int | None
    corrected: bool
    higher_is_better: bool | None
    thresholds_from: str | None
    reliable_change: int | None
    standard_deviation: float | None
    reliability: float | None
    reliable_change_dated: str | None
    minimal_important_difference: int | None
    cut: int | None
    response_share: float | None
    remission_limit: int | None
    end_state_limit: int | None
    threshold_source: str | None
    recorded_at: str
    positions: list[int]


class Trend(NamedTuple):
    """One episode's course on one scale of one version of one instrument."""

    patient_id: str
    program_id: str
    enrollment_id: str | None
    instrument: str
    instrument_version: str
    scale: str
    measures: int
    baseline_on: str
    baseline_score: int
    last_on: str
    last_score: int
    change: int | None
    direction: Direction | None
    change_class: ChangeClass | None


class EpisodeRow(NamedTuple):
    """One episode of care; the last fields before its facts are what cohorts are made of."""

    patient_id: str
    enrollment_id: str
    program_id: str
    referred_on: str
    admitted_on: str | None
    level_of_care: str | None
    focus: str | None
    discharged_on: str | None
    discharge_reason: str | None
    admitted_level: str | None
    payer_id: str | None
    diagnosis: str | None
    ended: End | None
    positions: list[int]


class Attended(NamedTuple):
    """What an episode's closed sessions had planned for the patient, and what of it the patient attended."""

    patient_id: str
    enrollment_id: str
    sessions: int
    planned_days: int
    attended_days: int
    planned_minutes: int
    attended_minutes: int
