"""What may happen in the program, and what happened: sixteen kinds of stream, each pure facts and decisions.

    program        a place that offers a level of care: its identity to payers, its week, its closures
    clinician      who treats: credentials as dated periods, supervision of associates
    patient        who is treated, outside any episode: coverage, consents, guardians, amendment requests
    enrollment     one episode of one patient in one program, from referral to discharge
    authorization  what one payer allows for one episode, in units and dates
    group          a weekly series with its roster, capacity and facilitators
    session        one meeting: attendance as intervals, breaks, corrections after closing
    note           any clinical document that is signed, cosigned, amended
    assessment     one administration of an outcome instrument
    risk           what clinicians judged and did about a patient's safety, and who took or cleared which alert
    access         who was let in to a record in an emergency, and to whom of it was told
    shredding      when the keys of a patient's record are given up, by whose word, and what stands against it
    payer_policy   one payer's rules and rates as dated terms
    claim          what was sent to a payer and what it answered
    account        what was charged, paid, written off and given back; what of a payer's files nobody could place
    dispute        what a payer asked the records of or was asked to decide anew: clocks, levels, calls, answers

Each is a folder. Its docstring tells the rules; `facts.py` is the storage format; `commands.py` says what may be asked;
`state.py` folds facts without judging; `decide.py` holds the refusals, one class a rule, and the decisions.
So a rule is found by its refusal's name, in the folder of the stream that guards it. `kit` is what all share,
`values` the validated types, `codec` the stored bytes, `registry` the list of all.
"""
