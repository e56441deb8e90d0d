"""Dispute facts into what billing remembers of a patient; no day's decision rests on them, and no money moves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aggregates.dispute import facts
from aggregates.dispute.clocks import Deadline
from iop_es.engine.readmodel.model import Recorded
from projections.billing.disputes.documents import Contested, Dispute, Request, Until

if TYPE_CHECKING:
    from projections.billing.documents import Patient


def requested(patient: Patient, recorded: Recorded) -> None:
    """Records are asked for."""
    fact: facts.RecordsRequested = recorded.fact
    known = _begun(patient, recorded, fact, fact.recorded_by)
    known.requests[fact.request_id] = Request(
        letter_id=fact.letter_id, kind=fact.kind, claims=fact.claims, items=fact.items, received_on=fact.received_on,
        until=_until(fact.deadline), position=recorded.position,
    )


def sent(patient: Patient, recorded: Recorded) -> None:
    """Some or all of them left."""
    fact: facts.RecordsSent = recorded.fact
    known = _known(patient, recorded)
    request = known.requests.get(fact.request_id) if known else None
    if request is not None:
        request.sent.update({item: max(fact.sent_on, request.sent.get(item, "")) for item in fact.items})


def opened(patient: Patient, recorded: Recorded) -> None:
    """A decision is contested."""
    fact: facts.DisputeOpened = recorded.fact
    known = _begun(patient, recorded, fact, fact.opened_by)
    known.contested = Contested(
        letter_id=fact.letter_id, claims=fact.claims, codes=fact.codes, level=fact.level,
        began_on=fact.received_on or fact.notice_on or "", amount_cents=fact.amount_cents, until=_until(fact.deadline),
        position=recorded.position,
    )


def filed(patient: Patient, recorded: Recorded) -> None:
    """An appeal went out: an answer is awaited, and no clock of ours runs."""
    fact: facts.AppealFiled = recorded.fact
    one = _contested(patient, recorded)
    if one is not None:
        one.level, one.filed_on, one.late, one.amount_cents = fact.level, fact.filed_on, fact.late, fact.amount_cents
        one.answered_on = one.outcome = one.next_level = None
        one.until = Until()


def resolved(patient: Patient, recorded: Recorded) -> None:
    """The level is answered; the clock of the next one may run."""
    fact: facts.DisputeResolved = recorded.fact
    one = _contested(patient, recorded)
    if one is not None:
        one.answered_on, one.outcome = fact.decided_on, fact.outcome
        one.upheld_cents, one.overturned_cents = fact.upheld_cents, fact.overturned_cents
        one.next_level, one.until = fact.next_level, _until(fact.next_deadline)


def contacted(patient: Patient, recorded: Recorded) -> None:
    """Somebody spoke with the payer: called, was heard, or held a peer-to-peer."""
    known = _known(patient, recorded)
    if known is not None:
        fact = recorded.fact
        at: str = fact.contacted_at if isinstance(fact, facts.CallLogged) else fact.held_on
        known.contact_at = max(at, known.contact_at or "")
        known.contacts += 1


def assigned(patient: Patient, recorded: Recorded) -> None:
    """Another person sees to it."""
    known = _known(patient, recorded)
    if known is not None:
        known.owner_id = recorded.fact.owner_id


def issued(patient: Patient, recorded: Recorded) -> None:
    """A packet was built."""
    known = _known(patient, recorded)
    if known is not None:
        known.packets += 1


def _begun(
    patient: Patient, recorded: Recorded, fact: facts.RecordsRequested | facts.DisputeOpened, owner_id: str
) -> Dispute:
    known = patient.disputes.get(recorded.stream)
    if known is None:
        known = Dispute(program_id=fact.program_id, payer_id=fact.payer_id, track=fact.track, owner_id=owner_id)
        patient.disputes[recorded.stream] = known
    known.position = recorded.position
    return known


def _known(patient: Patient, recorded: Recorded) -> Dispute | None:
    known = patient.disputes.get(recorded.stream)
    if known is not None:
        known.position = recorded.position
    return known


def _contested(patient: Patient, recorded: Recorded) -> Contested | None:
    known = _known(patient, recorded)
    return known.contested if known else None


def _until(deadline: Deadline | None) -> Until:
    if deadline is None:
        return Until()
    return Until(deadline.due_on, deadline.source, deadline.confidence, deadline.unverified)


TAKES = {
    "dispute.records_requested": requested,
    "dispute.records_sent": sent,
    "dispute.opened": opened,
    "dispute.appeal_filed": filed,
    "dispute.hearing_held": contacted,
    "dispute.peer_to_peer_held": contacted,
    "dispute.call_logged": contacted,
    "dispute.owner_assigned": assigned,
    "dispute.packet_issued": issued,
    "dispute.resolved": resolved,
}
