"""What the tests of the transparency log share: a log that fills quickly, a witness in a folder, a sealer."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from psycopg import Connection

from iop_es.engine.connections import open_pool
from iop_es.engine.log import Append, Log, NewFact
from iop_es.engine.transparency.log_sealer import LogSealer
from iop_es.engine.transparency.notes import Signer
from iop_es.engine.transparency.origin import origin_of
from iop_es.engine.transparency.witness import Witness

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
ORIGIN = origin_of("iop-es/iop", KEY.public_key().public_bytes_raw(), 0)
LOG = Signer(ORIGIN, KEY).verifier
PATIENTS = [str(UUID(int=number, version=4)) for number in range(1, 4)]
Fill = Callable[..., None]


@pytest.fixture
def witness(tmp_path: Path) -> Witness:
    """A witness that knows the log."""
    made = Witness(tmp_path / "witness")
    made.trust(LOG)
    return made


@contextmanager
def sealing(url: str, witness: Witness | None) -> Iterator[LogSealer]:
    """A sealer of the log in a database, as its own role."""
    with open_pool(url, "iop", "iop_sealer", 2) as pool:
        yield LogSealer("iop", pool, KEY, witness)


@pytest.fixture
def sealer(store_url: str, witness: Witness) -> Iterator[LogSealer]:
    """A sealer with the witness."""
    with sealing(store_url, witness) as made:
        yield made


@pytest.fixture
def fill(log: Log, new_fact: Callable[..., NewFact]) -> Fill:
    """Appends facts, in streams of five, every third of them about a patient."""
    return filling(log, new_fact)


def filling(log: Log, new_fact: Callable[..., NewFact]) -> Fill:
    """The same into any log."""
    def more(count: int) -> None:
        begun, stream, facts = log.head().position, uuid4(), []
        for number in range(count):
            stream = stream if number % 5 else uuid4()
            pairs = ((PATIENTS[number % 7 % len(PATIENTS)], str(uuid4())),) if number % 3 == 0 else ()
            facts.append(new_fact(
                stream, number % 5 + 1, state=b'{"number":%d}' % (begun + number), sealed=b"S", patients=pairs
            ))  # fmt: skip
        log.append(Append(tuple(facts)))

    return more


@pytest.fixture
def owner(store_url: str) -> Iterator[Connection[Any]]:
    """The database's owner, who has switched off what would stop him."""
    with owning(store_url) as connection:
        yield connection


@contextmanager
def owning(url: str) -> Iterator[Connection[Any]]:
    """The same in any database."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET search_path = iop")
        for table in ("fact", "fact_patient", "log_head", "tree_tile", "tree_checkpoint", "tree_restored"):
            connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
        yield connection
