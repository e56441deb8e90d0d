"""What may follow what, for who reads the description of the API: whatever is begun can be gone on with by its id."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

BEGUN = "201"
ID, VERSION = "$response.body#/id", "$response.header.ETag"


def linked(description: dict[str, Any]) -> dict[str, Any]:
    """The description, with a link (OpenAPI 3.1, 4.8.20) from each answer that begins a thing to each operation whose
    address names such a thing; one that wants If-Match is given the answer's ETag."""
    operations = [one for methods in description["paths"].values() for one in methods.values()]
    for operation in operations:
        begun = operation["responses"].get(BEGUN)
        thing = _thing(operation) if begun is not None else None
        if thing is not None:
            begun["links"] = {to: {"operationId": to, "parameters": given} for to, given in _next(thing, operations)}
    return description


def _thing(operation: dict[str, Any]) -> str | None:
    """The name under which addresses name what this operation begins: `patient.register` begins a `patient_id`."""
    aggregate = str(operation["operationId"]).partition(".")[0]
    return {"payer_policy": "policy_id"}.get(aggregate, f"{aggregate}_id")


def _next(thing: str, operations: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, str]]]:
    for operation in operations:
        parameters = {(one["in"], one["name"]) for one in operation.get("parameters", ())}
        if ("path", thing) in parameters:
            guarded = "428" in operation["responses"]
            yield operation["operationId"], {f"path.{thing}": ID} | ({"header.if-match": VERSION} if guarded else {})
