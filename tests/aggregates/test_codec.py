"""Stored bytes: canonical, the personal part apart, older shapes brought up to date, unknown names refused."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregates import codec
from aggregates.codec import UnknownFact, decode, encode
from aggregates.kit import COMMANDS, FACT_OF, FACTS, UPCASTERS, altered, command, fact, upcast, value
from aggregates.note.facts import NoteReturned, ReturnWords
from aggregates.patient.facts import EligibilityAnswer, EligibilityChecked
from tests.aggregates.scenario import an_id


@value
class Words:
    """The personal part of a specimen."""

    words: str


@pytest.fixture
def specimen() -> Iterator[type]:
    """A fact at schema version 3 whose first two shapes named things otherwise; registered for one test only."""
    before = dict(FACTS), dict(UPCASTERS)

    @fact("specimen.taken", 3, subject="patient")
    @value
    class SpecimenTaken:
        """A specimen."""

        minutes: int
        kind: str
        sealed: Words | None = None

    @upcast("specimen.taken", 1)
    def _to_two(fields: dict[str, object]) -> dict[str, object]:
        return {"minutes": fields["duration"]}

    @upcast("specimen.taken", 2)
    def _to_three(fields: dict[str, object]) -> dict[str, object]:
        return fields | {"kind": "unknown"}

    yield SpecimenTaken
    for registry, old in zip((FACTS, UPCASTERS), before, strict=True):
        registry.clear()
        registry.update(old)
    FACT_OF.pop(SpecimenTaken)
    codec._decoder.cache_clear()
    codec._sealed_decoder.cache_clear()


def test_the_personal_part_is_encoded_apart() -> None:
    """Names and words never stand among the clear bytes."""
    checked = an_eligibility_check("TRACE-1")
    stored, state, sealed = encode(checked)
    assert stored.topic == "patient.eligibility_checked@1"
    assert b"TRACE-1" not in state
    assert b"sealed" not in state
    assert json.loads(sealed or b"") == {"benefits": None, "trace_number": "TRACE-1"}


def test_without_the_key_the_personal_part_is_none() -> None:
    """A fact whose personal part stays sealed is whole in everything else."""
    stored, state, _ = encode(an_eligibility_check("TRACE-1"))
    fact_read = decode(stored.topic, state)
    assert fact_read.sealed is None
    assert fact_read.has_trace_number is True


def test_the_bytes_are_canonical() -> None:
    """Keys are sorted and nothing is padded (RFC 8785), so a hash of the bytes is a hash of the fact."""
    _, state, _ = encode(an_eligibility_check(None))
    keys = list(json.loads(state))
    assert keys == sorted(keys)
    assert state.startswith(b'{"active":true,"coverage_id":"')


PLAIN = st.characters(exclude_categories=["Cs", "Cc", "Cf"])


@given(st.text(PLAIN, min_size=1, max_size=50).map(str.strip).filter(bool))
def test_any_text_comes_back_as_it_was(words: str) -> None:
    """Decoding what was encoded gives the same fact, whatever a person wrote."""
    checked = an_eligibility_check(words)
    stored, state, sealed = encode(checked)
    assert decode(stored.topic, state, sealed) == checked


def test_words_that_would_be_refused_today_are_read_as_they_were_written() -> None:
    """A character that nobody sees got in before the door knew it: the fact comes back byte for byte."""
    words = "no\u202et suicidal"
    fact = NoteReturned(returned_by=an_id("person"), cause="more", sealed=ReturnWords(words="x"))
    stored, state, sealed = encode(altered(fact, sealed=altered(fact.sealed, words=words)))
    again = decode(stored.topic, state, sealed)
    assert again.sealed.words == words
    assert encode(again)[1:] == (state, sealed)


def test_older_shapes_are_brought_up_to_date_step_by_step(specimen: type) -> None:
    """A fact of version 1 passes both upcasters, one of version 2 only the second."""
    assert decode("specimen.taken@1", b'{"duration":5}') == specimen(minutes=5, kind="unknown")
    assert decode("specimen.taken@2", b'{"minutes":6}') == specimen(minutes=6, kind="unknown")
    assert decode("specimen.taken@3", b'{"kind":"blood","minutes":7}') == specimen(minutes=7, kind="blood")


def test_an_older_shape_keeps_its_personal_part(specimen: type) -> None:
    """Bringing the clear part up to date does not lose the sealed one."""
    read = decode("specimen.taken@1", b'{"duration":5}', b'{"words":"calm"}')
    assert read == specimen(minutes=5, kind="unknown", sealed=Words(words="calm"))


@pytest.mark.parametrize(
    "topic", ["patient.vanished@1", "patient.registered@2", "patient.registered@0", "patient.registered@x", "", "@1"]
)
def test_a_name_or_version_that_is_not_registered_is_named(topic: str) -> None:
    """A fact of a newer release is never read as something else."""
    with pytest.raises(UnknownFact, match="newer release"):
        decode(topic, b"{}")


def test_a_fact_name_is_registered_once() -> None:
    """Two classes under one stored name would make stored facts ambiguous."""
    with pytest.raises(ValueError, match="never reused"):
        fact("patient.registered", 1)(Words)


def test_a_sealed_part_needs_the_subject_of_its_key() -> None:
    """Without a subject nobody's key could seal it, and without a sealed part there is nothing to seal."""
    with pytest.raises(ValueError, match="subject"):
        fact("specimen.drawn", 1, subject="patient")(Words)
    assert "specimen.drawn" not in FACTS


def test_a_command_name_is_registered_once() -> None:
    """A line of a file means one command."""
    with pytest.raises(ValueError, match="taken"):
        command("patient.register")(Words)
    assert COMMANDS["patient.register"] is not Words


def an_eligibility_check(trace_number: str | None) -> EligibilityChecked:
    """A payer's answer, with or without a trace number."""
    return EligibilityChecked(
        coverage_id=an_id("coverage"),
        for_date="2026-03-02",
        source="portal",
        active=True,
        has_trace_number=trace_number is not None,
        sealed=EligibilityAnswer(trace_number=trace_number),
    )
