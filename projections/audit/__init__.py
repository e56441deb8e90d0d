"""Who did what to what, when it was true and when it was recorded: one entry a fact, for auditors and privacy officers.

Entries never change, so the trail as of a moment is the entries up to its position. Reads are audited apart, by the
gate of every query.
"""

from projections.audit.model import MODEL

__all__ = ["MODEL"]
