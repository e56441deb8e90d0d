"""Why a part of a payer's file is unmatched, and what to do: one sentence a code, without a name or number of anybody.

Whoever reads files gives these codes; a list shows the same sentences.
"""

from __future__ import annotations

WHY: dict[str, str] = {
    "not-x12": "It is no X12 interchange: ask the payer or the clearing house for the file again.",
    "no-835": "It holds no 835 transaction: see whether it is an acknowledgement, and import it as that.",
    "no-acknowledgment": "It holds no 277CA and no 999: see whether it is a remittance, and import it as that.",
    "batch-unknown": "No claim of ours was sent in this batch: find out whose it is.",
    "status-unknown": "Its status says neither accepted nor rejected: read it, then record by hand what it means.",
    "truncated": "It ends before its trailers (SE, GE, IEA), so something is missing: fetch the file again.",
    "counts-differ": "Its trailers count other segments or other numbers than there are: fetch the file again.",
    "bad-date": "A date in it is no date: ask the payer what was meant; a corrected file can be imported again.",
    "bad-amount": "An amount in it is no amount in dollars and cents: ask the payer for a corrected file.",
    "bad-element": "A code, number or reference in it cannot be read: ask the payer for a corrected file.",
    "no-trace": "It has no trace number (TRN02), so that it could not be told from another: ask the payer for one.",
    "remittance-out-of-balance": "The payment (BPR02) is not what the claims paid less the adjustments of the provider "
    "(PLB): nothing of it is posted; ask the payer for a corrected file.",
    "claim-out-of-balance": "Its charge less its adjustments is not what was paid: ask the payer to correct it.",
    "line-out-of-balance": "A line's charge less its adjustments is not what was paid: ask the payer to correct it.",
    "claim-unknown": "No claim of ours has this control number: find out whose it is, and assign or return it.",
    "claim-ambiguous": "Several claims of ours have this control number: find out which is meant, and assign it.",
    "payer-differs": "Our claim went to another payer than the one that sent this remittance: ask both, then assign "
    "it.",
    "claim-forwarded": "Our claim went to another payer, whose answer says that it forwarded it (CLP02 19, 20 or 21): "
    "this is the next payer's answer. Take the first one back (claim.reverse_adjudication) and record it anew without "
    "its status (claim.adjudicate), prepare the claim to this payer (claims prepare --secondary), record that as sent "
    "(claim.submit) and this as its answer (claim.adjudicate, account.post_remittance), then assign this to it.",
    "no-lines": "The payer answered the claim as a whole, and it has several lines: divide the answer among the lines "
    "by hand, then assign this.",
    "line-unmatched": "A line of it is none of the claim's, by number or by day, code and charge: compare the two, "
    "then adjudicate by hand.",
    "charge-differs": "It charges another amount than the claim that was sent: see whether that claim was replaced.",
    "claim-split": "The payer split our claim into several (CLP) whose lines together are exactly the claim's. Nothing "
    "of it is posted, because a claim keeps one number of the payer's: record the parts by hand as one answer "
    "(claim.adjudicate with every line, the sum of what was paid, one of the payer's numbers and this trace number, "
    "then account.post_remittance) or as one reversal (claim.reverse_adjudication, account.reverse_payment), and "
    "assign every part to the claim.",
    "nothing-to-reverse": "It reverses an answer that was never posted here: post the earlier remittance first, then "
    "import this one again.",
    "reversal-differs": "It takes back other amounts than were posted: compare the two, then reverse by hand.",
    "refused": "A rule refused to record it: read the sentence kept with it, settle that, then import it again.",
    "told-otherwise": "The same remittance said something else of this claim before: ask the payer which holds.",
    "payer-unknown": "The file names a payer that no policy of ours names, so that nothing of it is posted: find out "
    "whose it is; publish that payer's policy or record its electronic address with this id, or say with --payer whose "
    "files they are, and import it again.",
    "payer-number-differs": "The file gives this payer another id than its electronic addresses here, so that nothing "
    "of it is posted: ask the payer, record an electronic address with this id, or say with --payer whose files they "
    "are, and import it again.",
    "program-unknown": "Neither the file nor a claim in it says which of our programs the payer adjusts: find it, then "
    "post the adjustment by hand.",
    "unsupported": "The payer uses it for something that is not posted from a file: work on it by hand.",
}
