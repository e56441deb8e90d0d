"""Which days' one per diem a claim bills: a payer takes one a patient and day, whatever its code and program."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

from aggregates.payer_policy.state import Policy
from aggregates.payer_policy.terms import Terms


class Coded(Protocol):
    """A line of a claim, as a fact or a read model has it."""

    @property
    def revenue_code(self) -> str:
        """The revenue code."""

    @property
    def procedure_code(self) -> str | None:
        """The procedure code; None where the payer takes the revenue code alone."""


def is_per_diem(line: Coded, terms: Terms) -> bool:
    """Whether a line is a day's per diem under the terms, or one of its services where the day is billed as these."""
    if terms.line_basis == "service":
        return any(one.use == "day_line" and one.procedure_code == line.procedure_code for one in terms.services)
    codes = {(one.revenue_code, one.procedure_code) for one in terms.per_diems}
    return (line.revenue_code, line.procedure_code) in codes


def per_diem_days(lines: Iterable[Any], policy: object) -> tuple[str, ...]:
    """The days of lines (of facts or commands) that are per diems by the policy of their day, in order."""
    terms = {line: policy.terms_on(line.service_date) if isinstance(policy, Policy) else None for line in lines}
    days = {line.service_date for line, known in terms.items() if known is not None and is_per_diem(line, known[1])}
    return tuple(sorted(days))

