"""The id of a patient's risk stream, made from the patient's."""

from __future__ import annotations

from aggregates.named import name_based

NAMESPACE = bytes.fromhex("7c1d9e52a0b44f6c8e37b5d2f1094a6e")


def risk_of(patient_id: str) -> str:
    """The stream of what people did about a patient's risk."""
    return name_based(NAMESPACE, f"patient:{patient_id}")
