"""One side of the append benchmark as a process: the real application on a free port of the loopback.

    python -m benchmarks.append_server SIDE URL FOLDER

It prints its port and serves until its standard input closes. The sides differ in the log and in how orders reach it:

    house           the house's log; orders that come at the same moment are decided and appended together
    house_alone     the same log, each order alone in a thread of the server's pool
    library         the library's recorder, each order alone in a thread of the server's pool
    library_single  the same recorder, one order after the other in one thread: how it does best
"""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

from starlette.concurrency import run_in_threadpool

from api.commands.handle import Commands
from api.commands.order import Order, Reply
from api.commands.together import Together
from api.documenting.group import Documenting
from api.gate import Gate
from api.identity import Tokens
from api.services import Services
from api.signing.desk import SigningDesk
from benchmarks.append_library import LibraryLog
from iop_es.engine.connections import Pool, open_pool
from iop_es.engine.keys import open_keyring
from iop_es.engine.log import Log
from iop_es.engine.subjects.keys import SubjectKeys
from iop_es.engine.subjects.master import MasterFile
from iop_es.engine.subjects.sealing import SubjectSealer
from iop_es.issuer import ISSUER, DevelopmentIssuer
from iop_es.logs import quiet_logs
from iop_es.serving import bound, web_server
from iop_es.wiring import MODELS

SCHEMA, AUDIENCE = "iop", "iop-es"
CONNECTIONS = 8
"""Connections of each side's pool, as the product's."""


@contextmanager
def log_at(url: str, pool: Pool, folder: Path) -> Iterator[Log]:
    """The house's log, which seals under keys whose master keys are in a folder."""
    with open_pool(url, SCHEMA, "iop_api", 2) as keys:
        yield Log(pool, SCHEMA, SubjectSealer(SubjectKeys(keys, SCHEMA, MasterFile(folder / "master.keys"))))


@contextmanager
def services(side: str, url: str, folder: Path) -> Iterator[Services]:
    """What the routes need on this side."""
    tokens = Tokens(ISSUER, AUDIENCE, DevelopmentIssuer(folder, allowed=True).keys)
    with (
        open_pool(url, SCHEMA, "iop_api", CONNECTIONS) as pool, open_pool(url, SCHEMA, "iop_query", 2) as asking,
        log_at(url, pool, folder) as log,
    ):
        used: Any = LibraryLog(url, CONNECTIONS, log) if side.startswith("library") else log
        desk = SigningDesk(Commands(used), open_keyring(folder / "root.key"))
        documenting = Documenting(Commands(used), log, desk)
        yield Services(handling(side, Commands(used)), Gate(log, asking, MODELS), tokens, documenting)


def handling(side: str, commands: Commands) -> Any:
    """How an order reaches the commands."""
    single = ThreadPoolExecutor(1)

    async def alone(order: Order) -> Reply:
        return await run_in_threadpool(commands.handle, order)

    async def in_turn(order: Order) -> Reply:
        return await asyncio.get_running_loop().run_in_executor(single, commands.handle, order)

    return {"house": Together(commands).handle, "library_single": in_turn}.get(side, alone)


def main(side: str, url: str, folder: str) -> None:
    """Serves one side."""
    quiet_logs("info")
    with services(side, url, Path(folder)) as made, bound("127.0.0.1", 0) as listening:
        server = web_server(made)

        def until_closed() -> None:
            sys.stdin.read()
            server.should_exit = True

        Thread(target=until_closed, daemon=True).start()
        gc.collect()
        gc.freeze()  # as the product's server does
        print(listening.getsockname()[1], flush=True)
        server.run(sockets=[listening])


if __name__ == "__main__":
    main(*sys.argv[1:])
