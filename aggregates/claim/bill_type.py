"""What an institutional claim's type of bill says of its kind."""

from __future__ import annotations

ADMISSION_DATE = frozenset({"11", "12", "18", "21", "22", "32", "33", "34", "41", "81", "82"})
"""Facility types whose bills show the day of admission: inpatient, home health and hospice. General knowledge, verified
with no payer; the bill types of intensive outpatient care other than 012x do not ask for it."""


def facility(type_of_bill: str) -> str:
    """The two digits of a bill type that say which facility and care: 13 of 0131."""
    return type_of_bill[1:3]


def shows_admission_date(type_of_bill: str | None) -> bool:
    """Whether such a bill shows the day of admission; a professional claim has no type and does not."""
    return type_of_bill is not None and facility(type_of_bill) in ADMISSION_DATE
