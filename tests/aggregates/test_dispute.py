"""A payer asks for records or is contested: what it is about, what was sent and said, whose it is, what was issued."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from aggregates.claim import AGGREGATE as CLAIM
from aggregates.decision import DateInTheFuture
from aggregates.dispute import AGGREGATE
from aggregates.dispute import commands as ask
from aggregates.dispute import facts as past
from aggregates.dispute import refusals as no
from aggregates.kit import Stream
from tests.aggregates.biller import IT, PATIENT_ID, prepared
from tests.aggregates.disputing import (
    DECEMBER,
    DIGEST,
    DISPUTE,
    REJECTED,
    SECOND,
    after,
    answer,
    around,
    asked,
    file_it,
    issue,
    open_it,
    receive,
    refused,
    send,
)
from tests.aggregates.scenario import an_act, an_id, every_prefix_folds, given, seen_as

CALL = ask.LogCall(dispute_id=DISPUTE, contacted_at="2026-04-09T15:00:00Z", channel="phone", outcome="in-review")
GIVEN = ask.AssignOwner(dispute_id=DISPUTE, owner_id=an_id("person", 7), cause="leave")
HEARD = ask.HoldHearing(dispute_id=DISPUTE, level="redetermination", held_on="2026-05-20", manner="telephone")
SPOKEN = ask.HoldPeerToPeer(dispute_id=DISPUTE, held_on="2026-04-20", outcome="upheld", words="Criteria unmet.")


def test_a_request_keeps_what_is_wanted_until_when_and_what_says_so() -> None:
    """1 April and 45 days are 16 May; its words are sealed, and it is the patient's."""
    (fact,) = asked(receive()).once().facts
    assert (fact.items, fact.due_on, fact.deadline.confidence) == (("group_notes", "attendance"), "2026-05-16", "C")
    assert (fact.recorded_by, fact.sealed.words) == (DECEMBER.by, "Please send.")
    state = after(receive()).facts
    assert AGGREGATE.patients(asked(receive()).state, state[0], {}) == ((PATIENT_ID, None),)
    assert AGGREGATE.consult(AGGREGATE.initial, receive()) == {f"claim:{IT}": Stream("claim", IT)}


def test_the_day_that_the_letter_states_wins_over_the_clock() -> None:
    """It cannot lie before the letter came; where no clock is known it must be stated."""
    (fact,) = asked(receive(stated_due_on="2026-05-01")).facts
    assert (fact.due_on, fact.deadline.confidence, fact.deadline.unverified) == ("2026-05-01", "stated", False)
    assert "2026-03-31" in refused(receive(stated_due_on="2026-03-31"), no.DueBeforeReceipt)
    refused(receive(kind="other"), no.ClockUnknown)
    assert asked(receive(kind="other", stated_due_on="2026-05-01")).facts


def test_it_is_about_one_patient_s_claims_to_one_payer_that_were_sent() -> None:
    """Each named once; a rejected claim never counted as filed."""
    refused(receive(patient_id=an_id("patient", 9)), no.ClaimOfAnother)
    refused(receive(payer_id=an_id("payer", 9)), no.ClaimOfAnother)
    refused(open_it(program_id=an_id("program", 9)), no.ClaimOfAnother)
    refused(receive(claims=(IT, IT)), no.ClaimTwice)
    refused(receive(), no.ClaimNotSent, seen=around(REJECTED))
    refused(receive(), no.ClaimNotSent, seen=around() | {f"claim:{IT}": seen_as(CLAIM, IT, prepared())})
    refused(receive(), no.ClaimOfAnother, seen=around() | {f"claim:{IT}": seen_as(CLAIM, IT)})
    assert asked(receive(claims=(IT, SECOND))).facts


def test_a_stream_is_one_matter() -> None:
    """A dispute may follow its request; of another payer's way it may not, and a request's id stands for one."""
    assert asked(open_it(), receive(), send()).facts
    refused(open_it(track="commercial", level="internal_appeal"), no.OtherMatter, receive())
    refused(receive(items=("claim",)), no.RequestToldOtherwise, receive())
    refused(send(), no.UnknownDispute)


def test_records_leave_for_a_request_with_the_proof_of_it() -> None:
    """In parts, also too late; not before it was asked, nor with a packet that nobody issued."""
    (fact,) = asked(send(sent_on="2026-05-17", tracking="P-1"), receive()).once().facts
    assert (fact.sent_by, fact.tracking, fact.sent_on) == (DECEMBER.by, "P-1", "2026-05-17")
    assert asked(send(items=("attendance",)), receive(), send()).facts
    refused(send(sent_on="2026-03-31"), no.SentBeforeRequest, receive())
    refused(send(request_id=an_id("request", 2)), no.UnknownRequest, receive())
    refused(send(packet_id=an_id("packet")), no.UnknownPacket, receive())
    assert asked(send(packet_id=an_id("packet")), receive(), issue()).facts


def test_whoever_began_it_owns_it_until_it_is_given_to_somebody() -> None:
    """Given to its owner, nothing happens."""
    assert asked(receive()).state.owner_id == DECEMBER.by
    (fact,) = asked(GIVEN, open_it()).once().facts
    assert (fact.owner_id, fact.assigned_by) == (an_id("person", 7), DECEMBER.by)
    assert asked(ask.AssignOwner(dispute_id=DISPUTE, owner_id=DECEMBER.by, cause="x"), open_it()).facts == ()


def test_calls_hearings_and_peer_to_peers_are_told_once() -> None:
    """With sealed words; a hearing is of the level that it stands at; none of them lies ahead."""
    for one in (CALL, HEARD, SPOKEN):
        asked(one, open_it()).once()
    assert asked(SPOKEN, open_it()).facts[0].sealed.words == "Criteria unmet."
    refused(HEARD, no.NothingContested, receive())
    refused(ask.HoldHearing(dispute_id=DISPUTE, level="hearing", held_on="2026-05-20", manner="video"), no.OtherLevel,
            open_it())  # fmt: skip
    refused(ask.LogCall(dispute_id=DISPUTE, contacted_at="2027-01-01T00:00:00Z", channel="fax", outcome="x"),
            no.ContactInTheFuture, open_it())  # fmt: skip
    refused(ask.HoldPeerToPeer(dispute_id=DISPUTE, held_on="2027-01-02", outcome="upheld"), DateInTheFuture, open_it())


def test_a_packet_for_the_payer_is_approved_by_whoever_issues_it() -> None:
    """Our own edition needs nobody; both are of the dispute's patient and claims."""
    (fact,) = asked(issue(), open_it()).once().facts
    assert (fact.dispute_id, fact.approved_by, fact.sha256) == (DISPUTE, DECEMBER.by, DIGEST)
    assert DECEMBER.by in refused(issue(approved_by=an_id("person", 7)), no.ApprovalMissing, open_it())
    refused(issue(approved_by=None), no.ApprovalMissing, open_it())
    assert asked(issue(edition="internal", approved_by=None), open_it()).facts
    refused(issue(patient_id=an_id("patient", 9)), no.PacketOfAnother, open_it())
    refused(issue(claims=(SECOND,)), no.PacketOfAnother, open_it())
    refused(issue(pages=13), no.PacketToldOtherwise, open_it(), issue())


def test_a_packet_is_built_from_what_was_known_at_its_moment_or_later() -> None:
    """And a checkpoint is a size with its root."""
    refused(issue(known_to=39), no.KnownBeforeAsOf, open_it())
    refused(issue(checkpoint_size=90), no.HalfACheckpoint, open_it())
    assert asked(issue(checkpoint_size=90, checkpoint_root=DIGEST), open_it()).facts


@pytest.mark.parametrize("command", [receive(), send(), CALL, GIVEN, issue()])
def test_what_lies_ahead_is_no_fact_yet(command: Any) -> None:
    """A letter and a sending have their day; the others say nothing of one."""
    early = an_act(occurred_at="2026-03-20T12:00:00Z", role="biller")
    before = () if isinstance(command, ask.ReceiveRequest) else (receive(),)
    decided = after(*before).when(command, early, around())
    if isinstance(command, ask.ReceiveRequest | ask.SendRecords):
        decided.refuses(DateInTheFuture)
    elif isinstance(command, ask.LogCall):
        decided.refuses(no.ContactInTheFuture)


COMMANDS = (
    receive(), send(), open_it(), open_it(claims=(IT, SECOND)), file_it(), file_it("reconsideration", "2026-08-01"),
    answer(), answer("reconsideration", "2026-10-01"), answer(final=True), CALL, GIVEN, HEARD, SPOKEN, issue(),
)  # fmt: skip


@for_all(st.lists(st.sampled_from(COMMANDS), max_size=12))
def test_no_order_of_acts_files_a_later_level_without_an_answer(commands: list[Any]) -> None:
    """Whatever is refused on the way; every prefix folds, and nothing is told twice."""
    stream = given(AGGREGATE)
    for one in commands:
        decided = stream.when(one, DECEMBER, around())
        if decided.refusal is None and decided.facts:
            decided.never_twice()
        stream = decided.after
    every_prefix_folds(AGGREGATE, *stream.facts)
    facts = list(stream.facts)
    for place, fact in enumerate(facts):
        if isinstance(fact, past.AppealFiled) and fact.level == "reconsideration":
            assert any(isinstance(one, past.DisputeResolved) for one in facts[:place])
