"""What every part of the report is."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Figure(BaseModel):
    """A part of the report: frozen, and nothing in it that is not declared."""

    model_config = ConfigDict(frozen=True, extra="forbid")
