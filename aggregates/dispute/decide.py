"""Decisions about requests for records and disputes; levels are in `appealing`, refusals in `refusals`.

What already happened is recorded: records that went too late, an appeal after its last day (the fact says so). A claim
is in one open dispute at one level at a time: the dispute holds it as a reservation until that level is answered.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aggregates.decision import made, not_in_the_future, once, only
from aggregates.dispute import commands as ask
from aggregates.dispute import refusals as no
from aggregates.dispute.appealing import contest
from aggregates.dispute.clocks import due, request_clock
from aggregates.dispute.facts import (
    CallLogged,
    HearingHeld,
    OwnerAssigned,
    PacketIssued,
    PeerToPeerHeld,
    RecordsRequested,
    RecordsSent,
)
from aggregates.dispute.matter import (
    claims_named,
    must_be_asked_for,
    must_be_of_the_matter,
    must_be_their_claims,
    policy_of,
    sealed,
)
from aggregates.dispute.state import Dispute, Unopened
from aggregates.dispute.telling import (
    disclosure_of,
    episodes_of,
    must_be_disclosable,
    must_not_be_forbidden,
    told_about,
)
from aggregates.kit import Act, Seen, Stream
from aggregates.values import moment

Outcomes = tuple[Any, ...]


def consult(state: Dispute, command: ask.Command) -> dict[str, Stream]:
    """A request and an opening look at the claims that they name, an answer at those of the dispute, whose contract may
    set the next clock; what goes to the payer, at whether it may."""
    match command:
        case ask.ReceiveRequest() | ask.OpenDispute():
            return claims_named(command.claims)
        case ask.SendRecords() | ask.FileAppeal() | ask.HoldPeerToPeer() | ask.IssuePacket():
            return told_about(state)
        case ask.ResolveDispute() if state.opened and state.track == "provider_contract":
            return claims_named(state.opened.claims[:1])
        case _:
            return {}


def further(state: Dispute, command: ask.Command, seen: Mapping[str, Seen]) -> dict[str, Stream]:
    """The policy under which the claims were billed, where its contract sets the clock; the episodes that the payer is
    told of."""
    match command:
        case ask.SendRecords() | ask.FileAppeal() | ask.HoldPeerToPeer():
            return episodes_of(state, seen)
        case ask.OpenDispute(track="provider_contract"):
            return policy_of(command.claims, seen)
        case ask.ResolveDispute() if state.opened and state.track == "provider_contract":
            return policy_of(state.opened.claims, seen)
        case _:
            return {}


def decide(state: Dispute, command: ask.Command, act: Act, seen: Mapping[str, Seen]) -> Outcomes:  # noqa: PLR0911 # one arm a command
    """The outcomes of a command, or a refusal."""
    if isinstance(state, Unopened) and not isinstance(command, ask.ReceiveRequest | ask.OpenDispute):
        raise no.UnknownDispute(dispute_id=command.dispute_id)
    match command:
        case ask.ReceiveRequest():
            return _receive(state, command, act, seen)
        case ask.SendRecords():
            return _send(state, command, act, seen)
        case ask.OpenDispute() | ask.FileAppeal() | ask.ResolveDispute():
            return contest(state, command, act, seen)
        case ask.HoldHearing() | ask.HoldPeerToPeer():
            return _hold(state, command, act, seen)
        case ask.LogCall():
            return _log(state, command, act)
        case ask.AssignOwner():
            fact = made(OwnerAssigned, command, assigned_by=act.by)
            return () if state.owner_id == command.owner_id else (fact,)
        case ask.IssuePacket():
            return _issue(state, command, act, seen)


def _receive(state: Dispute, command: ask.ReceiveRequest, act: Act, seen: Mapping[str, Seen]) -> Outcomes:
    """A stated due day wins over the clock of its kind; a letter without either could not be put on a list."""
    must_be_of_the_matter(state, command)
    must_be_their_claims(command, seen)
    not_in_the_future(act, command.received_on)
    stated = command.stated_due_on
    if stated is not None and stated < command.received_on:
        raise no.DueBeforeReceipt(received_on=command.received_on, due_on=stated)
    clock = request_clock(command.track, command.kind, command.received_on)
    deadline = due(clock, received_on=command.received_on, stated_on=stated)
    if deadline is None:
        raise no.ClockUnknown
    fact = made(
        RecordsRequested, command, deadline=deadline, due_on=deadline.due_on, recorded_by=act.by, sealed=sealed(command)
    )
    earlier = next((one for one in state.requests if one.request_id == command.request_id), None)
    return only(earlier, fact, no.RequestToldOtherwise(request_id=command.request_id))


def _send(state: Dispute, command: ask.SendRecords, act: Act, seen: Mapping[str, Seen]) -> Outcomes:
    asked = next((one for one in state.requests if one.request_id == command.request_id), None)
    if asked is None:
        raise no.UnknownRequest(request_id=command.request_id)
    not_in_the_future(act, command.sent_on)
    if command.sent_on < asked.received_on:
        raise no.SentBeforeRequest(sent_on=command.sent_on, received_on=asked.received_on)
    if command.packet_id is not None and not any(one.packet_id == command.packet_id for one in state.packets):
        raise no.UnknownPacket(packet_id=command.packet_id)
    disclosure_id = disclosure_of(state, command.disclosure_id, command.packet_id)
    must_be_disclosable(state, asked.claims, command.sent_on, disclosure_id, act, seen)
    fact = made(RecordsSent, command, disclosure_id=disclosure_id, sent_by=act.by, sealed=sealed(command))
    return once(state.sent, fact, no.AlreadySent())


def _hold(
    state: Dispute, command: ask.HoldHearing | ask.HoldPeerToPeer, act: Act, seen: Mapping[str, Seen]
) -> Outcomes:
    not_in_the_future(act, command.held_on)
    fact: HearingHeld | PeerToPeerHeld
    if isinstance(command, ask.HoldHearing):
        if state.level is None:
            raise no.NothingContested
        if command.level != state.level:
            raise no.OtherLevel(level=state.level)
        fact = made(HearingHeld, command, sealed=sealed(command))
    else:
        must_be_disclosable(state, state.claims, command.held_on, command.disclosure_id, act, seen)
        fact = made(PeerToPeerHeld, command, sealed=sealed(command))
    return _once_told(state, fact)


def _log(state: Dispute, command: ask.LogCall, act: Act) -> Outcomes:
    if moment(command.contacted_at) > moment(act.now):
        raise no.ContactInTheFuture(contacted_at=command.contacted_at)
    return _once_told(state, made(CallLogged, command, logged_by=act.by, sealed=sealed(command)))


def _once_told(state: Dispute, fact: Any) -> Outcomes:
    return once((one for one in state.told if type(one) is type(fact)), fact, no.AlreadyLogged())


def _issue(state: Dispute, command: ask.IssuePacket, act: Act, seen: Mapping[str, Seen]) -> Outcomes:
    """What allows a packet's disclosure is asked where that is recorded, but for the days that the patient forbade."""
    if command.patient_id != state.patient_id or not set(command.claims) <= set(state.claims):
        raise no.PacketOfAnother
    if command.known_to < command.as_of:
        raise no.KnownBeforeAsOf(as_of=command.as_of, known_to=command.known_to)
    if (command.checkpoint_size is None) != (command.checkpoint_root is None):
        raise no.HalfACheckpoint
    if command.edition == "payer" and command.approved_by != act.by:
        raise no.ApprovalMissing(by=act.by)
    if command.edition == "payer":
        must_be_asked_for(state, command.claims, command.items, command.beyond_cause)
        must_not_be_forbidden(state, command.claims, seen)
    fact = made(PacketIssued, command)
    earlier = next((one for one in state.packets if one.packet_id == command.packet_id), None)
    return only(earlier, fact, no.PacketToldOtherwise(packet_id=command.packet_id))
