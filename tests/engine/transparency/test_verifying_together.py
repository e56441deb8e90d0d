"""Verifying with other processes that read and hash their share of the pages."""

from typing import Any

import pytest
from psycopg import Connection

from iop_es.engine.connections import open_pool
from iop_es.engine.processes import Where, helpers
from iop_es.engine.transparency import scan
from iop_es.engine.transparency.log_sealer import LogSealer
from iop_es.engine.transparency.verifying import Verification
from iop_es.engine.transparency.witness import Witness
from tests.engine.transparency.conftest import LOG, Fill


def test_processes_that_share_the_work_find_what_one_alone_finds(
    fill: Fill, sealer: LogSealer, owner: Connection[Any], witness: Witness, store_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Also a time that goes back just where the next page begins, which no page can see by itself."""
    monkeypatch.setattr(scan, "PAGE", 256)
    for _ in range(6):
        fill(200)
    sealer.catch_up()
    (earlier,) = owner.execute("SELECT stamp FROM fact WHERE position = 1").fetchone() or (b"",)
    owner.execute("UPDATE fact SET stamp = overlay(stamp placing %s from 1) WHERE position = 1025", (earlier[:27],))
    owner.execute("UPDATE fact SET actor = gen_random_uuid() WHERE position IN (3, 700, 1199)")

    with helpers(3) as others, open_pool(store_url, "iop", "iop_api", 3) as pool:
        where = Where(store_url, "iop", "iop_api")
        alone = Verification(pool, "iop", LOG, witness).run()
        shared = Verification(pool, "iop", LOG, witness).run(others=others, where=where)

    found = {(one.position, one.kind) for one in alone.findings}
    assert {(1025, "time"), (1025, "changed"), (3, "column"), (700, "column"), (1199, "column")} <= found
    assert shared == alone
