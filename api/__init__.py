"""Commands in, queries out: the HTTP API under `/v1`.

`commands/` is the one way from a command to facts, `gate` the one way to an answer, `permissions` the one table of who
may do and ask what, `problems` every error a caller can meet, `routes/` one router a resource.
"""
