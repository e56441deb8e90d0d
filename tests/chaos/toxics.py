"""A wire to PostgreSQL that is slow, cuts things up, loses what was asked or what was answered, and hangs up.

It knows a command by its key, which stands in what is sent: so it can say of each fault whom it befell.
"""

from __future__ import annotations

import contextlib
import random
import re
import socket
import struct
import time
from collections import Counter
from dataclasses import dataclass, field
from threading import Event, Lock, Thread

KEY = re.compile(rb"chaos-[0-9a-z-]+")
READY = b"Z\0\0\0\5I"
"""How a reply ends when nothing is open any more: what was asked is committed."""

KINDS = {
    "reply lost after COMMIT": 5, "request lost": 2, "reset while it works": 4, "reply cut in two": 2,
    "half open, then reset": 1, "slow": 3, "sliced": 3,
}  # fmt: skip
WITH_THE_REPLY = {"reply lost after COMMIT", "reply cut in two", "half open, then reset"}
AT_ONCE = set(KINDS) - WITH_THE_REPLY


@dataclass(slots=True)
class Proxy:
    """Stands on a port of the loopback before the server's socket, until it is closed; `rate` is how likely a round
    trip that carries a command has a fault."""

    server: str
    seed: int
    rate: float = 0.0
    counts: Counter[str] = field(default_factory=Counter)
    befallen: set[str] = field(default_factory=set)
    listener: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0)))
    lock: Lock = field(default_factory=Lock)
    random: random.Random = field(default_factory=random.Random)

    def __post_init__(self) -> None:
        self.random.seed(f"proxy:{self.seed}")
        Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        """The database behind it, for its superuser."""
        port = self.listener.getsockname()[1]
        return f"postgresql://iop@127.0.0.1:{port}/iop_es?sslmode=disable&gssencmode=disable"

    def draw(self, keys: set[str]) -> str:
        """What befalls these commands now; mostly nothing."""
        with self.lock:
            if not keys or self.random.random() >= self.rate:
                return ""
            return self.random.choices(list(KINDS), list(KINDS.values()))[0]

    def befell(self, kind: str, keys: set[str]) -> None:
        """It has happened."""
        with self.lock:
            self.counts[kind] += 1
            self.befallen |= keys

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                wire = _Wire(self, self.listener.accept()[0], socket.socket(socket.AF_UNIX))
                Thread(target=wire.serve, daemon=True).start()


@dataclass(slots=True)
class _Wire:
    """One connection: what is asked goes one way, what is answered the other."""

    proxy: Proxy
    client: socket.socket
    server: socket.socket
    fault: str = ""
    keys: set[str] = field(default_factory=set)
    cut: Event = field(default_factory=Event)

    def serve(self) -> None:
        try:
            self.server.connect(self.proxy.server)
            self.client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            back = Thread(target=self._answers, daemon=True)
            back.start()
            self._questions()
            back.join()
        except OSError:
            self._reset()
        finally:
            self.client.close()
            self.server.close()

    def _questions(self) -> None:
        with contextlib.suppress(OSError):
            while data := self.client.recv(262_144):
                self.keys = {one.decode() for one in KEY.findall(data)}
                self.fault = self.proxy.draw(self.keys)
                if self.fault in AT_ONCE:
                    self.proxy.befell(self.fault, self.keys)
                if self.fault == "request lost":
                    break
                self._pass(self.server, data)
                if self.fault == "reset while it works":
                    break
        self._reset() if self.fault in {"request lost", "reset while it works"} else self._end()

    def _answers(self) -> None:
        lost = False
        with contextlib.suppress(OSError):
            while (data := self.server.recv(262_144)) and not self.cut.is_set():
                if self.fault in WITH_THE_REPLY and READY in data:
                    lost = True
                    self.proxy.befell(self.fault, self.keys)
                    if self.fault == "reply cut in two":
                        self.client.sendall(data[: len(data) // 2])
                    if self.fault == "half open, then reset":
                        time.sleep(0.5)
                    break
                self._pass(self.client, data)
        self._reset() if lost or self.fault in AT_ONCE else self._end()

    def _pass(self, target: socket.socket, data: bytes) -> None:
        if self.fault == "slow":
            time.sleep(0.03)
        step = 37 if self.fault == "sliced" else len(data)
        for start in range(0, len(data), step):
            target.sendall(data[start : start + step])

    def _reset(self) -> None:
        """Neither side hears a goodbye."""
        self.cut.set()
        with contextlib.suppress(OSError):
            self.client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._end()

    def _end(self) -> None:
        self.cut.set()
        for one in (self.client, self.server):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
