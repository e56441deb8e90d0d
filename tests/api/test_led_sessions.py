"""Leading a session opens it from one day before it until its documents are signed: to read, to print and to write."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from tests.api.clinic import at, attendance, morning, on, put_on_call
from tests.api.house import PROGRAM, House, an_id, opened
from tests.api.test_documentation import SHARED, acts, part, sections
from tests.api.test_gate import last_read
from tests.api.test_printing import pages
from tests.api.test_problems import problem
from tests.api.test_relationships import newcomer
from tests.api.test_signatures import act, addendum

AUTHOR, PATIENT = an_id("clinician"), an_id("patient")
LED = (1, 2, 3)
ALL, NOTHING = [True] * 4, [False] * 4


@pytest.fixture(scope="module")
def house(postgres_url: str, open_store: str, keys: Path) -> Iterator[House]:
    """A clinic of its own, so that no other test counts its groups."""
    with psycopg.connect(postgres_url, autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE led TEMPLATE {}").format(sql.Identifier(open_store)))
    with opened(make_conninfo(postgres_url, dbname="led"), keys) as made:
        yield made


def led(house: House, number: int, second: str, days: int = 0, patients: range = range(1, 4)) -> str:
    """A group of a morning that is over, led by its author and somebody who treats nobody else; its id."""
    session = morning(house, session=number, patients=patients, days=days)
    house.done("clinician", f"/sessions/{session}/take-roster", {
        "started_at": at("09:00", days), "facilitators": [AUTHOR, second],
    })  # fmt: skip
    etag = house.get("clinician", f"/sessions/{session}").headers["ETag"]
    closing = {"ended_at": at("12:30", days), "everyone_else_stayed": True}
    house.done("clinician", f"/sessions/{session}/close", closing, If_Match=etag)
    return session


def documented(house: House, session: str, second: str, *numbers: int) -> list[str]:
    """What all share and some patients' parts, signed by the author; the ids of all of them."""
    topic, interventions = SHARED
    shared = [topic, *(interventions | {"name": f"interventions:{one}"} for one in (AUTHOR, second))]
    answer = house.done("clinician", f"/sessions/{session}/documentation", {
        "narrative": {"sections": shared}, "parts": [part(one) for one in numbers],
    })  # fmt: skip
    house.signed("clinician", *acts(answer))
    return [one["note_id"] for one in answer["documents"]]


def printed(house: House, session: str, person: str, **more: Any) -> tuple[list[bool], int] | None:
    """Whether what all share stands in a session's print, and each patient's own words; and how many documents it says
    are left out. None: there is no print."""
    path, more = f"/sessions/{session}/notes/print", {"role": "clinician"} | more
    answer = house.get(more.pop("role"), path, person=person, **more)
    if answer.status_code == 404:
        return None
    words = [SHARED[0]["words"], *(sections(one)[0]["words"] for one in LED)]
    left_out = re.search(r"not in this print: (\d+)\.", answer.text)
    return [one in answer.text for one in words], int(left_out[1]) if left_out else 0


@pytest.fixture(scope="module")
def signed(house: House) -> tuple[str, str, list[str], int]:
    """Who led a group beside its author, the group, its documents, all signed, and a moment before the last were."""
    second = newcomer(house, "led-and-signed")
    session = led(house, 1871, second)
    documented(house, session, second, 1)
    return second, session, documented(house, session, second, *LED), house.log.head().position


def test_a_session_stays_open_to_who_led_it_while_a_patients_document_is_missing(house: House) -> None:
    """Given a group of two leaders, when what all share and one part are signed, then the other's print holds what is
    still open, says that one document is left out, and they may write of a patient who has none."""
    second = newcomer(house, "led-and-open")
    session = led(house, 1872, second)
    assert printed(house, session, second) == (NOTHING, 0)
    [narrative] = documented(house, session, second)
    assert house.get("clinician", f"/notes/{narrative}", person=second).status_code == 200  # nobody's own part is there
    _, first = documented(house, session, second, 1)
    assert printed(house, session, second) == ([True, False, False, False], 1)
    assert last_read(house)["patients"] == []
    paper = house.get("clinician", f"/sessions/{session}/notes/print", person=second, format="pdf")
    assert ["Not the whole session" in one for one in pages(paper)] == [True, False]
    problem(house.get("clinician", f"/notes/{first}/print", person=second), 404, "not-found")
    house.done("clinician", f"/sessions/{session}/documentation", {"parts": [part(2)]}, person=second)
    assert printed(house, session, second) == ([True, False, True, False], 1)
    assert printed(house, session, AUTHOR) == ([True, True, True, False], 0)


def test_who_led_it_prints_and_reads_nothing_once_all_is_signed(
    house: House, signed: tuple[str, str, list[str], int]
) -> None:
    """Given all documents are signed, when the other leader asks, then each is answered like what is not there, as of a
    moment before it too; the author and the privacy officer still have all."""
    second, session, documents, before = signed
    nothing = house.get("clinician", f"/sessions/{an_id('nothing')}/notes/print", person=second).json()
    for moment in ({}, {"as_of": before}):
        closed = house.get("clinician", f"/sessions/{session}/notes/print", person=second, **moment)
        assert closed.status_code == 404
        assert last_read(house)["outcome"] == "out of reach"
        assert closed.json() | {"request": None} == nothing | {"request": None}
    for note in documents:
        for path in ("", "/print", "/signatures", "/signatures/envelopes"):
            problem(house.get("clinician", f"/notes/{note}{path}", person=second), 404, "not-found")
    assert printed(house, session, AUTHOR) == printed(house, session, an_id("privacy_officer"), role="privacy_officer")
    assert printed(house, session, AUTHOR) == (ALL, 0)


def test_who_supervises_one_who_led_it_reads_as_long_as_they_do(house: House) -> None:
    """Given somebody supervises the other leader, when all documents are signed, then the session is closed to both."""
    second, supervisor = newcomer(house, "led-supervised"), newcomer(house, "led-supervisor")
    house.done("director", f"/clinicians/{second}/assign-supervisor", {
        "supervisor_id": supervisor, "effective_from": on(-10),
    })  # fmt: skip
    session = led(house, 1876, second)
    assert printed(house, session, supervisor, role="supervisor") == (NOTHING, 0)
    assert printed(house, session, supervisor) is None  # not as a supervisor
    documented(house, session, second, *LED)
    assert printed(house, session, supervisor, role="supervisor") is None


def test_who_led_it_orders_nothing_of_its_documents_once_all_is_signed(
    house: House, signed: tuple[str, str, list[str], int]
) -> None:
    """Given all documents are signed, when the other leader would amend, answer, sign or write one anew, then there is
    no such document; the attendance is corrected by whoever may, as it was; the author amends."""
    second, session, (narrative, note, *_), _ = signed
    for one in (narrative, note):
        answer = {"signed_by": "patient", "capacity_rule": "adult", "how": "on_paper", "signed_on": on()}
        problem(house.post("clinician", f"/notes/{one}/patient-sign", answer, person=second), 404, "not-found")
        for given in (addendum(one, 1), act(one, "note.sign_as_facilitator")):
            [shown] = house.shown("clinician", given, person=second)["signatures"]
            assert shown["refused"]["type"].endswith(":not-found")
    about = {"program_id": PROGRAM, "service_date": on(), "service_ended_at": at("12:30"), "session_id": session,
             "author_id": second, "content": {"sections": sections(1)}}  # fmt: skip
    patients = {"patient_id": PATIENT, "enrollment_id": an_id("enrollment"), "narrative_id": narrative,
                "goals": ["goal-1"]}  # fmt: skip
    for body in (about | patients | {"kind": "group"}, about | {"kind": "group_narrative"}):
        problem(house.post("clinician", "/notes", body, person=second), 404, "not-found")
    etag = house.get("clinician", f"/sessions/{session}").headers["ETag"]
    house.done("clinician", f"/sessions/{session}/correct-attendance", {
        "attendance_id": attendance(1871, 3), "status": "present", "cause": "entry_error", "explanation": "Wrong line.",
        "intervals": [{"start": at("09:00"), "stop": at("12:00")}],
    }, person=second, If_Match=etag)  # fmt: skip
    [shown] = house.shown("clinician", addendum(note, 2))["signatures"]
    assert shown["refused"] is None


def test_who_is_found_to_have_been_there_opens_it_again(house: House) -> None:
    """Given a group of three days ago without one of its patients, all documents signed, when the sign-in sheet shows
    that they were there, then who led it writes their part, and has nobody else's."""
    second = newcomer(house, "led-sign-in-sheet")
    session = led(house, 1873, second, days=-3)
    correct(house, session)
    documented(house, session, second, 1, 2)
    assert printed(house, session, second) is None
    correct(house, session, {"start": at("09:00", -3), "stop": at("12:30", -3)})
    assert printed(house, session, second) == ([True, False, False, False], 2)
    answer = house.done("clinician", f"/sessions/{session}/documentation", {"parts": [part(3)]}, person=second)
    assert [one["outcome"] for one in answer["documents"]] == ["stored"]


def correct(house: House, session: str, *there: dict[str, str]) -> None:
    """The third patient was there then, or not at all."""
    etag = house.get("clinician", f"/sessions/{session}").headers["ETag"]
    house.done("clinician", f"/sessions/{session}/correct-attendance", {
        "attendance_id": attendance(1873, 3), "status": "present" if there else "absent", "cause": "sign_in_sheet",
        "explanation": "Line 3.", "intervals": there,
    }, If_Match=etag)  # fmt: skip


def test_who_is_on_call_prints_it_whole_after_it_was_signed_until_that_is_ended(
    house: House, signed: tuple[str, str, list[str], int]
) -> None:
    """Given all documents are signed, whoever is on call treats everybody of the program."""
    person = newcomer(house, "led-on-call")
    assert printed(house, signed[1], person) is None
    call = put_on_call(house, person)
    assert printed(house, signed[1], person) == (ALL, 0)
    house.done("supervisor", f"/clinicians/{person}/end-on-call", {"on_call_id": call})
    assert printed(house, signed[1], person) is None


def test_before_the_day_before_it_leading_a_group_opens_nothing(house: House) -> None:
    """Given a group that was moved to the day after tomorrow and is handed to somebody to lead, and one moved to
    tomorrow, when they print it or write what all will share, then only tomorrow's is there."""
    leader = newcomer(house, "led-soon")
    for number, planned, days, there in ((1874, 1, 2, False), (1875, 5, 1, True)):
        session = morning(house, session=number, patients=range(1, 4), days=planned)
        etag = house.get("clinician", f"/sessions/{session}").headers["ETag"]
        house.done("front_desk", f"/sessions/{session}/reschedule", {
            "service_date": on(days), "starts_at": at("09:00", days), "ends_at": at("12:30", days),
            "facilitators": [leader], "cause": "handed_over",
        }, If_Match=etag)  # fmt: skip
        assert (printed(house, session, leader) == (NOTHING, 0)) == there
        answer = house.post("clinician", "/notes", {
            "kind": "group_narrative", "program_id": PROGRAM, "service_date": on(days), "session_id": session,
            "service_ended_at": at("12:30", days), "author_id": leader, "content": {"sections": [SHARED[0]]},
        }, person=leader)  # fmt: skip
        assert (answer.status_code != 404) == there


def test_a_print_asks_as_little_of_many_documents_as_of_few(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who may see them one by one is asked of all documents of a session together: of its author, of who led it beside
    the author and may write of one patient still, of a supervisor, and of who treats nobody."""
    second, asked = newcomer(house, "led-and-many"), list[str]()
    people = {AUTHOR: 0, second: 1, an_id("supervisor"): 0, newcomer(house, "led-by-others"): None}
    sessions = {1: led(house, 1881, second, -1, range(1, 3)), 9: led(house, 1882, second, 0, range(3, 13))}
    for first, (many, session) in zip((1, 3), sessions.items(), strict=True):
        documented(house, session, second, *range(first, first + many))
    execute = psycopg.Cursor.execute

    def counted(cursor: Any, *given: Any, **more: Any) -> Any:
        if not any(word in (text := str(given)) for word in ("subject_key", "access.revoked")):  # once a second each
            asked.append(text)
        return execute(cursor, *given, **more)

    monkeypatch.setattr(psycopg.Cursor, "execute", counted)
    for purpose, (person, left_out) in product(("treatment", "payment"), people.items()):
        role, queries = "supervisor" if person == an_id("supervisor") else "clinician", set()
        for many, session in sessions.items():
            printed(house, session, person, role=role)  # what a process asks once is asked here
            asked.clear()
            answer = printed(house, session, person, role=role, purpose=purpose, project=False)
            assert (answer and answer[1]) == (left_out and many)
            queries.add(len(asked))
        assert len(queries) == 1
