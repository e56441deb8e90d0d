"""Which code a read model is folded by: a build that other code began is not gone on with."""

from __future__ import annotations

import sys
from functools import cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

from iop_es.engine.readmodel.fold import Decode
from iop_es.engine.readmodel.model import ReadModel

SOURCES = frozenset({".py", ".sql"})


def code_of(model: ReadModel, decode: Decode) -> str:
    """SHA-256 of all that folds: the model's package, the one that decodes its facts, and this one; read once."""
    modules = (sys.modules[one.__module__] for one in (type(model), decode))
    packages = {__package__, *(module.__package__ for module in modules)}
    return _digest(tuple(sorted(package for package in packages if package)))


@cache
def _digest(packages: tuple[str, ...]) -> str:
    digest = sha256()
    for package in packages:
        root = Path(str(files(package)))
        for path in sorted(one for one in root.rglob("*") if one.suffix in SOURCES):
            content = sha256(path.read_bytes()).hexdigest()
            digest.update(f"{package} {path.relative_to(root)} {content}\n".encode())
    return digest.hexdigest()
