"""What the report says, as data. Money is in cents, time in minutes, shares between 0 and 1; a person is an id only.

    clinic     programs, facts, census
    money      days, claims, corrections, accounts, disputes, other terms
    outcomes   measures, cohorts, stays, alerts
    record     documents, audit trail, incidents, pictures
"""

from __future__ import annotations

from pydantic import Field

from iop_es.demo.figures.clinic import Census, CensusWeek, Facts, Program
from iop_es.demo.figures.figure import Figure
from iop_es.demo.figures.money import (
    Account,
    Accounts,
    Billing,
    Claims,
    ClaimStatus,
    Corrections,
    CorrectionsDue,
    Days,
    Denial,
    Disputed,
    Disputes,
    OtherTerms,
    Payer,
    Reason,
    State,
    Takeback,
    Terms,
)
from iop_es.demo.figures.outcomes import Alerts, Cohort, Listed, Outcome, Point, Stay
from iop_es.demo.figures.record import Acts, Audit, DocumentKind, Documents, Drawn, Incident

__all__ = [
    "Account", "Accounts", "Acts", "Alerts", "Audit", "Billing", "Census", "CensusWeek", "ClaimStatus", "Claims",
    "Cohort", "Corrections", "CorrectionsDue", "Days", "Denial", "Disputed", "Disputes", "DocumentKind", "Documents",
    "Drawn", "Facts", "Incident", "Listed", "OtherTerms", "Outcome", "Payer", "Point", "Program", "Reason", "Report",
    "State", "Stay", "Takeback", "Terms",
]  # fmt: skip


class Report(Figure):
    """What the read models say at `now`, when they had reached `position`."""

    log: str
    simulation: bool
    position: int
    now: str
    programs: list[Program]
    facts: Facts
    census: list[Census]
    billing: Billing
    claims: Claims
    corrections: Corrections
    accounts: Accounts
    disputes: Disputes
    other_terms: OtherTerms | None = Field(description="None where no full month or no such payer is there yet.")
    outcomes: list[Outcome]
    cohorts: list[Cohort]
    stays: list[Stay]
    alerts: list[Alerts]
    today: list[Listed] = Field(description="Urgent first, then the oldest.")
    pictures: list[Drawn] = Field(description="What was drawn of it.")
    documents: Documents
    audit: Audit
    incidents: list[Incident]
