"""Elements of segments: amounts in whole cents, calendar dates, codes. What is wrong is a Fault with its code."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from pydantic import TypeAdapter, ValidationError

from aggregates.values import Code, TraceNumber

LARGEST = Decimal(10) ** 12
_CODE: TypeAdapter[str] = TypeAdapter(Code)
_TRACE: TypeAdapter[str] = TypeAdapter(TraceNumber)


class Fault(Exception):
    """Why a part of a file cannot be used: a code that `projections.billing.accounts.words` tells, and the place."""

    def __init__(self, why: str, place: str) -> None:
        super().__init__(why, place)
        self.why, self.place = why, place


def at(fields: Sequence[str], number: int) -> str:
    """An element by its number in the segment, such as 2 for CLP02; empty when it is not there."""
    return fields[number].strip() if number < len(fields) else ""


def cents(fields: Sequence[str], number: int) -> int:
    """An amount in whole cents. Raises Fault for anything that is none, or has parts of a cent."""
    text = at(fields, number)
    try:
        amount = Decimal(text) * 100
    except InvalidOperation:
        raise Fault("bad-amount", _place(fields, number)) from None
    if not amount.is_finite() or amount != amount.to_integral_value() or abs(amount) > LARGEST:
        raise Fault("bad-amount", _place(fields, number))
    return int(amount)


def day(fields: Sequence[str], number: int) -> str:
    """A date written CCYYMMDD, as ISO 8601. Raises Fault for anything that no calendar of our age has."""
    text = at(fields, number)
    try:
        found = datetime.strptime(text, "%Y%m%d").date() if re.fullmatch(r"\d{8}", text) else date.min  # noqa: DTZ007 - a day has no zone
    except ValueError:
        found = date.min
    if not 1950 <= found.year < 2200:
        raise Fault("bad-date", f"{_place(fields, number)} ({text[:12]})")
    return found.isoformat()


def code(fields: Sequence[str], number: int) -> str:
    """A code of ours or the payer's. Raises Fault for text that is none."""
    return coded(at(fields, number), _place(fields, number))


def coded(text: str, place: str) -> str:
    """The same of a text that was already taken out of its segment."""
    try:
        return _CODE.validate_python(text)
    except ValidationError:
        raise Fault("bad-element", place) from None


def trace_number(fields: Sequence[str], number: int) -> str:
    """The payer's number of a payment. Raises Fault where there is none."""
    try:
        return _TRACE.validate_python(at(fields, number))
    except ValidationError:
        raise Fault("no-trace", _place(fields, number)) from None


def _place(fields: Sequence[str], number: int) -> str:
    return f"{fields[0]}{number:02d}"
