"""Routes of commands, whose requests are taken apart here: address, headers and body, and nothing else is looked for.

The framework asks anew with every request what kinds of parameters a route has, which took a command longer than all
else that its door does. What it would answer is answered, fault by fault: the tests hold one endpoint behind either.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine
from typing import Any, get_args, get_type_hints

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import TypeAdapter, ValidationError
from starlette.exceptions import HTTPException

from api.strict import StrictRequest, StrictRoute

Fault = dict[str, Any]
NOTHING: Fault = {"type": "missing", "loc": ("body",), "msg": "Field required", "input": None}


class StraightRoute(StrictRoute):
    """A route whose endpoint takes, by these names, the `request`, its `caller`, `headers` (a model), `data` (the body)
    and, where its address has a parameter, `stream_id`; and answers a Response."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Answers a request, or raises what the framework's own would."""
        kinds = get_type_hints(self.endpoint, include_extras=True)
        address = TypeAdapter(kinds["stream_id"]) if "stream_id" in kinds else None
        heads, body = TypeAdapter(kinds["headers"]), TypeAdapter(kinds["data"])
        names = [one.alias or name for name, one in get_args(kinds["headers"])[0].model_fields.items()]

        async def straight(request: Request) -> Response:
            told = await _told(StrictRequest(request.scope, request.receive))
            given: dict[str, Any] = {"request": request, "caller": request.state.caller}
            faults: list[Fault] = []
            if address is not None:
                ((name, value),) = request.path_params.items()
                given["stream_id"] = _held(address, value, faults, "path", name)
            sent = request.headers
            given["headers"] = _held(heads, {name: sent[name] for name in names if name in sent}, faults, "header")
            if told == b"":
                faults.append(NOTHING)
            else:
                given["data"] = _held(body, told, faults, "body")
            if faults:
                raise RequestValidationError(faults, body=told)
            answer: Response = await self.endpoint(**given)
            return answer

        return straight


def _held(kind: TypeAdapter[Any], value: Any, faults: list[Fault], *place: str) -> Any:
    """A value as its kind has it; what is wrong with it joins the faults."""
    try:
        return kind.validate_python(value, from_attributes=True)
    except ValidationError as error:
        faults += [{**one, "loc": (*place, *one["loc"])} for one in error.errors(include_url=False)]
        return None


async def _told(request: StrictRequest) -> Any:
    """The body: what its JSON says, or the bytes of one that does not call itself JSON. Raises BodyNotStrict,
    RequestValidationError, HTTPException."""
    try:
        body = await request.body()  # whoever hangs up on the way is no failure of ours
        return await request.json() if body and _is_json(request.headers.get("content-type", "")) else body
    except json.JSONDecodeError as error:
        said = {"type": "json_invalid", "loc": ("body", error.pos), "msg": "JSON decode error", "input": {}}
        raise RequestValidationError([said | {"ctx": {"error": error.msg}}], body=error.doc) from error
    except HTTPException:
        raise
    except Exception as error:
        raise HTTPException(400, "There was an error parsing the body") from error


def _is_json(content_type: str) -> bool:
    kind, _, form = content_type.partition(";")[0].strip().lower().partition("/")
    return kind == "application" and (form == "json" or form.endswith("+json")) and "/" not in form
