"""The log says what is on its list and nothing else, whoever speaks and whatever goes wrong."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import threading
import warnings
from typing import Any

import psycopg
import pytest
import structlog

from iop_es.logs import EVENTS, quiet_logs
from iop_es.telemetry import COUNTED
from tests.test_telemetry import logged

NAME = "Quillfeather"
GOOD: dict[str, Any] = {
    "request": "4cd4521e-3ed1-4e07-989d-5a63c3b268cf", "model": "audit", "method": "POST", "status": 200,
    "route": "/v1/patients/{patient_id}/correct-demographics", "error": "ValueError", "place": "gate.py:7",
    "fact": "patient.registered", "holder": "vm:3913:4fb7b010-916b-4bc3-8de1-819b1f3cac41", "former": None,
    "logger": "psycopg.pool", "reason": "The connection was lost.", "cause": "KeyError in rules, line 7", "said": None,
    "point": "append.committed", "grant": "4cd4521e-3ed1-4e07-989d-5a63c3b268cf",
}  # fmt: skip


@pytest.fixture(autouse=True)
def quiet() -> None:
    """Logging as a process sets it up."""
    quiet_logs("info")


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """What was written since the last look."""
    said = capsys.readouterr()
    assert NAME not in said.out + said.err
    return [json.loads(line) for line in said.err.splitlines()]


def dropped() -> float:
    """How much was kept out of the log."""
    return next(iter(COUNTED.dropped.collect())).samples[0].value


def test_every_event_with_good_values_is_written_whole(capsys: pytest.CaptureFixture[str]) -> None:
    """As the code says it, and nothing is lost of it."""
    before = dropped()
    for event, fields in EVENTS.items():
        structlog.get_logger().error(event, **{one: GOOD.get(one, 7) for one in fields})
    written = lines(capsys)
    assert [line["event"] for line in written] == list(EVENTS)
    assert all(line.keys() >= set(EVENTS[line["event"]]) for line in written)
    assert dropped() == before


def test_an_event_that_is_not_on_the_list_is_not_written(capsys: pytest.CaptureFixture[str]) -> None:
    """It is counted, and so a mistake is noticed."""
    before = dropped()
    structlog.get_logger().error(f"admitted {NAME}")
    structlog.get_logger().error("patient_admitted", name=NAME)
    assert (lines(capsys), dropped() - before) == ([], 2)


@pytest.mark.parametrize(("event", "field"), [(event, field) for event in EVENTS for field in EVENTS[event]])
def test_a_field_does_not_hold_what_it_is_not_for(event: str, field: str, capsys: pytest.CaptureFixture[str]) -> None:
    """No name where a number, an id or a kind belongs, no lines of a text anywhere, and no other object."""
    odd = f"{NAME}, Ada\nDETAIL: Key (name)=({NAME})"
    for value in (odd, odd.encode(), [NAME], {"name": NAME}, True):
        structlog.get_logger().error(event, **({one: GOOD.get(one, 7) for one in EVENTS[event]} | {field: value}))
        (line,) = lines(capsys)
        assert field not in line and line["dropped"] == 1


def test_a_field_that_no_event_has_is_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    """The rest of the line is written, with how many were left out."""
    structlog.get_logger().info("lease_not_released", model="audit", patient=NAME, note=NAME)
    (line,) = lines(capsys)
    assert (line["model"], line["dropped"]) == ("audit", 2)
    assert line.keys() == {"event", "model", "dropped", "level", "timestamp"}


def test_other_programs_say_templates_and_no_values(capsys: pytest.CaptureFixture[str]) -> None:
    """A library with templates is quoted by its template; one that nobody knows only by its logger; exceptions by kind
    and place."""
    logging.getLogger("psycopg.pool").error("error connecting in %r: %s", "pool-1", NAME)
    logging.getLogger("somewhere").warning("admitted %s", NAME)
    logging.getLogger("somewhere").warning(f"admitted {NAME}")
    try:
        raise ValueError(NAME)
    except ValueError:
        logging.getLogger("uvicorn.error").exception("Exception in ASGI application\n")
    said = [(line["logger"], line["said"], line["error"]) for line in lines(capsys)]
    assert said == [
        ("psycopg.pool", "error connecting in %r: %s", None), ("somewhere", None, None), ("somewhere", None, None),
        ("uvicorn.error", "Exception in ASGI application", "ValueError"),
    ]  # fmt: skip


def test_what_nobody_caught_is_told_by_kind_and_place(capsys: pytest.CaptureFixture[str]) -> None:
    """In the main thread, in another, in a task, in a finalizer, and warnings too."""
    try:
        raise ValueError(NAME)
    except ValueError as error:
        sys.excepthook(ValueError, error, error.__traceback__)

    def fail() -> None:
        raise KeyError(NAME)

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()

    async def forgotten() -> None:
        asyncio.get_running_loop().call_soon(fail)
        await asyncio.sleep(0)

    asyncio.run(forgotten())
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=True)
        warnings.warn(f"input_value={NAME!r}", stacklevel=1)
    said = lines(capsys)
    assert [(line["event"], line["error"]) for line in said] == [
        ("process_failed", "ValueError"), ("process_failed", "KeyError"), ("library_said", "KeyError"),
        ("library_said", None),
    ]  # fmt: skip
    assert said[0]["place"].startswith("test_logs.py:")


def test_the_detail_of_a_database_error_is_written_nowhere(
    postgres_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """PostgreSQL prints the key of a duplicate in DETAIL; an uncaught one is a kind and a place."""
    with psycopg.connect(postgres_url) as connection:
        connection.execute("CREATE TEMPORARY TABLE named (name text PRIMARY KEY)")
        connection.execute("INSERT INTO named VALUES (%s)", (NAME,))
        with pytest.raises(psycopg.errors.UniqueViolation, match=NAME) as failed:
            connection.execute("INSERT INTO named VALUES (%s)", (NAME,))
    sys.excepthook(failed.type, failed.value, failed.tb)
    assert [line["error"] for line in lines(capsys)] == ["UniqueViolation"]


def test_every_logged_field_is_of_a_known_kind() -> None:
    """Whoever logs a new event finds here that the list lacks it."""
    assert {event: frozenset(fields) for event, fields in EVENTS.items()} == {event: f for event, _, f in logged()}
