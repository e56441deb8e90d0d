"""The part of a fact that only the holder of a subject's key can open.

`iop_es.engine.subjects` seals under keys; PassThrough keeps bytes as they are, for whoever wants them as they lie in
the log (a projection, a proof) and for a store that is set up unsealed.
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol


class Part(NamedTuple):
    """The sealed part of a fact, before or after sealing, and the place that it is bound to.

    `subject` is "kind:id" as the fact's context names it, `stream` its stream (uuid text), `name` its topic without
    the schema version.
    """

    subject: str
    stream: str
    version: int
    name: str
    data: bytes


class CannotBeOpened(Exception):
    """The personal part of {name}, version {version} of stream {stream}, cannot be opened: {why}."""

    def __init__(self, part: Part, why: str) -> None:
        told = " ".join((type(self).__doc__ or "").split())
        super().__init__(told.format(name=part.name, version=part.version, stream=part.stream, why=why))


class Sealer(Protocol):
    """Seals bytes under the key of one subject, bound to the place of one fact so that they open nowhere else.

    Both take many at once, so that keys are looked up once.
    """

    def seal(self, parts: Sequence[Part]) -> list[bytes]:
        """The bytes to store, in order."""

    def open(self, parts: Sequence[Part]) -> list[bytes | CannotBeOpened | None]:
        """The bytes that were sealed, in order; None where the key was destroyed, and where the bytes are not what was
        sealed at this place, what is wrong with them: one damaged part keeps nobody from the others."""

    def blinded(self, texts: Sequence[str]) -> list[str]:
        """What stands in the database for texts that have to be found again, such as a record number: for the same text
        always the same, and not to be found from it by trying."""

    def fact_keys(self, parts: Sequence[Part]) -> list[bytes | None]:
        """The keys that open each of these parts and nothing else, in order; None where there is none."""


class PassThrough:
    """Keeps the bytes as they are."""

    def seal(self, parts: Sequence[Part]) -> list[bytes]:
        """The same bytes."""
        return [part.data for part in parts]

    def open(self, parts: Sequence[Part]) -> list[bytes | CannotBeOpened | None]:
        """The same bytes."""
        return [part.data for part in parts]

    def blinded(self, texts: Sequence[str]) -> list[str]:
        """The same texts."""
        return list(texts)

    def fact_keys(self, parts: Sequence[Part]) -> list[bytes | None]:
        """None of them has one."""
        return [None for _ in parts]
