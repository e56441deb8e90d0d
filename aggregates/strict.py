"""JSON that reads the same everywhere: I-JSON (RFC 7493) without fractions, as what is committed to and signed must be.

Two readers that take the last and the first of two equal names, or round a number differently, would see two documents
where one was signed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

LARGEST = 2**53 - 1
"""Whole numbers up to here are the same in every program (RFC 7493, 2.2)."""

DEEPEST = 64
"""How many objects and lists may stand in one another; nothing that is recorded comes near it."""

MOST_VALUES = 10_000
"""Names' and lists' values in one text. Many thousands of small wrong ones cost a checker far more than one large one
of the same bytes, and no command has so many. Ours."""

_MARK = re.compile(r'"(?:[^"\\]|\\.?)*+"?|[\[{]|[\]}]', re.DOTALL)
"""A text, or a bracket outside of one; possessive, so that no text is looked at twice."""


class NotStrict(ValueError):
    """This is JSON that another program might read otherwise."""


def load(text: str | bytes) -> Any:
    """What the text says. Raises NotStrict; ValueError for what is no JSON in UTF-8 at all."""
    told = text.decode() if isinstance(text, bytes) else text
    _must_be_shallow(told)
    found = json.loads(
        told, object_pairs_hook=_object, parse_int=_whole, parse_float=_no_fraction, parse_constant=_no_fraction
    )
    if "\\u" in told:  # only an escape can bring half a character
        _must_be_whole(found)
    _must_be_few(found)
    return found


def _must_be_shallow(told: str) -> None:
    """Counts brackets before anything is made of them: each one that is read stands on the stack of the last."""
    if told.count("[") + told.count("{") <= DEEPEST:
        return
    depth = 0
    for mark in _MARK.finditer(told):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(mark[0], 0)
        if depth > DEEPEST:
            raise NotStrict(f"Objects and lists stand in one another more than {DEEPEST} deep; send them flatter.")


def _must_be_few(found: Any) -> None:
    left, count = [[found]], 0
    while left:
        within = [one for one in left.pop() if isinstance(one, dict | list)]
        left += [list(one.values()) if isinstance(one, dict) else one for one in within]
        count += sum(map(len, within))
        if count > MOST_VALUES:
            raise NotStrict(f"It holds more than {MOST_VALUES:,} values; send it in parts.")


def _object(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotStrict("A name comes twice in one object; send each once.")
    return found


def _whole(digits: str) -> int:
    if len(digits) > 17 or not -LARGEST <= int(digits) <= LARGEST or digits == "-0":
        raise NotStrict("A number lies beyond 9007199254740991, or is minus zero; send it as every program reads it.")
    return int(digits)


def _no_fraction(_text: str) -> None:
    raise NotStrict("Numbers are whole here: without a fraction or an exponent, and no NaN or Infinity.")


def _must_be_whole(found: Any) -> None:
    try:
        json.dumps(found, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise NotStrict("A text holds half of a character (a lone surrogate); send it whole.") from None
