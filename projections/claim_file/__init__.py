"""Claim files: what payers are sent, the 837I (005010X223A2) and the 837P (005010X222A1) of X12.

A pure reading of the log with no table of its own: `inputs` folds the streams that one claim rests on as of a position,
`contents` takes from them what a file says, `checks` refuses what must not leave, `file` puts the claims of one file
together from `loops`, `institutional` and `professional`, and `segments` writes. Times and numbers come from the
claim's submission, so that the log alone makes the very same bytes again. Names, member numbers and addresses are
sealed in the facts; this is one of the few places that opens them, and nothing of it is logged.
"""
