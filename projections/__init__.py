"""What the facts answer: one folder a read model, each a pure fold with tables, queries and views of its own.

    billing   every day of every patient decided in money, with its reasons down to the facts and the rule's version
    outcomes  scores, bands and change by patient, instrument and program
    audit     who did what, when it was true and when it was recorded
    caseload  today's rooms and rosters, what waits for a signature or a date, the census

A read model reads facts and references only, never another read model, a clock or a network. That is what makes the
live rows, a rebuild's and those as of any earlier position the same rows.
"""
