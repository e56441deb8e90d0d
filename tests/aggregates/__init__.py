"""Tests of the pure decisions: given facts, when a command, then outcomes."""
