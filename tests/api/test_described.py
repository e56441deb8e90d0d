"""The page about the API: all that the description says, and nothing from anywhere else."""

from __future__ import annotations

import re

from api import door
from api.app import description
from tests.api.house import House


def shown(house: House) -> str:
    """The page, which nobody needs a token for."""
    answer = house.client.ask("GET", "/v1/docs")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    return answer.text


def test_the_page_shows_every_operation_and_everything_that_is_given_or_answered(house: House) -> None:
    """Each under its name; whatever is linked is on the page."""
    page = shown(house)
    told = description()
    names = {one["operationId"] for methods in told["paths"].values() for one in methods.values()}
    anchors = re.findall(r'id="([^"]+)"', page)
    assert sorted(anchors) == sorted([*names, *told["components"]["schemas"]])
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(anchors)


def test_the_page_loads_nothing_and_runs_nothing(house: House) -> None:
    """No script and no other address, so that it is under the same policy as every answer."""
    page = shown(house)
    assert not re.search(r"<(script|link|img|iframe|object|embed|form)\b|\ssrc=|\son\w+=|@import|url\(", page)
    assert set(re.findall(r'href="([^#"][^"]*)"', page)) == {"/v1/openapi.json"}
    policy = house.client.ask("GET", "/v1/docs").headers["content-security-policy"]
    assert policy == door.SAFE["Content-Security-Policy"] and "script-src" not in policy
