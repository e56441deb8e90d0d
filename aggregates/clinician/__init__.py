"""A clinician: who treats and signs, and with which credentials on which day.

The stream's id is the person's id in tokens. A person joins, leaves, and may join again, then perhaps no longer as
an associate. A credential is active in dated periods that do not overlap under one id; a lapse falls inside such a
period and cuts it short, and a reinstatement is a further period. An associate needs a supervisor, who is somebody
else, is no associate, and is employed on the day from which they supervise. Late entries about the time before the
last day stay open. Times on call are assigned in stretches and can be ended before their time. Each has one key at a
time to sign documents with; a newer one ends the one before.
"""

from aggregates.clinician import commands, decide, state
from aggregates.kit import Aggregate

AGGREGATE = Aggregate(
    name="clinician",
    initial=state.NotJoined(),
    evolve=state.evolve,
    decide=decide.decide,
    commands=(
        commands.JoinAsClinician,
        commands.RecordCredential,
        commands.LapseCredential,
        commands.RecordPayerCredentialing,
        commands.AssignSupervisor,
        commands.AssignOnCall,
        commands.EndOnCall,
        commands.LeaveAsClinician,
        commands.CreateSigningKey,
        commands.RevokeSigningKey,
    ),
    consult=decide.consult,
)
