"""The storage format: every stored shape that was ever written, as golden examples that must stay readable."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import rfc8785

from aggregates.codec import decode, encode
from aggregates.kit import FACTS, RETIRED
from aggregates.registry import AGGREGATES

GOLDEN = Path(__file__).parent / "golden"
IRREGULAR = frozenset({"expected", "held", "left", "made", "off", "sent", "set", "taken", "withdrawn", "written"})


def examples() -> list[Any]:
    """Every golden example, named by its file and topic."""
    return [
        pytest.param(path.stem, example, id=f"{path.stem}-{place}-{example['topic']}")
        for path in sorted(GOLDEN.glob("*.json"))
        for place, example in enumerate(json.loads(path.read_text()))
    ]


def as_stored(today: Any, stored: Any) -> Any:
    """Today's value without the fields that the stored one does not have."""
    if isinstance(today, dict):
        return {key: as_stored(one, stored[key]) for key, one in today.items() if key in stored}
    if isinstance(today, list):
        return [as_stored(one, other) for one, other in zip(today, stored, strict=True)]
    return today


@pytest.mark.parametrize(("_aggregate", "example"), examples())
def test_a_golden_example_decodes_and_encodes_to_the_same_bytes(_aggregate: str, example: dict[str, Any]) -> None:
    """What was stored is read into today's class and written back byte for byte, but for fields that came later with a
    default: those are added, and read back they change nothing."""
    state = rfc8785.dumps(example["state"])
    sealed = None if example["sealed"] is None else rfc8785.dumps(example["sealed"])
    fact = decode(example["topic"], state, sealed)
    stored, state_again, sealed_again = encode(fact)
    if stored.topic == example["topic"]:
        assert decode(stored.topic, state_again, sealed_again) == fact
        assert as_stored(json.loads(state_again), example["state"]) == example["state"]
        assert as_stored(json.loads(sealed_again or b"null"), example["sealed"]) == example["sealed"]


@pytest.mark.parametrize("name", sorted(FACTS))
def test_every_fact_has_an_example_with_all_its_fields(name: str) -> None:
    """So a field that came later is in some example, and that one comes back byte for byte."""
    wanted = f"{name}@{FACTS[name].version}"
    told = [example.values[1] for example in examples() if example.values[1]["topic"] == wanted]
    assert any(_bytes(one) == encode(decode(wanted, *_bytes(one)))[1:] for one in told)


def _bytes(example: dict[str, Any]) -> tuple[bytes, bytes | None]:
    """State and personal part as they would be stored."""
    return rfc8785.dumps(example["state"]), None if example["sealed"] is None else rfc8785.dumps(example["sealed"])


@pytest.mark.parametrize(("_aggregate", "example"), examples())
def test_a_golden_example_would_pass_validation_today(_aggregate: str, example: dict[str, Any]) -> None:
    """The fast decoder checks nothing, so an example that no command could have made would go unnoticed."""
    sealed = None if example["sealed"] is None else rfc8785.dumps(example["sealed"])
    fact = decode(example["topic"], rfc8785.dumps(example["state"]), sealed)
    values = {name: getattr(fact, name) for name in type(fact).__dataclass_fields__}
    assert type(fact)(**values) == fact


@pytest.mark.parametrize(("aggregate", "example"), examples())
def test_a_golden_file_holds_the_facts_of_its_aggregate(aggregate: str, example: dict[str, Any]) -> None:
    """Each example stands in the file of its aggregate, under a name that is registered."""
    name = example["topic"].partition("@")[0]
    assert name in FACTS
    assert name.partition(".")[0] == aggregate


@pytest.mark.parametrize("name", sorted(FACTS))
def test_every_shape_of_a_fact_has_a_golden_example(name: str) -> None:
    """A fact of version n has examples of versions 1 to n: the last guards its shape, the others its upcasters."""
    of_it = [example.values[1] for example in examples() if example.values[1]["topic"].startswith(f"{name}@")]
    topics = {example["topic"] for example in of_it}
    assert {f"{name}@{version}" for version in range(1, FACTS[name].version + 1)} <= topics


@pytest.mark.parametrize("name", sorted(FACTS))
def test_a_stored_name_is_its_aggregate_and_a_past_tense(name: str) -> None:
    """`aggregate.something_happened`, in the folder of that aggregate."""
    assert re.fullmatch(r"[a-z_]+\.[a-z_]+", name)
    aggregate, _, happened = name.partition(".")
    assert aggregate in AGGREGATES
    assert FACTS[name].cls.__module__ == f"aggregates.{aggregate}.facts"
    assert any(word.endswith("ed") or word in IRREGULAR for word in happened.split("_")), name


def test_a_retired_name_is_not_in_use() -> None:
    """A name that was once stored never stands for anything else."""
    assert not RETIRED & FACTS.keys()
