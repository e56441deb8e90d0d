"""Cloned notes: texts so alike that one was plainly made from the other. A warning for the author, never a refusal.

Notes that read the same across the members of a group or across a patient's days are a red flag to auditors (C2,
soapnoteai.com); how alike is too alike, nobody publishes. The thresholds are therefore ours, tuned on the first half of
the labeled pairs in `tests/aggregates/note_pairs.toml`, and a program may set its own.

Compared are words and pairs of neighboring words, wherever they stand, so that moved sentences hide nothing. Pronouns,
titles, weekdays and numbers count as the same, so that changing them does not either. What everybody's note holds is
taken out first: a template's headings and starting words, and the words of the patient's own goals.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache
from itertools import combinations

from aggregates.folding import fold
from aggregates.kit import value
from aggregates.note.facts import DocumentKind
from aggregates.note.shared import Counted
from aggregates.note.templates import Sections, template
from aggregates.values import NoteId

THRESHOLD = 50
"""From this score on, of 100, two texts are alike. Ours: halfway between the honest and the cloned pairs tuned on."""
SHORT = 8
"""Of fewer words than this no likeness can be told from chance: only the very same words are alike. Ours."""
CONTAINED = 20
"""A text of at least this many words is also looked for inside a longer one: yesterday's note carried forward. Ours."""
RUN = 6
"""So many equal words in a row are shown as an alike passage. Ours."""

_WORD = re.compile(r"[^\W_](?:[^\W_]|[\u0300-\u036f]|['’](?=[^\W_]))*")
_PLAIN = bytes(ord(chr(code).lower() if chr(code).isalnum() or chr(code) == "'" else " ") for code in range(256))
"""Plain text in small letters, with blanks between its words: it is split ten times as fast so."""
_SAME = {
    word: f"<{kind}>"
    for kind, words in {
        "who": "he she they", "whose": "him her them his hers their theirs", "self": "himself herself themselves",
        "title": "mr mrs ms mx dr", "day": "monday tuesday wednesday thursday friday saturday sunday",
    }.items() for word in words.split()
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wording:
    """What one document says in its individual sections. `goals` are the words of the goals that it names, `form` is
    the version of its template (None: the latest)."""

    note_id: NoteId
    kind: DocumentKind
    sections: Sections = field(repr=False)
    goals: tuple[str, ...] = field(default=(), repr=False)
    form: int | None = None


@value
class Place:
    """Characters `start` to `end` (exclusive) of a section's words; `position` counts the sections from 0."""

    position: int
    section: str
    start: int
    end: int


@value
class Likeness:
    """Two documents that are alike: 0 to 100, and the passages that they share, in the first one's order."""

    note_id: NoteId
    other_id: NoteId
    score: int
    passages: tuple[tuple[Place, Place], ...]


_Token = tuple[str, int, int, int]
"""A word as it is written but for case and accents, the section it stands in, and its start and end there."""


@dataclass
class _Prepared:
    """A wording's own words; as they are compared, a code each, and with their places only what is alike is asked for
    them."""

    wording: Wording
    said: list[str]
    coded: _Codes

    @cached_property
    def codes(self) -> list[int]:
        """The words as they are compared."""
        return [self.coded[word] for word in self.said]

    @cached_property
    def tokens(self) -> list[_Token]:
        """The words with their places."""
        return _own_words(self.wording)


def alike(pairs: Sequence[tuple[Wording, Wording]], threshold: int = THRESHOLD) -> tuple[Likeness, ...]:
    """Which of these pairs are alike, from the threshold on, the most alike first; each wording is read once."""
    codes = _Codes()
    places: dict[int, int] = {}
    texts: list[_Prepared] = []
    for wording in (one for pair in pairs for one in pair):
        if id(wording) not in places:
            places[id(wording)] = len(texts)
            texts.append(_Prepared(wording, _own_said(wording), codes))
    said = [one.said for one in texts]
    scores = _scores(said, codes, [(places[id(one)], places[id(other)]) for one, other in pairs], threshold)
    found = [
        Likeness(
            note_id=texts[one].wording.note_id, other_id=texts[other].wording.note_id, score=score,
            passages=_passages(texts[one], texts[other]),
        )
        for (one, other), score in scores.items() if score >= threshold
    ]
    return tuple(sorted(found, key=lambda one: -one.score))


def within(parts: Sequence[Wording], threshold: int = THRESHOLD) -> tuple[Likeness, ...]:
    """The alike among the individual parts of one session, each pair once."""
    return alike(list(combinations(parts, 2)), threshold)


def against(part: Wording, others: Iterable[Wording], threshold: int = THRESHOLD) -> tuple[Likeness, ...]:
    """Those of the others that this part is like: earlier notes, or a session's."""
    return alike([(part, one) for one in others], threshold)


_Two = tuple[int, int]
"""The places of two texts."""


def _scores(
    said: Sequence[list[str]], codes: _Codes, pairs: Sequence[_Two], threshold: int
) -> dict[_Two, int]:
    """The mean share of words and of pairs in common; or the share of the shorter one's pairs, if it is long enough.

    Pairs in common are at most as many as words: where those cannot reach the threshold, pairs are not counted.
    """
    scores = {(one, other): 100 if said[one] == said[other] and said[one] else 0 for one, other in pairs}
    sizes = [len(one) for one in said]
    long = [
        (one, other) for (one, other), same in scores.items() if not same and min(sizes[one], sizes[other]) >= SHORT
    ]
    counted = Counted(said, codes)
    words = counted.words(_by_first(long))
    close = [pair for pair in long if _likeness(sizes, pair, words[pair], words[pair]) >= threshold]
    both = counted.pairs(_by_first(close))
    return scores | {pair: _likeness(sizes, pair, words[pair], both[pair]) for pair in close}


def _by_first(pairs: Iterable[_Two]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for one, other in pairs:
        found.setdefault(one, []).append(other)
    return found


def _likeness(sizes: Sequence[int], pair: _Two, words: int, pairs: int) -> int:
    """Of the numbers of words and of pairs in common."""
    shorter, longer = sorted((sizes[pair[0]], sizes[pair[1]]))
    likeness = (2 * words / (shorter + longer) + min(1, 2 * pairs / (shorter + longer - 2))) / 2
    if shorter >= CONTAINED:
        likeness = max(likeness, min(1, pairs / (shorter - 1)))
    return round(100 * likeness)


class _Codes(dict[str, int]):
    """A number for each word; those that count as the same have one."""

    def __missing__(self, word: str) -> int:
        """That of its kind, else the next."""
        kind = _SAME.get(word) or ("<number>" if word[:1].isdigit() else None)
        code = self[word] = len(self) if kind is None else self[kind]
        return code


def _own_said(wording: Wording) -> list[str]:
    """The same words as `_own_words`, several times as fast: only what is alike is asked for places."""
    said: list[str] = []
    for text, phrases in _own_texts(wording):
        own = _plainly(text) if text.isascii() else list(_plain(text))
        said += [own[place] for place in _kept(own, phrases)] if phrases else own
    return said


def _plainly(text: str) -> list[str]:
    """The words of plain text: those that an apostrophe begins or ends are rid of it."""
    if "''" in text:
        return _WORD.findall(text.lower())
    told = text.encode().translate(_PLAIN).decode()
    said = told.split()
    if "'" not in text or not ("' " in (around := f" {told} ") or " '" in around):
        return said
    return [own for one in said if (own := one.strip("'"))]


def _own_words(wording: Wording) -> list[_Token]:
    """The words, section by section, without headings, starting words and goals."""
    own = []
    for position, (text, phrases) in enumerate(_own_texts(wording)):
        spelled = str.lower if text.isascii() else _folded
        tokens = [(spelled(one[0]), position, *one.span()) for one in _WORD.finditer(text)]
        own += [tokens[place] for place in _kept([one[0] for one in tokens], phrases)]
    return own


def _own_texts(wording: Wording) -> Iterator[tuple[str, tuple[tuple[str, ...], ...]]]:
    """Each section with blanks for its headings, and what else of it everybody's note holds: the goals, the template's
    starting words."""
    headings, starts = _template(wording.kind, wording.form)
    goals = tuple(phrase for one in wording.goals if (phrase := _phrase(one)))
    for name, words in wording.sections:
        text = headings.sub(lambda match: " " * len(match[0]), words) if ":" in words else words
        yield text, (*goals, *starts.get(name.partition(":")[0], ()))


def _plain(text: str) -> tuple[str, ...]:
    return tuple(map(_folded, _WORD.findall(text)))


_phrase = lru_cache(maxsize=128)(_plain)
"""Of a goal, which stands in many notes; kept while a session's documents are written."""


def _folded(word: str) -> str:
    return fold(word)[0]


def _kept(said: Sequence[str], phrases: Iterable[tuple[str, ...]]) -> list[int]:
    """The places of the words that are left without every place where one of the phrases stands."""
    kept = list(range(len(said)))
    for phrase in phrases:
        if phrase[0] not in said or phrase[-1] not in said:
            continue
        left, place = [said[one] for one in kept], 0
        while phrase[0] in left[place:]:
            place = left.index(phrase[0], place)
            if tuple(left[place : place + len(phrase)]) == phrase:
                del kept[place : place + len(phrase)], left[place : place + len(phrase)]
            else:
                place += 1
    return kept


@cache
def _template(
    kind: DocumentKind, version: int | None
) -> tuple[re.Pattern[str], dict[str, tuple[tuple[str, ...], ...]]]:
    """The headings of a kind at the head of a line, and its starting words: whole, and what stands between blanks."""
    form = template(kind, version)
    labels = "|".join(re.escape(text) for one in form.sections for text in (one.label, one.name.replace("_", " ")))
    starts = {
        one.name: tuple(
            phrase for text in (one.starting_words, *re.split(r"\[[^\]]*\]", one.starting_words))
            if len(phrase := _plain(text)) > 1
        )
        for one in form.sections if one.starting_words
    }
    return re.compile(rf"^[ \t]*(?:{labels})[ \t]*:", re.IGNORECASE | re.MULTILINE), starts


def _passages(one: _Prepared, other: _Prepared) -> tuple[tuple[Place, Place], ...]:
    """The longest runs of equal words first, each word shown once; of two short texts every one."""
    least = RUN if min(len(one.codes), len(other.codes)) >= SHORT else 1
    taken: set[int] = set()
    taken_there: set[int] = set()
    found = []
    for length, here, there in sorted(_runs(one, other, least), key=lambda run: (-run[0], run[1])):
        ours, theirs = range(here, here + length), range(there, there + length)
        if taken.isdisjoint(ours) and taken_there.isdisjoint(theirs):
            taken.update(ours)
            taken_there.update(theirs)
            found.append((_place(one, here, length), _place(other, there, length)))
    return tuple(sorted(found, key=lambda each: (each[0].position, each[0].start)))


def _runs(one: _Prepared, other: _Prepared, least: int) -> Iterator[tuple[int, int, int]]:
    """Every run of at least `least` equal words that cannot be made longer: its length, and where it begins in each."""
    ours, theirs = tuple(one.codes), tuple(other.codes)
    places: dict[tuple[int, ...], list[int]] = {}
    for there in range(len(other.codes) - least + 1):
        places.setdefault(theirs[there : there + least], []).append(there)
    for here in range(len(one.codes) - least + 1):
        for there in places.get(ours[here : here + least], ()):
            if here and there and _go_on(one, other, here, there):
                continue
            length, most = 1, min(len(one.codes) - here, len(other.codes) - there)
            while length < most and _go_on(one, other, here + length, there + length):
                length += 1
            if length >= least:
                yield length, here, there


def _go_on(one: _Prepared, other: _Prepared, here: int, there: int) -> bool:
    """Whether these two words, and the two before them in the same sections, are equal."""
    return (
        one.codes[here] == other.codes[there]
        and one.codes[here - 1] == other.codes[there - 1]
        and one.tokens[here][1] == one.tokens[here - 1][1]
        and other.tokens[there][1] == other.tokens[there - 1][1]
    )


def _place(prepared: _Prepared, first: int, length: int) -> Place:
    (_, position, start, _), (_, _, _, end) = prepared.tokens[first], prepared.tokens[first + length - 1]
    return Place(position=position, section=prepared.wording.sections[position][0], start=start, end=end)
