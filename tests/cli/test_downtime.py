"""A day on paper: the sheets, who may have them, the record of it, and the paper typed in a day later."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pypdf
import pytest

from aggregates.assessment.facts import AssessmentAdministered
from aggregates.clinician.facts import ClinicianIdentity, ClinicianJoined, OnCallAssigned
from aggregates.group.facts import FacilitatorAssigned, GroupFormed, PatientRostered, SeriesScheduled
from aggregates.patient.facts import (
    ConfidentialContact,
    ConfidentialContactSet,
    GuardianIdentity,
    GuardianRecorded,
    Identity,
    PatientRegistered,
)
from iop_es.settings import Settings
from iop_es.wiring import opened
from tests.cli.conftest import Run, one_sentence
from tests.projections.billing.clinic import Clinic, an_id

pytestmark = pytest.mark.slow
DAY, EVENING, TYPED_IN = "2026-03-03", "2026-03-02T22:00:00.000000Z", "2026-03-04T22:00:00.000000Z"
FIRST, SECOND, TYPIST = an_id("patient"), an_id("patient", 2), an_id("clinician")


@pytest.fixture
def clinic(run: Run, simulation: str, tmp_path: Path) -> Clinic:
    """On the evening of 2 March: two patients are expected at nine; the second also at one, by a group's series alone.
    The first has an urgent alert and a guardian; the second asked to be reached in another way."""
    told = Clinic()
    told.open()
    story, group = told.story, an_id("group")
    joined = ClinicianJoined(
        discipline="LCSW", associate=False, joined_on="2020-01-01", programs=(an_id("program"),), has_npi=True,
        sealed=ClinicianIdentity(family_name="Lead", given_name="Lee", npi="1234567893"),
    )  # fmt: skip
    story.tell(TYPIST, joined)
    story.tell(TYPIST, OnCallAssigned(
        on_call_id=an_id("on call"), program_id=an_id("program"), starts_at="2026-03-01T00:00:00.000000Z",
        ends_at=f"{DAY}T14:00:00.000000Z",
    ))  # fmt: skip
    told.license()
    told.publish()
    for number, name in ((1, "Quillfeather"), (2, "Marchbanks")):
        who = Identity(
            family_name=name, given_name="Ada", birth_date="1990-05-01", sex="female", phone=f"555-010{number}",
            medical_record_number=f"00098{number}",
        )  # fmt: skip
        story.tell(an_id("patient", number), PatientRegistered(
            year_of_birth=1990, has_medical_record_number=True, has_address=False, sealed=who
        ))  # fmt: skip
        told.patient(number)
        guardian = GuardianIdentity(family_name="Elder", given_name=f"Kin{number}", phone=f"555-019{number}")
        story.tell(an_id("patient", number), GuardianRecorded(
            guardian_id=an_id("guardian", number), relationship="parent", authority="parent",
            effective_from="2020-01-01", sealed=guardian,
        ))  # fmt: skip
    wish = ConfidentialContact(instructions="Letters to the post box only.")
    story.tell(SECOND, ConfidentialContactSet(effective_from="2026-01-01", sealed=wish))
    story.tell(group, GroupFormed(
        program_id=an_id("program"), topic="relapse-prevention", service_kind="group", capacity=8,
        modality="in_person", formed_on="2026-01-01",
    ))  # fmt: skip
    series = SeriesScheduled(
        series_id=an_id("series"), weekdays=(2,), starts="13:00", minutes=60, effective_from="2026-01-01"
    )
    story.tell(group, series)
    story.tell(group, FacilitatorAssigned(clinician_id=TYPIST, effective_from="2026-01-01"))
    story.tell(group, PatientRostered(
        patient_id=SECOND, enrollment_id=an_id("enrollment", 2), effective_from="2026-01-01", cause="assigned",
        over_capacity=False,
    ))  # fmt: skip
    story.tell(an_id("assessment"), AssessmentAdministered(
        patient_id=FIRST, enrollment_id=an_id("enrollment"), program_id=an_id("program"), instrument="phq-9",
        instrument_version="1", administered_on="2026-03-02", administered_at="2026-03-02T15:00:00.000000Z",
        occasion="routine", respondent="patient", items=(1, 1, 1, 1, 1, 1, 1, 1, 3),
    ), recorded=EVENING)  # fmt: skip
    with opened(Settings()) as house:
        story.append(house.log)
    loaded(run, tmp_path, [planned()])
    return told


def planned() -> dict[str, Any]:
    """The session at nine."""
    expected = [
        {"patient_id": an_id("patient", one), "enrollment_id": an_id("enrollment", one),
         "attendance_id": an_id("attendance", 1000 + one)} for one in (1, 2)
    ]  # fmt: skip
    data = {
        "session_id": an_id("session", 1), "program_id": an_id("program"), "service_kind": "group",
        "level_of_care": "intensive_outpatient", "topic": "coping-skills", "service_date": DAY,
        "starts_at": f"{DAY}T09:00-05:00", "ends_at": f"{DAY}T12:00-05:00", "place_of_service": "53",
        "facilitators": [TYPIST], "expected": expected,
    }  # fmt: skip
    actor = {"id": TYPIST, "role": "clinician"}
    return {"command": "session.schedule", "actor": actor, "recorded_at": "2026-03-02T22:05:00Z", "data": data}


def loaded(run: Run, folder: Path, lines: list[dict[str, Any]], refused: int = 0) -> None:
    """Loads these lines; so many are refused."""
    file = folder / "typed.jsonl"
    file.write_text("".join(f"{json.dumps(one)}\n" for one in lines))
    done = run("load", file, "--json")
    tally = json.loads(done.stdout)
    assert (len(tally["refused"]), tally["lines"]) == (refused, len(lines)), done.output
    assert run("project", "--once").exit_code == 0


def reads(url: str) -> list[tuple[Any, ...]]:
    """Of what is on record as read: role, purpose, what, and whose."""
    query = "SELECT role, purpose, resource, patients::text[] FROM iop.access_log ORDER BY id"
    with psycopg.connect(url) as connection:
        return connection.execute(query).fetchall()


def paper(path: Path) -> list[str]:
    """The text of each page."""
    return [page.extract_text() for page in pypdf.PdfReader(path).pages]


def test_a_page_a_group_and_then_who_is_reached_how_and_who_needs_someone(
    run: Run, clinic: Clinic, simulation: str, tmp_path: Path
) -> None:
    """Tomorrow's groups, scheduled or by their series; a wish for another way replaces every number; all on record."""
    out = tmp_path / "day.pdf"
    assert run("downtime", "--out", out).exit_code == 0
    assert out.stat().st_mode & 0o777 == 0o600
    nine, one, last = paper(out)
    assert "09:00–12:00 Coping skills" in nine and "Lead, Lee" in nine and "place of service 53" in nine
    assert re.search(r"1-1 Marchbanks, Ada …0982 !\n1-2 Quillfeather, Ada …0981 !", nine), nine
    assert "13:00–14:00 Relapse prevention" in one and "2-1 Marchbanks, Ada" in one and "not scheduled yet" in one
    assert "Quillfeather" not in one
    assert "555-0101" in last and "Elder, Kin1 (parent), 555-0191" in last
    assert "ONLY SO: Letters to the post box only." in last and "Elder, Kin2 (parent)" in last
    assert "555-0102" not in last and "555-0192" not in last
    assert "URGENT: Safety item since 2026-03-02, nobody has taken it." in last and "No measure since" in last
    for number, page in enumerate((nine, one, last), 1):
        assert f"iop-1 · Tuesday {DAY} · downtime" in page and f"page {number} of 3" in page
        assert "As known at 2026-03-02 17:05 EST" in page and "shred it" in page
    whose = sorted((FIRST, SECOND))
    assert reads(simulation) == [("clinician", "treatment", "downtime/tomorrow", whose)]


def line(command: str, recorded: str, **data: Any) -> dict[str, Any]:
    """A command as the house's own tools bring it in."""
    actor = {"id": TYPIST, "role": "system"}
    return {"command": command, "actor": actor, "recorded_at": recorded, "data": data}


def test_a_group_that_meets_twice_stands_with_both_although_one_is_scheduled(
    run: Run, clinic: Clinic, tmp_path: Path
) -> None:
    """What has a session, be it called off, stands once; what has none yet stands by its series."""
    group, out = an_id("group"), tmp_path / "day.pdf"
    planned_at_one = planned()["data"] | {
        "session_id": an_id("session", 2), "group_id": group, "topic": "relapse-prevention", "expected": [],
        "starts_at": f"{DAY}T13:00-05:00", "ends_at": f"{DAY}T14:00-05:00",
    }  # fmt: skip
    loaded(run, tmp_path, [
        line("group.schedule_series", "2026-03-02T22:10:00Z", group_id=group, series_id=an_id("series", 2),
             weekdays=[2], starts="15:00", minutes=60, effective_from="2026-01-01"),
        line("session.schedule", "2026-03-02T22:11:00Z", **planned_at_one),
    ])  # fmt: skip
    assert run("downtime", "--out", out).exit_code == 0
    assert [re.findall(r"\d\d:\d\d–\d\d:\d\d", one)[:1] for one in paper(out)[:-1]] == [
        ["09:00–12:00"], ["13:00–14:00"], ["15:00–16:00"],
    ]  # fmt: skip
    assert "1 Marchbanks, Ada" in paper(out)[2]
    loaded(run, tmp_path, [
        line("session.cancel", "2026-03-02T22:12:00Z", session_id=an_id("session", 2), cause="weather")
    ])
    assert run("downtime", "--out", out).exit_code == 0
    assert "15:00–16:00" in paper(out)[1] and len(paper(out)) == 3


def test_a_session_under_way_stands_on_the_paper_of_its_day(run: Run, clinic: Clinic, tmp_path: Path) -> None:
    """Printed at half past nine because the system is failing, it has who is in the room."""
    out, nine = tmp_path / "day.pdf", f"{DAY}T09:00-05:00"
    loaded(run, tmp_path, [
        line("session.start", f"{DAY}T14:30:00Z", session_id=an_id("session", 1), started_at=nine)
    ])
    assert run("downtime", "--on", DAY, "--out", out).exit_code == 0
    assert "1-2 Quillfeather, Ada" in paper(out)[0]


def test_whom_an_alert_of_safety_is_about_stands_among_the_contacts_also_outside_of_care(
    run: Run, clinic: Clinic, simulation: str, tmp_path: Path
) -> None:
    """Somebody referred and not admitted answered item 9: the paper says so, how to reach them, and is on record."""
    out, waiting, episode = tmp_path / "day.pdf", an_id("patient", 3), an_id("enrollment", 3)
    who = {"family_name": "Waiting", "given_name": "Wanda", "birth_date": "1990-05-01", "sex": "female",
           "phone": "555-0103"}  # fmt: skip
    loaded(run, tmp_path, [
        line("patient.register", "2026-03-02T22:10:00Z", patient_id=waiting, identity=who),
        line("enrollment.refer", "2026-03-02T22:10:00Z", enrollment_id=episode, patient_id=waiting,
             program_id=an_id("program"), referred_on="2026-03-02", source="self"),
        line("assessment.administer", "2026-03-02T22:11:00Z", assessment_id=an_id("assessment", 3), patient_id=waiting,
             enrollment_id=episode, program_id=an_id("program"), instrument="phq-9", administered_on="2026-03-02",
             administered_at="2026-03-02T21:00:00Z", occasion="baseline", respondent="patient", items=[0] * 8 + [3]),
    ])  # fmt: skip
    assert run("downtime", "--out", out).exit_code == 0
    last = paper(out)[-1]
    assert re.search(r"Waiting, Wanda\s+555-0103", last), last
    assert re.search(r"Waiting, Wanda\s+URGENT: Safety item since 2026-03-02", last), last
    assert waiting in reads(simulation)[-1][3]


def test_a_role_gets_what_it_may_see_and_others_get_nothing(
    run: Run, clinic: Clinic, simulation: str, tmp_path: Path
) -> None:
    """The front desk is told to ask the clinician; a biller, an unknown program and a wrong name print nothing."""
    page = tmp_path / "day.html"
    assert run("downtime", "--on", DAY, "--role", "front_desk", "--out", page).exit_code == 0
    shown = page.read_text()
    assert "Ask the clinician." in shown and "Safety item" not in shown and "…0981" in shown
    none = tmp_path / "none.pdf"
    assert "'biller' sees no rosters" in one_sentence(run("downtime", "--role", "biller", "--out", none), 2)
    nowhere = ("--program", an_id("program", 9))
    assert "There is no program" in one_sentence(run("downtime", *nowhere, "--out", none), 2)
    assert "neither in .pdf nor in .html" in one_sentence(run("downtime", "--out", tmp_path / "a.doc"), 2)
    assert run("downtime", "--on", "2026-03-08", "--out", none).exit_code == 0
    assert "No group meets on this day." in paper(none)[0]
    assert "cannot be written" in one_sentence(run("downtime", "--out", tmp_path / "no" / "a.pdf"), 2)
    assert [(role, what) for role, _, what, _ in reads(simulation)] == [
        ("front_desk", f"downtime/{DAY}"), ("clinician", "downtime/2026-03-08"), ("clinician", "downtime/tomorrow"),
    ]  # fmt: skip  # the last one went on record before anything could be written


@pytest.mark.usefixtures("clinic")
def test_the_paper_says_when_nobody_is_on_call(run: Run, tmp_path: Path) -> None:
    """On the page of the contacts, through the day's end in the program's time; in both forms."""
    told = "Nobody is on call from 2026-03-03 09:00 EST until 2026-03-04 00:00 EST."
    for name in ("day.html", "day.pdf"):
        assert run("downtime", "--out", tmp_path / name).exit_code == 0
    assert told in (tmp_path / "day.html").read_text()
    assert told in " ".join(paper(tmp_path / "day.pdf")[-1].split())


def test_the_paper_is_typed_in_a_day_later_and_stands_as_late(
    run: Run, clinic: Clinic, tmp_path: Path
) -> None:
    """What nobody filled in is refused, the rest is late in the trail; with the note the day can be billed."""
    file = tmp_path / "day.jsonl"
    assert run("downtime", "--out", tmp_path / "day.pdf", "--lines", file, "--person", TYPIST).exit_code == 0
    skeleton = [json.loads(one) for one in file.read_text().splitlines()]
    loaded(run, tmp_path, skeleton, refused=len(skeleton))
    loaded(run, tmp_path, list(filled(skeleton)))
    trail = tmp_path / "trail.ndjson"
    assert run("trail", "--out", trail, "--from", TYPED_IN).exit_code == 0
    entries = [json.loads(one) for one in trail.read_text().splitlines()]
    late = {one["name"] for one in entries if one["late"]}
    assert late >= {
        "session.started", "session.patient_checked_in", "session.patient_checked_out", "session.patient_marked_absent",
        "session.closed",
    }, entries  # fmt: skip
    assert day(run, FIRST)["reason"] == "note_missing"
    clinic.story.now, told = "2026-03-04T23:00:00.000000Z", len(clinic.story.facts)
    clinic.sign(clinic.draft(DAY, "12:00", 1), DAY, "2026-03-04T23:10:00.000000Z")
    with opened(Settings()) as house:
        clinic.story.append(house.log, told + 1)
    assert run("project", "--once").exit_code == 0
    billed = day(run, FIRST)
    assert (billed["state"], billed["minutes"], billed["cents"]) == ("billable", 180, 20_000)


def filled(skeleton: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """As the paper says: at nine the first was there throughout, the second was ill; at one the second came late."""
    times = {"started_at": ("09:00", "13:00"), "arrived_at": ("09:00", "13:10"), "left_at": ("12:00", "14:00"),
             "ended_at": ("12:00", "14:00")}  # fmt: skip
    for one in skeleton:
        group = 0 if one["data"]["session_id"] == an_id("session", 1) else 1
        ill = one["data"].get("attendance_id") == an_id("attendance", 1002)
        if one["command"] in {"session.take_break", *(ABSENT if not ill else PRESENT)}:
            continue
        text = json.dumps(one)
        for name, clocks in times.items():
            text = re.sub(rf'("{name}": "[-0-9]+T)__:__', rf"\g<1>{clocks[group]}", text)
        text = text.replace('"excused": "__", "cause": "__"', '"excused": true, "cause": "ill"')
        yield json.loads(text.replace('"place_of_service": "__"', '"place_of_service": "53"')) | {
            "recorded_at": TYPED_IN
        }


ABSENT, PRESENT = {"session.mark_absent"}, {"session.check_in", "session.check_out"}


def day(run: Run, patient: str) -> dict[str, Any]:
    """How the day is decided."""
    [item] = json.loads(run("explain", patient, DAY, "--json").stdout)["items"]
    found: dict[str, Any] = item["day"]
    return found
