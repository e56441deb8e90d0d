"""Tests of the demonstration and its report."""
