"""The one gate of every query: one transaction, the caller's scope set, the active schema found, the read recorded.

If the read cannot be recorded, nothing is answered. What lies outside the caller's programs is answered like what does
not exist, and the attempt is recorded too. The one exception: a patient whose glass the caller broke, under its grant.

    asked      what is asked, what is answered, and why it may not be
    admission  who is let in to what, and the entry in the access log
    gate       the ways to ask: rows, a fold as of a moment, a stream, several read models
"""

from api.gate.asked import (
    Answer,
    Beside,
    Glass,
    NotCaughtUp,
    NotFound,
    NotProjectedYet,
    NotYetKnown,
    Question,
    RecordDamaged,
    RecordParked,
    Standing,
)
from api.gate.gate import Gate

__all__ = [
    "Answer", "Beside", "Gate", "Glass", "NotCaughtUp", "NotFound", "NotProjectedYet", "NotYetKnown", "Question",
    "RecordDamaged", "RecordParked", "Standing",
]  # fmt: skip
