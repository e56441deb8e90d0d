"""All aggregates by name, and which one a command belongs to; importing this registers every fact and command."""

from __future__ import annotations

from dataclasses import fields
from functools import cache
from typing import Any

from aggregates import (
    access,
    account,
    assessment,
    authorization,
    claim,
    clinician,
    dispute,
    enrollment,
    group,
    note,
    patient,
    payer_policy,
    program,
    risk,
    session,
    shredding,
)
from aggregates.kit import Aggregate

AGGREGATES: dict[str, Aggregate] = {
    folder.AGGREGATE.name: folder.AGGREGATE
    for folder in (
        program, clinician, patient, enrollment, authorization, group, session, note, assessment, payer_policy, claim,
        account, dispute, risk, access, shredding,
    )
}
AGGREGATE_OF_COMMAND: dict[type, Aggregate] = {
    command: aggregate for aggregate in AGGREGATES.values() for command in aggregate.commands
}


def stream_of(command: Any) -> str:
    """The id of the stream that decides the command: its first field."""
    return str(getattr(command, _first_field(type(command))))  # type: ignore[arg-type] # a class is hashable


@cache
def _first_field(command: type) -> str:
    return fields(command)[0].name
