"""Whom an answer is about, for the record of the read."""

from __future__ import annotations

from functools import cache


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
    return found.union(*(patients_in(getattr(result, name)) for name in _fields_of(type(result))))  # type: ignore[arg-type] # a class is hashable


@cache
def _fields_of(kind: type) -> tuple[str, ...]:
    return tuple(getattr(kind, "model_fields", None) or getattr(kind, "__dataclass_fields__", {}))
