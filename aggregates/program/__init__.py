"""A program: a place that offers one level of care, and what payers know it by.

It opens once, under a code that no other program has, in a time zone that decides its days and weeks. From a date
on it bills under one identity; two identities never start on the same day, so every service day has exactly one.
Its claim files leave under one submitter id, and it is a hospital's department on or off campus, dated in the same
way.
Its payer enrollments are periods that do not overlap for one payer; recording the same start again changes the end.
A schedule offers the weekly minutes and days that its level of care needs, or names the reason why not: intensive
outpatient is nine hours for adults, six for adolescents; partial hospitalization is twenty (ASAM levels 2.1, 2.5).
From a date on it has charges, the same for every payer, one for each code. Closures do not overlap. After its last
day nothing starts; what was true until then may still be recorded late.
"""

from aggregates.kit import Aggregate
from aggregates.program import commands, decide, state

AGGREGATE = Aggregate(
    name="program",
    initial=state.NotOpened(),
    evolve=state.evolve,
    decide=decide.decide,
    commands=(
        commands.OpenProgram,
        commands.RecordProviderIdentity,
        commands.RecordSubmitter,
        commands.RecordCampus,
        commands.RecordPayerEnrollment,
        commands.AdoptSchedule,
        commands.AdoptFeeSchedule,
        commands.DeclareClosure,
        commands.CloseProgram,
    ),
)
