"""The trail as FHIR R4B resources: a Provenance for each fact, an AuditEvent for each read of a patient's record.

An AuditEvent that was answered is a PatientRead of IHE's Basic Audit Log Patterns (BALP 1.1.4), which has one patient:
a read of several makes several. The access log keeps no network addresses; where the profile wants one, its absence is
said. People and things stand under their own ids; nobody's name is in either resource.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from iop_es.engine.readmodel.reading import ReadEntry
from projections.audit.views import Entry

Resource = dict[str, Any]
PATIENT_READ = "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.PatientRead"
TERMINOLOGY = "http://terminology.hl7.org/CodeSystem"
DICOM = "http://dicom.nema.org/resources/ontology/DCM"
ABSENT: Resource = {
    "_address": {
        "extension": [
            {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}
        ]
    }
}  # fmt: skip
SYSTEM = {"display": "iop-es"}
PURPOSES = {
    "treatment": "TREAT", "payment": "HPAYMT", "operations": "HOPERAT", "break_glass": "BTG",
    "patient_request": "PATRQT", "oversight": "HOPERAT", "legal": "HLEGAL",
}  # fmt: skip
"""Codes of v3-ActReason."""
ANSWERED = frozenset({"answered", "answered as of"})
ACTIVITIES = {"void": "NULLIFY"}
"""Codes of v3-DataOperation by kind; else CREATE for the first fact of a thing and UPDATE for the others."""


def provenance(entry: Entry) -> Resource:
    """The Provenance of one fact."""
    operation = ACTIVITIES.get(entry.kind, "CREATE" if entry.version == 1 else "UPDATE")
    agent: Resource = {
        "type": _concept(f"{TERMINOLOGY}/provenance-participant-type", "author"), "role": [{"text": entry.role}],
        "who": _named(entry.actor),
    }  # fmt: skip
    if entry.on_behalf_of is not None:
        agent["onBehalfOf"] = _named(entry.on_behalf_of)
    found: Resource = {
        "resourceType": "Provenance", "id": f"fact-{entry.position}",
        "target": [
            _named(entry.stream) | {"display": entry.name.partition(".")[0].replace("_", " ")},
            *({"reference": f"Patient/{patient}"} for patient in entry.patient_ids),
        ],
        "occurredDateTime": entry.occurred_at, "recorded": entry.recorded_at,
        "activity": _concept(f"{TERMINOLOGY}/v3-DataOperation", operation) | {"text": entry.words}, "agent": [agent],
    }  # fmt: skip
    if entry.reason is not None:
        found["reason"] = [{"text": entry.reason}]
    return found


def audit_events(read: ReadEntry) -> Iterator[Resource]:
    """The AuditEvents of one entry of the access log: one for each patient, or one if it shows none."""
    for number, patient in enumerate(read.patients or (None,), 1):
        yield _audit_event(read, number, patient)


def _audit_event(read: ReadEntry, number: int, patient: str | None) -> Resource:
    answered = read.outcome in ANSWERED
    purpose = _concept(f"{TERMINOLOGY}/v3-ActReason", PURPOSES.get(read.purpose, "HOPERAT"))
    found: Resource = {
        "resourceType": "AuditEvent", "id": f"read-{read.id}-{number}",
        "type": _coding(f"{TERMINOLOGY}/audit-event-type", "rest"),
        "subtype": [_coding("http://hl7.org/fhir/restful-interaction", "read")],
        "action": "R", "recorded": read.at, "outcome": "0" if answered else "4", "outcomeDesc": read.outcome,
        "purposeOfEvent": [purpose], "agent": _agents(read, purpose),
        "source": {"observer": SYSTEM, "type": [_coding(f"{TERMINOLOGY}/security-source-type", "4")]},
        "entity": _entities(read, patient),
    }  # fmt: skip
    if answered and patient is not None:
        found["meta"] = {"profile": [PATIENT_READ]}
    return found


def _agents(read: ReadEntry, purpose: Resource) -> list[Resource]:
    user: Resource = {
        "type": _concept(f"{TERMINOLOGY}/v3-ParticipationType", "IRCP"), "role": [{"text": read.role}],
        "who": _named(read.actor), "requestor": True, "purposeOfUse": [purpose],
    }  # fmt: skip
    if read.grant_id is not None:
        user["policy"] = [f"urn:uuid:{read.grant_id}"]
    client = {"type": _concept(DICOM, "110152"), "who": {"display": "client"}, "requestor": False, "network": ABSENT}
    server = {"type": _concept(DICOM, "110153"), "who": SYSTEM, "requestor": False, "network": ABSENT}
    return [user, client, server]


def _entities(read: ReadEntry, patient: str | None) -> list[Resource]:
    entities: list[Resource] = [{
        "what": {"identifier": {"value": read.resource}}, "type": _coding(f"{TERMINOLOGY}/audit-entity-type", "2"),
        "role": _coding(f"{TERMINOLOGY}/object-role", "4"),
    }]  # fmt: skip
    if patient is not None:
        entities.append({
            "what": {"reference": f"Patient/{patient}"}, "type": _coding(f"{TERMINOLOGY}/audit-entity-type", "1"),
            "role": _coding(f"{TERMINOLOGY}/object-role", "1"),
        })  # fmt: skip
    if read.request is not None:
        entities.append({
            "what": {"identifier": {"value": read.request}},
            "type": _coding("https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType", "XrequestId"),
        })  # fmt: skip
    return entities


def _named(uuid: str) -> Resource:
    return {"identifier": {"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{uuid}"}}


def _coding(system: str, code: str) -> Resource:
    return {"system": system, "code": code}


def _concept(system: str, code: str) -> Resource:
    return {"coding": [_coding(system, code)]}
