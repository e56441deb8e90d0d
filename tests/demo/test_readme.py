"""The README's three jobs, followed line by line on the store that `make demo` makes."""

from __future__ import annotations

import asyncio
import io
import json
import re
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from rich.console import Console
from typer.testing import CliRunner

from api.app import create_app
from iop_es import wiring
from iop_es.cli import app as command_line
from iop_es.demo.figures import Report
from iop_es.demo.show import WIDTH, show
from iop_es.serving import services
from iop_es.settings import Settings

README = Path(__file__).parents[2] / "README.md"


def blocks() -> list[list[tuple[str, str]]]:
    """Each console block of the three jobs as (line typed, answer printed); blocks without a token are left out."""
    found = []
    for block in re.findall(r"^```console\n(.*?)^```", README.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE):
        typed = re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE)
        if "TOKEN=" in block:
            found.append([(line, answer.strip()) for line, answer in typed])
    return found


@contextmanager
def serving(settings: Settings) -> Iterator[FastAPI]:
    """The API over this store."""
    with wiring.opened(settings) as house:
        yield create_app(services(house))


async def get(app: FastAPI, address: str, headers: dict[str, str]) -> httpx.Response:
    """What the API answers."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as client:
        return await client.get(f"http://{address}", headers=headers)


def typed(line: str, words: dict[str, str], app: FastAPI, environment: dict[str, str]) -> Any:
    """What a line answers: a token kept under its name, a JSON document, or text."""
    name, assigned, inner = line.partition("=$(")
    if assigned:
        words[name] = told(inner.removesuffix(")"), environment).strip()
        return ""
    if not line.startswith("curl "):
        return told(line, environment).strip()
    parts = shlex.split(line.partition(" | ")[0].replace("$TOKEN", words["TOKEN"]))
    header, _, value = parts[parts.index("-H") + 1].partition(": ")
    answer = asyncio.run(get(app, parts[-1], {header: value}))
    assert answer.status_code == 200, answer.text
    return answer.json()


def told(line: str, environment: dict[str, str]) -> str:
    """What the command line prints."""
    program, *arguments = shlex.split(line)
    assert program == ".venv/bin/iop-es"
    done = CliRunner().invoke(command_line, arguments, env=environment)
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.mark.slow
def test_each_line_of_the_three_jobs_answers_as_printed(full_clinic: Settings) -> None:
    """A first-time user who copies the lines sees what the README shows."""
    environment = {
        "IOP_ES_DATABASE_URL": full_clinic.database_url or "", "IOP_ES_PROJECT": str(full_clinic.project),
    }  # fmt: skip
    jobs = blocks()
    assert len(jobs) == 3
    with serving(full_clinic) as app:
        for job in jobs:
            words: dict[str, str] = {}
            for line, printed in job:
                answer = typed(line, words, app, environment)
                assert answer == (json.loads(printed) if isinstance(answer, dict) else printed), line


@pytest.mark.slow
def test_the_report_reads_as_printed(full_report: Report) -> None:
    """The parts of the report that the README shows are what the demonstration shows."""
    excerpts = re.findall(r"^```text\n(.*?)^```", README.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    page = io.StringIO()
    show(full_report, Console(file=page, width=WIDTH))
    shown = "\n".join(line.rstrip() for line in page.getvalue().splitlines())
    assert len(excerpts) == 2
    for excerpt in excerpts:
        assert excerpt.strip() in shown
