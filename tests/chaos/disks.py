"""The drill of a full disk: a database on a small file system that is filled, used, and emptied again.

Nobody restarts anything: what stopped must begin again by itself. Every other time the write-ahead log is filled too,
so that the database itself goes down.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import psycopg

from tests.chaos.checker import Violation, check
from tests.chaos.clients import Client, Sampler, Work
from tests.chaos.final import seen, settled
from tests.chaos.outcome import Outcome
from tests.chaos.processes import gone, kill, state
from tests.chaos.site import Site, open_site

MEGABYTES = 200
FULL_SECONDS, BACK_SECONDS = 8.0, 60.0
JOIN_SECONDS = 100.0
WRITE_AHEAD = "SELECT pg_logical_emit_message(false, 'drill', repeat('x', 1000000)) FROM generate_series(1, 40)"


class NotAllowed(Exception):
    """No file system can be mounted here."""


@contextmanager
def small_disk(megabytes: int = MEGABYTES) -> Iterator[Path]:
    """A file system of its own, in memory. Raises NotAllowed."""
    folder = Path(tempfile.mkdtemp(prefix="iop-es-disk-"))
    folder.chmod(0o755)
    try:
        options = f"size={megabytes}m,mode=0755"
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], check=False, capture_output=True, text=True
        )
        if done.returncode:
            raise NotAllowed((done.stderr.strip() or "mount failed").splitlines()[-1])
        try:
            yield folder
        finally:
            until = time.monotonic() + 20
            while subprocess.run(["umount", str(folder)], check=False, capture_output=True).returncode:
                if time.monotonic() > until:
                    subprocess.run(["umount", "-l", str(folder)], check=False)
                    break
                time.sleep(0.2)
    except FileNotFoundError as error:
        raise NotAllowed(f"there is no {error.filename}") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def disks(seed: int, fills: int, patients: int = 100, clients: int = 6,
          told: Callable[[str], None] = lambda _text: None) -> Outcome:  # fmt: skip
    """Fills the disk so many times while clients work, and checks what is left."""
    try:
        with small_disk() as disk, open_site(patients, disk) as site:
            return _filled(site, disk, seed, fills, patients, clients, told)
    except (NotAllowed, PermissionError) as error:
        return Outcome(skipped=str(error))


def _filled(site: Site, disk: Path, seed: int, fills: int, patients: int, clients: int,
            told: Callable[[str], None]) -> Outcome:  # fmt: skip
    site.post.ports[:] = site.post.ports[:1]
    history, watching = site.history, Event()
    work = Work.of(site.post, history, patients)
    parts = [
        site.start("everything", port=site.post.ports[0]),
        site.start("witness", folder=str(site.folder / "witness"), port=site.witness_port),
        site.start("reader", file=str(site.folder / "seen")),
    ]
    Sampler(site.url, history, watching).start()
    people = [Client(work, number, seed) for number in range(clients)]
    for one in people:
        one.start()
    found, slowest = [], 0.0
    _worked(site, BACK_SECONDS)
    for number in range(fills):
        balloon = _fill(site, disk, number)
        time.sleep(FULL_SECONDS)
        balloon.unlink()
        waited = _worked(site, BACK_SECONDS)
        slowest = max(slowest, waited)
        told(f"  full {number + 1} times; it worked again after {waited:.1f} s")
        if waited >= BACK_SECONDS:
            found.append(Violation("liveness", "the server did not come back when there was room again"))
            break
    found += [Violation("liveness", f"{part} ended") for part in parts[:2] if not state(part)]
    work.stopping.set()
    last = time.monotonic() + JOIN_SECONDS
    for one in people:
        one.join(max(0.0, last - time.monotonic()))
    watching.set()
    for process in parts:
        kill(process)
        gone(process)
    reader = site.start("reader", file=str(site.folder / "seen"))
    final = settled(site.settings, history)
    until = time.monotonic() + 30
    while len(seen(site.folder / "seen")) < final.head and time.monotonic() < until:
        time.sleep(0.1)
    kill(reader)
    gone(reader)
    history.seen = seen(site.folder / "seen")
    found += check(history, final) + [Violation("liveness", f"{key} was never answered") for key in work.unknown]
    site.keep = False
    statuses = Counter(str(each.status or "none") for one in history.commands for each in one.tries)
    found += [Violation("503", f"{number} tries were answered {status}") for status, number in statuses.items()
              if status in {"500", "502", "504"}]  # fmt: skip
    return Outcome({
        "fills": fills,
        "of them with the write-ahead log": fills // 2,
        "the database went down": (site.data.parent / "server.log").read_text(errors="replace").count("PANIC"),
        "seconds until it worked again, at most": round(slowest),
        **{f"answers: {status}": number for status, number in sorted(statuses.items())},
        "commands": len(history.commands),
        "acknowledged": sum(one.answer is not None for one in history.commands),
        "facts": final.head,
    }, found)  # fmt: skip


def _fill(site: Site, disk: Path, number: int) -> Path:
    """Leaves no room on the disk; the second time, and so on, the write-ahead log takes what it has, too."""
    balloon = disk / "balloon"
    with contextlib.suppress(OSError), balloon.open("wb", buffering=0) as file:
        while file.write(bytes(65_536)):
            pass
    os.truncate(balloon, balloon.stat().st_size // 4096 * 4096)
    if number % 2:
        with contextlib.suppress(psycopg.Error), psycopg.connect(site.url, autocommit=True) as connection:
            connection.execute(WRITE_AHEAD)
    return balloon


def _worked(site: Site, seconds: float) -> float:
    """How long it takes until a command is acknowledged that was sent from now on."""
    begun = time.monotonic()
    while time.monotonic() < begun + seconds:
        for one in site.history.commands[-200:]:
            if (answer := one.answer) is not None and answer.sent > begun:
                return answer.answered - begun
        time.sleep(0.1)
    return seconds
