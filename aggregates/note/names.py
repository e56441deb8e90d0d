"""How names are read in a text: folded to plain letters, found at word boundaries, told from everyday words."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property, lru_cache
from importlib.resources import files
from unicodedata import category

from aggregates.folding import fold, parts_of, squeeze

_words = tomllib.loads((files("aggregates.note") / "common_words.toml").read_text(encoding="utf-8"))
COMMON, MONTHS, ABBREVIATIONS, PARTICLES, SUFFIXES, FUNCTION, INVERTING = (
    frozenset(_words[one])
    for one in ("words", "months", "abbreviations", "particles", "suffixes", "function", "inverting")
)
Span = tuple[int, int]

_START, _END = r"(?<![^\W_])", r"(?![^\W_])"
_JOIN = r"(?:\s*[-'_]\s*|\s+)?"
_BETWEEN = r"(?:\s+|[._-])"
_NICKNAME = r"(?:[\"'“”(\[][^\W\d_]+[\"'“”)\]]\s*)?"
_TURNED = r"(?:\s*[,/—-]\s*|\s*\(\s*)"
_INITIALS = r"(?:[^\W\d_](?:\.\s*|\s+)){0,2}"
_CUE = r"(?:mrn|record|chart|number|no|#)\W{0,3}"
_HIDDEN = "\x00"
MODALS = frozenset({"may", "will"})


def _saying() -> re.Pattern[str]:
    """What only a person does, has or is, behind a name: in the past or of this moment, after an auxiliary in any form,
    and with an adverb between. "Will ask" tells of a plan, so that the bare form alone says nothing."""
    said, bare, being, done, state, has, where = (
        "|".join(_words[one]) for one in ("said", "say", "being", "done", "state", "has", "where")
    )
    past, no = f"{said}|{done}", r"(?:\s+not|n't)?"
    adverb = (
        r"(?:[^\W_]+ly|also|again|then|later|first|once|never|still|just|even|already|very|so|too|quite|rather|more|back)"
        r"\s+"
    )
    return re.compile(
        rf"(?:'s\s+[^\W_]|\s*,\s*(?:who|too)\b|\s+and\s+(?:his|her|their|he|she|they)\b|\s+(?:who\b|(?:{adverb})?"
        rf"(?:(?P<verb>{past})\b|(?:had|has|did|would|could){no}\s+(?:{adverb})?(?:been\s+(?:{state}|{being})|{past}|{bare})\b"
        rf"|(?:was|is|seem(?:s|ed)|look(?:s|ed)|appear(?:s|ed)|became|got){no}\s+(?:{adverb})*(?:{being}|{state})\b"
        rf"|(?:was|is){no}\s+(?:{adverb})?(?:in|at)\s+(?:the\s+)?(?:{where})\b|(?:was|is)(?:\s+not|n't)\s+(?:there|here)\b"
        rf"|(?:has|had)\s+(?:(?:a|an|no|two|three|his|her|their|new|own)\s+)*(?:{has})\b"
        r"|went\s+(?:home|with|to)\b|got\s+into\b)))"
    )


_SAYING = _saying()
_AND = re.compile(r"\s+and\s+(?P<other>[^\W\d_]+)")
ALIKE = frozenset(_words["alike"])

GIVEN_FIRST = "given first"
FAMILY_FIRST = "family first"
SHORT = 3
"""Letters of the longest abbreviation in a name whose full stop belongs to it."""


class Names:
    """The forms in which one person's family and given names may stand: whole, and each telling part."""

    def __init__(self, family_name: str, given_names: Iterable[str]) -> None:
        """From the names as registered, suffixes and middle initials among them."""
        self.families = _forms(family_name)
        self.givens = tuple(dict.fromkeys(form for one in given_names for form in _forms(one)))
        self.alone = frozenset({*self.families, *self.givens})
        self.words = frozenset(one for one in self.alone if squeeze(one) == one)
        self.parted = tuple(squeeze(one) for one in self.alone - self.words)

    def may_stand_in(self, text: Said) -> bool:
        """Whether any of them can stand in a text; most texts name nobody, and this is soon known."""
        return not self.words.isdisjoint(text.said) or any(one in text.squeezed for one in self.parted)

    @cached_property
    def patterns(self) -> dict[str, re.Pattern[str]]:
        """How the whole name is found, by which name comes first."""
        if not self.families or not self.givens:
            return {}
        given, family = _any(self.givens), _any(self.families)
        more = rf"(?:{_BETWEEN}(?:{given}))*"
        middle = rf"(?:(?P<middle>[^\W\d_]{{2,}}){_BETWEEN})??"
        first = rf"(?P<given>{given}){more}{_BETWEEN}{_NICKNAME}{_INITIALS}{middle}(?P<family>{family})"
        last = rf"(?P<family>{family})(?:{_TURNED}|{_BETWEEN})(?P<given>{given}){more}"
        return {
            GIVEN_FIRST: re.compile(f"{_START}{first}{_END}"), FAMILY_FIRST: re.compile(f"{_START}{last}{_END}"),
        }  # fmt: skip


@lru_cache(maxsize=256)
def names_of(family_name: str, given_names: tuple[str, ...]) -> Names:
    """A person's names, kept as long as a session's documents are written: each is held against the whole roster."""
    return Names(family_name, given_names)


class Said:
    """Which words are said, and all of them run together."""

    def __init__(self, said: frozenset[str], squeezed: str) -> None:
        """As folded."""
        self.said, self.squeezed = said, squeezed

    @classmethod
    def of_all(cls, texts: Sequence[Said]) -> Said:
        """What several texts say together; nothing runs from one into the next."""
        return cls(frozenset().union(*(one.said for one in texts)), _HIDDEN.join(one.squeezed for one in texts))


class Reading(Said):
    """A text being read: its folded form, in which what was dealt with is covered, beside the words themselves."""

    def __init__(self, words: str) -> None:
        """Nothing is covered yet."""
        self.words = words
        self.folded, self._places = fold(words)
        parts = parts_of(self.folded)
        super().__init__(frozenset(parts), "".join(parts))

    def span(self, span: Span) -> Span:
        """A span of the folded text as one of the words; accents that follow the last letter belong to it."""
        start, end = self._places[span[0]], self._places[span[1] - 1] + 1
        while end < len(self.words) and category(self.words[end]) == "Mn":
            end += 1
        return start, end

    def cover(self, spans: Iterable[Span]) -> None:
        """What is there is not found again."""
        for start, end in list(spans):
            self.folded = self.folded[:start] + _HIDDEN * (end - start) + self.folded[end:]

    def full_names(self, names: Names, order: str) -> list[Span]:
        """Where the person's full name stands in this order."""
        pattern = names.patterns.get(order)
        return [] if pattern is None else [one.span() for one in pattern.finditer(self.folded) if self._full(one)]

    def capital(self, place: int) -> bool:
        """Whether the letter at this place of the folded text is written as a capital."""
        return self.words[self._places[place]].isupper()

    def _full(self, match: re.Match[str]) -> bool:
        """A word between must be a name itself, and an everyday word be written as a name is.

        All in lower case, one part that is no everyday word is enough: "will novak", but neither "hope may" nor
        "Ann will". The given name alone in lower case is a slip, "will Novak", unless the sentence needs the word: "to
        Novak", "then will Novak speak".
        """
        middle = match.groupdict().get("middle")
        if middle is not None and not self.capital(match.start("middle")):
            return False
        parts = [(match[one] in COMMON, self.capital(match.start(one))) for one in ("given", "family")]
        if all(capital for common, capital in parts if common):
            return True
        if all(common for common, _ in parts):
            return False
        return not any(capital for _, capital in parts) or self._slip(match)

    def _slip(self, match: re.Match[str]) -> bool:
        """Whether an everyday given name in lower case stands right before an uncommon family name."""
        if match["given"] in FUNCTION or match.start("given") > match.start("family") or match["family"] in COMMON:
            return False
        before = re.search(r"([^\W_]+)\W*$", self.folded[: match.start("given")])
        return match["given"] not in MODALS or before is None or before[1] not in INVERTING


def single_pattern(form: str) -> re.Pattern[str]:
    """Where a name stands as a word of its own."""
    return re.compile(f"{_START}{_form(form)}{_END}")


@lru_cache(maxsize=256)
def number_of(medical_record_number: str) -> str:
    """Its letters and digits."""
    return re.sub(r"[\W_]", "", medical_record_number).casefold()


def number_patterns(number: str) -> list[re.Pattern[str]]:
    """A record number with or without separators, leading zeros and leading letters, never inside a longer number.

    One of fewer than five characters could be a year or a score, so it must be called a number.
    """
    bare = _bare(number)
    cores = dict.fromkeys((number, bare, number.lstrip("0") or number, shortest(number)))
    return [
        re.compile(
            rf"(?<![^\W_])(?<!\d[-./]){_CUE if len(core) < 5 else ''}(?P<number>0*{_spaced(core)})"
            r"(?![^\W_])(?![-./]\d)"
        )
        for core in cores
    ]


@lru_cache(maxsize=256)
def shortest(number: str) -> str:
    """A record number without leading letters and zeros: what stands in every way of writing it."""
    return _bare(number).lstrip("0") or _bare(number)


def _bare(number: str) -> str:
    return re.sub(r"^[^\W\d_]+(?=\d)", "", number)


def is_name(reading: Reading, span: Span, form: str) -> bool:
    """Whether a word that could be a name is taken for one: an everyday word only as a capital in mid-sentence, or
    where it begins one and does what only a person does ("Hope said so")."""
    if form not in COMMON:
        return True
    if not reading.capital(span[0]) or _shouts(reading, span) or (form in MONTHS and _dates(reading.folded, span)):
        return False
    return not _opens(reading, span[0]) or _acts(reading, span, form)


def _forms(name: str) -> tuple[str, ...]:
    """The whole name and each telling part of it, folded, the longest first; initials and suffixes left out. A stop
    stays behind what is short, as in "St." and "J.R."; it may be left out where the name stands."""
    parts = [one.strip(",'").lstrip(".") for one in re.split(r"[\s,]+", fold(name)[0])]
    parts = [one if len(_letters(one)) <= SHORT else one.rstrip(".") for one in parts]
    parts = [one for one in parts if _tells(one) and one.rstrip(".") not in SUFFIXES]
    telling = [one for part in parts for one in part.split("-") if _tells(one) and one.rstrip(".") not in PARTICLES]
    return tuple(sorted(dict.fromkeys([" ".join(parts), *telling] if parts else []), key=lambda one: -len(one)))


def _tells(part: str) -> bool:
    return len(_letters(part)) > 1


def _letters(part: str) -> list[str]:
    return re.findall(r"[^\W_]", part)


def _form(form: str) -> str:
    said = [(re.escape(one[1]), r"\.?" if one[2] else "") for one in re.finditer(r"([^\W_]+)(\.?)", form)]
    return _JOIN.join(word + stop for word, stop in said)


def _spaced(number: str) -> str:
    return r"[ \-./]?".join(map(re.escape, number))


def _any(forms: Iterable[str]) -> str:
    return "|".join(_form(one) for one in sorted(forms, key=lambda one: -len(one)))


def _opens(reading: Reading, start: int) -> bool:
    """Whether a word begins a sentence, a line or a quotation of its own."""
    before = reading.folded[:start].rstrip(" \t\"'“”‘([*-•")
    if not before or before[-1] in "\n:;!?":
        return True
    word = re.search(r"([^\W_]+)\.$", before)
    return before[-1] == "." and not (word and (word[1] in ABBREVIATIONS or len(word[1]) == 1))


def _acts(reading: Reading, span: Span, form: str) -> bool:
    """Whether a word that begins a sentence is its subject and a person. Pronouns and such are everybody's."""
    if form in FUNCTION:
        return False
    another = _AND.match(reading.folded, span[1])
    if another and another["other"] not in MONTHS and reading.capital(another.start("other")):
        return True
    found = _SAYING.match(reading.folded, span[1])
    return found is not None and not (form in MODALS and found["verb"] in ALIKE)


def _shouts(reading: Reading, span: Span) -> bool:
    """Whether the word and a neighbor are all in capitals, so that a capital says nothing."""
    start, end = reading.span(span)
    near = [*_last(re.finditer(r"\w+", reading.words[:start])), *_first(re.finditer(r"\w+", reading.words[end:]))]
    return reading.words[start:end].isupper() and any(len(one) > 1 and one.isupper() for one in near)


def _dates(folded: str, span: Span) -> bool:
    """Whether a month stands as one: beside a number, or after a word that goes with time."""
    before = re.search(r"(\d(st|nd|rd|th)?|\b(in|since|until|during|early|mid|late|last|next|through))[\s,-]+$",
                       folded[: span[0]])  # fmt: skip
    return bool(before or re.match(r"[\s,]+\d", folded[span[1] :]))


def _first(matches: Iterator[re.Match[str]]) -> list[str]:
    return [one[0] for one in matches][:1]


def _last(matches: Iterator[re.Match[str]]) -> list[str]:
    return [one[0] for one in matches][-1:]
