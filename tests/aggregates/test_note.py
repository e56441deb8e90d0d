"""A document until its signature: what it may be about, and who may write it."""

from __future__ import annotations

from typing import Any

import pytest

from aggregates.codec import encode
from aggregates.decision import DateInTheFuture
from aggregates.enrollment.refusals import UnknownEnrollment
from aggregates.episode import EnrollmentOfAnother
from aggregates.kit import Claim, Release, Seen, Stream
from aggregates.note import AGGREGATE
from aggregates.note.commands import CosignNote, DraftNote, EnterNoteInError, ReviseNote, SignNote
from aggregates.note.content import commitment
from aggregates.note.facts import NoteDrafted
from aggregates.note.refusals import (
    AnothersDraft,
    AttendanceOfAnother,
    DocumentBegunMeanwhile,
    DocumentIncomplete,
    DocumentStands,
    NarrativeNamesPatient,
    NarrativeOfAnotherSession,
    NoteAlreadyDrafted,
    ServiceDateDiffers,
    ServiceEndElsewhere,
    SessionOfAnotherProgram,
    UnknownNarrative,
    UnknownNote,
)
from aggregates.patient.decide import UnknownPatient
from aggregates.session import AGGREGATE as SESSIONS
from aggregates.session.refusals import UnknownSession
from tests.aggregates.clinic import (
    EVENING,
    FACILITATOR,
    MONDAY,
    PROGRAM,
    SESSION,
    a_plan,
    anything,
    at,
    attendance,
    enrollment,
    episode,
    episodes,
    expected,
    nobody,
    patient,
    that_evening,
)
from tests.aggregates.documents import ABOUT, NARRATIVE, NOTE, revision, told, words
from tests.aggregates.scenario import an_act, an_id, given, seen_as

SCRIBE = an_id("person", 7)


def the_session(**changes: Any) -> Seen:
    """The group at nine with patients 1 and 2 on its roster."""
    return seen_as(SESSIONS, SESSION, a_plan(**changes), expected(1), expected(2))


def a_narrative(**changes: Any) -> NoteDrafted:
    """The narrative that the group shares."""
    fields: dict[str, Any] = {
        "kind": "group_narrative", "program_id": PROGRAM, "author_id": FACILITATOR, "service_date": MONDAY,
        "service_ended_at": at("10:30"), "session_id": SESSION, "service_kind": "group",
        "content_digest": ABOUT,
    }
    return told(NoteDrafted(**(fields | changes)), words("The group practised."), note_id=NARRATIVE)


def to_draft(**changes: Any) -> DraftNote:
    """The command for patient 1's part of the group's note."""
    fields: dict[str, Any] = {
        "note_id": NOTE, "kind": "group", "program_id": PROGRAM, "service_date": MONDAY,
        "service_ended_at": at("10:30"), "session_id": SESSION, "patient_id": patient(1),
        "enrollment_id": enrollment(1), "narrative_id": NARRATIVE, "goals": ("goal_1",), "content": words(),
    }
    return DraftNote(**(fields | changes))


def drafted(**changes: Any) -> NoteDrafted:
    """The fact of that part."""
    fields: dict[str, Any] = {
        "kind": "group", "program_id": PROGRAM, "author_id": FACILITATOR, "service_date": MONDAY,
        "service_ended_at": at("10:30"), "session_id": SESSION, "service_kind": "group", "patient_id": patient(1),
        "enrollment_id": enrollment(1), "attendance_id": attendance(1), "narrative_id": NARRATIVE,
        "goals": ("goal_1",), "content_digest": ABOUT,
    }
    return told(NoteDrafted(**(fields | changes)), words())


def placed(number: int | None = None) -> Claim:
    """The place that a part, or the narrative, takes in its session."""
    key = f"{SESSION}:{'narrative' if number is None else patient(number)}"
    return Claim("session_document", key, held=DocumentBegunMeanwhile)


def seen(**changes: Seen) -> dict[str, Seen]:
    """What a draft looks at, all as it should be."""
    house = {
        "session": the_session(), "narrative": seen_as(AGGREGATE, NARRATIVE, a_narrative()),
        "patient": anything(patient(1)),
    }
    return house | episodes(1) | changes


def test_words_are_told_by_a_salted_commitment() -> None:
    """The vector of the byte format: SHA-256 over its name, 32 bytes of salt and the canonical content."""
    content = {
        "schema": "iop.note/v1", "kind": "group_progress", "note_id": "00000000-0000-4000-8000-00000000000a",
        "note_version": 3, "patient_ref": "p_7Q", "program_id": "iop-01",
        "session_id": "00000000-0000-4000-8000-000000000002",
        "body": {"minutes": 180, "text": "Attended; engaged \u2013 \u03b1"},
    }
    assert commitment(content, "00" * 32) == "dfb7b54c744f49c3249c7f4939d625ac1cbc71c7ae787026f5103cfd6b16a000"
    assert commitment(content, "00" * 31 + "01") != commitment(content, "00" * 32)


def test_the_salt_is_sealed_with_the_words() -> None:
    """Who opens the sealed part can make the commitment again; who sees the clear part alone cannot guess."""
    _, clear, sealed = encode(drafted())
    assert sealed == (
        b'{"salt":"' + b"0" * 64 + b'","sections":[{"name":"response","words":"Practised paced breathing."}]}'
    )
    assert b"salt" not in clear
    assert b"breathing" not in clear


def test_the_same_words_in_another_chart_are_another_content() -> None:
    """Whose, which document and which wording it is are committed to with the words."""
    first = drafted()
    others = (
        drafted(patient_id=patient(2)), drafted(service_date="2026-03-01"), drafted(goals=()),
        drafted(kind="individual"), told(first, words(), note_id=NARRATIVE), told(first, words(), version=2),
    )
    assert len({first.content_digest, *(one.content_digest for one in others)}) == 7


def test_a_group_note_begins_with_what_the_session_knows() -> None:
    """The attendance id and the service kind are the session's; the author is who acts."""
    decided = given(AGGREGATE).when(to_draft(), EVENING, seen()).then(drafted(), placed(1)).never_twice()
    assert (decided.state.program_id, decided.state.patient_id) == (PROGRAM, patient(1))


def test_a_draft_repeated_after_a_revision_is_still_the_same_draft() -> None:
    """Its own beginning is compared, not what it says now; another beginning is refused."""
    revised = revision(drafted(), words("More."))
    there = given(AGGREGATE, drafted(), revised)
    there.when(to_draft(), EVENING, seen()).nothing_happened()
    there.when(to_draft(goals=()), EVENING, seen()).refuses(NoteAlreadyDrafted)


def test_the_narrative_is_about_the_session_and_names_nobody() -> None:
    """It concerns everyone on the roster, each under the attendance id; naming a patient in it is refused."""
    command = to_draft(note_id=NARRATIVE, kind="group_narrative", patient_id=None, enrollment_id=None,
                       narrative_id=None, goals=(), content=words("The group practised."))
    decided = given(AGGREGATE).when(command, EVENING, {"session": the_session()}).then(a_narrative(), placed())
    concerned = AGGREGATE.patients(decided.state, decided.facts[0], {"session": the_session()})
    assert concerned == ((patient(1), attendance(1)), (patient(2), attendance(2)))
    for field, value in (("patient_id", patient(1)), ("narrative_id", NARRATIVE), ("enrollment_id", enrollment(1))):
        named = DraftNote(**{name: getattr(command, name) for name in DraftNote.__dataclass_fields__} | {field: value})
        given(AGGREGATE).when(named, EVENING, seen()).refuses(NarrativeNamesPatient)


def test_a_patients_document_concerns_that_patient() -> None:
    """Under a random alias; a stream without a document concerns nobody."""
    state = given(AGGREGATE).when(to_draft(), EVENING, seen()).state
    assert AGGREGATE.patients(state, drafted(), {}) == ((patient(1), None),)
    assert AGGREGATE.patients(AGGREGATE.initial, drafted(), {}) == ()
    narrative = given(AGGREGATE, a_narrative()).when(ReviseNote(note_id=NARRATIVE, content=words()), EVENING).state
    assert AGGREGATE.patients(narrative, drafted(), {"session": nobody(SESSION)}) == ()


def test_a_session_has_one_narrative_and_one_part_for_each_patient() -> None:
    """Another is refused by the id of the one that stands, whoever wrote that; until it is struck."""
    other = an_id("note", 7)
    written = drafted(author_id=SCRIBE)
    part = given(AGGREGATE).when(to_draft(), EVENING, seen(standing=seen_as(AGGREGATE, other, written)))
    assert other in part.refuses(DocumentStands)
    shared = to_draft(note_id=NARRATIVE, kind="group_narrative", patient_id=None, enrollment_id=None,
                      narrative_id=None, goals=())
    stands = {"session": the_session(), "standing": seen_as(AGGREGATE, other, a_narrative())}
    assert other in given(AGGREGATE).when(shared, EVENING, stands).refuses(DocumentStands)
    for note_id, there, key in ((NOTE, drafted(), patient(1)), (NARRATIVE, a_narrative(), "narrative")):
        strike = EnterNoteInError(note_id=note_id, cause="duplicate", words="Twice.")
        decided = given(AGGREGATE, there).when(strike, EVENING)
        assert decided.outcomes[-1] == Release("session_document", f"{SESSION}:{key}")


@pytest.mark.parametrize("kind", ["individual", "daily", "nursing"])
def test_of_other_kinds_there_may_be_several(kind: Any) -> None:
    """They take no place in the session."""
    alone = {"kind": kind, "narrative_id": None}
    given(AGGREGATE).when(to_draft(**alone), EVENING, seen()).then(drafted(**alone))


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"patient_id": None}, "patient_id"),
        ({"session_id": None}, "session_id"),
        ({"narrative_id": None}, "narrative_id"),
        ({"kind": "individual", "patient_id": None}, "patient_id"),
        ({"kind": "group_narrative", "session_id": None}, "session_id"),
        ({"patient_id": patient(3), "enrollment_id": None}, "roster"),
    ],
)
def test_a_document_has_what_its_kind_needs(changes: dict[str, Any], missing: str) -> None:
    """The refusal names what is missing."""
    decided = given(AGGREGATE).when(to_draft(**changes), EVENING, seen(patient=anything(patient(3))))
    assert missing in decided.refuses(DocumentIncomplete)


@pytest.mark.parametrize(
    ("changes", "looked_at", "rule"),
    [
        ({}, {"session": nobody(SESSION)}, UnknownSession),
        ({}, {"session": the_session(program_id=an_id("program", 2))}, SessionOfAnotherProgram),
        ({}, {"session": the_session(service_date="2026-03-01")}, ServiceDateDiffers),
        ({"attendance_id": attendance(2)}, {}, AttendanceOfAnother),
        ({"attendance_id": attendance(9)}, {}, AttendanceOfAnother),
        ({}, {"narrative": Seen(id=NARRATIVE, version=0, state=AGGREGATE.initial)}, UnknownNarrative),
        ({}, {"narrative": seen_as(AGGREGATE, NARRATIVE, drafted())}, NarrativeOfAnotherSession),
        (
            {}, {"narrative": seen_as(AGGREGATE, NARRATIVE, a_narrative(session_id=an_id("session", 2)))},
            NarrativeOfAnotherSession,
        ),
        ({}, {"patient": nobody(patient(1))}, UnknownPatient),
        ({"enrollment_id": enrollment(9)}, {}, UnknownEnrollment),
        ({}, {f"enrollment:{enrollment(1)}": episode(2)}, EnrollmentOfAnother),
        ({"service_date": "2026-03-04"}, {}, DateInTheFuture),
        ({"service_ended_at": at("13:00", "2026-03-04")}, {}, ServiceEndElsewhere),
        ({"service_ended_at": at("09:00", "2026-03-01")}, {}, ServiceEndElsewhere),
    ],
)
def test_a_draft_is_held_against_what_it_names(changes: dict[str, Any], looked_at: dict[str, Seen], rule: Any) -> None:
    """Session, attendance, narrative, patient, episode and day have to fit together."""
    given(AGGREGATE).when(to_draft(**changes), EVENING, seen() | looked_at).refuses(rule)


def test_a_document_without_a_session_stands_alone() -> None:
    """A plan of care needs a patient only."""
    alone = {"kind": "plan_of_care", "session_id": None, "enrollment_id": None, "narrative_id": None}
    given(AGGREGATE).when(to_draft(**alone), EVENING, {"patient": anything(patient(1))}).then(
        drafted(**alone, attendance_id=None, service_kind=None),
    )


def test_a_scribe_writes_on_the_authors_behalf() -> None:
    """A first draft, for an author who is named and has asked for it; changing the words is the author's alone."""
    scribe = that_evening(by=SCRIBE, on_behalf_of=FACILITATOR)
    given(AGGREGATE).when(to_draft(author_id=FACILITATOR), scribe, seen()).then(drafted(), placed(1))
    stranger = that_evening(by=SCRIBE)
    given(AGGREGATE).when(to_draft(author_id=FACILITATOR), stranger, seen()).refuses(AnothersDraft)
    revise = ReviseNote(note_id=NOTE, content=words("More."))
    given(AGGREGATE, drafted()).when(revise, stranger).refuses(AnothersDraft)
    fact = revision(drafted(), words("More."), ("goal_1",))
    given(AGGREGATE, drafted()).when(revise, scribe).refuses(AnothersDraft)
    given(AGGREGATE, drafted()).when(revise, that_evening(by=FACILITATOR)).then(fact)


def test_a_revision_says_something_else() -> None:
    """The same words and goals are nothing; other goals alone are a revision."""
    there = given(AGGREGATE, drafted())
    there.when(ReviseNote(note_id=NOTE, content=words()), EVENING).nothing_happened()
    goals = there.when(ReviseNote(note_id=NOTE, content=words(), goals=("goal_2",)), EVENING)
    goals.then(revision(drafted(), words(), ("goal_2",))).never_twice()
    assert goals.state.version == 2
    given(AGGREGATE).when(ReviseNote(note_id=NOTE, content=words()), EVENING).refuses(UnknownNote)


def test_a_document_looks_at_what_it_rests_on() -> None:
    """A draft at session, narrative, patient, episode and what stands in its place; a signature at the first four too,
    at the signer, and at the program for its day; a narrative always at its session."""
    program = Stream("program", PROGRAM)
    assert AGGREGATE.consult(AGGREGATE.initial, to_draft()) == {
        "session": Stream("session", SESSION), "narrative": Stream("note", NARRATIVE),
        "patient": Stream("patient", patient(1)),
        f"enrollment:{enrollment(1)}": Stream("enrollment", enrollment(1)),
        "standing": Stream("note", holder_of=("session_document", f"{SESSION}:{patient(1)}")),
    }
    alone = to_draft(session_id=None, narrative_id=None, patient_id=None, enrollment_id=None)
    assert AGGREGATE.consult(AGGREGATE.initial, alone) == {}
    assert AGGREGATE.consult(AGGREGATE.initial, SignNote(note_id=NOTE)) == {}
    note = seen_as(AGGREGATE, NOTE, drafted()).state
    assert AGGREGATE.consult(note, SignNote(note_id=NOTE)) == {
        "session": Stream("session", SESSION), "narrative": Stream("note", NARRATIVE),
        "patient": Stream("patient", patient(1)),
        f"enrollment:{enrollment(1)}": Stream("enrollment", enrollment(1)),
        "clinician": Stream("clinician", FACILITATOR), "program": program,
    }
    narrative = seen_as(AGGREGATE, NARRATIVE, a_narrative()).state
    assert AGGREGATE.consult(narrative, SignNote(note_id=NARRATIVE)) == {
        "session": Stream("session", SESSION), "clinician": Stream("clinician", FACILITATOR), "program": program,
    }
    assert AGGREGATE.consult(narrative, ReviseNote(note_id=NARRATIVE, content=words())) == {
        "session": Stream("session", SESSION),
    }
    assert AGGREGATE.consult(note, CosignNote(note_id=NOTE)) == {}
    cosigner = an_id("clinician", 2)
    named = CosignNote(note_id=NOTE, cosigner_id=cosigner)
    assert AGGREGATE.consult(note, named) == {"clinician": Stream("clinician", cosigner), "program": program}


def test_only_its_own_commands_are_decided() -> None:
    """A foreign command is a programming error, not a refusal."""
    with pytest.raises(TypeError, match="not a command"):
        AGGREGATE.decide(AGGREGATE.initial, object(), an_act(), {})
