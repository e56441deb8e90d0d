"""A reviewer's questions put to our own bills: what would somebody find who looks at these days as they stood then?

Pure, over decided days and what billing remembers of their patients, whatever position both are as of. The questions
are those of First Coast's checklist for partial hospitalization and community mental health centers (official) and
others that are commonly asked (general knowledge). A question fails where an answer of the day's decision stands
against the day, also one for which a named person answers or that is only a warning, because a reviewer need not accept
either; or where the record lacks a document that it asks for. It is met where a rule of it passed, or the document is
there, and unanswered where the payer's terms do not ask it. What only words can tell, which billing never reads, and
what this record keeps nothing of, is listed, and answered by nobody here.

The exposure of a day is what was billed for it and what was paid; each failing day counts once. A sample is the days
whose SHA-256 over seed, patient, date and episode, each followed by a line feed but the last, is least: with the same
seed anyone gets the same days, and a larger sample contains the smaller one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

from pydantic import Field

from projections.billing.corrections import STANDS, other_lines
from projections.billing.day import Day, outcome_at
from projections.billing.disputes.missing import documented
from projections.billing.documents import Patient
from projections.billing.headers import header_differs
from projections.billing.rooms import Rooms
from projections.billing.standing import stage_at
from projections.billing.views import View
from projections.billing.words import sentence

ALGORITHM = "least SHA-256 of seed LF patient_id LF service_date LF enrollment_id, in hexadecimal digits"
Verdict = Literal["met", "failed", "unanswered"]


@dataclass(frozen=True, slots=True)
class Asks:
    """A question: the reasons that fail it, the rules that meet it when they pass, what else fails it, and how the
    patient's record answers it: what it lacks, in words, or nothing; None where it cannot tell. One `of_rooms` is
    answered by all sessions."""

    words: str
    reasons: frozenset[str] = frozenset()
    rules: frozenset[str] = frozenset()
    fails: Callable[[Day, str], str | None] | None = None
    record: Callable[[Day, Patient], str | None] | None = None
    of_rooms: bool = False

    def of(
        self, day: Day, now: str, patient: Patient | None = None, rooms: Rooms | None = None
    ) -> tuple[Verdict, list[str]]:
        """The verdict for a day of a patient, and in words what stands against it."""
        if self.of_rooms and rooms is not None:
            twice = rooms.against(day)
            return "failed" if twice else "met", twice
        if self.record is not None:
            lacks = None if patient is None else self.record(day, patient)
            return ("failed", [lacks]) if lacks else ("unanswered" if lacks is None else "met", [])
        against = [
            sentence(day, one, now) for one in day.answers
            if one.code in self.reasons and outcome_at(one, now) != "passed"
        ]
        found = self.fails(day, now) if self.fails else None
        against += [found] if found else []
        if against:
            return "failed", against
        met = self.fails is not None or any(one.rule in self.rules and one.code is None for one in day.answers)
        return "met" if met else "unanswered", []


def _amended(day: Day, _now: str) -> str | None:
    count = day.amended_after
    return f"Amended {count} time{'' if count == 1 else 's'} after the bill left." if count else None


def _otherwise(day: Day, now: str) -> str | None:
    if stage_at(day, now).state not in STANDS:
        return f"By what is known the day is {stage_at(day, now).state.replace('_', ' ')}."
    if other_lines(day):
        return "By what is known the day has other lines than were billed."
    if day.misnamed:
        return "By what is known another authorization covers the day than the bill names, or one where it names none."
    return "The bill says something else beside its lines than is known." if header_differs(day) else None


def _evaluated(day: Day, patient: Patient) -> str:
    found = documented(patient, day.program_id, "psychiatric_evaluation", day.service_date)
    return "" if found else "There is no signed psychiatric evaluation of the patient by that day."


def _referred(day: Day, patient: Patient) -> str | None:
    """Whoever refers says where the patient comes from."""
    return "" if day.enrollment_id in patient.episodes else None


def _discharged(day: Day, patient: Patient) -> str | None:
    episode = patient.episodes.get(day.enrollment_id)
    if episode is None or episode.discharged_on is None:
        return None
    found = documented(patient, day.program_id, "discharge_summary", since=episode.admitted_on or "")
    return "" if found else f"There is no signed discharge summary of the stay that ended on {episode.discharged_on}."


def _asks(words: str, reasons: str, rules: str) -> Asks:
    return Asks(words, frozenset(reasons.split()), frozenset(rules.split()))


QUESTIONS: dict[str, Asks] = {
    "attendance": _asks(
        "Was this patient there on that day, admitted and not on leave?",
        "no_attendance session_cancelled no_admission after_discharge on_leave service_kind_unknown", "presence",
    ),
    "coverage": _asks(
        "Was the patient covered, with a member number?",
        "no_coverage member_number_missing subscriber_missing not_enrolled_with_payer", "coverage",
    ),
    "diagnosis": _asks("Is there a principal diagnosis?", "diagnosis_missing", "diagnosis"),
    "note": _asks("Is there a note of every session?", "note_missing note_in_error", "note"),
    "signature": _asks(
        "Is it signed, dated, in the payer's time, with every signature that it needs?",
        "note_unsigned note_returned narrative_unsigned narrative_in_error cosignature_missing cosigned_late"
        " signature_late attestation_missing facilitator_signature_missing", "note",
    ),
    "credential": _asks(
        "Had whoever signed an active credential on the day of service?",
        "credential_not_active_on_service_date not_credentialed_with_payer", "credential",
    ),
    "minutes": _asks(
        "Do start and stop, minutes and services bear out what was billed?",
        "session_open session_too_short visit_beyond_limit telehealth_not_allowed below_minimum_minutes"
        " below_minimum_sessions no_whole_unit overlap weekly_minimum schedule_shape", "minutes",
    ),
    "group_size": _asks("Was the group no larger or smaller than allowed?", "group_over_maximum group_under_minimum",
                        "group_size"),
    "one_room": Asks("Did whoever led a session lead no other in the same minutes?", of_rooms=True),
    "plan": _asks(
        "Was a plan of care in force, and reviewed?", "plan_missing plan_review_overdue duration_rationale_missing"
        " plan_review_recorded_late", "plan_review",
    ),
    "certification": _asks(
        "Had a physician certified the need?", "certification_missing certification_expired certifier_not_accepted"
        " certification_recorded_late", "certification",
    ),
    "authorization": _asks(
        "Was it authorized, with units left?",
        "authorization_missing authorization_denied authorization_not_started authorization_expired"
        " authorization_exhausted", "authorization",
    ),
    "disclosure": _asks(
        "Might the payer be told of it?", "no_consent_for_disclosure consent_ran_out disclosure_restricted",
        "disclosure",
    ),
    "billed_once": _asks(
        "Was it billed once, by one program?",
        "second_program_same_day included_in_per_diem billed_by_other_program patient_charged",
        "one_per_diem claim",
    ),
    "as_decided": Asks("Does the bill say what the record bears out?", fails=_otherwise),
    "amended_after": Asks("Was nothing amended after the bill had left?", fails=_amended),
    "referral_source": Asks("Is it on record who referred the patient?", record=_referred),
    "psychiatric_evaluation": Asks(
        "Is there an initial psychiatric evaluation, signed by that day?", record=_evaluated,
    ),
    "discharge_goals": Asks(
        "Does a discharge summary say what came of the goals, once care ended?", record=_discharged,
    ),
    "clones": Asks("Is every note its own? (Compare the words; billing does not read them.)"),
    "response": Asks("Does every note tell the response to what was done? (Read the words.)"),
    "admission_physical": Asks("Was there a physical on admission, if none in thirty days? (Not kept here.)"),
    "behavior_monitoring": Asks("Are there sheets of behavior monitoring? (Not kept here.)"),
    "team_plan": Asks("Did the team make the plan around the person? (Read the plan and its signatures.)"),
    "beneficiary_notice": Asks("Was an advance beneficiary notice (ABN) given, if one was used? (Not kept here.)"),
}  # fmt: skip


class QuestionView(View):
    """What the days come to on one question; cents are those of the days that fail it."""

    code: str
    words: str
    met: int
    failed: int
    unanswered: int = Field(description="The payer's terms do not ask it, or billing cannot tell.")
    billed_cents: int
    paid_cents: int


class AuditedDayView(View):
    """One billed day with what a reviewer would find."""

    patient_id: str
    enrollment_id: str
    program_id: str
    payer_id: str | None
    service_date: str
    claim_ids: list[str]
    billed_cents: int
    paid_cents: int
    failed: list[str] = Field(description="The codes of the questions that it fails.")
    found: list[str] = Field(description="What stands against it, in words.")
    digest: str = Field(description="By which the sample is drawn: the least ones first.")


class SelfAuditView(View):
    """Billed days of a period as they stood at a position, asked what a reviewer would ask."""

    from_date: str
    to_date: str
    as_of: int
    at: str = Field(description="The moment that counted as now.")
    program_id: str | None
    payer_id: str | None
    billed_days: int = Field(description="All billed days of the period.")
    billed_cents: int
    paid_cents: int
    sample: int | None = Field(description="How many of them were drawn; null: all were asked.")
    seed: str | None
    algorithm: str | None
    asked_days: int
    failing_days: int
    exposure_billed_cents: int = Field(description="What was billed for the days that fail a question, each once.")
    exposure_paid_cents: int
    questions: list[QuestionView]
    days: list[AuditedDayView] = Field(description="The sample in the order of its draw, or else the days that fail.")
    unfollowed: list[str] = Field(description="Patients whose record could not be followed so far, and is not asked.")


@dataclass(frozen=True, slots=True)
class Window:
    """Which billed days are asked, and how many of them are drawn by which seed."""

    from_date: str
    to_date: str
    program_id: str | None = None
    payer_id: str | None = None
    sample: int | None = None
    seed: str = ""

    def holds(self, day: Day, programs: Sequence[str]) -> bool:
        """Whether it is a billed day of the period, of these programs and, if named, that payer."""
        inside = self.from_date <= day.service_date <= self.to_date and day.program_id in programs
        payers = {line.payer_id for line in day.claimed}
        return inside and bool(payers) and (self.payer_id is None or self.payer_id in payers)


def self_audit(
    days: Iterable[Day], window: Window, *, programs: Sequence[str], as_of: int, at: str,
    patients: Mapping[str, Patient], unfollowed: Iterable[str] = (), rooms: Rooms | None = None,
) -> SelfAuditView:  # fmt: skip
    """The answers for days that were decided as of a position, with what is remembered of their patients and was told
    of all sessions by then; `at` is the moment that counted as now."""
    billed = sorted(
        (day for day in days if window.holds(day, programs)),
        key=lambda day: (day.service_date, day.patient_id, day.enrollment_id),
    )
    drawn = billed
    if window.sample is not None:
        drawn = sorted(billed, key=lambda day: digest(window.seed, day))[: window.sample]
    known = ((day, patients.get(day.patient_id)) for day in drawn)
    asked = [
        (day, {code: one.of(day, at, patient, rooms) for code, one in QUESTIONS.items()}) for day, patient in known
    ]
    views = [_day(day, verdicts, window.seed) for day, verdicts in asked]
    failing = [one for one in views if one.failed]
    return SelfAuditView(
        from_date=window.from_date, to_date=window.to_date, as_of=as_of, at=at, program_id=window.program_id,
        payer_id=window.payer_id, billed_days=len(billed), billed_cents=sum(day.charge_cents or 0 for day in billed),
        paid_cents=sum(day.paid_cents or 0 for day in billed), sample=window.sample,
        seed=None if window.sample is None else window.seed, algorithm=None if window.sample is None else ALGORITHM,
        asked_days=len(drawn), failing_days=len(failing),
        exposure_billed_cents=sum(one.billed_cents for one in failing),
        exposure_paid_cents=sum(one.paid_cents for one in failing),
        questions=[_question(code, asked) for code in QUESTIONS],
        days=failing if window.sample is None else views, unfollowed=sorted(unfollowed),
    )


def digest(seed: str, day: Day) -> str:
    """What the draw goes by."""
    text = "\n".join((seed, day.patient_id, day.service_date, day.enrollment_id))
    return sha256(text.encode()).hexdigest()


Verdicts = dict[str, tuple[Verdict, list[str]]]


def _day(day: Day, verdicts: Verdicts, seed: str) -> AuditedDayView:
    return AuditedDayView(
        patient_id=day.patient_id, enrollment_id=day.enrollment_id, program_id=day.program_id, payer_id=day.payer_id,
        service_date=day.service_date, claim_ids=sorted({line.claim_id for line in day.claimed}),
        billed_cents=day.charge_cents or 0, paid_cents=day.paid_cents or 0,
        failed=[code for code, (verdict, _) in verdicts.items() if verdict == "failed"],
        found=[words for _, against in verdicts.values() for words in against], digest=digest(seed, day),
    )


def _question(code: str, asked: list[tuple[Day, Verdicts]]) -> QuestionView:
    by: dict[Verdict, list[Day]] = {"met": [], "failed": [], "unanswered": []}
    for day, verdicts in asked:
        by[verdicts[code][0]].append(day)
    return QuestionView(
        code=code, words=QUESTIONS[code].words, met=len(by["met"]), failed=len(by["failed"]),
        unanswered=len(by["unanswered"]), billed_cents=sum(day.charge_cents or 0 for day in by["failed"]),
        paid_cents=sum(day.paid_cents or 0 for day in by["failed"]),
    )
