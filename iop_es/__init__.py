"""The roof of an Intensive Outpatient Program kept as facts: command line, wiring, and the engine below them.

Importing this package imports nothing else, so that `iop_es.engine` can be used without the rest.
"""
