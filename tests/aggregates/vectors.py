"""The file of signature vectors, and the facts that its stories tell."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import rfc8785

from aggregates.clinician import AGGREGATE as CLINICIANS
from aggregates.codec import decode
from tests.aggregates.scenario import folded

VECTORS: dict[str, Any] = json.loads((Path(__file__).parent / "signature_vectors.json").read_text())


def each(section: str) -> list[Any]:
    """The vectors of a section, by their names."""
    return [pytest.param(one, id=one["name"]) for one in VECTORS[section]]


def facts_of(told: Sequence[Mapping[str, Any]]) -> list[Any]:
    """The facts, read as they are stored."""
    return [
        decode(one["topic"], rfc8785.dumps(one["state"]), rfc8785.dumps(one["sealed"]) if one.get("sealed") else None)
        for one in told
    ]


def changed(story: str, changes: Sequence[Mapping[str, Any]]) -> list[Any]:
    """A story's facts, tampered with."""
    told = deepcopy(VECTORS["stories"][story]["facts"])
    for change in changes:
        if "remove" in change:
            del told[change["remove"]]
        else:
            _put(told, change["set"].split("."), change["to"])
    return facts_of(told)


def _put(place: Any, path: Sequence[str], value: Any) -> None:
    *way, last = [int(step) if step.isdigit() else step for step in path]
    for step in way:
        place = place[step]
    place[last] = value


def clinicians(instead: Mapping[str, Any]) -> dict[str, Any]:
    """What is known of each clinician, by their ids; `instead` are other facts of some."""
    return {person: folded(CLINICIANS, *facts_of(told)) for person, told in (VECTORS["clinicians"] | instead).items()}
