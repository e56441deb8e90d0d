"""What outcomes answer with. Scores are whole points of the instrument; means and deviations are of those points."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from projections.outcomes.rows import ChangeClass, Direction


class View(BaseModel):
    """An answer is not changed after it was given."""

    model_config = ConfigDict(frozen=True)


class ThresholdsView(View):
    """What a result was judged by, kept with it; none: not established."""

    higher_is_better: bool | None = Field(description="Whether a higher score is better.")
    thresholds_from: date | None = Field(description="Since when these are in force; none: since ever.")
    reliable_change: int | None = Field(description="Points from which a change is more than chance.")
    standard_deviation: float | None = Field(description="The deviation that it was computed from; none: as published.")
    reliability: float | None = Field(description="The reliability that it was computed from.")
    reliable_change_dated: str | None = Field(description="The year of its source, where known.")
    minimal_important_difference: int | None = Field(description="Points that matter to patients.")
    cut: int | None = Field(description="The score that parts ill from well; a case at it and on its worse side.")
    response_share: float | None = Field(description="The share of the baseline that must go for a response.")
    remission_limit: int | None = Field(description="Remission is on the better side of this score.")
    end_state_limit: int | None = Field(description="A good end state is this score or better.")
    threshold_source: str | None = Field(description="Where each number comes from; marked where that is unverified.")


class MeasureView(View):
    """One administration that counts, judged against the baseline of its course."""

    assessment_id: str = Field(description="The administration.")
    administered_on: date = Field(description="The day it was taken.")
    occasion: str = Field(description="baseline, routine, discharge or follow_up.")
    respondent: str = Field(description="Who answered: patient, guardian or clinician.")
    score: int | None = Field(description="The score; none for a triage, or if this version is not known here.")
    band: str | None = Field(description="The severity band of the score, or the level of a triage.")
    band_verified: bool | None = Field(description="Whether an official source confirmed the band.")
    band_raised: bool | None = Field(description="Whether single answers moved it one up, as the instrument says.")
    provisional_diagnosis: bool | None = Field(description="Whether the answers meet it; a clinician confirms it.")
    change: int | None = Field(description="Score minus baseline score; none for the baseline and what came before.")
    direction: Direction | None = Field(description="Which way the change points, read as better or worse.")
    reliable: bool | None = Field(description="Whether it is more than chance; none without an established threshold.")
    change_class: ChangeClass | None = Field(
        description="Jacobson's class; none without an established threshold. Recovered: reliably better and across "
        "the cut, so never of a baseline that was not a case."
    )
    important: bool | None = Field(description="Whether the improvement reaches the minimal important difference.")
    response: bool | None = Field(description="Whether the instrument's share of the baseline is gone.")
    remission: bool | None = Field(description="Whether the score came under the limit of remission.")
    end_state: bool | None = Field(description="Whether the score is one of a good end state.")
    days_since_baseline: int | None = Field(description="Days from the baseline; below zero before it.")
    months_since_baseline: int | None = Field(description="The nearest whole month from the baseline.")
    missing_items: tuple[int, ...] = Field(description="Numbers of the items left out, as the instrument allows.")
    safety_item_score: int | None = Field(description="The answer to the instrument's safety item.")
    corrected: bool = Field(description="Whether the answers were corrected; the audit trail keeps the earlier ones.")
    recorded_at: str = Field(description="When this state of it was known, UTC.")
    positions: tuple[int, ...] = Field(description="The facts that it rests on.")
    thresholds: ThresholdsView = Field(description="What it was judged by: those of the day it was taken.")


class SlopeView(View):
    """A straight line through the scores of a course by least squares."""

    per_week: float = Field(description="Points a week.")
    low: float = Field(description="Lower end of the 95 % interval, by the t distribution.")
    high: float = Field(description="Upper end of the 95 % interval.")
    n: int = Field(description="Measures that it rests on.")


class TrendView(View):
    """One patient's course on one scale of one version of one instrument in one episode."""

    patient_id: str = Field(description="Whose course.")
    program_id: str = Field(description="Where.")
    enrollment_id: str | None = Field(description="The episode; none for measures outside any.")
    instrument: str = Field(description="The instrument.")
    instrument_version: str = Field(description="Its version; versions are never mixed.")
    scale: str = Field(description="total, a subscale, or triage, which has levels (as bands) and no score.")
    baseline_score: int | None = Field(description="The score that changes are counted from.")
    last_on: date = Field(description="The day of the last measure.")
    weeks_since_last: float = Field(description="Weeks since then, in the program's zone, to a tenth.")
    last_score: int | None = Field(description="Its score.")
    change_class: ChangeClass | None = Field(description="Its class.")
    slope: SlopeView | None = Field(
        description="From the baseline on, without follow-up after the discharge; none under three such measures."
    )
    measures: tuple[MeasureView, ...] = Field(description="In order of time.")


class ExpectedPointView(View):
    """What earlier episodes came to in one month of their course."""

    month: int = Field(description="Months since baseline, the nearest whole one.")
    n: int = Field(description="Earlier episodes with a measure in this month.")
    mean: float | None = Field(description="Mean score of the n; none where they are too few.")
    low: float | None = Field(description="Lower end of the 95 % interval of the mean.")
    high: float | None = Field(description="Upper end of it.")
    standard_deviation: float | None = Field(description="Sample standard deviation of the n scores.")


class ExpectedView(View):
    """The course to expect: that of this program's own episodes that had ended before the patient's began."""

    program_id: str = Field(description="Where.")
    enrollment_id: str = Field(description="The patient's episode.")
    began_on: date = Field(description="When it began: the admission, or the referral where there was none.")
    instrument: str = Field(description="The instrument.")
    instrument_version: str = Field(description="Its version; versions are never mixed.")
    scale: str = Field(description="The scale.")
    episodes: int = Field(description="Earlier episodes with a baseline.")
    not_shown: str | None = Field(description="Why there is no expected course; none: there is one.")
    points: tuple[ExpectedPointView, ...] = Field(description="Month by month, as far as there are enough episodes.")


class PointView(View):
    """All episodes of a cohort at one point of their course. n + missing + not_yet_due = cohort."""

    point: str = Field(description='Months since baseline ("0", "2", …) or an occasion.')
    n: int = Field(description="Episodes with a measure at this point.")
    missing: int = Field(description="Episodes without one although the point has passed: drop-out, never zero.")
    not_yet_due: int = Field(description="Episodes that have not come to this point.")
    mean: float | None = Field(description="Mean score of the n.")
    standard_deviation: float | None = Field(description="Sample standard deviation of the n scores.")
    mean_change: float | None = Field(description="Mean change of the n since their own baselines.")


class CourseView(View):
    """A cohort's course on one scale of one version of one instrument."""

    instrument: str = Field(description="The instrument.")
    instrument_version: str = Field(description="Its version; versions are never mixed.")
    scale: str = Field(description="The scale.")
    by: Literal["month", "occasion"] = Field(description="What the points are.")
    cohort: int = Field(description="Episodes with a baseline.")
    points: tuple[PointView, ...] = Field(description="The points at which anybody has a measure.")


class ProgramView(View):
    """One program's results on one scale of one version of one instrument.

    Shares are of those measured again and judged; recovered and improved are two classes.
    """

    program_id: str = Field(description="The program.")
    instrument: str = Field(description="The instrument.")
    instrument_version: str | None = Field(description="Its version, never mixed; none where it was never used.")
    scale: str = Field(description="The scale.")
    episodes: int = Field(description="Episodes with a baseline.")
    measured_again: int = Field(description="Of these, episodes with a later measure.")
    baseline_mean: float | None = Field(description="Mean baseline of all episodes.")
    baseline_mean_of_measured_again: float | None = Field(description="The same of those measured again only.")
    last_mean: float | None = Field(description="Mean last score of those measured again.")
    mean_change: float | None = Field(description="Mean of last score minus baseline, of those measured again.")
    recovered: int = Field(description="Episodes with a reliable improvement across the cut.")
    improved: int = Field(description="Episodes with a reliable improvement that did not cross it.")
    unchanged: int = Field(description="Episodes with no reliable change.")
    deteriorated: int = Field(description="Episodes with a reliable deterioration.")
    not_judged: int = Field(description="Measured again on an instrument without an established threshold.")
    open_episodes: int = Field(description="Episodes open today, measured or not.")
    measured_lately: int = Field(description="Of these, episodes with a measure in the last `coverage_days` days.")
    coverage_days: int = Field(description="What lately means.")
    share_recovered: float | None = Field(description="Share recovered, of those judged; none if nobody was.")
    share_improved: float | None = Field(description="Share improved, of those judged.")
    share_unchanged: float | None = Field(description="Share without reliable change, of those judged.")
    share_deteriorated: float | None = Field(description="Share deteriorated, of those judged.")
    coverage: float | None = Field(description="Share of open episodes that were measured lately; none without one.")
