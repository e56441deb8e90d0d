"""A secondary claim that no longer says what the payer before paid is on the list of corrections, until put right."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter

from aggregates.claim import facts as claim
from aggregates.claim.commands import PrepareClaim
from aggregates.decision import made
from aggregates.enrollment.facts import DiagnosisRecorded, PatientDischarged
from iop_es.engine.connections import Pool
from iop_es.engine.log import Log
from projections.billing import MODEL, queries
from projections.billing.headers import IDENTITY, NUMBERS
from projections.billing.stale import NOTHING_STANDS, REPLACED_UNANSWERED, TAKEN_BACK
from projections.billing.wrong import Wrong, wrong_claims
from tests.projections.billing.clinic import Clinic, an_id
from tests.projections.billing.test_secondary import (
    DAYS,
    DENIED,
    FIRST,
    NOW,
    PRICED,
    PROGRAM,
    SECOND,
    Parts,
    answer,
    answered,
    balance,
    bill,
    due,
    money,
    send,
)
from tests.projections.story import asking, folded, project

THIRD, FOURTH = an_id("claim", 3), an_id("claim", 4)
LESS: tuple[int, Parts] = (10_000, (("CO", "45", 2_000), ("PR", "2", 8_000)))
WHOLE: tuple[int, Parts] = (20_000, ())


def billed(sent: bool = True) -> Clinic:
    """The second payer was sent what the first one left of two days, and has answered."""
    clinic = answered()
    bill(clinic)
    if sent:
        send(clinic, SECOND)
        answer(clinic, SECOND, (3_000, (("OA", "23", 17_000),)), (0, (("PR", "1", 20_000),)))
    return clinic


def take_back(clinic: Clinic) -> None:
    """The first payer reverses its answer."""
    back = claim.AdjudicationReversed(reversed_on="2026-04-01", cause="payer-reversal", answered_on="2026-03-20")
    clinic.story.tell(FIRST, back)


def replace_first(clinic: Clinic, days: Any = DAYS) -> None:
    """The first claim is replaced, and the replacement sent."""
    clinic.claim(3, days, replaces=FIRST, frequency="7", type_of_bill="0137")
    clinic.story.tell(FIRST, claim.ClaimReplaced(replaced_by=THIRD, cause="corrected"))
    send(clinic, THIRD)


def void_first(clinic: Clinic) -> None:
    """The first claim is voided at the payer."""
    clinic.claim(3, DAYS, replaces=FIRST, frequency="8", type_of_bill="0138")
    clinic.story.tell(FIRST, claim.ClaimVoided(voided_on="2026-04-01", cause="error"))


def listed(clinic: Clinic, log: Log, projector: Pool, first: int = 1) -> list[Wrong]:
    """The list, in PostgreSQL."""
    clinic.story.append(log, first)
    with asking(project(MODEL, log, projector), projector) as cursor:
        return wrong_claims(cursor, programs=[PROGRAM], now=NOW)


def command(wrong: Wrong, claim_id: str = FOURTH) -> PrepareClaim:
    """What puts it right."""
    data = wrong.data(decided_at=99, now=NOW, claim_id=claim_id)
    assert data is not None
    return TypeAdapter(PrepareClaim).validate_python(data)


def test_a_secondary_claim_that_says_what_was_paid_is_right(log: Log, projector: Pool) -> None:
    """Also when the payer before takes its answer back and gives the same once more."""
    clinic = billed()
    take_back(clinic)
    answer(clinic, FIRST, PRICED, DENIED)
    assert listed(clinic, log, projector) == []


def test_where_nothing_stands_before_it_is_voided(log: Log, projector: Pool) -> None:
    """Frequency 8, all of its money, with the lines that were sent, after the claim that it named."""
    clinic = billed()
    void_first(clinic)
    [wrong] = listed(clinic, log, projector)
    found = wrong.correction
    assert (found.claim_id, found.frequency, found.waits) == (SECOND, "8", None)
    assert (found.claimed_cents, found.right_cents, found.difference_cents) == (40_000, 0, -40_000)
    assert [(day.reason, day.sentence, len(day.claimed), day.right) for day in found.days] == [
        ("primary_voided", NOTHING_STANDS, 1, [])
    ] * 2
    void = command(wrong)
    assert (void.frequency, void.type_of_bill, void.replaces, void.after_claim) == ("8", "0768", SECOND, FIRST)
    assert (void.payer_id, void.total_cents) == (an_id("payer", 2), 40_000)


def test_until_the_replacement_is_answered_it_waits(log: Log, projector: Pool) -> None:
    """Said in words, and nothing is prepared; the money stays as it is."""
    clinic = billed()
    replace_first(clinic)
    [wrong] = listed(clinic, log, projector)
    found = wrong.correction
    assert (found.claim_id, found.frequency, found.waits) == (SECOND, None, REPLACED_UNANSWERED)
    assert (found.difference_cents, {day.state for day in found.days}) == (0, {"waiting"})
    assert wrong.data(decided_at=99, now=NOW, claim_id=FOURTH) is None


def test_after_the_answer_to_the_replacement_it_is_replaced(log: Log, projector: Pool) -> None:
    """Frequency 7 with the lines that the replacement bills, after it; then nothing is wrong, and money counts once."""
    clinic = billed()
    replace_first(clinic, DAYS[:1])
    answer(clinic, THIRD, LESS)
    clinic.story.append(log)
    with asking(project(MODEL, log, projector), projector) as cursor:
        [wrong] = wrong_claims(cursor, programs=[PROGRAM], now=NOW, claim_id=SECOND)
        assert queries.corrections(cursor, programs=[PROGRAM], now=NOW, claim_id=SECOND) == [wrong.correction]
        assert queries.corrections(cursor, programs=[], now=NOW) == []
    found = wrong.correction
    assert (found.frequency, found.claimed_cents, found.right_cents) == ("7", 40_000, 20_000)
    assert [(day.service_date, day.state, len(day.right)) for day in found.days] == [
        ("2026-03-02", "billable", 1), ("2026-03-04", "not_billable", 0)
    ]
    assert found.days[0].sentence == "The payer before pays $100.00, and this claim says $150.00."
    right = command(wrong)
    assert (right.frequency, right.type_of_bill, right.replaces, right.after_claim) == ("7", "0767", SECOND, THIRD)
    assert [(one.line, one.service_date, one.charge_cents) for one in right.lines] == [(1, "2026-03-02", 20_000)]
    count = len(clinic.story.facts)
    clinic.story.tell(FOURTH, made(claim.ClaimPrepared, right), role="biller")
    clinic.story.tell(SECOND, claim.ClaimReplaced(replaced_by=FOURTH, cause="primary_replaced"))
    send(clinic, FOURTH)
    answer(clinic, FOURTH, (8_000, (("OA", "23", 12_000),)))
    assert listed(clinic, log, projector, count + 1) == []
    assert money(balance(clinic)) == (20_000, 18_000, 2_000, 0, 0)


@pytest.mark.parametrize(("now_paid", "frequency", "right_cents"), [(LESS, "7", 40_000), (WHOLE, "8", 0)])
def test_another_answer_is_told_anew_or_leaves_nothing(
    log: Log, projector: Pool, now_paid: tuple[int, Parts], frequency: str, right_cents: int
) -> None:
    """Taken back it waits; answered otherwise the same lines go again; answered in full it is voided."""
    clinic = billed()
    take_back(clinic)
    [wrong] = listed(clinic, log, projector)
    assert (wrong.correction.frequency, wrong.correction.waits) == (None, TAKEN_BACK)
    count = len(clinic.story.facts)
    answer(clinic, FIRST, now_paid, DENIED if right_cents else WHOLE)
    [wrong] = listed(clinic, log, projector, count + 1)
    found = wrong.correction
    assert (found.frequency, found.right_cents, found.waits) == (frequency, right_cents, None)
    assert command(wrong).after_claim == FIRST
    assert {day.reason for day in found.days} == {"primary_changed"}


def test_one_that_was_never_sent_is_voided_here_or_goes_as_it_is(log: Log, projector: Pool) -> None:
    """A file tells the answer of the day: another answer makes nothing wrong, another claim before it does."""
    clinic = billed(sent=False)
    take_back(clinic)
    answer(clinic, FIRST, LESS, DENIED)
    assert listed(clinic, log, projector) == []
    count = len(clinic.story.facts)
    replace_first(clinic)
    [wrong] = listed(clinic, log, projector, count + 1)
    assert (wrong.claim.status, wrong.correction.frequency, wrong.correction.waits) == ("prepared", None, None)
    assert wrong.data(decided_at=99, now=NOW, claim_id=FOURTH) is None


def test_what_is_told_is_the_answer_on_the_day_of_sending(log: Log, projector: Pool) -> None:
    """Prepared under one answer and sent under another, it says the other; the first one would be wrong now."""
    clinic = billed(sent=False)
    take_back(clinic)
    answer(clinic, FIRST, LESS, DENIED)
    send(clinic, SECOND)
    assert listed(clinic, log, projector) == []
    count = len(clinic.story.facts)
    take_back(clinic)
    answer(clinic, FIRST, PRICED, DENIED)
    [wrong] = listed(clinic, log, projector, count + 1)
    assert wrong.correction.days[0].sentence == "The payer before pays $150.00, and this claim says $100.00."


def test_until_it_is_corrected_its_answer_counts_beside_the_claim_that_stands() -> None:
    """400 dollars are charged once, 180 are paid, and the reduction that both payers tell is counted once."""
    clinic = answered()
    bill(clinic)
    send(clinic, SECOND)
    answer(clinic, SECOND, (3_000, (("CO", "45", 2_000), ("OA", "23", 15_000))), (0, (("PR", "1", 20_000),)))
    replace_first(clinic)
    answer(clinic, THIRD, PRICED, DENIED)
    assert money(balance(clinic)) == (40_000, 18_000, 2_000, 20_000, 0)


def test_a_replacement_that_is_rejected_makes_it_right_again(log: Log, projector: Pool) -> None:
    """The claim before stands again, with the answer that was told."""
    clinic = billed()
    replace_first(clinic)
    rejection = claim.ClaimRejected(rejected_at="2026-04-02T15:00:00Z", source="277CA", codes=("A7",))
    clinic.story.tell(THIRD, rejection)
    clinic.story.tell(FIRST, claim.ClaimReinstated(instead_of=THIRD))
    assert listed(clinic, log, projector) == []


def test_what_stands_against_the_new_one_is_what_it_waits_for(log: Log, projector: Pool) -> None:
    """The second payer's member number is gone: the list says what to do."""
    clinic = billed()
    replace_first(clinic)
    answer(clinic, THIRD, LESS, DENIED)
    clinic.cover(payer=2, rank=2, has_member_number=False)
    [wrong] = listed(clinic, log, projector)
    assert wrong.correction.frequency is None
    assert wrong.correction.waits == "Record the coverage again with the number on the card."


def test_a_claim_that_waits_to_be_corrected_is_not_prepared_a_second_time() -> None:
    """What replaced the claim before has the secondary claim standing for it, whatever lines it bills."""
    clinic = billed()
    clinic.documented("2026-03-05", "09:00-12:00")
    replace_first(clinic, [("2026-03-05", 3)])
    answer(clinic, THIRD, LESS)
    assert [(one.claim_id, one.standing_id) for one in due(clinic)] == [(THIRD, SECOND)]


def test_the_units_that_it_drew_are_free_for_what_replaces_it(log: Log, projector: Pool) -> None:
    """Two units for two days, both drawn by the claim that is wrong: the new one draws the same two."""
    clinic = answered()
    clinic.request(payer=2, number=2, units=2)
    clinic.approve(number=2, units=2)
    bill(clinic)
    send(clinic, SECOND)
    take_back(clinic)
    answer(clinic, FIRST, LESS, DENIED)
    [wrong] = listed(clinic, log, projector)
    assert [line.authorization_units for line in command(wrong).lines] == [(1,), (2,)]


def test_it_says_beside_its_lines_what_the_claim_before_says() -> None:
    """Diagnosis, attending and status of the stay, and where the second payer's own member number is from."""
    clinic = answered()
    clinic.register()
    order = bill(clinic)
    covered = [one.position for one in clinic.story.recorded(MODEL) if one.name == "patient.coverage_recorded"]
    known = [one.position for one in clinic.story.recorded(MODEL) if one.name == "patient.registered"]
    assert order.header is not None
    assert (order.header.patient_status, order.header.principal_diagnosis) == ("30", "F33.1")
    assert (order.header.coverage_at, order.header.identity_at) == (covered[1], known[0])
    assert (order.header.admission_type, order.header.admission_source) == ("3", "1")


def test_the_status_that_it_says_is_the_discharges_once_the_patient_has_left() -> None:
    """As the file of a bill that ends the stay (frequency 1); the professional form has none, and no admission."""
    clinic = answered()
    clinic.in_care(PatientDischarged(discharged_on="2026-03-20", reason="completed", patient_status="07"))
    told = bill(clinic).header
    assert told is not None
    assert told.patient_status == "07"
    clinic = answered(second={"claim_form": "837P", "type_of_bill": None})
    told = bill(clinic).header
    assert told is not None
    assert (told.patient_status, told.admission_type, told.admission_source) == (None, None, None)


@pytest.mark.parametrize(("change", "sentence"), [
    (lambda clinic: clinic.in_care(DiagnosisRecorded(
        code="F41.1", rank=1, effective_from="2026-01-05", diagnosed_by=an_id("clinician")
    )), "The principal diagnosis is F41.1 now, and the claim says F33.1."),
    (lambda clinic: clinic.cover(payer=2, rank=2), NUMBERS),
    (lambda clinic: clinic.rename("given_name"), IDENTITY),
    (lambda clinic: clinic.in_care(PatientDischarged(
        discharged_on="2026-03-04", reason="completed", patient_status="07"
    )), "The patient's status is 07 now, and the claim says 30."),
])  # fmt: skip
def test_what_it_says_beside_its_lines_is_put_right(
    change: Any, sentence: str, log: Log, projector: Pool
) -> None:
    """Replaced (7) with the same lines and money, after the same claim; then nothing is wrong."""
    clinic = answered()
    clinic.register()
    bill(clinic)
    send(clinic, SECOND)
    change(clinic)
    [wrong] = [one for one in listed(clinic, log, projector) if one.claim.claim_id == SECOND]
    found = wrong.correction
    assert (found.frequency, found.header, found.days, found.difference_cents) == ("7", [sentence], [], 0)
    right = command(wrong)
    assert (right.frequency, right.replaces, right.after_claim, right.replacement_cause) == (
        "7", SECOND, FIRST, "other_header"
    )
    assert (right.total_cents, right.type_of_bill) == (40_000, "0767")
    count = len(clinic.story.facts)
    clinic.story.tell(FOURTH, made(claim.ClaimPrepared, right), role="biller")
    clinic.story.tell(SECOND, claim.ClaimReplaced(replaced_by=FOURTH, cause="other_header"))
    send(clinic, FOURTH)
    assert [one for one in listed(clinic, log, projector, count + 1) if one.claim.after_claim] == []


def test_a_patient_who_leaves_after_its_last_day_leaves_it_right(log: Log, projector: Pool) -> None:
    """It said that the patient was still there, which is so."""
    clinic = answered()
    bill(clinic)
    send(clinic, SECOND)
    clinic.in_care(PatientDischarged(discharged_on="2026-03-20", reason="completed", patient_status="07"))
    assert [one.claim.claim_id for one in listed(clinic, log, projector)] == []


def test_the_list_is_the_same_in_any_batches() -> None:
    """Rows of stale claims are made again whenever anything of the claims before changes."""
    for change in (replace_first, void_first, take_back):
        clinic = billed()
        change(clinic)
        facts = clinic.story.recorded(MODEL)
        whole, single = folded(MODEL, facts), folded(MODEL, facts, 1)
        for table in ("stale_secondary", "secondary_claim", "account_line", "authorization_ledger", "patient_day"):
            assert single.rows[table] == whole.rows[table], (change.__name__, table)
