"""The program that waits until nobody uses the embedded server any more, then stops it.

Run by path with the standard library only, so that it stays small and starts at once. Arguments: descriptor of the lock
that says a waiter is at its post, descriptor of the users' lock file, user id, group id, the room's path, and 1 when
the room is thrown away afterwards.
"""

import fcntl
import os
import shutil
import signal
import sys
import time
from pathlib import Path

PATIENCE_SECONDS = 60


def main(post: int, users: int, uid: int, gid: int, room: Path, *, throw_away: bool) -> None:
    """Detach, drop to the server's user, wait for the last user to leave, stop the server, leave."""
    if os.fork() != 0:
        return
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    fcntl.flock(users, fcntl.LOCK_EX)
    if _same_file(users, room / "users.lock"):
        if throw_away:
            _throw_away(room)
        else:
            _stop(room / "data", signal.SIGINT)
    os.close(post)  # before the users' lock: whoever comes next must see that the post is free
    os.close(users)


def _throw_away(room: Path) -> None:
    """Remove the room with its server. One that was only starting when its user went has no process file yet, and puts
    new files where others are being removed: so until nothing is left."""
    end = time.monotonic() + PATIENCE_SECONDS
    while room.exists() and time.monotonic() < end:
        _stop(room / "data", signal.SIGQUIT)
        shutil.rmtree(room, ignore_errors=True)
        time.sleep(0.02)


def _same_file(descriptor: int, path: Path) -> bool:
    """Whether the locked file is still the one in the room, which may have been removed and made anew."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except OSError:
        return False


def _stop(data: Path, how: signal.Signals) -> None:
    """Signal the server and wait until it has removed its process file; one that will not go is stopped at once."""
    pid_file = data / "postmaster.pid"
    try:
        server = int(pid_file.read_text().split("\n", 1)[0])
        if _is_stranger(server, data):
            return
        os.kill(server, how)
    except (OSError, ValueError):
        return  # it has stopped already
    end = time.monotonic() + PATIENCE_SECONDS
    while pid_file.exists():
        time.sleep(0.02)
        if time.monotonic() > end:
            os.kill(server, signal.SIGQUIT)
            return


def _is_stranger(process: int, data: Path) -> bool:
    """Whether the number of a server that was killed has gone to another process since."""
    return Path("/proc/self").exists() and Path(f"/proc/{process}/cwd").readlink() != data


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:5]]
    main(numbers[0], numbers[1], numbers[2], numbers[3], Path(sys.argv[5]), throw_away=sys.argv[6] == "1")
