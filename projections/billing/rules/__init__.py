"""The questions that a day is asked, in their order; each reads the case and says its answer.

`open_case` asks what can be said of the day alone (who pays, was anybody there, in which level of care, how many
minutes); `weigh` asks what needs the day's surroundings: its week, its signatures, its authorization, its claim.
"""

from __future__ import annotations

from collections.abc import Mapping

from projections.billing.day import Case
from projections.billing.rules import (
    authorization,
    care,
    claim,
    documents,
    lines,
    particulars,
    payer,
    people,
    presence,
    time,
    week,
)

__all__ = ["open_case", "weigh"]


def open_case(case: Case) -> None:
    """Attendance, level of care, payer and minutes; a day on which nothing was delivered is asked no more.

    Its payer is found all the same, so that absences can be counted by payer.
    """
    care.find(case)
    payer.find(case)
    presence.ask(case)
    if case.delivered:
        care.ask(case)
        payer.ask(case)
        time.ask(case)


def weigh(
    case: Case, total: week.Total, rivals: list[Case], ledger: authorization.Ledger, weeks: Mapping[str, int],
    served: int, last_partial: str | None,
) -> None:
    """Everything else; units are reserved by every delivered day that no answer has ruled out."""
    claim.find(case)
    if case.delivered and case.per_diem is not None:
        lines.find(case)
        particulars.ask(case)
        documents.ask(case)
        week.ask(case, total)
        care.ask_papers(case, weeks.get(case.enrollment_id, 0))
        care.ask_step_down(case, last_partial)
        payer.ask_disclosure(case)
        time.ask_rivals(case, rivals)
        time.ask_claimed(case)
        people.ask_write_off(case)
        authorization.ask(case, ledger, served)
        lines.ask(case)
    claim.ask(case, ledger)
    people.release(case)
