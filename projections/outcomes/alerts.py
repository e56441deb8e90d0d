"""Who needs someone: alerts of answers about suicide (`safety`), of deterioration, of what is missing (`missing`), and
what people did about each. Pure.

An alert of a measure is that measure's for good: nothing that is measured later takes it away, only a person clears it.
One of a deterioration goes with a correction or a void, as if the wrong answer had never been given, and with a late
entry that moves the baseline. What was done before a correction was about other answers, so it no longer stands: the
alert is open again.

An alert is its program's. There it outlives the episode: who left with it open, or came back, is on the list until
somebody clears it, and it is the attending's of the latest episode. Another program neither sees it nor clears it, nor
is told that there is one: where the patient is treated may be a substance-use record (42 CFR Part 2), and two programs
of one house are two. Who hands a patient over says it under the patient's consent (2.31), in a medical emergency
without one (2.51), through a broken glass that is on record; and each program measures and judges for itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from projections.outcomes.acts import Acknowledged, FollowedUp, Judged, Planned
from projections.outcomes.alert_rows import Acknowledgment, Alert, FollowUp, RiskLevel, SafetyPlan
from projections.outcomes.alert_words import deteriorated, gone, parked
from projections.outcomes.documents import Document, Episode
from projections.outcomes.missing import missing
from projections.outcomes.raised import Raised, local_day
from projections.outcomes.rows import Measure
from projections.outcomes.safety import of_safety

Act = TypeVar("Act", Judged, Planned, FollowedUp)


def alerts(
    patient_id: str, document: Document, courses: Sequence[Sequence[Measure]], zones: Mapping[str, str]
) -> list[Alert]:
    """Every alert of a patient, also those that are not due yet and those that were cleared."""
    found = [*of_safety(document), *_deteriorated(courses), *missing(document, courses, zones)]
    known = {(one.kind, one.about, one.since) for one in found}
    of_episodes = (one for one in document.acts.acknowledged if one.about in document.episodes)
    left = {(one.kind, one.about, one.since): one for one in of_episodes}
    for (kind, about, since), act in left.items():
        if (kind, about, since) not in known and act.outcome == "cleared":
            found.append(Raised(kind, about, since, act.program_id, about, gone(kind, since), ()))  # type: ignore[arg-type] # the fact's own kinds
    return [_row(patient_id, one, document, zones) for one in found]


def parked_rows(patient_id: str, document: Document) -> list[Alert]:
    """A patient whose record cannot be followed, in each program; urgent, because nobody knows what is not read."""
    return [
        _row(patient_id, Raised(
            "parked", patient_id, document.known_at[:10], program_id, None, parked(document.known_at), (), urgent=True,
        ), Document(), {})
        for program_id in document.programs
    ]  # fmt: skip


def acknowledgments(patient_id: str, acts: Iterable[Acknowledged]) -> list[Acknowledgment]:
    """The rows of who took or cleared what."""
    return [
        Acknowledgment(
            patient_id, one.position, one.program_id, one.kind, one.about, one.since, one.outcome, one.by, one.at,  # type: ignore[arg-type] # as the fact has them
            one.cause, one.override_cause,
        )
        for one in acts
    ]  # fmt: skip


def levels(patient_id: str, judged: Iterable[Judged]) -> list[RiskLevel]:
    """The rows of judgments."""
    return [
        RiskLevel(
            patient_id, one.position, one.program_id, one.enrollment_id, one.by, one.at, one.level, list(one.basis),  # type: ignore[arg-type] # as the fact has them
            one.assessment_id, one.recorded_at,
        )
        for one in judged
    ]  # fmt: skip


def plans(patient_id: str, planned: Iterable[Planned]) -> list[SafetyPlan]:
    """The rows of safety plans."""
    return [
        SafetyPlan(
            patient_id, one.position, one.program_id, one.enrollment_id, one.by, one.made_on, one.review_on,
            one.note_id, one.recorded_at,
        )
        for one in planned
    ]


def follow_ups(patient_id: str, followed: Iterable[FollowedUp]) -> list[FollowUp]:
    """The rows of tries to reach the patient."""
    return [
        FollowUp(
            patient_id, one.position, one.program_id, one.enrollment_id, one.by, one.at, one.means, one.reached,
            one.cause, one.recorded_at,
        )
        for one in followed
    ]  # fmt: skip


def _deteriorated(courses: Iterable[Sequence[Measure]]) -> Iterator[Raised]:
    """One alert for each measure at most: an instrument has one scale with a reliable change."""
    for one in (measure for course in courses for measure in course):
        if one.change_class == "deteriorated" and one.change is not None:
            yield Raised(
                "reliable_deterioration", one.assessment_id, one.administered_on, one.program_id, one.enrollment_id,
                deteriorated(one), tuple(one.positions), value=abs(one.change), threshold=one.reliable_change,
                instrument=one.instrument, instrument_version=one.instrument_version, changed_at=one.positions[-1],
            )  # fmt: skip


def _row(patient_id: str, one: Raised, document: Document, zones: Mapping[str, str]) -> Alert:
    acts = document.acts
    own = [act for act in acts.acknowledged if _about(act, one)]
    taken = next((act for act in reversed(own) if act.outcome == "taken"), None)
    cleared = own[-1] if own and own[-1].outcome == "cleared" else None
    episodes = [each for each in document.episodes.values() if each.program_id == one.program_id]
    judged = max(_of_program(acts.judged, one), key=lambda act: act.at, default=None)
    planned = max(_of_program(acts.planned, one), key=lambda act: act.made_on, default=None)
    tries = [
        act for act in _of_program(acts.followed_up, one)
        if local_day(act.at, zones.get(one.program_id)) >= one.since
    ]
    last = max(tries, key=lambda act: act.at, default=None)
    return Alert(
        patient_id=patient_id, record="parked" if one.kind == "parked" else "followed", kind=one.kind, about=one.about,
        since=one.since, until=one.until,
        program_id=one.program_id, enrollment_id=one.enrollment_id, urgent=one.urgent, why=one.why, value=one.value,
        threshold=one.threshold, instrument=one.instrument, instrument_version=one.instrument_version,
        standing="cleared" if cleared else "taken" if taken else "open",
        owner_id=taken.by if taken else _attending(episodes),
        taken_by=taken.by if taken else None, taken_at=taken.at if taken else None,
        cleared_by=cleared.by if cleared else None, cleared_at=cleared.at if cleared else None,
        cause=own[-1].cause if own else None, override_cause=cleared.override_cause if cleared else None,
        risk_level=judged.level if judged else None,  # type: ignore[arg-type] # as the fact has it
        risk_assessed_by=judged.by if judged else None, risk_assessed_at=judged.at if judged else None,
        judged=any(_judges(act, one, zones) for act in _of_program(acts.judged, one)),
        safety_plan_on=planned.made_on if planned else None,
        safety_plan_review_on=planned.review_on if planned else None, follow_ups=len(tries),
        followed_up_at=last.at if last else None, reached=any(act.reached for act in tries) if tries else None,
        withdrawn=one.taken_back.how if one.taken_back else None,
        withdrawn_by=one.taken_back.by if one.taken_back else None,
        withdrawn_at=one.taken_back.at if one.taken_back else None, left_on=_left(episodes),
        positions=[*one.positions, *(act.position for act in own)],
    )  # fmt: skip


def _about(act: Acknowledged, one: Raised) -> bool:
    """Whether this was done about the alert as it stands: a measure's day moves only with a correction."""
    if (act.kind, act.about) != (one.kind, one.about):
        return False
    return act.position > one.changed_at if one.changed_at else act.since == one.since


def _judges(act: Judged, one: Raised, zones: Mapping[str, str]) -> bool:
    """Whether a judgment is about the alert as it stands."""
    if one.judged_since is None:
        return local_day(act.at, zones.get(one.program_id)) >= one.since
    position, at = one.judged_since
    return act.position > position and act.at >= at


def _attending(episodes: Sequence[Episode]) -> str | None:
    """Who attends the latest of a program's episodes that anybody attends."""
    attended = [one for one in episodes if one.attending_id is not None]
    return max(attended, key=lambda one: one.referred_on).attending_id if attended else None


def _left(episodes: Sequence[Episode]) -> str | None:
    """The last day in a program of who is not in care there, and waits for no care."""
    ended = [one.discharged_on for one in episodes]
    return None if None in ended else max(filter(None, ended), default=None)


def _of_program(acts: Iterable[Act], one: Raised) -> list[Act]:
    return [act for act in acts if act.program_id == one.program_id]
