"""The id of the stream of a patient's shredding, made from the patient's."""

from __future__ import annotations

from aggregates.named import name_based

NAMESPACE = bytes.fromhex("41b7c0a95f3e4d288c6a0e9d7b52f316")


def shredding_of(patient_id: str) -> str:
    """The stream of what was asked, approved, held and carried out."""
    return name_based(NAMESPACE, f"patient:{patient_id}")
