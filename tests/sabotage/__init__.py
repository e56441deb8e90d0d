"""Tests of the tests: defects that were put in on purpose, each of which must turn the suite red."""
