"""What the questions about cohorts answer with. Scores are points of the instrument, shares between 0 and 1."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from projections.outcomes.cohorts.members import By, Ended
from projections.outcomes.rows import ChangeClass
from projections.outcomes.views import View

Standing = ChangeClass | Literal["not_judged", "never_again"]
SUPPRESSED = "Whether it is hidden: of 1 to 10 patients, or telling of such. Then it holds no number."


THROUGH = "From outside the program: coarsely, and as of the end of this day. None: exactly, and as of today."


class EstimateView(View):
    """A value with its 95 % interval; none: the sample does not say."""

    value: float | None = Field(description="The value.")
    low: float | None = Field(description="Lower end of the 95 % interval.")
    high: float | None = Field(description="Upper end of it.")


class StandingView(View):
    """Those of a group whose last score stands alike to their baseline."""

    standing: Standing = Field(
        description="Jacobson's class; not_judged: measured again without an established threshold; never_again: with "
        "a baseline only."
    )
    n: int | None = Field(description="Episodes.")
    share: float | None = Field(description="Share of the whole group, not only of those judged.")
    suppressed: bool = Field(description=SUPPRESSED)


class GroupView(View):
    """One way to look at a cohort. Who was never measured again counts with the baseline as the last score."""

    n: int = Field(description="Episodes with a baseline.")
    baseline_mean: float | None = Field(description="Mean baseline.")
    baseline_standard_deviation: float | None = Field(description="Sample standard deviation of the baselines.")
    last_mean: float | None = Field(description="Mean of the last scores.")
    last_standard_deviation: float | None = Field(description="Sample standard deviation of the last scores.")
    change: EstimateView = Field(description="Mean of last score minus baseline, by the paired t test.")
    effect_size: EstimateView = Field(
        description="Mean change in standard deviations of the group's baseline; above zero is better. Interval by the "
        "large-sample variance of Becker (1988); none under three episodes."
    )
    standings: tuple[StandingView, ...] | None = Field(
        description="How everybody of the group stands; none: what is shown of others would tell of few."
    )


class EndView(View):
    """Those of a cohort whose stay ended alike."""

    ended: Ended = Field(
        description="completed, dropped_out (left against advice too), other (transferred, sent away, incarcerated, "
        "died), or in_care. What a reason counts as is unverified."
    )
    n: int | None = Field(description="Episodes.")
    share: float | None = Field(description="Share of all.")
    suppressed: bool = Field(description=SUPPRESSED)


class OfCohort(View):
    """Which cohort is told."""

    by: By = Field(description="What makes the cohort.")
    cohort: str | None = Field(description="Its name: an id, code, block or month; none: not known of these episodes.")
    label: str | None = Field(description="The official title of a block of diagnoses; none for other cohorts.")
    through: date | None = Field(default=None, description=THROUGH)
    suppressed: bool = Field(description=SUPPRESSED)


class CohortView(OfCohort):
    """One cohort on one scale of one version of an instrument."""

    instrument: str = Field(description="The instrument.")
    instrument_version: str | None = Field(description="Its version, never mixed; none: never used here.")
    scale: str = Field(description="The scale.")
    higher_is_better: bool | None = Field(description="Whether a higher score is better; none: nobody has said so.")
    admitted: int | None = Field(description="Episodes admitted until today, measured or not.")
    coverage: float | None = Field(description="Share of the admitted with a baseline on this version.")
    ends: tuple[EndView, ...] = Field(description="How the stays of those with a baseline ended.")
    everybody: GroupView | None = Field(description="All with a baseline, each with the last score there is.")
    measured_again: GroupView | None = Field(description="Of these, those with a later measure: drop-out flatters it.")
    completers: GroupView | None = Field(description="Those who completed.")


class ContrastView(View):
    """One cohort minus the other."""

    difference: EstimateView = Field(description="Of the means, with the interval of Welch's t test.")
    p_value: float | None = Field(description="Of Welch's t test.")
    effect_size: EstimateView = Field(
        description="Cohen's d; above zero: the first is better off. Interval by Hedges and Olkin's large-sample "
        "variance."
    )


class DifferenceView(View):
    """Two cohorts against each other, one way to look at them."""

    instrument: str = Field(description="The instrument.")
    instrument_version: str | None = Field(description="Its version.")
    scale: str = Field(description="The scale.")
    by: By = Field(description="What makes the cohorts.")
    one: str = Field(description="The first cohort.")
    other: str = Field(description="What it is compared with.")
    through: date | None = Field(default=None, description=THROUGH)
    group: Literal["everybody", "measured_again", "completers"] = Field(description="Who of both is compared.")
    suppressed: bool = Field(description=SUPPRESSED)
    n_one: int | None = Field(description="Episodes of the first.")
    n_other: int | None = Field(description="Episodes of the second.")
    change: ContrastView | None = Field(description="Of last score minus baseline.")
    last: ContrastView | None = Field(description="Of the last score.")


class StayPointView(View):
    """The stays of a cohort by the end of a day."""

    day: int = Field(description="Days since the admission, which is day 0.")
    at_risk: int = Field(description="Episodes in care as the day began: neither ended nor last seen before.")
    survival: float = Field(description="Kaplan-Meier: the share that has not dropped out by its end.")
    low: float | None = Field(description="Lower end of its 95 % interval (log-log); none without a variance.")
    high: float | None = Field(description="Upper end of it.")
    dropped_out: int = Field(description="Episodes dropped out by its end, of all and with nobody censored.")
    completed: int = Field(description="Episodes completed by then.")
    other: int = Field(description="Episodes ended otherwise by then.")
    share_dropped_out: float = Field(description="dropped_out of all, whether or not they have been here as long.")
    share_completed: float = Field(description="completed of all.")
    share_other: float = Field(description="other of all.")


class StayView(OfCohort):
    """How long a cohort stays. Dropping out is the event; whoever completed, ended otherwise or is still in care is
    censored on that day."""

    n: int | None = Field(description="Episodes admitted until today.")
    ends: tuple[EndView, ...] = Field(description="How they ended, nobody censored.")
    median_days: int | None = Field(description="The day by which half had dropped out, by the curve; none: not yet.")
    not_shown: str | None = Field(description="Why there is no curve; none: there is one.")
    points: tuple[StayPointView, ...] = Field(description="Each day on which anything happened, or the end of weeks.")


class BandView(View):
    """A third of the episodes by attendance; equal shares are in one third, so thirds may be unequal."""

    third: Literal["lowest", "middle", "highest"] = Field(description="Which.")
    suppressed: bool = Field(description=SUPPRESSED)
    over: float | None = Field(description="Attended more than this share of the planned minutes; none: from nothing.")
    up_to: float | None = Field(description="And at most this; none: to the end.")
    attendance_mean: float | None = Field(description="Mean share attended.")
    group: GroupView | None = Field(description="What became of them; all were measured again.")


class AttendanceView(View):
    """Attendance against outcome, of the episodes that were measured again. Who gets worse may stay away: this says
    nothing of cause."""

    instrument: str = Field(description="The instrument.")
    instrument_version: str | None = Field(description="Its version.")
    scale: str = Field(description="The scale.")
    through: date | None = Field(default=None, description=THROUGH)
    n: int | None = Field(description="Episodes measured again that had planned minutes.")
    never_again: int | None = Field(description="Episodes left out: with a baseline only.")
    nothing_planned: int | None = Field(description="Episodes left out: measured again, without a closed session.")
    suppressed: bool = Field(description=SUPPRESSED)
    correlation: EstimateView | None = Field(
        description="Spearman's, of attendance and improvement; above zero: who attends more improves more. Interval "
        "by Fisher's transformation of the correlation of ranks."
    )
    p_value: float | None = Field(description="Of the correlation.")
    thirds: tuple[BandView, ...] = Field(description="By share attended.")
