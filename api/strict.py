"""Routes that take what is recorded: their bodies are JSON that reads the same everywhere (see `aggregates.strict`)."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from aggregates.strict import NotStrict, load
from api.problems import BodyNotStrict


class StrictRequest(Request):
    """A request whose body is read strictly."""

    async def json(self) -> Any:
        """The body. Raises BodyNotStrict."""
        try:
            return load(await self.body())
        except NotStrict as error:
            raise BodyNotStrict(str(error)) from error


class StrictRoute(APIRoute):
    """A route whose requests are strict."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route's own, behind a strict reading."""
        handler = super().get_route_handler()

        async def strictly(request: Request) -> Response:
            return await handler(StrictRequest(request.scope, request.receive))

        return strictly
