"""What payers ask for and deny, by its last day, with the money, whose it is and what the record lacks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from aggregates.account.facts import BalanceWrittenOff
from aggregates.account.streams import account_of
from aggregates.authorization.facts import AuthorizationVoided
from aggregates.claim.facts import AdjudicatedLine, AdjudicationReversed, Adjustment, ClaimAdjudicated, ClaimSubmitted
from aggregates.dispute import facts as past
from aggregates.dispute.clocks import due, level_clock, request_clock
from aggregates.enrollment.facts import PlanCertified
from aggregates.note.facts import NoteEnteredInError
from aggregates.payer_policy.facts import PolicyPublished, PolicyRevised
from iop_es.engine.connections import Pool
from iop_es.engine.log import Log
from projections.billing import MODEL
from projections.billing.disputes.queries import disputes
from projections.billing.disputes.rows import decode_entry
from projections.billing.disputes.views import DisputeView
from tests.projections.billing.clinic import Clinic, a_clinic, an_id
from tests.projections.billing.terms import terms
from tests.projections.story import asking, folded, project

Ask = Callable[..., list[DisputeView]]
NOW = "2026-04-13T16:00:00.000000Z"
"""Noon in New York on 13 April: twelve days after the denial."""
PATIENT, DISPUTE, BILLER = an_id("patient"), an_id("dispute"), an_id("biller")
ANSWERED = "2026-04-01"


@pytest.fixture
def ask(log: Log, projector: Pool) -> Ask:
    """Projects a clinic once and asks its list, of program 1."""
    told: list[Clinic] = []

    def answer(clinic: Clinic, now: str = NOW, **more: Any) -> list[DisputeView]:
        if clinic not in told:
            clinic.story.append(log)
            told.append(clinic)
        with asking(project(MODEL, log, projector), projector) as cursor:
            return disputes(cursor, **{"programs": [an_id("program")], "now": now} | more)

    return answer


def medicare(**changes: Any) -> Clinic:
    """A clinic whose payer is Medicare."""
    clinic = Clinic()
    clinic.open()
    clinic.license()
    clinic.story.tell(an_id("policy"), PolicyPublished(
        payer_id=an_id("payer"), payer_kind="medicare", payer_name="Medicare", code="medicare",
        effective_from="2025-01-01", terms=terms(**changes),
    ))  # fmt: skip
    clinic.patient()
    return clinic


def denied(clinic: Clinic, number: int = 1, carc: str = "50", rarc: str | None = None, day: str = "2026-03-02") -> None:
    """A documented day on a claim that the payer refuses on 1 April."""
    clinic.documented(day, "09:00-12:00")
    clinic.claim(number, [(day, number)])
    clinic.story.tell(an_id("claim", number), ClaimSubmitted(
        submitted_at="2026-03-10T20:00:00Z", batch="b", control_number=f"c{number}"
    ))  # fmt: skip
    answer(clinic, number, carc, rarc)


def answer(clinic: Clinic, number: int, carc: str, rarc: str | None = None) -> None:
    """The payer's refusal of the line."""
    why = Adjustment(group="CO", carc=carc, rarc=rarc, amount_cents=20_000)
    clinic.story.tell(an_id("claim", number), ClaimAdjudicated(
        adjudicated_on=ANSWERED, payer_control_number=f"p{number}", paid_cents=0,
        lines=(AdjudicatedLine(line=1, paid_cents=0, adjustments=(why,)),),
    ))  # fmt: skip


def asked_for(clinic: Clinic, *items: Any, claims: tuple[int, ...] = (1,), number: int = 1) -> None:
    """A medical reviewer's letter of 6 April."""
    deadline = due(request_clock("medicare", "medical_review", "2026-04-06"), received_on="2026-04-06")
    assert deadline is not None
    clinic.story.tell(an_id("dispute", number), past.RecordsRequested(
        patient_id=PATIENT, program_id=an_id("program"), payer_id=an_id("payer"), track="medicare",
        request_id=an_id("request", number), letter_id=an_id("letter"), kind="medical_review", items=items,
        claims=tuple(an_id("claim", one) for one in claims), received_on="2026-04-06", due_on=deadline.due_on,
        deadline=deadline, recorded_by=BILLER,
    ))  # fmt: skip


def contest(clinic: Clinic, number: int = 1) -> None:
    """Opened against the denial, received on 2 April."""
    deadline = due(level_clock("medicare", "redetermination", "2026-04-02"), received_on="2026-04-02")
    clinic.story.tell(an_id("dispute", number), past.DisputeOpened(
        patient_id=PATIENT, program_id=an_id("program"), payer_id=an_id("payer"), track="medicare",
        claims=(an_id("claim"),), codes=("CO-50",), level="redetermination", received_on="2026-04-02",
        due_on="2026-07-31", deadline=deadline, amount_cents=20_000, opened_by=BILLER,
    ))  # fmt: skip


def tell(clinic: Clinic, fact: Any) -> None:
    """Something more of the dispute."""
    clinic.story.tell(DISPUTE, fact)


FILED = past.AppealFiled(
    appeal_id=an_id("appeal"), level="redetermination", filed_on="2026-04-10", means="portal", amount_cents=20_000,
    due_on="2026-07-31", filed_by=BILLER,
)  # fmt: skip


def answered(level: Any, on: str, **changes: Any) -> past.DisputeResolved:
    """Upheld in full."""
    fields: dict[str, Any] = {
        "outcome": "upheld", "upheld_cents": 20_000, "overturned_cents": 0, "final": False, "resolved_by": BILLER,
    }  # fmt: skip
    return past.DisputeResolved(level=level, decided_on=on, **fields | changes)


def test_a_denial_that_nobody_contests_is_suggested_as_long_as_its_clock_runs(ask: Ask) -> None:
    """Twelve days ago at Medicare: 120 days from 1 April are 30 July; the day after, it is past."""
    clinic = medicare()
    denied(clinic)
    [one] = ask(clinic)
    assert (one.kind, one.task, one.dispute_id, one.claims, one.codes) == (
        "denial", "contest", None, [an_id("claim")], ["CO-50"]
    )  # fmt: skip
    assert (one.age_days, one.due_on, one.days_left, one.unverified) == (12, "2026-07-30", 108, False)
    assert (one.charge_cents, one.denied_cents, one.owner_id) == (20_000, 20_000, None)
    assert one.sentence == "$200.00 denied 12 days ago, no dispute; due by 2026-07-30."
    assert [one.days_left for one in ask(clinic, "2026-07-31T03:59:59Z")] == [0]
    assert ask(clinic, "2026-07-31T04:00:00Z") == []
    assert ask(clinic, kind="records") == ask(clinic, owner_id=BILLER) == []


@pytest.mark.parametrize(("carc", "rarc"), [("16", None), ("50", "MA130"), ("18", None), ("45", None)])
def test_what_a_corrected_claim_answers_is_no_suggestion(ask: Ask, carc: str, rarc: str | None) -> None:
    """Information missing, unprocessable, a duplicate; nor what is only priced down."""
    clinic = medicare()
    denied(clinic, carc=carc, rarc=rarc)
    assert ask(clinic) == []


def test_a_suggestion_goes_with_the_denial(ask: Ask) -> None:
    """Reversed by the payer, or given up; what is denied anew is suggested anew."""
    clinic = medicare()
    denied(clinic)
    denied(clinic, 2, day="2026-03-03")
    denied(clinic, 3, day="2026-03-04")
    clinic.story.tell(an_id("claim", 2), AdjudicationReversed(
        reversed_on="2026-04-05", cause="payer-reversal", answered_on=ANSWERED
    ))  # fmt: skip
    clinic.story.tell(account_of(PATIENT), BalanceWrittenOff(
        write_off_id=an_id("write-off"), claim_id=an_id("claim", 3), line=1, share="payer", amount_cents=20_000,
        cause="not-worth-it", requested_by=BILLER, approved_by=an_id("director"),
    ), patients=[(PATIENT, an_id("alias", 999))])  # fmt: skip
    assert [one.claims for one in ask(clinic)] == [[an_id("claim")]]


def test_the_clock_of_a_suggestion_is_the_contract_s_or_the_payer_kind_s() -> None:
    """A commercial payer's 180 days are unverified; a term of its policy is what that says; a term that nobody
    verified is marked; of TRICARE no clock is known."""

    def suggested(*facts: Any, kind: Any = "commercial", **changes: Any) -> list[tuple[Any, ...]]:
        clinic = a_clinic(**changes)
        denied(clinic)
        for one in facts:
            clinic.story.tell(an_id("policy"), one)
        rows = folded(MODEL, clinic.story.recorded(MODEL)).rows["uncontested_denial"][PATIENT,]
        return [(row[4], '"unverified":true' in str(row[-1]) or ",true]" in str(row[-1])) for row in rows]

    assert suggested() == [("2026-09-28", True)]
    assert suggested(reconsideration_days=60) == [("2026-05-31", False)]
    assert suggested(appeal_days=30, unverified=("appeal_days",)) == [("2026-05-01", True)]
    later = PolicyRevised(effective_from="2026-03-01", terms=terms(reconsideration_days=90), cause="contract")
    assert suggested(later) == [("2026-06-30", False)]


def test_a_request_says_what_the_record_lacks(ask: Ask) -> None:
    """One of two notes is not signed, nothing certifies the days; scores are not judged; what was sent is not asked."""
    clinic = medicare(certification_days=60)
    denied(clinic)
    session = clinic.meet("2026-03-03", "09:00-12:00")
    clinic.draft("2026-03-03", "12:00", session)
    clinic.claim(2, [("2026-03-03", 2)])
    asked_for(clinic, "group_notes", "signatures", "certification", "attendance", "outcome_scores", claims=(1, 2))
    [one] = ask(clinic, kind="records")
    assert one.missing == {"group_notes": 1, "signatures": 1, "certification": 2}
    assert (one.unjudged, one.status, one.task) == (["outcome_scores"], "requested", "send_records")
    assert (one.due_on, one.days_left, one.age_days, one.letter_id) == ("2026-05-21", 38, 7, an_id("letter"))
    assert (one.charge_cents, one.denied_cents, one.owner_id) == (40_000, 20_000, BILLER)
    assert one.sentence == (
        "Records asked for 7 days ago; due by 2026-05-21; missing group_notes (1), signatures (1), certification (2)."
    )
    clinic.in_care(PlanCertified(
        plan_id=an_id("plan"), physician_id=an_id("clinician"), certified_on="2026-03-01",
        certified_through="2026-04-30",
    ))  # fmt: skip
    tell(clinic, past.RecordsSent(
        request_id=an_id("request"), sent_on="2026-04-12", means="mail", items=("group_notes",), sent_by=BILLER
    ))  # fmt: skip
    rows = folded(MODEL, clinic.story.recorded(MODEL)).rows["dispute"][PATIENT,]
    assert '"missing":{"signatures":1}' in str(rows[0][-1])
    assert '"partly_sent"' in str(rows[0][-1])


def test_a_request_is_off_the_list_once_all_of_it_was_sent(ask: Ask) -> None:
    """And stays among the closed ones."""
    clinic = medicare()
    denied(clinic)
    asked_for(clinic, "group_notes", "attendance")
    for item in ("group_notes", "attendance"):
        tell(clinic, past.RecordsSent(
            request_id=an_id("request"), sent_on="2026-04-12", means="mail", items=(item,), sent_by=BILLER
        ))  # fmt: skip
    assert ask(clinic, kind="records") == []
    [one] = ask(clinic, kind="records", closed=True)
    assert (one.status, one.task, one.filed_on, one.items) == ("sent", "none", "2026-04-12", [])


def test_a_contested_claim_is_a_dispute_and_no_suggestion(ask: Ask) -> None:
    """By its last day, with whose it is and the last contact; then filed, answered, and on to the next level or
    over."""
    clinic = medicare()
    denied(clinic)
    contest(clinic)
    tell(clinic, past.OwnerAssigned(owner_id=an_id("other"), assigned_by=an_id("director"), cause="leave"))
    tell(clinic, past.CallLogged(
        contacted_at="2026-04-09T15:00:00Z", channel="phone", direction="to_payer", outcome="in-review",
        logged_by=BILLER,
    ))  # fmt: skip
    [one] = ask(clinic)
    assert (one.kind, one.status, one.task, one.level) == ("dispute", "to_file", "file_appeal", "redetermination")
    assert (one.due_on, one.days_left, one.amount_cents, one.denied_cents) == ("2026-07-31", 109, 20_000, 20_000)
    assert (one.owner_id, one.contact_at, one.contacts) == (an_id("other"), "2026-04-09T15:00:00.000000Z", 1)
    assert ask(clinic, owner_id=BILLER) == []


@pytest.mark.parametrize(
    ("facts", "status", "task", "due_on", "level"),
    [
        ((FILED,), "filed", "await_answer", None, "redetermination"),
        (
            (FILED, answered("redetermination", "2026-07-01", next_level="reconsideration", next_due_on="2026-12-28",
                             next_deadline=due(level_clock("medicare", "reconsideration", "2026-07-01"),
                                               received_on="2026-07-01"))),
            "answered", "appeal_further", "2026-12-28", "reconsideration",
        ),
        ((FILED, answered("redetermination", "2026-07-01", final=True)), "over", "none", None, "redetermination"),
    ],
)  # fmt: skip
def test_a_dispute_says_what_is_to_be_done(
    facts: tuple[Any, ...], status: str, task: str, due_on: str | None, level: str
) -> None:
    """While an answer is awaited no clock of ours runs; over, it is off the list."""
    clinic = medicare()
    denied(clinic)
    contest(clinic)
    for one in facts:
        tell(clinic, one)
    delta = folded(MODEL, clinic.story.recorded(MODEL))
    [row] = delta.rows["dispute"][PATIENT,]
    assert (row[6], row[8]) == (task != "none", due_on)
    for told in (f'"status":"{status}"', f'"task":"{task}"', f'"level":"{level}"'):
        assert told in str(row[-1])
    assert delta.rows["uncontested_denial"][PATIENT,] == []


def test_requests_disputes_and_suggestions_stand_by_their_last_day(ask: Ask) -> None:
    """What has none comes last; another payer's and another program's are not there."""
    clinic = medicare()
    denied(clinic)
    denied(clinic, 2, day="2026-03-03")
    contest(clinic)
    asked_for(clinic, "claim", claims=(2,), number=2)
    assert [(one.kind, one.due_on) for one in ask(clinic)] == [
        ("records", "2026-05-21"), ("denial", "2026-07-30"), ("dispute", "2026-07-31")
    ]  # fmt: skip
    assert ask(clinic, payer_id=an_id("payer", 2)) == ask(clinic, programs=[an_id("program", 2)]) == []
    assert len(ask(clinic, patient_id=PATIENT)) == 3


def lacking(clinic: Clinic, *items: Any) -> dict[str, int]:
    """What of these items is missing for claim 1."""
    asked_for(clinic, *items)
    [row] = folded(MODEL, clinic.story.recorded(MODEL)).rows["dispute"][PATIENT,]
    return decode_entry(row[-1]).missing


def test_each_item_is_judged_by_what_is_there() -> None:
    """A day in order lacks nothing but the papers that nobody made; what is struck or not cosigned is not there."""
    papers = ("psychiatric_evaluation", "discharge_plan", "treatment_plan", "certification", "eligibility")
    sound = ("group_notes", "progress_notes", "signatures", "attendance", "authorization", "credentials", "remittance",
             "claim")  # fmt: skip
    clinic = medicare()
    denied(clinic)
    assert lacking(clinic, *papers, *sound, "timely_filing") == dict.fromkeys((*papers, "timely_filing"), 1)
    waits = medicare()
    number = waits.meet("2026-03-02", "09:00-12:00")
    note = waits.draft("2026-03-02", "12:00", number)
    waits.sign(note, "2026-03-02", waits.at("2026-03-02", "13:00"), needs_cosignature=True)
    waits.claim(1, [("2026-03-02", 1)])
    assert lacking(waits, "group_notes", "signatures") == {"group_notes": 1, "signatures": 1}
    struck = medicare()
    denied(struck)
    struck.story.tell(an_id("note", 1), NoteEnteredInError(declared_by=an_id("clinician"), cause="wrong-patient"))
    assert lacking(struck, "group_notes", "signatures") == {"group_notes": 1}
    lapsed = medicare()
    denied(lapsed)
    lapsed.lapse("2026-03-01")
    lapsed.story.tell(an_id("authorization"), AuthorizationVoided(voided_on="2026-03-10", cause="error"))
    assert lacking(lapsed, "credentials", "authorization") == {"credentials": 1, "authorization": 1}


@pytest.mark.parametrize("batch", [1, 3, 7])
def test_batches_make_no_difference(batch: int) -> None:
    """What is asked for, contested and suggested is the same however the facts come in."""
    clinic = medicare(certification_days=60)
    denied(clinic)
    denied(clinic, 2, day="2026-03-03")
    contest(clinic)
    asked_for(clinic, "group_notes", "certification", claims=(1, 2), number=2)
    tell(clinic, FILED)
    tell(clinic, answered("redetermination", "2026-07-01", final=True))
    clinic.in_care(PlanCertified(
        plan_id=an_id("plan"), physician_id=an_id("clinician"), certified_on="2026-03-01",
        certified_through="2026-04-30",
    ))  # fmt: skip
    facts = clinic.story.recorded(MODEL)
    whole, parts = folded(MODEL, facts), folded(MODEL, facts, batch)
    for table in ("dispute", "uncontested_denial"):
        assert parts.rows[table] == whole.rows[table]
    assert parts.documents == whole.documents
