"""A connection ends when the machine at its other end is gone, whichever end that is."""

from __future__ import annotations

import os
import socket

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from iop_es.engine.connections import open_pool
from tests.chaos.toxics import Proxy


def test_a_server_that_vanished_is_given_up_in_seconds(store_url: str) -> None:
    """After five silent seconds it is asked three times, a second apart; what is on its way waits eight."""
    told = conninfo_to_dict(store_url)
    proxy = Proxy(f"{told['host']}/.s.PGSQL.5432", seed=1)
    port = proxy.listener.getsockname()[1]
    url = make_conninfo(store_url, host="127.0.0.1", port=port, sslmode="disable", gssencmode="disable")
    with (
        open_pool(url, "iop", "iop_api", 1) as pool,
        pool.connection() as connection,
        socket.socket(fileno=os.dup(connection.fileno())) as wire,
    ):
        asked = {
            name: wire.getsockopt(socket.IPPROTO_TCP, getattr(socket, name))
            for name in ("TCP_KEEPIDLE", "TCP_KEEPINTVL", "TCP_KEEPCNT", "TCP_USER_TIMEOUT")
        }
    proxy.listener.close()
    assert asked == {"TCP_KEEPIDLE": 5, "TCP_KEEPINTVL": 1, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": 8000}
