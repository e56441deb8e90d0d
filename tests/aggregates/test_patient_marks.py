"""By what two records are seen to be one person's, and what says nothing of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aggregates.kit import Claim, Release
from aggregates.patient import AGGREGATE
from aggregates.patient import commands as ask
from aggregates.patient import facts as past
from aggregates.patient.marks import GROUNDS, marks_of
from tests.aggregates.scenario import Given, an_id, folded, given
from tests.aggregates.test_patient import MINA, PATIENT, correct, cover, covered, end, register, registered

MINA_ALONE = replace(MINA, medical_record_number=None)


def grounds(one: tuple[object, ...], other: tuple[object, ...]) -> set[str]:
    """In what two records with these facts agree."""
    shared = marks_of(folded(AGGREGATE, *one)) & marks_of(folded(AGGREGATE, *other))
    return {GROUNDS[mark.kind] for mark in shared}


def who(**changes: Any) -> past.PatientRegistered:
    """A registration, nearly Mina's."""
    return registered(replace(MINA_ALONE, **changes))


def member(number: str = "MM4417002", **changes: Any) -> past.CoverageRecorded:
    """A coverage under a member number."""
    return covered("2026-01-01", sealed=past.CoverageIdentity(member_number=number), **changes)


@pytest.mark.parametrize(
    "changes",
    [
        {}, {"family_name": "LINDQVIST "}, {"family_name": "Lindqvíst"}, {"given_name": "Mina Sofia"},
        {"given_name": "Mina-Sofia"}, {"family_name": "Mina", "given_name": "Lindqvist"}, {"sex": "unknown"},
    ],
)  # fmt: skip
def test_one_name_and_birth_date_agree_however_they_are_typed(changes: dict[str, Any]) -> None:
    """Accents, signs, capitals, which name stands first, a second given name or another number make no other person."""
    assert grounds((registered(),), (who(**changes),)) == {"name_and_birth_date"}


@pytest.mark.parametrize(
    "changes", [{"birth_date": "1990-05-18"}, {"given_name": "Nina"}, {"family_name": "Lindqvis"}]
)
def test_another_name_or_birth_date_does_not_agree(changes: dict[str, Any]) -> None:
    """Who only looks alike is nobody's double."""
    assert grounds((registered(),), (who(**changes),)) == set()


def test_a_familys_member_number_alone_says_nothing() -> None:
    """Parent and child share the subscriber's; two who both are the subscriber, or have one birth date, are one."""
    mother = (who(), member())
    child = who(given_name="Ada", birth_date="2011-02-03")
    assert grounds(mother, (child, member(relationship="child"))) == set()
    assert grounds(mother, (child, member("mm 4417-002"))) == {"subscriber"}
    assert grounds(mother, (child, member(payer_id=an_id("payer", 2)))) == set()
    renamed = who(family_name="Berg")
    assert grounds(mother, (renamed, member(relationship="spouse"))) == {"member_and_birth_date"}
    assert grounds(mother, (renamed, member("MM4417003"))) == set()


def test_a_social_security_number_is_one_persons_if_it_is_whole() -> None:
    """Its last four digits are many people's, and so are nine nines."""
    for number, found in (("900-11-2222", {"social_security_number"}), ("2222", set()), ("999-99-9999", set())):
        one, other = who(social_security_number=number), who(given_name="Nina", social_security_number=number)
        assert grounds((one,), (other,)) == found


def test_a_coverage_that_never_was_and_a_record_that_cannot_be_opened_leave_no_mark() -> None:
    """Nothing of them agrees with anybody."""
    voided = past.CoverageEnded(coverage_id=an_id("coverage"), ended_on="2025-12-31", cause="wrong_patient")
    assert {mark.kind for mark in marks_of(folded(AGGREGATE, who(), member(), voided))} == {
        "shared:name_and_birth_date"
    }
    assert marks_of(folded(AGGREGATE, replace(registered(), sealed=None), member())) == frozenset()
    assert marks_of(AGGREGATE.initial) == frozenset()


def test_nobody_is_turned_away_for_a_mark_and_no_key_says_whose_it_is() -> None:
    """Each record claims under its own id, having let go of that first; a digest stands in the place of words."""
    first, second = (
        given(AGGREGATE).when(ask.RegisterPatient(patient_id=one, identity=MINA_ALONE)).outcomes
        for one in (PATIENT, an_id("patient", 2))
    )
    [claim], [other] = ([one for one in found if isinstance(one, Claim)] for found in (first, second))
    assert claim.key != other.key
    assert claim.key.partition(":")[0] == other.key.partition(":")[0]
    assert first.index(Release(claim.kind, claim.key)) < first.index(claim)
    assert not any(word in claim.key.lower() for word in ("mina", "lindqvist", "1990"))


def held(stream: Given, *commands: object) -> set[tuple[str, str]]:
    """The keys that a record holds after commands."""
    keys: set[tuple[str, str]] = set()
    for one in commands:
        decided = stream.when(one)
        assert decided.refusal is None
        for outcome in decided.outcomes:
            if isinstance(outcome, Release):
                keys.discard((outcome.kind, outcome.key))
            elif isinstance(outcome, Claim):
                keys.add((outcome.kind, outcome.key))
        stream = decided.after
    return {(kind, key) for kind, key in keys if kind in GROUNDS}


def test_what_a_record_holds_is_what_it_says_now() -> None:
    """A corrected birth date, name or number takes the marks along, also those of its coverages."""
    commands = (
        register(), cover("2026-01-01"), correct(birth_date="1991-05-17"), correct(given_name="Minna"),
        end("2025-12-31"), cover("2026-02-01", coverage_id=an_id("coverage", 2), relationship="spouse"),
    )  # fmt: skip
    for upto in range(1, len(commands) + 1):
        stream = given(AGGREGATE)
        keys = held(stream, *commands[:upto])
        for one in commands[:upto]:
            stream = stream.when(one).after
        assert keys == {(mark.kind, mark.key(PATIENT)) for mark in marks_of(folded(AGGREGATE, *stream.facts))}


def test_a_finding_that_two_records_are_two_people_is_told_once_and_names_nobody() -> None:
    """What was compared later is another finding; the fact has no personal part and no other record's id."""
    told: dict[str, Any] = {"programs": (an_id("program"),), "upto": 40, "cause": "documents_compared"}
    found = ask.DistinguishPatient(patient_id=PATIENT, **told)
    scene = given(AGGREGATE, registered()).when(found).then(past.PatientDistinguished(**told)).once().after
    assert scene.when(replace(found, upto=41)).facts
    with pytest.raises(ValueError, match="at least 1 item"):
        replace(found, programs=())
