"""Routes by the first word of their path, so that a request is held against a few of them and not against them all.

There are more than two hundred, and the framework looks for the one that is meant twice: before, that took a read more
than a millisecond.
"""

from __future__ import annotations

from collections.abc import Iterable

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.routing import Match
from starlette.types import Scope


class Section(APIRouter):
    """Routes whose paths begin alike; asked for another path, it tries none of them."""

    def __init__(self, beginning: str) -> None:
        super().__init__()
        self._beginning = beginning

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether one of its routes is meant."""
        return super().matches(scope) if self._beginning in scope["path"] else (Match.NONE, {})


def sections(routers: Iterable[APIRouter]) -> list[Section]:
    """All routes of these routers, in their order, by what follows `/v1` in their paths."""
    found: dict[str, Section] = {}
    for route in (route for router in routers for route in router.routes):
        if not isinstance(route, APIRoute):
            raise TypeError(f"{route} has no path of its own.")
        beginning = "/".join(route.path.split("/")[:3])
        found.setdefault(beginning, Section(beginning)).routes.append(route)
    return list(found.values())
