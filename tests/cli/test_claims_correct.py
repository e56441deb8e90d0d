"""`iop-es claims correct`: replaced, voided at the payer, voided here, or told why not; each in words and money."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest

from aggregates.claim import facts as claim
from aggregates.claim.commands import AcknowledgeClaim, SubmitClaim
from aggregates.claim.state import reservations
from aggregates.codec import decode
from aggregates.enrollment.commands import ReleaseHold
from api.commands.order import Order
from iop_es.engine.log import Append, Keyed, Reservation
from iop_es.settings import Settings
from iop_es.wiring import House, opened
from projections.billing.stale import TAKEN_BACK
from tests.cli.conftest import Run, one_sentence
from tests.projections.billing.clinic import Clinic, an_id
from tests.projections.billing.test_secondary import FIRST, SECOND, answer, answered, bill, send

pytestmark = pytest.mark.slow
WEEK = ("2026-03-02", "2026-03-03", "2026-03-04")
REPLACED, VOIDED, NEVER_SENT, UNANSWERED = 1, 2, 3, 4


@pytest.fixture
def wrong(run: Run, simulation: str) -> Run:
    """Four patients with a claim each: answered with one wrong day of three; answered, never sent and unanswered with
    every day wrong."""
    clinic = Clinic()
    clinic.open()
    clinic.license()
    clinic.publish(correction_window_days=30, unverified=("correction_window_days",))
    for patient in (REPLACED, VOIDED, NEVER_SENT, UNANSWERED):
        clinic.patient(patient)
    for day in WEEK:
        clinic.documented(day, "09:00-12:00", (REPLACED,))
    for patient in (VOIDED, NEVER_SENT, UNANSWERED):
        clinic.documented(WEEK[0], "13:00-16:00", (patient,))
    clinic.claim(REPLACED, [(day, number) for number, day in enumerate(WEEK, 1)])
    for patient in (VOIDED, NEVER_SENT, UNANSWERED):
        clinic.claim(patient, [(WEEK[0], 1)], patient=patient)
    for number, is_answered in ((REPLACED, True), (VOIDED, True), (UNANSWERED, False)):
        _at_payer(clinic, number, is_answered)
    clinic.correct(WEEK[1], 2, "09:00-11:00")
    for session, patient in ((4, VOIDED), (5, NEVER_SENT), (6, UNANSWERED)):
        clinic.correct(WEEK[0], session, "", patient)
    with opened(Settings()) as house:
        clinic.story.append(house.log)
    assert run("project", "--once").exit_code == 0
    return run


def _at_payer(clinic: Clinic, number: int, is_answered: bool, cents: int = 20_000) -> None:
    lines = 3 if number == REPLACED else 1
    sent = claim.ClaimSubmitted(submitted_at="2026-03-09T12:00:00Z", batch="b", control_number=f"c{number}")
    taken = claim.ClaimAcknowledged(acknowledged_at="2026-03-09T13:00:00Z", source="277CA", reference="r")
    paid = tuple(claim.AdjudicatedLine(line=line, paid_cents=cents, adjustments=()) for line in range(1, lines + 1))
    given = claim.ClaimAdjudicated(
        adjudicated_on="2026-03-20", payer_control_number=f"P{number}", lines=paid, paid_cents=cents * lines
    )
    for fact in (sent, taken, *([given] if is_answered else [])):
        clinic.story.tell(an_id("claim", number), fact, role="biller")


def told(run: Run, *words: object, code: int = 0) -> Any:
    """The JSON that the command prints."""
    done = run("claims", "correct", *words, "--json")
    assert done.exit_code == code, done.stderr
    return json.loads(done.stdout)


def test_each_wrong_claim_is_put_right_in_its_way_or_told_why_not(wrong: Run) -> None:
    """One is replaced without its wrong day, one voided at the payer, one here; the unanswered one waits."""
    would = told(wrong, "--dry-run", code=1)
    done = told(wrong, code=1)
    assert (done["prepared"], done["voided"], done["refused"]) == (2, 1, 1)
    assert would == done | {"dry_run": True}
    found = {one["claim_id"]: one for one in done["corrections"]}
    first = found[an_id("claim", REPLACED)]
    assert (first["frequency"], first["claimed_cents"], first["right_cents"]) == ("7", 60_000, 40_000)
    assert "not answered" in found[an_id("claim", UNANSWERED)]["refused"]
    with opened(Settings()) as house:
        prepared = {
            one.stream: decode(one.topic, one.state) for one in house.log.by_topics(["claim.prepared"])
        }
        replaced = [one.stream for one in house.log.by_topics(["claim.replaced"])]
        voided = {one.stream for one in house.log.by_topics(["claim.voided"])}
    new = prepared[first["prepared_claim_id"]]
    assert (new.frequency, new.replaces, new.total_cents) == ("7", an_id("claim", REPLACED), 40_000)
    assert [line.service_date for line in new.lines] == [WEEK[0], WEEK[2]]
    assert replaced == [an_id("claim", REPLACED)]
    assert voided == {an_id("claim", VOIDED), an_id("claim", NEVER_SENT)}


def test_what_comes_after_the_payers_window_is_left_out_until_it_is_released(wrong: Run) -> None:
    """The last day of 30 after the answer was 19 April; the worklist says so, and so does the page."""
    _release(wrong, UNANSWERED, WEEK[0], "2026-04-20T12:00:00.000000Z")
    replaced = an_id("claim", REPLACED)
    [one] = told(wrong, replaced, code=1)["corrections"]
    assert (one["correct_by"], one["prepared_claim_id"], one["unverified"]) == (
        "2026-04-19", None, ["correction_window_days"],
    )
    assert "takes a correction of the claim was 2026-04-19" in one["refused"]
    listed = wrong("worklist", "corrections").stdout
    assert all(words in listed for words in ("2026-04-19 u", "over,", "CO-29"))
    _release(wrong, REPLACED, WEEK[2])
    page = wrong("claims", "correct", replaced)
    assert (page.exit_code, "1 claims prepared" in page.stdout) == (0, True)
    assert f"released by {an_id('person')} (payer-agreed)" in page.stdout


def _release(run: Run, patient: int, day: str, recorded_at: str | None = None) -> None:
    """A director answers for a late correction, at a moment of the simulation."""
    command = ReleaseHold(
        enrollment_id=an_id("enrollment", patient), service_date=day, hold="correction_window_over",
        cause="payer-agreed",
    )
    key = f"late-{patient}"
    with opened(Settings()) as house:
        order = Order(command, an_id("person"), "director", None, key, sha256(key.encode()).digest())
        house.commands().handle_whole([order], recorded_at)
    assert run("project", "--once").exit_code == 0


def test_what_is_put_right_is_not_wrong_again(wrong: Run) -> None:
    """The second time only the claim that waits is told, and one that was corrected has nothing left to correct."""
    told(wrong, code=1)
    wrong("project", "--once")
    assert [one["claim_id"] for one in told(wrong, code=1)["corrections"]] == [an_id("claim", UNANSWERED)]
    assert told(wrong, an_id("claim", REPLACED))["corrections"] == []


def test_the_page_says_what_changes_in_words_and_money(wrong: Run) -> None:
    """Frequency, money, the day with its reason; one that was never sent is voided here."""
    page = wrong("claims", "correct", an_id("claim", REPLACED), "--dry-run")
    assert (page.exit_code, page.stderr) == (0, "")
    assert "replace it (frequency 7). $600.00 becomes $400.00 (-$200.00)." in page.stdout
    assert "2026-03-03: S9480/0905 at $200.00 becomes nothing. 120 of 180 minutes" in page.stdout
    assert "1 claims would be prepared, 0 would be voided here, 0 not corrected." in page.stdout
    assert "never sent" in wrong("claims", "correct", an_id("claim", NEVER_SENT)).stdout
    wrong("project", "--once")
    waits = wrong("claims", "correct", an_id("claim", UNANSWERED))
    assert waits.exit_code == 1
    assert "Not corrected: The payer has not answered it" in waits.stdout


def test_a_service_on_the_wrong_form_moves_once_its_claim_is_gone_at_the_payer(run: Run, simulation: str) -> None:
    """The visit went on an 837P of its own and belongs on the day's bill: that claim is voided, the bill waits until
    its payer has accepted that, and is then replaced by one that holds the visit."""
    visit = {"service_kind": "medication_visit", "procedure_code": "99213", "use": "carved_out", "revenue_code": "0510"}
    clinic = Clinic(charges={"S9480": 20_000, "99213": 15_000})
    clinic.open()
    clinic.license()
    clinic.publish(services=(visit,), counted_kinds=("group",))
    clinic.patient()
    clinic.documented(WEEK[0], "09:00-12:00")
    clinic.documented(WEEK[0], "12:00-12:20", kind="medication_visit")
    bill, alone = sorted((5, 6), key=lambda number: an_id("claim", number))
    clinic.claim(bill, [(WEEK[0], 1)])
    line = claim.ClaimLine(
        line=1, service_date=WEEK[0], level_of_care="intensive_outpatient", revenue_code="0510",
        procedure_code="99213", units=1, charge_cents=15_000,
    )
    clinic.claim(alone, [(WEEK[0], 1)], form="837P", type_of_bill=None, lines=(line,), total_cents=15_000)
    for number, cents in ((bill, 20_000), (alone, 15_000)):
        _at_payer(clinic, number, True, cents)
    with opened(Settings()) as house:
        clinic.story.append(house.log)
        prepared = [(UUID(one.stream), decode(one.topic, one.state)) for one in house.log.by_topics(["claim.prepared"])]
        held = [Reservation(kind, key, stream) for stream, fact in prepared for kind, key in reservations(fact)]
        house.log.append(Append((), (Keyed("held", b"held", 0, held[0].stream),), claim=tuple(held)))
    assert run("project", "--once").exit_code == 0
    done = told(run, code=1)
    assert {one["claim_id"]: one["frequency"] for one in done["corrections"]} == {
        an_id("claim", bill): "7", an_id("claim", alone): "8",
    }
    assert (done["prepared"], done["refused"]) == (1, 1)
    new = {one["frequency"]: one["prepared_claim_id"] for one in done["corrections"]}
    (visited,) = [one.key for one in held if one.key.endswith("99213")]
    for source, waits in (("999", True), ("277CA", False)):
        with opened(Settings()) as house:
            assert house.log.holders("billed_day", [visited]) == {visited: new["8"]}
            _accepted(house, new["8"], source)
        assert run("project", "--once").exit_code == 0
        [bill_again] = told(run, code=int(waits))["corrections"]
        assert (bill_again["frequency"], "that one is corrected first" in (bill_again["refused"] or "")) == ("7", waits)
    with opened(Settings()) as house:
        assert house.log.holders("billed_day", [visited]) == {visited: bill_again["prepared_claim_id"]}


def _accepted(house: House, void: str, source: Any) -> None:
    """The void is sent, where it was not, and taken in by this one."""
    now = house.log.head().recorded_at
    sent = SubmitClaim(claim_id=void, submitted_at=now, batch="b2", control_number="c9", demonstration=True)
    taken = AcknowledgeClaim(claim_id=void, acknowledged_at=now, source=source, reference="r")
    for command in (*((sent,) if source == "999" else ()), taken):
        key = f"test:{type(command).__name__}:{source}"
        house.commands().handle(Order(command, an_id("biller"), "biller", None, key, sha256(key.encode()).digest()))


def test_a_claim_to_the_second_payer_waits_for_the_answer_and_is_replaced(run: Run, simulation: str) -> None:
    """The first payer takes its answer back and pays less: waiting is said in words, then frequency 7 is prepared."""
    clinic = answered()
    bill(clinic)
    send(clinic, SECOND)
    answer(clinic, SECOND, (3_000, (("OA", "23", 17_000),)), (0, (("PR", "1", 20_000),)))
    back = claim.AdjudicationReversed(reversed_on="2026-04-01", cause="payer-reversal", answered_on="2026-03-20")
    clinic.story.tell(FIRST, back)
    with opened(Settings()) as house:
        clinic.story.append(house.log)
    run("project", "--once")
    page = run("claims", "correct")
    assert page.exit_code == 1
    assert f"Claim {SECOND}, adjudicated: it waits." in page.stdout
    assert f"Not corrected: {TAKEN_BACK}" in page.stdout
    count = len(clinic.story.facts)
    answer(clinic, FIRST, (10_000, (("PR", "2", 10_000),)), (0, (("CO", "197", 20_000),)))
    with opened(Settings()) as house:
        clinic.story.append(house.log, count + 1)
    run("project", "--once")
    [done] = told(run)["corrections"]
    assert (done["claim_id"], done["frequency"], done["refused"]) == (SECOND, "7", None)
    with opened(Settings()) as house:
        prepared = {one.stream: decode(one.topic, one.state) for one in house.log.by_topics(["claim.prepared"])}
    new = prepared[done["prepared_claim_id"]]
    assert (new.replaces, new.after_claim, new.payer_id) == (SECOND, FIRST, an_id("payer", 2))
    run("project", "--once")
    assert told(run)["corrections"] == []


def test_a_claim_that_nobody_prepared_is_one_sentence(wrong: Run) -> None:
    """The id is named, and the exit code says that nothing was done."""
    assert "There is no claim" in one_sentence(wrong("claims", "correct", an_id("claim", 99)), 1)


def test_what_only_the_payer_says_is_wrong_is_corrected_for_whoever_names_it(run: Run, simulation: str) -> None:
    """Denied as CO-16, with nothing of ours changed: on the list with money and next step, left out by the order over
    all, which says so, and replaced once where it is named; beside the denials it says that no appeal answers it."""
    clinic = Clinic()
    clinic.open()
    clinic.license()
    clinic.publish()
    clinic.patient()
    clinic.documented(WEEK[0], "09:00-12:00")
    clinic.claim(1, [(WEEK[0], 1)])
    refused = claim.Adjustment(group="CO", carc="16", rarc="N706", amount_cents=20_000)
    for fact in (
        claim.ClaimSubmitted(submitted_at="2026-03-09T12:00:00Z", batch="b", control_number="c1"),
        claim.ClaimAdjudicated(adjudicated_on="2026-03-20", payer_control_number="P1", paid_cents=0, lines=(
            claim.AdjudicatedLine(line=1, paid_cents=0, adjustments=(refused,)),
        )),
    ):  # fmt: skip
        clinic.story.tell(an_id("claim"), fact, role="biller")
    with opened(Settings()) as house:
        clinic.story.append(house.log)
    assert run("project", "--once").exit_code == 0
    listed = " ".join(run("worklist", "corrections").stdout.split())
    assert "denied CO-16 ($200.00): find out what was missing, then claims correct CLAIM" in listed, listed
    assert "corrected claim" in run("worklist", "denials").stdout
    all_of_them = run("claims", "correct")
    assert (all_of_them.exit_code, "0 claims prepared" in all_of_them.stdout) == (1, True)
    assert "Not corrected: The payer denied $200.00 as to be corrected (CO-16)" in all_of_them.stdout
    [done] = told(run, an_id("claim"))["corrections"]
    assert (done["frequency"], done["refused"]) == ("7", None) and done["prepared_claim_id"]
    assert run("project", "--once").exit_code == 0
    assert told(run, an_id("claim"))["corrections"] == told(run)["corrections"] == []
