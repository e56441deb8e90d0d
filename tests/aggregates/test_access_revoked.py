"""What a token says can be taken back at once: of a person, of a role, of one token."""

from __future__ import annotations

from typing import Any

from aggregates.access import AGGREGATE
from aggregates.access import commands as ask
from aggregates.access import refusals as no
from aggregates.access.streams import access_of, access_of_person
from tests.aggregates.scenario import Given, an_act, an_id, every_prefix_folds, given

PERSON, TOKEN = an_id("staff"), "token-1"
DIRECTOR = an_act(by=an_id("director"), role="director")
SELF = an_act(by=PERSON, role="director")


def who(**more: Any) -> dict[str, Any]:
    """The fields that both commands have."""
    return {"access_id": access_of_person(PERSON), "person_id": PERSON} | more


def revoke(**more: Any) -> ask.RevokeAccess:
    """Somebody left."""
    return ask.RevokeAccess(**who(cause="left", **more))


def after(*commands: Any) -> Given:
    """The stream after commands of the director."""
    stream = given(AGGREGATE)
    for command in commands:
        stream = stream.when(command, DIRECTOR, {}).after
    return stream


def shut_out(stream: Given, role: str, token: str | None = None) -> bool:
    """Whether somebody in a role, by a token, is refused."""
    state = AGGREGATE.initial
    for fact in stream.facts:
        state = AGGREGATE.evolve(state, fact)
    return bool(state.shuts_out(role, token))


def test_what_is_revoked_is_refused_and_nothing_else() -> None:
    """A person in every role; a role alone; a token in every role, and another token not."""
    for command, refused in (
        (revoke(), {("director", "t"), ("clinician", "t"), ("clinician", TOKEN), ("clinician", None)}),
        (revoke(role="director"), {("director", "t")}),
        (revoke(token_id=TOKEN), {("clinician", TOKEN)}),
    ):
        asked = {("director", "t"), ("clinician", "t"), ("clinician", TOKEN), ("clinician", None)}
        assert {one for one in asked if shut_out(after(command), *one)} == refused
    assert not shut_out(given(AGGREGATE), "director", TOKEN)


def test_what_was_revoked_is_given_back_but_for_a_token() -> None:
    """All of it, or one role of two; a lost tablet's token is never good again."""
    everything = after(revoke(), revoke(role="director"), revoke(token_id=TOKEN), ask.GrantAccess(**who()))
    assert [shut_out(everything, "director", one) for one in ("t", TOKEN)] == [False, True]
    one = after(revoke(role="director"), revoke(role="biller"), ask.GrantAccess(**who(role="biller")))
    assert [shut_out(one, role) for role in ("director", "biller")] == [True, False]


def test_told_twice_it_is_one() -> None:
    """Revoking what is revoked, and giving back what is not, changes nothing."""
    after(revoke()).when(revoke(), DIRECTOR, {}).nothing_happened()
    given(AGGREGATE).when(ask.GrantAccess(**who()), DIRECTOR, {}).nothing_happened()
    after(revoke()).when(ask.GrantAccess(**who(role="biller")), DIRECTOR, {}).nothing_happened()


def test_nobody_gives_back_their_own() -> None:
    """Whoever lost one role may not use another to get it back; taking one's own away is no danger."""
    after(revoke(role="biller")).when(ask.GrantAccess(**who()), SELF, {}).refuses(no.GrantOfOwn)
    assert shut_out(Given(AGGREGATE, given(AGGREGATE).when(revoke(token_id=TOKEN), SELF, {}).facts), "director", TOKEN)


def test_what_is_revoked_is_one_thing_under_the_persons_id() -> None:
    """A role and a token are two commands; the stream is made from the person, and is none of a patient's."""
    given(AGGREGATE).when(revoke(role="biller", token_id=TOKEN), DIRECTOR, {}).refuses(no.RoleAndToken)
    elsewhere = ask.RevokeAccess(access_id=access_of(PERSON), person_id=PERSON, cause="left")
    assert access_of_person(PERSON) in given(AGGREGATE).when(elsewhere, DIRECTOR, {}).refuses(no.AnotherPersonsStream)


def test_it_is_about_no_patient() -> None:
    """No patient's history holds who of the house was shut out."""
    (fact,) = given(AGGREGATE).when(revoke(), DIRECTOR, {}).facts
    assert AGGREGATE.patients(None, fact, {}) == ()
    every_prefix_folds(AGGREGATE, after(revoke(), revoke(role="biller"), ask.GrantAccess(**who())).facts)
