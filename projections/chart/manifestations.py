"""A signature as it is shown: printed name, credential, license, meaning, date and time, and what it is worth."""

from __future__ import annotations

from collections.abc import Iterator

from projections.chart.pages import Block
from projections.chart.shown import Manifestation
from projections.chart.words import BROKEN, UNREADABLE, clock, said

STANDING = {
    "verified": "Electronic signature, verified.",
    "told": "Told, made elsewhere: nothing of it can be verified here.",
}
CREDENTIAL = {
    (True, True): "Credential active on the date of service and when signed.",
    (True, False): "Credential active on the date of service, lapsed since.",
    (False, True): "No credential active on the date of service; one was when signed.",
    (False, False): "No credential active on the date of service or when signed.",
}
"""How the signer's credential stood on the date of service, and on the day of signing."""
HOUR, DAY = 60, 24
LONGEST_IN_HOURS = 72
"""The longest window that is told in hours (domain: 24 h, 72 h, 3 business days)."""


def signature(one: Manifestation, zone: str, depth: int = 0) -> Block:
    """The signature's block."""
    name = one.printed_name or f"Name {UNREADABLE} ({one.signer_id})"
    license_ = f"license {one.license}" if one.license else None
    who = ", ".join(part for part in (name, one.credential or "no credential stated", license_) if part)
    return Block("signature", who, tuple(_lines(one, zone)), depth=depth)


def _lines(one: Manifestation, zone: str) -> Iterator[str]:
    yield f"{one.meaning}."
    yield f"{clock(one.at, zone, seconds=True)}, {_elapsed(one.after_minutes)} the end of the service."
    if one.reason is not None:
        yield f"Reason: {said(one.reason)}."
    yield STANDING.get(one.standing) or f"INVALID: {'; '.join(BROKEN.get(fault, said(fault)) for fault in one.broken)}."
    yield from _lateness(one, zone)
    if one.override_cause is not None:
        yield f"Signed in spite of a rule; reason: {said(one.override_cause)}."
    if one.unready:
        why = f"; reason: {said(one.incomplete_cause)}" if one.incomplete_cause else ""
        yield f"Signed incomplete; not ready: {', '.join(said(name).lower() for name in one.unready)}{why}."
    if one.corrected:
        told = "; ".join(f"{each.label.lower()}: {each.before or 'not told'}" for each in one.corrected)
        yield f"Signed when the session said otherwise than now: {told}."
    if one.facilitator is False:
        yield "The signer is not among those who led the session."
    if one.active_at_signing is not None:
        yield CREDENTIAL[one.active_then, one.active_at_signing]
    if one.lapsed:
        yield "Lapsed signer: by what is known now, no credential was active on the date of service."


def _lateness(one: Manifestation, zone: str) -> Iterator[str]:
    """That it is late by the payer's window and why; or what the signer said of lateness that no window bears out."""
    reason = f"reason: {said(one.late_reason)}" if one.late_reason is not None else "no reason given"
    if one.late and one.due_at is not None:
        whose = "the payer's window, which nobody verified," if one.due_unverified else "the payer's window"
        yield f"Late: {whose} ended at {clock(one.due_at, zone)}; {reason}."
    elif one.late_reason is not None:
        yield f"Late by the signer's word alone; {reason}."


def _elapsed(minutes: int) -> str:
    """How long before or after: "2 h 05 min after"; in days where no payer's window counts hours any more."""
    hours, rest = divmod(abs(minutes), HOUR)
    days, hours = divmod(hours, DAY) if hours > LONGEST_IN_HOURS else (0, hours)
    return f"{f'{days} days ' if days else ''}{hours} h {rest:02} min {'before' if minutes < 0 else 'after'}"
