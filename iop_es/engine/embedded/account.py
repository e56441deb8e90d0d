"""The system user that the server runs as: programs are run as it, and what it can reach is asked of the system."""

import os
import pwd
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

_CANDIDATES = ("postgres", "nobody", "daemon", "www-data")
_ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
_TELLING = ("error", "fatal", "panic", "could not", "cannot", "denied", "no space")
INSTEAD = "or set IOP_ES_DATABASE_URL to a PostgreSQL server"


class EmbeddedUnavailable(Exception):
    """The embedded PostgreSQL cannot be used; the message says why and what to do next."""


@dataclass(frozen=True, slots=True)
class Account:
    """A system user, by name and ids."""

    name: str
    uid: int
    gid: int

    def run(
        self, *command: str | Path, text: str = "", source: IO[bytes] | None = None,
        secrets: Mapping[str, str] | None = None,
    ) -> subprocess.CompletedProcess[bytes]:  # fmt: skip
        """Run a program as this user in a session of its own, fed with `text` or from `source`; its code is not judged.

        `secrets` go into its environment, since anybody can read a command line. Raises `EmbeddedUnavailable` when it
        cannot be started.
        """
        root = os.geteuid() == 0
        try:
            return subprocess.run(
                command,
                input=None if source else text.encode(),
                stdin=source,
                capture_output=True,
                cwd="/",
                env=_ENVIRONMENT | dict(secrets or {}),
                start_new_session=True,
                check=False,
                user=self.uid if root else None,
                group=self.gid if root else None,
                extra_groups=[] if root else None,
            )
        except OSError as error:
            raise EmbeddedUnavailable(
                f"{command[0]} could not be run as user {self.name} ({error.strerror}): be a normal user, {INSTEAD}."
            ) from error

    def do(self, purpose: str, *command: str | Path, text: str = "", source: IO[bytes] | None = None) -> bytes:
        """Run a program as this user; answers what it printed. Raises `EmbeddedUnavailable` naming the purpose when it
        fails."""
        done = self.run(*command, text=text, source=source)
        if done.returncode != 0:
            said = _cause(done.stderr.decode(errors="replace")) or f"exit code {done.returncode}"
            raise EmbeddedUnavailable(f"{purpose} failed: {said}. Mend that and try again, {INSTEAD}.")
        return done.stdout

    def reaches(self, path: Path) -> bool:
        """Whether this user can enter the folder, asked of the system rather than computed from mode bits."""
        return self.run("sh", "-c", 'test -x "$1"', "sh", path).returncode == 0


def _cause(stderr: str) -> str:
    """The last line that names a cause, because what comes after it tells of clearing up; else the last line."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    telling = [line for line in lines if any(word in line.lower() for word in _TELLING)]
    return (telling or lines or [""])[-1].rstrip(".")


def of_uid(uid: int) -> Account | None:
    """The user with this number, or None when it has no name here."""
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        return None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def server_account(preferred: int | None = None) -> Account:
    """The user to run a new server: this one, or for root the preferred number if it is a user's, or a service user.

    `postgres` comes before `nobody`, which other services may share. Raises `EmbeddedUnavailable`.
    """
    me = os.geteuid()
    found = of_uid(me or preferred or 0)
    if found and found.uid != 0:
        return found
    if me != 0:
        raise EmbeddedUnavailable(
            f"The user number {me} has no name here, which PostgreSQL needs: give it one, {INSTEAD}."
        )
    known = {entry.pw_name: entry for entry in pwd.getpwall() if entry.pw_uid != 0}
    for name in _CANDIDATES:
        if name in known:
            return Account(name, known[name].pw_uid, known[name].pw_gid)
    raise EmbeddedUnavailable(
        f"PostgreSQL does not run as root, and none of the users {', '.join(_CANDIDATES)} exists to run it instead. "
        f"Run as a normal user, {INSTEAD}."
    )
