"""What payers deny is contested once, with an owner and calls, and once a reviewer asks for records.

Both begin with a remittance and use chances and ids of their own, so that nobody else's day changes. What a packet for
the payer would hold is not printed here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

from aggregates.dispute.commands import (
    AssignOwner,
    FileAppeal,
    HoldPeerToPeer,
    LogCall,
    OpenDispute,
    ReceiveRequest,
    SendRecords,
)
from aggregates.dispute.tracks import LEVELS, Item, Track
from iop_es.demo.agenda import local
from iop_es.demo.policies import load_policy
from iop_es.demo.world import Bill, World
from projections.billing.disputes.rows import TRACKS

CONTESTED = {"50", "197"}
"""CARCs that a person contests: not medically necessary, no authorization."""
REVIEWER, REVIEWED_FROM = "medicare", 8
"""Who asks for records, and from which week on."""
WANTED: tuple[Item, ...] = (
    "group_notes", "individual_notes", "signatures", "attendance", "treatment_plan", "certification", "outcome_scores",
)  # fmt: skip
AT_ONCE: tuple[Item, ...] = ("attendance", "treatment_plan")


def answered(world: World, name: str, bills: Sequence[Bill]) -> None:
    """After a payer's remittance: a denial is contested, and a reviewer's letter comes about what it answered."""
    day, track = date.fromisoformat(world.desk.now[:10]), _track(name)
    if track is None:
        return
    denied = next((one for one in bills if _denied(one)), None)
    if denied is not None and world.once("contested"):
        _contest(world, track, denied, day)
    own = [one for one in bills if one.answer and not one.claim.replaces and not one.claim.after_claim]
    if own and world.once("records asked for", name == REVIEWER and world.week(day) >= REVIEWED_FROM):
        _ask_for_records(world, track, own[0], day)


def _contest(world: World, track: Track, bill: Bill, day: date) -> None:
    """Opened the day after, given to the reviewer, called about, talked over with the payer's physician, and filed."""
    dispute_id, appeal_id = world.letter_id(), world.letter_id()
    biller, reviewer, claim = world.staff["biller"], world.staff["reviewer"], bill.claim
    level, reasons = LEVELS[track][0], bill.answer.lines[0].adjustments if bill.answer else []
    steps: list[tuple[int, str, str, Callable[[], Any]]] = [
        (1, "10:00", "biller", lambda: OpenDispute(
            dispute_id=dispute_id, patient_id=claim.patient_id, program_id=claim.program_id, payer_id=claim.payer_id,
            track=track, claims=(claim.claim_id,), codes=tuple(f"{one.group}-{one.carc}" for one in reasons),
            level=level, received_on=day.isoformat(), amount_cents=claim.total_cents,
            words="Every day met the level of care; the record bears it out.",
        )),
        (1, "11:00", "director", lambda: AssignOwner(
            dispute_id=dispute_id, owner_id=reviewer.id, cause="clinical-denial"
        )),
        (2, "14:00", "reviewer", lambda: LogCall(
            dispute_id=dispute_id, contacted_at=world.desk.now, channel="phone", outcome="reason-told",
            words="Told which criterion was not met; a peer-to-peer was offered.", reference="Call 4471",
        )),
        (5, "15:00", "reviewer", lambda: HoldPeerToPeer(
            dispute_id=dispute_id, held_on=world.desk.now[:10], outcome="undecided",
            words="They ask for the plan's reviews in writing.",
        )),
        (8, "09:30", "reviewer", lambda: FileAppeal(
            dispute_id=dispute_id, appeal_id=appeal_id, level=level, filed_on=world.desk.now[:10], means="portal",
            amount_cents=claim.total_cents, words="With the plan, its reviews and the notes of the days.",
        )),
    ]  # fmt: skip
    people = {"biller": biller, "reviewer": reviewer, "director": world.staff["director"]}
    for days, clock, who, command in steps:
        _put(world, day + timedelta(days=days), clock, people[who], command)


def _ask_for_records(world: World, track: Track, bill: Bill, day: date) -> None:
    """The letter comes two days later; what lies ready leaves in a week, the rest waits for its signatures."""
    dispute_id, request_id, letter_id = world.letter_id(), world.letter_id(), world.letter_id()
    biller, claim = world.staff["biller"], bill.claim
    _put(world, day + timedelta(days=2), "10:30", biller, lambda: ReceiveRequest(
        dispute_id=dispute_id, request_id=request_id, letter_id=letter_id, patient_id=claim.patient_id,
        program_id=claim.program_id, payer_id=claim.payer_id, track=track, kind="medical_review",
        claims=(claim.claim_id,), items=WANTED, received_on=world.desk.now[:10], reference="ADR 55120",
    ))  # fmt: skip
    _put(world, day + timedelta(days=9), "10:30", biller, lambda: SendRecords(
        dispute_id=dispute_id, request_id=request_id, sent_on=world.desk.now[:10], means="electronic",
        tracking="DEMO-55120-1", items=AT_ONCE,
    ))  # fmt: skip


def _put(world: World, day: date, clock: str, person: Any, command: Callable[[], Any]) -> None:
    world.agenda.put(local(day, clock), lambda: world.desk.order(person, command()))


def _denied(bill: Bill) -> bool:
    """Whether an original's answer refuses it for a reason that is contested."""
    first = not bill.claim.replaces and not bill.claim.after_claim
    lines = bill.answer.lines if first and bill.answer else []
    return any(one.carc in CONTESTED for line in lines for one in line.adjustments)


def _track(name: str) -> Track | None:
    return TRACKS.get(load_policy(name).payer_kind)
