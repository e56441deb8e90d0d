"""May the payer be told of the claims of a dispute? Asked of all that goes to it: records, appeals, what our physician
says to its own, and a packet.

Of no day that the patient forbade; and of a substance-use record only under a consent in force, or for a disclosure on
record that names its consent or an exception (`aggregates.disclosure`). Records and appeals that go as a packet go for
the packet's disclosure. Calls and hearings are not asked about: what was said there nobody can say beforehand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aggregates.access.streams import access_of
from aggregates.claim.disclosure import days_of
from aggregates.claim.facts import ClaimPrepared
from aggregates.disclosure import Telling, by_disclosure, focus_of, forbidden, may_disclose, told_now
from aggregates.dispute import refusals as no
from aggregates.dispute.matter import claim_key, claims_named
from aggregates.dispute.state import Dispute
from aggregates.kit import Act, Seen, Stream
from aggregates.patient.state import Patient
from aggregates.values import Date, Id


def told_about(state: Dispute) -> dict[str, Stream]:
    """The streams that say whose days these are, and what was agreed on and recorded of telling of them."""
    if state.patient_id is None:
        return {}
    return claims_named(state.claims) | {
        "patient": Stream("patient", state.patient_id), "program": Stream("program", state.program_id),
        "access": Stream("access", access_of(state.patient_id)),
    }  # fmt: skip


def episodes_of(state: Dispute, seen: Mapping[str, Seen]) -> dict[str, Stream]:
    """The episodes of the dispute's claims."""
    return {
        _episode_key(one.enrollment_id): Stream("enrollment", one.enrollment_id)
        for one in _prepared(state.claims, seen)
    }


def disclosure_of(state: Dispute, disclosure_id: Id | None, packet_id: Id | None) -> Id | None:
    """The disclosure that is named, else that of the packet that goes."""
    packets = (one.disclosure_id for one in state.packets if one.packet_id == packet_id)
    return disclosure_id or next(packets, None)


def must_not_be_forbidden(state: Dispute, claims: Sequence[Id], seen: Mapping[str, Seen]) -> None:
    """Raises DisclosureForbidden for a day of the claims of which the payer must not be told."""
    _must_not_be_forbidden(seen["patient"].state, _telling(state, claims, seen))


def must_be_disclosable(
    state: Dispute, claims: Sequence[Id], on: Date, disclosure_id: Id | None, act: Act, seen: Mapping[str, Seen]
) -> None:
    """On the day. Raises DisclosureForbidden, NoConsentToDisclose or DisclosureNotOnRecord."""
    patient = seen["patient"].state
    treated = {
        focus_of({"enrollment": seen[_episode_key(one.enrollment_id)], "program": seen["program"]})
        for one in _prepared(claims, seen)
    }
    telling = by_disclosure(
        _telling(state, claims, seen, substance_use="substance_use" in treated, on=on, at=told_now(on, act.now)),
        seen, disclosure_id, {one.enrollment_id for one in _prepared(claims, seen)},
    )  # fmt: skip
    _must_not_be_forbidden(patient, telling)
    if telling.substance_use and not (isinstance(patient, Patient) and may_disclose(patient, telling)):
        raise no.NoConsentToDisclose


def _must_not_be_forbidden(patient: object, telling: Telling) -> None:
    if isinstance(patient, Patient) and (days := forbidden(patient, telling)):
        raise no.DisclosureForbidden(on=days[0])


def _telling(
    state: Dispute, claims: Sequence[Id], seen: Mapping[str, Seen], *, substance_use: bool = True,
    on: Date | None = None, at: str | None = None,
) -> Telling:  # fmt: skip
    days = frozenset(day for one in _prepared(claims, seen) for day in days_of(one))
    return Telling(
        substance_use=substance_use, purpose="payment", basis="consent", on=on, at=at,
        payer_id=state.first.payer_id if state.first else None, services=days,
        programs=frozenset() if state.program_id is None else frozenset({state.program_id}),
    )


def _prepared(claims: Sequence[Id], seen: Mapping[str, Seen]) -> list[ClaimPrepared]:
    bills = (seen[claim_key(one)].state for one in claims if claim_key(one) in seen)
    return [one.prepared for one in bills if one.prepared is not None]


def _episode_key(enrollment_id: Id) -> str:
    return f"enrollment:{enrollment_id}"
