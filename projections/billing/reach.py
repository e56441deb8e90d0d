"""Whose rows of billing a reader sees, table by table: all are a program's, but what is a patient's coverage."""

from iop_es.engine.readmodel.reach import Listed, Reaches, Within

REACH: Reaches = {
    "patient_day": Listed(),
    "claim_status": Listed(),
    "authorization_ledger": Listed(),
    "care_period": Listed(),
    # A coverage is of every program in which its patient is or was in care
    "coverage_check": Within("care_period", ("patient_id",)),
    "secondary_claim": Listed(),
    "stale_secondary": Listed(),
    "account_line": Listed(),
    "self_pay_charge": Listed(),
    "account_balance": Listed(),
    "payer_credit": Listed(),
    "overpayment": Listed(),
    "write_off_request": Listed(),
    "provider_adjustment": Listed(),
    # What names no program may be any program's, and names no patient
    "unmatched": Listed(unnamed=True),
    "unmatched_assigned": Within("unmatched", ("unmatched_id",)),
    "dispute": Listed(),
    "uncontested_denial": Listed(),
}
