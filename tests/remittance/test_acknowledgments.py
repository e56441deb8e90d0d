"""277CA and 999: a claim taken in is acknowledged, one that was not is rejected with its codes, the rest waits."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregates.claim.facts import ClaimSubmitted, ClaimVoided
from aggregates.claim.state import reservations
from aggregates.codec import decode
from api.commands.handle import Commands
from iop_es.engine.log import Append, Keyed, Log, Reservation
from iop_es.remittance.acknowledging import import_acknowledgments
from iop_es.remittance.interchange import read
from iop_es.remittance.keeping import Door
from iop_es.remittance.statuses import statuses_of
from iop_es.remittance.summary import Acknowledged
from tests.projections.billing.clinic import an_id
from tests.remittance.builder import Payment, interchange
from tests.remittance.desk import BILLER, DAYS, Desk, a_desk, paid


@pytest.fixture
def desk(log: Log) -> Desk:
    """Claims that were sent; nobody answered yet."""
    return a_desk(log, acknowledged=False)


def level(control: str, *statuses: str, date: str = "20260311", number: str = "PAYER-7") -> list[str]:
    """One patient level of a 277CA."""
    return [
        "HL*4*3*PT", "NM1*QC*1*QUEEG*PHILIP****MI*ZX1", f"TRN*2*{control}",
        *(f"STC*{status}*{date}*WQ*400" for status in statuses), f"REF*1K*{number}",
    ]  # fmt: skip


def answer(*levels: list[str]) -> bytes:
    """A 277CA with these claims."""
    head = ["BHT*0085*08*1*20260311*1200*TH", "HL*1**20*1", "HL*2*1*21*1", "TRN*2*BATCH", "STC*A1:19*20260311"]
    return interchange("277", [*head, *(segment for one in levels for segment in one)])


def functional(batch: str, *codes: str) -> bytes:
    """A 999 about groups with these answers."""
    body = [segment for code in codes for segment in (f"AK1*HC*{batch}", "AK2*837*0001", "IK5*A", f"AK9*{code}*1*1*1")]
    return interchange("999", body)


def imported(desk: Desk, data: bytes, **more: Any) -> Acknowledged:
    """What came of a file."""
    return import_acknowledgments(Door(desk.log, Commands(desk.log), BILLER, **more), "ack.x12", data)


def counts(found: Acknowledged) -> tuple[int, int, int, list[str]]:
    """Accepted, rejected, known before, and why the rest is unmatched."""
    return found.accepted, found.rejected, found.before, [one.why for one in found.unmatched]


def test_claims_are_acknowledged_and_rejected_one_by_one(desk: Desk) -> None:
    """With the payer's day and number, or its codes; the same file again changes nothing."""
    data = answer(level("c1", "A1:19:PR", "A2:20:PR"), level("C2", "A1:19", "A7:562:85"), level("X", "A1:19"))
    assert counts(imported(desk, data)) == (1, 1, 0, ["claim-unknown"])
    [taken] = desk.bill(1).acknowledged
    assert (taken.acknowledged_at, taken.source, taken.reference) == ("2026-03-11T23:59:59.000000Z", "277CA", "PAYER-7")
    rejected = desk.bill(2).rejected
    assert rejected is not None and rejected.codes == ("A1", "19", "A7", "562")
    position = desk.position
    assert counts(imported(desk, data)) == (0, 0, 2, ["claim-unknown"])
    assert desk.position == position
    (kept,) = desk.log.by_topics(["account.remittance_unmatched"])
    assert decode(kept.topic, kept.state).source == "277CA"


def test_the_first_acknowledgment_of_a_source_is_the_proof(desk: Desk) -> None:
    """A later one on the claim's way is known; who adjudicated does not reject, who rejected does not take in."""
    imported(desk, answer(level("C2", "A3:21")))
    assert counts(imported(desk, answer(level("C2", "A2:20", date="20260313"))))[3] == ["refused"]
    imported(desk, answer(level("C1", "A0:20")))
    assert counts(imported(desk, answer(level("C1", "A2:20", date="20260313")))) == (0, 0, 1, [])
    desk.imported(Payment([paid()]))
    assert counts(imported(desk, answer(level("C1", "A3:21", date="20260402")))) == (0, 0, 0, ["refused"])


def test_what_says_neither_waits(desk: Desk) -> None:
    """A status of another kind, none at all, a day that is none, an answer before the claim was sent."""
    data = answer(
        level("C1", "F1:65"), level("C2"), level("C3", "A1:19", date="20260230"), level("C4", "A1:19", date="20260301")
    )
    assert counts(imported(desk, data))[3] == ["status-unknown", "status-unknown", "bad-date", "refused"]
    assert desk.bill(1).acknowledged == ()


def test_a_999_answers_for_a_batch(desk: Desk) -> None:
    """Taken in with or without remarks; in part is left to a person, and so is a batch that nobody sent."""
    assert counts(imported(desk, functional("b", "A"))) == (4, 0, 0, [])
    assert desk.bill(1).acknowledged[0].source == "999"
    assert counts(imported(desk, functional("b", "E"))) == (0, 0, 4, [])
    assert counts(imported(desk, functional("b", "P")))[3] == ["status-unknown"]
    assert counts(imported(desk, functional("other", "A")))[3] == ["batch-unknown"]
    assert counts(imported(desk, functional("b", "R"))) == (0, 4, 0, [])


def test_a_dry_run_and_a_file_of_another_kind_record_no_claim(desk: Desk) -> None:
    """Nothing is ordered; a remittance is not an acknowledgment."""
    position = desk.position
    assert counts(imported(desk, answer(level("C1", "A1:19")), dry_run=True))[0] == 1
    assert desk.position == position
    assert counts(imported(desk, interchange("835", [])))[3] == ["no-acknowledgment"]
    assert counts(imported(desk, b"none"))[3] == ["not-x12"]


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 600), st.integers(0, 30), st.binary(max_size=6))
def test_no_damage_ends_the_reading(place: int, length: int, other: bytes) -> None:
    """What is read says accepted or rejected, or has a fault."""
    data = answer(level("C1", "A1:19"), level("C2", "A7:562"))
    found = read(data[:place] + other + data[place + length :])
    for transaction in found.transactions:
        for one in statuses_of(transaction, found.component):
            assert one.fault or one.accepted is not None


def test_a_rejection_after_the_acceptance_is_recorded_though_the_day_was_billed_anew(desk: Desk) -> None:
    """The payer accepts a void of claim 1, claim 3 takes its first day, and then the void is rejected: claim 1 stands
    again, holds what is free, and says what claim 3 has."""
    void, first, anew = an_id("claim", 9), an_id("claim"), an_id("claim", 3)
    begin = len(desk.clinic.story.facts) + 1
    desk.clinic.claim(9, DAYS, frequency="8", replaces=first)
    sent = ClaimSubmitted(submitted_at="2026-03-11T21:00:00.000000Z", batch="b", control_number="C9")
    desk.clinic.story.tell(void, sent, role="biller")
    desk.clinic.story.tell(first, ClaimVoided(voided_on="2026-03-11", cause="error"), role="biller")
    desk.clinic.story.append(desk.log, begin)
    assert counts(imported(desk, answer(level("C9", "A1:19", date="20260312")))) == (1, 0, 0, [])
    prepared = desk.bill(1).prepared
    assert prepared is not None
    day, *rest = reservations(prepared)
    keys = (Keyed("test:anew", bytes(32), 0, UUID(anew)),)
    desk.log.append(Append(facts=(), keys=keys, claim=(Reservation(*day, UUID(anew)),)))
    assert counts(imported(desk, answer(level("C9", "A7:562", date="20260313")))) == (0, 1, 0, [])
    assert desk.bill(9).rejected is not None and desk.bill(1).phase == "submitted"
    assert set(desk.bill(1).others) == {day} and desk.bill(1).held == tuple(rest)
    assert desk.log.holders(day[0], [day[1]]) == {day[1]: anew}
    assert all(desk.log.holders(kind, [key]) == {key: first} for kind, key in rest)
