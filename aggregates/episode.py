"""What an episode allows on a day: services of whom, from when, until when.

Referral opens the door to intake and crisis services, admission to all others, discharge closes it to days after it.
A service dated inside the episode may be entered late, although the patient is discharged by now. A leave refuses
nothing: whether a day on leave is payable is judged in billing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from aggregates.enrollment.refusals import UnknownEnrollment
from aggregates.enrollment.state import Episode
from aggregates.kit import Refusal, Seen, Stream
from aggregates.values import Date, EnrollmentId, PatientId, ServiceKind

BEFORE_ADMISSION: frozenset[ServiceKind] = frozenset({"intake", "crisis"})


class EnrollmentOfAnother(Refusal):
    """Enrollment {enrollment_id} belongs to another patient than {patient_id}; give this patient's own."""


class ServiceBeforeReferral(Refusal):
    """The service of {service_date} lies before the referral on {referred_on}; correct the date, or give the right
    episode.
    """


class ServiceBeforeAdmission(Refusal):
    """Before the admission ({admitted_on}) only intake and crisis services take place, not {service_kind} on
    {service_date}; record the admission first.
    """


class ServiceAfterDischarge(Refusal):
    """The service of {service_date} lies after the discharge on {discharged_on}; a new episode begins with a new
    referral.
    """


def enrollment_stream(enrollment_id: EnrollmentId) -> dict[str, Stream]:
    """The consultation that the checks below need."""
    return {f"enrollment:{enrollment_id}": Stream("enrollment", enrollment_id)}


def episode_of(enrollment_id: EnrollmentId, patient_id: PatientId, seen: Mapping[str, Seen]) -> Episode:
    """The patient's episode.

    Raises UnknownEnrollment, EnrollmentOfAnother.
    """
    looked_at = seen.get(f"enrollment:{enrollment_id}")
    if looked_at is None or looked_at.state.patient_id is None:
        raise UnknownEnrollment(enrollment_id=enrollment_id)
    episode = cast(Episode, looked_at.state)
    if episode.patient_id != patient_id:
        raise EnrollmentOfAnother(enrollment_id=enrollment_id, patient_id=patient_id)
    return episode


def inside(episode: Episode, service_date: Date) -> None:
    """Whether a day may be planned: from the referral through the discharge.

    Raises ServiceBeforeReferral, ServiceAfterDischarge.
    """
    days: dict[str, Any] = {"service_date": service_date, "referred_on": episode.referred_on}
    if episode.referred_on is None or service_date < episode.referred_on:
        raise ServiceBeforeReferral(**days)
    if episode.discharged_on is not None and service_date > episode.discharged_on:
        raise ServiceAfterDischarge(service_date=service_date, discharged_on=episode.discharged_on)


def may_receive(episode: Episode, service_kind: ServiceKind, service_date: Date) -> None:
    """Whether a service of this kind may have taken place on the day.

    Raises ServiceBeforeReferral, ServiceBeforeAdmission, ServiceAfterDischarge.
    """
    inside(episode, service_date)
    admitted_on = episode.admitted_on
    if service_kind not in BEFORE_ADMISSION and (admitted_on is None or service_date < admitted_on):
        raise ServiceBeforeAdmission(
            service_date=service_date, service_kind=service_kind, admitted_on=admitted_on or "none yet",
        )
