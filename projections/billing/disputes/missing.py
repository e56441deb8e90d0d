"""What of what a payer asked for the record does not have, for the days of some claims, by the kinds that are there.

A document counts once it is signed, cosigned where it needs that, and not struck. An item of which billing knows
nothing (scores, criteria, schedules) is not judged: it is neither here nor missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aggregates.dispute.tracks import Item
from projections.billing.rules.care import accepted, lasts_through, latest
from projections.billing.rules.payer import covers, in_force

if TYPE_CHECKING:
    from projections.billing.documents import Claim, Episode, Note, Patient, Visit
    from projections.billing.references import Reference

INDIVIDUAL = frozenset({"individual", "family_with_patient", "family_without_patient", "collateral", "crisis"})
SHARED = "group_narrative"


@dataclass(frozen=True, slots=True)
class Asked:
    """One claim of a patient, with the sessions of its days in its own episode and the notes about them."""

    patient: Patient
    reference: Reference
    claim: Claim

    @property
    def days(self) -> list[str]:
        """Its days of service."""
        return sorted({line.date for line in self.claim.lines})

    @property
    def episode(self) -> Episode | None:
        """The episode that it bills."""
        return self.patient.episodes.get(self.claim.enrollment_id)

    def visits(self, kinds: frozenset[str] | None = None) -> Iterable[tuple[str, Visit]]:
        """Sessions that the patient was in on its days, by id; of these kinds of service."""
        days = frozenset(self.days)
        for key, visit in self.patient.visits.items():
            own = visit.enrollment_id == self.claim.enrollment_id and visit.date in days
            if own and visit.status in {"present", "open"} and (kinds is None or visit.kind in kinds):
                yield key, visit

    def notes(self, session: str, visit: Visit) -> list[Note]:
        """What was written of a session: its own notes, or the daily one."""
        notes = [one for one in self.patient.notes.values() if one.kind != SHARED and not one.in_error]
        own = [one for one in notes if one.session_id == session]
        return own or [one for one in notes if _is_daily(one, visit)]


def missing(
    patient: Patient, reference: Reference, claims: Iterable[Claim], items: Iterable[str]
) -> tuple[dict[str, int], list[str]]:
    """Of each item how many are missing, without those of which none are; and the items that are not judged."""
    found, unjudged = dict[str, int](), list[str]()
    asked = [Asked(patient, reference, claim) for claim in claims]
    for item in items:
        judge = JUDGES.get(item)
        if judge is None:
            unjudged.append(item)
        elif count := sum(judge(one) for one in asked):
            found[item] = count
    return found, unjudged


def documented(patient: Patient, program_id: str, kind: str, by: str | None = None, since: str = "") -> bool:
    """Whether a program has a complete document of a kind about a day from one through another (None: any)."""
    return any(
        _complete(one) for one in patient.notes.values()
        if (one.kind, one.program_id) == (kind, program_id)
        and not one.in_error and since <= one.date and (by is None or one.date <= by)
    )


def _is_daily(note: Note, visit: Visit) -> bool:
    return note.is_daily_of(visit.enrollment_id, visit.program_id) and note.date == visit.date


def _complete(note: Note) -> bool:
    return note.signed_at is not None and (not note.needs_cosignature or note.cosigned_at is not None)


def _undocumented(kinds: frozenset[str] | None) -> Callable[[Asked], int]:
    """Sessions of these kinds without a complete note."""
    return lambda asked: sum(
        not any(_complete(note) for note in asked.notes(key, visit)) for key, visit in asked.visits(kinds)
    )


def _unsigned(asked: Asked) -> int:
    """Notes of the days that lack a signature."""
    notes = {id(note): note for key, visit in asked.visits() for note in asked.notes(key, visit)}
    return sum(not _complete(note) for note in notes.values())


def _open_sessions(asked: Asked) -> int:
    return sum(visit.status == "open" for _, visit in asked.visits())


def _without_document(kind: str) -> Callable[[Asked], int]:
    """1 where the program has no complete document of a kind by the last of the days."""
    return lambda asked: int(not documented(asked.patient, asked.claim.program_id, kind, asked.days[-1]))


def _without_plan(asked: Asked) -> int:
    """Days before which no plan of care was adopted."""
    reviews = asked.episode.reviews if asked.episode else []
    return sum(latest(reviews, day) is None for day in asked.days)


def _uncertified(asked: Asked) -> int:
    """Days that no certification covers, by whom and for how long the payer's terms of the day have it."""
    return sum(not _certified(asked, day) for day in asked.days)


def _certified(asked: Asked, day: str) -> bool:
    version = in_force(asked.reference, asked.claim.payer_id, day)[2]
    if asked.episode is None:
        return False
    titles = version.terms.certified_by if version else ()
    given = latest(accepted(asked.episode.certifications, titles, asked.reference), day)
    lasting = version.terms.certification_days if version else None
    return given is not None and day <= (lasts_through(given, lasting) if lasting else given.through or day)


def _unauthorized(asked: Asked) -> int:
    """Days that no approved authorization with a number covers."""
    own = [
        one for one in asked.patient.authorizations.values()
        if one.status == "approved" and one.has_number
        and (one.enrollment_id, one.payer_id) == (asked.claim.enrollment_id, asked.claim.payer_id)
    ]  # fmt: skip
    return sum(not any(one.valid_from <= day <= one.valid_through for one in own) for day in asked.days)


def _unchecked(asked: Asked) -> int:
    coverage = asked.patient.coverages.get(asked.claim.coverage_id or "")
    return int(coverage is None or coverage.checked_on is None)


def _uncredentialed(asked: Asked) -> int:
    """Sessions whose signer has no credential on record that was active on the day."""
    signed = [
        (note.signer_id, visit.date)
        for key, visit in asked.visits() for note in asked.notes(key, visit) if note.signed_at is not None
    ]
    return sum(not _active(asked, who, day) for who, day in signed)


def _active(asked: Asked, who: str | None, day: str) -> bool:
    clinician = asked.reference.clinicians.get(who or "")
    return clinician is not None and any(covers(one, day) for one in clinician.credentials.values())


JUDGES: dict[Item | str, Callable[[Asked], int]] = {
    "group_notes": _undocumented(frozenset({"group"})),
    "individual_notes": _undocumented(INDIVIDUAL),
    "progress_notes": _undocumented(None),
    "signatures": _unsigned,
    "attendance": _open_sessions,
    "psychiatric_evaluation": _without_document("psychiatric_evaluation"),
    "discharge_plan": _without_document("discharge_summary"),
    "treatment_plan": _without_plan,
    "certification": _uncertified,
    "authorization": _unauthorized,
    "eligibility": _unchecked,
    "credentials": _uncredentialed,
    "remittance": lambda asked: int(asked.claim.adjudicated_on is None),
    "timely_filing": lambda asked: int(asked.claim.acknowledged_at is None),
    "claim": lambda asked: int(asked.claim.submitted_at is None),
}
"""What of an item is missing for one claim, as a count."""
