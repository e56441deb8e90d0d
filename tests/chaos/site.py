"""A clinic of the drill's own: an embedded, durable PostgreSQL in a folder, a witness, and the processes over them."""

from __future__ import annotations

import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from psycopg.conninfo import conninfo_to_dict

from benchmarks.append_world import open_clinic
from iop_es import serving, wiring
from iop_es.engine.embedded import EmbeddedPostgres
from iop_es.engine.transparency.witness import Witness
from iop_es.settings import Settings
from tests.chaos.clients import Post
from tests.chaos.history import History
from tests.chaos.parts import impatient
from tests.chaos.processes import Nursery, kill

APIS = 3


@dataclass(slots=True)
class Site:
    """Where everything is; `data` is the cluster's folder, `given` the settings of each process."""

    folder: Path
    given: dict[str, Any]
    url: str
    data: Path
    nursery: Nursery
    post: Post
    history: History
    witness_port: int
    keep: bool = False

    @property
    def settings(self) -> Settings:
        """For looking at it in the end: with the witness's folder, so that no witness need run."""
        return Settings(**self.given | {"witness": str(self.folder / "witness")})

    @property
    def socket(self) -> str:
        """Where the database listens."""
        found = conninfo_to_dict(self.url)
        return f"{found['host']}/.s.PGSQL.{found['port']}"

    @property
    def postmaster(self) -> int:
        """The database's first process; 0 while there is none."""
        with suppress(OSError, ValueError):
            return int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        return 0

    def start(self, part: str, **more: Any) -> int:
        """One of the site's processes."""
        return self.nursery.start(part, settings=self.given, **more)


def free_ports(number: int) -> list[int]:
    """Ports that nobody listens on."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


@contextmanager
def open_site(patients: int, place: Path | None = None) -> Iterator[Site]:
    """A clinic with so many patients in care, sealed and projected; nothing runs but the database, which is in `place`
    if one is given. It is removed in the end, unless it is to be kept."""
    folder = Path(tempfile.mkdtemp(prefix="iop-es-chaos-"))
    folder.chmod(0o755)
    project = place or folder
    *ports, witness_port = free_ports(APIS + 1)
    given: dict[str, Any] = {"project": str(project), "witness": f"http://127.0.0.1:{witness_port}"}
    impatient()
    nursery, kept = Nursery(folder), False
    try:
        with EmbeddedPostgres.open(project) as server:
            history = History()
            local = Settings(**given | {"witness": str(folder / "witness")})
            with wiring.opened(local, first_use=True) as house:
                open_clinic(house.log, patients)
                house.project()
                with house.sealer() as sealer:
                    sealer.catch_up()
                history.base = house.log.head().position
                post = Post.of(serving.development_issuer(house), ports)
                given["witness_key"] = str(Witness(folder / "witness").verifier())
            site = Site(folder, given, server.url, server.data, nursery, post, history, witness_port)
            try:
                yield site
            finally:
                nursery.close()
                kill(site.postmaster)
                kept = site.keep
    finally:
        nursery.close()
        if not kept:
            shutil.rmtree(folder, ignore_errors=True)
