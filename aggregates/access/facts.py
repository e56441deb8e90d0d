"""What happened to the privacy of a patient's record, and to the access of a person of the house.

Names and shapes are the storage format."""

from __future__ import annotations

from typing import Literal

from aggregates.access.notice import NoticeCode
from aggregates.kit import fact, value
from aggregates.values import (
    Code,
    Date,
    EnrollmentId,
    Id,
    Instant,
    Label,
    PatientId,
    PersonId,
    ProgramId,
    Role,
    Text,
    TokenId,
)

EmergencyCause = Literal[
    "medical_emergency", "danger_to_self", "danger_to_others", "crisis_call", "urgent_handover", "disaster",
]  # fmt: skip
"""Why somebody may break the glass. Ours: an emergency need not threaten life."""
Basis = Literal[
    "consent", "individual", "treatment", "payment", "operations", "required_by_law", "emergency", "audit",
    "other_permitted",
]  # fmt: skip
"""What allows a disclosure: the patient's consent, that it goes to the patient, the law, a medical emergency (42 CFR
2.51), or an audit or evaluation (42 CFR 2.53)."""
Purpose = Literal[
    "treatment", "payment", "operations", "patient_request", "legal", "oversight", "public_health", "research",
    "safety", "other",
]  # fmt: skip

RevocationCause = Literal["left", "leave", "role_changed", "device_lost", "token_exposed", "misuse", "other"]
"""Why somebody may no longer come in. Ours."""


@value
class EmergencyWords:
    """The nature of the emergency; to whom it was told, if it was: medical personnel and their facility."""

    words: Text
    personnel: Label | None = None
    facility: Label | None = None


@fact("access.break_glass_opened", 1, subject="patient")
@value
class BreakGlassOpened:
    """A person opens one patient's record outside of their programs until `ends_at`.

    `acting_in` is the program in which the person works. Where `disclosed`, medical personnel were told, and the fact
    holds what 42 CFR 2.51(c) wants: whom and of which facility, by whom, when, and the nature of the emergency.
    """

    grant_id: Id
    patient_id: PatientId
    acting_in: ProgramId | None = None
    opened_by: PersonId
    opened_at: Instant
    ends_at: Instant
    cause: EmergencyCause
    disclosed: bool
    sealed: EmergencyWords | None = None


@value
class ReviewWords:
    """Why it was justified, or was not."""

    words: Text


@fact("access.break_glass_reviewed", 1, subject="patient")
@value
class BreakGlassReviewed:
    """Somebody other than who broke the glass judged it."""

    grant_id: Id
    patient_id: PatientId
    reviewed_by: PersonId
    justified: bool
    sealed: ReviewWords | None = None


@value
class DisclosedTo:
    """Who was told what. `scope` is what the consent says of it, which travels with a consented disclosure."""

    recipient: Label
    affiliation: Label | None = None
    address: Text | None = None
    words: Text | None = None
    scope: Text | None = None


@fact("access.disclosure_made", 1, subject="patient")
@value
class DisclosureMade:
    """Somebody outside was told of a patient's record.

    `information` says what kinds of records, `basis` what allowed it, `by_general_consent` whether the consent is the
    single one for treatment, payment and operations (42 CFR 2.31(a)(4)). `substance_use` is whether it is a record of
    42 CFR Part 2 (None: no episode was named); then `notice` is the statement that went with it.
    """

    disclosure_id: Id
    patient_id: PatientId
    enrollment_id: EnrollmentId | None = None
    made_by: PersonId
    made_on: Date
    made_at: Instant | None = None
    information: tuple[Code, ...]
    purpose: Purpose
    basis: Basis
    consent_id: Id | None = None
    by_general_consent: bool = False
    substance_use: bool | None = None
    notice: NoticeCode | None = None
    sealed: DisclosedTo | None = None


@fact("access.revoked", 1)
@value
class AccessRevoked:
    """A person of the house is let in no more, whatever a token says: at all, in one role, or by one token (its `jti`).

    In force for every request that begins a second later; a revoked token stays revoked.
    """

    person_id: PersonId
    role: Role | None = None
    token_id: TokenId | None = None
    revoked_by: PersonId
    cause: RevocationCause


@fact("access.granted", 1)
@value
class AccessGranted:
    """What was revoked of a person's access is given back: all of it, or one role; what a token may is its issuer's."""

    person_id: PersonId
    role: Role | None = None
    granted_by: PersonId
