"""The HTTP application: commands in, queries out, every error a problem document."""

from __future__ import annotations

import time
from typing import Any
from uuid import uuid4

import structlog
from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import identity, problems
from api.identity import NotAuthenticated
from api.revocation import Revocations
from api.routes.commands import command_routers
from api.routes.queries import query_routers
from api.services import Services
from iop_es.engine.errors import StoreUnavailable

LARGEST_BODY = 1_000_000
OPEN = ("/v1/docs", "/v1/openapi.json", "/v1/log/checkpoint")

logger = structlog.get_logger()


def create_app(services: Services | None) -> FastAPI:
    """The application over these services."""
    app = FastAPI(
        title="iop-es",
        version="1",
        summary="Intensive outpatient programs: every fact kept, every day decided, every answer as of any moment.",
        docs_url="/v1/docs", redoc_url=None, openapi_url="/v1/openapi.json",
        dependencies=[Depends(known_parameters)],
    )
    app.state.services = services
    app.state.revocations = Revocations(services.documenting.log) if services else None  # none: to be described alone
    app.add_middleware(Door)
    problems.install(app)
    for router in (*command_routers(), *query_routers()):
        app.include_router(router)
    described = app.openapi
    app.openapi = lambda: _with_problem(described())  # type: ignore[method-assign] # the documented way to extend it
    return app


async def known_parameters(request: Request) -> None:
    """Refuses a query parameter that this route does not have: a misspelled filter must not widen the answer."""
    if not request.scope["query_string"]:
        return
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


class Door:
    """Gives every request an id and one log line: route, status and milliseconds, never a body or a name.

    The token is checked and the size is bounded before a byte of the body is read. An ASGI application of its own:
    the framework's way to write one as a function starts two more tasks a request.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request, whatever becomes of it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request, said, started = Request(scope), _Said(send, str(uuid4())), time.perf_counter()
        request.state.request_id = said.request_id
        try:
            await (await _turned_away(request) or self._app)(scope, receive, said)
        except Exception as error:  # noqa: BLE001 - whatever it is, the caller gets a problem and the log no text of it
            answer = problems.unexpected(request, error)
            if said.status is None:
                await answer(scope, receive, said)
        logger.info(
            "request_answered",
            request=said.request_id,
            method=request.method,
            route=getattr(scope.get("route"), "path", None),
            status=said.status,
            milliseconds=round((time.perf_counter() - started) * 1000, 1),
        )


class _Said:
    """Sends an answer on, with the headers that each one has, and remembers its status."""

    def __init__(self, send: Send, request_id: str) -> None:
        self._send = send
        self.request_id = request_id
        self.status: int | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers["X-Request-Id"] = self.request_id
            headers["Cache-Control"] = "no-store"
        await self._send(message)


async def _turned_away(request: Request) -> Response | None:
    """The problem of a request that is too large or comes without a valid token; None lets it in."""
    length = request.headers.get("content-length", "")
    chunked = "transfer-encoding" in request.headers
    if chunked or (length and (not length.isascii() or not length.isdigit() or int(length) > LARGEST_BODY)):
        return problems.answer(request, HTTPException(413))
    path = request.scope["path"]
    if path.startswith("/v1/") and path not in OPEN:
        try:
            await identity.identify(request)
        except (NotAuthenticated, StoreUnavailable, HTTPException) as error:
            return problems.answer(request, error)
    return None
