"""Gathers one patient's facts up to a position, and says what a continued-stay summary says."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from aggregates.enrollment.state import Episode
from aggregates.patient.state import Patient
from aggregates.payer_policy.state import Policy, Version
from aggregates.program.state import Program
from aggregates.values import moment
from iop_es.engine.log import Log, StoredFact
from iop_es.engine.readmodel.model import Delta
from projections.billing import queries as billing
from projections.billing.views import LedgerView, TraceView
from projections.caseload.session import ATTENDANCE
from projections.caseload.statements import rows_of
from projections.chart.inputs import Story, story_of
from projections.chart.sheets import patient_line
from projections.continued_stay.asked import asked
from projections.continued_stay.parts import missing, plan, risk, units
from projections.continued_stay.results import results
from projections.continued_stay.views import ContinuedStay, PolicyView
from projections.continued_stay.weeks import weeks
from projections.outcomes import queries as outcomes
from projections.outcomes.today import open_from_rows
from projections.outcomes.views import TrendView

POLICY_FACTS = sorted(
    f"payer_policy.{name}" for name in ("published", "verified", "revised", "retired", "electronic_address_recorded")
)
PLACES = frozenset({"patient", "enrollment", "risk"})
"""Kinds of streams that are the patient's own; of others, such as a session's, not all facts are the patient's."""
Folded = Callable[[str], Delta]
"""The rows of a read model, by its name, that the patient's own facts make."""


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A summary, and what its print shows beside it: whose it is, the courses to draw, and up to which fact it goes."""

    summary: ContinuedStay
    running: str
    courses: tuple[TrendView, ...]
    through_position: int
    through_at: str

    @property
    def patient_id(self) -> str:
        """Whose it is."""
        return self.summary.patient_id


def reviewed(
    log: Log, patient_id: str, programs: Sequence[str], upto: int, now: str, folded: Folded
) -> Reviewed | None:
    """The summary of a patient's latest episode in these programs, as of a position whose time is `now`; None where
    there is none. Raises UnknownFact, msgspec.MsgspecError, and what `folded` raises."""
    own = log.of_patient(patient_id, upto, with_sealed=True)
    stories = _stories(own)
    enrolled = _latest([one for one in stories if one.kind == "enrollment"], programs)
    if enrolled is None or enrolled.state.program_id is None:
        return None
    episode: Episode = enrolled.state
    place = _program(log, enrolled.state.program_id, upto)
    if place is None:
        return None
    today = moment(now).astimezone(ZoneInfo(place.opened.time_zone)).date()
    person = next((one.state for one in stories if isinstance(one.state, Patient)), None)
    asking: dict[str, Any] = {"patient_id": patient_id, "programs": [enrolled.state.program_id], "now": now}
    courses = tuple(
        one for one in outcomes.trends_from_rows(folded("outcomes"), **asking) if one.enrollment_id == enrolled.stream
    )
    decided = folded("billing")
    granted = [one for one in billing.authorizations_from_rows(decided, **asking)
               if one.enrollment_id == enrolled.stream]  # fmt: skip
    by_week = weeks(episode, _attended(folded("caseload"), enrolled.stream, own), today)
    whole = [one.week for one in by_week if one.whole]
    week = list(_traces(decided, asking, whole[-1], enrolled.stream)) if whole else []
    told = [fact for one in stories if one.kind == "risk" for fact in one.facts]
    judged = risk(told, programs, open_from_rows(folded("outcomes"), **asking))
    cared, found = plan(episode), results(courses)
    policy = _policy(log, person, episode, today, upto, granted, week)
    end = min(today, date.fromisoformat(episode.discharged_on)) if episode.discharged_on else today
    principal = episode.principal_on(end.isoformat())
    return Reviewed(
        ContinuedStay(
            patient_id=patient_id, program_id=enrolled.state.program_id, program_code=place.opened.code,
            enrollment_id=enrolled.stream, today=today, time_zone=place.opened.time_zone,
            level_of_care=episode.level_on(end.isoformat()), admitted_on=episode.admitted_on,
            days_since_admission=(end - date.fromisoformat(episode.admitted_on)).days if episode.admitted_on else None,
            discharged_on=episode.discharged_on, diagnosis=principal.code if principal else None, weeks=by_week,
            results=found, plan=cared, risk=judged, authorizations=tuple(map(units, granted)), policy=policy,
            missing=tuple(missing(found, cared, judged, policy, today)),
        ),
        _running(person), courses, upto, now,
    )  # fmt: skip


def _stories(own: Sequence[StoredFact]) -> list[Story]:
    by_stream: dict[str, list[StoredFact]] = {}
    for fact in own:
        if fact.name.partition(".")[0] in PLACES:
            by_stream.setdefault(fact.stream, []).append(fact)
    return [story_of(stream, facts) for stream, facts in by_stream.items()]


def _latest(found: Sequence[Story], programs: Sequence[str]) -> Story | None:
    """The open episode that began last, else the one that began last."""
    own = [one for one in found if one.state.program_id in programs]
    return max(
        own, default=None,
        key=lambda one: (one.state.discharged_on is None, one.state.admitted_on or "", one.state.referred_on or ""),
    )  # fmt: skip


def _program(log: Log, program_id: str, upto: int) -> Program | None:
    facts = log.facts_of_streams([program_id], upto)
    state = story_of(program_id, facts).state if facts else None
    return state if isinstance(state, Program) else None


def _attended(delta: Delta, enrollment_id: str, own: Sequence[StoredFact]) -> list[Mapping[str, Any]]:
    """The episode's attendances, without those of sessions that were called off: nobody missed them."""
    off = {fact.stream for fact in own if fact.name == "session.cancelled"}
    rows = rows_of(delta, ATTENDANCE)
    return [row for row in rows if row["enrollment_id"] == enrollment_id and row["session_id"] not in off]


def _traces(decided: Delta, asking: Mapping[str, Any], monday: str, enrollment_id: str) -> Iterator[TraceView]:
    for place in range(7):
        day = (date.fromisoformat(monday) + timedelta(place)).isoformat()
        found = billing.traces_from_rows(decided, service_date=day, **asking)
        yield from (one for one in found if one.day.enrollment_id == enrollment_id)


def _policy(
    log: Log, person: Patient | None, episode: Episode, today: date, upto: int, granted: Sequence[LedgerView],
    week: Sequence[TraceView],
) -> PolicyView | None:  # fmt: skip
    day = today.isoformat()
    coverage = person.first_coverage_on(day) if person else None
    if coverage is None:
        return None
    found = _terms(log, coverage.payer_id, day, upto)
    if found is None:
        return PolicyView(
            payer_id=coverage.payer_id, payer_name=None, policy_id=None, policy_code=None, effective_from=None, asked=()
        )
    policy_id, policy, version = found
    own = [one for one in granted if (one.payer_id, one.level_of_care) == (coverage.payer_id, episode.level_on(day))]
    return PolicyView(
        payer_id=coverage.payer_id, payer_name=policy.published.payer_name, policy_id=policy_id,
        policy_code=policy.published.code, effective_from=version.effective_from,
        asked=tuple(asked(version, episode, today, own, week)),
    )


def _terms(log: Log, payer_id: str, day: str, upto: int) -> tuple[str, Policy, Version] | None:
    """The payer's newest terms in force on a day; of those that begin on one day, the ones published last."""
    by_stream: dict[str, list[StoredFact]] = {}
    for fact in log.by_topics(POLICY_FACTS, upto):
        by_stream.setdefault(fact.stream, []).append(fact)
    policies = [story_of(stream, facts) for stream, facts in by_stream.items()]
    held = [
        (version.effective_from, one.told[0].position, one.stream, one.state, version)
        for one in policies
        if isinstance(one.state, Policy) and one.state.payer_id == payer_id and (version := one.state.version_on(day))
    ]
    if not held:
        return None
    _, _, policy_id, policy, version = max(held, key=lambda one: one[:2])
    return policy_id, policy, version


def _running(person: Patient | None) -> str:
    known = person.identity if person else None
    return patient_line(
        f"{known.family_name}, {known.given_name}" if known else None, known.birth_date if known else None,
        known.medical_record_number if known else None,
    )
