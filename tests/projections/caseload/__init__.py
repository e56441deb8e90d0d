"""The caseload read model on a real PostgreSQL."""
