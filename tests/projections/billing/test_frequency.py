"""Bills of one stay are counted where the payer asks for it, and stay originals elsewhere."""

from __future__ import annotations

from typing import Any

import pytest

from aggregates.claim.facts import ClaimRejected, ClaimVoided
from projections.billing.frequency import HISTORY, history, in_sequence
from tests.projections.claim_file.office import CLAIM, EPISODE, LATER, PAYER, Office, an_id, office


def bill(number: int, day: str, **changes: Any) -> dict[str, Any]:
    """What is to be prepared for a week."""
    fields = {
        "claim_id": an_id("claim", 50 + number), "enrollment_id": EPISODE, "payer_id": PAYER, "form": "837I",
        "type_of_bill": "0131", "frequency": "1", "from_date": day,
    }  # fmt: skip
    return fields | changes


def numbered(clinic: Office, *claims: dict[str, Any], through: str | None = None) -> list[tuple[str, str]]:
    """The frequency and type of bill of each."""
    known = history(clinic.log.by_topics(HISTORY))
    return [(one["frequency"], one["type_of_bill"]) for one in in_sequence(claims, known, through)]


def medicare() -> Office:
    """An office whose payer is Medicare."""
    return office(kind="medicare", filed_as="MB")


WEEKS = (bill(1, "2026-03-02"), bill(2, "2026-03-09"), bill(3, "2026-03-16"))


def test_the_first_of_several_bills_is_2_and_the_next_3() -> None:
    """In the order of their days, whatever order they come in."""
    assert numbered(medicare(), *reversed(WEEKS)) == [("3", "0133"), ("3", "0133"), ("2", "0132")]


def test_the_last_bill_after_the_discharge_is_4() -> None:
    """And 1 if it is the only one."""
    clinic = medicare()
    clinic.discharge("2026-03-18")
    assert [one for one, _ in numbered(clinic, *WEEKS)] == ["2", "3", "4"]
    assert numbered(clinic, WEEKS[0]) == [("1", "0131")]
    clinic.prepare(CLAIM)
    assert numbered(clinic, WEEKS[1]) == [("4", "0134")]


def test_a_part_of_the_days_does_not_end_the_stay() -> None:
    """Who looks at the days up to the tenth only cannot say that nothing comes after."""
    clinic = medicare()
    clinic.discharge("2026-03-18")
    assert [one for one, _ in numbered(clinic, *WEEKS[:2], through="2026-03-10")] == ["2", "3"]
    assert [one for one, _ in numbered(clinic, *WEEKS[:2], through="2026-03-18")] == ["2", "4"]


@pytest.mark.parametrize("over", ["claim.rejected", "claim.voided"])
def test_a_bill_that_never_counted_is_not_the_first(over: str) -> None:
    """What was rejected or withdrawn, the payer has not."""
    clinic = medicare()
    clinic.prepare(LATER)
    assert [one for one, _ in numbered(clinic, WEEKS[0])] == ["3"]
    fact = (
        ClaimRejected(rejected_at="2026-03-11T00:00:00Z", source="999", codes=("A7",)) if over == "claim.rejected"
        else ClaimVoided(voided_on="2026-03-11", cause="error")
    )
    clinic.story.tell(LATER, fact)
    assert [one for one, _ in numbered(clinic, WEEKS[0])] == ["2"]


def test_other_payers_and_forms_keep_their_originals() -> None:
    """Nobody has confirmed that they count the bills of a stay."""
    assert numbered(office(), *WEEKS) == [("1", "0131")] * 3
    professional = bill(1, "2026-03-02", form="837P", type_of_bill=None)
    assert numbered(medicare(), professional) == [("1", None)]
