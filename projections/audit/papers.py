"""The words of documents for patients: what a step of care rests on, and what the patient answered."""

from __future__ import annotations

from typing import Any


def paper(fact: Any) -> str:
    """The signed document that a step of care names."""
    return "" if fact.document_id is None else f", document {fact.document_id}"


def linked(fact: Any) -> str:
    """Which step of care rests on which signed document."""
    step = f"Plan {fact.plan_id}"
    if fact.reviewed_on is not None:
        step = f"Review of plan {fact.plan_id} on {fact.reviewed_on}"
    elif fact.certified_through is not None:
        step = f"Certification of plan {fact.plan_id} through {fact.certified_through}"
    return f"{step} rests on document {fact.document_id}."


def at_signing(fact: Any) -> str:
    """How the signer's credential stood when the signature was made, where it was recorded and is worth a word."""
    then, now = getattr(fact, "credential_active", None), fact.active_at_signing
    if now is None or (now and then is not False):
        return ""
    if now:
        return ", active when signed"
    return ", lapsed since" if then else ", no active credential when signed"


def stands(fact: Any) -> str:
    """What a reader should know of a signature or attestation beside whose it is, where there is something."""
    told = [
        fact.needs_cosignature and f"{fact.supervisor_id or 'a supervisor'} must cosign",
        fact.unready and f"not ready: {', '.join(fact.unready)}"
        + (f" ({fact.incomplete_cause})" if fact.incomplete_cause else ""),
        fact.facilitator is False and "the signer did not lead the session",
    ]
    return "".join(f"; {one}" for one in told if one)


def signed(fact: Any) -> str:
    """Who signed for the patient, and who saw it."""
    return (
        f"Version {fact.note_version} signed by the {_who(fact.signed_by, fact.guardian_id)}"
        f" {fact.how.replace('_', ' ')} on {fact.signed_on} (capacity: {fact.capacity_rule}),"
        f" witnessed by {fact.witnessed_by}."
    )


def refused(fact: Any) -> str:
    """Who would not sign, and who was told so."""
    return (
        f"Signature under version {fact.note_version} refused by the {_who(fact.refused_by, fact.guardian_id)}"
        f" on {fact.refused_on} ({fact.cause}), witnessed by {fact.witnessed_by}."
    )


def _who(by: str, guardian_id: str | None) -> str:
    return by.replace("_", " ") + ("" if guardian_id is None else f" {guardian_id}")
