"""An authorization's rules: asked, approved or denied, extended, void."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from aggregates.access import AGGREGATE as ACCESS
from aggregates.access.facts import DisclosureMade
from aggregates.access.streams import access_of
from aggregates.authorization import AGGREGATE
from aggregates.authorization import commands as ask
from aggregates.authorization import facts as past
from aggregates.authorization import refusals as no
from aggregates.authorization.state import Approved, Denied, Voided
from aggregates.days import PeriodRunsBackwards
from aggregates.decision import DateInTheFuture
from aggregates.disclosure import DisclosureNotOnRecord
from aggregates.enrollment import AGGREGATE as ENROLLMENT
from aggregates.enrollment.facts import PatientReferred
from aggregates.enrollment.refusals import EnrollmentOfAnother, UnknownEnrollment
from aggregates.kit import Seen, Stream
from aggregates.patient import AGGREGATE as PATIENT
from aggregates.patient.facts import ConsentRevoked, ConsentSigned, DisclosureRestricted, PatientRegistered
from aggregates.program import AGGREGATE as PROGRAM
from aggregates.program.facts import ProgramOpened
from tests.aggregates.scenario import Given, an_act, an_id, every_prefix_folds, folded, given, seen_as

IT, EPISODE, PATIENT_ID, PROGRAM_ID = an_id("authorization"), an_id("enrollment"), an_id("patient"), an_id("program")
JUNE = an_act(occurred_at="2026-06-01T12:00:00Z", role="utilization_reviewer")


def episode(*consents: Any, focus: Any = "mental_health", **changes: Any) -> dict[str, Seen]:
    """The episode, referred on 26 February to a program of this focus, and the patient with these consents."""
    fields: dict[str, Any] = {"patient_id": PATIENT_ID, "program_id": PROGRAM_ID, "referred_on": "2026-02-26"}
    known = PatientRegistered(year_of_birth=1988, has_medical_record_number=False, has_address=False)
    opened = ProgramOpened(
        code="iop", level_of_care="intensive_outpatient", focus=focus, population="adult", time_zone="UTC",
        opened_on="2026-01-01",
    )  # fmt: skip
    return {
        "enrollment": seen_as(ENROLLMENT, EPISODE, PatientReferred(source="self", **(fields | changes))),
        "patient": seen_as(PATIENT, PATIENT_ID, known, *consents), "program": seen_as(PROGRAM, PROGRAM_ID, opened),
    }  # fmt: skip


def consent(**changes: Any) -> ConsentSigned:
    """To this payer, from the referral on."""
    fields: dict[str, Any] = {
        "consent_id": an_id("consent"), "kind": "disclosure", "purpose": "payment",
        "recipient_payers": (an_id("payer"),), "signed_on": "2026-02-26", "signed_by": "patient",
        "capacity_rule": "adult", "right_to_revoke_stated": True, "expires_upon": "none",
    }  # fmt: skip
    return ConsentSigned(**(fields | changes))


def request(**changes: Any) -> ask.RequestAuthorization:
    """Asks for fifteen days from 2 March."""
    fields: dict[str, Any] = {
        "patient_id": PATIENT_ID, "enrollment_id": EPISODE, "program_id": PROGRAM_ID, "payer_id": an_id("payer"),
        "level_of_care": "intensive_outpatient", "procedure_code": "S9480", "units": 15, "unit_basis": "day",
        "valid_from": "2026-03-02", "valid_through": "2026-04-03", "requested_on": "2026-02-27",
    }
    return ask.RequestAuthorization(authorization_id=IT, **(fields | changes))


def approve(**changes: Any) -> ask.ApproveAuthorization:
    """Ten days approved on 27 February, through 27 March."""
    fields: dict[str, Any] = {
        "procedure_code": "S9480", "units": 10, "unit_basis": "day", "valid_from": "2026-03-02",
        "valid_through": "2026-03-27", "decided_on": "2026-02-27", "number": "A0098812",
    }
    return ask.ApproveAuthorization(authorization_id=IT, **(fields | changes))


def extend(**changes: Any) -> ask.ExtendAuthorization:
    """Five more, through 10 April."""
    fields: dict[str, Any] = {"added_units": 5, "valid_through": "2026-04-10", "decided_on": "2026-03-25"}
    return ask.ExtendAuthorization(authorization_id=IT, **(fields | changes))


def deny(**changes: Any) -> ask.DenyAuthorization:
    """No, on 6 March."""
    return ask.DenyAuthorization(authorization_id=IT, **({"decided_on": "2026-03-06", "cause": "necessity"} | changes))


def void(**changes: Any) -> ask.VoidAuthorization:
    """Void from 20 March."""
    return ask.VoidAuthorization(authorization_id=IT, **({"voided_on": "2026-03-20", "cause": "wrong"} | changes))


REVIEW = ask.SubmitReview(authorization_id=IT, kind="initial", submitted_on="2026-02-27", words="LOCUS 18.")
TALK = ask.HoldPeerToPeer(authorization_id=IT, held_on="2026-03-04", outcome="partial", words="Ten.", reference="R")
CALL = ask.LogPayerContact(
    authorization_id=IT, contacted_at="2026-03-05T16:42:00Z", channel="phone", outcome="pending",
)
LOG = (REVIEW, TALK, CALL)


def after(*commands: Any) -> Given:
    """The stream after a request and commands that are all accepted in June."""
    stream = given(AGGREGATE)
    for one in (request(), *commands):
        decided = stream.when(one, JUNE, episode())
        assert decided.refusal is None, decided.refusal
        stream = decided.after
    return stream


def refused(stream: Given, command: Any, rule: Any) -> str:
    """The message of a refusal in June."""
    return stream.when(command, JUNE, episode()).refuses(rule)


def test_a_request_is_for_an_episode_of_the_same_patient_and_program() -> None:
    """Another's episode, none at all, or a period before the referral is refused."""
    start = given(AGGREGATE)
    assert start.when(request(), JUNE, episode()).state.enrollment_id == EPISODE
    start.when(request(), JUNE, episode(patient_id=an_id("patient", 2))).refuses(EnrollmentOfAnother)
    start.when(request(), JUNE, episode(program_id=an_id("program", 2))).refuses(EnrollmentOfAnother)
    start.when(request(), JUNE, episode() | {"enrollment": seen_as(ENROLLMENT, EPISODE)}).refuses(UnknownEnrollment)
    refused(start, request(valid_from="2026-02-25"), no.RequestedBeforeReferral)
    refused(start, request(valid_through="2026-03-01"), PeriodRunsBackwards)
    refused(start, request(requested_on="2026-07-01"), DateInTheFuture)
    after().when(request(), JUNE, episode()).nothing_happened()
    assert "2026-02-27" in refused(after(), request(units=20), no.AlreadyRequested)
    looked = {
        "enrollment": Stream("enrollment", EPISODE), "patient": Stream("patient", PATIENT_ID),
        "program": Stream("program", PROGRAM_ID),
    }  # fmt: skip
    assert AGGREGATE.consult(AGGREGATE.initial, request()) == looked
    assert AGGREGATE.consult(folded(AGGREGATE, *after().facts), LOG[0]) == looked
    assert AGGREGATE.consult(AGGREGATE.initial, deny()) == AGGREGATE.consult(AGGREGATE.initial, LOG[0]) == {}


@pytest.mark.parametrize(("consents", "allowed"), [
    ((), False),
    ((consent(),), True),
    ((consent(recipient_payers=(an_id("payer", 2),)),), False),
    ((consent(signed_on="2026-02-28"),), False),
    ((consent(), ConsentRevoked(consent_id=an_id("consent"), revoked_at="2026-02-25T12:00:00Z")), False),
    ((consent(programs=(an_id("program", 2),)),), False),
    ((consent(programs=(PROGRAM_ID,)),), True),
], ids=["none", "in force", "another payer", "signed afterwards", "revoked", "another program", "this program"])
def test_a_payer_is_asked_about_a_substance_use_record_only_under_a_consent(consents: Any, allowed: bool) -> None:
    """42 CFR 2.31: the request of 27 February, a review and a talk of that day need one in force that names the payer
    and permits the program."""
    seen = episode(*consents, focus="substance_use")
    review = ask.SubmitReview(authorization_id=IT, kind="initial", submitted_on="2026-02-27", words="Told.")
    talk = ask.HoldPeerToPeer(authorization_id=IT, held_on="2026-02-27", outcome="partial")
    for stream, command in ((given(AGGREGATE), request()), (after(), review), (after(), talk)):
        decided = stream.when(command, JUNE, seen)
        if allowed:
            assert decided.refusal is None and decided.facts
        else:
            decided.refuses(no.NoConsentToDisclose)
        assert stream.when(command, JUNE, episode()).facts  # of mental-health treatment it needs none


def test_our_physician_speaks_for_an_exception_on_record_where_there_is_no_consent() -> None:
    """One that lets a payer be told, named by its disclosure; what the patient was told does not."""
    told = DisclosureMade(
        disclosure_id=an_id("disclosure"), patient_id=PATIENT_ID, made_by=an_id("person"), made_on="2026-02-27",
        information=("summary",), purpose="payment", basis="audit",
    )  # fmt: skip
    talk = ask.HoldPeerToPeer(
        authorization_id=IT, held_on="2026-02-27", outcome="partial", disclosure_id=an_id("disclosure")
    )
    seen, stream = episode(focus="substance_use"), access_of(PATIENT_ID)
    on_record = seen | {"access": seen_as(ACCESS, stream, told)}
    assert after().when(talk, JUNE, on_record).once().facts[0].disclosure_id == an_id("disclosure")
    after().when(talk, JUNE, seen | {"access": seen_as(ACCESS, stream)}).refuses(DisclosureNotOnRecord)
    for wrong in ({"purpose": "oversight"}, {"enrollment_id": an_id("enrollment", 9)}):
        other = seen | {"access": seen_as(ACCESS, stream, replace(told, **wrong))}
        after().when(talk, JUNE, other).refuses(DisclosureNotOnRecord)
    to_the_patient = seen | {"access": seen_as(ACCESS, stream, replace(told, basis="individual"))}
    after().when(talk, JUNE, to_the_patient).refuses(DisclosureNotOnRecord)


def restricted(first: str, last: str | None) -> dict[str, Seen]:
    """The patient paid for these days in full and forbade telling this payer."""
    return episode(DisclosureRestricted(
        restriction_id=an_id("restriction"), payer_id=an_id("payer"), effective_from=first, effective_through=last,
        paid_in_full=True,
    ))  # fmt: skip


def test_no_payer_is_asked_for_a_day_that_the_patient_paid_in_full_and_forbade() -> None:
    """45 CFR 164.522(a)(1)(vi): one such day refuses the request, and all of them what is said about it afterwards."""
    message = forbidden(given(AGGREGATE), request(), restricted("2026-03-10", "2026-03-10"))
    assert "2026-03-10" in message
    assert given(AGGREGATE).when(request(), JUNE, restricted("2026-02-01", "2026-03-01")).facts
    for command in (REVIEW, TALK):
        assert after().when(command, JUNE, restricted("2026-03-10", "2026-03-10")).facts
        assert "2026-03-02" in forbidden(after(), command, restricted("2026-02-01", None))


def forbidden(stream: Given, command: Any, seen: dict[str, Seen]) -> str:
    """The refusal's message."""
    return stream.when(command, JUNE, seen).refuses(no.DisclosureForbidden)


@pytest.mark.parametrize("command", [*LOG, approve(), extend(), deny(), void()], ids=lambda one: type(one).__name__)
def test_nothing_happens_to_an_authorization_that_was_never_requested(command: Any) -> None:
    """An unknown id is named."""
    assert IT in refused(given(AGGREGATE), command, no.UnknownAuthorization)


@pytest.mark.parametrize("command", LOG, ids=lambda one: type(one).__name__)
@pytest.mark.parametrize("phase", [(), (deny(),), (approve(),), (void(),)], ids=["asked", "denied", "approved", "void"])
def test_what_was_said_is_logged_in_every_phase_and_once(phase: tuple[Any, ...], command: Any) -> None:
    """It happened, so it is recorded; the same record again changes nothing."""
    decided = after(*phase).when(command, JUNE, episode())
    assert len(decided.facts) == 1
    decided.after.when(command, JUNE, episode()).nothing_happened()


def test_a_log_entry_with_other_words_is_not_guessed_at() -> None:
    """Same event, other words: refused, because one of the two would be lost."""
    other = ask.SubmitReview(authorization_id=IT, kind="initial", submitted_on="2026-02-27", words="LOCUS 19.")
    refused(after(REVIEW), other, no.AlreadyLogged)
    bare = ask.SubmitReview(authorization_id=IT, kind="initial", submitted_on="2026-02-27", reference="R-1")
    refused(after(), bare, no.ReferenceWithoutWords)


def test_what_is_logged_has_happened() -> None:
    """Neither reviews nor talks nor calls come from the future."""
    now = an_act()
    refusals = {
        ask.SubmitReview(authorization_id=IT, kind="initial", submitted_on="2026-03-04"): DateInTheFuture,
        ask.HoldPeerToPeer(authorization_id=IT, held_on="2026-03-04", outcome="denied"): DateInTheFuture,
        CALL: no.ContactInTheFuture,
    }
    for command, rule in refusals.items():
        after().when(command, now, episode()).refuses(rule)


def test_an_approval_gives_units_and_days() -> None:
    """Both ends are approved; the number is sealed and said to be there."""
    decided = after().when(approve(), JUNE, episode())
    fact = decided.outcomes[0]
    assert (fact.has_number, fact.sealed) == (True, past.AuthorizationNumber(number="A0098812"))
    state: Any = decided.state
    assert isinstance(state, Approved) and state.units == 10
    days = ("2026-03-01", "2026-03-02", "2026-03-27", "2026-03-28")
    assert [state.covers(day) for day in days] == [False, True, True, False]
    unnumbered: Any = after().when(approve(number=None), JUNE, episode()).outcomes[0]
    assert (unnumbered.has_number, unnumbered.sealed) == (False, None)


def test_an_approval_has_units_runs_forwards_and_is_decided() -> None:
    """No units is a denial; a period ends after it starts; tomorrow's decisions are not known."""
    refused(after(), approve(units=0), no.NoUnitsApproved)
    refused(after(), approve(valid_through="2026-03-01"), PeriodRunsBackwards)
    refused(after(), approve(decided_on="2026-07-01"), DateInTheFuture)


@pytest.mark.parametrize(("decided_on", "retroactive"), [("2026-03-02", False), ("2026-03-03", True)])
def test_an_approval_decided_after_its_first_day_is_visibly_retroactive(decided_on: str, retroactive: bool) -> None:
    """Decided on the first day itself it is not."""
    state: Any = after().when(approve(decided_on=decided_on), JUNE, episode()).state
    assert state.retroactive is retroactive
    assert not folded(AGGREGATE, *after().facts).retroactive


def test_approved_twice_the_same_is_nothing_and_otherwise_an_extension() -> None:
    """Other contents name what is approved; a payer that takes it back is a void, not a denial."""
    approved = after(approve())
    approved.when(approve(), JUNE, episode()).nothing_happened()
    assert "10 units through 2026-03-27" in refused(approved, approve(units=12), no.AlreadyApproved)
    refused(approved, deny(), no.AlreadyApproved)


def test_an_extension_adds_units_or_days_to_an_approval() -> None:
    """An equal end with more units is one, an earlier end is refused, nothing added is nothing."""
    refused(after(), extend(), no.NotApproved)
    approved = after(approve())
    state: Any = approved.when(extend(), JUNE, episode()).state
    assert (state.units, state.valid_through, state.covers("2026-04-10")) == (15, "2026-04-10", True)
    assert approved.when(extend(valid_through="2026-03-27"), JUNE, episode()).facts
    assert approved.when(extend(added_units=0), JUNE, episode()).facts
    approved.when(extend(added_units=0, valid_through="2026-03-27"), JUNE, episode()).nothing_happened()
    refused(approved, extend(valid_through="2026-03-26"), no.ExtensionTooShort)
    refused(after(approve(), extend()), extend(valid_through="2026-04-09"), no.ExtensionTooShort)
    refused(approved, extend(decided_on="2026-07-01"), DateInTheFuture)


def test_a_denial_may_be_overturned() -> None:
    """After a physicians' talk or an appeal the same authorization is approved."""
    denied = after(deny())
    assert isinstance(folded(AGGREGATE, *denied.facts), Denied)
    denied.when(deny(), JUNE, episode()).nothing_happened()
    refused(denied, deny(cause="late"), no.AlreadyDenied)
    refused(after(), deny(decided_on="2026-07-01"), DateInTheFuture)
    assert isinstance(denied.when(approve(), JUNE, episode()).state, Approved)


def test_a_void_counts_as_never_given_and_is_final() -> None:
    """It may follow an approval; it covers no day, and nothing but the log goes on."""
    voided = after(approve(), void())
    state: Any = folded(AGGREGATE, *voided.facts)
    assert isinstance(state, Voided) and not state.covers("2026-03-05")
    voided.when(void(), JUNE, episode()).nothing_happened()
    for command in (approve(), extend(), deny(), void(cause="other")):
        assert "2026-03-20" in refused(voided, command, no.AuthorizationIsVoid)
    refused(after(), void(voided_on="2026-07-01"), DateInTheFuture)


def test_an_authorization_knows_whose_it_is() -> None:
    """Patient, program and payer come from the request; before it there is nothing."""
    state: Any = folded(AGGREGATE, *after().facts)
    assert (state.patient_id, state.program_id, state.payer_id) == (PATIENT_ID, PROGRAM_ID, an_id("payer"))
    assert AGGREGATE.patients(state, None, {}) == ((PATIENT_ID, None),)
    empty: Any = AGGREGATE.initial
    assert AGGREGATE.patients(empty, None, {}) == ()
    assert (empty.program_id, empty.enrollment_id, empty.payer_id, empty.units) == (None, None, None, 0)
    assert (empty.valid_from, empty.valid_through) == (None, None)
    assert folded(AGGREGATE, *after(approve()).facts).valid_from == "2026-03-02"


ASKED = (request(), *LOG, approve(), approve(units=3), extend(), extend(added_units=1), deny(), void())


@for_all(st.lists(st.sampled_from(ASKED), max_size=12))
def test_whatever_is_asked_nothing_happens_twice_and_every_past_folds(asked: list[Any]) -> None:
    """Two laws: repetition has no second effect, and no prefix of a past raises."""
    stream = given(AGGREGATE)
    for command in asked:
        decided = stream.when(command, JUNE, episode())
        decided.never_twice()
        stream = decided.after
    every_prefix_folds(AGGREGATE, *stream.facts)


@for_all(st.permutations(after(*LOG, approve(), extend(), void()).facts))
def test_folding_judges_nothing_not_even_an_impossible_order(facts: list[Any]) -> None:
    """evolve has no rules, so it answers to any order of facts."""
    every_prefix_folds(AGGREGATE, *facts)
