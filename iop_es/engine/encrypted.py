"""Whether what goes to the database and comes back can be read, or answered by another, on the way.

libpq alone asks for TLS and goes on without. Here a server on another machine is asked for its certificate, which must
be in its name, and nothing is said to one that has none.
"""

import os
from ipaddress import ip_address
from pathlib import Path

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from iop_es.engine.errors import StoreUnavailable

VERIFIED = "verify-full"
ROOTS = Path("~/.postgresql/root.crt")
"""Where libpq looks for the certificates of those who may vouch for a server; without it, the system's are used."""


def encrypted(url: str) -> str:
    """The URL with sslmode=verify-full where a host is on another machine; otherwise as it is.

    Raises StoreUnavailable where it asks for less.
    """
    try:
        given = conninfo_to_dict(url)
    except ProgrammingError:
        return url  # whoever connects says what is wrong with it
    hosts = str(given.get("hostaddr") or given.get("host") or os.environ.get("PGHOST", "")).split(",")
    if all(_here(host) for host in hosts):
        return url
    mode = given.get("sslmode") or os.environ.get("PGSSLMODE")
    if mode == VERIFIED:
        return url
    if mode:
        raise StoreUnavailable(
            f"The database is on another machine, and sslmode={mode} does not make sure that it is the one: leave"
            f" sslmode out, or set {VERIFIED} and where its root certificate is (sslrootcert); IOP_ES_DATABASE_TLS=url"
            " takes the URL at its word."
        )
    roots = given.get("sslrootcert") or os.environ.get("PGSSLROOTCERT")
    more = {} if roots or ROOTS.expanduser().exists() else {"sslrootcert": "system"}
    return make_conninfo(url, sslmode=VERIFIED, **more)


def _here(host: str) -> bool:
    """Whether it is this machine: a socket's folder, or loopback."""
    if not host or host.startswith(("/", "@")) or host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
