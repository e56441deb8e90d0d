"""The HTTP application: commands in, queries out, every error a problem document."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import structlog
from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from api import identity, problems
from api.identity import NotAuthenticated
from api.routes.commands import command_routers
from api.routes.queries import query_routers
from api.services import Services

LARGEST_BODY = 1_000_000
OPEN = ("/v1/docs", "/v1/openapi.json")

logger = structlog.get_logger()


def create_app(services: Services) -> FastAPI:
    """The application over these services."""
    app = FastAPI(
        title="iop-es",
        version="1",
        summary="Intensive outpatient programs: every fact kept, every day decided, every answer as of any moment.",
        docs_url="/v1/docs", redoc_url=None, openapi_url="/v1/openapi.json",
        dependencies=[Depends(known_parameters)],
    )
    app.state.services = services
    app.middleware("http")(_request)
    problems.install(app)
    for router in (*command_routers(), *query_routers()):
        app.include_router(router)
    described = app.openapi
    app.openapi = lambda: _with_problem(described())  # type: ignore[method-assign] # the documented way to extend it
    return app


def known_parameters(request: Request) -> None:
    """Refuses a query parameter that this route does not have: a misspelled filter must not widen the answer."""
    known = {one.alias for one in _flat(request.scope["route"].dependant)}
    unknown = sorted(request.query_params.keys() - known)
    if unknown:
        what = {"type": "extra_forbidden", "msg": "This address has no such parameter"}
        raise RequestValidationError([what | {"loc": ("query", name), "input": None} for name in unknown])


def _flat(dependant: Any) -> list[Any]:
    """The query parameters of a route and of everything that it depends on."""
    return [*dependant.query_params, *(one for part in dependant.dependencies for one in _flat(part))]


def _with_problem(description: dict[str, Any]) -> dict[str, Any]:
    schemas = description["components"]["schemas"]
    schemas.setdefault("Problem", problems.Problem.model_json_schema())
    return description


def _turned_away(request: Request) -> Response | None:
    """The problem of a request that is too large or comes without a valid token; None lets it in."""
    length = request.headers.get("content-length", "")
    chunked = "transfer-encoding" in request.headers
    if chunked or (length and (not length.isascii() or not length.isdigit() or int(length) > LARGEST_BODY)):
        return problems.answer(request, HTTPException(413))
    if request.url.path.startswith("/v1/") and request.url.path not in OPEN:
        try:
            identity.identify(request)
        except (NotAuthenticated, HTTPException) as error:
            return problems.answer(request, error)
    return None


async def _request(request: Request, call: Callable[[Request], Awaitable[Response]]) -> Response:
    """Gives the request an id and one log line: route, status and milliseconds, never a body or a name.

    The token is checked and the size is bounded before a byte of the body is read.
    """
    request.state.request_id = str(uuid4())
    started = time.perf_counter()
    try:
        response = await run_in_threadpool(_turned_away, request) or await call(request)
    except Exception as error:  # noqa: BLE001 - whatever it is, the caller gets a problem and the log no text of it
        response = problems.unexpected(request, error)
    response.headers["X-Request-Id"] = request.state.request_id
    response.headers["Cache-Control"] = "no-store"
    logger.info(
        "request_answered",
        request=request.state.request_id,
        method=request.method,
        route=getattr(request.scope.get("route"), "path", None),
        status=response.status_code,
        milliseconds=round((time.perf_counter() - started) * 1000, 1),
    )
    return response
