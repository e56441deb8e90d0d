"""A claim that leaves in a file, and one that comes after another payer's answer."""

from __future__ import annotations

from typing import Any

import pytest
import rfc8785

from aggregates.claim import AGGREGATE
from aggregates.claim import refusals as no
from aggregates.codec import decode
from aggregates.kit import Claim, Seen, Stream
from tests.aggregates.biller import (
    IT,
    OLD,
    ON_ITS_WAY,
    POLICY_ID,
    PREPARED,
    SENT,
    TAKEN,
    adjudicate,
    after,
    around,
    asked,
    prepare,
    prepared,
    reverse,
    submit,
)
from tests.aggregates.scenario import an_id, folded, seen_as

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
    assert (fact.place, fact.interchange, fact.file_digest, fact.written_as_of) == (1, 905, DIGEST, 4800)
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


def test_a_submission_looks_at_who_holds_the_number() -> None:
    """And at nobody where there is no file."""
    state = folded(AGGREGATE, prepared())
    look = {"policy": Stream("payer_policy", POLICY_ID)}
    assert AGGREGATE.consult(state, submit()) == look
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
