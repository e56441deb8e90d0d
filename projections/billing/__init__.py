"""What can be billed today, what is held, why, and what is it worth? For billers, and for whoever must act on a hold.

Every day of every episode on which something was recorded is decided: a pure function of the patient's inputs, the
references and the counters at the end of the week before answers every rule with its numbers and the positions of its
facts. Rules are the payer's published terms and nothing else. Three amounts stand beside each other: the program's
charge, what the payer is expected to allow, the patient's share of it. What nobody has verified is named on the day,
and a rate made up for a demonstration is called a demo rate.

    documents    what is remembered of a patient; `inputs` puts facts into it
    weeks        the walk that decides dirty weeks in order; `rules` are the questions; `day` is a decided day
    lines        what a day is billed as
    rows         the tables; `queries` and `views` read them; `standing` says what holds at a moment
    explain      a day as a person would tell it, by `words` from `reasons` and their `variants`
    claims       billable days into claims, and the claim that puts a wrong one right
    corrections  which claims are wrong by what is known now
    secondary    what is left of answered claims for a second payer; `stale` are claims to it that are wrong by now
    disputes     what payers ask the records of, what is contested, and denials that nobody contests
    self_audit   what a reviewer would find who looks at billed days, as of any position
    accounts     what became of each line's charge, and the patient's own money
"""

from projections.billing.model import MODEL

__all__ = ["MODEL"]
