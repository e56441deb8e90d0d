"""What the tests of the read models' mechanism share: an empty bank."""

from collections.abc import Iterator

import pytest

from iop_es.engine.log import Log
from tests.engine.bank import Bank, open_bank


@pytest.fixture
def bank(log: Log, store_url: str) -> Iterator[Bank]:
    """An empty bank with its first driver."""
    with open_bank(log, store_url) as opened:
        yield opened
