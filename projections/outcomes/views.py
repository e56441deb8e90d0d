"""What outcomes answer with. Scores are whole points of the instrument; means and deviations are of those points."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from projections.outcomes.rows import ChangeClass, Direction, FlagKind


class View(BaseModel):
    """An answer is not changed after it was given."""

    model_config = ConfigDict(frozen=True)


class MeasureView(View):
    """One administration that counts, judged against the baseline of its course."""

    assessment_id: str = Field(description="The administration.")
    administered_on: date = Field(description="The day it was taken.")
    occasion: str = Field(description="baseline, routine, discharge or follow_up.")
    respondent: str = Field(description="Who answered: patient, guardian or clinician.")
    score: int | None = Field(description="The score; none if this version of the instrument is not known here.")
    band: str | None = Field(description="The severity band of the score.")
    band_verified: bool | None = Field(description="Whether an official source confirmed the band.")
    change: int | None = Field(description="Score minus baseline score; none for the baseline and what came before.")
    direction: Direction | None = Field(description="Which way the change points, read as better or worse.")
    reliable: bool | None = Field(description="Whether it is more than chance; none without an established threshold.")
    change_class: ChangeClass | None = Field(description="What a reliable change, or the lack of one, is called.")
    important: bool | None = Field(description="Whether the improvement reaches the minimal important difference.")
    response: bool | None = Field(description="Whether the instrument's share of the baseline is gone.")
    remission: bool | None = Field(description="Whether the score came under the limit of remission.")
    recovered: bool | None = Field(description="Reliably improved across the cut; none if not a case at baseline.")
    days_since_baseline: int | None = Field(description="Days from the baseline; below zero before it.")
    months_since_baseline: int | None = Field(description="The nearest whole month from the baseline.")
    missing_items: tuple[int, ...] = Field(description="Numbers of the items left out, as the instrument allows.")
    safety_item_score: int | None = Field(description="The answer to the instrument's safety item.")
    corrected: bool = Field(description="Whether the answers were corrected; the audit trail keeps the earlier ones.")
    recorded_at: str = Field(description="When this state of it was known, UTC.")
    positions: tuple[int, ...] = Field(description="The facts that it rests on.")


class ThresholdsView(View):
    """What the course was judged by, kept with its results; none: not established."""

    higher_is_better: bool | None = Field(description="Whether a higher score is better.")
    reliable_change: int | None = Field(description="Points from which a change is more than chance.")
    minimal_important_difference: int | None = Field(description="Points that matter to patients.")
    cut: int | None = Field(description="The score that parts ill from well.")
    source: str | None = Field(description="Where the numbers come from.")


class TrendView(View):
    """One patient's course on one version of one instrument in one episode."""

    patient_id: str = Field(description="Whose course.")
    program_id: str = Field(description="Where.")
    enrollment_id: str | None = Field(description="The episode; none for measures outside any.")
    instrument: str = Field(description="The instrument.")
    instrument_version: str = Field(description="Its version; versions are never mixed.")
    baseline_score: int | None = Field(description="The score that changes are counted from.")
    thresholds: ThresholdsView = Field(description="What the measures were judged by.")
    measures: tuple[MeasureView, ...] = Field(description="In order of time.")


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
    """A cohort's course on one version of one instrument."""

    instrument: str = Field(description="The instrument.")
    instrument_version: str = Field(description="Its version; versions are never mixed.")
    by: Literal["month", "occasion"] = Field(description="What the points are.")
    cohort: int = Field(description="Episodes with a baseline.")
    points: tuple[PointView, ...] = Field(description="The points at which anybody has a measure.")


class ProgramView(View):
    """One program's results on one version of one instrument. Shares are of those measured again and judged."""

    program_id: str = Field(description="The program.")
    instrument: str = Field(description="The instrument.")
    instrument_version: str | None = Field(description="Its version, never mixed; none where it was never used.")
    episodes: int = Field(description="Episodes with a baseline.")
    measured_again: int = Field(description="Of these, episodes with a later measure.")
    baseline_mean: float | None = Field(description="Mean baseline of all episodes.")
    baseline_mean_of_measured_again: float | None = Field(description="The same of those measured again only.")
    last_mean: float | None = Field(description="Mean last score of those measured again.")
    mean_change: float | None = Field(description="Mean of last score minus baseline, of those measured again.")
    improved: int = Field(description="Episodes with a reliable improvement.")
    unchanged: int = Field(description="Episodes with no reliable change.")
    deteriorated: int = Field(description="Episodes with a reliable deterioration.")
    not_judged: int = Field(description="Measured again on an instrument without an established threshold.")
    open_episodes: int = Field(description="Episodes open today, measured or not.")
    measured_lately: int = Field(description="Of these, episodes with a measure in the last `coverage_days` days.")
    coverage_days: int = Field(description="What lately means.")
    share_improved: float | None = Field(description="Share improved, of those judged; none if nobody was.")
    share_unchanged: float | None = Field(description="Share without reliable change, of those judged.")
    share_deteriorated: float | None = Field(description="Share deteriorated, of those judged.")
    coverage: float | None = Field(description="Share of open episodes that were measured lately; none without one.")


class FlagView(View):
    """A reason to look at a patient. No later score takes it away: that is for a person to do."""

    patient_id: str = Field(description="Whom to look at.")
    program_id: str = Field(description="Where.")
    enrollment_id: str | None = Field(description="The episode.")
    assessment_id: str = Field(description="The administration that raised it.")
    kind: FlagKind = Field(description="safety_item (PHQ-9 item 9 at 1 or more) or reliable_deterioration.")
    urgent: bool = Field(description="Safety item at 2 or 3.")
    instrument: str = Field(description="The instrument.")
    instrument_version: str = Field(description="Its version.")
    administered_on: date = Field(description="The day it was taken.")
    age_days: int = Field(description="Days since then, in the program's zone.")
    value: int = Field(description="The answer, or the points of the change.")
    threshold: int = Field(description="What the value reached.")
    latest: bool = Field(description="Whether no later measure of this course exists.")
    positions: tuple[int, ...] = Field(description="The facts that it rests on.")
    cursor: str = Field(description="Goes on from here when given as `after`.")
