"""The server process: the HTTP API, and beside it the projection loops unless other processes run them.

The development issuer is in force only when no address of keys is set and the database is the embedded one or a
simulation; anything else needs an issuer of its own.
"""

from __future__ import annotations

import gc
import json
import signal
import socket
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Thread
from types import FrameType
from typing import Any

import structlog
import uvicorn
from prometheus_client import start_http_server
from starlette.exceptions import HTTPException

from api.commands.together import Together
from api.documenting.group import Documenting
from api.identity import Tokens
from api.limits import Limits, limits
from api.services import Services
from api.signing.desk import SigningDesk
from iop_es.bounded import Bounded
from iop_es.engine.embedded import EmbeddedPostgres, EmbeddedUnavailable
from iop_es.engine.transparency.log_sealer import HistoryRefused
from iop_es.engine.transparency.witness import WitnessAway
from iop_es.issuer import ISSUER, DevelopmentIssuer
from iop_es.projecting import Projecting, nothing
from iop_es.proving import Proving
from iop_es.sealing import Sealing
from iop_es.settings import Settings
from iop_es.shredding import retention
from iop_es.wiring import House, WitnessUnusable
from projections.outcomes import statistics

DRAIN_SECONDS = 10
KEYS_SECONDS = 5

logger = structlog.get_logger()


class IssuerMissing(Exception):
    """Nobody vouches for the callers: set IOP_ES_ISSUER and IOP_ES_JWKS_URL (http or https) to those of your identity
    provider; the development issuer works only for the embedded database or a simulation."""


class AddressTaken(Exception):
    """The server cannot listen there."""


def development_issuer(house: House) -> DevelopmentIssuer:
    """The issuer for local use. Raises NoDevelopmentIssuer where real records are kept."""
    folder = Path(house.settings.project) / ".iop-es"
    return DevelopmentIssuer(folder, house.embedded or house.log.head().simulation)


def tokens(house: House) -> Tokens:
    """Checks of the configured issuer's tokens, or the development issuer's. Raises IssuerMissing."""
    settings = house.settings
    if settings.jwks_url and settings.issuer and settings.jwks_url.startswith(("https://", "http://")):
        return Tokens(settings.issuer, settings.audience, fetching(settings.jwks_url), longest=settings.token_seconds)
    if settings.jwks_url or settings.issuer or not (house.embedded or house.log.head().simulation):
        raise IssuerMissing
    return Tokens(ISSUER, settings.audience, development_issuer(house).keys)


def fetching(url: str) -> Callable[[], dict[str, Any]]:
    """Fetches the issuer's public keys; while the issuer does not answer, the last ones stay in force.

    What it answers raises a 503 problem when no keys were ever had.
    """
    last: dict[str, Any] = {}

    def fetch() -> dict[str, Any]:
        try:
            with urllib.request.urlopen(url, timeout=KEYS_SECONDS) as response:  # noqa: S310 - http(s), checked above
                last.update(json.load(response))
        except (OSError, ValueError) as error:
            logger.warning("keys_not_fetched", error=type(error).__name__)
            if not last:
                raise HTTPException(503, "The issuer's keys cannot be fetched now; try again in a moment.") from error
        return last

    return fetch


def serve(house: House, host: str, port: int, project: bool, ready: Callable[[str], None]) -> None:
    """Serves until SIGTERM or SIGINT, then answers what was asked before it and returns.

    `ready` is told the base address once connections are taken; port 0 is any free one. An older history than the
    witness has seen takes no facts from the first request on. Raises AddressTaken.
    """
    server = web_server(services(house), house.settings)

    def leave(_signal: int, _frame: FrameType | None) -> None:
        server.should_exit = True

    with ExitStack() as stack:
        listening = stack.enter_context(bound(host, port))
        # uvicorn raises the signal once more when it has drained; then it must find a handler that is not the default.
        stack.enter_context(on_stop(leave))
        drivers = house.drivers if project else ()
        stack.enter_context(Projecting(drivers, house.url, house.log.schema, reviving(house)))
        look(house)
        if project:
            stack.enter_context(Sealing(house))
        # What is there for good need not be looked through again (p99 of commands 24 ms, in the run before 97).
        gc.collect()
        gc.freeze()
        ready(f"http://{f'[{host}]' if ':' in host else host}:{listening.getsockname()[1]}")
        Thread(target=statistics.prepare, name="statistics", daemon=True).start()
        server.run(sockets=[listening])


def look(house: House) -> None:
    """Holds the log against what the witness has seen before anything is taken; whoever seals it goes on looking.

    A log that is not what was seen takes no facts and is still read. A witness that does not answer stops nothing.
    """
    try:
        house.look()
    except HistoryRefused as error:
        logger.error("sealing_refused", reason=str(error))
    except (WitnessAway, WitnessUnusable) as error:
        logger.warning("witness_not_asked", reason=str(error))


def services(house: House) -> Services:
    """What the routes need. Raises IssuerMissing, KeysUnusable."""
    return Services(
        Together(house.commands()).handle, house.gate, tokens(house), documenting(house), house.measured(),
        Proving(house.api_pool, house.log.schema, house.log_key),
        house.packets(), limited(house.settings), retention(house.settings),
    )


def limited(settings: Settings) -> Limits:
    """How much one caller may ask."""
    return limits(settings.requests_per_person, settings.requests_per_address, settings.bad_tokens_per_address)


def documenting(house: House, remember: bool = False) -> Documenting:
    """The desk for documents and their signatures. Raises KeysUnusable."""
    commands = house.commands(remember)
    return Documenting(commands, house.log, SigningDesk(commands, house.keyring()))


def web_server(services: Services, settings: Settings | None = None) -> uvicorn.Server:
    """The HTTP server of the API, not yet running; its routes are loaded here, which no other command should pay."""
    from api.app import create_app  # noqa: PLC0415 - see above

    settings = settings or Settings()
    origins = [one for one in settings.origins.split(",") if one]
    return uvicorn.Server(uvicorn.Config(
        create_app(services, origins), log_config=None, access_log=False, lifespan="off", server_header=False,
        http=Bounded, ws="none", forwarded_allow_ips=settings.proxies, timeout_graceful_shutdown=DRAIN_SECONDS,
    ))  # fmt: skip


@contextmanager
def metrics_served(house: House) -> Iterator[None]:
    """Answers scrapes on IOP_ES_METRICS_PORT for the block; nothing where that is not set. Raises AddressTaken."""
    host, port = house.settings.metrics_host, house.settings.metrics_port
    if port is None:
        yield
        return
    try:
        server, thread = start_http_server(port, host, registry=house.measured().registry)
    except OSError as error:
        raise AddressTaken(_taken(host, port, error, "set IOP_ES_METRICS_PORT to another")) from error
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def reviving(house: House) -> Callable[[], None]:
    """What to do when the database is lost: the embedded server is started again, any other comes back by itself."""
    if not house.embedded:
        return nothing

    def revive() -> None:
        try:
            EmbeddedPostgres.open(Path(house.settings.project)).close()
        except EmbeddedUnavailable as error:
            logger.error("database_not_started", reason=str(error))

    return revive


@contextmanager
def on_stop(handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    """Handles SIGTERM and SIGINT with `handler` for the block; only the main thread may do this."""
    before = {number: signal.signal(number, handler) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)


def must_be_free(host: str, port: int) -> None:
    """Raises AddressTaken now rather than after long work; somebody may still come first."""
    with bound(host, port):
        pass


@contextmanager
def bound(host: str, port: int) -> Iterator[socket.socket]:
    """A socket that listens there, port 0 being any free one. Raises AddressTaken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise AddressTaken(_taken(host, port, error, "give another --port")) from error
    with listening:
        # Inherited by every connection: else the second packet of an answer waits 40 ms for the caller's delayed ACK.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield listening


def _taken(host: str, port: int, error: OSError, way_out: str) -> str:
    return f"Nothing can listen on {host} port {port} ({error.strerror or error}): {way_out}."
