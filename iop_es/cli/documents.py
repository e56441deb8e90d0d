"""A policy document that a person names on the command line: a preset, or a file of their own."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import typer

from aggregates.payer_policy.document import PolicyDocument, PolicyUnreadable, read_document
from aggregates.payer_policy.presets import PRESETS, preset_text


class Written(NamedTuple):
    """A document, and the text that states it."""

    document: PolicyDocument
    text: str


def written(name: str) -> Written:
    """The preset of this name, or what the file says. Raises typer.BadParameter, naming each field that is wrong."""
    try:
        text = preset_text(name) if name in PRESETS else Path(name).read_text(encoding="utf-8")
        return Written(read_document(text), text)
    except OSError as error:
        presets = ", ".join(PRESETS)
        raise typer.BadParameter(f"{name} cannot be read: {error.strerror}. Presets are {presets}.") from error
    except UnicodeDecodeError as error:
        raise typer.BadParameter(f"{name} is no text in UTF-8.") from error
    except PolicyUnreadable as error:
        raise typer.BadParameter(f"{name}: {error}") from error
