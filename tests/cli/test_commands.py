"""What each command prints and with which code it leaves; a store of its own for every test."""

import io
import json
import socket
from pathlib import Path

import psycopg
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from rich.console import Console

from aggregates.access.streams import access_of
from iop_es import wiring
from iop_es.cli import app
from iop_es.cli.claims import claims
from iop_es.cli.explain import _fitted
from iop_es.cli.policy import policy
from iop_es.issuer import ISSUER
from iop_es.serving import development_issuer
from iop_es.settings import Settings
from iop_es.wiring import MODELS
from tests.cli.conftest import Run, one_sentence
from tests.lines import OCCURRED_AT, PROGRAM, an_id, line, patient, program, text

NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"


@pytest.mark.parametrize("words", [["status"], ["migrate"], ["project", "--once"], ["serve"], ["rebuild", "--all"]])
def test_a_database_that_is_down_is_told_with_the_way_out(
    run: Run, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    """Exit code 3 and one sentence that says what failed and what to do."""
    monkeypatch.setenv("IOP_ES_DATABASE_URL", NOWHERE)
    told = one_sentence(run(*words), 3)
    assert "Connection refused" in told and "IOP_ES_DATABASE_URL" in told


def test_a_database_without_a_log_is_told_to_migrate(
    run: Run, empty_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server runs, but nothing was made in it."""
    monkeypatch.setenv("IOP_ES_DATABASE_URL", empty_database_url)
    assert "iop-es migrate" in one_sentence(run("project", "--once"), 3)


def test_a_log_without_this_releases_read_models_is_told_to_migrate(
    run: Run, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only migrate makes places for read models."""
    monkeypatch.setenv("IOP_ES_DATABASE_URL", database_url)
    told = one_sentence(run("project", "--once"), 3)
    assert "iop-es migrate" in told and "billing" in told


def test_a_project_without_a_store_is_told_so(run: Run, tmp_path: Path) -> None:
    """`status` makes nothing: it says that nothing is there."""
    assert "iop-es migrate" in one_sentence(run("status"), 3)
    assert list(tmp_path.iterdir()) == []


def test_migrate_does_its_work_once(run: Run, empty_database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second time there is nothing to do, and a real store never becomes a simulation."""
    monkeypatch.setenv("IOP_ES_DATABASE_URL", empty_database_url)
    first = json.loads(run("migrate", "--json").stdout)["done"]
    assert {f"read model {name} {model.version}" for name, model in MODELS.items()} <= set(first)
    assert json.loads(run("migrate", "--json").stdout) == {"done": []}
    assert "stays so" in one_sentence(run("migrate", "--simulation"), 1)


def test_status_says_how_far_everything_is(run: Run, store: str) -> None:
    """Every read model is behind by the facts that it has not seen, and not behind once projected."""
    assert run("load", "-", input=text(program(), patient(1))).exit_code == 0
    before = json.loads(run("status", "--json").stdout)
    assert (before["database"], before["simulation"], before["position"]) == ("server", False, 2)
    assert {one["name"]: one["facts_behind"] for one in before["read_models"]} == dict.fromkeys(MODELS, 2)
    assert all(one["seconds_behind"] > 0 for one in before["read_models"])
    assert run("project", "--once").stdout == "Every read model is at position 2.\n"
    after = json.loads(run("status", "--json").stdout)
    assert [(one["facts_behind"], one["seconds_behind"]) for one in after["read_models"]] == [(0, 0.0)] * len(MODELS)
    assert "simulation     False" in run("status").stdout


def test_status_and_today_say_how_many_broken_glasses_wait_for_a_review(run: Run, store: str) -> None:
    """A number and nobody's name; none once they are judged."""
    assert run("load", "-", input=text(program(), patient(1))).exit_code == 0
    assert json.loads(run("status", "--json").stdout)["broken_glasses_unreviewed"] == 0
    who = {"access_id": access_of(an_id("patient", 1)), "patient_id": an_id("patient", 1), "grant_id": an_id("grant")}
    opened = line("access.open_break_glass", who | {"cause": "crisis_call", "words": "Calls."}, "clinician")
    assert run("load", "-", input=text(opened)).exit_code == 0
    assert json.loads(run("status", "--json").stdout)["broken_glasses_unreviewed"] == 1
    assert "broken glasses unreviewed 1\n" in run("status").stdout
    assert run("project", "--once").exit_code == 0
    assert "Broken glasses that wait for a privacy officer's review: 1." in run("today").stdout
    judge = {"id": an_id("officer"), "role": "privacy_officer"}
    judged = line("access.review_break_glass", who | {"justified": True, "words": "Right."}) | {"actor": judge}
    assert run("load", "-", input=text(judged)).exit_code == 0
    assert json.loads(run("today", "--json").stdout)["unreviewed_break_glass"] == 0
    assert "Broken glasses" not in run("today").stdout


def test_status_says_where_the_root_key_is(
    run: Run, store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the project unless set otherwise; nothing while there is none yet, and asking makes none."""
    assert json.loads(run("status", "--json").stdout)["root_key"] is None
    kept = tmp_path / "kept" / "root.key"
    monkeypatch.setenv("IOP_ES_ROOT_KEY", str(kept))
    assert json.loads(run("status", "--json").stdout)["root_key"] is None
    kept.parent.mkdir()
    kept.write_bytes(bytes(32))
    assert json.loads(run("status", "--json").stdout)["root_key"] == str(kept)


def test_nothing_is_served_without_a_root_key_that_is_the_owners_alone(
    run: Run, simulation: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One sentence that names the file, what is wrong with it and the setting."""
    kept = tmp_path / "root.key"
    kept.write_bytes(bytes(32))
    kept.chmod(0o644)
    monkeypatch.setenv("IOP_ES_ROOT_KEY", str(kept))
    said = one_sentence(run("serve", "--no-project", "--port", "0"), 3)
    assert f"{kept} (its mode is 644, not 600)" in said and "IOP_ES_ROOT_KEY" in said


def test_rebuild_takes_one_name_or_all(run: Run, store: str) -> None:
    """A name that is not there, no name, or both are a wrong use; a rebuild reaches the head."""
    run("load", "-", input=text(program(), patient(1)))
    assert "billing" in one_sentence(run("rebuild"), 2)
    assert "billing" in one_sentence(run("rebuild", "biling"), 2)
    one_sentence(run("rebuild", "billing", "--all"), 2)
    assert "or with --all every one; surplus is: audit caseload." in one_sentence(
        run("rebuild", "billing", "audit", "caseload"), 2
    )
    one = json.loads(run("rebuild", "audit", "--json").stdout)
    assert one == {"audit": {"position": 2, "schema": f"iop_audit_{MODELS['audit'].version}a"}}
    found = json.loads(run("rebuild", "--all", "--json").stdout)
    assert {name: told["position"] for name, told in found.items()} == dict.fromkeys(MODELS, 2)


def test_load_reports_bad_lines_and_leaves_with_1(run: Run, store: str, tmp_path: Path) -> None:
    """The report is on standard output, each bad line on standard error."""
    file = tmp_path / "commands.jsonl"
    file.write_bytes(text(program(), "{", patient(1)))
    loaded = run("load", file, "--json")
    assert (loaded.exit_code, loaded.stderr) == (1, "Line 2: It is not JSON.\n")
    report = json.loads(loaded.stdout)
    assert (report["recorded"], report["position"], report["refused"][0]["line"]) == (2, 2, 2)
    file.write_bytes(text(program(), patient(2), patient(1)))
    mended = run("load", file)
    assert mended.exit_code == 0
    assert "3 lines: 1 recorded (1 facts), 0 already so, 2 loaded before, 0 refused" in mended.stdout


def test_load_says_what_can_be_loaded(run: Run) -> None:
    """Examples and the list need no database; a wrong name or no file is a wrong use."""
    assert json.loads(run("load", "--example", "session.check_in").stdout)["command"] == "session.check_in"
    assert "session.check_in" in run("load", "--commands").stdout
    assert {"command", "about", "roles"} <= json.loads(run("load", "--commands", "--json").stdout)[0].keys()
    assert "--commands" in one_sentence(run("load", "--example", "session.fly"), 2)
    one_sentence(run("load"), 2)
    assert "cannot be read" in one_sentence(run("load", "/nowhere/at/all.jsonl"), 2)


def test_a_token_is_made_for_a_simulation_only(run: Run, simulation: str) -> None:
    """It names the person, the role, and every program unless told which."""
    run("load", "-", input=text(program(recorded_at=OCCURRED_AT)))
    person = an_id("person")
    made = run("token", "--role", "biller", "--person", person)
    with wiring.opened(Settings()) as house:
        keys = KeySet.import_key_set(development_issuer(house).keys())  # type: ignore[arg-type] # a JWKS
    claims = jwt.decode(made.stdout.strip(), keys, algorithms=["Ed25519"]).claims
    assert (claims["iss"], claims["sub"], claims["role"], claims["programs"]) == (ISSUER, person, "biller", [PROGRAM])
    assert "clinician" in one_sentence(run("token", "--role", "king"), 2)
    assert "UUID" in one_sentence(run("token", "--role", "biller", "--person", "me"), 2)


def test_no_token_is_made_for_a_store_of_real_records(run: Run, store: str, tmp_path: Path) -> None:
    """On a real server the development issuer refuses, and leaves no key behind."""
    assert "development issuer" in one_sentence(run("token", "--role", "biller"), 1)
    assert not (tmp_path / ".iop-es").exists()


@pytest.mark.parametrize("settings", [{}, {"IOP_ES_ISSUER": "https://id.example"}, {
    "IOP_ES_ISSUER": "https://id.example", "IOP_ES_JWKS_URL": "file:///etc/hostname",
}])  # fmt: skip
def test_a_real_store_is_not_served_without_an_issuer(
    run: Run, store: str, monkeypatch: pytest.MonkeyPatch, settings: dict[str, str]
) -> None:
    """Without an issuer and an address of its keys nobody could be trusted, so nothing is served."""
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    assert "IOP_ES_JWKS_URL" in one_sentence(run("serve", "--port", 0), 3)


def test_a_port_that_is_taken_is_told(run: Run, simulation: str) -> None:
    """Another port is asked for; nothing is served."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        assert "--port" in one_sentence(run("serve", "--no-project", "--port", other.getsockname()[1]), 2)


def test_a_wrong_setting_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable and what is wrong with it."""
    monkeypatch.setenv("IOP_ES_PORT", "eighty")
    assert one_sentence(run("status"), 2).startswith("The environment variable IOP_ES_PORT cannot be used: ")


def test_nothing_unforeseen_shows_a_stack_trace_or_a_value(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error of our own is one sentence with its kind and place; its text may hold what is private."""

    def fail(*_: object) -> None:
        raise KeyError("Zyxwvut")

    monkeypatch.setattr(wiring, "migrated", fail)
    told = one_sentence(run("migrate"), 1)
    assert "KeyError" in told and "Zyxwvut" not in told


def test_explain_asks_the_gate_and_says_when_there_is_nothing(run: Run, store: str) -> None:
    """An empty day is an answer; a wrong date, id or moment is a wrong use."""
    run("load", "-", input=text(program(), patient(1)))
    run("project", "--once")
    who = an_id("patient", 1)
    nothing = run("explain", who, "2026-03-02", "--json")
    assert json.loads(nothing.stdout) | {"now": None} == {"position": 2, "now": None, "items": []}
    assert one_sentence(run("explain", who, "2026-03-02"), 0).startswith("Nothing is recorded")
    assert json.loads(run("explain", who, "2026-03-02", "--as-of", "1", "--json").stdout)["position"] == 1
    for moment, why in (("3", "positions 1 to 2"), ("yesterday", "neither"), ("2026-03-02", "such as 2026-03-02T09")):
        told = one_sentence(run("explain", who, "2026-03-02", "--as-of", moment), 2)
        assert "--as-of" in told and why in told
    assert "no date" in one_sentence(run("explain", who, "March"), 2)
    with wiring.opened(Settings()) as house, psycopg.connect(house.url, options="-c search_path=iop") as connection:
        read = connection.execute("SELECT resource, role FROM access_log").fetchall()
    assert read == [(f"explain/{who}/2026-03-02", "system")] * 3


def test_explain_does_not_know_everybody(run: Run, store: str) -> None:
    """Of nobody's id it says that there is no such patient, now and then; the question is on record."""
    run("load", "-", input=text(program(), patient(1)))
    run("project", "--once")
    nobody = an_id("patient", 2)
    for more in ((), ("--json",), ("--as-of", "2")):
        assert f"There is no patient {nobody}." in one_sentence(run("explain", nobody, "2026-03-02", *more), 2)
    with wiring.opened(Settings()) as house, psycopg.connect(house.url, options="-c search_path=iop") as connection:
        assert connection.execute("SELECT count(*) FROM access_log").fetchone() == (3,)


def test_explain_fits_the_terminal() -> None:
    """Long lines go on under their words, and nothing of them is lost; what is no terminal gets them whole."""
    long = [" yes  One two three four five six seven eight.", "Thursday 2026-01-29: held, $285.00 (demo rate)."]
    narrow = Console(file=io.StringIO(), width=24, force_terminal=True)
    assert _fitted(long, narrow) == [
        " yes  One two three four", "      five six seven", "      eight.",
        "Thursday 2026-01-29:", "held, $285.00 (demo", "rate).",
    ]  # fmt: skip
    assert _fitted(long, Console(file=io.StringIO(), width=24)) == long


def test_every_command_explains_itself(run: Run) -> None:
    """Help is there for each command and needs nothing."""
    named = [one.name or one.callback.__name__.replace("_", "-") for one in app.registered_commands]
    groups = {"claims": claims, "policy": policy}
    named += [
        f"{name} {one.name or one.callback.__name__}"
        for name, group in groups.items() for one in group.registered_commands
    ]  # fmt: skip
    for command in named:
        helped = run(*command.split(), "--help")
        assert helped.exit_code == 0 and "Usage" in helped.stdout
