"""What may be asked about access. Each command's first field is its stream's id, as `streams` makes it: of a patient by
`access_of`, of a person of the house by `access_of_person`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from aggregates.access.facts import Basis, EmergencyCause, Purpose, RevocationCause
from aggregates.kit import command, value
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

Information = Annotated[tuple[Code, ...], Field(min_length=1, max_length=20)]


@command("access.open_break_glass")
@value
class OpenBreakGlass:
    """Opens one patient's record to you for an hour, outside of your programs too, in an emergency.

    Each look is on record under `grant_id`, and a privacy officer reviews it. `program_id` is where you work;
    `personnel` and `facility` are whom of the medical staff you tell, if you do.
    """

    access_id: Id
    patient_id: PatientId
    grant_id: Id
    program_id: ProgramId | None = None
    cause: EmergencyCause
    words: Text
    personnel: Label | None = None
    facility: Label | None = None


@command("access.review_break_glass")
@value
class ReviewBreakGlass:
    """Judges an emergency look that somebody else took."""

    access_id: Id
    patient_id: PatientId
    grant_id: Id
    justified: bool
    words: Text


@command("access.record_disclosure")
@value
class RecordDisclosure:
    """Records that somebody outside was told of a patient's record, and what allowed it.

    A consent brings its scope and, for a substance-use record, the notice along; where the recipient is a payer,
    `payer_id` is whom the consent must name. In an emergency `made_at`, `affiliation` and `words` (its nature) are
    needed, for an audit `affiliation`: for whom it is done.
    """

    access_id: Id
    patient_id: PatientId
    disclosure_id: Id
    enrollment_id: EnrollmentId | None = None
    made_on: Date
    made_at: Instant | None = None
    recipient: Label
    affiliation: Label | None = None
    address: Text | None = None
    information: Information
    purpose: Purpose
    basis: Basis
    consent_id: Id | None = None
    payer_id: Id | None = None
    words: Text | None = None


@command("access.revoke")
@value
class RevokeAccess:
    """Lets a person of the house in no more, whatever a token says, from the next second on.

    With `role` only in that role, with `token_id` only by the token of that `jti`; with neither not at all.
    """

    access_id: Id
    person_id: PersonId
    role: Role | None = None
    token_id: TokenId | None = None
    cause: RevocationCause


@command("access.grant")
@value
class GrantAccess:
    """Gives back what was revoked of a person's access: all of it, or with `role` that one.

    A revoked token stays revoked.
    """

    access_id: Id
    person_id: PersonId
    role: Role | None = None


AboutPatient = OpenBreakGlass | ReviewBreakGlass | RecordDisclosure
AboutPerson = RevokeAccess | GrantAccess
Command = AboutPatient | AboutPerson
