"""Who wraps the keys of subjects: a file of master keys, or a key service.

A key service (AWS KMS, Google Cloud KMS, Azure Key Vault, Vault's transit engine) takes the file's place with a class
of three methods, `KeyProvider`: `wrap` calls the service's Encrypt and `unwrap` its Decrypt, with the context as
what each of them calls encryption context, additional authenticated data or associated data, so that a wrapped key
opens for its subject and no other; `current` answers the name and version of its key. The service logs each use, and
its own rotation takes effect with `iop-es keys rotate-master`.

The file: one master key a line, "name SP 64 hex digits", the last one in use. It is not the root key, so that it can be
kept and backed up apart: the table of keys is worth nothing without it, and it is worth nothing without the table.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from iop_es.engine.files import write

KEY_BYTES = 32
NONCE_BYTES = 12
LINE = re.compile(r"(m[0-9a-f]{16}) ([0-9a-f]{64})")


class Wrapped(NamedTuple):
    """A key under a master key, and the name of that."""

    by: str
    data: bytes


class MasterKeysUnusable(Exception):
    """The master keys, under which the keys of patients lie, cannot be used from {path} ({why}). Put back the file from
    its own backup, mode 600, or set IOP_ES_MASTER_KEYS to where it is."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(" ".join((type(self).__doc__ or "").split()).format(path=path, why=why))


class KeyProvider(Protocol):
    """Wraps keys of 32 bytes; the context (names and texts, such as the subject) must be the same for unwrapping."""

    def current(self) -> str:
        """The name of the master key that `wrap` takes now."""

    def wrap(self, key: bytes, context: Mapping[str, str]) -> Wrapped:
        """The key wrapped. Raises MasterKeysUnusable."""

    def unwrap(self, wrapped: Wrapped, context: Mapping[str, str]) -> bytes:
        """The key again. Raises MasterKeysUnusable, also when it was wrapped for another context."""


class MasterFile:
    """Master keys in a file. A new file is made by `begin` alone: a process that finds none must not invent one beside
    keys that were wrapped with another."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._read: tuple[tuple[int, int, int], dict[str, bytes]] | None = None

    def begin(self) -> None:
        """Makes the file with a first key, unless there is one."""
        if not self.path.exists():
            self._write([_new()], replace=False)

    def add(self) -> str:
        """A new master key, from now on the one in use; its name."""
        added = _new()
        self._write([*self._keys().items(), added], replace=True)
        return added[0]

    def forget(self, names: Iterable[str]) -> list[str]:
        """Takes master keys other than the current one out of the file; the names of those that were there."""
        gone, current = set(names), self.current()
        kept = [(name, key) for name, key in self._keys().items() if name not in gone or name == current]
        gone &= self._keys().keys() - {current}
        if gone:
            self._write(kept, replace=True)
        return sorted(gone)

    def names(self) -> list[str]:
        """The names of all master keys, the one in use last."""
        return list(self._keys())

    def current(self) -> str:
        """The last one's name. Raises MasterKeysUnusable."""
        return list(self._keys())[-1]

    def wrap(self, key: bytes, context: Mapping[str, str]) -> Wrapped:
        """nonce[12] || AES-256-GCM under the current master key."""
        name, nonce = self.current(), os.urandom(NONCE_BYTES)
        return Wrapped(name, nonce + AESGCM(self._keys()[name]).encrypt(nonce, key, _bound_to(name, context)))

    def unwrap(self, wrapped: Wrapped, context: Mapping[str, str]) -> bytes:
        """The key again. Raises MasterKeysUnusable."""
        master = self._keys().get(wrapped.by)
        if master is None:
            raise MasterKeysUnusable(self.path, f"it has no master key {wrapped.by}")
        try:
            nonce, data = wrapped.data[:NONCE_BYTES], wrapped.data[NONCE_BYTES:]
            return AESGCM(master).decrypt(nonce, data, _bound_to(wrapped.by, context))
        except (InvalidTag, ValueError):
            why = f"its {wrapped.by} does not open the key of {context.get('subject', 'a subject')}, which was changed"
            raise MasterKeysUnusable(self.path, why) from None

    def _keys(self) -> dict[str, bytes]:
        """What the file holds; read again when it was written meanwhile, by another process's rotation."""
        try:
            with self.path.open("rb") as file:
                found = os.fstat(file.fileno())
                stamp = (found.st_ino, found.st_ctime_ns, found.st_size)
                if self._read is None or self._read[0] != stamp:
                    if found.st_mode & 0o077:
                        raise MasterKeysUnusable(self.path, f"its mode is {found.st_mode & 0o777:o}, not 600")
                    self._read = stamp, self._parsed(file.read().decode("ascii"))
                return self._read[1]
        except (OSError, UnicodeDecodeError) as error:
            raise MasterKeysUnusable(self.path, getattr(error, "strerror", None) or "it is no such file") from error

    def _parsed(self, text: str) -> dict[str, bytes]:
        lines = [LINE.fullmatch(line) for line in text.splitlines()]
        if not lines or not all(lines):
            raise MasterKeysUnusable(self.path, "it has a line that is no master key, or none at all")
        return {line[1]: bytes.fromhex(line[2]) for line in lines if line}

    def _write(self, keys: Iterable[tuple[str, bytes]], *, replace: bool) -> None:
        """The file; of two who make it first, one has made the one that counts."""
        try:
            self.path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
            write(self.path, ["".join(f"{name} {key.hex()}\n" for name, key in keys).encode()], replace=replace)
        except OSError as error:
            raise MasterKeysUnusable(self.path, error.strerror or type(error).__name__) from error


def _new() -> tuple[str, bytes]:
    return f"m{secrets.token_hex(8)}", secrets.token_bytes(KEY_BYTES)


def _bound_to(name: str, context: Mapping[str, str]) -> bytes:
    told = "".join(f"{key}={value}\n" for key, value in sorted(context.items()))
    return f"iop-wrap/v1\n{name}\n{told}".encode()
