"""The API answers as its description says, whatever is asked: no 500, no status, header, form or kind of answer that is
not told there. IOP_ES_FUZZ=200 asks every operation 200 times by every role (`make fuzz`), in parts that several
processes share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from aggregates.values import Role
from iop_es.logs import quiet_logs
from tests.api.fuzzing import ROLES, Fuzzing, fuzzing, operations
from tests.api.house import opened
from tests.conftest import FUZZ, FUZZ_SEED

NUMBER = int(os.environ.get(FUZZ, "5"))
BY: tuple[Role, ...] = ROLES if FUZZ in os.environ else ()
PARTS = 24 if FUZZ in os.environ else 1
DRAWN = int(os.environ.get(FUZZ_SEED, "1"))


@pytest.fixture(scope="module")
def asked(postgres_url: str, open_store: str, keys: Path) -> Iterator[Fuzzing]:
    """The API of a clinic of its own, of which nothing is left as it was."""
    with psycopg.connect(postgres_url, autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE fuzzed TEMPLATE {}").format(sql.Identifier(open_store)))
    with opened(make_conninfo(postgres_url, dbname="fuzzed"), keys) as house:
        yield fuzzing(house)


@pytest.fixture(autouse=True)
def quiet() -> None:
    """Many thousand lines would be of no use."""
    quiet_logs("error")


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_every_operation_answers_as_described(asked: Fuzzing, part: int) -> None:
    """Asked for what it allows and, by every role, also for what it does not; else by a role that is drawn."""
    for operation in operations(asked.schema)[part::PARTS]:
        asked.each(operation, NUMBER, DRAWN, BY)
    print(f"part {part}: answered {dict(sorted(asked.answered.items()))}")  # noqa: T201 - `make fuzz` shows it
    assert asked.found == {}, f"{FUZZ_SEED}={DRAWN}"
    assert {200, 404, 422} <= asked.answered.keys()


@pytest.mark.slow
def test_what_was_begun_is_gone_on_with(asked: Fuzzing) -> None:
    """Along the links of the description, from a thing to what may be done with it."""
    asked.one_after_the_other(NUMBER, DRAWN)
    assert asked.found == {}, f"{FUZZ_SEED}={DRAWN}"
