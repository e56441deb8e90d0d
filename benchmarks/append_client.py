"""Many HTTP clients in one thread: each sends its next request when it has the answer to its last.

Requests come ready made and answers are not parsed beyond their length and status, so that the clients cost little
beside the server that shares the machine with them.
"""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import islice

PATIENCE_SECONDS = 30


class Unexpected(Exception):
    """A request was not answered with success; the message is the whole answer, or says that none came."""


@dataclass(slots=True)
class Driven:
    """What came of a round: seconds for all of it, and the seconds of each request."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)


@dataclass(slots=True)
class _Client:
    link: socket.socket
    answer: bytearray = field(default_factory=bytearray)
    asked_at: float = 0.0

    def ask(self, request: bytes) -> None:
        self.answer.clear()
        self.asked_at = time.perf_counter()
        self.link.sendall(request)

    def answered(self) -> bool:
        """Reads what has come; whether the answer is whole. Raises Unexpected."""
        self.answer += self.link.recv(65536)
        end = self.answer.find(b"\r\n\r\n")
        if end < 0:
            return False
        head = bytes(self.answer[:end]).lower()
        length = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0])
        whole = len(self.answer) >= end + 4 + length
        if whole and head[9:11] != b"20":
            raise Unexpected(bytes(self.answer).decode())
        return whole


def drive(port: int, requests: Sequence[bytes], clients: int) -> Driven:
    """Sends all requests over so many kept connections to the loopback. Raises Unexpected."""
    driven, rest = Driven(), iter(requests)
    with selectors.DefaultSelector() as ready, ExitStack() as stack:
        start = time.perf_counter()
        for request in islice(rest, clients):
            link = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
            link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            client = _Client(link)
            ready.register(link, selectors.EVENT_READ, client)
            client.ask(request)
        while len(driven.latencies) < len(requests):
            _answers(ready, driven, rest)
        driven.seconds = time.perf_counter() - start
    return driven


def _answers(ready: selectors.BaseSelector, driven: Driven, rest: Iterator[bytes]) -> None:
    found = ready.select(PATIENCE_SECONDS)
    if not found:
        raise Unexpected(f"No answer came for {PATIENCE_SECONDS} seconds.")
    for key, _ in found:
        client: _Client = key.data
        if client.answered():
            driven.latencies.append(time.perf_counter() - client.asked_at)
            following = next(rest, None)
            if following is None:
                ready.unregister(client.link)
            else:
                client.ask(following)
