"""What can be billed today, what is held, why, and what is it worth? For billers, and for whoever must act on a hold.

Every day of every episode on which something was recorded is decided: a pure function of the patient's inputs, the
references and the counters at the end of the week before answers every rule with its numbers and the positions of its
facts. Rules are the payer's published terms and nothing else. What nobody has verified is named on the day, and a
rate made up for a demonstration is called a demo rate.

    documents  what is remembered of a patient; `inputs` puts facts into it
    weeks      the walk that decides dirty weeks in order; `rules` are the questions; `day` is a decided day
    rows       the tables; `queries` and `views` read them; `standing` says what holds at a moment
    explain    a day as a person would tell it, by `words`; `claims` groups billable days into claims
"""

from projections.billing.model import MODEL

__all__ = ["MODEL"]
