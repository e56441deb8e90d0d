"""The house keeps its shape: who may import whom, what a pure room may not touch, how long a file may grow."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("iop_es", "aggregates", "projections", "api")
FOLDERS = {*ROOMS, "tests", "benchmarks", ".ci"}
FILES = {
    "pyproject.toml", "compose.yaml", "Dockerfile", ".dockerignore", "README.md", "CHANGELOG.md", "Makefile",
    "LICENSE", ".gitignore", "requirements.lock", "requirements-test.lock",
}
# Which of our own rooms a room may use beside itself.
ALLOWED = {
    "aggregates": set[str](),
    "iop_es.engine": set[str](),
    "projections": {"aggregates", "iop_es.engine"},
    "api": {"aggregates", "projections", "iop_es.engine"},
}
PURE_PACKAGES = {"pydantic", "msgspec", "numpy", "rfc8785", "cryptography"}
IMPURE_MODULES = {
    "asyncio", "ctypes", "http", "io", "logging", "multiprocessing", "os", "pathlib", "random", "secrets", "shutil",
    "signal", "socket", "sqlite3", "ssl", "subprocess", "tempfile", "threading", "time", "urllib", "uuid",
}
IMPURE_CALLS = {"now", "utcnow", "today", "uuid1", "uuid4", "open", "input", "print", "exec", "eval"}
SQL = re.compile(
    r"\b(select\s+.+\s+from|insert\s+into|update\s+\w+\s+set|delete\s+from|create\s+(table|index|schema)|set\s+local)\b",
    re.IGNORECASE | re.DOTALL,
)


def sources(*folders: str) -> list[Path]:
    """Every Python file in the folders."""
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def name(path: Path) -> str:
    """The file as the tests name it."""
    return str(path.relative_to(ROOT))


@cache
def imported(path: Path) -> frozenset[str]:
    """The modules that a file imports anywhere in it, `from a import b` as both `a` and `a.b`."""
    modules: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            modules.update(one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = _absolute(path, node)
            modules.add(module)
            modules.update(f"{module}.{one.name}" for one in node.names)
    return frozenset(modules)


def _absolute(path: Path, node: ast.ImportFrom) -> str:
    """The full name of the module that a `from` import names, dots at its start resolved."""
    if node.level == 0:
        return node.module or ""
    package = path.relative_to(ROOT).parts[: -node.level]
    return ".".join((*package, node.module) if node.module else package)


def within(module: str, room: str) -> bool:
    """Whether a module is the room or lies in it."""
    return module == room or module.startswith(room + ".")


@pytest.mark.parametrize("room", ALLOWED)
def test_a_room_uses_only_the_rooms_below_it(room: str) -> None:
    """The arrows of the house: aggregates and the engine know nothing of ours, the rest only what is beneath."""
    wrong = [
        (name(path), module)
        for path in sources(room.replace(".", "/"))
        for module in imported(path)
        if any(within(module, one) for one in (*ROOMS, "tests", "benchmarks"))
        and not any(within(module, one) or one.startswith(module + ".") for one in {room} | ALLOWED[room])
    ]
    assert wrong == []


def test_nobody_imports_the_roof() -> None:
    """`cli`, `wiring` and `telemetry` stand on everything; what they are imported by would too."""
    inside = ("iop_es/engine", "aggregates", "projections", "api")
    roof = ("iop_es.cli", "iop_es.wiring", "iop_es.telemetry", "iop_es.__main__")
    wrong = [
        (name(path), module) for path in sources(*inside) for module in imported(path)
        if any(within(module, one) for one in roof)
    ]
    assert wrong == []


def test_the_package_itself_imports_nothing() -> None:
    """`import iop_es` stays free, so that the engine can be used without the roof."""
    assert imported(ROOT / "iop_es/__init__.py") <= {"__future__", "__future__.annotations"}


@pytest.mark.parametrize("path", sources("aggregates"), ids=name)
def test_an_aggregate_imports_only_pure_things(path: Path) -> None:
    """The standard library without its doors to the outside, and packages that only check, encode or compare."""
    outside = {
        module for module in (one.partition(".")[0] for one in imported(path))
        if module != "aggregates" and module not in PURE_PACKAGES and module not in sys.stdlib_module_names
    }
    assert outside == set()
    assert not {one.partition(".")[0] for one in imported(path)} & IMPURE_MODULES


@pytest.mark.parametrize("path", sources("aggregates"), ids=name)
def test_an_aggregate_asks_no_clock_and_no_chance(path: Path) -> None:
    """Times and ids come in with the command, so that the same past and command give the same outcome."""
    called = {
        node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
    }
    assert not called & IMPURE_CALLS


@pytest.mark.parametrize("path", sources("api"), ids=name)
def test_the_api_holds_no_sql(path: Path) -> None:
    """Statements belong to the engine and the read models; the API only names them."""
    texts = [
        node.value for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    assert [text for text in texts if SQL.search(text)] == []


@pytest.mark.parametrize("path", sources(*ROOMS, "tests", "benchmarks"), ids=name)
def test_a_file_has_one_story(path: Path) -> None:
    """No file over 400 lines: one that outgrows them has more than one reason to change."""
    assert len(path.read_text().splitlines()) <= 400


@pytest.mark.parametrize("path", sources("tests"), ids=name)
def test_every_test_says_what_it_shows(path: Path) -> None:
    """A one-sentence docstring states the behavior; when the test fails, it is read first."""
    silent = [
        node.name for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
        and not ast.get_docstring(node)
    ]
    assert silent == []


@pytest.mark.parametrize("path", sources(*ROOMS), ids=name)
def test_what_is_public_is_explained(path: Path) -> None:
    """Every module, and every public class and function in it, has a docstring; an empty module needs none."""
    tree = ast.parse(path.read_text())
    silent = [
        node.name for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert silent == []
    assert not tree.body or ast.get_docstring(tree)


def test_the_top_level_is_the_house_and_nothing_else() -> None:
    """What git would carry at the top level is named here, folder by folder and file by file."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT, capture_output=True, text=True, check=True,
        ).stdout.splitlines()
    except (OSError, subprocess.CalledProcessError):
        listed = [name(path) for folder in ROOMS for path in sources(folder)]  # an unpacked copy without git
    folders = {line.split("/")[0] for line in listed if "/" in line}
    files = {line for line in listed if "/" not in line}
    assert set(ROOMS) <= folders
    assert folders <= FOLDERS
    assert files <= FILES


def test_every_aggregate_can_be_the_first_one_to_be_imported() -> None:
    """No package of the aggregates waits for another one to have been imported before it."""
    packages = [f"aggregates.{path.parent.name}" for path in sorted((ROOT / "aggregates").glob("*/__init__.py"))]
    script = (
        "import importlib, sys\n"
        "for package in sys.argv[1:]:\n"
        "    for module in [one for one in sys.modules if one.partition('.')[0] == 'aggregates']:\n"
        "        del sys.modules[module]\n"
        "    importlib.import_module(package)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *packages], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert len(packages) > 10
    assert done.returncode == 0, done.stderr
