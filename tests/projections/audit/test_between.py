"""Of a patient with two episodes each fact is of the one that it names, or that what it is about was told with."""

from __future__ import annotations

from aggregates.assessment.facts import AssessmentAdministered, AssessmentVoided
from aggregates.note.facts import NoteDrafted, NoteSigned
from aggregates.session.facts import PatientCheckedOut, PatientExpected, SessionScheduled, SessionStarted
from projections.audit.between import of_episode
from tests.projections.audit.past import ADULTS, ANA, TEENS
from tests.projections.audit.shared import shared
from tests.projections.audit.told import stored
from tests.projections.story import Story, an_id

FIRST, SECOND = an_id("enrollment", 1), an_id("enrollment", 2)
DIGEST = "0" * 64


def names(story: Story, enrollment: str) -> list[str]:
    """The names of what is of the episode, in order."""
    own = of_episode(stored(story), enrollment)
    return [one.name for one in story.facts if one.position in own]


def test_money_is_of_the_episode_of_its_claim_or_charge() -> None:
    """One account has both episodes' money; what names neither, like an overpayment and a risk, is of none."""
    expected = ["claim.prepared", "account.self_pay_charge_posted", "account.self_pay_charge_reversed",
                "account.remittance_posted", "account.balance_written_off", "enrollment.patient_referred",
                "access.disclosure_made"]  # fmt: skip
    story = shared()
    assert names(story, FIRST) == names(story, SECOND) == expected
    assert not of_episode(stored(story), FIRST) & of_episode(stored(story), SECOND)
    assert names(story, an_id("enrollment", 3)) == []


def test_a_session_and_its_documents_are_of_the_episode_that_the_patient_was_expected_for() -> None:
    """From the roster on, with what names no more than an attendance, a session or a document."""
    story = Story()
    for number, (program, episode) in enumerate(((ADULTS, FIRST), (TEENS, SECOND)), 1):
        _documented(story, number, program, episode)
    expected = ["session.patient_expected", "session.started", "session.patient_checked_out", "note.drafted",
                "note.signed", "note.drafted", "assessment.administered", "assessment.voided"]  # fmt: skip
    assert names(story, FIRST) == names(story, SECOND) == expected


def _documented(story: Story, number: int, program: str, episode: str) -> None:
    session, note, attendance = (an_id(kind, number) for kind in ("session", "note", "attendance"))
    day = f"2026-03-0{number + 1}"
    about = {"patients": ((attendance, ANA),)}
    times = {"service_date": day, "starts_at": f"{day}T14:00:00Z", "ends_at": f"{day}T15:00:00Z"}
    drafted = {
        "program_id": program, "author_id": an_id("clinician"), "service_date": day,
        "service_ended_at": f"{day}T15:00:00Z", "session_id": session, "content_digest": DIGEST,
    }  # fmt: skip
    for stream, fact in (
        (session, SessionScheduled(
            program_id=program, service_kind="group", level_of_care="intensive_outpatient", topic="coping",
            modality="in_person", place_of_service="53", facilitators=(), **times,
        )),
        (session, PatientExpected(
            patient_id=ANA, attendance_id=attendance, enrollment_id=episode, program_id=program, service_kind="group",
            scheduled_minutes=60, cause="roster", **times,
        )),
        (session, SessionStarted(started_at=f"{day}T14:00:00Z", facilitators=(), topic="coping")),
        (session, PatientCheckedOut(attendance_id=attendance, left_at=f"{day}T14:30:00Z", cause="left_early")),
        (note, NoteDrafted(kind="group", attendance_id=attendance, patient_id=ANA, **drafted)),
        (note, NoteSigned(
            signer_id=an_id("clinician"), content_digest=DIGEST, note_version=1, service_date=day,
            signed_at=f"{day}T16:00:00Z", needs_cosignature=False, credential_active=True,
        )),
        (an_id("narrative", number), NoteDrafted(kind="group_narrative", **drafted)),
        (an_id("assessment", number), AssessmentAdministered(
            patient_id=ANA, program_id=program, enrollment_id=episode, instrument="phq-9", instrument_version="1",
            administered_on=day, administered_at=f"{day}T15:00:00Z", occasion="routine", respondent="patient",
            entered_score=12,
        )),
        (an_id("assessment", number), AssessmentVoided(cause="wrong_patient")),
    ):  # fmt: skip
        story.tell(stream, fact, **about)
