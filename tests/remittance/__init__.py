"""Payers' files against claims of ours."""
