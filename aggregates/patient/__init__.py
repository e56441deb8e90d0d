"""A patient outside any episode: who they are, who pays, what they agreed to, who may act for them.

A patient is registered once; a medical record number belongs to one patient. Two records that agree in more than a
family's member number are seen (`marks`), never refused, until somebody finds two people in them. Whose coverage is
primary on a day has one answer: periods of one rank do not overlap. Eligibility is asked for a coverage that is known.
A consent has all its elements (42 CFR 2.31) and is signed by whoever had the capacity: an adult, a minor alone where
the law of the state lets them (which differs by state, so the rule is named and not judged here), or a guardian who is
recorded for that day. Who may still be under eighteen does not sign as an adult. Revoking stops future use only.
A request to amend the record is answered once, and a statement of disagreement follows a denial (45 CFR 164.526).

`identity` holds what corrections and consents look at, `marks` by what a record is compared, `coverage` who pays,
`consent` consents and guardians, `privacy` contact, restrictions and amendment requests.
"""

from aggregates.kit import Aggregate
from aggregates.patient import commands, decide, state

AGGREGATE = Aggregate(
    name="patient",
    initial=state.NotRegistered(),
    evolve=state.evolve,
    decide=decide.decide,
    commands=(
        commands.RegisterPatient,
        commands.CorrectDemographics,
        commands.DistinguishPatient,
        commands.RecordCoverage,
        commands.EndCoverage,
        commands.CheckEligibility,
        commands.SignConsent,
        commands.RevokeConsent,
        commands.RecordGuardian,
        commands.EndGuardian,
        commands.SetConfidentialContact,
        commands.RestrictDisclosure,
        commands.RequestAmendment,
        commands.AnswerAmendment,
        commands.FileDisagreement,
    ),
    patients=decide.patients,
)
