"""A payer's policy as people write it down: a TOML document with the payer's names, a first day and the terms.

    code = "harbor-2026"
    payer_kind = "commercial"
    payer_name = "Harbor Mutual"
    effective_from = "2026-07-01"    # and effective_through, where the last day is known
    [terms]
    minimum_minutes = 180            # and every other field of Terms
    [terms.weekly]
    [[terms.per_diems]]

It holds no ids: which payer of a store it is about, whoever uses it says. What a command would refuse of terms is
refused here too, by the same rules.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence

from pydantic import TypeAdapter, ValidationError

from aggregates.kit import Refusal, value
from aggregates.payer_policy.facts import PayerKind
from aggregates.payer_policy.sense import must_make_sense
from aggregates.payer_policy.terms import Terms
from aggregates.values import Code, Date, Label


class PolicyUnreadable(ValueError):
    """The document is not TOML, or a field of it cannot be; the text names each such field."""


@value
class PolicyDocument:
    """One payer's policy as `payer_policy.publish` asks for it, without ids."""

    code: Code
    payer_kind: PayerKind
    payer_name: Label
    effective_from: Date
    effective_through: Date | None = None
    terms: Terms


_adapter: TypeAdapter[PolicyDocument] = TypeAdapter(PolicyDocument)
_WORDS = {"missing": "is missing", "unexpected_keyword_argument": "is no field of a policy"}


def read_document(text: str) -> PolicyDocument:
    """The policy that a TOML text states. Raises PolicyUnreadable, naming every field that is wrong."""
    try:
        document = _adapter.validate_python(tomllib.loads(text))
        must_make_sense(document.terms)
    except tomllib.TOMLDecodeError as error:
        raise PolicyUnreadable(f"It is not TOML: {error}.") from None
    except ValidationError as error:
        wrong = error.errors(include_input=False, include_url=False, include_context=False)
        told = "; ".join(f"{_path(one['loc'])} {_WORDS.get(one['type'], _said(one['msg']))}" for one in wrong)
        raise PolicyUnreadable(f"{told}.") from None
    except Refusal as refusal:
        raise PolicyUnreadable(f"terms: {refusal}") from None
    if document.effective_through is not None and document.effective_through < document.effective_from:
        raise PolicyUnreadable("effective_through lies before effective_from.")
    return document


def _path(place: Sequence[int | str]) -> str:
    """The field as the document writes it; entries of a list are counted from 1."""
    path = ""
    for part in place:
        path += f" #{part + 1}" if isinstance(part, int) else f".{part}" if path else part
    return path


def _said(message: str) -> str:
    words = message.removeprefix("Value error, ").rstrip(".")
    return f"is wrong: {words[0].lower()}{words[1:]}"
