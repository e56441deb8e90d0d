"""A published trial, converted to commands and loaded, answers with its published means over HTTP.

The Beat the Blues trial (R package HSAUR3, data set BtheB): BDI-II at admission and 2, 3, 5 and 8 months later.
"""

import asyncio
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from typer.testing import CliRunner

from api.app import create_app
from api.commands.together import Together
from api.identity import Tokens
from api.services import Services
from benchmarks import btheb
from iop_es.cli import app
from iop_es.issuer import ISSUER, DevelopmentIssuer
from iop_es.serving import documenting
from iop_es.settings import Settings
from iop_es.wiring import opened
from tests.lines import an_id

FILE = Path(os.environ.get("IOP_ES_SHARED", Path(__file__).parents[2] / "shared")) / "data" / "btheb.csv"
PUBLISHED = {"0": (100, 23.33), "2": (97, 16.92), "3": (73, 14.81), "5": (58, 12.76), "8": (52, 11.13)}


NOT_HERE = "the trial's file is GPL-2 and not kept here: name its folder in IOP_ES_SHARED"


def answer(api: FastAPI, token: str, path: str, **parameters: str) -> Any:
    """What the API answers to one question, as JSON."""

    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(api), base_url="http://here") as client:
            return await client.get(path, params=parameters, headers={"Authorization": f"Bearer {token}"})

    asked = asyncio.run(ask())
    assert asked.status_code == 200, asked.text
    return asked.json()


@pytest.fixture
def api(request: pytest.FixtureRequest, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[
    tuple[FastAPI, str]
]:  # fmt: skip
    """The API over a store with the trial in it, and a clinician's token for its programs; with the arms as programs
    where the test asks for that."""
    monkeypatch.setenv("IOP_ES_DATABASE_URL", database_url)
    monkeypatch.setenv("IOP_ES_PROJECT", str(tmp_path))
    monkeypatch.setenv("IOP_ES_TEMPORARY", "true")
    file = tmp_path / "btheb.jsonl"
    arms = bool(getattr(request, "param", False))
    file.write_text("".join(f"{json.dumps(one)}\n" for one in btheb.commands(btheb.read(FILE), arms)))
    for words in (["migrate"], ["load", str(file)], ["project", "--once"]):
        done = CliRunner().invoke(app, words)
        assert (done.exit_code, done.stderr) == (0, "")
    issuer = DevelopmentIssuer(tmp_path, allowed=True)
    programs = [btheb.PROGRAM, *btheb.ARMS.values()]
    token = issuer.token(an_id("person"), "clinician", programs, "iop-es")
    with opened(Settings()) as house:
        tokens = Tokens(ISSUER, "iop-es", issuer.keys)
        services = Services(Together(house.commands()).handle, house.gate, tokens, documenting(house))
        yield create_app(services), token


@pytest.mark.slow
@pytest.mark.skipif(not FILE.exists(), reason=NOT_HERE)
def test_the_trials_published_means_come_out_over_http(api: tuple[FastAPI, str]) -> None:
    """100 real patients: n and mean at every point as published, and whoever dropped out is missing, not zero."""
    [course] = answer(*api, f"/v1/programs/{btheb.PROGRAM}/outcomes", instrument="bdi-ii", by="month")["items"]
    points = {point["point"]: point for point in course["points"]}
    assert {name: (points[name]["n"], round(points[name]["mean"], 2)) for name in PUBLISHED} == PUBLISHED
    assert {name: points[name]["n"] + points[name]["missing"] for name in PUBLISHED} == dict.fromkeys(PUBLISHED, 100)


@pytest.mark.slow
@pytest.mark.skipif(not FILE.exists(), reason=NOT_HERE)
@pytest.mark.parametrize("api", [True], indirect=True, ids=["arms"])
def test_the_trials_drop_out_flatters_nobody_over_http(api: tuple[FastAPI, str]) -> None:
    """52 of 100 completed, at a published mean of 11.13; everybody's last scores are higher, and stand beside it."""
    cohorts = answer(*api, "/v1/outcomes/cohorts", instrument="bdi-ii", by="level_of_care")["items"]
    [one] = cohorts
    assert (one["everybody"]["n"], one["completers"]["n"], one["measured_again"]["n"]) == (100, 52, 97)
    assert round(one["everybody"]["baseline_mean"], 2) == 23.33
    assert round(one["completers"]["last_mean"], 2) == 11.13
    assert one["everybody"]["last_mean"] > one["completers"]["last_mean"]
    stays = answer(*api, "/v1/outcomes/stay")["items"]
    assert sorted(end["n"] for stay in stays for end in stay["ends"] if end["ended"] == "completed") == [25, 27]
