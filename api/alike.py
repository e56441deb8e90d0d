"""Two records that may be one person's: who agrees with whom, who was found to be somebody else, and who may be told.

What records agree in are blinded reservations (`aggregates.patient.marks`), so that no name is opened to compare, and
nothing is left of a record that was given up. A pair stands until a named person finds two people in it.

Whoever asks is told of pairs alone of which both records are within reach: that somebody is a patient of another
program is not to be told (42 CFR Part 2). Billing compares all records of the house, because a payer is asked once for
one service, and says of a day no more than that there is such a record.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from pydantic import BaseModel, Field

from aggregates.claim.facts import ClaimPrepared
from aggregates.claim.state import Key, reservations
from aggregates.codec import decode
from aggregates.kit import COMMAND_NAME
from aggregates.patient.commands import CorrectDemographics, RecordCoverage, RegisterPatient
from aggregates.patient.facts import PatientDistinguished
from aggregates.patient.marks import GROUNDS, Ground
from aggregates.values import Id
from api.access import may_see_unreferred
from api.commands.reach import REFERRED
from api.identity import Caller
from api.services import Services
from iop_es.engine.log import Log
from projections.billing.claims import billed_keys
from projections.billing.day import Day
from projections.billing.worklists import Agreed

COMPARED = (RegisterPatient, CorrectDemographics, RecordCoverage)
"""The orders after which a record may agree with another one."""
DISTINGUISHED = "patient.distinguished"


class Alike(BaseModel):
    """Another record that may be the same person's."""

    patient_id: Id
    grounds: list[str] = Field(description="In what the two agree, such as name_and_birth_date.")


@dataclass(frozen=True, slots=True)
class Standing:
    """What is on record of a patient in clear: the programs, and who else it was found not to be, by which position."""

    programs: set[str]
    found: list[tuple[PatientDistinguished, int]]

    def is_not(self, other: Standing, since: int) -> bool:
        """Whether a person compared this record with the other one after they had come to agree."""
        return any(
            since <= min(fact.upto, position) and (not other.programs or not other.programs.isdisjoint(fact.programs))
            for fact, position in self.found
        )


@dataclass(frozen=True, slots=True)
class Pairs:
    """The pairs that stand, and what is on record of everybody in them."""

    agreed: Sequence[Agreed]
    known: Mapping[str, Standing]

    def within(self, caller: Caller, programs: Collection[str]) -> list[Agreed]:
        """Those whose records are both within reach, one of them in one of these programs or in none yet."""
        unreferred = may_see_unreferred(caller.role, COMMAND_NAME[RegisterPatient])

        def near(patient: str) -> bool:
            own = self.known[patient].programs
            return unreferred if not own else not own.isdisjoint(caller.programs)

        def asked(patient: str) -> bool:
            own = self.known[patient].programs
            return not own or not own.isdisjoint(programs)

        return [one for one in self.agreed if all(map(near, one.patient_ids)) and any(map(asked, one.patient_ids))]

    def others(self) -> dict[str, set[str]]:
        """Of everybody, who it may be as well."""
        found: dict[str, set[str]] = defaultdict(set)
        for one, other in (pair.patient_ids for pair in self.agreed):
            found[one].add(other)
            found[other].add(one)
        return found


def pairs(log: Log, patients: Sequence[str] | None = None) -> Pairs:
    """The pairs that stand of which one record is one of these patients' (None: anybody's)."""
    shared = [one for one in log.sharing(patients) if one.kind in GROUNDS]
    known = _standing(log, {each for one in shared for each in (one.stream, one.other)})
    found: dict[tuple[str, str], dict[Ground, int]] = defaultdict(dict)
    for one in shared:
        here, there = known[one.stream], known[one.other]
        if not here.is_not(there, one.since) and not there.is_not(here, one.since):
            first, second = sorted((one.stream, one.other))
            found[first, second][GROUNDS[one.kind]] = one.since
    return Pairs([Agreed(pair, sorted(on), min(on.values())) for pair, on in sorted(found.items())], known)


def _standing(log: Log, patients: Iterable[str]) -> dict[str, Standing]:
    known = {one: Standing(set(), []) for one in patients}
    for one in log.about(sorted(known), (DISTINGUISHED, REFERRED), with_context=False):
        fact = decode(one.topic, one.state)
        for patient in known.keys() & set(one.patients):
            if one.name == DISTINGUISHED:
                known[patient].found.append((fact, one.position))
            else:
                known[patient].programs.add(fact.program_id)
    return known


def told(services: Services, caller: Caller, name: str, patient: str) -> list[Alike]:
    """The records within reach that may be the same person's as this one, for the answer of an order, on record as a
    read of them. Raises ReadNotRecorded."""
    found = pairs(services.documenting.log, [patient]).within(caller, caller.programs)
    alike = [
        Alike(patient_id=other, grounds=one.grounds)
        for one in found for other in one.patient_ids if other != patient
    ]  # fmt: skip
    services.told(caller, name, alike)
    return alike


def elsewhere(log: Log, days: Sequence[Day]) -> tuple[dict[str, set[str]], set[Key]]:
    """Whose records may be those of the patients of these days, and what of these days such a record has on a claim."""
    others = pairs(log, sorted({day.patient_id for day in days})).others()
    keys: dict[str, list[str]] = defaultdict(list)
    for day in days:
        for other in others.get(day.patient_id, ()):
            for kind, key in billed_keys(day, day.unbilled, other):
                keys[kind].append(key)
    return others, {(kind, key) for kind, wanted in keys.items() for key in log.holders(kind, wanted)}


def billed_twice(log: Log, claims: Mapping[str, ClaimPrepared]) -> set[str]:
    """Which of these claims ask for a service or a per diem of a day that a record has on a claim as well which may be
    the same person's. What takes an earlier claim back or replaces it is none of them: it puts right."""
    others = pairs(log, sorted({one.patient_id for one in claims.values()})).others()
    asking: dict[Key, set[str]] = defaultdict(set)
    for claim, one in claims.items():
        for other in others.get(one.patient_id, ()) if one.replaces is None else ():
            for key in reservations(replace(one, patient_id=other)):
                asking[key].add(claim)
    kinds = {kind: [key for one, key in asking if one == kind] for kind in ("billed_day", "per_diem_day")}
    held = ((kind, key) for kind, keys in kinds.items() for key in log.holders(kind, keys))
    return {claim for one in held for claim in asking[one]}
