"""Facts that cannot be read, and what to read them with once the cause is mended."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from aggregates.codec import decode
from tests.projections.story import Story

SECRET = "Zyxwvut"
_WHOLE: dict[bytes, bytes] = {}


def broken(story: Story, position: int) -> int:
    """The fact at a position gets a state that no release can decode; answers the position."""
    told = story.facts[position - 1]
    state = f'{{"{SECRET}":"{SECRET} {len(_WHOLE)}"}}'.encode()
    _WHOLE[state] = told.state
    story.facts[position - 1] = replace(told, state=state)
    return position


def mended(topic: str, state: bytes, sealed: bytes | None) -> Any:
    """Decodes every fact, the broken ones as they were meant."""
    return decode(topic, _WHOLE.get(state, state), sealed)
