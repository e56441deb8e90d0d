"""Until when a document's author signs in time, by the terms of whoever pays first for the patient."""

from __future__ import annotations

from typing import Any

from aggregates.note.facts import NoteDrafted
from aggregates.payer_policy.state import Policy
from aggregates.payer_policy.terms import Terms
from aggregates.payer_policy.windows import closed_in, signature_due_at
from aggregates.program.state import Program
from aggregates.session.state import Closed
from aggregates.values import Date, Instant


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


def service_ended_at(about: NoteDrafted, session: Any) -> Instant:
    """When the service ended: as the session was closed, or before that as the document says."""
    return session.actual.stop if isinstance(session, Closed) else about.service_ended_at


def signature_due(about: NoteDrafted, terms: Terms | None, program: Any, session: Any) -> Instant | None:
    """The last moment at which a signature is in time; None where the payer sets no window or is not known."""
    if terms is None or not isinstance(program, Program):
        return None
    closed = closed_in((one.closed_from, one.closed_through) for one in program.closures)
    return signature_due_at(terms, service_ended_at(about, session), program.time_zone, closed)
