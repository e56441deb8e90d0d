"""Everyday words that are also names: found where a person is meant, and silent where none is."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

from aggregates.note.identities import Person, exposures
from aggregates.note.names import COMMON
from iop_es.demo import phrases
from tests.aggregates.note_likeness import pairs
from tests.aggregates.scenario import an_id

SENTENCES = tomllib.loads(Path(__file__).with_name("note_names.toml").read_text(encoding="utf-8"))
EVERYBODY = [Person(an_id("patient", n), "Zzyzxq", (word.title(),)) for n, word in enumerate(sorted(COMMON), 1)]
"""A roster on which every everyday word is somebody's given name."""


def warned(text: str) -> bool:
    """Whether the text's first word is taken for somebody's name."""
    return any(one.start == 0 for one in exposures([("response", text)], EVERYBODY))


def texts() -> Iterator[str]:
    """What the demo writes, and the notes of the labeled pairs: nobody of the roster is in them."""
    yield from (text for pair in pairs() for text in pair.texts)
    yield from (text for name, told in vars(phrases).items() if name.isupper() for text in _texts(told))


def _texts(told: object) -> Iterator[str]:
    if isinstance(told, str):
        yield told
    elif isinstance(told, tuple):
        for one in told:
            yield from _texts(one)


Told = Callable[[str, object], None]


def test_the_beginning_of_a_sentence_is_judged_as_people_did(record_property: Told) -> None:
    """Nine of ten who are meant are found, and at most one of twenty everyday words is called a name."""
    named, everyday = (SENTENCES[one] + SENTENCES[f"{one}_later"] for one in ("named", "everyday"))
    hits, alarms = ([one for one in told if warned(one)] for told in (named, everyday))
    rate = f"{len(hits)} of {len(named)} who are meant are found, {len(alarms)} of {len(everyday)} everyday words too"
    record_property("measured", f"names at the beginning of a sentence: {rate}")
    print("not found:", *(one for one in named if one not in hits), "\nfalse:", *alarms)  # noqa: T201 # shown by -rP
    assert len(hits) >= 0.9 * len(named)
    assert len(alarms) <= 0.05 * len(everyday)


def test_everyday_words_do_not_drown_the_author(record_property: Told) -> None:
    """With every one of them a member's name, not one warning in a thousand words of notes that name nobody."""
    told = list(texts())
    words, found = sum(len(one.split()) for one in told), [exposures([("a", one)], EVERYBODY) for one in told]
    alarms = sum(map(len, found))
    record_property("measured", f"names in notes that name nobody: {alarms} warnings in {words:,} words")
    assert words > 4_000 and alarms * 1_000 < words
