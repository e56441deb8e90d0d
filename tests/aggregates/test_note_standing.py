"""What a signature and an attestation stand on alike, and what becomes of a part whose narrative was struck."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aggregates.clinician import AGGREGATE as CLINICIANS
from aggregates.clinician.facts import ClinicianJoined, ClinicianLeft
from aggregates.enrollment import AGGREGATE as ENROLLMENTS
from aggregates.enrollment.facts import PlanOfCareAdopted
from aggregates.kit import NO_SALT, Seen, Stream
from aggregates.note import AGGREGATE
from aggregates.note.commands import AmendNote, AttestSignature, DraftNote, RestOnNarrative, ReviseNote, SignNote
from aggregates.note.content import commitment, document
from aggregates.note.facts import NarrativeReplaced, NoteContent, NoteEnteredInError, Section
from aggregates.note.figures import SessionFigures
from aggregates.note.refusals import (
    AlreadyAttested,
    AnothersSignature,
    CorrectionHoldsOther,
    CredentialNotActive,
    NarrativeOfAnotherSession,
    NarrativeStands,
    NarrativeStruck,
    NotEmployed,
    NotReady,
    NotTheSigner,
    ServiceNotOver,
    SupervisorMissing,
    UnknownNarrative,
)
from aggregates.note.signature import to_be_signed
from aggregates.note.templates import template
from aggregates.patient import AGGREGATE as PATIENTS
from aggregates.patient.facts import CoverageRecorded, PatientRegistered
from aggregates.session import AGGREGATE as SESSIONS
from aggregates.session.facts import Attendance, Interval, SessionClosed
from tests.aggregates.biller import PAYER, policy
from tests.aggregates.clinic import (
    EVENING,
    FACILITATOR,
    MONDAY,
    PROGRAM,
    SESSION,
    a_clinician,
    a_plan,
    at,
    attendance,
    enrollment,
    episode,
    expected,
    patient,
    that_evening,
)
from tests.aggregates.documents import NARRATIVE, NOTE, words
from tests.aggregates.scenario import an_id, folded, given, seen_as
from tests.aggregates.signers import AUTHOR, signer
from tests.aggregates.test_note_signing import (
    ASSOCIATE,
    ATTEST,
    BY_AN_ASSOCIATE,
    BY_COLLEAGUE,
    BY_SUPERVISOR,
    COSIGN,
    DRAFT,
    LICENSED,
    SIGN,
    SIGNED,
    SUPERVISOR,
    WAITING,
    attested,
    drafted,
    signed,
)

COMMAND = pytest.mark.parametrize("command", [SignNote, AttestSignature])
NEXT = an_id("note", 3)
LATE_END = "2026-03-03T01:00:00.000000Z"


def of_session(*after: Any, **changes: Any) -> Seen:
    """The session of these documents."""
    return seen_as(SESSIONS, SESSION, a_plan(**changes), *after)


def narrative(note_id: str = NARRATIVE, *after: Any, **changes: Any) -> Seen:
    """A narrative of the session."""
    about = {"kind": "group_narrative", "patient_id": None, "enrollment_id": None, "attendance_id": None} | changes
    return seen_as(AGGREGATE, note_id, drafted(words("The group practised."), note_id, **about), *after)


STRUCK = NoteEnteredInError(declared_by=FACILITATOR, cause="wrong_session")
PART = drafted(kind="group", narrative_id=NARRATIVE, service_kind="group")
STANDS, GONE = narrative(), narrative(NARRATIVE, STRUCK)
FOLLOWS = narrative(NEXT)
REST = RestOnNarrative(note_id=NOTE, narrative_id=NEXT, cause="narrative_in_error")
PART_SIGNED = signed(content_digest=PART.content_digest, narrative_digest=STANDS.state.content_digest)


@COMMAND
def test_an_attestation_stands_on_the_credential_of_a_signature(command: Any) -> None:
    """Without one on the day of service there is none, whatever the cause."""
    lapsed = {"clinician": a_clinician(lapsed_on="2026-03-02")}
    for cause in (None, "renewal_pending"):
        DRAFT.when(command(note_id=NOTE, override_cause=cause), EVENING, lapsed).refuses(CredentialNotActive)


@COMMAND
def test_nobody_signs_for_a_service_of_a_day_after_their_last(command: Any) -> None:
    """A license goes on where a person no longer works. What they gave until then, its last day too, they still sign;
    and a supervisor who was not there that day cosigns."""
    gone, last = ({"clinician": a_clinician(left_on=on)} for on in ("2026-03-01", "2026-03-02"))
    DRAFT.when(command(note_id=NOTE), EVENING, gone).refuses(NotEmployed)
    assert len(DRAFT.when(command(note_id=NOTE), EVENING, last).facts) == 1
    assert len(WAITING.when(COSIGN, BY_SUPERVISOR, {"clinician": a_clinician(2, left_on="2026-03-01")}).facts) == 1


@COMMAND
def test_an_attestation_waits_for_the_cosignature_of_a_signature(command: Any) -> None:
    """An associate's; without a supervisor it takes a cause."""
    decided = DRAFT.when(command(note_id=NOTE), EVENING, ASSOCIATE)
    [fact] = decided.facts
    assert (fact.needs_cosignature, fact.supervisor_id) == (True, SUPERVISOR)
    assert (decided.state.needs_cosignature, decided.state.supervisor_id) == (True, SUPERVISOR)
    alone = {"clinician": a_clinician(associate=True)}
    DRAFT.when(command(note_id=NOTE), EVENING, alone).refuses(SupervisorMissing)


@COMMAND
def test_an_attestation_binds_the_narrative_of_a_signature(command: Any) -> None:
    """As it stands; not one that was struck."""
    [fact] = given(AGGREGATE, PART).when(command(note_id=NOTE), EVENING, LICENSED | {"narrative": STANDS}).facts
    assert fact.narrative_digest == STANDS.state.content_digest
    given(AGGREGATE, PART).when(command(note_id=NOTE), EVENING, LICENSED | {"narrative": GONE}).refuses(NarrativeStruck)


def test_a_late_signature_is_attested_once() -> None:
    """By its author, over the same words and the same narrative; what it waits for it still waits for."""
    decided = SIGNED.when(ATTEST, EVENING, LICENSED).then(attested()).never_twice()
    assert (decided.state.attested, decided.state.signed_at) == (True, at("23:00"))
    SIGNED.when(ATTEST, BY_COLLEAGUE, LICENSED).refuses(AnothersSignature)
    waiting = given(AGGREGATE, drafted(), BY_AN_ASSOCIATE).when(ATTEST, EVENING, ASSOCIATE)
    assert (waiting.state.needs_cosignature, waiting.state.supervisor_id) == (True, SUPERVISOR)
    [over] = given(AGGREGATE, PART, PART_SIGNED).when(ATTEST, EVENING, LICENSED | {"narrative": FOLLOWS}).facts
    assert over.narrative_digest == STANDS.state.content_digest
    elsewhere = AttestSignature(note_id=NOTE, signature={"envelope": "{}", "signature": "0" * 128})  # type: ignore[arg-type] # validated
    given(AGGREGATE, drafted(), signed(), attested()).when(elsewhere, EVENING, LICENSED).refuses(AlreadyAttested)


@COMMAND
def test_nobody_signs_for_a_service_that_is_not_over(command: Any) -> None:
    """Before its session's planned end, unless it was closed by then; afterwards nobody waits for the closing."""
    going_on, past = of_session(ends_at=LATE_END), of_session(ends_at=at("22:59"))
    message = DRAFT.when(command(note_id=NOTE), EVENING, LICENSED | {"session": going_on}).refuses(ServiceNotOver)
    assert LATE_END in message
    assert DRAFT.when(command(note_id=NOTE), EVENING, LICENSED | {"session": past}).facts


@COMMAND
def test_what_the_document_shows_of_its_session_is_recorded_with_it(command: Any) -> None:
    """As it was closed, with the patient's own time in their own part alone; as planned before that; and nothing where
    it is of no session."""
    stay, held = Interval(start=at("09:20"), stop=at("10:35")), Interval(start=at("09:05"), stop=at("10:35"))
    closing = SessionClosed(
        program_id=PROGRAM, service_kind="group", level_of_care="intensive_outpatient", topic="coping",
        service_date=MONDAY, scheduled=held, actual=held, facilitators=(FACILITATOR,), breaks=(), head_count=3,
        peak_count=3, attendances=(Attendance(
            attendance_id=attendance(1), status="present", intervals=(stay,), minutes=75, modality="in_person",
            place_of_service="11",
        ),),
    )  # fmt: skip
    closed = seen_as(SESSIONS, SESSION, a_plan(), expected(1), closing)
    [fact] = DRAFT.when(command(note_id=NOTE), EVENING, LICENSED | {"session": closed}).facts
    whole = SessionFigures(
        start=at("09:05"), stop=at("10:35"), closed=True, head_count=3, status="present", minutes=75, intervals=(stay,)
    )
    assert fact.session == whole
    shared = given(AGGREGATE, drafted(kind="group_narrative", patient_id=None, enrollment_id=None, attendance_id=None))
    [fact] = shared.when(command(note_id=NOTE), EVENING, LICENSED | {"session": closed}).facts
    assert fact.session == replace(whole, status=None, minutes=None, intervals=())
    [fact] = DRAFT.when(command(note_id=NOTE), EVENING, LICENSED | {"session": of_session(ends_at=at("22:59"))}).facts
    assert fact.session == SessionFigures(start=a_plan().starts_at, stop=at("22:59"), closed=False)
    [fact] = given(AGGREGATE, drafted(session_id=None)).when(command(note_id=NOTE), EVENING, LICENSED).facts
    assert fact.session is None


def test_who_did_not_lead_the_group_is_told_and_recorded() -> None:
    """Of a group's documents; others are written by whoever saw the patient."""
    seen = LICENSED | {"narrative": STANDS}
    for leader, told in ((FACILITATOR, True), (SUPERVISOR, False)):
        session = of_session(facilitators=(leader,))
        [fact] = given(AGGREGATE, PART).when(SIGN, EVENING, seen | {"session": session}).facts
        assert fact.facilitator is told
        [fact] = DRAFT.when(SIGN, EVENING, LICENSED | {"session": session}).facts
        assert fact.facilitator is None


def test_what_is_not_ready_is_signed_with_a_cause_alone() -> None:
    """A section that is missing or says what the template said is named; the cause stands under the signature."""
    start = next(one for one in template("individual").sections if one.starting_words)
    told = [Section(name=one.name, words="So it was.") for one in template("individual").sections if one.required]
    whole = NoteContent(sections=tuple(told))
    touched = tuple(replace(one, words=start.starting_words) if one.name == start.name else one for one in told)
    state, who = folded(AGGREGATE, drafted(whole, goals=("goal-1",))), signer(AUTHOR)
    for content, goals, unready in (
        (whole, ("goal-1",), ()), (whole, (), ("progress",)),
        (NoteContent(sections=touched), ("goal-1",), (start.name,)),
        (NoteContent(sections=whole.sections[:-1]), ("goal-1",), (whole.sections[-1].name,)),
    ):  # fmt: skip
        past = given(AGGREGATE, drafted(content, goals=goals))
        [fact] = past.when(SIGN, EVENING, LICENSED).facts
        assert fact.unready == unready
        [forced] = past.when(replace(SIGN, incomplete_cause="left_early"), EVENING, LICENSED).facts
        shown = to_be_signed(NOTE, state, replace(forced, signer_id=AUTHOR), who)
        assert (shown.unready, shown.incomplete_cause) == (unready, "left_early")
        if unready:
            with pytest.raises(NotReady, match=unready[0]):
                to_be_signed(NOTE, state, replace(fact, signer_id=AUTHOR), who)


WHOLE = NoteContent(sections=tuple(
    Section(name=one.name, words="So it was.") for one in template("individual").sections if one.required
))  # fmt: skip
COVERED = CoverageRecorded(
    coverage_id=an_id("coverage"), payer_id=PAYER, plan="ppo", rank=1, relationship="self",
    effective_from="2026-01-01", has_member_number=True, has_group_number=False, has_subscriber=False,
)
REGISTERED = PatientRegistered(year_of_birth=1990, has_medical_record_number=False, has_address=False)
PLANNED = PlanOfCareAdopted(
    plan_id=an_id("plan"), adopted_on="2026-02-03", weekly_days=3, weekly_minutes=540, planned_weeks=6,
    review_due_on="2026-04-01", goals=("goal-1",),
)


@COMMAND
def test_what_the_patients_payer_wants_is_asked_of_a_signature(command: Any) -> None:
    """By the terms of the payer who pays first on the day of service; who has none on that day is asked for nothing."""
    state = folded(AGGREGATE, drafted(WHOLE, goals=("goal-1",)))
    covered = {"patient": seen_as(PATIENTS, patient(1), REGISTERED, COVERED)}
    look = AGGREGATE.further(state, command(note_id=NOTE), covered)
    assert look == {"policy": Stream("payer_policy", holder_of=("policy_of_payer", PAYER))}
    before = replace(COVERED, effective_from="2026-03-03")
    later = {"patient": seen_as(PATIENTS, patient(1), REGISTERED, before)}
    assert AGGREGATE.further(state, command(note_id=NOTE), later) == {}
    terms = {"policy": policy(note_sections=("medical_necessity",))}
    for content, beside, unready in (
        (WHOLE, terms, ("medical_necessity",)), (WHOLE, {}, ()), (WHOLE, {"policy": policy()}, ()),
        (NoteContent(sections=(*WHOLE.sections, Section(name="medical_necessity", words="Two absences."))), terms, ()),
    ):
        [fact] = given(AGGREGATE, drafted(content, goals=("goal-1",))).when(
            command(note_id=NOTE), EVENING, LICENSED | covered | beside
        ).facts
        assert fact.unready == unready


@COMMAND
def test_a_goal_that_is_in_no_plan_is_asked_of_a_signature(command: Any) -> None:
    """By the plan of care in force on the day of service; without a plan there is nothing to hold it to."""
    stay = episode(1)
    adopted = Seen(stay.id, stay.version + 1, ENROLLMENTS.evolve(stay.state, PLANNED))
    after = Seen(stay.id, stay.version + 1, ENROLLMENTS.evolve(stay.state, replace(PLANNED, adopted_on="2026-03-03")))
    for goals, planned, unready in (
        (("goal-1",), adopted, ()), (("goal-1", "goal-9"), adopted, ("progress",)), (("goal-9",), stay, ()),
        (("goal-9",), after, ()),
    ):
        beside = LICENSED | {f"enrollment:{enrollment(1)}": planned}
        [fact] = given(AGGREGATE, drafted(WHOLE, goals=goals)).when(command(note_id=NOTE), EVENING, beside).facts
        assert fact.unready == unready


def test_a_correction_holds_the_named_section_and_nothing_else() -> None:
    """Not the words of another one, nor more beside its own."""
    def correction(*names: str) -> AmendNote:
        sections = tuple(Section(name=name, words="Box breathing.") for name in names)
        return AmendNote(note_id=NOTE, amendment_id=an_id("amendment"), kind="correction", section="response",
                         cause="slip", content=NoteContent(sections=sections))

    assert SIGNED.when(correction("response"), EVENING).facts
    for names in (("risk",), ("response", "risk"), ("response", "response")):
        SIGNED.when(correction(*names), EVENING).refuses(CorrectionHoldsOther)


def test_a_part_is_not_begun_on_a_struck_narrative() -> None:
    """The session's narrative is written anew first."""
    begin = DraftNote(
        note_id=NOTE, kind="group", program_id=PROGRAM, service_date=MONDAY, service_ended_at=at("10:30"),
        session_id=SESSION, patient_id=patient(1), enrollment_id=enrollment(1), narrative_id=NARRATIVE,
    )
    seen = {"session": of_session(expected(1)), "narrative": GONE}
    given(AGGREGATE).when(begin, EVENING, seen).refuses(NarrativeStruck)


def test_a_draft_moves_to_another_narrative_with_its_words() -> None:
    """The commitment names the narrative, so that the same words are another wording."""
    moved = ReviseNote(note_id=NOTE, content=words(), narrative_id=NEXT)
    decided = given(AGGREGATE, PART).when(moved, EVENING, {"narrative": FOLLOWS})
    [fact] = decided.facts
    about = replace(PART, narrative_id=NEXT)
    assert fact.content_digest == commitment(document(about, NOTE, 2, words(), ()), NO_SALT)
    assert (fact.narrative_id, decided.state.drafted.narrative_id) == (NEXT, NEXT)
    decided.after.when(moved, EVENING).nothing_happened()
    given(AGGREGATE, PART).when(moved, EVENING, {"narrative": GONE}).refuses(NarrativeStruck)


def test_a_signed_part_rests_on_what_follows_a_struck_narrative() -> None:
    """Its signer signs so; told twice it is once, and the first signature stays as it was."""
    seen = LICENSED | {"narrative": GONE, "replacement": FOLLOWS}
    past = given(AGGREGATE, PART, PART_SIGNED)
    decided = past.when(REST, EVENING, seen).then(
        NarrativeReplaced(
            narrative_id=NEXT, narrative_digest=FOLLOWS.state.content_digest, signer_id=FACILITATOR,
            signed_at=at("23:00"), cause="narrative_in_error", note_version=1, content_digest=PART.content_digest,
        )
    )
    assert (decided.state.drafted.narrative_id, decided.state.rests_on) == (NEXT, FOLLOWS.state.content_digest)
    decided.after.when(REST, EVENING, seen).nothing_happened()


def test_a_signed_part_rests_on_nothing_else() -> None:
    """Not while its narrative stands, on a struck or unknown one or another session's, nor at somebody else's word."""
    past, seen = given(AGGREGATE, PART, PART_SIGNED), LICENSED | {"narrative": GONE, "replacement": FOLLOWS}
    past.when(REST, EVENING, seen | {"narrative": STANDS}).refuses(NarrativeStands)
    past.when(REST, BY_COLLEAGUE, seen).refuses(NotTheSigner)
    past.when(REST, EVENING, seen | {"replacement": narrative(NEXT, STRUCK)}).refuses(NarrativeStruck)
    past.when(REST, EVENING, seen | {"replacement": seen_as(AGGREGATE, NEXT)}).refuses(UnknownNarrative)
    other = narrative(NEXT, session_id=an_id("session", 2))
    past.when(REST, EVENING, seen | {"replacement": other}).refuses(NarrativeOfAnotherSession)


def test_an_associate_of_the_day_of_service_needs_a_cosignature() -> None:
    """Who came back licensed since signs a note of before as the associate they were."""
    before = a_clinician(associate=True, supervisor=2).state
    again = ClinicianJoined(
        programs=(PROGRAM,), discipline="counseling", associate=False, joined_on="2026-03-04", has_npi=False
    )
    state = CLINICIANS.evolve(CLINICIANS.evolve(before, ClinicianLeft(left_on="2026-03-03")), again)
    later = that_evening(occurred_at="2026-03-05T14:00:00.000000Z")
    [fact] = DRAFT.when(SIGN, later, {"clinician": Seen(FACILITATOR, 4, state)}).facts
    assert fact.needs_cosignature
