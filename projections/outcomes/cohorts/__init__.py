"""Episodes that have something in common, side by side: who got better, who stayed, who came.

A cohort is of episodes that were admitted: by program, first payer, level of care, block of the principal diagnosis, or
month of admission. Each is told of everybody, of those measured again and of those who completed, so that drop-out
cannot flatter: of everybody the last score counts, and who was never measured again counts as not changed and is shown
as such. A course's last score is the last one known, follow-up after the discharge included.
"""
