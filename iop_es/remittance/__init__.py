"""What payers answer, read from their files, matched with our claims, and ordered; on the roof, because it orders.

    elements     dates, amounts and codes as X12 writes them
    interchange  a file's text into transactions, its envelopes checked
    reading      an 835 transaction into a remittance: claims, lines, adjustments of the provider
    balance      the 835's own sums: a remittance, a claim, a line
    books        our side: claims by control number, payers by name, programs by NPI, what was unmatched before
    matching     a remitted claim's lines against the lines that were sent
    planning     the orders that a claim's answers ask for, or why it is unmatched
    remitted     one remittance: one append a claim, never half a one
    keeping      what is unmatched, kept once, with why; `summary` is what is told
    importing    a file from beginning to end
    statuses     what a 277CA or a 999 says of claims; `acknowledging` orders it

Nothing is guessed: what cannot be trusted or matched moves no money and is kept with its reason.
"""
