"""In whose name somebody works at the command line: a person on record, and beside them whoever sat at the shell."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import typer
from psycopg.rows import dict_row

from aggregates.access.streams import access_of_person
from iop_es.cli import app
from iop_es.cli.operator import shell
from iop_es.settings import Settings
from iop_es.wiring import opened
from tests.cli.conftest import Run, on_record, one_sentence
from tests.lines import PROGRAM, STAFF, an_id, line, program, text

BILLER, STRANGER, CLINICIAN = an_id("biller"), an_id("stranger"), an_id("clinician")
PUBLISH = ("policy", "publish", "medicare_hospital_2024", "--payer", an_id("payer"), "--from", "2024-01-01")
OTHERWISE = {
    "token": "makes up whom it likes, for the development issuer alone", "trail": "narrows to what that person did",
}  # fmt: skip
ONE = an_id("one")
REST: dict[str, tuple[str, ...]] = {
    "accounts charge": (), "claims correct": (), "claims file": ("batch-1",), "claims import-835": ("FILE",),
    "claims import-ack": ("FILE",), "claims prepare": (), "claims submit": (), "worklist": (), "today": (),
    "chart": (ONE, "--from", "2026-03-02", "--through", "2026-03-02", "--out", "a.pdf", "--role", "clinician"),
    "continued-stay": (ONE, "--role", "clinician"), "dispute": (ONE, "--out", "a.zip"),
    "downtime": ("--out", "a.pdf"), "print": (ONE, "--out", "a.pdf", "--role", "clinician"),
    "policy publish": PUBLISH[2:],
    "policy revise": (ONE, "medicare_hospital", "--from", "2025-01-01", "--cause", "year"),
    "policy verify": (ONE, "--field", "per_diems", "--source", "Contract"),
}  # fmt: skip
"""What each command needs beside a person."""


def acting(group: Any, path: tuple[str, ...] = ()) -> Iterator[str]:
    """The commands that take a person."""
    for name, one in getattr(group, "commands", {}).items():
        yield from acting(one, (*path, name))
    if any(option.name == "person" for option in group.params):
        yield " ".join(path)


def joined(person: str, **more: Any) -> dict[str, Any]:
    """The line by which a clinician joins."""
    data = {
        "clinician_id": person, "programs": [PROGRAM], "discipline": "social_work", "associate": False,
        "joined_on": "2026-03-02", "family_name": "Family", "given_name": "Given",
    }  # fmt: skip
    return line("clinician.join", data, **more)


def loaded(run: Run, *lines: dict[str, Any]) -> None:
    """Records lines, all of which are taken."""
    done = run("load", "-", input=text(*lines))
    assert done.exit_code == 0, done.stderr


def project() -> None:
    """Projects all that is recorded."""
    with opened(Settings()) as house:
        house.project()


def published_by() -> list[dict[str, Any]]:
    """The contexts of what was published."""
    with opened(Settings()) as house:
        return [json.loads(one.context) for one in house.log.by_topics(["payer_policy.published"])]


def test_every_command_that_takes_a_person_is_looked_at() -> None:
    """One that is new is added to the table here, or with its reason to those that act in nobody's name."""
    assert set(acting(typer.main.get_command(app))) == {*REST, *OTHERWISE}


@pytest.mark.parametrize("name", REST)
def test_nobody_works_in_the_name_of_somebody_who_is_not_on_record(
    run: Run, store: str, tmp_path: Path, name: str
) -> None:
    """Whatever is asked or ordered; the refusal says how somebody comes on record, and nothing is recorded."""
    file = tmp_path / "a.x12"
    file.write_bytes(b"")
    loaded(run, program())
    project()
    words = [str(file) if one == "FILE" else one for one in REST[name]]
    told = one_sentence(run(*name.split(), *words, "--person", STRANGER), 2)
    assert f"{STRANGER} is nobody" in told
    assert "acts here" in told or ("clinician.join" in told and "iop-es load" in told)
    with opened(Settings()) as house:
        assert house.log.head().position == 1


def test_who_joined_works_in_their_own_name_in_a_fresh_store(run: Run, store: str) -> None:
    """The first person is put on record by a line of `iop-es load`, before anything else is."""
    loaded(run, program(), joined(CLINICIAN))
    done = run(*PUBLISH, "--person", CLINICIAN)
    assert (done.exit_code, done.stderr) == (0, "")
    [context] = published_by()
    assert (context["actor"], context["request"]) == (CLINICIAN, shell())


def test_who_did_something_in_their_own_name_is_on_record(run: Run, store: str) -> None:
    """Such as a biller, who joins nowhere; what others did on the person's behalf does not count."""
    on_record(run, BILLER)
    behalf = {"id": STAFF, "role": "biller", "on_behalf_of": STRANGER}
    enrolled = {"program_id": PROGRAM, "payer_id": an_id("payer"), "effective_from": "2026-03-02"}
    loaded(run, line("program.record_payer_enrollment", enrolled, actor=behalf))
    project()
    assert run(*PUBLISH, "--person", BILLER).exit_code == 0
    project()
    assert "nobody on record" in one_sentence(run("worklist", "--person", STRANGER), 2)


def test_who_left_works_here_no_more_until_they_come_back(run: Run, store: str) -> None:
    """From the day on that the last one is over everywhere; who joins again works here again."""
    loaded(run, program(), joined(CLINICIAN), line(
        "clinician.leave", {"clinician_id": CLINICIAN, "left_on": "2026-03-03"}
    ))  # fmt: skip
    refused = one_sentence(run("today", "--person", CLINICIAN), 2)
    assert f"{CLINICIAN} works here no more; the last day was 2026-03-03" in refused
    again = joined(CLINICIAN)
    again["data"]["joined_on"] = "2026-03-05"
    loaded(run, again)
    assert run("today", "--person", CLINICIAN).exit_code == 0


def test_who_was_shut_out_is_shut_out_here_too(run: Run, store: str) -> None:
    """Of one role, or of everything."""
    on_record(run, BILLER)
    revoked = {"access_id": access_of_person(BILLER), "person_id": BILLER, "cause": "left"}
    loaded(run, line("access.revoke", revoked | {"role": "biller"}, role="privacy_officer"))
    assert "may act here no more as biller" in one_sentence(run("worklist", "--person", BILLER), 2)
    assert run("today", "--person", BILLER).exit_code == 0
    loaded(run, line("access.revoke", revoked, role="privacy_officer"))
    assert "may act here no more" in one_sentence(run("today", "--person", BILLER), 2)


def test_the_access_log_names_the_person_and_who_sat_at_the_shell(run: Run, store: str) -> None:
    """As the log does of what is ordered; where nobody is named both are the operator."""
    on_record(run, BILLER)
    assert run("worklist", "--person", BILLER).exit_code == 0
    assert run("self-audit", "--from", "2026-03-02", "--to", "2026-03-02").exit_code == 0
    with psycopg.connect(store, row_factory=dict_row) as connection:
        reads = connection.execute("SELECT actor::text, request, resource FROM iop.access_log ORDER BY id").fetchall()
    assert {one["request"] for one in reads} == {shell()}
    actors = {one["resource"]: one["actor"] for one in reads}
    assert (actors["worklist"], actors["self-audit/2026-03-02/2026-03-02"]) == (BILLER, shell().partition(":")[2])


def test_what_is_loaded_says_who_sat_at_the_shell(run: Run, store: str) -> None:
    """Beside whom the line names: a file names anybody."""
    loaded(run, program())
    with opened(Settings()) as house:
        [opening] = house.log.by_topics(["program.opened"])
    context = json.loads(opening.context)
    assert (context["actor"], context["request"]) == (STAFF, shell())
