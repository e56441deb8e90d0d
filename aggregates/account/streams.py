"""The ids of accounts, made from what they are about."""

from __future__ import annotations

from aggregates.named import name_based

NAMESPACE = bytes.fromhex("0e6a1f5c4b7d5c2e9a83d1f0b6c47e25")


def account_of(patient_id: str) -> str:
    """The account of a patient."""
    return name_based(NAMESPACE, f"patient:{patient_id}")


def account_with(program_id: str | None, payer_id: str | None) -> str:
    """The account of a program with a payer; None stands for one that is not known."""
    return name_based(NAMESPACE, f"program:{program_id or '-'}:payer:{payer_id or '-'}")
