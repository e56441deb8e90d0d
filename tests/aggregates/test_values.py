"""Value types refuse what would break somebody later: times out of our age, characters that nobody can see."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from aggregates.values import Date, Instant, Label, Text


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
@pytest.mark.parametrize("character", ["\x00", "\x1b", "\x08"])
def test_text_has_no_control_characters(kind: type[str], character: str) -> None:
    """A NUL cannot be stored and an escape could rewrite a terminal; line ends and tabs are text."""
    with pytest.raises(ValidationError, match="control characters"):
        TypeAdapter(kind).validate_python(f"a{character}b")
    assert TypeAdapter(kind).validate_python("a\n\tb") == "a\n\tb"
