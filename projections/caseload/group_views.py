"""What the caseload answers with about groups on a day."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from aggregates.values import Date
from projections.caseload.names import PersonName
from projections.caseload.views import CURSOR, View


class Seat(View):
    """A patient's place in a group on the day."""

    patient_id: str = Field(description="The patient.")
    enrollment_id: str = Field(description="The episode.")
    name: PersonName | None = Field(description="The patient's name; none where it is not known or no longer readable.")
    cause: Literal["assigned", "walk_in", "make_up"] = Field(description="How the patient came to the place.")
    over_capacity: bool = Field(description="Whether the group was full already.")
    discharged: bool = Field(description="Whether the episode had ended before the day: the place can be given.")


class Meeting(View):
    """A meeting of a group's weekly series on the day."""

    series_id: str = Field(description="The series.")
    starts: str = Field(description="Clock time in the program's zone, HH:MM.")
    minutes: int = Field(description="How long it lasts.")


class GroupView(View):
    """A group on a day: who has a place, how many seats are left, who leads."""

    group_id: str = Field(description="The group.")
    program_id: str = Field(description="The program.")
    on: Date = Field(description="The day.")
    topic: str = Field(description="What it is about.")
    service_kind: str = Field(description="The kind of service.")
    capacity: int = Field(description="How many seats it has.")
    taken: int = Field(description="How many are taken.")
    free: int = Field(description="How many are left, never below zero.")
    facilitators: tuple[str, ...] = Field(description="Who leads it that day, substitutes in place.")
    meetings: tuple[Meeting, ...] = Field(description="When it meets that day.")
    roster: tuple[Seat, ...] = Field(description="Who has a place, by name.")
    version: int = Field(description="The version of the group's stream, for If-Match.")
    cursor: str = CURSOR
