"""The episodes of cohorts as they are read, and the cohorts that they fall into."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Literal, NamedTuple

from projections.icd import block
from projections.outcomes.rows import ChangeClass
from projections.outcomes.scales import gauge

By = Literal["program", "payer", "level_of_care", "diagnosis_group", "admission_month"]
Ended = Literal["completed", "dropped_out", "other", "in_care"]
ENDED: tuple[Ended, ...] = ("completed", "dropped_out", "other", "in_care")


class Member(NamedTuple):
    """One episode, with its course on the asked scale of one version; without one `version` is None.

    `days` are those from the admission to the last day, or until today.
    """

    patient_id: str
    enrollment_id: str
    program_id: str
    payer_id: str | None
    admitted_level: str
    diagnosis: str | None
    admitted_on: date
    ended: Ended
    days: int
    version: str | None
    measures: int | None
    baseline: int | None
    last: int | None
    change_class: ChangeClass | None
    planned_minutes: int | None
    attended_minutes: int | None

    @property
    def again(self) -> bool:
        """Whether there is a measure after the baseline."""
        return (self.measures or 0) > 1

    @property
    def attendance(self) -> float | None:
        """The share of the planned minutes that was attended; None where nothing was planned."""
        return (self.attended_minutes or 0) / self.planned_minutes if self.planned_minutes else None


class Cohort(NamedTuple):
    """Everybody of one cohort: who was admitted, and who of them has a baseline on the version that is told."""

    name: str | None
    version: str | None
    admitted: list[Member]
    measured: list[Member]


def name_of(member: Member, by: By) -> str | None:
    """The cohort that an episode falls into; None: not known."""
    match by:
        case "program":
            return member.program_id
        case "payer":
            return member.payer_id
        case "level_of_care":
            return member.admitted_level
        case "diagnosis_group":
            return None if member.diagnosis is None else block(member.diagnosis)
        case "admission_month":
            return member.admitted_on.isoformat()[:7]


def grouped(members: Iterable[Member], by: By) -> dict[str | None, list[Member]]:
    """Episodes by cohort, in order of name, those without one last; an episode with courses on two versions of the
    instrument comes twice."""
    found: dict[str | None, list[Member]] = {}
    for one in members:
        found.setdefault(name_of(one, by), []).append(one)
    return dict(sorted(found.items(), key=lambda item: (item[0] is None, item[0] or "")))


def cohorts(members: Iterable[Member], by: By) -> Iterator[tuple[str | None, list[Cohort]]]:
    """The cohorts of each version of the instrument, versions never mixed; of an instrument that nobody here was
    measured with, one table without a version."""
    groups = grouped(members, by)
    known = sorted({one.version for own in groups.values() for one in own if one.version is not None})
    versions: list[str | None] = [*known] or [None]
    for version in versions:
        yield version, [
            Cohort(name, version, _each_once(own), [one for one in own if version and one.version == version])
            for name, own in groups.items()
        ]


def higher_is_better(instrument: str, version: str | None, scale: str) -> bool | None:
    """Which way this scale goes; None where nobody has said so."""
    found = gauge(instrument, version, scale) if version else None
    return found.scale.higher_is_better if found and found.scale else None


def _each_once(members: Iterable[Member]) -> list[Member]:
    return list({one.enrollment_id: one for one in members}.values())
