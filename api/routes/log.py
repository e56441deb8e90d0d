"""What the log shows of itself: the checkpoint that was signed last, that a fact stands in it, and that an earlier one
is the beginning of it.

All are texts that others' programs read (c2sp.org/tlog-checkpoint, tlog-proof and tlog-witness). None holds anything
about anybody: hashes, and how many facts there are.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from starlette.exceptions import HTTPException

from api.asking import asking
from api.problems import declared
from api.services import Proving

router = APIRouter(prefix="/v1/log", tags=["log"])
TEXT: dict[int | str, dict[str, Any]] = {200: {"content": {"text/plain": {"schema": {"type": "string"}}}}}
MEDIA_TYPE = "text/plain; charset=utf-8"
Size = Annotated[int, Query(ge=1, le=2**62, description="How many facts the earlier checkpoint or packet covers.")]
Position = Annotated[int, Query(ge=1, le=2**62, description="The position of a fact in the log.")]


@router.get("/checkpoint", operation_id="log.checkpoint", response_class=Response,
            responses={**declared(404, 409, 503), **TEXT})  # fmt: skip
def checkpoint(request: Request) -> Response:
    """The newest checkpoint of the log, signed by it and its witness; needs no token, so that anybody can keep it."""
    return Response(_proving(request).checkpoint(), media_type=MEDIA_TYPE)


@router.get("/growth", operation_id="log.growth", response_class=Response,
            responses={**declared(404, 409, 422, 503), **TEXT})  # fmt: skip
def growth(request: Request, size: Size) -> Response:
    """That the log as it is now begins with the log of an earlier size, so that whoever kept a checkpoint or a packet
    of then can see that nothing of it was changed or left out since. As a witness is asked (c2sp.org/tlog-witness,
    add-checkpoint): the consistency proof (RFC 9162, 2.1.4), and the newest checkpoint. Needs no token."""
    return Response(_proving(request).growth(size), media_type=MEDIA_TYPE)


@router.get("/proof", operation_id="log.proof", response_class=Response, dependencies=[Depends(asking)],
            responses={**declared(401, 403, 404, 409, 422, 503), **TEXT})  # fmt: skip
def proof(request: Request, position: Position) -> Response:
    """That the fact at a position stands in the newest checkpoint, checked before it is given out."""
    return Response(_proving(request).proof(position), media_type=MEDIA_TYPE)


def _proving(request: Request) -> Proving:
    found: Proving | None = request.app.state.services.proving
    if found is None:
        raise HTTPException(404)
    return found
