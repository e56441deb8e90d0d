"""What the audit trail answers with."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from projections.audit.phrases import Kind
from projections.audit.values import ValueChange

CountedBy = Literal["kind", "actor", "role", "name", "day", "program"]


class Entry(BaseModel):
    """One fact as an auditor reads it."""

    model_config = ConfigDict(frozen=True)

    position: int = Field(description="Place in the log; also the cursor of the trail.")
    recorded_at: str = Field(description="When it was known, UTC.")
    occurred_at: str = Field(description="When it was true, UTC.")
    done_on: str | None = Field(description="The day on which it was done, where the fact tells a day and no time.")
    delay_seconds: int = Field(
        description="Seconds from true to known; if that is longer, from the end (UTC) of the day on which it was done."
    )
    late: bool = Field(description="Whether the delay exceeds the threshold that was asked for.")
    actor: str = Field(description="Who did it.")
    role: str = Field(description="In which role.")
    on_behalf_of: str | None = Field(description="For whom, if not for oneself.")
    name: str = Field(description="The stored name of the fact.")
    kind: Kind = Field(
        description="What sort of act: write, correction, override, signature, void, break_glass or disclosure."
    )
    words: str = Field(description="What was done, in one sentence of ids, codes, dates and numbers.")
    reason: str | None = Field(description="Why, where a reason was given.")
    request: str | None = Field(
        description="The request that it came with; at the command line, which operator sat there."
    )
    command_id: str | None = Field(description="The command that it came from.")
    stream: str = Field(description="The thing it happened to.")
    version: int = Field(description="The number of the fact among those of that thing, from 1.")
    program_id: str | None = Field(description="The program it was done in; none for the organization's own.")
    patient_ids: tuple[str, ...] = Field(description="Whose record it belongs to; of one patient if one was asked for.")
    changes: tuple[ValueChange, ...] = Field(
        default=(), description="Of a correction: each value as it was and as it is, as far as facts tell."
    )


class Count(BaseModel):
    """How many entries share something."""

    model_config = ConfigDict(frozen=True)

    value: str | None = Field(description="The kind, person, role, name, UTC day or program (none: organization).")
    entries: int = Field(description="How many entries.")
    late: int = Field(description="How many of them were recorded late.")
