"""The questions that a day is asked, in their order; each reads the case and says its answer.

`open_case` asks what can be said of the day alone (who pays, was anybody there, in which level of care, how many
minutes); `weigh` asks what needs the day's surroundings: its week, its signatures; `settle`, once all days of the week
are weighed, what they must share: the one per diem of a day, the units of an authorization, claims.
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
    self_pay,
    time,
    week,
)

__all__ = ["contenders", "open_case", "settle", "weigh"]


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


def weigh(case: Case, total: week.Total, weeks: Mapping[str, int], last_partial: care.Partial | None) -> None:
    """What its own week, its papers and its payer make of a delivered day, and whether somebody gave it up."""
    claim.find(case)
    if case.delivered and case.per_diem is not None:
        lines.find(case)
        particulars.ask(case)
        documents.ask(case)
        week.ask(case, total)
        care.ask_papers(case, weeks.get(case.enrollment_id, 0))
        care.ask_step_down(case, last_partial)
        payer.ask_disclosure(case)
    if case.delivered:
        people.ask_write_off(case)


def contenders(cases: list[Case]) -> list[Case]:
    """Of the weighed cases those that could be billed as their day's one per diem, or charged to the patient."""
    return [case for case in cases if time.contends(case)]


def settle(case: Case, rivals: list[Case], ledger: authorization.Ledger, served: int) -> None:
    """What is left once every case of the week is weighed; units are reserved by every delivered day that no answer has
    ruled out."""
    if case.delivered:
        time.ask_rivals(case, rivals)
        self_pay.tell(case)
    if case.delivered and case.per_diem is not None:
        time.ask_claimed(case)
        payer.ask_restriction(case)
        authorization.ask(case, ledger, served)
        lines.ask(case)
    claim.ask(case, ledger)
    self_pay.ask_charged(case)
    people.release(case)
