"""A claim that its payer denied as to be corrected, while nothing of ours changed: whoever names it sends it again.

CO-16 with its remark: information missing, resubmit, no appeal; MA130: unprocessable, no right to appeal, correct and
resubmit (domain.md 3.1). A replacement names the payer's number of the claim and has all its lines (domain.md 1.5).
"""

from __future__ import annotations

from typing import Any

import pytest

from aggregates.account.facts import BalanceWrittenOff
from aggregates.account.streams import account_of
from aggregates.claim import refusals as no
from api.claiming import HERE, UNFILED, Remedy, _remedy
from iop_es.engine.connections import Pool
from iop_es.engine.log import Log
from projections.billing import MODEL, queries
from projections.billing.accounts import queries as accounts
from projections.billing.views import CorrectionView
from projections.billing.wrong import wrong_claims
from tests.projections.billing.clinic import a_clinic, an_id
from tests.projections.billing.office import NOW, PROGRAMS, Office
from tests.projections.billing.test_taking_back import DAY, LATER, money, taking_back
from tests.projections.story import asking, project


def denied(carc: str = "16", rarc: str | None = None, status: Any = "1", **terms: Any) -> tuple[Office, str]:
    """Two days at $200 on a claim that its payer took in and denied; the claim's id."""
    clinic = a_clinic(authorization_required=False, **terms)
    for day in (DAY, LATER):
        clinic.documented(day, "09:00-12:00")
    office = Office(clinic)
    office.prepare()
    office.send()
    (claim_id,) = office.live()
    office.accept(claim_id)
    office.answer(claim_id, 0, carc=carc, rarc=rarc, status=status)
    assert office.refused == []
    return office, claim_id


def due(office: Office) -> CorrectionView:
    """The one claim on the list of corrections."""
    [one] = office.wrong()
    return one


def remedies(office: Office, log: Log, projector: Pool, *, named: str | None) -> list[Remedy]:
    """What is to be done about it where somebody names it, or where all that is wrong is corrected."""
    office.clinic.story.append(log)
    with asking(project(MODEL, log, projector), projector) as cursor:
        found = wrong_claims(cursor, programs=PROGRAMS, now=NOW, claim_id=named)
    return [_remedy(one, len(office.clinic.story.facts), NOW, True, named is not None) for one in found]


@pytest.mark.parametrize(
    ("carc", "rarc", "codes"),
    [("16", "N706", ["CO-16"]), ("4", None, ["CO-4"]), ("18", None, ["CO-18"]), ("50", None, None)],
)
def test_what_a_corrected_claim_answers_is_on_the_list_of_corrections(
    carc: str, rarc: str | None, codes: list[str] | None
) -> None:
    """With its money and codes and what a person must do; what an appeal answers is not."""
    office, claim_id = denied(carc, rarc)
    if codes is None:
        assert office.wrong() == []
        return
    one = due(office)
    assert (one.claim_id, one.frequency, one.denied, one.denied_cents) == (claim_id, "7", codes, 40_000)
    assert (one.claimed_cents, one.right_cents, one.days, one.header) == (40_000, 40_000, [], [])
    assert one.look is not None and "$400.00" in one.look and "find out what was missing" in one.look


def test_the_last_day_to_correct_it_is_that_of_the_terms() -> None:
    """30 days after the answer of 10 April."""
    office, _ = denied(correction_window_days=30)
    assert due(office).correct_by == "2026-05-10"


def test_what_was_given_up_is_not_to_be_corrected() -> None:
    """One of the two days was written off: the other one's money is left; of both, nothing."""
    office, claim_id = denied()
    for line, left in ((1, 20_000), (2, None)):
        office.clinic.story.tell(account_of(an_id("patient")), BalanceWrittenOff(
            write_off_id=an_id("write-off", line), claim_id=claim_id, line=line, share="payer", amount_cents=20_000,
            cause="uncollectible", requested_by=an_id("person"), approved_by=an_id("person", 2),
        ), patients=[(an_id("patient"), an_id("alias", 999))])  # fmt: skip
        found = office.wrong()
        assert [one.denied_cents for one in found] == ([] if left is None else [left])


def test_the_order_over_all_leaves_it_to_whoever_names_it(log: Log, projector: Pool) -> None:
    """It says what must be found out first, and prepares nothing."""
    office, _ = denied()
    [left] = remedies(office, log, projector, named=None)
    assert (left.command, left.data) == (None, None)
    assert left.refused is not None and "find out what was missing" in left.refused


def test_named_it_is_replaced_once_by_the_payers_number(log: Log, projector: Pool) -> None:
    """Both lines again, for the cause that the payer denied them so; nothing else of it is listed meanwhile."""
    office, claim_id = denied()
    [one] = remedies(office, log, projector, named=claim_id)
    assert one.refused is None and one.data is not None
    assert (one.data["frequency"], one.data["replaces"], one.data["total_cents"]) == ("7", claim_id, 40_000)
    assert [line["service_date"] for line in one.data["lines"]] == [DAY, LATER]
    assert one.data["replacement_cause"] == "denied_to_correct"


def test_while_the_replacement_is_out_nothing_more_is_prepared_and_paid_it_is_all_the_money() -> None:
    """Prepared, sent, taken in and paid: the denial is gone from the balance, and nothing is owed back."""
    office, claim_id = denied()
    office.mend()
    assert list(office.live()) == [claim_id]
    office.mend(claim_id)
    later = taking_back(office)
    for step in (lambda: None, office.send, lambda: office.accept(later)):
        step()
        assert (office.wrong(), office.prepare(), office.refused) == ([], 0, [])
        office.mend(claim_id)
        assert list(office.live()) == [later]
    office.answer(later, 80)
    assert office.wrong() == [] and money(office) == (40_000, 32_000, 0)


def test_a_replacement_that_is_denied_so_as_well_is_corrected_again() -> None:
    """By its own number at the payer; so is one that was denied as a whole, for the first answer allowed nothing."""
    for status in ("1", "4"):
        office, claim_id = denied(status=status)
        office.mend(claim_id)
        office.send()
        later = taking_back(office)
        office.answer(later, 0, carc="16", status=status)
        one = due(office)
        assert (one.claim_id, one.frequency, one.waits) == (later, "7", None)
        office.mend(later)
        assert office.refused == [] and office.live()[taking_back(office)].replaces == later


def test_what_our_record_says_is_wrong_too_needs_nobody_to_look() -> None:
    """One of the days turns out too short: the order over all replaces the claim without it."""
    office, claim_id = denied()
    office.clinic.correct(LATER, 2, "09:00-11:00")
    assert (due(office).look, due(office).right_cents) == (None, 20_000)
    office.mend()
    assert office.live()[taking_back(office)].replaces == claim_id


@pytest.mark.parametrize("status", ["1", "4"])
def test_an_unprocessable_claim_is_voided_here_and_its_days_go_on_a_new_one(status: str) -> None:
    """MA130: for its payer it was never filed, so that no replacement could name it. The new one is an original."""
    office, claim_id = denied(rarc="MA130", status=status, timely_filing_days=90)
    one = due(office)
    assert (one.frequency, one.unprocessable, one.denied) == (None, True, ["CO-16", "MA130"])
    assert one.correct_by == "2026-05-31"  # 90 days after the first day of service, 2 March
    office.mend()
    assert list(office.live()) == [claim_id]
    office.mend(claim_id)
    assert office.refused == [] and office.wrong() == [] and office.live() == {}
    assert (office.prepare(), office.refused) == (1, [])
    [(anew, again)] = office.live().items()
    assert (again.frequency, again.replaces, again.total_cents) == ("1", None, 40_000)
    office.send()
    office.answer(anew, 80)
    assert office.refused == [] and money(office) == (40_000, 32_000, 0)


def test_the_order_that_names_an_unprocessable_claim_says_why_it_goes_here(log: Log, projector: Pool) -> None:
    """Not that it was never sent."""
    office, claim_id = denied(rarc="MA130")
    [one] = remedies(office, log, projector, named=claim_id)
    assert (one.action, one.action != HERE) == (UNFILED, True)
    assert one.data == {"claim_id": claim_id, "voided_on": NOW[:10], "cause": "unprocessable"}


def test_only_what_is_unprocessable_as_a_whole_goes_here() -> None:
    """A claim that was denied otherwise stays at its payer."""
    office, claim_id = denied()
    office.withdraw(claim_id)
    assert [type(one) for one in office.refused] == [no.VoidAtPayer]


def test_the_list_is_asked_of_the_rows(log: Log, projector: Pool) -> None:
    """Of all programs, of one claim, of another payer; the list of denials says beside it who answers."""
    office, claim_id = denied(rarc="N706")
    office.clinic.story.append(log)
    with asking(project(MODEL, log, projector), projector) as cursor:
        whose = {"programs": PROGRAMS, "now": NOW}
        listed = queries.corrections(cursor, **whose)
        named = queries.corrections(cursor, **whose, claim_id=claim_id)
        others = queries.corrections(cursor, **whose, payer_id=an_id("payer", 7))
        [reason] = accounts.denials(cursor, **whose)
    assert [one.claim_id for one in listed] == [claim_id] and listed == named and others == []
    assert (reason.carc, reason.cents, reason.corrected) == ("16", 40_000, True)
