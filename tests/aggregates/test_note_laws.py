"""Laws of signed documents: nothing that was signed is ever lost, and no bit of it changes unseen."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from aggregates.note.commands import (
    AmendNote,
    AttestSignature,
    CosignNote,
    DraftNote,
    EnterNoteInError,
    ReturnNote,
    ReviseNote,
    SignAsFacilitator,
    SignNote,
)
from aggregates.note.facts import (
    FacilitatorSigned,
    NoteAmended,
    NoteContent,
    NoteCosigned,
    NoteDrafted,
    NoteRevised,
    NoteSigned,
    Section,
    SignatureAttested,
)
from aggregates.note.signature import SignedFact
from tests.aggregates.clinic import SESSION
from tests.aggregates.documents import NOTE
from tests.aggregates.scenario import an_id
from tests.aggregates.signers import AUTHOR, STRANGER, SUPERVISED, SUPERVISOR, Desk, stored, worth
from tests.aggregates.vectors import VECTORS, facts_of

QUIET = [HealthCheck.too_slow, HealthCheck.filter_too_much]

SIGN = SignNote(note_id=NOTE, incomplete_cause="brief")
letters = st.characters(codec="utf-8", exclude_categories=("Cc", "Cf", "Cs"))
texts = st.text(letters, min_size=1, max_size=30).filter(str.strip)
contents = st.builds(
    lambda told: NoteContent(sections=tuple(Section(name=f"section-{n}", words=one) for n, one in enumerate(told))),
    st.lists(texts, max_size=3),
)
kinds = st.sampled_from(["addendum", "correction", "late_entry"])


@st.composite
def orders(draw: st.DrawFn) -> tuple[Any, str, str]:
    """Anything that anybody may ask of the document, in any phase; most of it is refused."""
    by = draw(st.sampled_from([AUTHOR, SUPERVISOR, STRANGER]))
    role = "supervisor" if by == SUPERVISOR else "clinician"
    content = draw(contents)
    goals = draw(st.none() | st.lists(st.sampled_from(["goal-1", "goal-2"]), unique=True).map(tuple))
    command = draw(st.sampled_from([
        ReviseNote(note_id=NOTE, content=content, goals=goals), SIGN,
        AttestSignature(note_id=NOTE, incomplete_cause="brief"),
        CosignNote(note_id=NOTE, cosigner_id=by), SignAsFacilitator(note_id=NOTE, signer_id=by),
        ReturnNote(note_id=NOTE, cause="unclear", words="Say more."),
        AmendNote(note_id=NOTE, amendment_id=an_id("amendment", draw(st.integers(1, 4))), kind=draw(kinds),
                  section="section-0", cause="more", content=content, signer_id=by),
        EnterNoteInError(note_id=NOTE, cause="duplicate", words="Twice.", declared_by=by),
    ]))  # fmt: skip
    rarely = isinstance(command, EnterNoteInError | AttestSignature) and draw(st.integers(0, 3))
    return (SIGN if rarely else command), by, role


def told(facts: list[Any], version: int) -> tuple[Section, ...]:
    """The words of a wording, from the facts alone."""
    wordings = [one for one in facts if isinstance(one, NoteDrafted | NoteRevised)]
    sections: tuple[Section, ...] = wordings[version - 1].sealed.sections
    return sections


@settings(max_examples=80, deadline=None, suppress_health_check=QUIET)
@given(contents, st.lists(orders(), max_size=14))
def test_no_order_of_acts_loses_a_word_that_was_signed(first: NoteContent, asked: list[Any]) -> None:
    """Drafts, revisions, signatures of all who led the session, returns, corrections, strikes: what was signed reads
    whole afterwards, word for word, and every signature verifies."""
    desk, words, amendments = Desk(people=SUPERVISED), [first.sections], {}
    signed = {}
    assert desk.order(_draft(first), AUTHOR)
    for command, by, role in asked:
        for fact in desk.order(command, by, role):
            if isinstance(fact, NoteRevised):
                words.append(command.content.sections)
            elif isinstance(fact, NoteAmended):
                amendments[fact.amendment_id] = command.content.sections
            elif isinstance(fact, NoteSigned | NoteCosigned | FacilitatorSigned | SignatureAttested):
                signed[len(words)] = words[-1]
    after = stored(desk.facts)
    assert {version: told(after, version) for version in signed} == signed
    assert {one.amendment_id: one.sealed.sections for one in after if isinstance(one, NoteAmended)} == amendments
    found = worth(after)
    assert [(one.standing, one.broken) for one in found] == [("verified", ())] * len(found)
    assert [type(one.fact) for one in found] == [type(one) for one in after if isinstance(one, SignedFact)]


def test_what_was_signed_over_an_earlier_wording_covers_the_current_one_no_longer() -> None:
    """Neither the author's signature nor a facilitator's or an amendment does, once the document was sent back and
    written anew."""
    desk, more = Desk(people=SUPERVISED), NoteContent(sections=(Section(name="plan", words="Walk."),))
    desk.order(_draft(NoteContent(sections=(Section(name="plan", words="Rest."),))), AUTHOR)
    desk.order(SignNote(note_id=NOTE, incomplete_cause="short"), AUTHOR)
    desk.order(
        AmendNote(note_id=NOTE, amendment_id=an_id("amendment"), kind="correction", section="plan", cause="wording",
                  content=more), AUTHOR,
    )  # fmt: skip
    desk.order(SignAsFacilitator(note_id=NOTE, signer_id=STRANGER), STRANGER)
    assert [one.covers_current for one in worth(desk.facts)] == [True, True, True]
    desk.order(ReturnNote(note_id=NOTE, cause="unclear", words="Say more."), SUPERVISOR, "supervisor")
    desk.order(ReviseNote(note_id=NOTE, content=NoteContent(sections=(Section(name="plan", words="Swim."),))), AUTHOR)
    desk.order(SignNote(note_id=NOTE, incomplete_cause="short"), AUTHOR)
    desk.order(SignAsFacilitator(note_id=NOTE, signer_id=STRANGER), STRANGER)
    found = [(one.wording, one.covers_current) for one in worth(desk.facts)]
    assert found == [(1, False), (1, False), (1, False), (2, True), (2, True)]


def _draft(content: NoteContent) -> DraftNote:
    return DraftNote(
        note_id=NOTE, kind="individual", program_id=an_id("program"), author_id=AUTHOR, service_date="2026-03-02",
        service_ended_at="2026-03-02T10:30:00.000000Z", session_id=SESSION, patient_id=an_id("patient"),
        content=content,
    )  # fmt: skip


def leaves(place: Any, unsigned: frozenset[str], path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every text of a fact that a signature covers; the clear list of sections only repeats the words'."""
    if isinstance(place, str):
        yield path
    below_it: Any = place.items() if isinstance(place, dict) else enumerate(place) if isinstance(place, list) else ()
    for step, below in below_it:
        if step not in unsigned and (path, step) != (("state",), "sections"):
            yield from leaves(below, unsigned, (*path, step))


FIRST = ("signed", "supervised", "returned", "attested", "group")
SECOND = ("2 signed", "2 supervised", "2 attested", "2 group", "3 led by two")
"""The stories by the version of their envelopes; only from the second on does it say who is to cosign."""
COVERED = [
    (story, number, path)
    for story in (*FIRST, *SECOND)
    for number, fact in enumerate(VECTORS["stories"][story]["facts"]) if fact["topic"] != "note.returned@1"
    for path in leaves(fact, frozenset({"supervisor_id"} if story in FIRST else ())) if path != ("topic",)
]  # fmt: skip


def noticed(facts: list[dict[str, Any]], instead_of: Any = None) -> bool:
    """Whether some signature is invalid, or a fact cannot even be read, or all read as these do (a time whose letter T
    became a U is read as the time it was)."""
    try:
        read = facts_of(facts)
        return read == instead_of or any(one.standing == "invalid" for one in worth(read))
    except (msgspec.ValidationError, ValidationError):
        return True


def flipped(text: str, bit: int) -> str | None:
    """The text with one bit of its bytes flipped; None where that is no text any more."""
    changed = bytearray(text.encode())
    changed[bit // 8] ^= 1 << bit % 8
    try:
        return changed.decode()
    except UnicodeDecodeError:
        return None


def with_bit_flipped(story: str, number: int, path: tuple[Any, ...], bit: int) -> list[dict[str, Any]] | None:
    """The story's facts with one bit of one text flipped."""
    facts = deepcopy(VECTORS["stories"][story]["facts"])
    place = facts[number]
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = flipped(place[path[-1]], bit % (8 * len(place[path[-1]].encode())))
    return None if place[path[-1]] is None else facts


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(COVERED), st.integers(0, 100_000))
def test_no_bit_changes_unseen(where: tuple[str, int, tuple[Any, ...]], bit: int) -> None:
    """In words, names of sections, goals, ids, times, salts, commitments, envelopes, marks and causes."""
    facts = with_bit_flipped(*where, bit)
    assert facts is None or noticed(facts, facts_of(VECTORS["stories"][where[0]]["facts"]))


def test_no_bit_of_a_signature_salt_or_commitment_changes_unseen() -> None:
    """Each of them, one after the other, of an author's signature."""
    short = [
        (1, ("state", "mark", "signature")), (1, ("state", "mark", "signed_digest")), (1, ("state", "mark", "key_id")),
        (0, ("sealed", "salt")), (0, ("state", "content_digest")), (1, ("state", "content_digest")),
    ]  # fmt: skip
    for number, path in short:
        place: Any = VECTORS["stories"]["signed"]["facts"][number]
        for step in path:
            place = place[step]
        for bit in range(8 * len(place)):
            facts = with_bit_flipped("signed", number, path, bit)
            assert facts is None or noticed(facts), (path, bit)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(["supervised", "returned", "attested", "2 supervised", "2 group"]), st.data())
def test_facts_that_are_left_out_or_put_in_another_order_are_missed(story: str, data: st.DataObject) -> None:
    """Up to the last signature that is still there; what came after it, it cannot know of."""
    whole = VECTORS["stories"][story]["facts"]
    left = data.draw(st.permutations(whole).flatmap(lambda one: st.integers(1, len(one)).map(lambda n: one[:n])))
    drafts_first = sorted(left, key=lambda one: not one["topic"].startswith("note.drafted"))
    covered, now = _until_signed(whole), _until_signed(drafts_first)
    if now and now != covered[: len(now)]:
        assert noticed(drafts_first)
    elif now:
        assert not noticed(drafts_first)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(["signed", "supervised", "returned", "attested", "group"]), st.data())
def test_facts_of_another_document_are_foreign(story: str, data: st.DataObject) -> None:
    """A draft or a signature in place of the document's own, or one more between them, with a signature after it."""
    facts, others = list(VECTORS["stories"][story]["facts"]), VECTORS["stories"]["another"]["facts"]
    other = data.draw(st.sampled_from(others))
    last = max(number for number, one in enumerate(facts) if _is_signature(one))
    place, instead = data.draw(st.integers(0, last)), data.draw(st.booleans())
    if instead and facts[place]["topic"] == "note.returned@1":
        return
    facts[place : place + instead] = [other]
    if any(_is_signature(one) for one in facts[place:]):
        assert noticed(facts)


def _until_signed(facts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The facts that a signature covers, up to the last signature; that it was sent back is signed by nobody."""
    kept = [one for one in facts if one["topic"] != "note.returned@1"]
    while kept and not _is_signature(kept[-1]):
        kept.pop()
    return kept


def _is_signature(fact: dict[str, Any]) -> bool:
    return isinstance(facts_of([fact])[0], SignedFact)
