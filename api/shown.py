"""Whom an answer is about, for the record of the read."""

from __future__ import annotations


def patients_in(result: object) -> set[str]:
    """Every patient id that a result shows, wherever it stands in it."""
    match result:
        case list() | tuple():
            return {patient for part in result for patient in patients_in(part)}
        case dict():
            return {patient for part in result.values() for patient in patients_in(part)}
        case None | str() | int() | float():
            return set()
    patient = getattr(result, "patient_id", None)
    found = {patient} if isinstance(patient, str) else set()
    found.update(getattr(result, "patient_ids", ()))
    fields = getattr(type(result), "model_fields", None) or getattr(type(result), "__dataclass_fields__", {})
    return found.union(*(patients_in(getattr(result, name)) for name in fields))
