"""The trail and the access log as lines of a file: CSV, NDJSON, or FHIR R4B resources one a line."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal

from iop_es.engine.readmodel.reading import ReadEntry
from projections.audit.fhir import audit_events, provenance
from projections.audit.views import Entry

Format = Literal["csv", "ndjson", "fhir"]
Of = Literal["writes", "reads"]
MEDIA: dict[Format, str] = {
    "csv": "text/csv; charset=utf-8", "ndjson": "application/x-ndjson", "fhir": "application/fhir+ndjson",
}  # fmt: skip
SUFFIX: dict[Format, str] = {"csv": "csv", "ndjson": "ndjson", "fhir": "ndjson"}
WRITES = tuple(Entry.model_fields)
READS = ReadEntry._fields


def heading(kind: Format, of: Of) -> bytes:
    """What stands before the first line: the names of a CSV's columns."""
    return _rows([WRITES if of == "writes" else READS]) if kind == "csv" else b""


def lines(kind: Format, items: Sequence[Entry | ReadEntry]) -> bytes:
    """The lines of one page."""
    if kind == "csv":
        return _rows([_cell(value) for value in _plain(one).values()] for one in items)
    if kind == "ndjson":
        return _json(_plain(one) for one in items)
    return _json(resource for one in items for resource in _resources(one))


def _plain(item: Entry | ReadEntry) -> dict[str, Any]:
    return item.model_dump(mode="json") if isinstance(item, Entry) else item._asdict()


def _resources(item: Entry | ReadEntry) -> Iterator[dict[str, Any]]:
    if isinstance(item, Entry):
        yield provenance(item)
    else:
        yield from audit_events(item)


def _json(objects: Iterable[dict[str, Any]]) -> bytes:
    return b"".join(json.dumps(one, ensure_ascii=False, separators=(",", ":")).encode() + b"\n" for one in objects)


def _rows(rows: Iterable[Iterable[Any]]) -> bytes:
    """As RFC 4180 has it."""
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def _cell(value: Any) -> Any:
    """Several values stand in one cell, a changed one as field: before -> after; nothing is an empty cell."""
    match value:
        case list() | tuple():
            return "; ".join(_cell(one) for one in value)
        case {"field": field, "before": before, "after": after}:
            return f"{field}: {before} -> {after}"
    return value
