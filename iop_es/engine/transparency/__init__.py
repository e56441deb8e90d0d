"""The transparency log: a Merkle tree over the facts, whose signed roots are kept where the database's owner cannot go.

`merkle` is the mathematics, `leaf` what of a fact is hashed, `notes` and `checkpoint` the texts that are signed (C2SP),
`tiles` and `store` how the tree is kept, `log_sealer` who grows and signs it, `witness` who watches that it only grows,
`verifying` the comparison of everything with everything. None of it is on the way of an append.

The names: sealing *the log* is signing its tree here; sealing *a fact's part* is encrypting it, which is `sealer.py`'s.
"""
