"""What a reviewer would find in billed days, as they stood then: question by question, in dollars, drawn by a seed."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import pytest

from aggregates.authorization.facts import AuthorizationVoided
from aggregates.claim.facts import AdjudicatedLine, Adjustment, ClaimAdjudicated, ClaimSubmitted
from aggregates.enrollment.facts import PatientDischarged
from aggregates.note.facts import NoteAmended, NoteEnteredInError
from projections.billing import MODEL
from projections.billing.day import Day
from projections.billing.queries import days_from, document_from
from projections.billing.reasons import REASONS
from projections.billing.self_audit import QUESTIONS, SelfAuditView, Window, self_audit
from tests.projections.billing.clinic import DIGEST, Clinic, a_clinic, an_id
from tests.projections.story import folded

MARCH = Window("2026-03-01", "2026-03-31")
AT = "2026-04-13T16:00:00.000000Z"
PATIENT, PROGRAMS = an_id("patient"), [an_id("program")]
FIRST, SECOND, THIRD = "2026-03-02", "2026-03-03", "2026-03-04"


def a_march(**terms: Any) -> Clinic:
    """Three days billed at 200 dollars: one in order and paid 150, one signed a day late, one whose note came last; and
    last of all the evaluation of the day before."""
    clinic = a_clinic(**terms)
    clinic.documented(FIRST, "09:00-12:00")
    late = clinic.draft(SECOND, "12:00", clinic.meet(SECOND, "09:00-12:00"))
    clinic.sign(late, SECOND, clinic.at(THIRD, "12:01"))
    clinic.meet(THIRD, "09:00-12:00")
    for number, day in enumerate((FIRST, SECOND, THIRD), 1):
        clinic.claim(number, [(day, number)])
        clinic.story.tell(an_id("claim", number), ClaimSubmitted(
            submitted_at="2026-03-10T20:00:00Z", batch="b", control_number=f"c{number}"
        ), recorded="2026-03-10T20:00:00Z" if number == 1 else None)  # fmt: skip
    why = Adjustment(group="CO", carc="45", amount_cents=5_000)
    clinic.story.tell(an_id("claim"), ClaimAdjudicated(
        adjudicated_on="2026-04-01", payer_control_number="p", paid_cents=15_000,
        lines=(AdjudicatedLine(line=1, paid_cents=15_000, adjustments=(why,)),),
    ))  # fmt: skip
    evaluated(clinic, "2026-03-01")
    return clinic


def evaluated(clinic: Clinic, day: str, kind: str = "psychiatric_evaluation") -> int:
    """A signed document that is of no session."""
    number = clinic.draft(day, "12:00", 0, kind=kind)
    clinic.sign(number, day, clinic.at(day, "12:30"))
    return number


def days(clinic: Clinic, upto: int | None = None) -> list[Day]:
    """The patient's days as they were decided at a position."""
    return days_from(folded(MODEL, clinic.story.recorded(MODEL, upto, PATIENT)), PATIENT)


def audit(clinic: Clinic, window: Window = MARCH, upto: int | None = None) -> SelfAuditView:
    """The answers in April, or as of a position."""
    position = upto or len(clinic.story.facts)
    known = document_from(folded(MODEL, clinic.story.recorded(MODEL, upto, PATIENT)), PATIENT)
    patients = {} if known is None else {PATIENT: known}
    return self_audit(days(clinic, upto), window, programs=PROGRAMS, as_of=position, at=AT, patients=patients)


def told(view: SelfAuditView) -> dict[str, tuple[int, int, int]]:
    """Met, failed, unanswered, of the questions that somebody fails."""
    return {one.code: (one.met, one.failed, one.unanswered) for one in view.questions if one.failed}


def test_each_question_counts_the_days_that_fail_it_and_their_money() -> None:
    """A late signature and a missing note are 400 dollars billed; the day in order is none of it."""
    view = audit(a_march())
    assert told(view) == {"note": (2, 1, 0), "signature": (1, 1, 1), "as_decided": (2, 1, 0)}
    assert (view.billed_days, view.asked_days, view.failing_days) == (3, 3, 2)
    assert (view.billed_cents, view.paid_cents) == (60_000, 15_000)
    assert (view.exposure_billed_cents, view.exposure_paid_cents) == (40_000, 0)
    assert [(one.service_date, one.failed) for one in view.days] == [
        (SECOND, ["signature"]), (THIRD, ["note", "as_decided"])
    ]  # fmt: skip
    assert view.days[1].found[0].endswith("a session of 180 minutes has no note.")


def test_what_the_payer_does_not_ask_is_unanswered() -> None:
    """No certification is asked for by these terms; with them, nobody certified any of the days."""
    by_code = {one.code: one for one in audit(a_march()).questions}
    assert (by_code["certification"].unanswered, by_code["clones"].unanswered) == (3, 3)
    assert by_code["authorization"].met == 3
    assert told(audit(a_march(certification_days=60)))["certification"] == (0, 3, 0)


def test_a_bill_under_a_number_that_is_void_does_not_say_what_the_record_bears_out() -> None:
    """Its days are authorized, by another one than it names."""
    clinic = a_march()
    clinic.story.tell(an_id("authorization"), AuthorizationVoided(voided_on="2026-03-20", cause="entered_in_error"))
    clinic.request(number=2)
    clinic.approve(2)
    view = audit(clinic)
    assert {one.code: one.met for one in view.questions}["authorization"] == 3
    assert told(view)["as_decided"] == (0, 3, 0)
    assert view.days[0].found == [
        "By what is known another authorization covers the day than the bill names, or one where it names none."
    ]


def test_an_evaluation_counts_once_it_is_signed_and_by_the_day_of_service() -> None:
    """Before it was written all three days lacked it; one of the second day is none for the first; one that was struck
    is none."""
    clinic = a_march()
    assert told(audit(clinic)).get("psychiatric_evaluation") is None
    before = [one.name for one in clinic.story.facts].index("claim.adjudicated") + 1
    then = audit(clinic, upto=before)
    assert told(then)["psychiatric_evaluation"] == (0, 3, 0)
    assert "There is no signed psychiatric evaluation of the patient by that day." in then.days[0].found
    first, _second = clinic.notes, evaluated(clinic, SECOND)
    clinic.story.tell(an_id("note", first), NoteEnteredInError(
        cause="duplicate", declared_by=an_id("clinician")
    ))  # fmt: skip
    assert told(audit(clinic))["psychiatric_evaluation"] == (2, 1, 0)


def test_a_discharge_summary_is_asked_for_once_care_has_ended() -> None:
    """In care nobody can tell; after it, a summary that is signed."""
    clinic = a_march()
    by_code = {one.code: one for one in audit(clinic).questions}
    assert (by_code["discharge_goals"].unanswered, by_code["referral_source"].met) == (3, 3)
    clinic.story.tell(an_id("enrollment"), PatientDischarged(
        discharged_on="2026-03-20", reason="completed", patient_status="01"
    ))  # fmt: skip
    assert told(audit(clinic))["discharge_goals"] == (0, 3, 0)
    evaluated(clinic, "2026-03-20", "discharge_summary")
    assert {one.code: one.met for one in audit(clinic).questions}["discharge_goals"] == 3


def test_what_the_record_cannot_answer_is_listed_and_answered_by_nobody() -> None:
    """The rest of First Coast's checklist."""
    by_code = {one.code: one for one in audit(a_march()).questions}
    for code in ("admission_physical", "response", "behavior_monitoring", "team_plan", "beneficiary_notice", "clones"):
        assert (by_code[code].met, by_code[code].failed, by_code[code].unanswered) == (0, 0, 3)


def test_a_past_window_is_asked_as_it_stood_then() -> None:
    """Before the claims nothing was billed; before the payer paid, nothing is exposed as paid."""
    clinic = a_march()
    names = [one.name for one in clinic.story.facts]
    before, answered = names.index("claim.prepared"), names.index("claim.adjudicated")
    assert audit(clinic, upto=before).billed_days == 0
    then = audit(clinic, upto=answered)
    assert (then.as_of, then.billed_days, then.paid_cents) == (answered, 3, 0)
    late = clinic.draft(THIRD, "12:00", 3)
    clinic.sign(late, THIRD, clinic.at(THIRD, "13:00"))
    assert "note" not in told(audit(clinic))
    assert "note" in told(audit(clinic, upto=answered))


def test_an_amendment_after_the_bill_left_is_found() -> None:
    """One before it is none; of the day's own notes alone."""
    clinic = a_march()

    def amend(number: int, at: str) -> None:
        clinic.story.tell(an_id("note", number), NoteAmended(
            amendment_id=an_id("amendment", len(clinic.story.facts)), kind="addendum", signer_id=an_id("clinician"),
            signed_at=at, cause="added", content_digest=DIGEST,
        ))  # fmt: skip

    amend(1, "2026-03-10T19:59:59Z")
    assert "amended_after" not in told(audit(clinic))
    amend(1, "2026-03-10T20:00:01Z")
    amend(1, "2026-03-11T09:00:00Z")
    assert told(audit(clinic))["amended_after"] == (2, 1, 0)
    assert audit(clinic).days[0].found == ["Amended 2 times after the bill left."]


@pytest.mark.parametrize("seed", ["", "2026", "spring"])
def test_anyone_draws_the_same_days_from_a_seed(seed: str) -> None:
    """The least SHA-256 over seed, patient, date and episode; a larger sample holds the smaller."""
    clinic = a_march()
    ranked = sorted((FIRST, SECOND, THIRD), key=lambda day: sha256(
        f"{seed}\n{PATIENT}\n{day}\n{an_id('enrollment')}".encode()
    ).hexdigest())  # fmt: skip
    for count in (1, 2, 5):
        view = audit(clinic, Window("2026-03-01", "2026-03-31", sample=count, seed=seed))
        assert [one.service_date for one in view.days] == ranked[:count]
        assert (view.billed_days, view.asked_days, view.seed) == (3, min(count, 3), seed)
        assert sum(one.met + one.failed + one.unanswered for one in view.questions) == len(QUESTIONS) * min(count, 3)


def test_a_window_is_days_of_service_of_a_program_and_a_payer() -> None:
    """Its first and last day are in it."""
    clinic = a_march()
    assert audit(clinic, Window(SECOND, THIRD)).billed_days == 2
    assert audit(clinic, Window(SECOND, SECOND)).billed_days == 1
    assert audit(clinic, Window("2026-03-01", "2026-03-31", payer_id=an_id("payer", 2))).billed_days == 0
    elsewhere = self_audit(days(clinic), MARCH, programs=[an_id("program", 2)], as_of=1, at=AT, patients={})
    assert (elsewhere.billed_days, elsewhere.days) == (0, [])


def test_every_reason_that_fails_a_question_is_one_that_billing_gives() -> None:
    """And no reason fails two of them."""
    reasons = [reason for one in QUESTIONS.values() for reason in one.reasons]
    assert set(reasons) <= set(REASONS)
    assert len(reasons) == len(set(reasons))
