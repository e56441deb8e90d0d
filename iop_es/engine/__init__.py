"""The engine: an append-only store of facts, replay, proofs and keys; it knows no word of the domain that uses it."""
