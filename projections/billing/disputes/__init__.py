"""Disputes as billing knows them: what is asked for or contested, until when, whose it is and what is at stake.

    documents  what is remembered of a patient's requests and disputes; `inputs` puts facts into it
    missing    what of what was asked for the record does not have
    rows       open requests and disputes, and denials that nobody contests; `queries` and `views` read them
"""
