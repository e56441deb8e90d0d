"""An 835 of ours from beginning to end: adjudicated and posted, reversed, taken back, or kept unmatched with why."""

from __future__ import annotations

from typing import Any

import pytest

from aggregates.account.accounts import account_of, account_with
from aggregates.account.commands import PostRemittance
from aggregates.claim.commands import AdjudicateClaim
from aggregates.claim.facts import AdjudicatedLine, Adjustment
from aggregates.codec import decode
from api.commands.handle import Commands
from api.commands.order import Order
from iop_es.engine.log import Log
from tests.projections.billing.clinic import an_id
from tests.remittance.builder import Claim, Payment, Service, file
from tests.remittance.desk import BILLER, DENIED, PATIENT, PAYER, Desk, a_desk, paid, reversal, service


@pytest.fixture
def desk(log: Log) -> Desk:
    """Claims that were sent."""
    return a_desk(log)


def whys(found: Any) -> list[str]:
    """Why each part is unmatched."""
    return [one.why for one in found.unmatched]


def test_a_paid_claim_is_adjudicated_and_posted_in_one_append(desk: Desk) -> None:
    """Every line with what was paid, adjusted and allowed; claim and account facts stand side by side in the log."""
    before = desk.position
    answered = Claim("C1", [service(1, allowed=180.0), service(2)], icn="ICN9")
    found = desk.imported(Payment([answered], produced_on="2026-03-31"))
    assert found.unmatched == [] and found.remittances[0].posted == 1
    answer = desk.bill().adjudicated
    assert answer is not None
    assert (answer.adjudicated_on, answer.remittance_on, answer.trace_number) == ("2026-03-31", "2026-04-01", "EFT-1")
    assert (answer.payer_control_number, answer.paid_cents) == ("ICN9", 30_000)
    assert [(one.paid_cents, one.allowed_cents) for one in answer.lines] == [(15_000, 18_000), (15_000, None)]
    lines = desk.account().lines
    assert [one.shares.patient for one in lines.values()] == [3_000, 3_000]
    assert {one.open_cents for one in lines.values()} == {0}
    new = desk.log.after(before, 100)
    assert [one.name.partition(".")[2] for one in new] == [
        "adjudicated", "charge_posted", "charge_posted", "remittance_posted", "remittance_posted",
    ]
    assert len({one.recorded_at for one in new}) == 1
    assert all(one.patients == (PATIENT,) for one in desk.facts(account_of(PATIENT)))


def test_the_same_file_again_changes_nothing(desk: Desk) -> None:
    """Also with a takeback and an unmatched part in it; what is unmatched is told again."""
    payment = Payment([paid(), paid("X9")], plb=[("WO", "C1", 50.0)])
    first = desk.imported(payment)
    position = desk.position
    again = desk.imported(payment)
    assert desk.position == position
    assert (first.remittances[0].posted, again.remittances[0].posted, again.remittances[0].before) == (1, 0, 1)
    assert whys(first) == whys(again) == ["claim-unknown"]
    assert (first.unmatched[0].known_before, again.unmatched[0].known_before) == (False, True)


def test_what_was_posted_by_hand_is_not_posted_twice(desk: Desk) -> None:
    """Another key, but the same remittance: the answer is already so, and the reservation is held."""
    adjustments = tuple(
        Adjustment(group=group, carc=carc, amount_cents=cents)
        for group, carc, cents in (("CO", "45", 2_000), ("PR", "2", 3_000))
    )
    lines = tuple(AdjudicatedLine(line=n, paid_cents=15_000, adjustments=adjustments) for n in (1, 2))
    told = AdjudicateClaim(
        claim_id=an_id("claim"), adjudicated_on="2026-04-01", payer_control_number="ICN1", lines=lines,
        paid_cents=30_000,
    )
    post = PostRemittance(
        account_id=account_of(PATIENT), claim_id=an_id("claim"), trace_number="EFT-1", remittance_on="2026-04-01"
    )
    for number, command in enumerate((told, post)):
        Commands(desk.log).handle(Order(command, BILLER, "biller", None, f"hand:{number}", b"1"))
    facts = len(desk.facts(account_of(PATIENT)))
    found = desk.imported(Payment([paid()]))
    assert found.unmatched == []
    assert len(desk.facts(account_of(PATIENT))) == facts


def test_an_answer_told_by_hand_is_posted_when_its_remittance_comes(desk: Desk) -> None:
    """Said alike, it is not adjudicated again; said otherwise, it is unmatched and says what to do."""
    lines = tuple(
        AdjudicatedLine(line=n, paid_cents=0, adjustments=(Adjustment(group="CO", carc="197", amount_cents=20_000),))
        for n in (1, 2)
    )
    told = AdjudicateClaim(
        claim_id=an_id("claim"), adjudicated_on="2026-03-30", payer_control_number="ICN1", lines=lines, paid_cents=0
    )
    Commands(desk.log).handle(Order(told, BILLER, "biller", None, "hand", b"1"))
    other = desk.imported(Payment([paid()], trace="EFT-7"))
    assert whys(other) == ["refused"] and "reverse that answer first" in other.unmatched[0].sentence
    denied = Claim("C1", [service(1, 0.0, DENIED), service(2, 0.0, DENIED)], status="4")
    assert desk.imported(Payment([denied])).unmatched == []
    assert len(desk.bill().answers) == 1
    assert [one.shares.denied for one in desk.account().lines.values()] == [20_000, 20_000]


def test_a_partly_denied_claim_is_told_by_line_with_its_remark(desk: Desk) -> None:
    """The remark stands with the refusal, not with the fee's reduction or the patient's share."""
    parts = (("CO", "45", 20.0), ("CO", "198", 100.0), ("PR", "2", 30.0))
    found = desk.imported(Payment([Claim("C1", [service(1, 50.0, parts, remark="N54"), service(2, 0.0, DENIED)])]))
    assert found.unmatched == []
    first, second = desk.account().lines.values()
    assert (first.shares.denied, second.shares.denied) == (10_000, 20_000)
    answer = desk.bill().adjudicated
    assert answer is not None
    assert [(one.carc, one.rarc) for one in answer.lines[0].adjustments] == [("45", None), ("198", "N54"), ("2", None)]


def test_a_denial_without_lines_is_every_lines(desk: Desk) -> None:
    """One reason for the whole charge needs no dividing; anything else of a claim with several lines does."""
    denied = Claim("C1", status="4", charge=400.0, paid=0.0, adjustments=[("CO", "29", 400.0)])
    assert desk.imported(Payment([denied])).unmatched == []
    assert [one.shares.denied for one in desk.account().lines.values()] == [20_000, 20_000]
    whole = Claim("C2", charge=400.0, paid=300.0, adjustments=[("CO", "45", 100.0)])
    assert whys(desk.imported(Payment([whole], trace="EFT-2"))) == ["no-lines"]
    one = Claim("C3", charge=200.0, paid=150.0, adjustments=[("CO", "45", 50.0)])
    assert desk.imported(Payment([one], trace="EFT-3")).unmatched == []
    both = Claim("C2", [service(1), service(2)], adjustments=[("CO", "A2", 50.0)])
    assert whys(desk.imported(Payment([both], trace="EFT-4"))) == ["no-lines"]


def test_lines_without_our_number_are_found_by_day_code_and_charge(desk: Desk) -> None:
    """By procedure, or by revenue code where the payer gives no procedure; a line that is nobody's stops the claim."""
    unnumbered = [service(2, number=None), service(1, number=None, code="NU:0905", revenue="")]
    assert desk.imported(Payment([Claim("C1", unnumbered)])).unmatched == []
    strange = [service(1, number=None), Service("2026-03-05", 200.0, 150.0, (("CO", "45", 50.0),))]
    found = desk.imported(Payment([Claim("C2", strange)], trace="EFT-2"))
    assert whys(found) == ["line-unmatched"]
    half = Claim("C2", [Service("2026-03-02", 400.0, 400.0, number="1")])
    assert whys(desk.imported(Payment([half], trace="EFT-3"))) == ["charge-differs"]
    short = Claim("C2", [service(1)])
    assert whys(desk.imported(Payment([short], trace="EFT-4"))) == ["charge-differs"]
    twice = Claim("C2", [service(1), service(1)])
    assert whys(desk.imported(Payment([twice], trace="EFT-5"))) == ["line-unmatched"]
    assert desk.bill(2).adjudicated is None


def test_a_payer_reverses_and_adjudicates_again_in_one_remittance(desk: Desk) -> None:
    """Both answers are kept, one posting stands, and it is one append; the old file again changes nothing."""
    first = Payment([Claim("C1", [service(1), service(2, 0.0, DENIED)])])
    desk.imported(first)
    before = desk.position
    back = reversal(lines=1)
    back.services = [*back.services, Service("2026-03-04", -200.0, 0.0, (("CO", "197", -200.0),), number="2")]
    second = Payment([back, paid()], trace="EFT-2", paid_on="2026-05-02")
    found = desk.imported(second)
    assert found.unmatched == []
    assert (found.remittances[0].reversed, found.remittances[0].posted) == (1, 1)
    assert len({one.recorded_at for one in desk.log.after(before, 100)}) == 1
    assert [one.paid_cents for one in desk.bill().answers] == [15_000, 30_000]
    state = desk.account()
    assert state.standing[an_id("claim")] == (an_id("claim"), "EFT-2", 2)
    assert {one.open_cents for one in state.lines.values()} == {0}
    position = desk.position
    for payment in (second, first):
        again = desk.imported(payment)
        assert again.unmatched == [] and again.remittances[0].before == len(payment.claims)
    assert desk.position == position


def test_a_reversal_of_what_was_never_posted_waits(desk: Desk) -> None:
    """Then the earlier remittance comes, the later one is imported again, and what waited is assigned by itself."""
    back = Payment([reversal()], trace="EFT-2", paid_on="2026-05-02")
    assert whys(desk.imported(back)) == ["nothing-to-reverse"]
    desk.imported(Payment([paid()]))
    wrong = Payment([reversal(paid_cents=140.0)], trace="EFT-3", paid_on="2026-05-03")
    wrong.claims[0].services[0].adjustments = wrong.claims[0].services[1].adjustments = (("CO", "45", -60.0),)
    assert whys(desk.imported(wrong)) == ["reversal-differs"]
    assert desk.imported(back).unmatched == []
    assert desk.bill().adjudicated is None and an_id("claim") not in desk.account().standing
    assigned = desk.log.by_topics(["account.unmatched_assigned"])
    assert [decode(one.topic, one.state).resolution for one in assigned] == ["imported"]


def test_a_takeback_is_posted_once_and_names_the_claim(desk: Desk) -> None:
    """On the account that the program has with the payer; no line's balance moves."""
    found = desk.imported(Payment([paid()], plb=[("WO", "ICN0 C1", 100.0), ("L6", "", -1.27)]))
    assert found.unmatched == [] and found.remittances[0].adjustments == 2
    facts = [decode(one.topic, one.state, one.sealed) for one in desk.facts(account_with(an_id("program"), PAYER))]
    assert [(one.reason_code, one.amount_cents, one.claim_id) for one in facts] == [
        ("WO", 10_000, an_id("claim")), ("L6", -127, None),
    ]
    assert {one.open_cents for one in desk.account().lines.values()} == {0}


def test_an_adjustment_of_a_payer_that_nobody_knows_is_kept(desk: Desk) -> None:
    """No claim of ours and no name of ours: somebody must look."""
    found = desk.imported(Payment([], plb=[("FB", "x", 5.0)], payer="NOBODY'S PLAN"))
    assert whys(found) == ["payer-unknown"]


def test_two_payers_in_one_file_are_told_apart(desk: Desk) -> None:
    """Each transaction is its payer's own; trace numbers may be alike."""
    found = desk.imported(Payment([paid()]), Payment([paid("C4")], payer="PAYER 2"))
    assert found.unmatched == [] and [one.posted for one in found.remittances] == [1, 1]
    assert desk.bill(1).adjudicated is not None and desk.bill(4).adjudicated is not None


def test_a_claim_of_another_payer_is_unmatched_and_the_others_go_on(desk: Desk) -> None:
    """By the payer's name, or by what the other claims say, or as the caller says."""
    found = desk.imported(Payment([paid(), paid("C4")]))
    assert whys(found) == ["payer-differs"] and found.remittances[0].posted == 1
    nameless = Payment([paid("C2"), paid("C3", lines=1), paid("C4")], payer="A PLAN", trace="EFT-2")
    assert whys(desk.imported(nameless)) == ["payer-differs"]
    said = Payment([paid("C4")], payer="A PLAN", trace="EFT-3")
    assert whys(desk.imported(said, payer_id=PAYER)) == ["payer-differs"]
    assert desk.bill(4).adjudicated is None


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
    (Payment([paid()], trace=""), "no-trace"),
    (Payment([Claim("C1", [service(1), Service("2026-02-30", 200.0, 200.0, number="2")])]), "bad-date"),
    (Payment([Claim("C1", [service(1), service(2)], icn="")]), "bad-element"),
    (Payment([paid(status="25")]), "unsupported"),
    (Payment([paid(adjustments=[("CR", "1", 0.0)])]), "bad-element"),
    (Payment([paid()], paid_on="2199-01-01"), "refused"),
    (Payment([paid()], paid_on="2026-01-01"), "refused"),
])
def test_what_cannot_be_trusted_moves_nothing_and_says_why(desk: Desk, payment: Payment, why: str) -> None:
    """A date that no calendar has, no trace, no number of the payer's, a use or group that is not ours, a rule."""
    found = desk.imported(payment)
    assert whys(found) == [why]
    assert desk.bill().adjudicated is None and not desk.account().lines
    (kept,) = desk.log.by_topics(["account.remittance_unmatched"], with_sealed=True)
    fact = decode(kept.topic, kept.state, kept.sealed)
    assert fact.why == why and fact.sealed.sentence == found.unmatched[0].sentence
    assert "QUEEG" in fact.sealed.segments and b"QUEEG" not in kept.state


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
