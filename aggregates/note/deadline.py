"""Until when a document's author signs in time, by the terms of whoever pays first for the patient; of a narrative that
a group shares, by the earliest of those of everybody who was there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

from aggregates.payer_policy.state import Policy
from aggregates.payer_policy.terms import Terms
from aggregates.payer_policy.windows import closed_in, signature_due_at
from aggregates.program.state import Program
from aggregates.session.state import Closed, Known
from aggregates.values import Date, Instant, PatientId


class About(Protocol):
    """A document, as far as its time matters."""

    @property
    def patient_id(self) -> PatientId | None:
        """Whom it is about; None: the narrative that a group shares."""

    @property
    def service_ended_at(self) -> Instant:
        """When the service ended, as the document says."""


def terms_in_force(policy: Any, day: Date) -> Terms | None:
    """A policy's terms of a day; None of what is no policy, or not in force yet."""
    found = policy.terms_on(day) if isinstance(policy, Policy) else None
    return None if found is None else found[1]


def window_unverified(policy: Any, day: Date) -> bool:
    """Whether nobody has compared the window of the day's terms with its source."""
    terms = terms_in_force(policy, day)
    if terms is None:
        return False
    name = "signature_hours" if terms.signature_hours is not None else "signature_business_days"
    return name in policy.unverified_on(day)


def whose_payers(about: About, session: Any) -> tuple[PatientId, ...]:
    """The patients whose payers' windows a document is under: its own, or everybody who was in the session; until it is
    closed, everybody who is not known to be absent."""
    if about.patient_id is not None:
        return (about.patient_id,)
    if not isinstance(session, Known):
        return ()
    here = (one for one in session.roster if not session.was_absent(one.attendance_id))
    return tuple(dict.fromkeys(one.patient_id for one in here))


def service_ended_at(about: About, session: Any) -> Instant:
    """When the service ended: as the session was closed, or before that as the document says."""
    return session.actual.stop if isinstance(session, Closed) else about.service_ended_at


def earliest_due(about: About, several: Iterable[Terms | None], program: Any, session: Any) -> Instant | None:
    """The earliest of several payers' last moments; None where none of them sets a window."""
    found = (signature_due(about, terms, program, session) for terms in several)
    return min((one for one in found if one is not None), default=None)


def signature_due(about: About, terms: Terms | None, program: Any, session: Any) -> Instant | None:
    """The last moment at which a signature is in time; None where the payer sets no window or is not known."""
    if terms is None or not isinstance(program, Program):
        return None
    closed = closed_in((one.closed_from, one.closed_through) for one in program.closures)
    return signature_due_at(terms, service_ended_at(about, session), program.time_zone, closed)
