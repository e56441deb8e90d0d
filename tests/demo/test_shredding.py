"""A patient of a simulated clinic is shredded seven years later: names and words are gone, and nothing else is."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from typer.testing import CliRunner, Result

from aggregates.codec import decode
from aggregates.enrollment.commands import DischargePatient
from aggregates.kit import Refusal
from aggregates.shredding import commands as ask
from aggregates.shredding import refusals as no
from aggregates.shredding.streams import shredding_of
from aggregates.values import Role, instant, moment
from api.commands.order import Order
from iop_es import wiring
from iop_es.cli import app
from iop_es.cli.operator import asked_here
from iop_es.engine.readmodel.driver import Driver
from iop_es.engine.stored import subject_of
from iop_es.settings import Settings
from iop_es.shredding import shred, unfinished
from iop_es.wiring import House
from projections.caseload import queries as caseload
from tests.projections.story import tables

pytestmark = pytest.mark.slow
COMMON = re.compile(r"([a-z_]+:)?[0-9a-f-]{32,}|[a-z_]+|goal-\d|\d{4}-\d\d-\d\d.*")
"""What is no person's own: codes, dates and ids, and the section of each facilitator, whose id follows its name."""
FIRST, SECOND, REQUEST, HOLD = (f"00000000-0000-4000-8000-0000000005{digit}1" for digit in "1234")


@pytest.fixture
def settings(simulated: Settings, postgres_url: str, tmp_path: Path) -> Iterator[Settings]:
    """A copy of the small clinic's store, with a copy of its keys: what is destroyed is gone for one test alone."""
    project = tmp_path / "project"
    shutil.copytree(simulated.project, project)
    source = conninfo_to_dict(str(simulated.database_url))["dbname"]
    with psycopg.connect(postgres_url, autocommit=True) as server:
        names = [sql.Identifier("shredding"), sql.Identifier(str(source))]
        server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*names))
        server.execute("GRANT CREATE ON DATABASE shredding TO iop_owner")
    place = make_conninfo(postgres_url, dbname="shredding")
    yield simulated.model_copy(update={"database_url": place, "project": project})
    with psycopg.connect(postgres_url, autocommit=True) as server:
        server.execute("DROP DATABASE shredding WITH (FORCE)")


@pytest.fixture
def house(settings: Settings) -> Iterator[House]:
    """It, opened."""
    with wiring.opened(settings) as opened:
        yield opened


def run(settings: Settings, *words: str) -> Result:
    """`iop-es` with these words on that store."""
    given = {"IOP_ES_DATABASE_URL": str(settings.database_url), "IOP_ES_PROJECT": str(settings.project)}
    return CliRunner().invoke(app, list(words), env=given)


def order(house: House, command: Any, by: str = FIRST, at: str | None = None, role: Role = "system") -> Any:
    """Orders it, at a time of the simulated clock."""
    name = type(command).__name__
    digest = str(hash(repr(command))).encode()
    made = Order(command, by, role, None, f"{name}:{by}:{digest.decode()}:{at}", digest)
    [answer] = house.commands().handle_all([made], at)
    if isinstance(answer, Exception):
        raise answer
    return answer


def later(house: House, days: int) -> str:
    """So many days after the log's head."""
    return instant(moment(house.log.head().recorded_at) + timedelta(days=days))


def kept_long_enough(house: House, roster: list[str]) -> None:
    """Seven years pass, told by somebody who is not of this roster."""
    registered = house.log.as_stored().by_topics(["patient.registered"])
    other = next(fact.stream for fact in registered if fact.stream not in roster)
    order(house, asked(other, ask.PlaceHold, hold_id=HOLD, kind="audit", cause="time-passes"), at=later(house, 7 * 366))


def a_group(house: House) -> tuple[str, list[str]]:
    """A session whose group shares a narrative, and its patients."""
    for fact in house.log.as_stored().by_topics(["note.signed"]):
        if subject_of(fact.context).startswith("session:"):
            session = subject_of(fact.context).partition(":")[2]
            with house.log.pool.connection() as connection:
                return session, house.log.patients_of(connection, [session])
    raise AssertionError("The clinic has groups.")


def sealed_of(house: House, subject: str) -> list[bytes | None]:
    """What every sealed fact of a subject opens to."""
    stored = house.log.as_stored().after(0, 1_000_000, with_sealed=True)
    wanted = [fact.position for fact in stored if fact.sealed and subject_of(fact.context) == subject]
    return [fact.sealed for fact in house.log.at(wanted, with_sealed=True)]


def rows(house: House, *models: str) -> dict[str, Any]:
    """Every row of these read models."""
    house.project()
    found: dict[str, Any] = {}
    for name in models:
        driver = Driver(wiring.MODELS[name], house.log, house.projector_pool, decode)
        driver.prepare()
        found[name] = tables(driver, house.projector_pool)
    return found


def discharged(house: House, patient: str) -> None:
    """Ends every episode of the patient that is open."""
    facts = house.log.as_stored().of_patient(patient)
    ended = {fact.stream for fact in facts if fact.name == "enrollment.patient_discharged"}
    for stream in sorted({fact.stream for fact in facts if fact.name == "enrollment.patient_admitted"} - ended):
        day = house.log.head().recorded_at[:10]
        command = DischargePatient(enrollment_id=stream, discharged_on=day, reason="completed", patient_status="01")
        order(house, command, at=later(house, 1))


def asked(patient: str, command: Any, **more: Any) -> Any:
    """A command about the patient's shredding."""
    return command(shredding_id=shredding_of(patient), patient_id=patient, **more)


def approved(house: House, patient: str, request: str) -> None:
    """One person asks, another approves, and thirty days pass."""
    order(house, asked(patient, ask.RequestShredding, request_id=request, cause="retention-ended"))
    order(house, asked(patient, ask.ApproveShredding, request_id=request), SECOND)
    hold = asked(patient, ask.PlaceHold, hold_id=request, kind="audit", cause="time-passes")
    order(house, hold, at=later(house, 31))
    order(house, asked(patient, ask.ReleaseHold, hold_id=request, cause="time-passed"))


def refused(house: House, patient: str) -> type[Exception]:
    """Why it is not carried out now."""
    with house.keeper() as keeper, pytest.raises(Refusal) as told:
        shred(house, keeper, patient, FIRST)
    return type(told.value)


def test_nothing_personal_stands_open_in_the_database(house: House, settings: Settings) -> None:
    """Every name, number, address and word that was sealed is looked for in every row of every table, in the bytes of
    the facts, the documents of the read models and the keys: none is there."""
    words: set[str] = set()

    def collect(value: Any) -> None:
        if isinstance(value, dict):
            for one in value.values():
                collect(one)
        elif isinstance(value, list):
            for one in value:
                collect(one)
        elif isinstance(value, str) and len(value) >= 6 and not COMMON.fullmatch(value):
            words.add(value)

    for fact in house.log.after(0, 1_000_000, with_sealed=True):
        if fact.sealed is not None and subject_of(fact.context) != "organization:organization":
            collect(json.loads(fact.sealed))
    assert len(words) > 500
    inside = {word: re.findall(r"(?<=\W)\w{3,}(?=\W)", word) for word in words}
    found: set[str] = set()
    with psycopg.connect(str(settings.database_url)) as server:
        server.execute("SET bytea_output = 'escape'")
        named = server.execute(
            "SELECT table_schema, table_name FROM information_schema.tables WHERE table_schema LIKE 'iop%' "
            "AND table_type = 'BASE TABLE'"
        ).fetchall()
        assert ("iop_keys", "subject_key") in named
        for schema, table in named:
            query = sql.SQL("SELECT t::text FROM {} t").format(sql.Identifier(schema, table))
            whole = "\n".join(str(row[0]) for row in server.execute(query))
            # What stands between others in a text stands so wherever the text does: looked up first, it spares most.
            there = set(re.findall(r"\w{3,}", whole))
            found |= {f"{schema}.{table}: {word}" for word in words if there.issuperset(inside[word]) and word in whole}
    assert sorted(found)[:10] == []


def test_a_patient_is_shredded_and_everything_else_stays(house: House, settings: Settings) -> None:
    """Refused while in care, too young, on hold, unapproved or too early; then carried out: the sealed parts open no
    more, the totals of billing and outcomes are what they were, live and rebuilt, and the log verifies."""
    session, roster = a_group(house)
    patient, other = roster[:2]
    others_before, shared = sealed_of(house, f"patient:{other}"), sealed_of(house, f"session:{session}")
    assert shared and all(shared)
    assert all(sealed_of(house, f"patient:{patient}"))
    assert refused(house, patient) is no.ShreddingNotRequested
    order(house, asked(patient, ask.RequestShredding, request_id=REQUEST, cause="retention-ended"))
    assert refused(house, patient) is no.ShreddingNotApproved
    with pytest.raises(no.ApprovalOfOwnRequest):
        order(house, asked(patient, ask.ApproveShredding, request_id=REQUEST))
    order(house, asked(patient, ask.ApproveShredding, request_id=REQUEST), SECOND)
    assert refused(house, patient) is no.ShreddingTooEarly
    hold = asked(patient, ask.PlaceHold, hold_id=HOLD, kind="litigation", cause="subpoena")
    order(house, hold, SECOND, at=later(house, 31))
    assert refused(house, patient) is no.HeldFromShredding
    order(house, asked(patient, ask.ReleaseHold, hold_id=HOLD, cause="settled"), SECOND)
    assert refused(house, patient) in {no.InCareStill, no.RetentionRuns}
    discharged(house, patient)
    assert refused(house, patient) is no.RetentionRuns
    told = run(settings, "keys", "shred", patient)
    assert (told.exit_code, "has to be kept through" in told.stderr) == (1, True)

    passing = asked(other, ask.PlaceHold, hold_id=HOLD, kind="audit", cause="time-passes")
    order(house, passing, at=later(house, 7 * 366), role="privacy_officer")
    before = rows(house, "billing", "outcomes")
    with house.keeper() as keeper:
        done = shred(house, keeper, patient, FIRST)
        assert done.destroyed == len(done.fact.keys) >= 1
        assert {key.subject for key in done.fact.keys} == {f"patient:{patient}"}
        assert unfinished(house, keeper) == []
        assert shred(house, keeper, patient, FIRST).destroyed == 0

    assert set(sealed_of(house, f"patient:{patient}")) == {None}
    assert sealed_of(house, f"patient:{other}") == others_before
    assert sealed_of(house, f"session:{session}") == shared
    assert rows(house, "billing", "outcomes") == before
    for model in ("billing", "outcomes", "caseload"):
        rebuilt = run(settings, "rebuild", model)
        assert rebuilt.exit_code == 0, rebuilt.stderr
    assert rows(house, "billing", "outcomes") == before
    assert run(settings, "log", "seal").exit_code == 0
    verified = run(settings, "verify")
    assert (verified.exit_code, verified.stdout.endswith("Everything is as it was sealed.\n")) == (0, True)

    wanted, programs = asked_here(house, "test", "system")
    given = {"programs": programs, "opening": house.log.opened}
    for one, named in ((patient, False), (other, True)):
        summary = house.gate.read(wanted, "caseload", lambda cursor, now, one=one: caseload.patient_summary(
            cursor, now=now, patient_id=one, **given)).result  # fmt: skip
        assert (summary is not None and summary.name is not None) is named
    chart = settings.project / "chart.html"
    by = ("--person", FIRST, "--role", "privacy_officer")
    assert run(settings, "project", "--once").exit_code == 0
    printed = run(
        settings, "chart", patient, "--from", "2026-01-01", "--through", "2026-12-31", "--out", str(chart), *by
    )
    assert printed.exit_code == 0, printed.stderr
    assert "no longer readable" in Path(chart).read_text()


def test_a_sessions_key_goes_with_the_last_patient_of_its_roster(house: House, settings: Settings) -> None:
    """It stays while anybody of the roster has a key, and is destroyed with the last one's; whose shredding was cut
    off between the fact and the keys is found, and finished by the same command."""
    session, roster = a_group(house)
    for number, patient in enumerate(roster):
        discharged(house, patient)
        approved(house, patient, f"00000000-0000-4000-8000-0000000006{number:02d}")
    kept_long_enough(house, roster)
    *before, last = roster
    with house.keeper() as keeper:
        for patient in before:
            assert {key.subject for key in shred(house, keeper, patient, FIRST).fact.keys} >= {f"patient:{patient}"}
            assert all(sealed_of(house, f"session:{session}"))
        destroy, keeper.destroy = keeper.destroy, lambda _keys: 0  # type: ignore[method-assign] # as if stopped there
        assert shred(house, keeper, last, FIRST).destroyed == 0
        assert all(sealed_of(house, f"patient:{last}"))
        assert unfinished(house, keeper) == [last]
        keeper.destroy = destroy  # type: ignore[method-assign]
    told = run(settings, "keys", "shred", last, "--json")
    assert told.exit_code == 0, told.stderr
    done = json.loads(told.stdout)
    assert {key["subject"] for key in done["keys"]} >= {f"patient:{last}", f"session:{session}"}
    assert done["destroyed"] == len(done["keys"])
    house.log.sealer.keys.forget()  # type: ignore[attr-defined] # another process destroyed them
    assert set(sealed_of(house, f"session:{session}")) == {None}


def test_files_that_still_name_a_shredded_patient_are_told(house: House, settings: Settings) -> None:
    """What was sent to payers lies outside of the database, without any key: whoever shreds is told which files."""
    sent = [one for one in house.log.by_topics(["claim.submitted"]) if decode(one.topic, one.state).interchange]
    patient, number = sent[0].patients[0], decode(sent[0].topic, sent[0].state).interchange
    folder = settings.project / ".iop-es" / "claim-files"
    folder.mkdir(exist_ok=True)
    own, others = (folder / f"837I-PAYER-{one:09d}.x12" for one in (number, 999_999_999))
    own.write_text("NM1*IL*1*DOE*JANE~")
    others.write_text("NM1*IL*1*ROE*RICHARD~")
    discharged(house, patient)
    approved(house, patient, REQUEST)
    kept_long_enough(house, [patient])
    told = run(settings, "keys", "shred", patient)
    assert told.exit_code == 0, told.stderr
    assert f"{own} still names the patient" in told.stderr
    assert str(others) not in told.stderr


def test_keys_are_rotated_and_counted_at_the_command_line(house: House, settings: Settings) -> None:
    """Every key gets another master key, every subject another key, and what was sealed opens as before."""
    patient = a_group(house)[1][0]
    discharged(house, patient)
    approved(house, patient, REQUEST)
    kept_long_enough(house, [patient])
    with house.keeper() as keeper:
        shred(house, keeper, patient, FIRST)
    everything = [fact.sealed for fact in house.log.after(0, 1_000_000, with_sealed=True)]
    counted = json.loads(run(settings, "keys", "status", "--json").stdout)
    patients = next(one for one in counted["kinds"] if one["kind"] == "patient")
    assert (patients["destroyed"], counted["unfinished"], len(counted["wrapped_by"])) == (1, [], 1)
    assert counted["lost"] == 0
    rotated = json.loads(run(settings, "keys", "rotate-master", "--forget", "--json").stdout)
    assert rotated["rewrapped"] == sum(counted["wrapped_by"].values())
    assert rotated["forgotten"] == [counted["current"]]
    alive = sum(one["subjects"] for one in counted["kinds"]) - sum(one["destroyed"] for one in counted["kinds"])
    assert json.loads(run(settings, "keys", "rotate", "--all", "--json").stdout) == {"made": alive}
    assert "new keys" in run(settings, "keys", "rotate", "organization:organization").stdout
    assert run(settings, "keys", "rotate").exit_code == 2
    assert "in use" in run(settings, "keys", "status").stdout
    house.log.sealer.keys.forget()  # type: ignore[attr-defined] # as after a minute
    assert [fact.sealed for fact in house.log.after(0, 1_000_000, with_sealed=True)] == everything
