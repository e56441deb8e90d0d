"""The description of the API as one page that needs nothing else: no script, no font, nothing of another address."""

from __future__ import annotations

from typing import Any, NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined

JSON = "application/json"


class Operation(NamedTuple):
    """One operation: what whoever calls it gives, and what it may answer by status."""

    tag: str
    name: str
    call: str
    words: str
    parameters: list[dict[str, Any]]
    body: dict[str, Any] | None
    answers: list[tuple[str, str, dict[str, Any] | None]]


def page(described: dict[str, Any]) -> bytes:
    """The page, in UTF-8, of a description in the words of OpenAPI."""
    environment = Environment(
        loader=PackageLoader("api", ""), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    operations = [
        _operation(f"{method.upper()} {path}", one)
        for path, methods in described["paths"].items() for method, one in methods.items()
    ]  # fmt: skip
    tags: dict[str, list[Operation]] = {}
    for one in operations:
        tags.setdefault(one.tag, []).append(one)
    template = environment.get_template("described.html")
    return template.render(info=described["info"], tags=tags, schemas=described["components"]["schemas"]).encode()


def _operation(call: str, one: dict[str, Any]) -> Operation:
    body = one.get("requestBody", {}).get("content", {}).get(JSON, {}).get("schema")
    answers = [
        (status, told["description"], told.get("content", {}).get(JSON, {}).get("schema"))
        for status, told in sorted(one["responses"].items())
    ]  # fmt: skip
    return Operation(
        one["tags"][0], one["operationId"], call, one.get("description", ""), one.get("parameters", []), body, answers
    )
