"""The part of a fact that only the holder of a subject's key can open."""

from typing import Protocol


class Sealer(Protocol):
    """Seals bytes under the key of one subject, bound to the place of one fact so that they open nowhere else.

    `subject` is "kind:id" as the fact's context names it, `stream` its stream (uuid text), `name` its topic without
    the schema version.
    """

    def seal(self, subject: str, stream: str, version: int, name: str, data: bytes) -> bytes:
        """The bytes to store."""

    def open(self, subject: str, stream: str, version: int, name: str, data: bytes) -> bytes:
        """The bytes that were sealed."""


class PassThrough:
    """Keeps the bytes as they are: the sealer of a store that does not encrypt yet."""

    def seal(self, subject: str, stream: str, version: int, name: str, data: bytes) -> bytes:
        """The same bytes."""
        return data

    def open(self, subject: str, stream: str, version: int, name: str, data: bytes) -> bytes:
        """The same bytes."""
        return data
