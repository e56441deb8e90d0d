"""A group note as facts: a closed session of three, a narrative, one patient's part; each told at a position."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from aggregates.clinician.facts import ClinicianIdentity, ClinicianJoined, CredentialNumber, CredentialRecorded
from aggregates.clinician.state import NotJoined
from aggregates.clinician.state import evolve as clinician
from aggregates.enrollment.facts import GoalWords, PatientReferred, PlanOfCareAdopted, PlanWords
from aggregates.enrollment.state import Unopened
from aggregates.enrollment.state import evolve as episode
from aggregates.note.facts import (
    FacilitatorSigned,
    NoteAmended,
    NoteContent,
    NoteCosigned,
    NoteDrafted,
    NoteSigned,
    Section,
)
from aggregates.patient.facts import Identity, PatientRegistered
from aggregates.patient.state import NotRegistered
from aggregates.patient.state import evolve as patient
from aggregates.payer_policy.facts import PolicyPublished
from aggregates.payer_policy.state import NotPublished
from aggregates.payer_policy.state import evolve as policy
from aggregates.program.facts import ProgramName, ProgramOpened
from aggregates.program.state import NotOpened
from aggregates.program.state import evolve as program
from aggregates.session.facts import Attendance, Interval, PatientExpected, SessionClosed, SessionScheduled
from projections.chart.inputs import Sources, Story, Told
from projections.chart.rendition import rendition
from projections.chart.shown import Rendition
from tests.aggregates.documents import ABOUT, addition, told
from tests.aggregates.scenario import an_id
from tests.projections.billing.terms import terms

NOTE, NARRATIVE, SESSION = an_id("note", 1), an_id("note", 2), an_id("session", 1)
PATIENT, PROGRAM, ENROLLMENT = an_id("patient", 1), an_id("program", 1), an_id("enrollment", 1)
AUTHOR, SUPERVISOR, ATTENDANCE = an_id("clinician", 1), an_id("clinician", 2), an_id("attendance", 1)
DAY = "2026-03-02"
START, STOP = f"{DAY}T14:00:00.000000Z", f"{DAY}T15:30:00.000000Z"
SIGNED = f"{DAY}T17:41:07.000000Z"
"""12:41:07 in New York, where the clocks still show EST on that day: 2 h 11 min after the end."""


def content(**sections: str) -> NoteContent:
    """Words, section by section."""
    return NoteContent(sections=tuple(Section(name=name, words=words) for name, words in sections.items()))


def narrative_drafted(**sections: str) -> NoteDrafted:
    """The narrative's beginning."""
    about = NoteDrafted(
        kind="group_narrative", program_id=PROGRAM, author_id=AUTHOR, service_date=DAY, service_ended_at=STOP,
        session_id=SESSION, service_kind="group", content_digest=ABOUT,
    )
    return told(about, content(**sections or {"topic": "Early signs"}), note_id=NARRATIVE)


def part_drafted(**sections: str) -> NoteDrafted:
    """The part's beginning."""
    about = NoteDrafted(
        kind="group", program_id=PROGRAM, author_id=AUTHOR, service_date=DAY, service_ended_at=STOP,
        session_id=SESSION, service_kind="group", patient_id=PATIENT, enrollment_id=ENROLLMENT,
        attendance_id=ATTENDANCE, narrative_id=NARRATIVE, goals=("goal-1",), content_digest=ABOUT,
    )
    return told(about, content(**sections or {"response": "Spoke twice"}), note_id=NOTE)


def signed(digest: str, narrative: str | None = None, **more: Any) -> NoteSigned:
    """The author's signature, made elsewhere."""
    given = {"signed_at": SIGNED, "credential": "LCSW", "credential_active": True, "needs_cosignature": False} | more
    return NoteSigned(
        signer_id=AUTHOR, content_digest=digest, narrative_digest=narrative, note_version=1, service_date=DAY, **given
    )


def cosigned(digest: str) -> NoteCosigned:
    """The supervisor's signature, made elsewhere, a day later."""
    return NoteCosigned(
        signer_id=SUPERVISOR, content_digest=digest, note_version=1, service_date=DAY,
        signed_at="2026-03-03T17:41:07.000000Z", credential="PsyD", credential_active=True,
    )


def also_signed(digest: str, **more: Any) -> FacilitatorSigned:
    """The signature of the other who led, made elsewhere, an hour after the author's."""
    return FacilitatorSigned(
        signer_id=SUPERVISOR, content_digest=digest, note_version=1, service_date=DAY,
        signed_at=f"{DAY}T18:41:07.000000Z", credential="PsyD", credential_active=True, **more,
    )  # fmt: skip


def amended(number: int, kind: str, words: str, section: str | None = None, note_id: str = NOTE) -> NoteAmended:
    """An amendment three days later, made elsewhere."""
    fact = NoteAmended(
        amendment_id=an_id("amendment", number), kind=kind, section=section, signer_id=AUTHOR,
        signed_at=f"2026-03-05T15:0{number}:00.000000Z", cause="wrong-name", content_digest=ABOUT,
    )  # fmt: skip
    return addition(fact, content(**{section or "addendum": words}), note_id)


def shown(
    part: list[Any], narrative: list[Any] | None = None, lapsed: bool = False, policy: Any = None,
) -> Rendition:
    """What the part shows after these facts."""
    return rendition(replace(sources(part, narrative, lapsed), policies=() if policy is None else (policy,)))


def payer(**terms_: Any) -> Any:
    """The policy of whoever pays, with these terms."""
    published = PolicyPublished(
        payer_id=an_id("payer", 1), payer_kind="commercial", payer_name="Bay Health", code="bay",
        effective_from="2020-01-01", terms=terms(**terms_),
    )
    return _folded(NotPublished(), policy, [published])


def sources(part: list[Any], narrative: list[Any] | None = None, lapsed: bool = False) -> Sources:
    """What it rests on."""
    shared = [narrative_drafted()] if narrative is None else narrative
    stories = [_story(SESSION, session(), 1, "session"), _story(NARRATIVE, shared, 11, "note")]
    note = _story(NOTE, part, 51, "note")
    goals = PlanWords(goals=(GoalWords(goal="goal-1", words="Sleep through"),))
    return Sources(
        note=note, narrative=stories[1], session=stories[0],
        patient=_folded(NotRegistered(), patient, [_registered()]), program=_folded(NotOpened(), program, [_opened()]),
        episode=_folded(Unopened(), episode, [
            PatientReferred(patient_id=PATIENT, program_id=PROGRAM, referred_on="2026-02-20", source="hospital"),
            PlanOfCareAdopted(
                plan_id=an_id("plan", 1), adopted_on="2026-02-23", goals=("goal-1",), weekly_days=3, weekly_minutes=540,
                planned_weeks=6, review_due_on="2026-03-23", sealed=goals,
            ),
        ]),
        policies=(), clinicians={
            AUTHOR: people("Miriam", "Hale", "LCSW", lapsed), SUPERVISOR: people("Ines", "Okoye", "PsyD", False),
        },
        through=note.told[-1],
    )  # fmt: skip


def people(given: str, family: str, title: str, lapsed: bool) -> Any:
    """A clinician with a license, or with one that was over before the day."""
    joined = ClinicianJoined(
        programs=(PROGRAM,), discipline=title, associate=False, joined_on="2020-01-01", has_npi=False,
        sealed=ClinicianIdentity(family_name=family, given_name=given),
    )
    license_ = CredentialRecorded(
        credential_id=an_id("credential", 1), title=title, jurisdiction="NY", active_from="2020-01-01",
        active_through="2026-02-28" if lapsed else None, sealed=CredentialNumber(number="078331"),
    )
    return _folded(NotJoined(), clinician, [joined, license_])


def session() -> list[Any]:
    """Ninety minutes with a break of ten; this patient came a quarter of an hour late."""
    planned = SessionScheduled(
        program_id=PROGRAM, service_kind="group", level_of_care="intensive_outpatient", topic="coping-skills",
        service_date=DAY, starts_at=START, ends_at=STOP, modality="in_person", place_of_service="53",
        facilitators=(SUPERVISOR,),
    )
    expected = PatientExpected(
        patient_id=PATIENT, attendance_id=ATTENDANCE, enrollment_id=ENROLLMENT, program_id=PROGRAM,
        service_kind="group", service_date=DAY, starts_at=START, ends_at=STOP, scheduled_minutes=90, cause="roster",
    )
    own = Interval(start=f"{DAY}T14:15:00.000000Z", stop=STOP)
    attendances = tuple(
        Attendance(
            attendance_id=one, status="present", intervals=(spent,), minutes=minutes, modality="in_person",
            place_of_service="53",
        )
        for one, spent, minutes in (
            (ATTENDANCE, own, 65), (an_id("attendance", 2), Interval(start=START, stop=STOP), 80),
            (an_id("attendance", 3), Interval(start=START, stop=STOP), 80),
        )
    )  # fmt: skip
    closed = SessionClosed(
        program_id=PROGRAM, service_kind="group", level_of_care="intensive_outpatient", topic="early-signs",
        service_date=DAY, scheduled=Interval(start=START, stop=STOP), actual=Interval(start=START, stop=STOP),
        facilitators=(AUTHOR, SUPERVISOR), breaks=(Interval(start=f"{DAY}T14:40:00.000000Z",
                                                            stop=f"{DAY}T14:50:00.000000Z"),),
        attendances=attendances, head_count=3, peak_count=3,
    )  # fmt: skip
    return [planned, expected, closed]


def _registered() -> PatientRegistered:
    identity = Identity(
        family_name="Quillfeather", given_name="Ada", birth_date="1984-07-13", sex="female",
        medical_record_number="MRN-77",
    )
    return PatientRegistered(
        year_of_birth=1984, has_medical_record_number=True, has_address=False, patient_id=PATIENT, sealed=identity
    )


def _opened() -> ProgramOpened:
    return ProgramOpened(
        code="iop-1", level_of_care="intensive_outpatient", focus="mental_health", population="adult",
        time_zone="America/New_York", opened_on="2020-01-01", program_id=PROGRAM, sealed=ProgramName(name="Harbor IOP"),
    )


def _story(stream: str, facts: list[Any], position: int, kind: str) -> Story:
    at = "2026-03-06T15:00:00.000000Z"
    return Story(stream, tuple(Told(fact, position + n, at, AUTHOR) for n, fact in enumerate(facts)), kind)


def _folded(state: Any, evolve: Any, facts: list[Any]) -> Any:
    for fact in facts:
        state = evolve(state, fact)
    return state
