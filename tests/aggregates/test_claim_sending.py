"""A claim that leaves in a file, and one that comes after another payer's answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import rfc8785

from aggregates.claim import AGGREGATE
from aggregates.claim import refusals as no
from aggregates.claim.facts import ClaimSubmitted
from aggregates.codec import decode, encode
from aggregates.kit import Claim, Seen, Stream
from aggregates.patient.facts import ConsentRevoked, ConsentSigned, DisclosureRestricted
from aggregates.program import AGGREGATE as PROGRAM
from aggregates.values import instant, moment
from tests.aggregates.biller import (
    IT,
    JUNE,
    OLD,
    ON_ITS_WAY,
    PAYER,
    PREPARED,
    PROGRAM_ID,
    SENT,
    TAKEN,
    adjudicate,
    after,
    around,
    asked,
    episode,
    patient,
    prepare,
    prepared,
    reverse,
    submit,
)
from tests.aggregates.episodes import OPENED
from tests.aggregates.scenario import an_act, an_id, folded, given, seen_as

DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
FILE: dict[str, Any] = {"interchange": 905, "file_digest": DIGEST, "written_as_of": 4800, "writer_version": 1}
OTHER = an_id("payer", 2)


def holder(**changes: Any) -> dict[str, Seen]:
    """Another claim that already holds the number, in a file that may differ."""
    fact = asked(submit(place=1, **FILE | changes), *PREPARED).facts[0]
    return around() | {"file": seen_as(AGGREGATE, OLD, prepared(), fact)}


def test_the_first_claim_of_a_file_claims_its_number() -> None:
    """The others share it if they say the very same of the file, wherever they stand in it."""
    decided = asked(submit(place=1, **FILE), *PREPARED)
    [fact, claim] = decided.outcomes
    assert (fact.place, fact.interchange, fact.digest, fact.written_as_of) == (1, 905, DIGEST, 4800)
    assert DIGEST not in encode(fact)[1].decode(), "What of a file could be tried is sealed."
    assert fact.writer_version == 1
    assert claim == Claim("interchange", "905", held=no.InterchangeUsed)
    decided.once()
    second = asked(submit(place=2, **FILE), *PREPARED, seen=holder())
    assert second.refusal is None
    assert second.outcomes == second.facts


@pytest.mark.parametrize(
    "changes", [{"file_digest": "0" * 64}, {"written_as_of": 4799}, {"writer_version": 2}, {"batch": "B-2"},
                {"submitted_at": "2026-03-10T20:00:00Z"}],
)  # fmt: skip
def test_the_number_of_another_file_is_refused(changes: dict[str, Any]) -> None:
    """Two files never go out under one number."""
    assert "905" in asked(submit(place=2, **FILE), *PREPARED, seen=holder(**changes)).refuses(no.InterchangeUsed)


@pytest.mark.parametrize("missing", ["place", "interchange", "file_digest", "written_as_of", "writer_version"])
def test_a_file_is_named_whole_or_not_at_all(missing: str) -> None:
    """What is half said could never be written again; a claim sent by hand says nothing of a file."""
    asked(submit(**({"place": 1} | FILE) | {missing: None}), *PREPARED).refuses(no.FileHalfNamed)
    asked(submit(), *PREPARED).then(SENT)


def test_a_file_that_left_before_the_writer_had_versions_is_of_the_first() -> None:
    """A claim that was sent by hand is of none."""
    named = {"submitted_at": "2026-03-10T21:00:00.000000Z", "batch": "B", "control_number": "C"}
    for fields, version in ((named, None), (named | {"place": 1} | FILE, 1)):
        stored = {name: value for name, value in fields.items() if name != "writer_version"}
        assert decode("claim.submitted@1", rfc8785.dumps(stored)).writer_version == version


def test_a_file_whose_digest_stood_in_the_clear_part_is_the_same_file() -> None:
    """The same command is already so, another claim of the file is of it, and another digest is of another file."""
    told: dict[str, Any] = {"submitted_at": "2026-03-10T21:00:00Z", "batch": "B-0310", "control_number": "CN147"}
    before = ClaimSubmitted(**told, place=1, **FILE)
    assert before.digest == DIGEST
    given(AGGREGATE, prepared(), before).when(submit(place=1, **FILE), JUNE, around()).nothing_happened()
    seen = around() | {"file": seen_as(AGGREGATE, OLD, prepared(), before)}
    assert asked(submit(place=2, **FILE), *PREPARED, seen=seen).refusal is None
    asked(submit(place=2, **FILE | {"file_digest": "0" * 64}), *PREPARED, seen=seen).refuses(no.InterchangeUsed)


def test_a_submission_looks_at_who_holds_the_number() -> None:
    """And at nobody where there is no file."""
    state = folded(AGGREGATE, prepared())
    look = AGGREGATE.consult(state, submit())
    assert "file" not in look
    in_a_file = submit(place=1, **FILE)
    assert AGGREGATE.consult(state, in_a_file) == look | {
        "file": Stream("claim", holder_of=("interchange", "905"))
    }


def primary(*commands: Any, **changes: Any) -> dict[str, Seen]:
    """What a secondary claim looks at: the first payer's claim after these commands."""
    facts = list(after(*(commands or (*ON_ITS_WAY, adjudicate()))).facts)
    if changes:
        facts[0] = prepared(**changes)
    return around() | {"after": seen_as(AGGREGATE, OLD, *facts)}


def test_a_secondary_claim_follows_another_payers_answer() -> None:
    """The answer must be there, of the same patient and program, and of another payer."""
    command = prepare(after_claim=OLD)
    assert AGGREGATE.consult(AGGREGATE.initial, command)["after"] == Stream("claim", OLD)
    assert asked(command, seen=primary(payer_id=OTHER)).facts[0].after_claim == OLD
    asked(command, seen=primary()).refuses(no.PrimaryClaimOfAnother)
    asked(command, seen=primary(payer_id=OTHER, patient_id=an_id("patient", 2))).refuses(no.PrimaryClaimOfAnother)
    unanswered = primary(*ON_ITS_WAY, payer_id=OTHER)
    assert "submitted" in asked(command, seen=unanswered).refuses(no.PrimaryClaimUnanswered)
    unknown = around() | {"after": seen_as(AGGREGATE, OLD)}
    assert OLD in asked(command, seen=unknown).refuses(no.UnknownPrimaryClaim)


def test_a_secondary_claim_is_taken_back_whatever_became_of_the_answer_before_it() -> None:
    """Its void needs that an answer once was; only what bills anew needs one that stands."""
    sent = {"replaced": seen_as(AGGREGATE, an_id("claim", 3), prepared(after_claim=OLD), SENT, TAKEN)}
    taken_back = sent | primary(*ON_ITS_WAY, adjudicate(), reverse(), payer_id=OTHER)
    corrects: dict[str, Any] = {"after_claim": OLD, "replaces": an_id("claim", 3)}
    asked(prepare(frequency="7", **corrects), seen=taken_back).refuses(no.PrimaryClaimUnanswered)
    void = asked(prepare(frequency="8", **corrects), seen=taken_back)
    assert (void.refusal, void.facts[0].after_claim) == (None, OLD)
    never = sent | primary(*ON_ITS_WAY, payer_id=OTHER)
    asked(prepare(frequency="8", **corrects), seen=never).refuses(no.PrimaryClaimUnanswered)


def test_a_preparation_keeps_its_coverage() -> None:
    """Coverage and earlier claim are part of what is billed, so another one is another claim."""
    decided = asked(prepare(coverage_id=an_id("coverage")))
    assert decided.facts[0].coverage_id == an_id("coverage")
    assert IT in asked(prepare(coverage_id=an_id("coverage")), *PREPARED).refuses(no.AlreadyPrepared)


def substance_use() -> Seen:
    """An episode of substance-use treatment."""
    known = episode()
    return replace(known, state=replace(known.state, admission=replace(known.state.admission, focus="substance_use")))


def consent(**changes: Any) -> ConsentSigned:
    """To this payer, from before the admission, without an end."""
    fields: dict[str, Any] = {
        "consent_id": an_id("consent"), "kind": "disclosure", "purpose": "payment", "recipient_payers": (PAYER,),
        "signed_on": "2026-02-26", "signed_by": "patient", "capacity_rule": "adult", "right_to_revoke_stated": True,
    }
    return ConsentSigned(**fields | changes)


def restriction(**changes: Any) -> DisclosureRestricted:
    """The first day was paid in full, and no payer may be told."""
    fields: dict[str, Any] = {"payer_id": None, "effective_from": "2026-03-02", "effective_through": "2026-03-02"}
    return DisclosureRestricted(restriction_id=an_id("restriction"), paid_in_full=True, **fields | changes)


@pytest.mark.parametrize("changes", [{}, {"payer_id": PAYER}, {"effective_through": None}])
def test_what_the_patient_forbade_after_it_was_prepared_does_not_leave(changes: dict[str, Any]) -> None:
    """Whoever submits it, and whatever the read model knows by then (45 CFR 164.522(a)(1)(vi)); a void of it does."""
    forbidden = around(patient=patient(restriction(**changes)))
    message = asked(submit(), *PREPARED, seen=forbidden).refuses(no.DisclosureForbidden)
    assert "2026-03-02" in message and "void the claim here" in message


def test_another_payer_or_another_day_forbidden_keeps_no_claim() -> None:
    """The restriction names neither this payer nor a day of the claim."""
    other = restriction(payer_id=OTHER), restriction(effective_from="2026-03-03", effective_through="2026-03-03")
    asked(submit(), *PREPARED, seen=around(patient=patient(*other))).then(SENT)


@pytest.mark.parametrize(("facts", "leaves"), [
    ((), False),
    ((consent(),), True),
    ((consent(recipient_payers=(OTHER,)),), False),
    ((consent(expires_on="2026-05-30"),), False),
    ((consent(expires_on="2026-06-01"),), True),
    ((consent(expires_on="2026-05-31"),), False),
    ((consent(), ConsentRevoked(consent_id=an_id("consent"), revoked_at="2026-03-05T12:00:00Z")), False),
    ((consent(programs=(an_id("program", 2),)),), False),
    ((consent(programs=(an_id("program", 2), PROGRAM_ID)),), True),
], ids=[
    "none", "in force", "another payer", "ran out", "its last day", "the day after", "revoked", "another program",
    "this program among others",
])  # fmt: skip
def test_a_substance_use_record_leaves_only_under_a_consent_in_force(facts: Any, leaves: bool) -> None:
    """42 CFR 2.31: one that names the payer, permits the program, is not revoked and has not run out on 1 June, when it
    is sent."""
    decided = asked(submit(), *PREPARED, seen=around(enrollment=substance_use(), patient=patient(*facts)))
    if leaves:
        decided.then(SENT)
    else:
        decided.refuses(no.NoConsentToDisclose)


@pytest.mark.parametrize(("zone", "midnight"), [
    ("America/New_York", "2026-06-01T04:00:00.000000Z"), ("Pacific/Auckland", "2026-05-31T12:00:00.000000Z"),
    ("UTC", "2026-06-01T00:00:00.000000Z"),
])  # fmt: skip
def test_a_consents_last_day_ends_at_midnight_where_the_program_is(zone: str, midnight: str) -> None:
    """The claim leaves until the last microsecond of 31 May there, and not a moment after."""
    program = seen_as(PROGRAM, PROGRAM_ID, replace(OPENED, program_id=PROGRAM_ID, time_zone=zone))
    ends = around(enrollment=substance_use(), patient=patient(consent(expires_on="2026-05-31")), program=program)
    before = instant(moment(midnight) - timedelta(microseconds=1))
    sent = submit(submitted_at="2026-05-30T12:00:00.000000Z")
    fact = replace(SENT, submitted_at=sent.submitted_at)
    scene = after(*PREPARED)
    scene.when(sent, an_act(occurred_at=before, role="biller"), ends).then(fact)
    scene.when(sent, an_act(occurred_at=midnight, role="biller"), ends).refuses(no.NoConsentToDisclose)


def test_a_void_leaves_whatever_was_forbidden_since_and_a_replacement_under_the_first_ones_consent() -> None:
    """A void says again what the payer was told; what was told in reliance on a consent stands, and is put right."""
    revoked = consent(), ConsentRevoked(consent_id=an_id("consent"), revoked_at="2026-03-20T12:00:00Z")
    before = {"replaced": seen_as(AGGREGATE, OLD, prepared(), SENT, TAKEN)}
    su = around(enrollment=substance_use(), patient=patient(*revoked)) | before
    seven = [prepared(frequency="7", type_of_bill="0137", replaces=OLD)]
    eight = [prepared(frequency="8", type_of_bill="0138", replaces=OLD)]
    given(AGGREGATE, *seven).when(submit(), JUNE, su).then(SENT)
    forbidden = around(patient=patient(restriction())) | before
    given(AGGREGATE, *eight).when(submit(), JUNE, forbidden).then(SENT)
    given(AGGREGATE, *seven).when(submit(), JUNE, forbidden).refuses(no.DisclosureForbidden)
