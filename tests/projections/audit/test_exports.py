"""The trail as a file: every line is an entry, and FHIR resources are what R4B and IHE's audit patterns want."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from fhir.resources.R4B.auditevent import AuditEvent
from fhir.resources.R4B.provenance import Provenance

from api import exporting
from iop_es.engine.errors import ReadNotRecorded
from iop_es.engine.readmodel.reading import ReadEntry
from projections.audit.exports import READS, WRITES, Format, Of, heading, lines
from projections.audit.fhir import PATIENT_READ
from projections.audit.values import ValueChange
from tests.projections.audit.past import ANA, BEN, DIRECTOR, NURSE, SESSION, past
from tests.projections.audit.told import entries
from tests.projections.story import an_id

REQUEST, GRANT = an_id("request"), an_id("grant")
TOLD = {one.name: one for one in entries(past())}
CORRECTION = TOLD["session.attendance_corrected"].model_copy(
    update={"patient_ids": (ANA,), "changes": (ValueChange(field="minutes", before="0", after="165"),)}
)
LOOK = ReadEntry(
    7, "2026-03-02T13:00:00.000000Z", NURSE, "clinician", "break_glass", "caseload.patient_summary", REQUEST,
    "answered", GRANT, (ANA, BEN),
)  # fmt: skip
REFUSED = LOOK._replace(id=8, purpose="treatment", outcome="out of reach", grant_id=None, patients=(ANA,))


def resources(item: Any) -> list[dict[str, Any]]:
    """The FHIR resources of one entry."""
    return [json.loads(line) for line in lines("fhir", [item]).splitlines()]


def codes(part: Any) -> set[tuple[str, str]]:
    """Every coding in a resource."""
    if isinstance(part, list):
        return {found for one in part for found in codes(one)}
    if not isinstance(part, dict):
        return set()
    own = {(part["system"], part["code"])} if {"system", "code"} <= part.keys() else set()
    return own | {found for one in part.values() for found in codes(one)}


def test_every_column_stands_in_every_line() -> None:
    """As RFC 4180 has it, a changed value with both sides, several ids in one cell."""
    text = (heading("csv", "writes") + lines("csv", [CORRECTION])).decode()
    (row,) = csv.DictReader(io.StringIO(text))
    assert tuple(row) == WRITES
    assert (row["changes"], row["patient_ids"], row["actor"], row["late"]) == (
        "minutes: 0 -> 165", ANA, DIRECTOR, "False"
    )  # fmt: skip
    (look,) = csv.DictReader(io.StringIO((heading("csv", "reads") + lines("csv", [LOOK])).decode()))
    assert tuple(look) == READS
    assert (look["patients"], look["grant_id"], look["outcome"]) == (f"{ANA}; {BEN}", GRANT, "answered")


def test_a_line_of_json_is_the_entry_itself() -> None:
    """Nothing is left out and nothing stands before the first line."""
    assert heading("ndjson", "writes") == heading("fhir", "reads") == b""
    assert json.loads(lines("ndjson", [CORRECTION])) == CORRECTION.model_dump(mode="json")
    assert json.loads(lines("ndjson", [LOOK]))["patients"] == [ANA, BEN]


def test_a_fact_is_a_provenance() -> None:
    """Of the thing and the patient, when it was true and known, by whom, for whom and why."""
    (found,) = resources(CORRECTION)
    made = Provenance.model_validate(found)
    assert [one.reference for one in made.target][1:] == [f"Patient/{ANA}"]
    assert made.target[0].identifier.value == f"urn:uuid:{SESSION}"
    assert (found["occurredDateTime"], found["recorded"]) == (CORRECTION.occurred_at, CORRECTION.recorded_at)
    assert made.agent[0].who.identifier.value == f"urn:uuid:{DIRECTOR}"
    assert (found["reason"], found["activity"]["text"]) == ([{"text": "sheet_found"}], CORRECTION.words)
    assert found["activity"]["coding"][0]["code"] == "UPDATE"
    (registered,) = resources(TOLD["patient.registered"])
    assert Provenance.model_validate(registered).agent[0].onBehalfOf.identifier.value == f"urn:uuid:{DIRECTOR}"
    assert registered["activity"]["coding"][0]["code"] == "CREATE"


def test_a_read_is_a_patient_read_of_each_patient() -> None:
    """With what BALP wants of one: a rest read that succeeded, client, server and user, one patient, the data, the
    request; through a broken glass the purpose says so, and the policy is the grant."""
    found = resources(LOOK)
    assert [one["entity"][1]["what"]["reference"] for one in found] == [f"Patient/{ANA}", f"Patient/{BEN}"]
    for one in found:
        assert AuditEvent.model_validate(one).meta.profile == [PATIENT_READ]
        assert (one["action"], one["outcome"], one["recorded"]) == ("R", "0", LOOK.at)
        dicom = "http://dicom.nema.org/resources/ontology/DCM"
        entity = "http://terminology.hl7.org/CodeSystem/audit-entity-type"
        assert {
            ("http://terminology.hl7.org/CodeSystem/audit-event-type", "rest"),
            ("http://hl7.org/fhir/restful-interaction", "read"), (dicom, "110152"), (dicom, "110153"),
            ("http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "IRCP"),
            ("http://terminology.hl7.org/CodeSystem/v3-ActReason", "BTG"), (entity, "1"), (entity, "2"),
            ("https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType", "XrequestId"),
        } <= codes(one)
        user = next(agent for agent in one["agent"] if agent["requestor"])
        assert (user["who"]["identifier"]["value"], user["policy"]) == (f"urn:uuid:{NURSE}", [f"urn:uuid:{GRANT}"])
        assert all("network" in agent for agent in one["agent"] if not agent["requestor"])
    assert len({one["id"] for one in found}) == 2


def test_an_attempt_that_was_refused_is_none_that_succeeded() -> None:
    """It claims no profile of success."""
    (found,) = resources(REFUSED)
    AuditEvent.model_validate(found)
    assert (found["outcome"], found["outcomeDesc"], "meta" in found) == ("4", "out of reach", False)


@pytest.mark.parametrize("kind", ["csv", "ndjson", "fhir"])
def test_a_page_that_is_not_recorded_ends_the_file(kind: Format, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first before anything leaves, a later one after the pages that were."""
    monkeypatch.setattr(exporting, "PAGE", 1)
    of: Of = "writes"
    pages = iter([[CORRECTION]])

    def page(_after: int) -> Any:
        try:
            return next(pages)
        except StopIteration:
            raise ReadNotRecorded from None

    pieces = exporting.exported(page, kind, of)
    assert next(pieces) == heading(kind, of) + lines(kind, [CORRECTION])
    with pytest.raises(ReadNotRecorded):
        next(pieces)
    with pytest.raises(ReadNotRecorded):
        exporting.exported(page, kind, of)
