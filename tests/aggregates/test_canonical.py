"""Canonical bytes, held against the package that implements RFC 8785 as a whole."""

from __future__ import annotations

from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from aggregates.canonical import canonical
from aggregates.note.facts import NoteContent, Section

NAMES = st.text(st.characters(codec="ascii"), max_size=12)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(NAMES, inner, max_size=6),
    max_leaves=20,
)


@given(VALUES)
def test_the_bytes_are_those_of_rfc_8785(value: Any) -> None:
    """Whatever facts are made of: text of any script, whole numbers, names in any order."""
    assert canonical(value) == rfc8785.dumps(value)


def test_controls_quotes_and_separators_are_written_as_rfc_8785_writes_them() -> None:
    """The example of its section 3.2.2.2, and the line separators that JavaScript once tripped over."""
    told = '\u20ac$\u000f\nA\'B"\\\\"/ \u2028\u2029\x7f'
    assert canonical({"string": told}) == rfc8785.dumps({"string": told})


def test_a_value_is_taken_for_its_fields() -> None:
    """Names in order whatever the order of the fields."""
    content = NoteContent(sections=(Section(name="plan", words="Same."),))
    assert canonical(content) == b'{"sections":[{"name":"plan","words":"Same."}]}'


def test_a_lone_surrogate_is_refused() -> None:
    """It has no bytes of its own."""
    with pytest.raises(UnicodeEncodeError):
        canonical({"words": "\ud800"})
