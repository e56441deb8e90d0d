"""What may narrow a call, in parameters or a body: nothing that this house does not know is taken for "no rows"."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date
from typing import Annotated, Any, Self, get_args, get_origin

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema, model_validator

from aggregates.values import Date
from api.problems import BadCursor
from api.sections import parameters_of
from projections.billing.reasons import REASONS
from projections.billing.variants import AFTERWARDS, VARIANTS

_DAY = r"\d{4}-\d{2}-\d{2}"
_INSTANT = rf"{_DAY}T\d{{2}}:\d{{2}}:\d{{2}}\.\d{{6}}Z"
_ID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_NUMBER = r"[1-9]\d{0,17}"
CURSORS: dict[str, str] = {
    "caseload.sessions": rf"{_INSTANT} {_ID}",
    "caseload.notes_to_sign": rf"{_INSTANT} {_ID}( patient| rest| attest)?",
    "caseload.documentation": rf"{_INSTANT} {_ID}",
    "caseload.patient_notes": rf"{_INSTANT} {_ID}",
    "caseload.session_notes": rf"{_INSTANT} {_ID}",
    "caseload.due": rf"{_DAY} (plan_review|certification|authorization) {_ID}( {_ID})?",
    "caseload.patients": rf"{_DAY} {_ID}",
    "caseload.waiting_list": rf"{_DAY} {_ID}",
    "caseload.groups": _ID,
    "caseload.census": rf"{_DAY} {_ID}",
    "billing.days": rf"{_DAY}\|{_ID}\|{_ID}",
    "billing.patient_days": rf"{_DAY}\|{_ID}\|{_ID}",
    "billing.authorizations": rf"{_DAY}\|{_ID}",
    "billing.patient_authorizations": rf"{_DAY}\|{_ID}",
    "billing.claims": rf"{_DAY}\|{_ID}",
    "billing.patient_claims": rf"{_DAY}\|{_ID}",
    "billing.filing": rf"{_DAY}\|(day\|{_ID} {_DAY}|(claim|secondary)\|{_ID})",
    "billing.denied_lines": rf"{_DAY}\|{_ID}\|[1-9]\d{{0,2}}",
    "billing.unmatched": _NUMBER,
    "billing.provider_adjustments": _NUMBER,
    "outcomes.alerts": rf"[01]~{_DAY}~{_ID}~[a-z_]+~{_ID}~{_ID}",
    "audit.entries": _NUMBER,
    "audit.reads": _NUMBER,
}
"""What the cursors of each list look like, by the query's name."""


def must_be_cursor(query: str, after: str | None) -> None:
    """Raises BadCursor for a text that this list cannot have given out."""
    if after is None:
        return
    try:
        if not re.fullmatch(CURSORS[query], after, flags=re.ASCII):
            raise BadCursor
        if day := re.match(rf"(?:[01]~)?({_DAY})", after):
            date.fromisoformat(day[1])
    except ValueError as error:
        raise BadCursor from error


def must_come_once(request: Request) -> None:
    """Refuses a parameter that is given twice although it has one value: nobody could say which one counts."""
    many = {one.alias for one in parameters_of(request.scope["route"].dependant) if _is_list(one.field_info.annotation)}
    given = [name for name, _ in request.query_params.multi_items()]
    repeated = sorted({name for name in given if given.count(name) > 1} - many)
    if repeated:
        raise invalid(*((name, "Give this parameter once") for name in repeated))


def must_run_forwards(**bounds: str | None) -> None:
    """Takes a first and a last bound by their parameters' names. Raises a 422 problem if they are reversed."""
    (first_name, first), (last_name, last) = bounds.items()
    if first is not None and last is not None and first > last:
        raise invalid((last_name, f"Comes before {first_name}; exchange the two"))


def invalid(*fields: tuple[str, str]) -> RequestValidationError:
    """A 422 problem that names parameters, each with what is wrong."""
    found = [{"type": "value_error", "loc": ("query", name), "msg": message, "input": None} for name, message in fields]
    return RequestValidationError(found)


def one_of(allowed: Iterable[str]) -> Callable[[str], str]:
    """A check that a text is one of these, which an error lists."""
    known = sorted(allowed)

    def check(text: str) -> str:
        if text not in known:
            raise ValueError(f"Give one of {', '.join(known)}")
        return text

    return check


def _listed(allowed: Iterable[str]) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "enum": sorted(allowed)})


def _monday(day: str) -> str:
    if date.fromisoformat(day).weekday():
        raise ValueError("Give a Monday.")
    return day


OWNERS = {reason.owner for reasons in (REASONS, AFTERWARDS, VARIANTS) for reason in reasons.values()}
ReasonCode = Annotated[str, AfterValidator(one_of(REASONS)), _listed(REASONS)]
OwnerRole = Annotated[str, AfterValidator(one_of(OWNERS)), _listed(OWNERS)]
Monday = Annotated[Date, AfterValidator(_monday)]


def _is_list(annotation: Any) -> bool:
    return get_origin(annotation) is list or any(get_origin(part) is list for part in get_args(annotation))


class ServiceDays(BaseModel):
    """Days of service from one through another; what is left out does not narrow."""

    model_config = ConfigDict(extra="forbid")
    from_date: Date | None = Field(None, description="First day of service.")
    through_date: Date | None = Field(None, description="Last day of service.")

    @model_validator(mode="after")
    def must_run_forwards(self) -> Self:
        """The last day is not before the first."""
        if self.from_date and self.through_date and self.through_date < self.from_date:
            raise ValueError("through_date lies before from_date; correct one of the two.")
        return self
