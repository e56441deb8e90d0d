"""Accounts as billing knows them: lines with what became of each charge, balances, denials, what is unmatched.

    documents  the patient's own money; the lines are the claims', and what their answers come to is the account's rule
    inputs     account facts into a patient's document; `provider` makes rows of what concerns no patient
    rows       lines, balances and overpayments as rows; `queries` and `views` read them; `words` tells why
"""
