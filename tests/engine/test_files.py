"""What the program writes by itself is there whole or as it was, whenever it dies and whatever the disk says."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from iop_es.engine.failpoints import VARIABLE

HERE = Path(__file__).parents[2]
WRITERS = {
    "root.key": "from iop_es.engine.keys import open_keyring; open_keyring(path)",
    "master.keys": "from iop_es.engine.subjects.master import MasterFile; MasterFile(path).begin()",
    "development-issuer.json":
        "from iop_es.issuer import DevelopmentIssuer; DevelopmentIssuer(path.parent, allowed=True)",
    "key": "from iop_es.engine.transparency.witness import Witness; Witness(path.parent)",
}  # fmt: skip
"""What makes each of the files when it is not there."""
ROTATE = "from iop_es.engine.subjects.master import MasterFile; MasterFile(path).add()"
FULL = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (20, 20));"
"""A disk that takes twenty bytes more."""


def process(code: str, path: Path, held_at: str | None = None) -> subprocess.Popen[bytes]:
    """A process that writes, held at a failpoint if one is named."""
    told = f"from pathlib import Path; path = Path({str(path)!r}); {code}"
    more = {VARIABLE: held_at} if held_at else {}
    return subprocess.Popen([sys.executable, "-c", told], cwd=HERE, env=os.environ | more, stderr=subprocess.DEVNULL)


def killed(code: str, path: Path, held_at: str) -> None:
    """The process dies by SIGKILL while it is held there."""
    with process(code, path, held_at) as writer:
        _, status = os.waitpid(writer.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status), "it came to its end without being held"
        writer.send_signal(signal.SIGKILL)


@pytest.mark.parametrize("name", WRITERS)
def test_who_dies_before_the_file_has_its_name_leaves_none(name: str, tmp_path: Path) -> None:
    """The next one makes it, whole and for its owner alone, and the one after that leaves it as it is."""
    path = tmp_path / name
    killed(WRITERS[name], path, "draft_written")
    assert not path.exists()
    made = set()
    for _ in range(2):
        assert process(WRITERS[name], path).wait(30) == 0
        made.add(path.read_bytes())
    assert len(made) == 1 and path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(("held_at", "keys"), [("draft_written", 1), ("draft_renamed", 2)])
def test_who_dies_while_replacing_leaves_the_old_or_the_new(held_at: str, keys: int, tmp_path: Path) -> None:
    """Another master key: before the draft has the name the old file stands, after it the new one."""
    path = tmp_path / "master.keys"
    assert process(WRITERS[path.name], path).wait(30) == 0
    before = path.read_bytes()
    killed(ROTATE, path, held_at)
    after = path.read_bytes()
    assert after.startswith(before) and after.count(b"\n") == keys


@pytest.mark.parametrize("name", WRITERS)
def test_a_disk_that_takes_no_more_leaves_nothing(name: str, tmp_path: Path) -> None:
    """No file, no draft: the next process finds what it would have found."""
    assert process(FULL + WRITERS[name], tmp_path / name).wait(30) != 0
    assert [one.name for one in tmp_path.iterdir() if one.is_file() and one.name != "lock"] == []
