"""What of an 835 cannot be trusted or matched moves nothing, is kept with why, and lets the rest of the file go on."""

from __future__ import annotations

from typing import Any

import pytest

from aggregates.account.streams import account_of
from aggregates.codec import decode
from aggregates.payer_policy.facts import ElectronicAddressRecorded
from iop_es.engine.log import Log
from tests.projections.billing.clinic import an_id
from tests.remittance.builder import Claim, Payment, Service, file
from tests.remittance.desk import PATIENT, PAYER, Desk, a_desk, paid, service


@pytest.fixture
def desk(log: Log) -> Desk:
    """Claims that were sent."""
    return a_desk(log)


def whys(found: Any) -> list[str]:
    """Why each part is unmatched."""
    return [one.why for one in found.unmatched]


def test_two_payers_in_one_file_are_told_apart(desk: Desk) -> None:
    """Each transaction is its payer's own; trace numbers may be alike."""
    found = desk.imported(Payment([paid()]), Payment([paid("C4")], payer="PAYER 2"))
    assert found.unmatched == [] and [one.posted for one in found.remittances] == [1, 1]
    assert desk.bill(1).adjudicated is not None and desk.bill(4).adjudicated is not None


def test_a_claim_of_another_payer_is_unmatched_and_the_others_go_on(desk: Desk) -> None:
    """By the payer's name, or as the caller says."""
    found = desk.imported(Payment([paid(), paid("C4")]))
    assert whys(found) == ["payer-differs"] and found.remittances[0].posted == 1
    said = Payment([paid("C4")], payer="A PLAN", trace="EFT-3")
    assert whys(desk.imported(said, payer_id=PAYER)) == ["payer-differs"]
    assert desk.bill(4).adjudicated is None


def test_nothing_of_an_unknown_payer_is_posted_whoever_s_claims_are_in_it(desk: Desk) -> None:
    """Most claims of one payer do not make a file that payer's: all of it is kept, until somebody says whose it is."""
    file = Payment([paid("C2"), paid("C3", lines=1), paid("C4")], payer="A PLAN", plb=[("WO", "C2", 5.0)])
    found = desk.imported(file)
    assert whys(found) == ["payer-unknown"] * 4
    assert (found.remittances[0].posted, found.remittances[0].adjustments) == (0, 0)
    assert "record its electronic address" in found.unmatched[0].sentence
    assert [desk.bill(number).adjudicated for number in (2, 3, 4)] == [None, None, None]
    later = desk.imported(file, payer_id=PAYER)
    assert whys(later) == ["payer-differs"]
    assert (later.remittances[0].posted, later.remittances[0].adjustments) == (2, 1)


def test_a_payer_is_known_by_the_id_of_its_electronic_address(desk: Desk) -> None:
    """Whatever name the file has; another id under its name posts nothing until an address with it is recorded."""

    def address(number: str, day: str) -> None:
        count = len(desk.clinic.story.facts)
        desk.clinic.story.tell(an_id("policy"), ElectronicAddressRecorded(
            effective_from=day, receiver_id="R1", receiver_name="Clearing", electronic_payer_id=number,
            claim_filing_indicator="CI",
        ), role="biller")  # fmt: skip
        desk.clinic.story.append(desk.log, count + 1)

    address("P1000", "2026-01-01")
    by_id = desk.imported(Payment([paid()], payer="PAYER ONE OF OHIO", payer_number="p1000"))
    assert (by_id.unmatched, by_id.remittances[0].posted) == ([], 1)
    other = Payment([paid("C2")], payer_number="P2000", trace="EFT-2")
    found = desk.imported(other)
    assert whys(found) == ["payer-number-differs"]
    assert "record an electronic address with this id" in found.unmatched[0].sentence
    address("P2000", "2026-02-01")
    assert desk.imported(other).remittances[0].posted == 1
    assert desk.imported(Payment([paid("C3", lines=1)], trace="EFT-3")).remittances[0].posted == 1


def test_what_does_not_add_up_moves_nothing(desk: Desk) -> None:
    """The payment against its claims, a claim against its adjustments, a line against its own."""
    before = desk.position
    found = desk.imported(Payment([paid(), paid("C2")], total=1.0))
    assert whys(found) == ["remittance-out-of-balance"] * 2
    off = Payment([paid("C1", paid=290.0), paid("C2")], trace="EFT-2")
    assert whys(desk.imported(off)) == ["claim-out-of-balance"]
    line = Payment([Claim("C3", [service(1, 151.0)])], trace="EFT-3")
    assert whys(desk.imported(line)) == ["line-out-of-balance"]
    assert desk.bill(1).adjudicated is None and desk.bill(3).adjudicated is None
    assert desk.bill(2).adjudicated is not None  # only the claim that does not add up was left out of its remittance
    assert desk.position > before


@pytest.mark.parametrize("cut", ["CLP*C2", "SE*", "GE*", "IEA*"])
def test_a_truncated_file_posts_what_is_whole_and_says_so(desk: Desk, cut: str) -> None:
    """A whole transaction stands on its own sums; of the one that was cut off nothing is posted."""
    data = file(Payment([paid()]), Payment([paid("C2")], trace="EFT-2"))
    place = data.rindex(cut.encode()) if cut != "CLP*C2" else data.index(cut.encode()) + 20
    found = desk.imported(data=data[:place])
    assert desk.bill(1).adjudicated is not None
    assert (desk.bill(2).adjudicated is None) == (cut in {"CLP*C2", "SE*"})
    assert "truncated" in whys(found)


@pytest.mark.parametrize(("data", "why"), [
    (b"", "not-x12"), (b"Dear provider,\nwe paid.\n", "not-x12"), (b"ISA*00", "not-x12"), (b"\xff\xfe\x00", "not-x12"),
    (file(), "no-835"),
])
def test_a_file_that_is_no_835_is_kept_with_why(desk: Desk, data: bytes, why: str) -> None:
    """Once, however often it comes."""
    assert whys(desk.imported(data=data)) == [why]
    position = desk.position
    assert whys(desk.imported(data=data)) == [why] and desk.position == position


def test_other_ends_of_segments_are_read_alike(desk: Desk) -> None:
    """Line ends as terminators, with or without carriage returns, and none beside the tilde."""
    for number, terminator in enumerate(("\n", "\r\n", "~"), 1):
        if number < 3:
            data = file(Payment([paid(f"C{number}")], trace=f"EFT-{number}"), terminator=terminator)
        else:
            data = file(Payment([paid("C3", lines=1)], trace="EFT-3"), terminator=terminator)
        assert desk.imported(data=data).unmatched == []


@pytest.mark.parametrize(("payment", "why"), [
    (Payment([paid()], bpr_date="20002316"), "bad-date"),
    (Payment([paid()], bpr_date="020260401"), "bad-date"),
    (Payment([paid("NOBODY")], bpr_date="20002316"), "bad-date"),
    (Payment([paid()], trace=""), "no-trace"),
    (Payment([Claim("C1", [service(1), Service("2026-02-30", 200.0, 200.0, number="2")])]), "bad-date"),
    (Payment([Claim("C1", [service(1), service(2)], icn="")]), "bad-element"),
    (Payment([paid(status="25")]), "unsupported"),
    (Payment([paid(adjustments=[("CR", "1", 0.0)])]), "bad-element"),
    (Payment([paid()], paid_on="2199-01-01"), "refused"),
    (Payment([paid()], paid_on="2026-01-01"), "refused"),
])
def test_what_cannot_be_trusted_moves_nothing_and_says_why(desk: Desk, payment: Payment, why: str) -> None:
    """A date that no calendar has, no trace, no number of the payer's, a use or group that is not ours, a rule. What is
    kept is no patient's, and outlives every patient's keys: so it names nobody."""
    found = desk.imported(payment)
    assert whys(found) == [why]
    assert desk.bill().adjudicated is None and not desk.account().lines
    (kept,) = desk.log.by_topics(["account.remittance_unmatched"], with_sealed=True)
    fact = decode(kept.topic, kept.state, kept.sealed)
    assert fact.why == why and fact.sealed.sentence == found.unmatched[0].sentence
    assert "CLP*" in fact.sealed.segments and "SVC*" in fact.sealed.segments and "CLP*" not in kept.state.decode()
    for name in ("QUEEG", "PHILIP", "ZX12345"):
        assert name not in f"{fact.sealed}{kept.state.decode()}"


def test_control_characters_in_a_file_do_not_end_the_import(desk: Desk) -> None:
    """They are left out of what is kept."""
    data = file(Payment([paid()], bpr_date="2000\x00\x1b[2J")).replace(b"QUEEG", b"QUE\x07EG")
    found = desk.imported(data=data)
    assert whys(found) == ["bad-date"] and "\x1b" not in found.unmatched[0].sentence


def test_the_same_remittance_with_other_words_is_told_apart(desk: Desk) -> None:
    """Nobody knows which one holds, so nothing moves."""
    desk.imported(Payment([paid()]))
    position = len(desk.facts(account_of(PATIENT)))
    found = desk.imported(Payment([Claim("C1", [service(1, 140.0, (("CO", "45", 60.0),)), service(2)])]))
    assert whys(found) == ["told-otherwise"]
    assert len(desk.facts(account_of(PATIENT))) == position


def test_a_dry_run_plans_all_and_records_nothing(desk: Desk) -> None:
    """Its numbers are those of the import."""
    payment = Payment([paid(), paid("X")], plb=[("WO", "C1", 10.0)])
    position = desk.position
    would = desk.imported(payment, dry_run=True)
    assert desk.position == position
    done = desk.imported(payment)
    assert would.as_json() == done.as_json()


def test_a_claim_is_recorded_whole_or_not_at_all(desk: Desk) -> None:
    """Where the account refuses, the claim is not adjudicated either."""
    desk.imported(Payment([paid()]))
    # A second answer beside the first one: the claim refuses it, so nothing of it reaches the account.
    found = desk.imported(Payment([paid(icn="OTHER")], trace="EFT-2"))
    assert whys(found) == ["refused"]
    assert list(desk.account().postings) == [(an_id("claim"), "EFT-1", 1)]
