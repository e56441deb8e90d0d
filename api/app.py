"""The HTTP application: commands in, queries out, every error a problem document."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.middleware.cors import CORSMiddleware

from api import problems, turned_away
from api.door import DOCS, Door
from api.links import linked
from api.revocation import Revocations
from api.routes.commands import command_routers
from api.routes.queries import query_routers
from api.sections import sections
from api.services import Services

SHOWN = ["ETag", "Location", "Retry-After", "X-Request-Id"]
"""Headers that a page of a named origin may read."""


def create_app(services: Services | None, origins: Sequence[str] = ()) -> FastAPI:
    """The application over these services; without them it can only be described. Pages of other origins may ask it
    when they are named."""
    app = FastAPI(
        title="iop-es",
        version="1",
        summary="Intensive outpatient programs: every fact kept, every day decided, every answer as of any moment.",
        docs_url=DOCS, redoc_url=None, openapi_url="/v1/openapi.json",
        dependencies=[Depends(known_parameters)],
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
    for section in sections((*command_routers(), *query_routers())):
        app.include_router(section)
    app.openapi = description  # type: ignore[method-assign] # the documented way to extend it
    return app


@cache
def description() -> dict[str, Any]:
    """What the application is by its own words, which are the same whatever its services are."""
    return linked(_with_problem(FastAPI.openapi(create_app(None))))


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
