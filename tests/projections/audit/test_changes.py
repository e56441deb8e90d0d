"""What came between two moments is told in counted sentences, with old values beside new ones."""

from __future__ import annotations

from typing import Any

from aggregates.assessment.facts import AssessmentAdministered, AssessmentCorrected
from aggregates.kit import FACTS
from aggregates.note.facts import NoteDrafted, NoteSigned
from aggregates.patient.facts import DemographicsCorrected, Identity, PatientRegistered
from aggregates.session.facts import AttendanceCorrected, HeadCountChanged
from projections.audit.changes import Changes, changes, phrase
from projections.audit.values import ValueChange, details
from tests.projections.audit.past import ADULTS, ANA, DIRECTOR, NURSE, SESSION, attendance
from tests.projections.audit.told import entries, stored
from tests.projections.story import Story, an_id

DIGEST = "0" * 64


def corrected(status: str = "present", minutes: int = 165) -> AttendanceCorrected:
    """Ana was there after all."""
    return AttendanceCorrected(
        patient_id=ANA, attendance_id=an_id("attendance", 1), enrollment_id=an_id("enrollment", 1),
        service_date="2026-03-03", before=attendance(1, "absent", 0), after=attendance(1, status, minutes),
        head_count=1, peak_count=1, cause="sign_in_sheet",
    )  # fmt: skip


def a_month() -> Story:
    """A note in time, three that are late by 2, 3 and 9 days, and an attendance changed twelve days after service."""
    story = Story()
    services = (("03", "03"), ("03", "12"), ("04", "06"), ("05", "08"))
    for number, (on, _) in enumerate(services, 1):
        story.tell(an_id("note", number), NoteDrafted(
            kind="individual", program_id=ADULTS, author_id=NURSE, patient_id=ANA, service_date=f"2026-03-{on}",
            service_ended_at=f"2026-03-{on}T17:00:00Z", content_digest=DIGEST, goals=(), service_kind="individual",
        ), at=f"2026-03-{on}T11:00:00Z", by=NURSE)  # fmt: skip
        if number == 1:
            sign(story, number, on, on)
    for number, (on, signed) in sorted(enumerate(services[1:], 2), key=lambda one: one[1][1]):
        sign(story, number, on, signed)
    story.tell(SESSION, corrected(), recorded="2026-03-15T09:30:00Z", by=DIRECTOR, role="director", patients=[
        (ANA, an_id("attendance", 1))
    ])  # fmt: skip
    return story


def sign(story: Story, number: int, on: str, signed: str) -> None:
    """The author signs at noon."""
    at = f"2026-03-{signed}T12:00:00Z"
    story.tell(an_id("note", number), NoteSigned(
        signer_id=NURSE, content_digest=DIGEST, note_version=1, service_date=f"2026-03-{on}", signed_at=at,
        needs_cosignature=False, credential_active=True, late_reason="workload" if signed > on else None,
    ), at=at, by=NURSE)  # fmt: skip


def told(story: Story, **more: Any) -> Changes:
    """The changes of the whole story."""
    found = entries(story)
    return changes(ANA, found, details(stored(story)), (0, found[-1].position), **more)


def test_alike_things_are_one_counted_sentence_with_lateness_people_and_causes() -> None:
    """Three late notes are one line, one in time another, and a changed attendance says from what to what."""
    found = told(a_month())
    words = [group.words for group in found.groups]
    assert words == [
        "1 attendance changed from absent to present late, 12 days after service, by"
        f" {DIRECTOR} (director), because sign_in_sheet.",
        f"3 notes signed late, 2 to 9 days after service, by {NURSE} (clinician), because workload.",
        f"1 note signed, by {NURSE} (clinician).",
        f"4 notes drafted, by {NURSE} (clinician).",
    ]
    assert (found.entries, found.late) == (9, 4)
    late = found.groups[1]
    assert (late.count, late.days_late, late.examples) == (3, 9, [6, 7, 8])


def test_what_counts_as_late_is_the_readers() -> None:
    """Of a week and more only two are late."""
    found = told(a_month(), late_after_days=8)
    assert [group.count for group in found.groups if group.late] == [1, 1]


def test_everything_between_is_counted_once() -> None:
    """The groups add up to the entries, and every example is one of them."""
    found = told(a_month())
    assert sum(group.count for group in found.groups) == found.entries
    assert {one for group in found.groups for one in group.examples} <= {entry.position for entry in entries(a_month())}


def test_an_attendance_has_both_values() -> None:
    """What stayed the same is not told."""
    story = a_month()
    assert details(stored(story))[9].changes == (
        ValueChange(field="status", before="absent", after="present"),
        ValueChange(field="minutes", before="0", after="165"),
    )  # fmt: skip


def test_the_answers_that_differ_have_both_values() -> None:
    """They are those of the fact before."""
    story, stream = Story(), an_id("assessment")
    story.tell(stream, AssessmentAdministered(
        patient_id=ANA, program_id=ADULTS, instrument="phq-9", instrument_version="1", administered_on="2026-03-10",
        administered_at="2026-03-10T15:00:00Z", occasion="routine", respondent="patient",
        items=(1, 1, 1, 1, 1, 1, 1, 1, 0),
    ))  # fmt: skip
    for last in (3, 2):
        story.tell(stream, AssessmentCorrected(
            items=(1, 1, 1, 1, 1, 1, 1, 1, last), administered_on="2026-03-10", cause="entry-error"
        ))  # fmt: skip
    found = details(stored(story))
    assert found[2].changes == (ValueChange(field="item 9", before="0", after="3"),)
    assert found[3].changes == (ValueChange(field="item 9", before="3", after="2"),)


def test_of_who_a_patient_is_only_presence_is_told() -> None:
    """Neither the old name nor the new one, no year and no number stands outside the sealed part."""
    story = Story()
    identity = Identity(family_name="Quillfeather", given_name="Ada", birth_date="1984-07-13", sex="female")
    flags = {"has_medical_record_number": False, "has_address": False}
    story.tell(ANA, PatientRegistered(year_of_birth=1984, **flags, sealed=identity))
    story.tell(ANA, DemographicsCorrected(
        changed=("family_name", "address"), cause="spelling", year_of_birth=1985, has_medical_record_number=False,
        has_address=True, sealed=identity,
    ))  # fmt: skip
    assert details(stored(story))[2].changes == (
        ValueChange(field="family_name", before="on record", after="on record"),
        ValueChange(field="address", before="not on record", after="on record"),
    )  # fmt: skip


def test_a_head_count_is_held_against_the_last_one() -> None:
    """Also where a correction told it."""
    story = Story()
    story.tell(SESSION, corrected(), patients=[(ANA, an_id("attendance", 1))])
    story.tell(SESSION, HeadCountChanged(service_date="2026-03-03", head_count=2, peak_count=1), patients=[])
    assert details(stored(story))[2].changes == (ValueChange(field="head_count", before="1", after="2"),)


def test_a_fact_that_cannot_be_read_stops_nobody() -> None:
    """It has no details, the others do."""
    facts = stored(a_month())
    broken = [facts[0]._replace(state=b"{"), *facts[1:]]
    assert set(details(broken)) == {one.position for one in facts[1:]}


def test_every_stored_name_is_a_thing_and_what_happened_to_it() -> None:
    """No sentence lacks its noun or its verb."""
    for name in FACTS:
        noun, verb = phrase(name)
        assert noun and verb, name
    assert phrase("session.patient_not_expected") == ("patient", "not expected")
    assert phrase("note.entered_in_error") == ("note", "entered in error")
    assert phrase("enrollment.plan_of_care_adopted") == ("plan of care", "adopted")
