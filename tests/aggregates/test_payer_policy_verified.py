"""Terms verified: by a second person, against a named source, for one version only."""

from __future__ import annotations

from dataclasses import replace

from aggregates.decision import DateInTheFuture
from aggregates.payer_policy import AGGREGATE, sense
from aggregates.payer_policy import decide as rules
from tests.aggregates.scenario import folded, given
from tests.aggregates.test_payer_policy import ANOTHER, publish, published, revise, revised, verified, verify


def test_a_verification_takes_the_mark_off_the_fields_that_it_names() -> None:
    """By the person who acts; the others stay marked."""
    scene = given(AGGREGATE, published())
    decided = scene.when(verify("minimum_minutes"), ANOTHER).then(verified("minimum_minutes")).once()
    assert decided.state.unverified_on("2026-03-02") == ("per_diems.rate_cents",)
    assert folded(AGGREGATE, published()).unverified_on("2026-03-02") == ("minimum_minutes", "per_diems.rate_cents")


def test_a_verification_of_a_field_is_one_of_its_parts() -> None:
    """Whoever compared the per diems has compared their rates."""
    decided = given(AGGREGATE, published()).when(verify("per_diems"), ANOTHER).then(verified("per_diems")).once()
    assert decided.state.unverified_on("2026-03-02") == ("minimum_minutes",)


def test_new_terms_have_to_be_verified_anew() -> None:
    """A revision carries its own marks, and a verification of the earlier terms says nothing about it."""
    scene = given(AGGREGATE, published(), verified("minimum_minutes"), revised("2026-07-01"))
    state = folded(AGGREGATE, *scene.facts)
    assert state.unverified_on("2026-06-30") == ("per_diems.rate_cents",)
    assert state.unverified_on("2026-07-01") == ("minimum_minutes", "per_diems.rate_cents")
    again = scene.when(verify("minimum_minutes"), ANOTHER).then(verified("minimum_minutes")).once().state
    assert again.unverified_on("2026-07-01") == ("per_diems.rate_cents",)


def test_terms_that_were_revised_unverified_are_verified_by_their_first_day() -> None:
    """Only theirs lose the marks; a day on which no terms begin is refused with those on which some do."""
    scene = given(AGGREGATE, published(), revised("2026-07-01"))
    first = verify("minimum_minutes", "per_diems", effective_from="2026-01-01")
    decided = scene.when(first, ANOTHER).then(verified("minimum_minutes", "per_diems", of="2026-01-01")).once()
    assert decided.state.unverified_on("2026-06-30") == ()
    assert decided.state.unverified_on("2026-07-01") == ("minimum_minutes", "per_diems.rate_cents")
    later = decided.after.when(verify("minimum_minutes", effective_from="2026-07-01"), ANOTHER).state
    assert later.unverified_on("2026-07-01") == ("per_diems.rate_cents",)
    told = scene.when(verify("minimum_minutes", effective_from="2026-06-30"), ANOTHER).refuses(rules.NoTermsFromDay)
    assert "begin on 2026-06-30; they begin on 2026-01-01, 2026-07-01" in told


def test_a_verification_names_fields_that_exist_and_a_day_that_has_come() -> None:
    """Nothing, a misspelled field or tomorrow's comparison verifies nothing."""
    scene = given(AGGREGATE, published())
    scene.when(verify(), ANOTHER).refuses(rules.NothingVerified)
    assert "minimum_hours" in scene.when(verify("minimum_hours"), ANOTHER).refuses(sense.FieldUnknown)
    scene.when(verify("minimum_minutes", verified_on="2026-03-05"), ANOTHER).refuses(DateInTheFuture)


def test_whoever_set_terms_does_not_verify_them() -> None:
    """A second person does: of each version another than who published or revised that one. Who set what was recorded
    before this was told is not known, and anybody may verify it."""
    scene = given(AGGREGATE, published())
    assert "somebody else" in scene.when(verify("minimum_minutes")).refuses(rules.VerifiesOwnTerms)
    revised_by_another = scene.when(revise("2026-07-01"), ANOTHER).then(
        replace(revised("2026-07-01"), revised_by=ANOTHER.by)
    ).once().after  # fmt: skip
    revised_by_another.when(verify("minimum_minutes"), ANOTHER).refuses(rules.VerifiesOwnTerms)
    revised_by_another.when(verify("minimum_minutes")).once()
    first = verify("minimum_minutes", effective_from="2026-01-01")
    revised_by_another.when(first).refuses(rules.VerifiesOwnTerms)
    revised_by_another.when(first, ANOTHER).once()
    given(AGGREGATE, published(published_by=None)).when(verify("minimum_minutes")).once()


def test_terms_that_another_person_sets_again_stay_those_of_who_set_them_first() -> None:
    """It was so already, so that nobody takes another's terms over to have them verified."""
    scene = given(AGGREGATE, published(), revised("2026-07-01"))
    scene.when(publish(), ANOTHER).nothing_happened()
    scene.when(revise("2026-07-01"), ANOTHER).nothing_happened()
