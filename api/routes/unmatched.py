"""What is kept with the unmatched parts of payers' files, from the log: why, in words, and the number to look for.

The payer's own text stays sealed, because it names patients: who works on money needs the number, not the name.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from aggregates.account.state import Account
from aggregates.values import Id
from api.asking import PAST, AsOf, One, TheAsk
from api.problems import declared
from api.routes.record import folded
from iop_es.engine.log import StoredFact

router = APIRouter(prefix="/v1/accounts", tags=["account"], responses=declared(401, 403, 404, 422, 503))


class UnmatchedPart(BaseModel):
    """One part, and what became of it."""

    unmatched_id: Id
    why: str
    sentence: str | None = Field(description="Why and what to do, in full; null when its key was destroyed.")
    file: str | None
    control_number: str | None = Field(description="The number under which the payer knows it from us (CLP01, TRN02).")
    resolution: str | None = Field(description="What became of it; null: it waits.")


class UnmatchedOfAccount(BaseModel):
    """The unmatched parts of the account that a program has with a payer."""

    account_id: Id
    version: int = Field(description="The number of its facts; also the ETag.")
    program_id: Id | None
    parts: list[UnmatchedPart]


@router.get("/{account_id}/unmatched", operation_id="account.unmatched", responses=PAST)
def unmatched(ask: TheAsk, account_id: Annotated[Id, Path()], as_of: AsOf = None) -> One[UnmatchedOfAccount]:
    """Everything of one account that could not be trusted or matched, in the order of recording; now or then."""
    return ask.stream(account_id, _unmatched, as_of)


def _unmatched(facts: Sequence[StoredFact]) -> UnmatchedOfAccount | None:
    if not facts or not facts[0].topic.startswith("account."):
        return None
    state: Account = folded("account", facts)
    if not state.unmatched:
        return None
    return UnmatchedOfAccount(
        account_id=facts[0].stream, version=facts[-1].version, program_id=next(iter(state.programs), None),
        parts=[_part(state, key) for key in state.unmatched],
    )


def _part(state: Account, unmatched_id: str) -> UnmatchedPart:
    fact, assigned = state.unmatched[unmatched_id], state.assigned.get(unmatched_id)
    words = fact.sealed
    return UnmatchedPart(
        unmatched_id=unmatched_id, why=fact.why, sentence=words.sentence if words else None,
        file=words.file if words else None, control_number=words.control_number if words else None,
        resolution=assigned.resolution if assigned else None,
    )
