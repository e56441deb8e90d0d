"""The restore drill: a backup, the server lost, and back at any moment; nothing acknowledged is lost, no older history
is taken up unnoticed."""

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import psycopg
import pytest

from aggregates.values import instant
from iop_es.engine.embedded import EmbeddedPostgres, rooms, status
from iop_es.engine.embedded.backup import bases
from iop_es.engine.embedded.restoring import restore
from iop_es.load import load_lines
from iop_es.settings import Settings
from iop_es.wiring import House, opened
from tests.cli.conftest import Run, one_sentence
from tests.cli.process import SECONDS, environment, until
from tests.cli.test_verify import data
from tests.engine.test_embedded import as_root, hidden_wheel
from tests.lines import patient, program, text

pytestmark = pytest.mark.slow
POINTS = int(os.environ.get("IOP_ES_DRILL", "1"))
ROUNDS = 12
MOST_SECONDS = 15 * 60.0


@dataclass(slots=True)
class Lost:
    """A clinic whose server was killed: its backup, what its log had reached when, and the last position."""

    place: Path
    moments: list[tuple[str, int]] = field(default_factory=list)
    position: int = 0
    too_early: str = ""

    @property
    def backup(self) -> Path:
        """The backup's folder."""
        return self.place / "backup"

    @property
    def wal(self) -> Path:
        """What of the lost server's log can still be read."""
        return Path(status(self.place / "clinic")["data"]) / "pg_wal"


def now() -> str:
    """The clock, as the record writes it."""
    return instant(datetime.now(UTC))


def records(house: House, *numbers: int) -> int:
    """Registers patients, acknowledged; the position reached."""
    done = load_lines(BytesIO(text(*map(patient, numbers))), house.log, house.commands)
    assert not done.refused
    return done.position


def stopped(project: Path) -> bool:
    """Whether the project's server has gone: it ceases to listen before it takes its last file away."""

    def gone() -> bool:
        found = status(project)
        if found["running"] or found["data"] is None:
            return not found["running"]
        try:
            number = (Path(found["data"]) / "postmaster.pid").read_text().split("\n")[0]
        except FileNotFoundError:
            return True
        return not (Path("/proc") / number).exists()

    return until(gone)


@pytest.fixture(scope="module")
def lost() -> Iterator[Lost]:
    """Facts, a base backup, a dozen rounds of facts, all of it seen by the witness; then kill -9."""
    place = Path(tempfile.mkdtemp(prefix="iop-drill-"))
    place.chmod(0o755)
    found = Lost(place)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (("PROJECT", "clinic"), ("ROOT_KEY", "root.key"), ("WITNESS", "witness")):
            patch.setenv(f"IOP_ES_{name}", str(place / value))
        patch.delenv("IOP_ES_DATABASE_URL", raising=False)
        from typer.testing import CliRunner

        from iop_es.cli import app

        def run(*words: Any, **more: Any) -> Any:
            done = CliRunner().invoke(app, [str(word) for word in words], **more)
            assert done.exit_code == 0, done.output
            return done

        with EmbeddedPostgres(place / "clinic") as clinic:
            run("migrate")
            run("load", "-", input=text(program(), patient(1), patient(2)))
            found.too_early = now()
            told = run("backup", found.backup)
            with psycopg.connect(clinic.url, autocommit=True) as connection:  # however long all this takes
                connection.execute("ALTER SYSTEM SET archive_timeout = 0")
                connection.execute("SELECT pg_reload_conf()")
            assert str(place / "root.key") in told.stderr and str(place / "witness") in told.stderr
            with opened(Settings(), size=2) as house:
                numbers, chance = iter(range(3, 200)), random.Random(15)
                for _ in range(ROUNDS):
                    found.position = records(house, *(next(numbers) for _ in range(chance.randint(1, 4))))
                    time.sleep(0.002)
                    found.moments.append((now(), found.position))
                    time.sleep(0.002)
                found.position = records(house, next(numbers))
            run("today")
            run("log", "seal")
            os.kill(status(place / "clinic")["pid"], signal.SIGKILL)
            yield found
    assert stopped(place / "clinic")
    shutil.rmtree(place)


@pytest.fixture
def elsewhere(lost: Lost, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Another project, with the keys and the witness of the lost one."""
    made = Path(tempfile.mkdtemp(prefix="iop-restored-", dir=lost.place))
    made.chmod(0o755)
    monkeypatch.setenv("IOP_ES_PROJECT", str(made))
    monkeypatch.setenv("IOP_ES_ROOT_KEY", str(lost.place / "root.key"))
    shutil.copytree(lost.place / "witness", tmp_path / "witness")
    monkeypatch.setenv("IOP_ES_WITNESS", str(tmp_path / "witness"))
    yield made
    assert stopped(made)
    shutil.rmtree(made)


def made_for(project: Path) -> Path:
    """The room in which a project's server lives, or would."""
    data = status(project)["data"]
    return Path(data).parent if data else project / ".iop-es" / "postgres"


def held(project: Path) -> tuple[int, int, int, str]:
    """Of the facts that are here: how many, the first and last position, and when the last was recorded."""
    query = """SELECT count(*), min(position), max(position),
        to_char(max(recorded_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') FROM iop.fact"""
    with EmbeddedPostgres(project) as handle, psycopg.connect(handle.url) as connection:
        row = connection.execute(query).fetchone()
    assert row
    return row


def test_to_the_newest_moment_nothing_acknowledged_is_lost(run: Run, lost: Lost, elsewhere: Path) -> None:
    """With the killed server's last pieces of log: sound, all that the witness has seen, and it takes facts at once."""
    done = run("restore", lost.backup, "--wal", lost.wal)
    assert done.exit_code == 0, done.output
    assert f"position {lost.position}." in done.stdout
    assert "What is here is as it was sealed.\nIt is all that the witness has seen, and takes facts.\n" in done.stdout
    with EmbeddedPostgres(elsewhere):
        assert held(elsewhere)[:3] == (lost.position, 1, lost.position)
        assert run("load", "-", input=text(patient(999))).exit_code == 0
    assert "There is a database in" in one_sentence(run("restore", lost.backup), 1)


def test_to_a_moment_exactly_what_was_known_then_is_there_and_the_witness_refuses(
    run: Run, lost: Lost, elsewhere: Path
) -> None:
    """Sound in itself, and no facts are taken until the rollback is stated, signed, and the witness has taken it in."""
    moment, position = random.choice(lost.moments)
    told = data(run, "restore", lost.backup, "--to", moment, "--wal", lost.wal)
    assert (told["sound"], told["findings"], told["position"]) == (True, [], position)
    assert f"The witness has seen {lost.position} facts of" in told["refused"][0]
    assert "`iop-es log restored`" in told["refused"][0] and "log restored --reads" in told["refused"][1]
    with EmbeddedPostgres(elsewhere):
        count, first, last, recorded_at = held(elsewhere)
        assert (count, first, last) == (position, 1, position) and recorded_at <= moment
        refused = run("load", "-", input=text(patient(999)))
        assert refused.exit_code == 1 and "The log takes no facts until this is put right" in refused.stderr
        assert run("log", "restored", "--because", "drill").exit_code == 0
        assert run("log", "restored", "--reads", "--because", "drill").exit_code == 0
        assert run("load", "-", input=text(patient(999))).exit_code == 0
        again = elsewhere / "backup"
        assert run("backup", again).exit_code == 0
        [base] = bases(again)
        assert run("backup", again).exit_code == 0
        assert [one.name for one in bases(again)][:-1] == [base.name]


def test_without_the_last_pieces_of_log_the_witness_notices(run: Run, lost: Lost, elsewhere: Path) -> None:
    """The archive alone lacks what was written since its last piece; that is said, and nothing is taken."""
    told = data(run, "restore", lost.backup)
    assert told["sound"] and told["position"] < lost.position
    assert f"The witness has seen {lost.position} facts of" in told["refused"][0]
    assert run("load", "-", input=text(patient(999))).exit_code == 1


def test_at_random_moments_the_facts_of_then_are_there_and_no_others(lost: Lost) -> None:
    """As many random moments as IOP_ES_DRILL says (`make restore-drill`), each restored anew, with its time."""
    for number in range(POINTS):
        moment, position = random.choice(lost.moments)
        project = lost.place / f"drill-{number}"
        project.mkdir(mode=0o755)
        assert restore(project, lost.backup, moment, lost.wal).seconds < MOST_SECONDS
        assert held(project)[:3] == (position, 1, position)
        assert stopped(project)
        shutil.rmtree(project)


def test_what_cannot_be_restored_is_told_and_changes_nothing(run: Run, lost: Lost, elsewhere: Path) -> None:
    """A moment before the first base, one after the log's end, a gap in the archive, a changed byte, no backup at all,
    a moment that is none, and a server of somebody else's."""
    damaged = lost.place / "damaged"
    shutil.copytree(lost.backup, damaged)
    [base], newest = bases(damaged), max(one for one in (damaged / "wal").iterdir() if len(one.name) == 24)
    beyond = newest.with_name(f"{int(newest.name, 16) + 2:024X}")
    shutil.copy(newest, beyond)
    for folder, words, why in (
        (lost.backup, ("--to", lost.too_early), f"finished at {base.finished_at}: nothing before it is"),
        (lost.backup, ("--to", "2199-01-01T00:00:00Z"), "ends before 2199-01-01T00:00:00.000000Z: bring what is newer"),
        (damaged, (), f"lacks a piece of the log, …{int(newest.name[8:], 16) + 1:016X}"),
        (lost.place, (), "holds no finished backup"),
    ):
        assert why in one_sentence(run("restore", folder, *words), 1)
        assert not (made_for(elsewhere) / "restoring").exists()
    described = damaged / "base" / f"{base.name}.json"
    was = described.read_text()
    described.write_text(was.replace(f'"{base.name}"', f'"../base/{base.name}"'))
    assert "is not what is called so" in one_sentence(run("restore", damaged), 1)
    described.write_text(was)
    file = damaged / "base" / base.name / "PG_VERSION"
    file.write_text("18\n")
    beyond.unlink()
    assert "is not what its manifest says" in one_sentence(run("restore", damaged), 1)
    assert "is no time with its zone" in one_sentence(run("restore", damaged, "--to", "monday"), 2)
    assert "by its administrator" in one_sentence(run("restore", damaged, env={"IOP_ES_DATABASE_URL": "x"}), 2)
    assert status(elsewhere)["data"] is None or not Path(status(elsewhere)["data"]).exists()


def test_nothing_in_a_backups_folder_tells_the_server_what_to_do(run: Run, lost: Lost, elsewhere: Path) -> None:
    """Whoever had the folder in hand can have no command run and no file written elsewhere: its settings are not taken
    up, of which no manifest tells, and a link in place of a file is refused."""
    handled, told = lost.place / "handled", elsewhere / "told"
    shutil.copytree(lost.backup, handled)
    shutil.copytree(lost.wal, handled / "rest", ignore=shutil.ignore_patterns("archive_status", "summaries"))
    elsewhere.chmod(0o777)
    [base] = bases(handled)
    settings = handled / "base" / base.name / "postgresql.auto.conf"
    settings.write_text(f"recovery_end_command = 'touch {told}'\narchive_cleanup_command = 'touch {told}'\n")
    done = run("restore", handled, "--wal", handled / "rest")
    assert done.exit_code == 0, done.output
    assert not told.exists()
    settings.unlink()
    settings.symlink_to(told)
    other = elsewhere / "other"
    other.mkdir(mode=0o755)
    refused = run("restore", handled, env={"IOP_ES_PROJECT": str(other)})
    assert "a link" in one_sentence(refused, 1)
    assert not told.exists()


@as_root
def test_root_runs_no_program_that_the_servers_user_could_have_changed(
    lost: Lost, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the server's user has a copy of the programs, root takes its own to compare a backup."""
    with tempfile.TemporaryDirectory() as home:
        hidden_wheel(monkeypatch, Path(home) / "wheel")
        room, told = rooms.of_project(elsewhere), elsewhere / "told"
        program = room.binaries / "pg_verifybackup"
        assert program.stat().st_uid == room.account.uid
        program.write_text(f"#!/bin/sh\nid -u >>{told}\n")
        elsewhere.chmod(0o777)
        assert restore(elsewhere, lost.backup, wal=lost.wal).pieces
        assert not told.exists() or "0" not in told.read_text().split()
        with EmbeddedPostgres(elsewhere):
            pass
        assert stopped(elsewhere)


def test_a_backup_is_its_owners_alone_and_holds_no_key(lost: Lost) -> None:
    """0700, a manifest of SHA-256, and nowhere the bytes from which keys are made."""
    [base] = bases(lost.backup)
    path = lost.backup / "base" / base.name
    assert all(one.stat().st_mode & 0o77 == 0 for one in (lost.backup, lost.backup / "wal", path))
    assert '"Checksum-Algorithm": "SHA256"' in (path / "backup_manifest").read_text()
    key = (lost.place / "root.key").read_bytes()
    assert not [one for one in lost.backup.rglob("*") if one.is_file() and key in one.read_bytes()]


def test_a_restore_that_is_killed_leaves_nothing_behind(lost: Lost, elsewhere: Path) -> None:
    """kill -9 in the middle: no database, no server, no half of a copy; and then it can be done again."""
    command = [sys.executable, "-m", "iop_es", "restore", str(lost.backup)]
    with subprocess.Popen(command, env=environment(elsewhere), cwd="/", stderr=subprocess.DEVNULL) as restoring:
        work = made_for(elsewhere) / "restoring"
        assert until((work / "data" / "recovery.signal").exists, 3 * SECONDS)
        restoring.kill()
    assert until(lambda: not work.exists())
    assert not work.with_name("data").exists()


def test_while_the_archive_cannot_be_written_nothing_is_lost_and_status_says_so(run: Run, lost: Lost) -> None:
    """The server keeps what it could not archive, and archives it once it can; a second folder begins a chain anew."""
    project = lost.place / "unarchived"
    project.mkdir(mode=0o755)
    with EmbeddedPostgres(project) as handle, psycopg.connect(handle.url, autocommit=True) as connection:
        settings = {"env": {"IOP_ES_PROJECT": str(project)}}
        assert run("migrate", **settings).exit_code == 0
        folder = lost.place / "unarchived-backup"
        assert run("backup", folder, **settings).exit_code == 0
        assert f"into {folder}/wal" in run("status", **settings).stdout
        away = folder.rename(folder.with_name("away"))
        connection.execute("CREATE TABLE iop.more (); SELECT pg_switch_wal()")
        assert until(lambda: "NOT into" in run("status", **settings).stdout)
        before = len(list((away / "wal").iterdir()))
        away.rename(folder)
        connection.execute("DROP TABLE iop.more; SELECT pg_switch_wal()")
        assert until(lambda: len(list((folder / "wal").iterdir())) >= before + 2)
        other = run("backup", lost.place / "other-backup", **settings)
        assert f"no longer in {folder}/wal" in other.stderr
        taken = one_sentence(run("backup", lost.place, **settings), 1)
        assert "must be a folder that only" in taken
    assert stopped(project)


def test_a_server_of_somebody_elses_is_backed_up_too(run: Run, store: str, tmp_path: Path) -> None:
    """pg_basebackup over its URL; where that server archives nothing, it is said what the backup is good for."""
    done = run("backup", tmp_path / "backup")
    assert done.exit_code == 0, done.output
    assert "to its own end only" in done.stdout and "every page and file compared" in done.stdout
    [base] = bases(tmp_path / "backup")
    assert (base.log, base.schema, base.archived) == ("iop-es/iop", "iop", False)
