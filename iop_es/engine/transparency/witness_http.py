"""A witness over HTTP, both ends: `POST /add-checkpoint` and `GET /ORIGIN-HASH/checkpoint` of c2sp.org/tlog-witness.

Beside them `GET /key` tells the witness's public key, for a log that was not told it otherwise: convenient, and as
trustworthy as the network in between.
"""

from __future__ import annotations

import http.client
import re
from base64 import b64encode
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import structlog

from iop_es.engine.transparency.checkpoint import number, parse_hashes
from iop_es.engine.transparency.notes import NotANote, Note, Verifier, parse_line, parse_note, parse_verifier
from iop_es.engine.transparency.witness import Witness, WitnessAway, WitnessRefused, origin_hash

SECONDS = 5.0
MOST_BYTES = 100_000
_CHECKPOINT = re.compile(r"/([0-9a-f]{64})/checkpoint")

logger = structlog.get_logger()


class WitnessServer(ThreadingHTTPServer):
    """Answers for a witness; port 0 is any free one."""

    daemon_threads = True

    def __init__(self, witness: Witness, host: str, port: int) -> None:
        super().__init__((host, port), _Handler)
        self.witness = witness

    def start(self) -> None:
        """Answers in a thread of its own, until `shutdown`."""
        Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()


class _Handler(BaseHTTPRequestHandler):
    server: WitnessServer
    protocol_version = "HTTP/1.1"
    timeout = 60

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if self.path != "/add-checkpoint" or not length.isdecimal() or int(length) > MOST_BYTES:
            self.close_connection = True  # what it sends is not read
            found = self.path == "/add-checkpoint"
            self._say(400 if found else 404, "There is no such address, or the body is too long.")
            return
        try:
            line = self.server.witness.add(*parse_request(self.rfile.read(int(length))))
        except NotANote as error:
            self._say(400, str(error))
        except WitnessRefused as error:
            logger.warning("cosigning_refused", status=error.status, reason=str(error))
            if error.size is None:
                self._say(error.status, str(error))
            else:
                self._say(error.status, str(error.size), "text/x.tlog.size")
        else:
            self._say(200, line.removesuffix("\n"))

    def do_GET(self) -> None:
        found = _CHECKPOINT.fullmatch(self.path)
        if self.path == "/key":
            self._say(200, str(self.server.witness.verifier()))
            return
        known = [one for one in self.server.witness.logs() if found and origin_hash(one.origin) == found[1]]
        if known and known[0].note:
            self._say(200, known[0].note.removesuffix("\n"))
        else:
            self._say(404, "No checkpoint of that log was cosigned here.")

    def _say(self, status: int, text: str, kind: str = "text/plain; charset=utf-8") -> None:
        body = f"{text}\n".encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        """What is refused is logged above; the rest is no news."""


class WitnessAt:
    """A witness at an address. `key` is its public key as the log's operator was told it; left out, it is asked."""

    def __init__(self, url: str, key: Verifier | None = None) -> None:
        self._url = url.rstrip("/")
        self._key = key

    def verifier(self) -> Verifier:
        """The key of its cosignatures. Raises WitnessAway."""
        if self._key is None:
            status, body = self._ask("GET", "/key")
            try:
                self._key = parse_verifier(body if status == 200 else "")
            except NotANote as error:
                raise WitnessAway(f"{self._url} tells no key of a witness.") from error
        return self._key

    def latest(self, origin: str) -> Note | None:
        """The newest checkpoint of a log that it has cosigned. Raises WitnessAway."""
        status, body = self._ask("GET", f"/{origin_hash(origin)}/checkpoint")
        if status == 404:
            return None
        try:
            return parse_note(body if status == 200 else "")
        except NotANote as error:
            raise WitnessAway(f"{self._url} answers {status}, and no checkpoint.") from error

    def add(self, old: int, proof: Sequence[bytes], note: Note) -> str:
        """Its cosignature line. Raises WitnessRefused, WitnessAway."""
        status, body = self._ask("POST", "/add-checkpoint", str_request(old, proof, note))
        if status != 200:
            size = body.strip()
            raise WitnessRefused(status, body.strip(), int(size) if status == 409 and size.isdecimal() else None)
        own = self.verifier()
        for line in body.splitlines(keepends=True):
            try:
                if (signed := parse_line(line)).name == own.name and signed.key_id == own.key_id:
                    return line
            except NotANote:
                break
        raise WitnessAway(f"{self._url} answers without a cosignature of {own.name}.")

    def _ask(self, method: str, path: str, body: str | None = None) -> tuple[int, str]:
        place = urlsplit(self._url)
        kind = http.client.HTTPSConnection if place.scheme == "https" else http.client.HTTPConnection
        try:
            connection = kind(place.netloc, timeout=SECONDS)
            try:
                connection.request(method, place.path + path, body and body.encode())
                answer = connection.getresponse()
                return answer.status, answer.read(MOST_BYTES).decode()
            finally:
                connection.close()
        except (OSError, http.client.HTTPException, UnicodeDecodeError, ValueError) as error:
            raise WitnessAway(f"The witness at {self._url} does not answer ({type(error).__name__}).") from error


def str_request(old: int, proof: Sequence[bytes], note: Note) -> str:
    """The body of a request to cosign."""
    lines = [f"old {old}", *(b64encode(one).decode() for one in proof), ""]
    return "\n".join([*lines, str(note)])


def parse_request(body: bytes) -> tuple[int, tuple[bytes, ...], Note]:
    """What a request to cosign says. Raises NotANote."""
    try:
        head, gap, note = body.decode().partition("\n\n")
    except UnicodeDecodeError as error:
        raise NotANote("A request is UTF-8.") from error
    first, *hashes = head.split("\n")
    if not gap or not first.startswith("old "):
        raise NotANote("A request has an old size, hashes, an empty line and a checkpoint.")
    return number(first.removeprefix("old ")), parse_hashes(hashes), parse_note(note)
