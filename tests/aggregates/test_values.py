"""Value types refuse what would break somebody later: times out of our age, characters that nobody can see."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from aggregates.values import Date, Instant, Label, PublicKey, Text


@pytest.mark.parametrize("text", [
    "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:00-14:00", "9999-12-31T22:00:00.000000Z", "1799-12-31T00:00:00Z",
    "2200-01-01T00:00:00Z",
])  # fmt: skip
def test_a_time_lies_in_our_age(text: str) -> None:
    """Times near the ends of the calendar are refused by name before any arithmetic can overflow."""
    with pytest.raises(ValidationError, match="1800 and 2199"):
        TypeAdapter(Instant).validate_python(text)


def test_the_ends_of_our_age_are_in_it() -> None:
    """The first and the last moment pass, brought to UTC."""
    instants = TypeAdapter(Instant)
    assert instants.validate_python("1800-01-01T00:00:00Z") == "1800-01-01T00:00:00.000000Z"
    assert instants.validate_python("2199-12-31T18:59:59-05:00") == "2199-12-31T23:59:59.000000Z"
    assert TypeAdapter(Date).validate_python("2199-12-31") == "2199-12-31"


@pytest.mark.parametrize("kind", [Text, Label])
@pytest.mark.parametrize("character", ["\x00", "\x1b", "\x08", "\x7f"])
def test_text_has_no_control_characters(kind: type[str], character: str) -> None:
    """A NUL cannot be stored and an escape could rewrite a terminal; line ends and tabs are text."""
    with pytest.raises(ValidationError, match="control characters"):
        TypeAdapter(kind).validate_python(f"a{character}b")
    assert TypeAdapter(kind).validate_python("a\n\tb") == "a\n\tb"


@pytest.mark.parametrize("kind", [Text, Label])
@pytest.mark.parametrize("character", [
    "\u202a", "\u202b", "\u202c", "\u202d", "\u202e", "\u2066", "\u2067", "\u2068", "\u2069", "\u200e", "\u200f",
    "\u061c", "\u200b", "\u2060", "\ufeff", "\u00ad", "\u200c", "\u200d", "\U000e0041", "\x85",
])  # fmt: skip
def test_text_has_no_characters_that_nobody_sees(kind: type[str], character: str) -> None:
    """What is shown and what is signed are the same words; the sentence names the character."""
    with pytest.raises(ValidationError, match=rf"nobody sees: U\+{ord(character):04X} makes"):
        TypeAdapter(kind).validate_python(f"no{character}t suicidal")


@pytest.mark.parametrize("words", ["می\u200cخواهم", "क्\u200dष", "👩\u200d👧", "❤\ufe0f", "שלום, Zoë – α’s", "東京"])
def test_joiners_stay_where_writing_needs_them(words: str) -> None:
    """Persian, Devanagari and emoji are written with them."""
    assert TypeAdapter(Text).validate_python(words) == words


@pytest.mark.parametrize(
    "text", ["2026-03-02T23:80:00.000000Z", "2026-02-30T09:00:00.000000Z", "2026-03-02T25:30:00.000000Z"],
)
def test_a_time_is_one_that_there_is(text: str) -> None:
    """The right digits in the right places are not enough."""
    with pytest.raises(ValidationError):
        TypeAdapter(Instant).validate_python(text)


@pytest.mark.parametrize("kind", [Text, Label])
def test_text_is_composed(kind: type[str]) -> None:
    """What looks the same is the same bytes, a name in a signature too."""
    assert TypeAdapter(kind).validate_python("Zoe\u0308") == "Zo\u00eb"


@pytest.mark.parametrize("key", [
    "00" * 32, "01" + "00" * 31, "00" * 31 + "80", "ec" + "ff" * 30 + "7f", "ee" + "ff" * 30 + "7f", "ff" * 32,
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
])  # fmt: skip
def test_a_key_under_which_anybody_signs_is_none(key: str) -> None:
    """Points whose order divides 8, and heights of 2^255 - 19 and more."""
    with pytest.raises(ValidationError, match="proves nothing"):
        TypeAdapter(PublicKey).validate_python(key)
    TypeAdapter(PublicKey).validate_python("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
