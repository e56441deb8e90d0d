"""A fact's envelope: the context bytes that the proof covers, the patients it is indexed to, and whose key seals it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from aggregates.canonical import canonical
from aggregates.codec import encode
from aggregates.kit import Act, Aggregate, Seen, Stored
from iop_es.engine.log import NewFact

ORGANIZATION = "organization"


def envelop(
    fact: object, stream: str, version: int, aggregate: Aggregate, state: Any, act: Act, seen: Mapping[str, Seen],
    command_id: str, request: str | None,
) -> NewFact:
    """The fact as the log takes it; `state` is the stream's after the fact. The nonce salts the fact's leaf."""
    stored, clear, sealed = encode(fact)
    patients = tuple((who, alias or str(uuid4())) for who, alias in aggregate.patients(state, fact, seen))
    context: dict[str, Any] = {
        "name": stored.name,
        "schema_version": stored.version,
        "occurred_at": act.occurred_at,
        "actor": act.by,
        "role": act.role,
        "on_behalf_of": act.on_behalf_of,
        "request": request,
        "command_id": command_id,
        "nonce": uuid4().hex,
        "subject": _subject(stored, stream, state, patients),
        "reason": act.reason,
    }
    return NewFact(
        UUID(stream), version, stored.topic, clear, sealed, canonical(context), act.occurred_at, act.by, patients
    )


def _subject(
    stored: Stored, stream: str, state: Any, patients: tuple[tuple[str, str], ...]
) -> dict[str, str] | None:
    """Whose key seals the fact; a chart's is its patient's, or its session's for what a group shares."""
    match stored.subject:
        case None:
            return None
        case "patient":
            [(patient, _)] = patients
            return {"kind": "patient", "id": patient}
        case "chart" if (patient_id := getattr(state, "patient_id", None)) is not None:
            return {"kind": "patient", "id": patient_id}
        case "chart":
            return {"kind": "session", "id": state.session_id}
        case "organization":
            return {"kind": ORGANIZATION, "id": ORGANIZATION}
        case kind:
            return {"kind": kind, "id": stream}
