"""The door of the HTTP application: what every request meets before its route, and every answer on its way out."""

from __future__ import annotations

import asyncio
import time
from uuid import uuid4

import structlog
from fastapi import Request, Response
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import identity, problems
from api.identity import Caller, NotAuthenticated, Tokens
from api.limits import TooManyRequests
from api.services import Services
from iop_es.engine.errors import StoreUnavailable

LARGEST_BODY = 1_000_000
BODY_SECONDS = 30.0
"""How long a caller may take to send a body."""
MOST_HEADERS, LARGEST_HEADERS = 100, 32_768
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
DOCS = "/v1/docs"
OPEN = (DOCS, "/v1/openapi.json", "/v1/log/checkpoint", "/v1/log/growth")

SAFE = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none';"
        " frame-ancestors 'none'"
    ),
}
"""Headers of every answer. Nothing is kept by a browser or a proxy; a page of ours brings its style and its pictures
with it, and whatever else might be slipped into it neither runs nor asks another address."""
_SAFE = [(name.lower().encode(), value.encode()) for name, value in SAFE.items()]
_NAMES = frozenset(name for name, _ in _SAFE)
ONLY_ENCRYPTED = "max-age=31536000"

logger = structlog.get_logger()


class Door:
    """Gives every request an id and one log line: route, status and milliseconds, never a body or a name.

    How often it is asked, its size and its token are checked before a byte of the body is read. An ASGI application of
    its own: the framework's way to write one as a function starts two more tasks a request.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request, whatever becomes of it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request, said, started = Request(scope), _Said(send, scope, str(uuid4())), time.perf_counter()
        request.state.request_id = said.request_id
        try:
            await (await _turned_away(request) or self._app)(scope, _Heard(receive), said)
        except Exception as error:  # noqa: BLE001 - whatever it is, the caller gets a problem and the log no text of it
            answer = problems.unexpected(request, error)
            if said.status is None:
                await answer(scope, receive, said)
        logger.info(
            "request_answered",
            request=said.request_id,
            method=request.method if request.method in METHODS else "other",  # anything may be sent as one
            route=getattr(scope.get("route"), "path", None),
            status=said.status,
            milliseconds=round((time.perf_counter() - started) * 1000, 1),
        )


class _Said:
    """Sends an answer on, with the headers that each one has, and remembers its status."""

    def __init__(self, send: Send, scope: Scope, request_id: str) -> None:
        self._send = send
        self._scope = scope
        self.request_id = request_id
        self.status: int | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = [one for one in message["headers"] if one[0] not in _NAMES]
            message["headers"] = [*headers, (b"x-request-id", self.request_id.encode()), *_SAFE]
            if self._scope["scheme"] == "https":
                MutableHeaders(scope=message)["Strict-Transport-Security"] = ONLY_ENCRYPTED
        await self._send(message)


class _Heard:
    """Hears a body to its end, which must come in time and before it is too large, whatever was announced."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._until: float | None = None
        self._size = 0
        self._whole = False

    async def __call__(self) -> Message:
        """The next part. Raises HTTPException (408, 413)."""
        if self._whole:
            return await self._receive()
        if self._until is None:
            self._until = asyncio.get_running_loop().time() + BODY_SECONDS
        try:
            async with asyncio.timeout_at(self._until):
                message = await self._receive()
        except TimeoutError:
            raise HTTPException(408) from None
        self._whole = not message.get("more_body", False)
        self._size += len(message.get("body", b""))
        if self._size > LARGEST_BODY:
            raise HTTPException(413)
        return message


async def _turned_away(request: Request) -> Response | None:
    """The problem of a request that comes too often, is too large or without a valid token; None lets it in."""
    services: Services | None = request.app.state.services
    limits = services.limits if services else None
    try:
        if limits:
            limits.arrives(request)
        _must_be_small(request)
        path = request.scope["path"]
        if path.startswith("/v1/") and path not in OPEN:
            caller = await _let_in(request)
            if limits:
                limits.known(caller.person)
    except (NotAuthenticated, StoreUnavailable, TooManyRequests, HTTPException) as error:
        return problems.answer(request, error)
    return None


async def _let_in(request: Request) -> Caller:
    """The caller. Raises NotAuthenticated, StoreUnavailable, TooManyRequests."""
    services: Services = request.app.state.services
    tokens: Tokens = services.tokens
    if services.limits is None:
        return await identity.identify(request)
    services.limits.tries(request, tokens)
    try:
        return await identity.identify(request)
    except NotAuthenticated as error:
        services.limits.failed(request, error)
        raise


def _must_be_small(request: Request) -> None:
    """Raises HTTPException (413, 431)."""
    headers = request.scope["headers"]
    if len(headers) > MOST_HEADERS or sum(len(name) + len(value) for name, value in headers) > LARGEST_HEADERS:
        raise HTTPException(431)
    length = request.headers.get("content-length", "")
    chunked = "transfer-encoding" in request.headers
    if chunked or (length and (not length.isascii() or not length.isdigit() or int(length) > LARGEST_BODY)):
        raise HTTPException(413)
