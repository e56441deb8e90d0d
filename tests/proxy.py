"""A wire between client and PostgreSQL that can be cut at the worst moment."""

import contextlib
import socket
import threading
from pathlib import Path


class Proxy:
    """Stands between client and PostgreSQL; armed, it swallows the next completed command's reply and hangs up.

    `tag` is how PostgreSQL ends the reply that is meant: a SELECT of so many rows.
    """

    def __init__(self, folder: Path, server: str) -> None:
        self.server = server
        self.cuts = 0
        self.tag = b"SELECT 1\0"
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(folder / ".s.PGSQL.5432"))
        self.listener.listen()
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def folder(self) -> str:
        """The host by which libpq finds it."""
        return str(Path(str(self.listener.getsockname())).parent)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=self._serve, args=(self.listener.accept()[0],), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, socket.socket(socket.AF_UNIX) as server:
            server.connect(self.server)
            back = threading.Thread(target=self._pump, args=(server, client, True))
            back.start()
            self._pump(client, server, False)
            back.join()

    def _pump(self, source: socket.socket, target: socket.socket, is_reply: bool) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if is_reply and self.cuts and self.tag in data:
                    self.cuts -= 1
                    break
                target.sendall(data)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
