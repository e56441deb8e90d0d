"""Every error that a caller can meet, as an RFC 9457 problem with a stable `type`.

    401 not-authenticated      403 not-permitted        404 not-found (also: not in your programs)
    405 method-not-allowed     409 a rule's own name    412 version-changed
    409 not-sealed-yet, proof-failed
    422 invalid, key-reused, cursor-unknown, not-yet-known, census-too-long
    408 too-slow               431 headers-too-large    429 too-many-requests
    428 if-match-missing       503 store-unavailable, not-projected-yet, log-takes-no-facts, read-not-recorded,
                                   keys-unusable

No detail repeats what was sent: a problem document may end up in somebody's log.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Mapping
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from msgspec import MsgspecError
from psycopg import DataError, OperationalError
from psycopg_pool import PoolTimeout
from pydantic import BaseModel, Field, ValidationError
from starlette.exceptions import HTTPException

from aggregates.kit import Refusal, Unknown
from api.commands.order import NotPermitted, OutOfReach, VersionChanged
from api.gate import NotFound, NotProjectedYet, NotYetKnown, RecordDamaged, RecordParked
from api.identity import NotAuthenticated
from api.limits import TooManyRequests
from api.packets import PacketDiffers
from iop_es.engine.errors import (
    ClockRunsBackwards,
    KeyReusedForOtherBody,
    LogTakesNoFacts,
    ReadNotRecorded,
    StoreUnavailable,
)
from iop_es.engine.subjects.master import MasterKeysUnusable
from iop_es.engine.transparency.proofs import NotSealedYet, ProofFailed
from projections.packet.reading import NotTheirClaim

BASE = "urn:iop-es:problem:"
MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = "2"
MOST_FAULTS = 100
"""How many fields an answer names."""

logger = structlog.get_logger()


class IfMatchMissing(Exception):
    """Send If-Match with the ETag of what you read, so that nobody's work is overwritten unseen."""


class BadCursor(Exception):
    """This cursor was not given out by this list: start again without one, then follow `next`."""


class CensusTooLong(Exception):
    """The weeks asked for end before they begin or span more than three years: ask for less at a time."""


class BodyNotStrict(HTTPException):
    """The body is JSON that another program might read otherwise. The framework lets this pass, and nothing else."""

    def __init__(self, why: str) -> None:
        super().__init__(422, why)

    def __str__(self) -> str:
        """Why, alone."""
        return self.detail


class Problem(BaseModel):
    """What went wrong and what to do next (RFC 9457)."""

    type: str = Field(description="Stable name of the problem; for a refusal, the rule's.")
    title: str
    status: int
    detail: str
    request: str | None = Field(None, description="Id of the request, to be told to support.")
    errors: list[dict[str, str]] | None = Field(None, description="The fields at fault and why.")


PROBLEMS: dict[type[Exception], tuple[int, str, str]] = {
    NotAuthenticated: (401, "not-authenticated", "Not authenticated"),
    NotPermitted: (403, "not-permitted", "Not permitted"),
    NotFound: (404, "not-found", "Not found"),
    OutOfReach: (404, "not-found", "Not found"),
    Unknown: (404, "not-found", "Not found"),
    TooManyRequests: (429, "too-many-requests", "Too many requests"),
    VersionChanged: (412, "version-changed", "Changed since you looked"),
    KeyReusedForOtherBody: (422, "key-reused", "Idempotency key reused"),
    BadCursor: (422, "cursor-unknown", "Unknown cursor"),
    NotYetKnown: (422, "not-yet-known", "Not yet known"),
    CensusTooLong: (422, "census-too-long", "Too many weeks"),
    DataError: (422, "invalid", "Invalid"),
    BodyNotStrict: (422, "invalid", "Invalid"),
    IfMatchMissing: (428, "if-match-missing", "If-Match is missing"),
    ClockRunsBackwards: (409, "clock-runs-backwards", "The clock runs backwards"),
    RecordParked: (409, "record-parked", "Record parked"),
    RecordDamaged: (409, "record-damaged", "Record damaged"),
    MsgspecError: (409, "record-damaged", "Record damaged"),
    NotSealedYet: (409, "not-sealed-yet", "Not sealed yet"),
    NotTheirClaim: (422, "not-their-claim", "Not a claim of this patient"),
    PacketDiffers: (409, "packet-differs", "Another release made this packet"),
    ProofFailed: (409, "proof-failed", "Not what was sealed"),
    NotProjectedYet: (503, "not-projected-yet", "Not projected yet"),
    LogTakesNoFacts: (503, "log-takes-no-facts", "The log takes no facts"),
    MasterKeysUnusable: (503, "keys-unusable", "The keys cannot be used"),
    ReadNotRecorded: (503, "read-not-recorded", "The read cannot be recorded"),
    StoreUnavailable: (503, "store-unavailable", "The database is unavailable"),
    OperationalError: (503, "store-unavailable", "The database is unavailable"),
    PoolTimeout: (503, "store-unavailable", "The database is unavailable"),
}
AWAY = "The database cannot be reached now. Nothing was half-written; send the same request again with its key."
DETAILS: dict[type[Exception], str] = {
    OperationalError: AWAY,
    PoolTimeout: AWAY,
    StoreUnavailable: AWAY,
    MasterKeysUnusable: "Nothing personal can be sealed or opened now: whoever runs this has to mend the keys.",
    MsgspecError: "Something that this rests on can no longer be read: have it restored from a copy of the log.",
    KeyReusedForOtherBody: "This key came with another command before: give each new command a key of its own.",
    DataError: "A value cannot be stored or compared as it is; look for control characters and impossible numbers.",
}
"""What is said instead of the exception's own text, which may name hosts, keys or values."""

HTTP: dict[int, tuple[str, str, str]] = {
    400: ("not-json", "Not JSON", "The body cannot be read as JSON; send one JSON object."),
    404: ("not-found", "Not found", "There is no such address; /v1/openapi.json lists them all."),
    405: ("method-not-allowed", "Method not allowed", "Commands are POST, queries GET; this address takes the other."),
    408: ("too-slow", "Too slow", "The body did not arrive in time; send it again, in one go."),
    431: ("headers-too-large", "Headers too large", "Send at most 100 headers, 32 KB together."),
    413: ("too-large", "Too large", "Send at most 1 MB, with a Content-Length; split a larger load into several."),
    503: ("store-unavailable", "Unavailable", "Something that this needs is away; try again in a moment."),
}
OTHER = ("http", "Not answered", "The request cannot be answered as it is.")


def problem(request: Request, status: int, slug: str, title: str, detail: str, **more: Any) -> JSONResponse:
    """A problem document."""
    body = Problem(
        type=BASE + slug, title=title, status=status, detail=detail,
        request=getattr(request.state, "request_id", None), **more,
    )
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    headers |= {"Retry-After": RETRY_SECONDS} if status == 503 else {}
    return JSONResponse(body.model_dump(exclude_none=True), status, headers, MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Every exception above becomes its problem; what is not above is left to `unexpected`."""
    for kind, (status, slug, title) in PROBLEMS.items():
        app.add_exception_handler(kind, _known(status, slug, title))
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(ValidationError, _broken)
    app.add_exception_handler(HTTPException, _http)


def answer(request: Request, error: Exception) -> JSONResponse:
    """The problem of an exception that is met outside the routes."""
    if isinstance(error, HTTPException):
        return _http(request, error)
    status, slug, title = PROBLEMS[type(error)]
    said = problem(request, status, slug, title, sentence(error))
    if isinstance(error, TooManyRequests):
        said.headers["Retry-After"] = str(error.seconds)
    return said


def declared(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The problems a route can give, for its OpenAPI description, with those that the door gives at each of them."""
    statuses = (*statuses, 429, 431, *((408,) if 413 in statuses else ()))
    content: Mapping[str, Any] = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": _MEANING[status], "content": content} for status in statuses}


def unexpected(request: Request, error: Exception) -> JSONResponse:
    """The answer to what nobody foresaw; logged by its kind and place only, because its text may quote a person."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}" if frames else None
    logger.error("request_failed", request=request.state.request_id, error=type(error).__name__, place=place)
    detail = "Something failed here; support can find it by the request's id."
    return problem(request, 500, "unexpected", "Unexpected", detail)


_MEANING = {
    401: "No valid token.", 403: "Not for this role.", 404: "Nothing under this id in your programs.",
    400: "The body is not JSON.", 409: "Refused by the rule that `type` names.", 412: "Changed since you looked.",
    413: "More than 1 MB, or of unknown length.",
    408: "The body did not arrive in time.", 429: "Asked too often; Retry-After says when to come again.",
    431: "More than 100 headers or 32 KB of them.",
    422: "A field is wrong, or the key came with another body.", 428: "If-Match is missing.",
    503: "The database is away, or a read model is not built yet or behind; try again.",
}
_OWN_WORDS = frozenset({"literal_error", "enum", "string_pattern_mismatch"})


def _known(status: int, slug: str, title: str) -> Any:
    def answer(request: Request, error: Exception) -> JSONResponse:
        return problem(request, status, slug, title, sentence(error))

    return answer


def _refused(request: Request, error: Any) -> JSONResponse:
    return problem(request, 409, error.rule, "Refused", str(error))


def _invalid(request: Request, error: Any) -> JSONResponse:
    faults = error.errors()
    fields = [{"field": _field(found["loc"]), "message": fault(found)} for found in faults[:MOST_FAULTS]]
    more = f" {len(faults) - MOST_FAULTS:,} more are at fault." if len(faults) > MOST_FAULTS else ""
    detail = f"Correct the fields that are named and send it again.{more}"
    return problem(request, 422, "invalid", "Invalid", detail, errors=fields)


def _broken(request: Request, error: Any) -> JSONResponse:
    """A command that fits its fields but no fact is the caller's to correct; an answer that fits no view is ours."""
    return _invalid(request, error) if request.method == "POST" else unexpected(request, error)


def _field(place: tuple[Any, ...]) -> str:
    """Where the field stands; a name that could not be one of ours could be anybody's, so it is cut short."""
    return ".".join(
        str(each) if isinstance(each, int) or re.fullmatch(r"[a-z_][a-z0-9_<>-]{0,59}", each) else "…" for each in place
    )


def fault(found: Mapping[str, Any]) -> str:
    """What pydantic or a rule says; what stands in quotes is of our own making, or it is left out."""
    said = str(found["msg"]).removeprefix("Value error, ")
    return said if found["type"] in _OWN_WORDS else re.sub(r"(['\"`]).*\1", "…", said, flags=re.DOTALL)


def _http(request: Request, error: Any) -> JSONResponse:
    slug, title, detail = HTTP.get(error.status_code, OTHER)
    answer = problem(request, error.status_code, slug, title, detail)
    answer.headers.update(error.headers or {})
    return answer


def sentence(error: Exception) -> str:
    """What is said: never an id's existence in other programs, never what a database or driver said."""
    for kind, detail in DETAILS.items():
        if isinstance(error, kind):
            return detail
    unknown = re.fullmatch(r"Unknown(\w+)", type(error).__name__)
    if unknown and any(name.endswith("_id") for name in getattr(error, "details", ())):
        what = re.sub(r"(?<!^)(?=[A-Z])", " ", unknown[1]).lower()
        return str(OutOfReach(what=what))
    return str(error) or " ".join((type(error).__doc__ or "").split())
