"""A payer's policy: its rules and rates as dated facts, so that a day is judged by what was in force and known.

One payer has one policy stream. Its versions follow each other: a revision starts after the last version did and ends
that one the day before, so no day has two. Retiring sets the last day; a later revision starts the policy again.
Terms that contradict themselves are refused: a level and focus priced twice, minutes asked of a week without days to
hold them, nothing that counts, a rate that does not say where it comes from. `unverified` names fields that exist;
a verification by a named person against a named source takes the mark off, for one version only (the one recorded last,
unless it names another by its first day), because every version has to be compared anew. Terms count as verified once
there is such a verification of theirs and nothing listed in `unverified` is left. A document whose list is empty has
verified nothing by itself: it needs one too. We do not ask that verifications cover every field: the marks say which
values no official source confirms, so a person who stands by the rest against a source is what was missing.
Whoever set terms does not verify them: the comparison is a control, and takes a second person (ours; no rule says who).
Where the payer's claim files go is dated too; two addresses never start on one day.
"""

from aggregates.kit import Aggregate
from aggregates.payer_policy import commands, decide, state

AGGREGATE = Aggregate(
    name="payer_policy",
    initial=state.NotPublished(),
    evolve=state.evolve,
    decide=decide.decide,
    commands=(
        commands.PublishPolicy,
        commands.VerifyPolicy,
        commands.RevisePolicy,
        commands.RetirePolicy,
        commands.RecordElectronicAddress,
    ),
)
