"""Pictures over HTTP: drawn or told, for the roles of the list that they show, on record and kept by nobody."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from tests.api.clinic import FAMILY, at, attendance, morning, on, take_in
from tests.api.house import ELSEWHERE, PROGRAM, House, an_id
from tests.api.test_gate import last_read
from tests.api.test_problems import problem

ABSENT, NOT_EXPECTED = 852, 853
PATIENT = an_id("patient", 851)
TREND = f"/patients/{PATIENT}/outcomes/phq-9"
ATTENDANCE = {"from": on(-10), "to": on()}
ROUTES = {
    TREND: ("outcomes.patient_picture", {}), f"/programs/{PROGRAM}/outcomes/phq-9": ("outcomes.program_picture", {}),
    f"/programs/{PROGRAM}/stay": ("outcomes.stay_picture", {}),
    f"/programs/{PROGRAM}/attendance": ("caseload.attendance_picture", ATTENDANCE),
}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def worked(house: House) -> int:
    """Two measures of one patient, with the log's position between them, and a session with an absence; of patients
    whom no other file knows."""
    for number in (851, ABSENT, NOT_EXPECTED):
        take_in(house, number)
    measure(house, -9, [2] * 9)
    house.project()
    between = house.log.head().position
    measure(house, -2, [1] * 9)
    session = morning(house, session=851, patients=range(851, 853))
    absent = {"attendance_id": attendance(851, ABSENT), "excused": True, "cause": "illness"}
    house.done("front_desk", f"/sessions/{session}/mark-absent", absent)
    return between


def measure(house: House, day: int, items: list[int]) -> None:
    """A PHQ-9 of a morning."""
    house.done("clinician", "/assessments", {
        "patient_id": PATIENT, "enrollment_id": an_id("enrollment", 851), "program_id": PROGRAM, "instrument": "phq-9",
        "items": items, "administered_on": on(day), "administered_at": at("09:00", day), "respondent": "patient",
        "occasion": "baseline" if day == -9 else "routine",
    })  # fmt: skip


@pytest.mark.parametrize("path", ROUTES)
def test_each_is_drawn_and_told_on_record_and_kept_by_nobody(house: House, path: str) -> None:
    """The SVG's description is the text of the JSON; no name is in either; both reads are recorded like a list's."""
    resource, given = ROUTES[path]
    drawn = house.get("utilization_reviewer", f"{path}.svg", **given)
    assert (drawn.status_code, drawn.headers["content-type"]) == (200, "image/svg+xml"), drawn.text
    assert drawn.headers["cache-control"] == "no-store" and "etag" not in drawn.headers
    assert drawn.headers["content-security-policy"].startswith("default-src 'none'")
    told = house.found("utilization_reviewer", f"{path}.json", **given)
    title, described = list(ElementTree.fromstring(drawn.text))[:2]  # noqa: S314 - our own
    assert (title.text, described.text) == (told["title"], told["described"])
    assert all(len(row) == len(told["columns"]) for row in told["rows"])
    assert FAMILY not in drawn.text and FAMILY not in str(told)
    read = last_read(house)
    assert [read[name] for name in ("role", "resource", "outcome")] == ["utilization_reviewer", resource, "answered"]
    assert (PATIENT in read["patients"]) == (path == TREND or "attendance" in path)


@pytest.mark.parametrize("path", ROUTES)
def test_who_may_not_ask_gets_no_picture(house: House, path: str) -> None:
    """The biller sees no results; another program's people find nothing."""
    given = ROUTES[path][1]
    problem(house.get("biller", f"{path}.svg", **given), 403, "not-permitted")
    problem(house.get("utilization_reviewer", f"{path}.svg", programs=(ELSEWHERE,), **given), 404, "not-found")


def test_a_trend_as_of_a_moment_is_what_was_known_then(house: House, worked: int) -> None:
    """One measure before the second was recorded, and two now; 18, then 9 less nine, which is recovered."""
    now = house.found("clinician", f"{TREND}.json")
    then = house.found("clinician", f"{TREND}.json", as_of=worked)
    assert [row[3:7] for row in now["rows"]] == [
        [18, "moderately severe", None, None], [9, "mild", -9, "recovered"],
    ]  # fmt: skip
    assert now["rows"][:1] == then["rows"]
    assert house.get("clinician", f"{TREND}.svg", as_of=worked).text.count("recovered") == 0


def test_the_map_of_attendance_marks_who_came_and_who_was_excused(house: House) -> None:
    """Today one is excused and one expected; the others were not expected and have no mark."""
    found = house.found("front_desk", f"/programs/{PROGRAM}/attendance.json", **{"from": on(), "to": on()})
    marks = {row[0]: row[1] for row in found["rows"]}
    assert [marks[an_id("patient", one)[:8]] for one in (ABSENT, 851, NOT_EXPECTED)] == ["excused", "open", None]


def test_what_there_is_not_cannot_be_drawn(house: House) -> None:
    """Another scale or instrument, another ending, dates in reverse or too many."""
    problem(house.get("clinician", f"{TREND}.svg", scale="cluster-c"), 404, "not-found")
    problem(house.get("clinician", f"/patients/{PATIENT}/outcomes/gad-7.svg"), 404, "not-found")
    problem(house.get("clinician", f"{TREND}.png"), 422, "invalid")
    path = f"/programs/{PROGRAM}/attendance.svg"
    problem(house.get("clinician", path, **{"from": on(), "to": on(-1)}), 422, "invalid")
    problem(house.get("clinician", path, **{"from": on(-92), "to": on()}), 422, "invalid")
