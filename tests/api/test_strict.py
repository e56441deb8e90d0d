"""Bodies that another program might read otherwise are turned away at the door of every command."""

from __future__ import annotations

import re
import time

import pytest
from httpx import Response

from aggregates.strict import load
from tests.api.house import House, an_id
from tests.api.test_problems import problem

PATHS = (
    f"/sessions/{an_id('session')}/documentation", "/signatures/challenge", "/signatures", "/notes",
    f"/sessions/{an_id('session')}/check-in",
)  # fmt: skip
WRONG = {
    '{"words": "one", "words": "two"}': "name comes twice",
    '{"a": [{"words": "one", "w\\u006frds": "two"}]}': "name comes twice",
    '{"words": "\\ud800"}': "lone surrogate",
    '{"\\udc00": 1}': "lone surrogate",
    '{"n": NaN}': "Numbers are whole",
    '{"n": -Infinity}': "Numbers are whole",
    '{"n": 1.0}': "Numbers are whole",
    '{"n": 1e2}': "Numbers are whole",
    '{"n": 9007199254740992}': "beyond 9007199254740991",
    '{"n": -0}': "minus zero",
    '{"n": ' + "9" * 5_000 + "}": "beyond 9007199254740991",
    "[" * 100_000: "64 deep",
    '{"a":' * 100_000: "64 deep",
    '{"a":' * 65 + "1" + "}" * 65: "64 deep",
    '["' + "\\\\" * 9 + '", ' + "[" * 64 + "]" * 64 + "]": "64 deep",
    '{"n": [' + "[1]," * 5_000 + "1]}": "more than 10,000 values",
}


def sent(house: House, path: str, body: bytes) -> Response:
    """The answer to these very bytes."""
    headers = house.voice("clinician") | {"Content-Type": "application/json", "If-Match": '"1"'}
    return house.client.ask("POST", f"/v1{path}", content=body, headers=headers)


@pytest.mark.parametrize("body", WRONG)
@pytest.mark.parametrize("path", PATHS)
def test_what_reads_differently_elsewhere_is_refused_by_name(house: House, path: str, body: str) -> None:
    """Equal names, half characters, fractions, NaN, numbers beyond every program: 422 that says which."""
    told = problem(sent(house, path, body.encode()), 422, "invalid")
    assert WRONG[body] in told["detail"]


@pytest.mark.parametrize(
    "body", [b"{", b"\xff\xfe{\x00}\x00", b'\xef\xbb\xbf{"n": 1}', b'"\xed\xa0\x80"', b'"' + b"[" * 100],
)
def test_what_is_no_json_in_utf_8_is_refused(house: House, body: bytes) -> None:
    """Half an object, UTF-16, a byte order mark, a surrogate in bytes, a text without end: 400 or 422, never 5xx."""
    for path in PATHS[:3]:
        assert sent(house, path, body).status_code in {400, 422}


def test_whole_characters_and_numbers_pass(house: House) -> None:
    """A pair of escapes is one character, and the largest whole number is a number: what is missing is said instead."""
    told = problem(sent(house, "/signatures", b'{"a": "\\ud83d\\ude00", "n": 9007199254740991}'), 422, "invalid")
    assert {one["field"] for one in told["errors"]} >= {"body.commands", "body.token"}


def test_what_is_nested_as_deep_as_it_may_is_read(house: House) -> None:
    """64 deep passes, as do brackets in a text, behind escaped quotes and side by side: what is missing is said."""
    for inner in ("[" * 63 + "]" * 63, '"' + "[{\\\"" * 200 + '"', "[" + "[[]]," * 200 + "[]]"):
        told = problem(sent(house, "/signatures", f'{{"a": {inner}}}'.encode()), 422, "invalid")
        assert {one["field"] for one in told["errors"]} >= {"body.commands", "body.token"}


def test_a_long_body_of_half_texts_is_soon_looked_through() -> None:
    """A million characters of quotes and backslashes cost no more than their number."""
    started = time.process_time()
    for text in ('"\\' * 500_000, '\\"' * 500_000, "[" * 65 + '"\\"' * 330_000):
        with pytest.raises(ValueError, match=r"JSON|deep|delimiter|Unterminated|Expecting|Invalid"):
            load(text)
    assert time.process_time() - started < 3


def test_every_command_is_behind_that_door(house: House) -> None:
    """No route that takes a body forgets it."""
    described = house.client.ask("GET", "/v1/openapi.json").json()["paths"]
    taking = [path for path, methods in described.items() if "requestBody" in methods.get("post", {})]
    assert len(taking) > 80
    for path in taking:
        asked = re.sub(r"\{\w+\}", an_id("nothing"), path.removeprefix("/v1"))
        assert "name comes twice" in problem(sent(house, asked, b'{"a": 1, "a": 1}'), 422, "invalid")["detail"]


def test_of_thousands_of_wrong_values_a_hundred_are_named(house: House) -> None:
    """What is wrong with each would be many times the body, and would keep everybody else waiting."""
    body = b"{" + b",".join(b'"n%d": 1' % number for number in range(9_000)) + b"}"
    told = problem(sent(house, "/notes", body), 422, "invalid")
    assert len(told["errors"]) == 100
    assert re.search(r"8,9\d\d more are at fault", told["detail"])
