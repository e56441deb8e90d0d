"""A claim that the first payer answered goes to the second one: what is left, the claim of it, money counted once."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from aggregates.claim import facts as claim
from aggregates.claim.commands import PrepareClaim
from aggregates.decision import made
from aggregates.patient.facts import ConsentRevoked, CoverageEnded
from aggregates.session.facts import SessionRescheduled
from iop_es.engine.connections import Pool
from iop_es.engine.log import Log
from projections.billing import MODEL, queries, worklists
from projections.billing.accounts.queries import account_from_rows
from projections.billing.accounts.views import BalanceView
from projections.billing.secondary import AUTHORIZATION, CLOCK, COVERS_PART, Secondary, decode
from projections.billing.secondary_claims import secondary
from tests.projections.billing.clinic import Clinic, a_clinic, an_id
from tests.projections.billing.test_accounts import whole
from tests.projections.story import asking, folded, project

PATIENT, PROGRAM, FIRST, SECOND = an_id("patient"), an_id("program"), an_id("claim"), an_id("claim", 2)
NOW = "2026-04-10T12:00:00.000000Z"
DAYS = (("2026-03-02", 1), ("2026-03-04", 2))
Parts = tuple[tuple[str, str, int], ...]
PRICED: tuple[int, Parts] = (15_000, (("CO", "45", 2_000), ("PR", "2", 3_000)))
DENIED: tuple[int, Parts] = (0, (("CO", "197", 20_000),))


def answered(focus: str = "mental_health", second: dict[str, Any] | None = None, insured: bool = True) -> Clinic:
    """Two days of 200 dollars on a claim: of one 30 are left to the patient, the other one is denied."""
    clinic = a_clinic(focus)
    clinic.publish(2, **{"timely_filing_days": 60, "type_of_bill": "0761"} | (second or {}))
    if insured:
        clinic.cover(payer=2, rank=2)
    for day, _ in DAYS:
        clinic.documented(day, "09:00-12:00")
    clinic.claim(1, DAYS)
    send(clinic, FIRST)
    answer(clinic, FIRST, PRICED, DENIED)
    return clinic


def send(clinic: Clinic, claim_id: str) -> None:
    """It leaves."""
    sent = claim.ClaimSubmitted(submitted_at="2026-03-10T21:00:00.000000Z", batch="b", control_number=claim_id[:8])
    clinic.story.tell(claim_id, sent, role="biller")


def answer(clinic: Clinic, claim_id: str, *lines: tuple[int, Parts]) -> None:
    """A payer's answer of 20 March, by the remittance of the day after."""
    told = tuple(
        claim.AdjudicatedLine(line=number, paid_cents=paid, adjustments=tuple(
            claim.Adjustment(group=group, carc=carc, amount_cents=cents) for group, carc, cents in parts  # type: ignore[arg-type] # the test's own literals
        ))
        for number, (paid, parts) in enumerate(lines, 1)
    )  # fmt: skip
    clinic.story.tell(claim_id, claim.ClaimAdjudicated(
        adjudicated_on="2026-03-20", payer_control_number="p1", lines=told, trace_number="EFT-1",
        paid_cents=sum(one.paid_cents for one in told), remittance_on="2026-03-21",
    ), role="biller")  # fmt: skip


def due(clinic: Clinic) -> list[Secondary]:
    """What the rows say, also of what is billed already."""
    delta = folded(MODEL, clinic.story.recorded(MODEL))
    return [decode(row[-1]) for rows in delta.rows["secondary_claim"].values() for row in rows]


def bill(clinic: Clinic, now: str = NOW) -> PrepareClaim:
    """The secondary claim, as the command that orders it, and recorded."""
    [data], _ = secondary(due(clinic), decided_at=99, now=now, new_id=lambda: SECOND)
    command = TypeAdapter(PrepareClaim).validate_python(data)
    clinic.story.tell(SECOND, made(claim.ClaimPrepared, command), role="biller")
    return command


def balance(clinic: Clinic) -> BalanceView:
    """The balance with the program, each of whose lines is whole."""
    delta = folded(MODEL, clinic.story.recorded(MODEL))
    found = account_from_rows(delta, patient_id=PATIENT, programs=[PROGRAM])
    assert found is not None
    assert all(map(whole, found.lines))
    [one] = found.balances
    return one


def money(one: BalanceView) -> tuple[int, ...]:
    """Charge, paid, contractual, the patient's, open."""
    return one.charge_cents, one.paid_cents, one.contractual_cents, one.patient_cents, one.open_cents


def test_what_is_left_is_the_charge_less_what_was_paid_and_reduced() -> None:
    """Thirty dollars of the first day and all of the denied one; sixty days from the remittance, unverified."""
    [one] = due(answered())
    assert (one.claim_id, one.next_payer_id, one.coverage_id) == (FIRST, an_id("payer", 2), an_id("coverage", 102))
    assert (one.charge_cents, one.left_cents, [line.left_cents for line in one.lines]) == (
        40_000, 23_000, [3_000, 20_000]
    )
    assert (one.answered_on, one.filing_due_on, one.unverified) == ("2026-03-21", "2026-05-20", [CLOCK, AUTHORIZATION])
    assert (one.objection, one.standing_id) == (None, None)


def test_a_window_in_months_is_counted_in_months_from_the_remittance_too() -> None:
    """Twelve calendar months, unverified like the clock itself."""
    window = {"timely_filing_days": None, "timely_filing_months": 12, "unverified": ("timely_filing_months",)}
    [one] = due(answered(second=window))
    assert (one.filing_due_on, one.unverified) == ("2027-03-21", [CLOCK, "timely_filing_months", AUTHORIZATION])


def test_only_answered_claims_of_the_doubly_insured_have_a_second_payer() -> None:
    """Not before the answer, nor with one payer, nor with the same payer twice, nor once the answer is taken back."""
    assert due(answered(insured=False)) == []
    twice = answered(insured=False)
    twice.cover(payer=1, rank=2, coverage_id=an_id("coverage", 999))
    assert due(twice) == []
    unanswered = a_clinic()
    unanswered.publish(2)
    unanswered.cover(payer=2, rank=2)
    unanswered.documented("2026-03-02", "09:00-12:00")
    unanswered.claim(1, DAYS[:1])
    assert due(unanswered) == []
    reversed_ = answered()
    back = claim.AdjudicationReversed(reversed_on="2026-04-01", cause="payer-reversal", answered_on="2026-03-20")
    reversed_.story.tell(FIRST, back)
    assert due(reversed_) == []


def test_the_secondary_claim_says_the_same_lines_to_the_other_payer() -> None:
    """On its form and type of bill, after the first claim, under the second coverage, without the first's units."""
    command = bill(answered())
    assert (command.payer_id, command.policy_id, command.coverage_id, command.after_claim) == (
        an_id("payer", 2), an_id("policy", 2), an_id("coverage", 102), FIRST,
    )
    assert (command.form, command.type_of_bill, command.frequency, command.total_cents) == ("837I", "0761", "1", 40_000)
    lines = [
        (one.service_date, one.procedure_code, one.charge_cents, one.authorization_id) for one in command.lines
    ]
    assert lines == [("2026-03-02", "S9480", 20_000, None), ("2026-03-04", "S9480", 20_000, None)]
    professional = bill(answered(second={"claim_form": "837P"}))
    assert (professional.form, professional.type_of_bill) == ("837P", None)


def test_what_stands_against_it_is_told_instead() -> None:
    """No terms, no member number, an answer of the claim alone of which one day is covered: named with what to do."""
    retired = answered(second={"effective_from": "2026-03-03"})
    numberless = answered(insured=False)
    numberless.cover(payer=2, rank=2, has_member_number=False)
    partly = answered(insured=False)
    partly.cover(payer=2, rank=2, effective_from="2026-03-03")
    back = claim.AdjudicationReversed(reversed_on="2026-03-22", cause="payer-reversal", answered_on="2026-03-20")
    partly.story.tell(FIRST, back)
    partly.story.tell(FIRST, claim.ClaimAdjudicated(
        adjudicated_on="2026-03-23", payer_control_number="p1", lines=(), paid_cents=15_000
    ))  # fmt: skip
    for clinic, reason in ((retired, "no_policy"), (numberless, "member_number_missing"), (partly, None)):
        claims, [left] = secondary(due(clinic), decided_at=99, now=NOW, new_id=lambda: SECOND)
        assert (claims, left.due.reason) == ([], reason)
    assert left.why == COVERS_PART


def test_a_substance_use_record_goes_to_a_payer_that_the_consent_names() -> None:
    """The consent to the first payer is none for the second; one that ran out since lets nothing go today."""
    clinic = answered("substance_use")
    assert due(clinic)[0].reason == "no_consent_for_disclosure"
    clinic.consent(payer=2, consent_id=an_id("consent", 2), expires_on="2026-04-10")
    last = "2026-04-11T03:59:59.999999Z"  # the last day, in New York
    claims, _ = secondary(due(clinic), decided_at=99, now=last, new_id=lambda: SECOND)
    assert len(claims) == 1
    midnight = "2026-04-11T04:00:00.000000Z"
    claims, [left] = secondary(due(clinic), decided_at=99, now=midnight, new_id=lambda: SECOND)
    assert (claims, "ran out on 2026-04-10" in left.why) == ([], True)
    clinic.story.tell(PATIENT, ConsentRevoked(consent_id=an_id("consent", 2), revoked_at="2026-04-05T15:00:00Z"))
    assert due(clinic)[0].reason == "no_consent_for_disclosure"


def test_the_secondary_claim_is_not_the_days_own(log: Log, projector: Pool) -> None:
    """The day keeps its claim, its charge and its payer; nothing is to be corrected, and no total changes but what is
    open with the first payer, which is now the patient's."""
    clinic = answered()
    clinic.story.append(log)
    before = _seen(log, projector)
    assert before["due"] == [(FIRST, 23_000)]
    count = len(clinic.story.facts)
    bill(clinic)
    send(clinic, SECOND)
    answer(clinic, SECOND, (3_000, (("OA", "23", 17_000),)), (0, (("PR", "1", 20_000),)))
    clinic.story.append(log, count + 1)
    after = _seen(log, projector)
    [month] = before["months"]
    assert month.open_cents == 20_000
    assert after == before | {"due": [], "months": [month.model_copy(update={"open_cents": 0})]}
    assert [(state, claim_id, charge) for _, state, claim_id, charge, _ in after["days"]] == [
        ("billed", FIRST, 20_000)
    ] * 2


def test_a_claim_that_is_covered_in_part_is_billed_in_part(log: Log, projector: Pool) -> None:
    """Of two days the second coverage has the later one: one line, numbered 1, with its charge and what is left of it;
    and a coverage by a third payer of the earlier day gets the other one."""
    clinic = answered(insured=False)
    clinic.publish(3)
    clinic.cover(payer=2, rank=2, effective_from="2026-03-03")
    clinic.cover(payer=3, rank=2, effective_from="2026-03-01", coverage_id=an_id("coverage", 300))
    clinic.story.tell(PATIENT, CoverageEnded(
        coverage_id=an_id("coverage", 300), ended_on="2026-03-02", cause="terminated"
    ))  # fmt: skip
    claims, not_ready = secondary(due(clinic), decided_at=99, now=NOW, new_id=lambda: SECOND)
    assert not_ready == []
    told = {one["payer_id"]: one for one in claims}
    later = told[an_id("payer", 2)]
    assert (later["from_date"], later["through_date"], later["total_cents"]) == ("2026-03-04", "2026-03-04", 20_000)
    assert [(one["line"], one["service_date"]) for one in later["lines"]] == [(1, "2026-03-04")]
    earlier = told[an_id("payer", 3)]
    assert [(one["line"], one["service_date"]) for one in earlier["lines"]] == [(1, "2026-03-02")]
    clinic.story.append(log)
    with asking(project(MODEL, log, projector), projector) as cursor:
        listed = worklists.secondary(cursor, programs=[PROGRAM], now=NOW)
        filed = worklists.filing(cursor, programs=[PROGRAM], now=NOW, within_days=90)
    assert [(one.next_payer_id, one.left_cents) for one in listed] == [
        (an_id("payer", 2), 20_000), (an_id("payer", 3), 3_000)
    ]
    assert [(one.kind, one.days, worklists.cursor_of(one).split("|")[1]) for one in filed] == [
        ("secondary", 1, "secondary")
    ] * 2
    assert len({worklists.cursor_of(one) for one in filed}) == 2


def test_the_days_of_a_secondary_claim_are_those_that_it_bills(log: Log, projector: Pool) -> None:
    """Asked for by its id they come, each still of its own claim; the list of what is wrong names no other claim."""
    clinic = answered()
    bill(clinic)
    clinic.correct("2026-03-04", 2, "09:00-10:00")
    clinic.story.append(log)
    asked: dict[str, Any] = {"programs": [PROGRAM], "now": NOW}
    with asking(project(MODEL, log, projector), projector) as cursor:
        days = queries.days(cursor, claim_id=SECOND, **asked)
        assert [(one.service_date, one.claim_id) for one in days] == [("2026-03-02", FIRST), ("2026-03-04", FIRST)]
        assert queries.corrections(cursor, claim_id=SECOND, **asked) == []
        assert [one.claim_id for one in queries.corrections(cursor, **asked)] == [FIRST]


def _seen(log: Log, projector: Pool) -> dict[str, Any]:
    asked: dict[str, Any] = {"programs": [PROGRAM], "now": NOW}
    with asking(project(MODEL, log, projector), projector) as cursor:
        return {
            "days": [
                (one.service_date, one.state, one.claim_id, one.charge_cents, one.paid_cents)
                for one in queries.days(cursor, **asked)
            ],
            "totals": queries.totals(cursor, **asked),
            "months": queries.months(cursor, **asked),
            "corrections": queries.corrections(cursor, **asked),
            "units": [(one.drawn, one.reserved) for one in queries.authorizations(cursor, **asked)],
            "due": [(one.claim_id, one.left_cents) for one in worklists.secondary(cursor, **asked)],
        }


def test_a_claim_that_does_not_stand_leaves_the_second_payer_to_be_billed() -> None:
    """Prepared it stands; rejected it does not, and the first claim is on the list again. The day stays billed."""
    clinic = answered()
    bill(clinic)
    assert [one.standing_id for one in due(clinic)] == [SECOND]
    send(clinic, SECOND)
    rejection = claim.ClaimRejected(rejected_at="2026-03-25T15:00:00Z", source="277CA", codes=("A7",))
    clinic.story.tell(SECOND, rejection)
    assert [one.standing_id for one in due(clinic)] == [None]
    days = queries.days_from(folded(MODEL, clinic.story.recorded(MODEL)), PATIENT)
    assert {day.claim_id for day in days} == {FIRST}
    assert all("earlier_claim_rejected" not in day.reasons for day in days)


def test_a_second_payers_claim_alone_makes_no_day() -> None:
    """A day of which only a claim tells is there as long as its own claim stands."""
    clinic = answered()
    bill(clinic)
    for number in (1, 2):
        moved = SessionRescheduled(
            service_date="2026-03-06", starts_at=clinic.at("2026-03-06", "09:00"),
            ends_at=clinic.at("2026-03-06", "12:00"), facilitators=(), cause="error",
        )
        clinic.story.tell(an_id("session", number), moved)
    clinic.story.tell(FIRST, claim.ClaimVoided(voided_on="2026-04-01", cause="error"))
    days = queries.days_from(folded(MODEL, clinic.story.recorded(MODEL)), PATIENT)
    assert [day.service_date for day in days] == ["2026-03-06"]


def test_a_second_payers_claim_is_no_claim_of_a_day_whose_own_is_voided() -> None:
    """Without its own claim the day can be billed again, whatever the second payer has."""
    clinic = answered()
    bill(clinic)
    clinic.story.tell(FIRST, claim.ClaimVoided(voided_on="2026-04-01", cause="error"))
    days = queries.days_from(folded(MODEL, clinic.story.recorded(MODEL)), PATIENT)
    assert [(day.state, day.claim_id) for day in days] == [("billable", None)] * 2


def test_charges_are_counted_once_and_the_last_answer_gives_the_patients_share() -> None:
    """400 dollars charged: the second payer pays the 30 and leaves the denied day to the patient."""
    clinic = answered()
    first = (40_000, 15_000, 2_000, 3_000, 20_000)
    assert money(balance(clinic)) == first
    bill(clinic)
    send(clinic, SECOND)
    assert money(balance(clinic)) == first
    answer(clinic, SECOND, (3_000, (("OA", "23", 17_000),)), (0, (("PR", "1", 20_000),)))
    assert money(balance(clinic)) == (40_000, 18_000, 2_000, 20_000, 0)


def test_a_reduction_that_is_told_again_is_counted_once() -> None:
    """The second payer repeats the first one's 20 dollars, and reduces ten of its own on the day that was denied."""
    clinic = answered()
    bill(clinic)
    send(clinic, SECOND)
    answer(
        clinic, SECOND, (2_000, (("CO", "45", 2_000), ("OA", "23", 15_000), ("PR", "2", 1_000))),
        (19_000, (("CO", "45", 1_000),)),
    )  # fmt: skip
    found = balance(clinic)
    assert (money(found), found.denied_cents) == ((40_000, 36_000, 3_000, 1_000, 0), 0)


def test_a_refusal_by_the_second_payer_leaves_its_part_open() -> None:
    """The patient's thirty dollars become somebody's to work on: the second payer refused them."""
    clinic = answered()
    bill(clinic)
    send(clinic, SECOND)
    answer(clinic, SECOND, (0, (("OA", "23", 17_000), ("CO", "29", 3_000))), (0, (("CO", "29", 20_000),)))
    found = balance(clinic)
    assert money(found) == (40_000, 15_000, 2_000, 0, 23_000)
    assert found.denied_cents == 23_000


def test_when_the_first_answer_goes_its_charge_stays_and_the_second_payment_counts() -> None:
    """The rows of the secondary claim are made again with those of the first."""
    clinic = answered()
    bill(clinic)
    send(clinic, SECOND)
    answer(clinic, SECOND, (3_000, (("OA", "23", 17_000),)), (0, (("PR", "1", 20_000),)))
    back = claim.AdjudicationReversed(reversed_on="2026-04-01", cause="payer-reversal", answered_on="2026-03-20")
    clinic.story.tell(FIRST, back)
    assert money(balance(clinic)) == (40_000, 3_000, 0, 20_000, 17_000)
    facts = clinic.story.recorded(MODEL)
    assert folded(MODEL, facts, 1).rows["account_line"] == folded(MODEL, facts).rows["account_line"]
