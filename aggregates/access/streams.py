"""The ids of the streams of access: a patient's emergencies and disclosures, and what was revoked of
a person's access."""

from __future__ import annotations

from aggregates.named import name_based

NAMESPACE = bytes.fromhex("e2b0569d41c74f0fa3d8871b6c05d9f4")


def access_of(patient_id: str) -> str:
    """The stream of who was let in by break-glass, and of what was disclosed."""
    return name_based(NAMESPACE, f"patient:{patient_id}")


def access_of_person(person_id: str) -> str:
    """The stream of what was revoked of a person's access, and given back."""
    return name_based(NAMESPACE, f"person:{person_id}")
