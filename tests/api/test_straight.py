"""A command's route takes its request apart by itself, and finds what the framework would find."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import pytest
from fastapi import FastAPI, Header, Path, Request, Response
from pydantic import BaseModel, ConfigDict
from starlette.types import Receive, Scope, Send

from aggregates.values import Id, Minutes
from api import problems
from api.identity import Caller, TheCaller
from api.routes.commands import CommandHeaders
from api.straight import StraightRoute
from api.strict import StrictRoute
from tests.api.house import Client

STREAM = "0b2f4b1e-6f0a-4a51-9a4e-0d5a8a1f2c3d"
GOOD = b'{"minutes": 60, "words": "x"}'
JSON = {"content-type": "application/json"}


class Data(BaseModel):
    """What the endpoint takes."""

    model_config = ConfigDict(extra="forbid")

    minutes: Minutes
    words: str = "none"


async def post(
    request: Request, caller: TheCaller, stream_id: Annotated[Id, Path(alias="thing_id")], data: Data,
    headers: Annotated[CommandHeaders, Header()],
) -> Response:  # fmt: skip
    """Says what it was given."""
    told = [request.url.path, caller.person, stream_id, data.minutes, data.words, headers.idempotency_key]
    return Response(repr([*told, headers.if_match, headers.prefer]), 201, {"ETag": '"7"'})


@pytest.fixture(scope="module")
def clients() -> Iterator[list[Client]]:
    """The same endpoint behind a route that takes requests apart itself and behind the framework's own."""
    clients = [Client(_app(StraightRoute)), Client(_app(StrictRoute))]
    yield clients
    for one in clients:
        one.close()


def _app(kind: type[StrictRoute]) -> Any:
    app = FastAPI()
    problems.install(app)
    app.router.routes.append(kind("/things/{thing_id}/act", post, methods=["POST"]))

    async def identified(scope: Scope, receive: Receive, send: Send) -> None:
        Request(scope).state.caller = Caller(STREAM, "clinician", frozenset(), "r")
        Request(scope).state.request_id = "r"
        await app(scope, receive, send)

    return identified


BODIES: dict[str, tuple[bytes, dict[str, str]]] = {
    "good": (GOOD, JSON),
    "good, with a charset": (GOOD, {"content-type": "Application/JSON; charset=utf-8"}),
    "good, of a kind of JSON": (GOOD, {"content-type": "application/vnd.iop+json"}),
    "good, called text": (GOOD, {"content-type": "text/plain"}),
    "good, called nonsense": (GOOD, {"content-type": "application/json/x"}),
    "good, called nothing": (GOOD, {}),
    "empty": (b"", JSON),
    "null": (b"null", JSON),
    "a list": (b"[1]", JSON),
    "a text": (b'"x"', JSON),
    "a field missing": (b"{}", JSON),
    "a field too many": (b'{"minutes": 1, "more": 1}', JSON),
    "wrong fields": (b'{"minutes": -1, "words": 5}', JSON),
    "a name twice": (b'{"minutes": 1, "minutes": 2}', JSON),
    "a fraction": (b'{"minutes": 1.5}', JSON),
    "not JSON": (b'{"minutes": ', JSON),
    "not UTF-8": (b'{"words": "\xff"}', JSON),
    "half a character": (b'{"minutes": 1, "words": "\\ud800"}', JSON),
    "too deep": (b"[" * 100 + b"]" * 100, JSON),
}
HEADERS: dict[str, list[tuple[str, str]]] = {
    "none": [],
    "all": [("Idempotency-Key", "k"), ("If-Match", '"3"'), ("Prefer", "wait=2")],
    "the first of two": [("Idempotency-Key", "k"), ("Idempotency-Key", "l")],
    "spelled with a line": [("idempotency_key", "k")],
    "an empty one": [("Idempotency-Key", "")],
    "wrong ones": [("Idempotency-Key", "k" * 201), ("If-Match", "three")],
}


def said(client: Client, thing: str, body: bytes, headers: list[tuple[str, str]]) -> tuple[Any, ...]:
    """All that an answer says."""
    answer = client.ask("POST", f"/things/{thing}/act", content=body, headers=headers)
    return answer.status_code, answer.text, dict(answer.headers)


@pytest.mark.parametrize("thing", [STREAM, "no-id"])
@pytest.mark.parametrize("headers", HEADERS)
@pytest.mark.parametrize("body", BODIES)
def test_it_answers_what_the_framework_would(clients: list[Client], body: str, headers: str, thing: str) -> None:
    """Every fault by the same name, and what is good with the same values."""
    content, kind = BODIES[body]
    straight, framework = (said(one, thing, content, [*kind.items(), *HEADERS[headers]]) for one in clients)
    assert straight == framework
    assert (straight[0] == 201) == (thing == STREAM and headers not in {"an empty one", "wrong ones"} and (
        body in {"good", "good, with a charset", "good, of a kind of JSON"}
    ))
