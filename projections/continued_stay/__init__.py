"""The continued-stay summary for utilization review: one patient's stay on one page, as of any moment.

A pure reading of one patient's own facts and the reference facts (program, payer's policy), with no table of its own:
`reading` gathers them up to a position, through the folds of billing, caseload and outcomes and the states of the
streams; `weeks`, `asked` and `results` each say one part of it; `paper` sets it on one page, as HTML and as PDF. What
was known later is not in it. It holds no word of a note: the words of goals are the plan's own.
"""
