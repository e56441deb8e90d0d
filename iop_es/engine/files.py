"""Files that this program writes by itself, such as keys and what a witness has attested: each is there whole, or as it
was."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable
from pathlib import Path

from iop_es.engine.failpoints import reach

OWNER_ONLY = 0o600


def write(path: Path, pieces: Iterable[bytes], *, replace: bool = True, mode: int = OWNER_ONLY) -> None:
    """Writes a file, which only this user may read unless told otherwise, under a name of its own until all its pieces
    are on the disk.

    Where one is there already, it is replaced, or without `replace` is the one that counts: of two who make it at once,
    one has made it. Raises OSError, and whatever gives the pieces; then nothing has changed.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            for piece in pieces:
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        reach("draft_written")
        _rename(draft, path, replace=replace)
        reach("draft_renamed")
    finally:
        draft.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # the name, too, is on the disk before anybody is told of it
    finally:
        os.close(folder)


def _rename(draft: Path, path: Path, *, replace: bool) -> None:
    if replace:
        draft.replace(path)
        return
    try:
        os.link(draft, path)
    except FileExistsError:
        return
