"""Three questions to the serving API, each as a line to copy: a clinician's, a biller's and an auditor's."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import NAMESPACE_URL, uuid5

from aggregates.values import Role
from iop_es.demo.reading import Reading
from iop_es.serving import development_issuer
from iop_es.wiring import House
from projections.caseload import queries as caseload

OFFICE = uuid5(NAMESPACE_URL, "urn:iop-es:demo:office")


@dataclass(frozen=True, slots=True)
class Example:
    """What somebody asks: in which role, by which path, with a token of the development issuer."""

    job: str
    role: Role
    path: str
    token: str

    def curl(self, address: str) -> str:
        """The same as one line for a shell; `address` is the server's, without a path."""
        return f"curl -s -H 'Authorization: Bearer {self.token}' '{address}{self.path}'"


def examples(house: House) -> list[Example]:
    """One question for each of three roles. Raises NoDevelopmentIssuer where real records are kept."""
    reading, issuer = Reading(house), development_issuer(house)
    programs, audience = sorted(reading.programs), house.settings.audience
    asked: tuple[tuple[str, Role, str, str], ...] = (
        ("A clinician in the morning: who is in my groups today?", "clinician", _who_leads_today(reading),
         "/v1/caseload/sessions?mine=true"),
        ("A biller: what can I bill today, and what is it worth?", "biller", _office("biller"),
         "/v1/billing/days?state=billable&limit=3"),
        ("An auditor: who corrected what, when, and why?", "auditor", _office("auditor"),
         "/v1/audit/entries?kind=correction&limit=3"),
    )  # fmt: skip
    return [
        Example(job, role, path, issuer.token(person, role, programs, audience))
        for job, role, person, path in asked
    ]


def _who_leads_today(reading: Reading) -> str:
    """Who leads the first session of today that has a leader; on a day without sessions anybody."""
    sessions = reading.ask("caseload", caseload.sessions, opening=reading.house.log.opened)
    return next((one.facilitators[0] for one in sessions if one.facilitators), _office("clinician"))


def _office(role: str) -> str:
    return str(uuid5(OFFICE, role))
