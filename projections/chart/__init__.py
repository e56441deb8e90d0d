"""Documents on paper: one, a session's, or a stretch of a patient's chart, as HTML and PDF, as of any moment.

A pure reading of the log with no table of its own: `reading` says which documents there are, `inputs` gathers what they
rest on as of a position, `rendition` what one of them shows, `differences` what came between two moments; `sheets` and
`changes` put it in words and in order, `html` and `pdf` set that in type. Each signature stands under what it covers
with printed name, credential, date, time and meaning (21 CFR 11.50, here a benchmark), each amendment in its place with
the original readable (Medicare Program Integrity Manual ch. 3, 3.3.2.5). No clock is asked: the same facts make the
same bytes. Names and words are sealed in the facts; this is one of the few places that opens them, and nothing of it is
logged.
"""
