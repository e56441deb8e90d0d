"""The id of the stream of a patient's emergencies and disclosures, made from the patient's."""

from __future__ import annotations

from aggregates.named import name_based

NAMESPACE = bytes.fromhex("e2b0569d41c74f0fa3d8871b6c05d9f4")


def access_of(patient_id: str) -> str:
    """The stream of who was let in by break-glass, and of what was disclosed."""
    return name_based(NAMESPACE, f"patient:{patient_id}")
