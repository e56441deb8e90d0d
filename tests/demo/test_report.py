"""The report adds up what the read models say; here over a short story whose every figure is counted by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from io import StringIO

import pytest
from rich.console import Console

from aggregates.assessment.facts import AssessmentAdministered
from aggregates.claim.facts import AdjudicatedLine, Adjustment, ClaimAdjudicated, ClaimRejected, ClaimSubmitted
from aggregates.enrollment.facts import PatientDischarged
from iop_es.demo.figures import Report
from iop_es.demo.incidents import incidents
from iop_es.demo.report import report
from iop_es.demo.show import WIDTH, show
from iop_es.settings import Settings
from iop_es.wiring import House
from tests.demo.clinic import MORNING, scheduled_clinic
from tests.demo.conftest import prepared
from tests.demo.explained import explained_days, summed
from tests.projections.billing.clinic import Clinic, a_clinic, an_id


def a_week() -> Clinic:
    """Two days on claims (paid, denied), one signed late on a rejected claim; then no note, a short day, an absence.

    A second patient leaves after three days without a service.
    """
    clinic = scheduled_clinic()
    clinic.patient(2)
    for day in ("2026-01-05", "2026-01-06"):
        clinic.documented(day, MORNING)
    late = clinic.draft("2026-01-07", "12:00", clinic.meet("2026-01-07", MORNING))
    clinic.sign(late, "2026-01-07", clinic.at("2026-01-08", "12:01"))
    clinic.meet("2026-01-08", MORNING)
    clinic.documented("2026-01-09", "09:00-10:00")
    for number, day in enumerate(("2026-01-05", "2026-01-06", "2026-01-07"), 1):
        clinic.claim(number, [(day, number)])
        sent = ClaimSubmitted(submitted_at="2026-01-09T20:00:00Z", batch="b", control_number=f"c{number}")
        _to_claim(clinic, number, sent)
    _to_claim(clinic, 1, _answer(15_000, ("CO", "45", 4_000), ("PR", "2", 1_000)))
    _to_claim(clinic, 2, _answer(0, ("CO", "197", 20_000)))
    _to_claim(clinic, 3, ClaimRejected(rejected_at="2026-01-10T20:00:00Z", source="277CA", codes=("A7",)))
    for day, score in (("2026-01-05", 16), ("2026-01-12", 9)):
        clinic.story.tell(an_id("assessment", score), AssessmentAdministered(
            patient_id=an_id("patient"), enrollment_id=an_id("enrollment"), program_id=an_id("program"),
            instrument="phq-9", instrument_version="1", administered_on=day, administered_at=f"{day}T15:00:00Z",
            occasion="routine", respondent="patient", entered_score=score,
        ))  # fmt: skip
    clinic.story.tell(an_id("assessment", 99), AssessmentAdministered(
        patient_id=an_id("patient", 2), enrollment_id=an_id("enrollment", 2), program_id=an_id("program"),
        instrument="c-ssrs-screener", instrument_version="1", administered_on="2026-01-12",
        administered_at="2026-01-12T15:00:00Z", occasion="routine", respondent="patient", items=(1, 1, 0, 1, 0, 0),
    ))  # fmt: skip
    clinic.meet("2026-01-12", MORNING, leave="absent")
    clinic.in_care(PatientDischarged(discharged_on="2026-01-13", reason="dropped_out", patient_status="07"))
    clinic.in_care(PatientDischarged(discharged_on="2026-01-07", reason="completed", patient_status="01"), episode=2)
    return clinic


def _to_claim(clinic: Clinic, number: int, fact: object) -> None:
    clinic.story.tell(an_id("claim", number), fact, role="biller")


def _answer(paid: int, *adjustments: tuple[str, str, int]) -> ClaimAdjudicated:
    made = tuple(Adjustment(group=group, carc=carc, amount_cents=cents) for group, carc, cents in adjustments)  # type: ignore[arg-type] # group codes
    return ClaimAdjudicated(
        adjudicated_on="2026-01-12", payer_control_number="p", paid_cents=paid,
        lines=(AdjudicatedLine(line=1, paid_cents=paid, adjustments=made),),
    )


@pytest.fixture(scope="module")
def clinic() -> Clinic:
    """The week."""
    return a_week()


@pytest.fixture(scope="module")
def house(clinic: Clinic, empty_store: Callable[[], Settings]) -> Iterator[House]:
    """A store in which it happened."""
    with prepared(empty_store()) as opened:
        clinic.story.append(opened.log)
        opened.project()
        yield opened


@pytest.fixture(scope="module")
def told(house: House) -> Report:
    """Its report."""
    return report(house, incidents(house))


def test_every_fact_is_in_one_kind_of_stream(told: Report, clinic: Clinic) -> None:
    """The counts by stream are those of the story, and add up to all of it."""
    assert told.facts.by_stream == Counter(fact.name.partition(".")[0] for fact in clinic.story.facts)
    assert told.facts.total == told.position == len(clinic.story.facts)


def test_days_and_dollars_by_state(told: Report) -> None:
    """At 200 dollars a day: two on claims, the rejected one billable again, one held, and two that are no day."""
    states = {one.state: (one.days, one.cents, one.by_program) for one in told.billing.states}
    assert states == {
        "billed": (2, 40_000, {"iop-1": 2}),
        "billable": (1, 20_000, {"iop-1": 1}),
        "held": (1, 20_000, {"iop-1": 1}),
        "not_billable": (2, 20_000, {"iop-1": 2}),
    }


def test_it_names_who_needs_someone_today_and_why(told: Report) -> None:
    """A screen of this morning that is high, urgent, of who left a week ago, and nothing done about it yet."""
    [one] = told.today
    assert (one.program, one.patient_id, one.kind, one.urgent, one.age_days) == (
        "iop-1", an_id("patient", 2), "suicide_screen", True, 0,
    )  # fmt: skip
    assert one.why == "C-SSRS screener of 2026-01-12: the triage is high. The patient left on 2026-01-07."
    assert one.done == "nothing yet"
    assert [(kind.kind, kind.alerts, kind.open, kind.cleared) for kind in told.alerts] == [("suicide_screen", 1, 1, 0)]


def test_what_is_in_the_way_names_who_acts(told: Report) -> None:
    """Each state's deciding reasons, with the role that acts on them; the billable day's warning is in nobody's way."""
    found = [(one.state, one.reason, one.owner, one.days) for one in told.billing.reasons]
    assert found == [
        ("held", "note_missing", "clinician", 1),
        ("not_billable", "below_minimum_minutes", "biller", 1),
        ("not_billable", "no_attendance", "front_desk", 1),
    ]


def test_a_week_that_is_over_is_the_billers(empty_store: Callable[[], Settings]) -> None:
    """A weekly minimum that holds a day after its week shows the view's own owner and step, not the clinician's."""
    clinic = a_clinic(weekly={"measure": "attended", "minutes": 540, "days": 3, "consequence": "hold"})
    clinic.documented("2026-01-12", MORNING)
    clinic.meet("2026-02-02", MORNING, leave="absent")
    with prepared(empty_store()) as house:
        clinic.story.append(house.log)
        house.project()
        found = report(house, [])
    [held] = [one for one in found.billing.reasons if one.state == "held"]
    assert (held.reason, held.owner) == ("weekly_minimum", "biller")
    assert held.next_step.startswith("The week is over")


def test_totals_are_the_sum_of_every_day_explained(told: Report, house: House) -> None:
    """The report's states and cents equal those of each day folded anew from the patient's own facts."""
    assert {one.state: (one.days, one.cents) for one in told.billing.states} == summed(explained_days(house))


def test_claims_are_followed_to_the_payers_answer(told: Report) -> None:
    """Three left at 200 dollars: one paid in part, one denied for want of an authorization, one rejected."""
    claims = told.claims
    assert (claims.prepared, claims.submitted, claims.rejected, claims.paid, claims.denied) == (3, 3, 1, 1, 1)
    assert (claims.charged_cents, claims.paid_cents, claims.patient_cents) == (60_000, 15_000, 1_000)
    assert claims.denied_cents == 20_000
    assert {one.status: (one.claims, one.cents) for one in claims.by_status} == {
        "adjudicated": (2, 40_000), "rejected": (1, 20_000),
    }
    assert [(one.payer, one.claims, one.answered, one.paid_cents, one.denied_cents) for one in claims.by_payer] == [
        ("Payer 1", 3, 2, 15_000, 20_000)
    ]
    assert [(one.adjustments, one.days, one.cents) for one in claims.denials] == [("CO-197", 1, 20_000)]


def test_accounts_divide_what_is_charged(told: Report) -> None:
    """The rejected claim is charged to nobody; of the others a denied day is open. Nothing is wrong or taken back."""
    [one] = told.accounts.programs
    assert (one.program, one.charged_cents, one.contractual_cents, one.paid_cents) == ("iop-1", 40_000, 4_000, 15_000)
    assert (one.patient_cents, one.written_off_cents, one.open_cents) == (1_000, 0, 20_000)
    assert (told.corrections.due, told.accounts.takebacks, told.other_terms) == ([], [], None)


def test_a_denial_that_nobody_contests_is_told(told: Report) -> None:
    """The day refused for want of an authorization, by a commercial clock that nobody verified."""
    found = told.disputes
    assert (found.entries, found.uncontested, found.uncontested_cents, found.unverified) == ([], 1, 20_000, 1)


def test_the_census_counts_who_came_and_left(told: Report) -> None:
    """Two came on the 5th and left, after nine days and after three: a mean of six; 5 of 6 services attended."""
    [census] = told.census
    assert (census.referrals, census.admissions, census.discharges, census.in_care) == (2, 2, 2, 0)
    assert census.discharges_by_reason == {"dropped_out": 1, "completed": 1}
    assert census.mean_stay_days == 6
    assert census.attendance_rate == pytest.approx(5 / 6)
    assert census.delivered_minutes == 4 * 180 + 60
    assert census.scheduled_minutes == 5 * 180 + 60


def test_outcomes_compare_first_and_last(told: Report) -> None:
    """A PHQ-9 from 16 to 9 is a change of -7, reliable by an unverified limit."""
    [one] = told.outcomes
    assert (one.program, one.instrument, one.n) == ("iop-1", "PHQ-9", 1)
    assert (one.baseline_mean, one.last_mean, one.mean_change) == (16, 9, -7)
    assert (one.share_improved, one.share_deteriorated, one.threshold_verified) == (1, 0, False)


def test_completers_stand_beside_everybody(told: Report) -> None:
    """One of two admitted completed, the other was measured and leaves tomorrow: a week has not told of the second."""
    [cohort] = told.cohorts
    assert (cohort.program, cohort.instrument, cohort.everybody, cohort.never_again) == ("iop-1", "PHQ-9", 1, 0)
    assert (cohort.change, cohort.completers, cohort.completers_change) == (-7, 0, None)
    [stay] = told.stays
    assert (stay.admitted, stay.completed, stay.dropped_out, stay.other, stay.in_care) == (2, 1, 0, 0, 1)
    assert stay.survival == {}


def test_the_audit_counts_every_entry_once(told: Report, clinic: Clinic) -> None:
    """Kinds and roles each add up to all facts; of the four signatures one came after the payer's 24 hours."""
    audit = told.audit
    assert audit.entries == len(clinic.story.facts)
    assert sum(one.entries for one in audit.by_kind) == sum(audit.by_role.values()) == audit.entries
    assert (audit.signatures, audit.late_signatures) == (4, 1)
    assert audit.by_role["biller"] == 9


def test_the_tables_fit_and_carry_the_marks(told: Report) -> None:
    """No line is wider than a hundred columns, no number is cut, and unverified values say so."""
    out = StringIO()
    show(told, Console(file=out, width=WIDTH))
    lines = out.getvalue().splitlines()
    assert max(map(len, lines)) <= WIDTH
    assert "…" not in out.getvalue()
    assert any("What counts as reliable change is unverified for PHQ-9." in line for line in lines)
    assert any(line.split()[:2] == ["billed", "2"] and "$400.00" in line for line in lines)


def test_an_empty_clinic_has_a_report(empty_house: House) -> None:
    """Nothing recorded is no error: every count is zero."""
    found = report(empty_house, incidents(empty_house))
    show(found, Console(file=StringIO(), width=WIDTH))
    assert (found.facts.total, found.billing.states, found.claims.prepared) == (0, [], 0)
    assert {one.count for one in found.incidents} == {0}
