"""What happened to the keys of a patient's record. Names and shapes are the storage format.

Nothing here is sealed: it has to be read when the keys are gone, and says nothing of the patient but an id.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from aggregates.kit import fact, value
from aggregates.values import Code, Date, Id, Instant, PatientId, PersonId

HoldKind = Literal["litigation", "audit", "dispute"]
"""Why a record must not be destroyed, whatever its age."""


@fact("shredding.requested", 1)
@value
class ShreddingRequested:
    """Somebody asks that the patient's personal parts be given up."""

    patient_id: PatientId
    request_id: Id
    requested_by: PersonId
    cause: Code


@fact("shredding.approved", 1)
@value
class ShreddingApproved:
    """Somebody else agrees; it can be carried out from `not_before` on."""

    patient_id: PatientId
    request_id: Id
    approved_by: PersonId
    approved_at: Instant
    not_before: Instant


@fact("shredding.withdrawn", 1)
@value
class ShreddingWithdrawn:
    """The request, approved or not, is taken back."""

    patient_id: PatientId
    request_id: Id
    withdrawn_by: PersonId
    cause: Code


@fact("shredding.hold_placed", 1)
@value
class HoldPlaced:
    """The record is kept until this hold is released."""

    patient_id: PatientId
    hold_id: Id
    kind: HoldKind
    placed_by: PersonId
    cause: Code


@fact("shredding.hold_released", 1)
@value
class HoldReleased:
    """This hold stands no more."""

    patient_id: PatientId
    hold_id: Id
    released_by: PersonId
    cause: Code


@value
class ShreddedKey:
    """A key that is destroyed: whose it was ("kind:id"), and its id, which the sealed parts carry."""

    subject: Annotated[str, Field(pattern=r"^(patient|session):[0-9a-f-]{36}$")]
    key_id: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]


@fact("shredding.patient_keys_shredded", 1)
@value
class PatientKeysShredded:
    """These keys are destroyed. `last_service_on` is the last service or discharge (none: there was none) and
    `retained_until` the day through which the record had to be kept."""

    patient_id: PatientId
    request_id: Id
    last_service_on: Date | None
    retained_until: Date
    keys: tuple[ShreddedKey, ...]
