"""Sealing, verifying and witnessing from the command line, and by the processes that serve."""

import json
import socket
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from iop_es.engine.transparency.checkpoint import checkpoint_of
from iop_es.engine.transparency.merkle import consistent
from iop_es.engine.transparency.notes import parse_note, parse_verifier
from iop_es.engine.transparency.witness_http import parse_request
from tests.cli.conftest import Run, one_sentence
from tests.cli.process import environment, running, until
from tests.lines import patient, program, text


@pytest.fixture
def witnessed(run: Run, store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A store with a witness in a folder, and a few facts."""
    monkeypatch.setenv("IOP_ES_WITNESS", str(tmp_path / "witness"))
    assert run("load", "-", input=text(program(), patient(1), patient(2))).exit_code == 0
    return store


def data(run: Run, *words: Any) -> Any:
    """What a command says as JSON."""
    done = run(*words, "--json")
    assert done.stdout, done.stderr
    return json.loads(done.stdout)


def owner(url: str, *statements: str) -> None:
    """Runs statements as the database's owner, with nothing to stop him."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET search_path = iop")
        for table in ("fact", "fact_patient", "log_head", "tree_checkpoint", "idempotency", "access_log"):
            connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
        for statement in statements:
            connection.execute(statement.encode())


def test_a_sealed_log_is_verified_and_an_edited_one_is_not(run: Run, witnessed: str, tmp_path: Path) -> None:
    """Exit code 0 and a sentence; or 1, with the position and what is wrong there."""
    assert run("log", "seal").stdout == "The log is sealed up to position 3, and 0 reads are.\n"
    good = run("verify")
    assert good.exit_code == 0 and good.stdout.endswith("Everything is as it was sealed.\n")
    assert "3 facts read and hashed" in good.stdout and "Cosigned up to 3 by iop-es-witness/" in good.stdout
    owner(witnessed, "UPDATE fact SET state = '{}' WHERE position = 2")
    bad = run("verify")
    assert bad.exit_code == 1
    assert "Fact 2 is not the one that was sealed." in bad.stdout
    assert bad.stdout.endswith("NOT as it was sealed: 1 findings; the first position is 2.\n")
    told = data(run, "verify")
    assert (told["sound"], told["counts"], told["findings"][0]["position"]) == (False, {"changed": 1}, 2)


def test_an_edited_access_log_is_not_sound_either(run: Run, witnessed: str) -> None:
    """Who hides what was read is found beside a log of facts in which nothing is wrong; exit code 1."""
    row = "(actor, role, purpose, resource, outcome) VALUES (gen_random_uuid(), 'x', 'x', 'x', 'x')"
    read = f"INSERT INTO access_log {row}"
    owner(witnessed, read, read)
    assert run("log", "seal").stdout.endswith(" and 2 reads are.\n")
    assert run("verify").exit_code == 0
    owner(witnessed, "UPDATE access_log SET actor = gen_random_uuid() WHERE id = (SELECT max(id) FROM access_log)")
    bad = run("verify")
    assert bad.exit_code == 1 and "Read 2 is not the one that was sealed." in bad.stdout
    assert bad.stdout.endswith("NOT as it was sealed: 1 findings; the first position is 2 of the access log.\n")
    told = data(run, "verify")
    assert (told["sound"], told["access_log"]["sound"]) == (True, False)


def test_a_log_under_another_name_is_not_a_new_log_of_the_same_key(run: Run, witnessed: str) -> None:
    """Whoever renames the log and empties the tree gets no fresh start from a witness that knows its key."""
    run("log", "seal")
    owner(witnessed, "UPDATE log_head SET name = 'other'", "DELETE FROM tree_checkpoint",
          "UPDATE fact SET state = '{}' WHERE position = 2")  # fmt: skip
    assert "I do not know the log other/" in one_sentence(run("log", "seal"), 1)


def test_keys_and_status_say_who_signs(
    run: Run, witnessed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The keys verify what is kept; without a witness status says in words what that is worth."""
    run("log", "seal")
    keys = data(run, "log", "keys")
    with psycopg.connect(witnessed) as connection:
        note = parse_note(connection.execute("SELECT note FROM iop.tree_checkpoint").fetchall()[0][0])
    assert all(parse_verifier(keys[name]).signed(note) for name in ("log", "witness"))
    status = data(run, "status")
    assert (status["sealed"], status["takes_facts"], status["log_key"]) == (3, "yes", keys["log"])
    assert status["witness"] == str(tmp_path / "witness")
    monkeypatch.delenv("IOP_ES_WITNESS")
    assert "sealed by the log's own signature alone" in run("status").stdout
    assert "No witness" in run("verify").stdout


def test_whoever_kept_a_checkpoint_is_shown_that_the_log_only_grew(run: Run, witnessed: str) -> None:
    """By what a witness is asked too; the log was never as large as it says in vain."""
    run("log", "seal")
    with psycopg.connect(witnessed) as connection:
        kept = checkpoint_of(parse_note(connection.execute("SELECT note FROM iop.tree_checkpoint").fetchall()[0][0]))
    run("load", "-", input=text(patient(3)))
    run("log", "seal")
    old, way, note = parse_request(run("log", "growth", str(kept.size)).stdout.encode())
    newest = checkpoint_of(note)
    assert (old, newest.size) == (3, 4) and consistent(old, newest.size, way, kept.root, newest.root)
    assert "No checkpoint covers this yet" in one_sentence(run("log", "growth", "5"), 1)


def test_an_auditor_needs_no_key_file(
    run: Run, witnessed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The public key is enough; and no key is made where there is none."""
    run("log", "seal")
    key = data(run, "log", "keys")["log"]
    monkeypatch.setenv("IOP_ES_ROOT_KEY", str(tmp_path / "elsewhere"))
    assert "give its public half with --key" in one_sentence(run("verify"), 2)
    assert not (tmp_path / "elsewhere").exists()
    assert run("verify", "--key", key).exit_code == 0
    misread = key[:-6] + ("B" if key[-6] == "A" else "A") + key[-5:]
    assert "a character was lost" in one_sentence(run("verify", "--key", misread), 2)


OLDER = ("DELETE FROM fact WHERE position = 4", "DELETE FROM fact_patient WHERE position = 4",
         "DELETE FROM tree_checkpoint WHERE size = 4", "UPDATE log_head SET position = 3", "DELETE FROM idempotency",
         "DELETE FROM reservation")  # fmt: skip
"""What an older backup lacks."""


@pytest.mark.slow
def test_a_server_that_seals_nothing_takes_no_facts_into_an_older_backup(
    run: Run, witnessed: str, tmp_path: Path
) -> None:
    """It asks the witness before its first request, and is read meanwhile; the backup itself carries no refusal."""
    run("log", "seal")
    run("load", "-", input=text(patient(3)))
    run("log", "seal")
    owner(witnessed, *OLDER)
    assert run("migrate").exit_code == 0  # what guards the log is on again
    assert data(run, "status")["takes_facts"] == "yes"
    settings = environment(tmp_path, witnessed) | {
        "IOP_ES_ISSUER": "https://issuer.example", "IOP_ES_JWKS_URL": "http://127.0.0.1:9/keys",
        "IOP_ES_WITNESS": str(tmp_path / "witness"),
    }
    with running(settings, "serve", "--no-project", "--port", "0") as server:
        base = server.says(r"(http://127\.0\.0\.1:\d+)")[1]
        assert "takes no facts" in run("load", "-", input=text(patient(4))).stderr
        assert checkpoint_of(parse_note(httpx.get(f"{base}/v1/log/checkpoint").text)).size == 3
        assert "The witness has seen 4 facts" in data(run, "status")["takes_facts"]
    assert run("log", "restored", "--because", "disk lost").exit_code == 0
    with running(settings, "serve", "--no-project", "--port", "0") as server:
        server.says(r"(http://127\.0\.0\.1:\d+)")
        assert run("load", "-", input=text(patient(4))).exit_code == 0


def test_a_restored_backup_is_stated_from_the_command_line(run: Run, witnessed: str, tmp_path: Path) -> None:
    """Refused, then stated; the folder's witness takes it in at once, and the statement is in every later report."""
    run("log", "seal")
    assert "agree" in one_sentence(run("log", "restored", "--because", "drill"), 1)
    run("load", "-", input=text(patient(3)))
    run("log", "seal")
    owner(witnessed, *OLDER)
    assert "The witness has seen 4 facts" in one_sentence(run("log", "seal"), 1)
    assert "takes no facts" in run("load", "-", input=text(patient(4))).stderr
    assert "here are 3" in data(run, "status")["takes_facts"]
    stated = run("log", "restored", "--because", "disk lost")
    assert (stated.exit_code, stated.stdout.splitlines()[0]) == (0, "iop-es/restored/v1")
    assert run("load", "-", input=text(patient(4))).exit_code == 0
    assert run("log", "seal").exit_code == 0
    report = run("verify")
    assert report.exit_code == 0 and "because disk lost" in report.stdout
    seen = data(run, "witness", "--folder", tmp_path / "witness")["logs"]
    assert [(one["size"], one["goes_on_as"] is None) for one in seen if "/access/" not in one["origin"]] == [
        (4, False), (4, True),
    ]


@pytest.mark.slow
def test_a_witness_of_its_own_process_cosigns_what_a_server_seals(
    run: Run, store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It refuses a log that it was not told to know, then cosigns; anybody may ask the API for the checkpoint."""
    folder, settings = tmp_path / "w", environment(tmp_path, store)
    with running({name: settings[name] for name in ("PATH", "PYTHONPATH")}, "witness", "--folder", str(folder),
                 "--port", "0") as process:  # fmt: skip
        address, key = process.says(r"Witnessing at (\S+) as (\S+);").groups()
        for name, value in {"WITNESS": address, "WITNESS_KEY": key}.items():
            monkeypatch.setenv(f"IOP_ES_{name}", value)
            settings[f"IOP_ES_{name}"] = value
        assert run("load", "-", input=text(program(), patient(1))).exit_code == 0
        assert "I do not know the log" in one_sentence(run("log", "seal"), 1)
        keys = data(run, "log", "keys")
        assert keys["witness"] == key
        assert run("witness", "--folder", folder, "--trust", keys["log"]).exit_code == 0
        settings |= {"IOP_ES_ISSUER": "https://issuer.example", "IOP_ES_JWKS_URL": "http://127.0.0.1:9/keys"}
        with running(settings, "serve", "--project", "--port", "0") as server:
            base = server.says(r"(http://127\.0\.0\.1:\d+)")[1]
            assert until(lambda: httpx.get(f"{base}/v1/log/checkpoint").status_code == 200)
            note = parse_note(httpx.get(f"{base}/v1/log/checkpoint").text)
            assert checkpoint_of(note).size == 2
            assert parse_verifier(keys["log"]).signed(note) and parse_verifier(key).signed(note)
            assert httpx.get(f"{base}/v1/log/proof?position=1").status_code == 401
        assert process.stop() == 0


def test_a_port_that_is_taken_is_a_sentence(run: Run, tmp_path: Path) -> None:
    """As for every other server."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert "give another --port" in one_sentence(run("witness", "--folder", tmp_path / "w", "--port", port), 2)


def test_what_cannot_be_taken_in_is_a_sentence(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A statement that is none, a key that is none, a witness that cannot be."""
    (tmp_path / "x").write_text("x")
    wrong = run("witness", "--folder", tmp_path / "w", "--accept", tmp_path / "x")
    assert "is not taken in" in one_sentence(wrong, 1)
    assert "verifier key" in one_sentence(run("witness", "--folder", tmp_path / "w", "--trust", "x"), 2)


def test_a_witness_that_is_not_what_was_said_is_a_sentence(
    run: Run, witnessed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another key than the one that was told, or no folder."""
    other = data(run, "witness", "--folder", tmp_path / "other")["key"]
    monkeypatch.setenv("IOP_ES_WITNESS_KEY", other)
    assert "another key" in one_sentence(run("log", "seal"), 3)
    monkeypatch.delenv("IOP_ES_WITNESS_KEY")
    monkeypatch.setenv("IOP_ES_WITNESS", str(tmp_path / "root.txt" / "w"))
    (tmp_path / "root.txt").write_text("")
    assert "cannot be used" in one_sentence(run("log", "seal"), 3)
    monkeypatch.setenv("IOP_ES_WITNESS", "http://127.0.0.1:9")
    assert "does not answer" in one_sentence(run("log", "seal"), 3)
