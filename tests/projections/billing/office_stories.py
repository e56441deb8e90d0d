"""Random pasts of a clinic whose claims billing itself prepares, sends, gets answered and puts right."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from aggregates.authorization.facts import AuthorizationExtended, AuthorizationVoided
from aggregates.enrollment.facts import (
    DayWrittenOff,
    HoldReleased,
    LeaveEnded,
    LeaveStarted,
    LevelOfCareChanged,
    PatientDischarged,
)
from aggregates.payer_policy.facts import PolicyRevised
from aggregates.program.facts import Charge, FeeScheduleAdopted
from aggregates.session.facts import HeadCountChanged
from tests.projections.billing.clinic import Clinic, an_id
from tests.projections.billing.office import PATIENTS, SENT, Office
from tests.projections.billing.terms import terms

DAYS = ("2026-03-02", "2026-03-04", "2026-03-10")
SECOND = 11
"""Patient 1's episode in the second program."""
CHARGES = {
    "S9480": 20_000, "H0015": 17_003, "H2019": 10_000, "99213": 15_000, "90837": 12_000, "90847": 7_000, "90853": 6_000,
}  # fmt: skip
OTHER_TERMS: dict[str, Any] = {
    "claim_form": "837P", "type_of_bill": None, "per_diems": ({
        "level_of_care": "intensive_outpatient", "focus": "mental_health", "procedure_code": "H2019",
        "revenue_code": "0900", "unit_basis": "day", "rate_cents": 9_000, "rate_kind": "contract",
    },),
}  # fmt: skip
"""The second payer's own form and code for the same day."""
VISIT = {"service_kind": "medication_visit", "procedure_code": "99213", "use": "carved_out", "revenue_code": "0510"}
SERVICES: tuple[dict[str, Any], ...] = (
    VISIT,
    {"service_kind": "individual", "procedure_code": "90837", "use": "short_day", "revenue_code": "0914"},
    {"service_kind": "group", "procedure_code": "90853", "use": "short_day", "revenue_code": "0915"},
)
GROUP_LINE = {"service_kind": "group", "procedure_code": "90847", "use": "day_line", "revenue_code": "0915"}
OTHER_FORM = (VISIT | {"form": "837P"}, *SERVICES[1:])
ALLOWED = ({"effective_from": "2026-03-05", "modalities": ("audio_video",), "places_of_service": ("10",)},)
REVISIONS: tuple[dict[str, Any], ...] = (
    {"minimum_minutes": 200},
    {"services": OTHER_FORM},
    {"services": ()},
    {"telehealth": ALLOWED},
    {"modifiers": ({"modifier": "HQ", "when": "group"}, {"modifier": "HL", "when": "associate"})},
    {"group_maximum": 2, "group_consequence": "minutes_do_not_count"},
    {"session_minimum_minutes": 45, "daily_visits_per_kind": 1},
    {"authorization_after_days": 2, "late_signature": "attestation", "signature_hours": 1},
    {"schedule": {"days": 3, "longest_gap_days": 2, "group_each_day": True, "consequence": "hold"}},
    {"weekly": {"measure": "attended", "minutes": 360, "days": 2, "consequence": "hold"}},
    {"note_basis": "day"},
    {"line_basis": "service", "services": (*SERVICES, GROUP_LINE), "minimum_minutes": 60},
)
"""Terms that a payer's later versions may have."""


@dataclass
class Past:
    """A story while it is told: what was met on which day, and how far the payer's terms are revised."""

    office: Office
    draw: Any
    met: list[tuple[str, int]] = field(default_factory=list)
    revised: str = "2026-03-01"
    discharged: bool = False
    levels: str = ""

    @property
    def clinic(self) -> Clinic:
        """The clinic that the office bills for."""
        return self.office.clinic

    def some(self, *choices: Any) -> Any:
        """One of these."""
        found = self.draw(st.sampled_from(choices))
        self.office.words[-1] += f" {found}"
        return found

    def claim(self, *statuses: str) -> str | None:
        """A claim in one of these states, if there is any."""
        found = sorted(one.claim_id for one in self.office.claims() if one.status in statuses)
        return self.draw(st.sampled_from(found)) if found else None


def begin(
    services: tuple[dict[str, Any], ...] = SERVICES, units: int = 30, focus: str = "mental_health",
    second: dict[str, Any] | None = None,
) -> Office:
    """Two programs, the second of this focus; patient 1 in both and patient 2, of so many units, with a second payer of
    these terms behind the first."""
    clinic = Clinic(charges=dict(CHARGES))
    clinic.open()
    clinic.license()
    for payer in (1, 2):
        terms_of = {"services": services, "authorization_required": payer == 1} | ((second or {}) if payer == 2 else {})
        clinic.publish(payer, **terms_of)
    clinic.patient(1)
    clinic.patient(2, authorized=False)
    clinic.request(2)
    clinic.approve(2, units=units)
    clinic.cover(2, payer=2, rank=2)
    clinic.focus = focus
    clinic.open(2)
    clinic.refer(1, 2, episode=SECOND)
    clinic.admit(1, episode=SECOND)
    clinic.diagnose(SECOND)
    clinic.consent(1)
    clinic.request(1, number=3, enrollment_id=an_id("enrollment", SECOND), program_id=an_id("program", 2))
    clinic.approve(3)
    clinic.focus = "mental_health"
    return Office(clinic)


def meet(past: Past, day: str) -> None:
    """A full day, or one too short, documented or not."""
    spans = past.some("09:00-12:00", "09:00-12:00", "09:00-12:30", "09:00-10:00")
    patients = past.some((1,), (1, 2), (2,))
    kind = past.some("group", "group", "individual")
    how = past.some({}, {}, {"by": "audio_video", "place": "10"})
    if past.some(True, True, True, False):
        past.met.append((day, past.clinic.documented(day, spans, patients, kind=kind, **how)))
    else:
        past.met.append((day, past.clinic.meet(day, spans, patients, kind=kind, **how)))


def visit(past: Past, day: str) -> None:
    """A medication visit, by an associate or not."""
    number = past.clinic.meet(day, "13:00-13:20", (1,), kind="medication_visit")
    drafted = past.clinic.draft(day, "13:20", number)
    past.clinic.sign(drafted, day, past.clinic.at(day, "13:20", 30), needs_cosignature=past.some(True, False))
    past.met.append((day, number))


def elsewhere(past: Past, day: str) -> None:
    """Patient 1 in the second program."""
    stop = past.some("15:00", "17:00", "17:30")
    past.clinic.documented(day, f"14:00-{stop}", (1,), program_number=2, episodes={1: SECOND})


def longer_elsewhere(past: Past, _: str) -> None:
    """Each day turns out to have had a longer one of patient 1 in the second program, and what can be billed is
    prepared."""
    for day in sorted({day for day, _ in past.met}):
        past.clinic.documented(day, "14:00-17:30", (1,), program_number=2, episodes={1: SECOND})
    past.office.prepare()


def correct(past: Past, _: str) -> None:
    """Attendance, or somebody else's, put right."""
    if past.met:
        on, number = past.some(*past.met)
        if past.some(True, False):
            past.clinic.correct(on, number, past.some("", "09:00-11:00", "09:00-12:15"), past.some(1, 2))
        else:
            fact = HeadCountChanged(service_date=on, head_count=9, peak_count=9)
            past.clinic.story.tell(an_id("session", number), fact)


def fees(past: Past, day: str) -> None:
    """New charges from a day on."""
    charged = CHARGES | {past.some("S9480", "99213", "90837"): past.some(21_000, 9_999)}
    charges = tuple(Charge(procedure_code=code, charge_cents=cents) for code, cents in charged.items())
    past.clinic.story.tell(an_id("program"), FeeScheduleAdopted(effective_from=day, charges=charges))


def revise(past: Past, day: str) -> None:
    """Other terms from a later day on."""
    if day > past.revised:
        past.revised = day
        changed = terms(**{"services": SERVICES} | past.some(*REVISIONS))
        past.clinic.story.tell(an_id("policy"), PolicyRevised(effective_from=day, terms=changed, cause="contract"))


def answered_for(past: Past, day: str) -> None:
    """A hold that a person releases, or a day that a person gives up."""
    episode = past.some(1, 2)
    hold = past.some("authorization_missing", "authorization_exhausted", "weekly_minimum", "schedule_shape")
    if past.some(True, True, False):
        released = HoldReleased(service_date=day, hold=hold, cause="promised", released_by=an_id("person"))
        past.clinic.in_care(released, episode)
    else:
        given_up = DayWrittenOff(service_date=day, cause="no_note", approved_by=an_id("person"))
        past.clinic.in_care(given_up, episode)


def care(past: Past, day: str) -> None:
    """Leave, another level, or the end."""
    match past.some("leave", "level", "discharge"):
        case "leave":
            leave = an_id("leave", len(past.clinic.story.facts))
            past.clinic.in_care(LeaveStarted(leave_id=leave, started_on=day, cause="travel"), 2)
            past.clinic.in_care(LeaveEnded(leave_id=leave, returned_on=past.some("2026-03-10", "2026-03-31")), 2)
        case "level" if not past.discharged and day > past.levels:
            past.levels = day
            fact = LevelOfCareChanged(
                effective_on=day, from_level="intensive_outpatient", to_level="partial_hospitalization", cause="acuity"
            )
            past.clinic.in_care(fact, 2)
        case "discharge" if not past.discharged:
            past.discharged = True
            discharged = PatientDischarged(
                discharged_on=max(day, past.levels), reason="completed", patient_status="01"
            )
            past.clinic.in_care(discharged, 2)


def units(past: Past, _: str) -> None:
    """The payer takes an authorization back, gives more, or gives another one, of few units or many."""
    kind = past.some("more", "void", "another")
    if kind == "another":
        allowed = past.some(1, 2, 30)
        number = 30 + len(past.clinic.story.facts)
        past.clinic.request(2, number=number, units=allowed)
        past.clinic.approve(number, units=allowed, valid_from=past.some("2026-01-05", "2026-03-03"))
    elif kind == "more":
        extended = AuthorizationExtended(added_units=2, valid_through="2026-12-31", decided_on="2026-03-10")
        past.clinic.story.tell(an_id("authorization", past.some(1, 2)), extended)
    else:
        void = AuthorizationVoided(voided_on="2026-03-12", cause="error")
        past.clinic.story.tell(an_id("authorization", 2), void)


def coverage(past: Past, day: str) -> None:
    """The first payer's coverage of patient 2 turns out to be over."""
    past.clinic.end_coverage(day, patient=2)


def insured_elsewhere(past: Past, _: str) -> None:
    """The second payer turns out to be the first one of all days of patient 2, and what can be billed is prepared."""
    past.clinic.end_coverage("2026-03-01", patient=2)
    past.office.prepare()


def lapse(past: Past, day: str) -> None:
    """A license turns out to have lapsed."""
    past.clinic.lapse(day)


def prepare(past: Past, _: str) -> None:
    """Claims over what can be billed."""
    past.office.prepare(past.some("week", "month"))


def send(past: Past, _: str) -> None:
    """What is prepared leaves."""
    past.office.send()


def answer(past: Past, _: str) -> None:
    """The payer pays, denies, takes its answer back, or never takes the claim in."""
    one = past.claim(*SENT)
    if one is not None:
        match past.some("pay", "deny", "reverse", "reject"):
            case "pay":
                past.office.answer(one, past.some(100, 80))
            case "deny":
                past.office.answer(one, 0, carc="197")
            case "reverse":
                past.office.reverse(one)
            case _:
                past.office.reject(one)


def reconsider(past: Past, _: str) -> None:
    """Every claim leaves and is paid; the first day of one is put right, the claim with it, and is put back at once."""
    past.office.send()
    for one in past.office.claims():
        if one.status == "submitted" and one.frequency != "8":
            past.office.answer(one.claim_id, 100)
    paid = {one.claim_id: one for one in past.office.claims() if one.status == "adjudicated"}
    if paid:
        claim = paid[past.draw(st.sampled_from(sorted(paid)))]
        patient, sessions = PATIENTS.index(claim.patient_id) + 1, [one for one in past.met if one[0] == claim.from_date]
        shorter: tuple[str, Any] = (past.some("", "09:00-11:00"), past.office.mend)
        for spans, then in (shorter, ("09:00-12:15", past.office.prepare)):
            for on, number in sessions:
                past.clinic.correct(on, number, spans, patient)
            then()


def withdraw(past: Past, _: str) -> None:
    """A claim that was not sent yet is taken back."""
    one = past.claim("prepared")
    if one is not None:
        past.office.withdraw(one)


def mend(past: Past, _: str) -> None:
    """What is wrong is put right at the payer."""
    past.office.mend()


BILLING = (prepare, prepare, send, answer, withdraw, mend)
LIFE = (meet, meet, visit, elsewhere, correct, fees, revise, answered_for, care, units, coverage, lapse)


@st.composite
def billed_pasts(draw: st.DrawFn, *more: Any, least: int = 30) -> Office:
    """Days that are given first, then billed, then everything that may still happen, in any order.

    `more` are steps that are likelier than others; patient 2 has from `least` to 30 units.
    """
    services = draw(st.sampled_from((SERVICES, OTHER_FORM)))
    focus, second = draw(st.sampled_from(("mental_health", "substance_use"))), draw(st.sampled_from(({}, OTHER_TERMS)))
    past = Past(begin(services, draw(st.sampled_from((least, 30))), focus, second), draw)
    days = st.sampled_from(DAYS)
    first = draw(st.lists(st.sampled_from((meet, meet, visit)), min_size=1, max_size=4))
    then = draw(st.lists(st.sampled_from((*LIFE, *BILLING, *more * 4)), min_size=2, max_size=12))
    for step in [*first, prepare, *then]:
        day = draw(days)
        past.office.words.append(f"{step.__name__} {day}:")
        step(past, day)
    return past.office
