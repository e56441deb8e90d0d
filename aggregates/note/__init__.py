"""One clinical document and its signatures.

A document begins as a draft and may be rewritten until its author signs. The signature covers a digest of exactly the
words that stood there, and of the narrative that a group note rests on. From then on nothing is rewritten: who signed
adds amendments, each signed, and the original stays readable beside them.

    the signer      the author alone, the person of the token; nobody signs or attests for somebody else; a
                    certification the treating physician alone
    the credential  active on the date of service, as it is known when signing; a lapse recorded later is shown, and
                    billing holds what rests on it
    the associate   signs under supervision: a second signature over the same words, by a supervisor, never the author
    the facilitator who led the session beside the author signs the same words, once, with a signature of their own
    the return      while a cosignature is needed a supervisor may send it back; it is a draft again, its signature kept
                    in history
    lateness        never refused, only marked and, when the signer says so, reasoned
    the attestation for a signature that is missing, by the author alone, never for an order
    the patient     signs a plan of care and each review too, or a guardian does, or the refusal is stated; both seen by
                    a named person
    in error        struck through by the author or a supervisor, kept, and closed to everything else

The narrative that a group shares is about its session and names nobody; each patient's own part rests on it. A session
has one narrative and one part for each patient at a time: another takes its place only after it was struck.
"""

from __future__ import annotations

from aggregates.kit import Aggregate
from aggregates.note.decide import COMMANDS, consult, decide, further, patients
from aggregates.note.state import NotDrafted, evolve

AGGREGATE = Aggregate(
    "note", NotDrafted(), evolve, decide, commands=COMMANDS, patients=patients, consult=consult, further=further
)
