"""The HTTP application: commands in, queries out, every error a problem document."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.openapi.utils import get_openapi
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute

from api import problems, turned_away
from api.described import page
from api.door import DOCS, Door
from api.links import linked
from api.revocation import Revocations
from api.routes.commands import command_routers
from api.routes.queries import query_routers
from api.sections import Sections
from api.services import Services

HOW = """\
Commands are POSTs. Most take an `Idempotency-Key` (the same one and the same body again have no second effect),
`If-Match` with the ETag of what was read (a command over something newer is refused) and `Prefer: wait=2` (the answer
comes when the read models have what was recorded). Queries are GETs; what is asked of one thing by its id mostly takes
`as_of`, a position of the log or a time. An error is a problem document (RFC 9457) that says what to do next. A bearer
token is wanted everywhere but at `/health`, `/health/ready`, `/metrics`, `/v1/openapi.json`, `/v1/docs` and
`/v1/log/checkpoint`.
"""
SHOWN = ["ETag", "Location", "Retry-After", "X-Request-Id"]
"""Headers that a page of a named origin may read."""
TOLD = frozenset({"description", "summary"})


def create_app(services: Services | None, origins: Sequence[str] = ()) -> FastAPI:
    """The application over these services; without them it can only be described. Pages of other origins may ask it
    when they are named."""
    app = FastAPI(
        title="iop-es",
        version="1",
        summary="Intensive outpatient programs: every fact kept, every day decided, every answer as of any moment.",
        docs_url=None, redoc_url=None, openapi_url="/v1/openapi.json",
        redirect_slashes=False,  # to the host that the caller names, and behind a proxy over http, token and body alike
    )
    app.state.services = services
    app.state.revocations = Revocations(services.documenting.log) if services else None  # none: to be described alone
    app.add_middleware(Door)
    if origins:
        app.add_middleware(
            CORSMiddleware, allow_origins=origins, allow_methods=["GET", "POST"], expose_headers=SHOWN,
            allow_headers=["Authorization", "Content-Type", "Idempotency-Key", "If-Match", "Prefer"],
        )  # fmt: skip
    problems.install(app)
    turned_away.install(app)
    app.router.routes.append(Sections(_routes()))
    app.openapi = description  # type: ignore[method-assign] # the documented way to extend it
    app.add_api_route(DOCS, _docs, include_in_schema=False)
    return app


@cache
def description() -> dict[str, Any]:
    """What the application is by its own words, which are the same whatever its services are."""
    app = create_app(None)
    made = get_openapi(
        title=app.title, version=app.version, summary=app.summary, description=HOW, routes=list(_routes())
    )
    described: dict[str, Any] = _for_json(linked(_with_problem(made)))
    return described


def _docs() -> HTMLResponse:
    return HTMLResponse(_page())


@cache
def _page() -> bytes:
    return page(description())


def _routes() -> Iterator[APIRoute]:
    for route in (route for router in (*command_routers(), *query_routers()) for route in router.routes):
        if not isinstance(route, APIRoute):
            raise TypeError(f"{route} has no path of its own.")
        yield route


def _with_problem(description: dict[str, Any]) -> dict[str, Any]:
    schemas = description["components"]["schemas"]
    schemas.setdefault("Problem", problems.Problem.model_json_schema())
    return description


def _for_json(described: Any) -> Any:
    """The same where what Python calls None is null in the sentences too: they are those of the code."""
    if isinstance(described, list):
        return [_for_json(one) for one in described]
    if not isinstance(described, dict):
        return described
    return {
        key: re.sub(r"\bNone\b", "null", value) if key in TOLD and isinstance(value, str) else _for_json(value)
        for key, value in described.items()
    }
