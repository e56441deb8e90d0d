"""All routes of the application behind one: a request is held against those whose paths begin like its own.

There are more than two hundred. Held against one after the other, twice, as the framework does with routers within a
router, finding the one that is meant took a read more than a millisecond.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.requests import HTTPConnection
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send


class Sections(BaseRoute):
    """Routes, in their order, by what follows `/v1` in their paths."""

    def __init__(self, routes: Iterable[APIRoute]) -> None:
        self._sections: dict[str, list[APIRoute]] = {}
        for route in routes:
            self._sections.setdefault(_section(route.path), []).append(route)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether one of its routes is meant; at best by its path alone, which tells what method it wants."""
        found: tuple[Match, Scope] = (Match.NONE, {})
        if scope["type"] != "http":
            return found
        for route in self._sections.get(_section(scope["path"].removeprefix(scope.get("root_path", ""))), ()):
            match, told = route.matches(scope)
            if match == Match.FULL:
                return match, told
            if match == Match.PARTIAL and found[0] == Match.NONE:
                found = match, told
        return found

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request on to the route that it was held to mean. Raises RequestValidationError for a parameter that
        this does not have."""
        route: APIRoute = scope["route"]
        if scope["query_string"] and scope["method"] in (route.methods or ()):
            _must_know_parameters(route, HTTPConnection(scope))
        await route.handle(scope, receive, send)


def _section(path: str) -> str:
    return "/".join(path.split("/", 3)[:3])


def _must_know_parameters(route: APIRoute, request: HTTPConnection) -> None:
    """A misspelled filter must not widen the answer."""
    unknown = sorted(request.query_params.keys() - {one.alias for one in parameters_of(route.dependant)})
    if unknown:
        what = {"type": "extra_forbidden", "msg": "This address has no such parameter"}
        raise RequestValidationError([what | {"loc": ("query", name), "input": None} for name in unknown])


def parameters_of(dependant: Any) -> list[Any]:
    """The query parameters of a route and of everything that it depends on."""
    return [*dependant.query_params, *(one for part in dependant.dependencies for one in parameters_of(part))]
