"""The clinic of the report: programs, facts, and who came and left."""

from __future__ import annotations

from pydantic import Field

from iop_es.demo.figures.figure import Figure


class Program(Figure):
    """A program by its public code."""

    program_id: str
    code: str
    level_of_care: str
    focus: str
    population: str


class Facts(Figure):
    """How many facts the log has; each is in one kind of stream."""

    total: int
    by_stream: dict[str, int]


class CensusWeek(Figure):
    """One week of a program."""

    week: str = Field(description="Its Monday.")
    complete: bool = Field(description="Whether the week is over.")
    census: int = Field(description="In care at the end of the week, or now.")
    attended: int
    absent: int


class Census(Figure):
    """Who came to a program, who left and who is there, over all its weeks."""

    program: str
    referrals: int
    admissions: int
    discharges: int
    discharges_by_reason: dict[str, int]
    closed_without_admission: int
    in_care: int
    mean_stay_days: float | None = Field(description="Of those discharged, first and last day counted.")
    sessions_held: int
    sessions_cancelled: int
    attendance_rate: float | None = Field(description="Attended of attended and absent.")
    scheduled_minutes: int = Field(description="Planned minutes of everybody expected, also where it was called off.")
    delivered_minutes: int = Field(description="Minutes of attendance, without breaks.")
    weeks: list[CensusWeek]
