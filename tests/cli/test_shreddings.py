"""`iop-es keys requests`: whose record is asked to be given up, when it is due and what holds it."""

from __future__ import annotations

import json

import pytest

from aggregates.shredding.streams import shredding_of
from tests.cli.conftest import Run
from tests.lines import STAFF, an_id, episode, line, patient, program, text

PATIENT, OTHER = an_id("patient", 1), an_id("patient", 2)
REQUEST, HOLD = an_id("request"), an_id("hold")


def about(patient_id: str, command: str, **more: str) -> dict[str, object]:
    """An order about the shredding of a patient's record."""
    who = {"shredding_id": shredding_of(patient_id), "patient_id": patient_id}
    return line(f"shredding.{command}", who | more, "privacy_officer")


@pytest.mark.usefixtures("store")
def test_the_requests_with_who_asked_when_they_are_due_and_what_holds_them(run: Run) -> None:
    """What waits, and with --all what is over; in words and as data."""
    lines = [
        program(), patient(1), patient(2), episode(1),
        about(PATIENT, "request", request_id=REQUEST, cause="retention-ended"),
        about(PATIENT, "place_hold", hold_id=HOLD, kind="audit", cause="letter"),
        about(OTHER, "request", request_id=an_id("other"), cause="mistake"),
        about(OTHER, "withdraw", request_id=an_id("other"), cause="mistake"),
    ]  # fmt: skip
    assert run("load", "-", input=text(*lines)).exit_code == 0
    assert run("project", "--once").exit_code == 0
    [found] = json.loads(run("keys", "requests", "--json").stdout)["requests"]
    assert (found["patient_id"], found["request_id"], found["requested_by"]) == (PATIENT, REQUEST, STAFF)
    assert (found["approved_by"], found["not_before"], found["due"]) == (None, None, False)
    assert [(one["kind"], one["hold"]) for one in found["held_by"]] == [("hold", "audit"), ("retention", None)]
    shown = run("keys", "requests", "--all").stdout
    for told in (
        f"{PATIENT}: waits for approval; request {REQUEST}, asked by {STAFF}, not approved.\n",
        f"  held by audit {HOLD}\n", "  held by retention until 20", f"{OTHER}: withdrawn; request ",
    ):  # fmt: skip
        assert told in shown


@pytest.mark.usefixtures("store")
def test_where_nothing_was_asked_it_says_so(run: Run) -> None:
    """A sentence rather than silence; as data an empty list."""
    assert run("load", "-", input=text(program())).exit_code == 0
    assert run("keys", "requests").stderr == "No request to give a record up is open.\n"
    assert run("keys", "requests", "--all").stderr == "Nobody ever asked to give a record up.\n"
    assert json.loads(run("keys", "requests", "--json").stdout)["requests"] == []
