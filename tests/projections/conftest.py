"""What the tests of read models share: connections as the projector."""

from collections.abc import Iterator

import pytest

from iop_es.engine.connections import Pool, open_pool
from tests.conftest import SCHEMA


@pytest.fixture
def projector(store_url: str) -> Iterator[Pool]:
    """Connections that may write read models; queries in tests use them too."""
    with open_pool(store_url, SCHEMA, "iop_projector", 4) as opened:
        yield opened


@pytest.fixture
def simulation_projector(simulation_url: str) -> Iterator[Pool]:
    """The same for a simulation's log."""
    with open_pool(simulation_url, SCHEMA, "iop_projector", 4) as opened:
        yield opened
