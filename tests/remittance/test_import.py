"""An 835 of ours from beginning to end: adjudicated and posted, reversed, taken back, or kept unmatched with why."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from aggregates.account.commands import PostRemittance
from aggregates.account.streams import account_of, account_with
from aggregates.claim.commands import AdjudicateClaim
from aggregates.claim.facts import AdjudicatedLine, Adjustment, ClaimAdjudicated, ClaimSubmitted, ClaimVoided
from aggregates.claim.state import reservations
from aggregates.codec import decode
from api.commands.handle import Commands
from api.commands.order import Order
from iop_es.engine.log import Append, Keyed, Log, Reservation
from tests.projections.billing.clinic import an_id
from tests.remittance.builder import Claim, Payment, Service
from tests.remittance.desk import BILLER, DAYS, DENIED, PATIENT, PAYER, Desk, a_desk, paid, reversal, service


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


def test_a_control_number_is_ours_in_letters_of_any_case(desk: Desk) -> None:
    """Files have capitals, and an earlier release kept small letters: an answer, one more and a takeback find it."""
    kept = ClaimSubmitted(submitted_at="2026-03-22T21:00:00.000000Z", batch="b", control_number="1f944f3a")
    count = len(desk.clinic.story.facts)
    desk.clinic.claim(6, DAYS)
    desk.clinic.story.tell(an_id("claim", 6), kept, role="biller")
    desk.clinic.story.append(desk.log, count + 1)
    found = desk.imported(Payment([paid("1F944F3A"), reversal("1f944F3A")], plb=[("WO", "1F944f3a", 100.0)]))
    assert (found.remittances[0].posted, found.remittances[0].reversed, whys(found)) == (1, 1, [])
    (taken,) = desk.facts(account_with(an_id("program"), PAYER))
    assert decode(taken.topic, taken.state, taken.sealed).claim_id == an_id("claim", 6)


def test_a_second_payers_answer_is_posted_on_the_charges_of_the_claim_before(desk: Desk) -> None:
    """Also where that one was answered by hand and never posted: its charges come with the answer, once."""
    first, further = an_id("claim"), an_id("claim", 5)
    answer = ClaimAdjudicated(
        adjudicated_on="2026-03-20", payer_control_number="P1", paid_cents=0, lines=tuple(
            AdjudicatedLine(line=line, paid_cents=0, adjustments=(
                Adjustment(group="PR", carc="1", amount_cents=20_000),
            )) for line in (1, 2)
        ),
    )  # fmt: skip
    count = len(desk.clinic.story.facts)
    desk.clinic.story.tell(first, answer, role="biller")
    desk.clinic.claim(5, DAYS, payer_id=an_id("payer", 2), policy_id=an_id("policy", 2), after_claim=first)
    sent = ClaimSubmitted(submitted_at="2026-03-22T21:00:00.000000Z", batch="b", control_number="C5")
    desk.clinic.story.tell(further, sent, role="biller")
    desk.clinic.story.append(desk.log, count + 1)
    before = desk.position
    found = desk.imported(Payment([paid("C5", status="2")], payer="PAYER 2"))
    assert (found.unmatched, found.remittances[0].posted) == ([], 1)
    facts = [decode(one.topic, one.state) for one in desk.log.after(before, 100)]
    assert [(type(one).__name__, getattr(one, "claim_id", None)) for one in facts] == [
        ("ClaimAdjudicated", None), ("ChargePosted", first), ("ChargePosted", first), ("RemittancePosted", further),
        ("RemittancePosted", further),
    ]
    assert [(one.after_claim, one.charged_line) for one in facts[3:]] == [(first, 1), (first, 2)]
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


def voided(desk: Desk) -> list[Reservation]:
    """A void of claim 1, sent as C9, keeps these until its payer has accepted it."""
    void, first, begin = an_id("claim", 9), an_id("claim"), len(desk.clinic.story.facts) + 1
    desk.clinic.claim(9, DAYS, frequency="8", replaces=first)
    sent = ClaimSubmitted(submitted_at="2026-03-11T21:00:00.000000Z", batch="b", control_number="C9")
    desk.clinic.story.tell(void, sent, role="biller")
    desk.clinic.story.tell(first, ClaimVoided(voided_on="2026-03-11", cause="error"), role="biller")
    desk.clinic.story.append(desk.log, begin)
    prepared = desk.bill().prepared
    assert prepared is not None
    keys = [Reservation(*one, UUID(void)) for one in reservations(prepared)]
    desk.log.append(Append(facts=(), keys=(Keyed("test:kept", bytes(32), 0, UUID(void)),), claim=tuple(keys)))
    return keys


def keepers(desk: Desk, keys: list[Reservation]) -> set[str]:
    """Who holds the days."""
    return set(desk.log.holders("billed_day", [one.key for one in keys if one.kind == "billed_day"]).values())


@pytest.mark.parametrize("anew", [False, True], ids=["reversed", "corrected"])
def test_a_reversal_of_the_earlier_claim_accepts_the_void_that_was_sent_for_it(desk: Desk, anew: bool) -> None:
    """Unless the same remittance answers that claim anew: then the payer has only corrected itself."""
    keys = voided(desk)
    desk.imported(Payment([paid()]))
    found = desk.imported(Payment([reversal(), *([paid()] if anew else [])], trace="EFT-2", paid_on="2026-05-02"))
    assert found.unmatched == [] and desk.bill(9).accepted is not anew
    assert keepers(desk, keys) == ({an_id("claim", 9)} if anew else set())


@pytest.mark.parametrize(("status", "accepted"), [("4", False), ("1", True)], ids=["denied", "processed"])
def test_a_void_whose_own_answer_denies_it_is_not_accepted(desk: Desk, status: str, accepted: bool) -> None:
    """CLP02 4 is kept with the answer, the days stay kept, and then the reversal of the earlier claim accepts it."""
    keys = voided(desk)
    desk.imported(Payment([paid()]))
    answer = Claim("C9", [service(line, 0.0, (("CO", "18", 200.0),)) for line in (1, 2)], status=status)
    found = desk.imported(Payment([answer], trace="EFT-2", paid_on="2026-05-02"))
    bill = desk.bill(9)
    assert found.unmatched == [] and bill.adjudicated is not None and bill.adjudicated.status == status
    assert (bill.accepted, keepers(desk, keys)) == (accepted, set() if accepted else {an_id("claim", 9)})
    desk.imported(Payment([reversal()], trace="EFT-3", paid_on="2026-05-03"))
    assert desk.bill(9).accepted and keepers(desk, keys) == set()


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
