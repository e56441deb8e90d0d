"""What a packet is made from: the patient's facts up to a position, and what billing knew at two moments."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from aggregates.claim.facts import ClaimPrepared
from aggregates.clinician.state import Clinician, NotJoined
from aggregates.codec import salvaged
from aggregates.dispute.facts import Edition
from aggregates.enrollment.facts import PatientReferred
from aggregates.patient.known import programs_of_consents
from aggregates.patient.state import Patient
from aggregates.payer_policy.state import Policy
from aggregates.program.state import Program
from aggregates.values import ClaimId, Id, PatientId
from iop_es.engine.log import Log, StoredFact
from iop_es.engine.readmodel.model import Delta
from projections.billing import queries as billing
from projections.billing.views import ClaimView, DayView
from projections.chart.inputs import Story, story_of
from projections.chart.sheets import patient_line
from projections.chart.words import clock
from projections.outcomes import queries as outcomes
from projections.outcomes.views import TrendView
from projections.packet.items import Item

OWN = frozenset({"patient", "shredding"})
"""Kinds of streams that are a patient's, of no program: a fact there that names none is not another program's."""
SHARED = frozenset({"access", "account", "risk"})
"""Kinds of streams in which all of a patient's programs record: a fact there of which nobody can tell whose it is may
be another program's."""
TELLING = ("enrollment_id", "claim_id", "charge_id", "overpayment_id", "grant_id", "consent_id")
"""The fields by which a fact tells of which program it is, the one that says most first."""
Folded = Callable[[str, int], Delta]
"""The rows of a read model, by its name, that the patient's facts up to a position make."""


class NotTheirClaim(Exception):
    """Claim {claim} is not this patient's, or was not prepared by then: name claims of one patient that were."""

    def __init__(self, claim: ClaimId) -> None:
        super().__init__(" ".join((type(self).__doc__ or "").split()).format(claim=claim))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for: claims of one patient, which items, for whom; as of one position, known up to another.

    `consent_id` is the consent under which it is disclosed, if under one.
    """

    patient_id: PatientId
    claims: tuple[ClaimId, ...]
    items: frozenset[Item]
    edition: Edition
    as_of: int
    known_to: int
    consent_id: Id | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact with its place, its two times, who recorded it in which role, and why."""

    position: int
    name: str
    stream: str
    recorded_at: str
    occurred_at: str
    actor: str
    role: str
    reason: str | None
    told: Any


@dataclass(frozen=True, slots=True)
class Claim:
    """One version of a claim: how it was prepared, and everything that came to it."""

    claim_id: ClaimId
    prepared: ClaimPrepared
    facts: tuple[Fact, ...]

    def of(self, *names: str) -> list[Fact]:
        """Its facts of these names."""
        return [one for one in self.facts if one.name in names]


@dataclass(frozen=True, slots=True)
class Known:
    """What billing knew of the patient at a position: days by date, claims by id."""

    position: int
    at: str
    days: dict[str, list[DayView]]
    claims: dict[ClaimId, ClaimView]


@dataclass(frozen=True)
class Record:
    """Everything a packet says, before it is put in words; the documents of the chart are read from the log."""

    log: Log
    wanted: Wanted
    facts: tuple[Fact, ...]
    claims: tuple[Claim, ...]
    then: Known
    now: Known
    stories: dict[str, Story]
    trends: tuple[TrendView, ...]

    def of(self, *names: str) -> list[Fact]:
        """The patient's facts of these names, in order."""
        return [one for one in self.facts if one.name in names]

    @cached_property
    def streams(self) -> dict[str, list[Fact]]:
        """The patient's facts by stream."""
        found: dict[str, list[Fact]] = {}
        for one in self.facts:
            found.setdefault(one.stream, []).append(one)
        return found

    @cached_property
    def days(self) -> tuple[str, ...]:
        """The dates of service of the claims."""
        return tuple(sorted({line.service_date for one in self.claims for line in one.prepared.lines}))

    @cached_property
    def episode(self) -> Id:
        """The claims' episode; of several one that treats substance use, which is disclosed under a consent alone."""
        found = [one.prepared.enrollment_id for one in self.claims]
        return next((one for one in found if self._focus(one) == "substance_use"), found[0])

    @property
    def substance_use(self) -> bool:
        """Whether an episode of the claims treats it: as its admission says, or before that its program."""
        return self._focus(self.episode) == "substance_use"

    def _focus(self, episode: Id) -> str:
        admitted = (one.told.focus for one in self.of("enrollment.patient_admitted") if one.stream == episode)
        return str(next(admitted, self.program.opened.focus))

    @cached_property
    def program(self) -> Program:
        """Whose claims they are."""
        found: Program = self.stories[self.claims[0].prepared.program_id].state
        return found

    @property
    def zone(self) -> str:
        """The program's time zone."""
        return self.program.opened.time_zone

    @cached_property
    def payer(self) -> str:
        """Who was billed, as the terms name it."""
        story = self.stories.get(self.claims[0].prepared.policy_id)
        known = story.state if story is not None else None
        return known.published.payer_name if isinstance(known, Policy) else self.claims[0].prepared.payer_id

    @cached_property
    def running(self) -> str:
        """Whose pages they are, as each has to say."""
        person = self.stories[self.wanted.patient_id].state
        known = person.identity if isinstance(person, Patient) else None
        if known is None:
            return patient_line(None, None, None)
        return patient_line(
            f"{known.family_name}, {known.given_name}", known.birth_date, known.medical_record_number
        )

    def story_then(self, stream: str) -> Story:
        """A stream as it was known at the earlier moment."""
        story = self.stories[stream]
        return Story(stream, tuple(one for one in story.told if one.position <= self.then.position), story.kind)

    def clinician(self, person: str) -> Clinician | NotJoined:
        """A clinician's state; nobody's for who is none."""
        story = self.stories.get(person)
        return story.state if story is not None and isinstance(story.state, Clinician) else NotJoined()

    def who(self, one: Fact) -> str:
        """Who recorded a fact: by name, or by role where the house has no name of them."""
        return self.clinician(one.actor).printed_name or f"{one.role.replace('_', ' ')} {one.actor[:8]}"

    def named(self, words: str) -> str:
        """Words with the ids in them said in the way that people know: names, control numbers, the payer."""
        for given, known in self._names.items():
            if given in words:
                words = words.replace(f"patient {given}", known).replace(f"claim {given}", known)
                words = words.replace(f"payer {given}", known).replace(given, known)
        return words[:1].upper() + words[1:]

    @cached_property
    def _names(self) -> dict[str, str]:
        people = {
            stream: name for stream, story in self.stories.items()
            if isinstance(story.state, Clinician) and (name := story.state.printed_name)
        }
        claims = {one.claim_id: f"claim {control_number(one)}" for one in self.claims}
        return people | claims | {
            self.wanted.patient_id: "the patient", self.claims[0].prepared.payer_id: self.payer,
        }  # fmt: skip

    def clock(self, at: str) -> str:
        """An instant in the program's zone."""
        return clock(at, self.zone)


def control_number(claim: Claim) -> str:
    """What the payer knows the claim by; its id where it never left."""
    sent = claim.of("claim.submitted")
    return str(sent[-1].told.control_number) if sent else f"{claim.claim_id[:8]} (never sent)"


def read(log: Log, wanted: Wanted, folded: Folded) -> Record:
    """Gathers it all of the claims' program, for a payer nothing of other episodes. Raises NotTheirClaim, UnknownFact,
    FoldFailed."""
    facts = tuple(_fact(one) for one in log.of_patient(wanted.patient_id, wanted.known_to, with_sealed=True))
    claims = _claims(facts, wanted)
    facts = of_their_programs(facts, claims)
    if wanted.edition == "payer":
        facts = of_their_episodes(facts, claims)
    people = {one.actor for one in facts} | {
        person for one in facts for name in ("signer_id", "author_id", "assessed_by", "physician_id", "attending_id")
        if (person := getattr(one.told, name, None))
    }  # fmt: skip
    leading = {person for one in facts for person in getattr(one.told, "facilitators", ())}
    prepared = claims[0].prepared
    policies = {one.prepared.policy_id for one in claims}
    named = (prepared.program_id, *sorted(policies), wanted.patient_id, *sorted(people | leading))
    programs = [prepared.program_id]
    episodes = {one.prepared.enrollment_id for one in claims}
    trends = outcomes.trends_from_rows(
        folded("outcomes", wanted.known_to), programs=programs, now=_at(log, wanted.known_to),
        patient_id=wanted.patient_id,
    )  # fmt: skip
    return Record(
        log, wanted, facts, claims, _known(log, wanted, wanted.as_of, programs, folded),
        _known(log, wanted, wanted.known_to, programs, folded), _stories(log, named, wanted.known_to),
        tuple(one for one in trends if wanted.edition == "internal" or one.enrollment_id in {None, *episodes}),
    )  # fmt: skip


def of_their_programs(facts: Sequence[Fact], claims: Sequence[Claim]) -> tuple[Fact, ...]:
    """Without what other programs recorded of the patient: whoever works on these claims does not work there, and what
    a program wrote outside of any episode is still that program's. What is the patient's own stays; of what programs
    recorded in streams that they share, that stays of which it is known that it is theirs."""
    theirs = {one.prepared.program_id for one in claims}
    whose = _whose(facts)
    streams: dict[str, set[str]] = {}
    for one in facts:
        streams.setdefault(one.stream, set()).update(_programs(one, whose))

    def stays(one: Fact) -> bool:
        kind, named = one.name.partition(".")[0], _programs(one, whose)
        if named or kind in SHARED:
            return not named.isdisjoint(theirs)
        return kind in OWN or not streams[one.stream].isdisjoint(theirs)

    return tuple(one for one in facts if stays(one))


def _whose(facts: Sequence[Fact]) -> dict[str, set[str]]:
    """The programs of episodes, claims, charges, overpayments, broken glasses and consents, by their ids."""
    known = programs_of_consents(one.told for one in facts)
    whose = {consent: set(programs) for consent, programs in known.items() if programs is not None}
    for one in facts:
        program = getattr(one.told, "acting_in", None) or getattr(one.told, "program_id", None)
        if isinstance(one.told, PatientReferred | ClaimPrepared):
            whose[one.stream] = {one.told.program_id}
        elif program is not None:
            ids = (getattr(one.told, name, None) for name in ("grant_id", "charge_id", "overpayment_id"))
            whose.update((each, {program}) for each in ids if each is not None)
    return whose


def _programs(one: Fact, whose: Mapping[str, set[str]]) -> set[str]:
    """The programs that a fact names: by itself, or by the first that it names of its episode, claim, charge,
    overpayment, glass, consent; by its claims, or by its stream."""
    program = getattr(one.told, "acting_in", None) or getattr(one.told, "program_id", None)
    if program is not None:
        return {program}
    for name in TELLING:
        named = getattr(one.told, name, None)
        if named is not None:
            return whose.get(named, set())
    ids = getattr(one.told, "claims", ()) or (one.stream,)
    return set().union(*(whose.get(each, ()) for each in ids))


def of_their_episodes(facts: Sequence[Fact], claims: Sequence[Claim]) -> tuple[Fact, ...]:
    """Without what is about other episodes of the patient, or about disputes of other claims: a payer did not ask for
    it, and it may be under another law."""
    theirs = {one.prepared.enrollment_id for one in claims} | {one.claim_id for one in claims}
    streams: dict[str, set[str]] = {}
    for one in facts:
        streams.setdefault(one.stream, set()).update(_about(one))
    return tuple(one for one in facts if not (about := _about(one) or streams[one.stream]) or about & theirs)


def _about(one: Fact) -> set[str]:
    """Which episode or, of a dispute, claims a fact names; nothing where it names none."""
    if one.name.startswith("enrollment."):
        return {one.stream}
    if one.name.startswith("dispute."):
        return set(getattr(one.told, "claims", ()))
    episode = getattr(one.told, "enrollment_id", None)
    return {episode} if episode else set()


def _fact(stored: StoredFact) -> Fact:
    context = json.loads(stored.context)
    return Fact(
        stored.position, stored.name, stored.stream, stored.recorded_at, context["occurred_at"], context["actor"],
        context["role"], context.get("reason"), salvaged(stored.topic, stored.state, stored.sealed),
    )  # fmt: skip


def _claims(facts: Sequence[Fact], wanted: Wanted) -> tuple[Claim, ...]:
    """The claims that are asked for, with those that replaced them or were replaced by them."""
    prepared = {one.stream: one.told for one in facts if isinstance(one.told, ClaimPrepared)}
    for claim in wanted.claims:
        if claim not in prepared:
            raise NotTheirClaim(claim)
    family = set(wanted.claims)
    while True:
        more = {claim for claim, told in prepared.items() if told.replaces in family} | {
            told.replaces for claim, told in prepared.items() if claim in family and told.replaces in prepared
        }
        if more <= family:
            break
        family |= more
    return tuple(
        Claim(claim, told, tuple(one for one in facts if one.stream == claim))
        for claim, told in prepared.items() if claim in family
    )  # fmt: skip


def _known(log: Log, wanted: Wanted, upto: int, programs: Sequence[str], folded: Folded) -> Known:
    delta, at = folded("billing", upto), _at(log, upto)
    days: dict[str, list[DayView]] = {}
    for day in billing.from_rows(delta, patient_id=wanted.patient_id, programs=programs, now=at):
        days.setdefault(day.service_date, []).append(day)
    claims = billing.claims_from_rows(delta, patient_id=wanted.patient_id, programs=programs)
    return Known(upto, at, days, {one.claim_id: one for one in claims})


def _at(log: Log, position: int) -> str:
    """When the fact at a position was recorded."""
    found = log.at([position]) if position else []
    return found[0].recorded_at if found else log.head().recorded_at


def _stories(log: Log, streams: Iterable[str], upto: int) -> dict[str, Story]:
    stored: dict[str, list[StoredFact]] = {}
    for fact in log.facts_of_streams(list(streams), upto):
        stored.setdefault(fact.stream, []).append(fact)
    return {stream: story_of(stream, facts) for stream, facts in stored.items()}
