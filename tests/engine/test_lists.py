"""A list of texts is in the database what it was here, however it gets there."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection

from iop_es.engine.lists import tell_lists

AWKWARD = ["", " ", "null", "NULL", "{", "}", ",", '"', "\\", '\\"', "a,b", '","', "\n", "\u2003", "é", "😀"]
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6)
lists = st.lists(st.sampled_from(AWKWARD) | texts, max_size=5)


@pytest.fixture(scope="module")
def told(postgres_url: str) -> Any:
    """A connection that sends lists as the pools' do."""
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        tell_lists(connection)
        connection.execute("CREATE TEMP TABLE kept (number int, texts text[])")
        yield connection


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.lists(lists, max_size=8))
def test_they_come_back_as_they_were(told: Connection[Any], sent: list[list[str]]) -> None:
    """As a parameter, and copied as a row."""
    assert [told.execute("SELECT %s::text[]", [one]).fetchone() for one in sent] == [(one,) for one in sent]
    told.execute("TRUNCATE kept")
    with told.cursor() as cursor, cursor.copy("COPY kept FROM STDIN") as copy:
        for row in enumerate(sent):
            copy.write_row(row)
    assert told.execute("SELECT texts FROM kept ORDER BY number").fetchall() == [(one,) for one in sent]


@pytest.mark.parametrize("sent", [["a", None], [None, "a"], [["a", "b"], ["c", 'd"']], [1, 2], [b"a\0"], [True]])
def test_other_lists_are_sent_as_ever(told: Connection[Any], sent: list[Any]) -> None:
    """With gaps, in one another, and of what is no text."""
    assert told.execute("SELECT %s", [sent]).fetchone() == (sent,)


def test_a_text_that_is_none_is_refused(told: Connection[Any]) -> None:
    """PostgreSQL has no text with a zero in it; what follows it would be lost."""
    with pytest.raises(psycopg.DataError):
        told.execute("SELECT %s::text[]", [["a\0b"]])
