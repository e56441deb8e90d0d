"""The stored reference history: what guards the version of every read model.

`history.jsonl.gz` holds some 2,700 facts as they lay in the log of a small simulated clinic, with whatever can
go wrong there; `rows.json` holds, for each read model, its version and of each of its tables (documents too) the number
of rows and a digest of them. The test loads the history into a store as it was, builds every read model live and by a
rebuild, and compares. So a change that alters rows cannot go out under a version whose rows were others.

    python -m tests.projections.reference             stores the digests anew; refused while rows differ and the version
                                                      of their read model is the same
    python -m tests.projections.reference --history   makes another history first: only when this one lacks something,
                                                      for it is worth the more the older it is

The history is never made again because a fact's shape changed: it was written by an earlier release, as every real log
was, and upcasting must keep it loading.
"""
