"""Codes in words, and times as the program's clocks show them."""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from aggregates.note.envelope import Meaning
from aggregates.note.facts import DocumentKind
from aggregates.note.templates import template
from aggregates.values import moment

MEANINGS: dict[Meaning, str] = {
    "author": "Authorship: wrote this and answers for it",
    "co-facilitator": "Responsibility for the session, as one of those who led it",
    "co-sign": "Review and approval, as supervisor",
    "supervise": "Responsibility, as supervisor",
    "attest-late": "Attestation by the author to a signature that was missing or late",
    "amend": "Authorship of this amendment",
    "void": "Responsibility for striking this document through",
}
"""What a signature meant, as 21 CFR 11.50 asks a human-readable copy to say."""
BROKEN: dict[str, str] = {
    "envelope_missing": "there is no envelope that says what was signed",
    "envelope_misshapen": "what was signed has not its form",
    "envelope_of_another": "it was made for something else",
    "signature_missing": "there is an envelope and no signature",
    "proof_not_fresh": "who signed had not proved it just then",
    "signature_wrong": "it does not fit what was signed",
    "key_unknown": "its key is not the signer's",
    "key_not_valid": "its key was not in force then",
    "chain_broken": "a signature before it is missing or changed",
    "words_missing": "there are no words that it could cover",
    "envelope_unreadable": "what was signed can no longer be read",
    "words_unreadable": "the words can no longer be read",
    "fact_unreadable": "its record can no longer be read",
    "words_differ": "the words are not those that were signed",
}
PHASES = {
    "draft": "Draft, not signed",
    "returned": "Returned for changes, not signed",
    "awaiting_cosignature": "Signed, waits for the cosignature",
    "signed": "Signed",
    "attested": "Signature attested",
    "cosigned": "Signed and cosigned",
    "entered_in_error": "Entered in error",
}
AMENDMENTS = {"addendum": "Addendum", "correction": "Correction", "late_entry": "Late entry"}
UNREADABLE = "no longer readable"


def said(code: str) -> str:
    """A code as words: `left_early` is "Left early"."""
    words = code.replace("_", " ").replace("-", " ")
    return words[:1].upper() + words[1:]


def label(kind: DocumentKind, section: str, people: Mapping[str, str], version: int | None = None) -> str:
    """A section's label by its template, in the version that it was written under; one that stands once for each
    facilitator names whose it is."""
    name, _, whose = section.partition(":")
    form = template(kind, version)
    known = next((one.label for one in form.sections if one.name in (section, name)), said(name))
    return f"{known}: {people.get(whose, whose)}" if whose else known


def title(kind: DocumentKind, version: int | None = None) -> str:
    """What a kind of document is called by its template."""
    return template(kind, version).name


def clock(at: str, zone: str, seconds: bool = False) -> str:
    """An instant on the program's clock, with the zone's own abbreviation: "2026-03-02 12:41 EST"."""
    local = moment(at).astimezone(ZoneInfo(zone))
    name = local.strftime("%Z")
    named = name if name.isalpha() else f"UTC{local:%z}"
    return f"{local:%Y-%m-%d %H:%M:%S} {named}" if seconds else f"{local:%Y-%m-%d %H:%M} {named}"
