"""The words of emergencies, disclosures and revoked access; who was told what, and why, stays sealed."""

from __future__ import annotations

from typing import Any

from projections.audit.phrases import Kind, Sentence, clock, many


def _opened(fact: Any) -> str:
    told = ", medical personnel told" if fact.disclosed else ""
    return (
        f"Glass broken ({fact.cause}) by {fact.opened_by}: the record of patient {fact.patient_id} is open to them"
        f" until {clock(fact.ends_at)}{told}, grant {fact.grant_id}."
    )


def _reviewed(fact: Any) -> str:
    judged = "justified" if fact.justified else "not justified"
    return f"Grant {fact.grant_id} reviewed by {fact.reviewed_by}: {judged}."


def _disclosed(fact: Any) -> str:
    consent = "" if fact.consent_id is None else f", consent {fact.consent_id}"
    notice = "" if fact.notice is None else f", with notice {fact.notice}"
    return (
        f"Disclosed on {fact.made_on} by {fact.made_by}: {many(fact.information)}, for {fact.purpose}"
        f" (basis {fact.basis}{consent}){notice}."
    )


def _what(fact: Any) -> str:
    token = getattr(fact, "token_id", None)
    if token is not None:
        return f"token {token}"
    return "all access" if fact.role is None else f"the role {fact.role}"


def _revoked(fact: Any) -> str:
    return f"Of person {fact.person_id} {_what(fact)} revoked by {fact.revoked_by} ({fact.cause})."


def _granted(fact: Any) -> str:
    return f"To person {fact.person_id} {_what(fact)} given back by {fact.granted_by}."


WORDS: dict[str, tuple[Kind, Sentence]] = {
    "access.break_glass_opened": ("break_glass", _opened),
    "access.break_glass_reviewed": ("break_glass", _reviewed),
    "access.disclosure_made": ("disclosure", _disclosed),
    "access.revoked": ("write", _revoked),
    "access.granted": ("write", _granted),
}
