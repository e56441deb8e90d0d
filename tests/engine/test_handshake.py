"""The handshake itself, with a PostgreSQL that speaks TLS: what the house asks of a database on another machine, the
right server alone can give."""

from __future__ import annotations

import shutil
import socket
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from iop_es.engine.connections import connect
from iop_es.engine.encrypted import VERIFIED, encrypted
from iop_es.engine.errors import StoreUnavailable
from tests.conftest import run_tool, unprivileged_user

NAMED, HERE = "database.test", "127.0.0.1"


@dataclass(frozen=True)
class Authority:
    """Who vouches for servers."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    def kept(self, path: Path) -> Path:
        """The file of its certificate."""
        path.write_bytes(self.certificate.public_bytes(Encoding.PEM))
        return path


def certificate(name: str, by: Authority | None = None) -> Authority:
    """A certificate for a server of this name, or of an authority's own."""
    key, now, subject = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC), named(name)
    issuer = by.certificate.subject if by else subject
    builder = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.BasicConstraints(ca=by is None, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    )  # fmt: skip
    return Authority(key, builder.sign(by.key if by else key, SHA256()))


def named(name: str) -> x509.Name:
    """A subject of this common name."""
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


@pytest.fixture(scope="module")
def authority() -> Authority:
    """The one that vouches for the server."""
    return certificate("authority.test")


@pytest.fixture(scope="module")
def server(authority: Authority) -> Iterator[dict[str, Any]]:
    """A throw-away PostgreSQL with a certificate in its name, by its port and its socket's folder."""
    folder, user = Path(tempfile.mkdtemp(prefix="iop-es-tls-")), unprivileged_user()
    own, data = certificate(NAMED, authority), folder / "data"
    key = own.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    own.kept(folder / "server.crt")
    (folder / "server.key").write_bytes(key)
    (folder / "server.key").chmod(0o600)
    for path in (folder, folder / "server.key", folder / "server.crt"):
        if user:
            shutil.chown(path, user)
    with socket.socket() as free:
        free.bind((HERE, 0))
        port = free.getsockname()[1]
    run_tool(user, "initdb", "-D", data, "-U", "iop", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
    options = {
        "listen_addresses": HERE, "port": port, "fsync": "off", "ssl": "on",
        "ssl_cert_file": folder / "server.crt", "ssl_key_file": folder / "server.key",
    }  # fmt: skip
    told = " ".join(f"-c {name}={value}" for name, value in options.items() if name != "ssl")
    try:
        run_tool(user, "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", f"-k {folder} {told}", "start")
        with psycopg.connect(host=str(folder), port=port, user="iop", dbname="postgres", autocommit=True) as own_door:
            if not own_door.execute("SHOW ssl_library").fetchall()[0][0]:
                pytest.skip("This build of PostgreSQL has no TLS.")
        yield {"socket": str(folder), "port": port}
    finally:
        run_tool(user, "pg_ctl", "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(folder)


def speaking_tls(server: dict[str, Any], on: bool) -> None:
    """Lets the server speak TLS from now on, or not."""
    door = {"host": server["socket"], "port": server["port"], "user": "iop", "dbname": "postgres"}
    with psycopg.connect(**door, autocommit=True) as own_door:
        own_door.execute(f"ALTER SYSTEM SET ssl = {'on' if on else 'off'}".encode())
        own_door.execute("SELECT pg_reload_conf()")
    for _ in range(100):
        with psycopg.connect(**door, autocommit=True) as own_door:
            if own_door.execute("SHOW ssl").fetchall()[0][0] == ("on" if on else "off"):
                return


def asked(server: dict[str, Any], roots: Path, name: str = NAMED) -> str:
    """What the house makes of the plain URL of a database on another machine; the name leads to this one."""
    plain = make_conninfo(host=name, port=server["port"], user="iop", dbname="postgres", sslrootcert=str(roots))
    made = encrypted(plain)
    assert conninfo_to_dict(made)["sslmode"] == VERIFIED
    return make_conninfo(made, hostaddr=HERE)


@pytest.fixture
def roots(authority: Authority, tmp_path: Path) -> Path:
    """The certificates of those who may vouch."""
    return authority.kept(tmp_path / "roots.crt")


def test_the_right_server_is_spoken_to_in_secret(server: dict[str, Any], roots: Path) -> None:
    """Whom the authority vouches for, under its name."""
    speaking_tls(server, on=True)
    with connect(asked(server, roots)) as connection:
        ((secret, version),) = connection.execute(
            "SELECT ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
        ).fetchall()
    assert secret and version in {"TLSv1.2", "TLSv1.3"}


@pytest.mark.parametrize("name", ["another.test", "authority.test"])
def test_a_server_for_whom_nobody_known_vouches_is_refused(name: str, server: dict[str, Any], tmp_path: Path) -> None:
    """An authority of the same name with another key is another one, too."""
    speaking_tls(server, on=True)
    other = certificate(name).kept(tmp_path / "other.crt")
    with pytest.raises(StoreUnavailable, match=r"SSL error: (certificate verify|provider signature) fail"):
        connect(asked(server, other))


def test_a_server_of_another_name_is_refused(server: dict[str, Any], roots: Path) -> None:
    """A certificate of the right authority is not enough where it is in somebody else's name."""
    speaking_tls(server, on=True)
    with pytest.raises(StoreUnavailable, match=r"server certificate for .* does not match host name"):
        connect(asked(server, roots, "other.test"))


def test_nothing_is_said_to_a_server_without_tls(server: dict[str, Any], roots: Path) -> None:
    """It would answer anybody in the clear, and is asked nothing."""
    speaking_tls(server, on=False)
    with pytest.raises(StoreUnavailable, match=r"server does not support SSL"):
        connect(asked(server, roots))
    with connect(make_conninfo(asked(server, roots), sslmode="disable")) as connection:
        assert connection.execute("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()").fetchall() == [(False,)]
