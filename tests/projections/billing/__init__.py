"""Tests of the billing read model."""
