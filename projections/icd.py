"""ICD-10-CM, from the two official files that `simple_icd_10_cm` ships.

They are read here and not by the package: its import makes an object of each of 98,000 codes, which takes seconds in
every process that looks at one diagnosis.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import unescape


class Place(NamedTuple):
    """Where a code stands: in which block, if in any, and whether finer codes stand below it."""

    block: str | None
    divided: bool


@cache
def classification() -> dict[str, Place]:
    """Every chapter, block, category and code, without dots."""
    found: dict[str, Place] = {}
    block = None
    for name, following in pairwise([*_file("code-list-*.txt").read_text("ascii").split(), ""]):
        if "-" in name or name == following:  # a block may be one category, and then has its name
            block = name if "-" in name else None
            found[name] = Place(None, divided=True)
        else:
            chapter = name.isdigit()
            found[name] = Place(None if chapter else block, chapter or following.startswith(name))
    return found


def place(code: str) -> Place | None:
    """Where a code stands, written with or without its dot; None for one that there is not."""
    plain = code[:3] + code[4:] if code[3:4] == "." and code[4:] else code
    return classification().get(plain)


@cache
def block(code: str) -> str:
    """The block that a diagnosis stands in, such as F30-F39 for F33.1; of one that stands in none, or that the
    classification does not have, its category, such as F33."""
    found = place(code)
    return found.block if found and found.block else code[:3]


@cache
def title(group: str) -> str | None:
    """The official title of a block or category; None for one that the classification does not have."""
    if place(group) is None:
        return None
    begins = f'<section id="{group}">' if "-" in group else f"<name>{group}</name>"
    pattern = rf"{begins}\s*<desc>(.*?)</desc>".encode()
    found = re.search(pattern, _file("icd10c-tabular-*.xml").read_bytes())
    return unescape(found[1].decode()) if found else None


def _file(pattern: str) -> Path:
    package = find_spec("simple_icd_10_cm")
    if package is None or not package.submodule_search_locations:
        raise ModuleNotFoundError("simple_icd_10_cm")
    (found,) = (Path(package.submodule_search_locations[0]) / "data").glob(pattern)
    return found
