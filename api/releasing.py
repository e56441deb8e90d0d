"""What leaves the house on paper: a print for somebody outside the program that treats a substance use, 42 CFR Part 2.

Such a print names the disclosure on record that it is made for, because what allows it, a consent or a named exception,
was asked when that was recorded (`aggregates.disclosure`). The patient's own request needs none (42 CFR 2.23).
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated

from fastapi import Query

from aggregates.access.facts import DisclosureMade
from aggregates.access.streams import access_of
from aggregates.codec import decode
from aggregates.enrollment.facts import PatientAdmitted, PatientReferred
from aggregates.kit import Refusal
from aggregates.program.facts import ProgramOpened
from aggregates.values import Id
from api.asking import Ask
from iop_es.engine.log import Log

OUTSIDE = frozenset({"payment", "oversight", "legal"})
Disclosed = Annotated[
    Id | None,
    Query(
        alias="disclosure_id",
        description="The disclosure on record that it is printed for; a substance-use record needs one for payment, "
        "oversight and legal purposes.",
    ),
]


class ReleaseNotRecorded(Refusal):
    """A substance-use record is printed for {purpose} only for a disclosure on record with that purpose (42 CFR 2.31);
    record it, then print with its disclosure_id."""


def must_be_released(
    ask: Ask, log: Log, patients: Collection[str], purpose: str, disclosure_id: str | None
) -> None:
    """Asked once it is known that the caller may see it. Raises ReleaseNotRecorded."""
    if purpose not in OUTSIDE:
        return
    for patient in patients:
        if _treats_substance_use(log, patient, ask.caller.programs) and not _on_record(
            log, patient, purpose, disclosure_id
        ):
            raise ReleaseNotRecorded(purpose=purpose)


def _treats_substance_use(log: Log, patient: str, programs: Collection[str]) -> bool:
    """Whether one of these programs treats, or was to treat, a substance use of the patient."""
    focus: dict[str, str] = {}
    names = ("enrollment.patient_referred", "enrollment.patient_admitted")
    for one in log.of_patients(patient, patient, with_context=False, names=names):
        fact = decode(one.topic, one.state)
        if isinstance(fact, PatientReferred) and fact.program_id in programs:
            opened = [decode(first.topic, first.state) for first in log.first_of_streams([fact.program_id])]
            focus[one.stream] = next((one.focus for one in opened if isinstance(one, ProgramOpened)), "")
        elif isinstance(fact, PatientAdmitted) and one.stream in focus:
            focus[one.stream] = fact.focus
    return "substance_use" in focus.values()


def _on_record(log: Log, patient: str, purpose: str, disclosure_id: str | None) -> bool:
    told = [decode(one.topic, one.state) for one in log.facts_of_streams([access_of(patient)])]
    return any(
        isinstance(one, DisclosureMade) and one.disclosure_id == disclosure_id and one.purpose == purpose
        for one in told
    )
