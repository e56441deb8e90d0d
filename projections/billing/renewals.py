"""What runs out while a patient is in care: certification, plan review, a consent to disclose, the payer's word that
the coverage is active.

Time alone changes what is due, so the rows are stretches of days with what the payer's terms then ask for, and the
lists choose today's. A stretch goes from one change of level, payer or terms to the day before the next. Which of
them ask for what is the same as in the rules that decide days: terms without a per diem for the level ask for nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from aggregates.disclosure import permitted
from iop_es.engine.readmodel.model import Rows, Table
from iop_es.engine.stored import Row
from projections.billing.day import FOREVER
from projections.billing.documents import Consent, Episode, Paper, Patient
from projections.billing.references import PolicyVersion, Reference
from projections.billing.rules.care import accepted, lasts_through, latest
from projections.billing.rules.payer import END_OF_TREATMENT, consent_through, covering, in_force
from projections.billing.times import plus_days

CARE_PERIOD = Table(
    "care_period",
    (
        "patient_id", "enrollment_id", "program_id", "since", "until", "time_zone", "level_of_care", "payer_id",
        "coverage_id", "attending_id", "authorization_required", "certified_on", "certification_due_on", "reviewed_on",
        "review_due_on", "consented_on", "consent_through", "unverified",
    ),
)
COVERAGE_CHECK = Table(
    "coverage_check",
    (
        "patient_id", "coverage_id", "payer_id", "rank", "effective_from", "effective_through", "checked_on", "active",
    ),
)
TABLES = (CARE_PERIOD, COVERAGE_CHECK)
Asked = tuple[str | None, str | None]
"""The day on which it was done last, and the day until which that holds; twice None where nobody asks for it."""


def rows_of(patient_id: str, patient: Patient, reference: Reference) -> Rows:
    """All stretches of all episodes, and all coverages."""
    periods = [
        row for key, one in patient.episodes.items() for row in _periods(patient_id, key, one, patient, reference)
    ]
    checks = [
        (patient_id, key, one.payer_id, one.rank, one.effective_from, one.effective_through, one.checked_on, one.active)
        for key, one in patient.coverages.items()
    ]
    return {
        "care_period": {(patient_id,): periods} if patient.episodes else {},
        "coverage_check": {(patient_id,): checks} if patient.coverages else {},
    }


def _periods(
    patient_id: str, enrollment_id: str, episode: Episode, patient: Patient, reference: Reference
) -> Iterator[Row]:
    last = episode.discharged_on or FOREVER
    if episode.admitted_on is None or not episode.levels or last < episode.levels[0].on:
        return
    zone = reference.programs[episode.program_id].time_zone if episode.program_id in reference.programs else "UTC"
    starts = sorted(_starts(episode, patient, reference, episode.levels[0].on, last))
    for since, following in zip(starts, [*starts[1:], None], strict=True):
        until = last if following is None else plus_days(following, -1)
        level = latest(episode.levels, since)
        ranked = [(one.rank, key, one.payer_id) for key, one in covering(patient, since)]
        _, coverage_id, payer_id = min(ranked, default=(0, None, None))
        version = _asking(episode, level.value if level else "", payer_id, since, reference)
        certified_on, certification_due_on = _certification(episode, version, reference)
        reviewed_on, review_due_on = _review(episode, version)
        yield (
            patient_id, enrollment_id, episode.program_id, since, until, zone, level.value if level else "", payer_id,
            coverage_id, episode.attending_id, version is not None and version.terms.authorization_required,
            certified_on, certification_due_on, reviewed_on, review_due_on, *_consent(episode, patient, payer_id),
            [] if version is None else list(version.unverified),
        )


def _starts(episode: Episode, patient: Patient, reference: Reference, first: str, last: str) -> set[str]:
    """The first day, and every later one on which level, payer or terms may change."""
    payers = {one.payer_id for one in patient.coverages.values()}
    spans = [(one.effective_from, one.effective_through) for one in patient.coverages.values()]
    spans += [
        (version.effective_from, version.effective_through)
        for policy in reference.policies.values() if policy.payer_id in payers for version in policy.versions
    ]  # fmt: skip
    days = {one.on for one in episode.levels} | {start for start, _ in spans}
    days |= {plus_days(through, 1) for _, through in spans if through is not None and through < FOREVER}
    return {first} | {day for day in days if first < day <= last}


def _asking(
    episode: Episode, level: str, payer_id: str | None, day: str, reference: Reference
) -> PolicyVersion | None:
    """The terms that ask for papers: those in force, if they have a per diem for the level."""
    program = reference.programs.get(episode.program_id)
    focus = episode.focus or (program.focus if program else "")
    version = in_force(reference, payer_id, day)[2] if payer_id else None
    if version is None:
        return None
    priced = {(one.level_of_care, one.focus) for one in version.terms.per_diems}
    return version if (level, focus) in priced else None


def _certification(episode: Episode, version: PolicyVersion | None, reference: Reference) -> Asked:
    if version is None or version.terms.certification_days is None:
        return None, None
    known = accepted(episode.certifications, version.terms.certified_by, reference)
    return _asked(episode, known, version.terms.certification_days)


def _review(episode: Episode, version: PolicyVersion | None) -> Asked:
    days = version.terms.plan_review_days if version else None
    return (None, None) if days is None else _asked(episode, episode.reviews, days)


def _consent(episode: Episode, patient: Patient, payer_id: str | None) -> Asked:
    """Of a substance-use record when the consent that lets it go to the payer was signed, and its last day; one that
    ends with the treatment has that of the discharge that is planned. Twice None where it has no end."""
    found = [
        (_through(one, episode, patient) or FOREVER, one.signed_on) for one in patient.consents.values()
        if payer_id in one.payers and one.revoked_at is None and permitted(one.programs, [episode.program_id])
    ]  # fmt: skip
    through, signed_on = max(found, default=(FOREVER, ""))
    return (None, None) if episode.focus != "substance_use" or through == FOREVER else (signed_on, through)


def _through(consent: Consent, episode: Episode, patient: Patient) -> str | None:
    known, planned = consent_through(consent, patient, episode.program_id), episode.discharge_planned_on
    if planned is None or consent.expires_upon not in END_OF_TREATMENT:
        return known
    return min(known or planned, planned)


def _asked(episode: Episode, entries: list[Paper], days: int) -> Asked:
    """By the last of them; where there is none yet it is due since the admission."""
    if not entries:
        return None, episode.admitted_on
    return entries[-1].on, lasts_through(entries[-1], days)
