"""My unsigned notes: what waits to be written, signed, changed or cosigned, and for how long."""

from collections.abc import Callable
from typing import Any

import pytest
from psycopg import Cursor

from aggregates.clinician.facts import ClinicianJoined, ClinicianLeft, SupervisorAssigned
from aggregates.note.facts import (
    NarrativeReplaced,
    NoteCosigned,
    NoteEnteredInError,
    NoteReturned,
    NoteRevised,
    PatientRefused,
    PatientSigned,
    SignatureAttested,
)
from projections.caseload.queries import documents
from tests.projections.caseload.clinic import MONDAY, NOON, Clinic, attendance, eastern
from tests.projections.story import an_id

Ask = Callable[[Clinic], Cursor[Any]]
PROGRAMS = [an_id("program")]
LAST_DAY, DAY_AFTER = "2026-03-17T12:00:00.000000Z", "2026-03-18T12:00:00.000000Z"


def a_closed_group() -> Clinic:
    """Patients 1 and 2 came to session 1 of clinicians 1 and 2, patient 3 did not."""
    clinic = Clinic().opens().takes_in(1, 2, 3)
    clinic.schedules(1, "09:00", "12:00", patients=(1, 2, 3), facilitators=(1, 2)).starts(1, "09:00")
    came = {1: ("09:00", "12:00"), 2: ("09:00", "12:00")}
    return clinic.closes(1, "09:00", "12:00", came, absent=(3,), facilitators=(1, 2))


def tasks(cursor: Cursor[Any], person: int | None = None, now: str = NOON) -> list[tuple[str, str | None]]:
    """What waits for a clinician (None: for anybody), each with its patient."""
    who = None if person is None else an_id("clinician", person)
    found = documents(cursor, programs=PROGRAMS, now=now, person=who)
    return [(one.task, one.patient_id) for one in found]


def test_an_attended_service_without_a_document_waits_for_each_facilitator(ask: Ask) -> None:
    """Who came wants a note by one of those who led; who was absent wants none."""
    cursor = ask(a_closed_group())
    expected = [("write", an_id("patient", 1)), ("write", an_id("patient", 2))]
    assert sorted(tasks(cursor, 1)) == sorted(tasks(cursor, 2)) == sorted(tasks(cursor)) == expected
    assert tasks(cursor, 3) == []


def test_a_draft_waits_for_its_author_alone(ask: Ask) -> None:
    """Once begun, a note is its author's to sign; its age counts from the end of the service."""
    cursor = ask(a_closed_group().drafts(1, 1, 1, author=2))
    assert tasks(cursor, 1) == [("write", an_id("patient", 2))]
    found = documents(cursor, programs=PROGRAMS, now="2026-03-16T17:31:00.000000Z", person=an_id("clinician", 2))
    (mine,) = [one for one in found if one.task == "sign"]
    assert (mine.note_id, mine.session_id, mine.attendance_id) == (an_id("note"), an_id("session"), attendance(1, 1))
    assert (mine.service_date, mine.age_minutes) == (MONDAY, 91)


def test_a_document_of_the_whole_day_covers_each_service_of_it(ask: Ask) -> None:
    """A daily note leaves nothing to write for its patient's day, and none for other patients."""
    cursor = ask(a_closed_group().drafts(1, 1, None, kind="daily").signs(1, "13:00"))
    assert tasks(cursor) == [("write", an_id("patient", 2))]


def test_a_note_of_the_session_counts_without_the_attendance_id(ask: Ask) -> None:
    """A note that names session and patient documents the attendance."""
    cursor = ask(a_closed_group().drafts(1, 1, 1, kind="individual", with_attendance=False).signs(1, "13:00"))
    assert tasks(cursor) == [("write", an_id("patient", 2))]


def test_a_note_entered_in_error_does_not_count(ask: Ask) -> None:
    """A struck note leaves the service without a document."""
    clinic = a_closed_group().drafts(1, 1, 1).drafts(2, 2, 1).signs(1, "13:00").signs(2, "13:00")
    clinic.says("note", 1, NoteEnteredInError(declared_by=an_id("clinician"), cause="wrong_patient"))
    assert tasks(ask(clinic)) == [("write", an_id("patient", 1))]


def an_associates_note(supervisor: int | None) -> Clinic:
    """Clinician 1, supervised by 7 from February and by 8 from the day after, signs a note that needs a cosignature."""
    clinic = a_closed_group().says("clinician", 1, ClinicianJoined(
        programs=(an_id("program"),), discipline="counselor", associate=True, joined_on="2026-01-02", has_npi=False,
    ))
    for number, day in ((7, "2026-02-01"), (8, "2026-03-17")):
        clinic.says("clinician", 1, SupervisorAssigned(supervisor_id=an_id("clinician", number), effective_from=day))
    return clinic.drafts(1, 1, 1).signs(1, "13:00", cosign=True, supervisor=supervisor)


def test_a_cosignature_waits_for_the_supervisor_that_the_signature_names(ask: Ask) -> None:
    """The author is done, the supervisor has a cosignature to give."""
    cursor = ask(an_associates_note(supervisor=5))
    assert tasks(cursor, 5) == [("cosign", an_id("patient", 1))]
    assert tasks(cursor, 1) == [("write", an_id("patient", 2))]


def test_without_a_named_supervisor_it_waits_for_the_one_of_the_day_of_service(ask: Ask) -> None:
    """The supervision that held on the day of service decides."""
    cursor = ask(an_associates_note(supervisor=None))
    assert tasks(cursor, 7) == [("cosign", an_id("patient", 1))]
    assert tasks(cursor, 8) == []


def leaving(clinic: Clinic, number: int) -> Clinic:
    """A clinician whose last day is 17 March."""
    clinic.says("clinician", number, ClinicianJoined(
        programs=(an_id("program"),), discipline="counselor", associate=False, joined_on="2026-01-02", has_npi=False,
    ))  # fmt: skip
    return clinic.says("clinician", number, ClinicianLeft(left_on="2026-03-17"))


@pytest.mark.parametrize(("named", "first"), [(5, 5), (None, 7)])
def test_after_a_supervisor_left_a_cosignature_waits_for_the_authors_present_one(
    ask: Ask, named: int | None, first: int
) -> None:
    """Whoever the signature names or supervised on the day of service, on their last day still; afterwards no more."""
    cursor = ask(leaving(an_associates_note(named), first))
    cosigning = [("cosign", an_id("patient", 1))]
    assert (tasks(cursor, first, LAST_DAY), tasks(cursor, 8, LAST_DAY)) == (cosigning, [])
    assert (tasks(cursor, first, DAY_AFTER), tasks(cursor, 8, DAY_AFTER)) == ([], cosigning)


def test_a_cosignature_stays_with_who_left_where_nobody_came_after_them(ask: Ask) -> None:
    """So that it is seen at all."""
    clinic = a_closed_group().says("clinician", 1, ClinicianJoined(
        programs=(an_id("program"),), discipline="counselor", associate=True, joined_on="2026-01-02", has_npi=False,
    ))  # fmt: skip
    clinic.drafts(1, 1, 1).signs(1, "13:00", cosign=True, supervisor=5)
    assert tasks(ask(leaving(clinic, 5)), 5, DAY_AFTER) == [("cosign", an_id("patient", 1))]


def test_a_returned_document_is_the_authors_again_until_signed_and_cosigned(ask: Ask) -> None:
    """Returned, it waits for changes; cosigned, for nobody."""
    returned = an_associates_note(supervisor=7).says("note", 1, NoteReturned(
        returned_by=an_id("clinician", 7), cause="goal_missing"
    ))
    cursor = ask(returned)
    assert ("revise", an_id("patient", 1)) in tasks(cursor, 1)
    assert tasks(cursor, 7) == []


def test_a_cosigned_or_attested_document_waits_for_nobody(ask: Ask) -> None:
    """A second signature, or the author's attestation of a missing one, ends the waiting."""
    clinic = an_associates_note(supervisor=7).drafts(2, 2, 1)
    clinic.says("note", 1, NoteCosigned(
        signer_id=an_id("clinician", 7), content_digest="0" * 64, note_version=2, service_date=MONDAY,
        signed_at=eastern("14:00"), credential_active=True,
    )).says("note", 2, SignatureAttested(
        signer_id=an_id("clinician"), service_date=MONDAY, attested_at=eastern("15:00"), content_digest="0" * 64
    ))
    assert tasks(ask(clinic)) == []


def test_a_part_whose_narrative_was_struck_waits_to_rest_on_another(ask: Ask) -> None:
    """For its author, until that is signed; a draft is merely rewritten."""
    clinic = a_closed_group().drafts(9, None, 1, kind="group_narrative").signs(9, "13:00")
    clinic.drafts(1, 1, 1, narrative=9).signs(1, "13:00").drafts(2, 2, 1, narrative=9)
    clinic.says("note", 9, NoteEnteredInError(declared_by=an_id("clinician"), cause="wrong_session"))
    clinic.drafts(8, None, 1, kind="group_narrative").signs(8, "14:00")
    assert sorted(tasks(ask(clinic), 1)) == [("rest_on", an_id("patient", 1)), ("sign", an_id("patient", 2))]


def test_a_part_that_rests_on_another_narrative_waits_for_nobody(ask: Ask) -> None:
    """Once its signer has signed that."""
    clinic = a_closed_group().drafts(9, None, 1, kind="group_narrative").signs(9, "13:00")
    clinic.drafts(1, 1, 1, narrative=9).signs(1, "13:00")
    clinic.says("note", 9, NoteEnteredInError(declared_by=an_id("clinician"), cause="wrong_session"))
    clinic.drafts(8, None, 1, kind="group_narrative").signs(8, "14:00")
    clinic.says("note", 1, NarrativeReplaced(
        narrative_id=an_id("note", 8), narrative_digest="0" * 64, signer_id=an_id("clinician"),
        signed_at=eastern("14:00"), cause="narrative_in_error", note_version=1, content_digest="0" * 64,
    ))
    assert tasks(ask(clinic), 1) == [("write", an_id("patient", 2))]


def test_an_attestation_waits_for_the_supervisor_like_a_signature(ask: Ask) -> None:
    """An associate is no less one for attesting."""
    clinic = a_closed_group().drafts(1, 1, 1).says("note", 1, SignatureAttested(
        signer_id=an_id("clinician"), service_date=MONDAY, attested_at=eastern("15:00"), content_digest="0" * 64,
        needs_cosignature=True, supervisor_id=an_id("clinician", 7), credential_active=True,
    ))
    assert tasks(ask(clinic), 7) == [("cosign", an_id("patient", 1))]


def refuses(clinic: Clinic) -> Clinic:
    """The patient of note 1 would not sign it."""
    return clinic.says("note", 1, PatientRefused(
        refused_by="patient", cause="disagrees", refused_on=MONDAY, witnessed_by=an_id("clinician"), note_version=1,
        content_digest="0" * 64,
    ))


def test_a_signed_plan_of_care_waits_for_the_patient(ask: Ask) -> None:
    """Its author brings it to the patient, until that is signed or a refusal is stated."""
    clinic = Clinic().opens().drafts(1, 1, None, kind="plan_of_care").signs(1, "13:00")
    clinic.drafts(2, 2, None, kind="plan_of_care").drafts(3, 3, None, kind="order").signs(3, "13:00")
    cursor = ask(clinic)
    assert tasks(cursor, 1) == [("patient_sign", an_id("patient", 1)), ("sign", an_id("patient", 2))]
    assert tasks(cursor, 2) == []


def test_a_stated_refusal_ends_the_waiting(ask: Ask) -> None:
    """As a signature does."""
    assert tasks(ask(refuses(Clinic().opens().drafts(1, 1, None, kind="plan_of_care").signs(1, "13:00")))) == []


def test_the_patients_answer_is_to_one_wording(ask: Ask) -> None:
    """A plan that is returned, changed and signed again goes to the patient again."""
    clinic = refuses(Clinic().opens().drafts(1, 1, None, kind="plan_review").signs(1, "13:00"))
    clinic.says("note", 1, NoteReturned(returned_by=an_id("clinician", 7), cause="goal_missing"))
    clinic.says("note", 1, NoteRevised(content_digest="1" * 64)).signs(1, "14:00")
    clinic.drafts(2, 2, None, kind="plan_of_care").signs(2, "13:00").says("note", 2, PatientSigned(
        signed_by="patient", capacity_rule="adult", how="on_paper", signed_on=MONDAY, witnessed_by=an_id("clinician"),
        note_version=1, content_digest="0" * 64,
    ))
    assert tasks(ask(clinic), 1) == [("patient_sign", an_id("patient", 1))]


def test_a_plan_that_waits_for_supervisor_and_patient_is_two_tasks_on_two_pages(ask: Ask) -> None:
    """Neither hides the other."""
    clinic = Clinic().opens().drafts(1, 1, None, kind="plan_of_care").signs(1, "13:00", cosign=True, supervisor=7)
    cursor, seen, after = ask(clinic), [], None
    while page := documents(cursor, programs=PROGRAMS, now=NOON, after=after, limit=1):
        seen.append(page[0].task)
        after = page[0].cursor
    assert seen == ["cosign", "patient_sign"]


def test_the_oldest_service_comes_first_and_pages_follow(ask: Ask) -> None:
    """Tasks are ordered by the end of the service and can be paged."""
    clinic = Clinic().opens()
    for number, ended in ((1, "12:00"), (2, "10:00"), (3, "11:00")):
        clinic.drafts(number, 1, None, kind="order", ended=ended)
    cursor, seen, after = ask(clinic), [], None
    while page := documents(cursor, programs=PROGRAMS, now=NOON, after=after, limit=1):
        seen.append(page[0].note_id)
        after = page[0].cursor
    assert seen == [an_id("note", 2), an_id("note", 3), an_id("note", 1)]


def test_other_programs_documents_stay_unseen(ask: Ask) -> None:
    """Neither drafts nor unwritten notes of another program are listed."""
    cursor = ask(a_closed_group().drafts(1, 1, 1))
    assert documents(cursor, programs=[an_id("program", 2)], now=NOON) == []
