"""The patients of the report: outcomes, cohorts, stays, and who needs someone. Shares are between 0 and 1."""

from __future__ import annotations

from pydantic import Field

from iop_es.demo.figures.figure import Figure


class Point(Figure):
    """The mean so many months after the baseline."""

    month: int
    n: int
    mean: float


class Outcome(Figure):
    """One program's results on one instrument. Baseline, last and change are of those measured again."""

    program: str
    instrument: str
    n: int = Field(description="Episodes with a baseline and a later measure.")
    baseline_only: int = Field(description="Episodes with a baseline and nothing later.")
    baseline_mean: float | None
    last_mean: float | None
    mean_change: float | None
    share_improved: float | None = Field(description="Reliably better, of those that could be judged.")
    share_deteriorated: float | None
    threshold_verified: bool | None = Field(description="Whether an official source gave the limit of reliable change.")
    months: list[Point]


class Cohort(Figure):
    """One program's episodes on one instrument, who completed beside everybody."""

    program: str
    instrument: str
    everybody: int = Field(description="Episodes with a baseline; who was never measured again counts as unchanged.")
    never_again: int = Field(description="Of these, episodes with a baseline only.")
    change: float | None
    effect: float | None = Field(description="In standard deviations of the baseline; above zero is better.")
    completers: int = Field(description="Episodes of these that were completed.")
    completers_change: float | None
    completers_effect: float | None


class Stay(Figure):
    """How one program's episodes ended, and how many had not dropped out after so many weeks."""

    program: str
    admitted: int
    completed: int
    dropped_out: int
    other: int
    in_care: int
    survival: dict[str, float] = Field(description="Kaplan-Meier by week; completed, other and in care are censored.")


class Alerts(Figure):
    """Reasons to look at a patient, of one kind: what is on the list, and what was cleared."""

    kind: str
    alerts: int
    urgent: int
    patients: int
    open: int = Field(description="Those on today's list.")
    cleared: int


class Listed(Figure):
    """Somebody on today's list: why, for how long, whose it is, and what was done."""

    program: str
    patient_id: str
    kind: str
    since: str
    age_days: int
    urgent: bool
    why: str
    owner: str | None = Field(description="Who took it, else the attending of record; none: nobody yet.")
    done: str
