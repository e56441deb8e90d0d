"""What went wrong in the clinic, found again in the record: of each kind how often, and one example to look at.

Nothing is remembered from the simulation, so that a second run finds the same; it would find the same in a real
clinic's record. What depends on a payer's terms (late, lapsed, run out) is read from billing's decided days.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator

from iop_es.demo.figures import Incident
from iop_es.demo.past import Past, Sighting
from iop_es.demo.reading import Reading
from iop_es.wiring import House
from projections.billing.views import DayView

UNDOCUMENTED = {"note_missing", "note_unsigned", "narrative_unsigned", "narrative_in_error"}
RAN_OUT = {"authorization_exhausted", "authorization_expired"}

Finder = Callable[[Past], Iterable[Sighting]]


def incidents(house: House) -> list[Incident]:
    """Every kind in the order of KINDS, with a count of 0 for what did not happen. Raises NotProjectedYet."""
    past = Past(Reading(house))
    documented = _decided(past.days)
    return [_told(kind, what, list(find(past)), past, documented) for kind, (what, find) in KINDS.items()]


def _late_arrivals(past: Past) -> Iterator[Sighting]:
    for stored, fact in past.facts("session.patient_checked_in"):
        meeting = past.meetings[stored.stream]
        if fact.cause == "expected" and fact.arrived_at > meeting.begins:
            yield meeting.sighting(fact.patient_id)


def _left(past: Past, *causes: str) -> Iterator[tuple[str, Sighting]]:
    """Departures for these causes, each with its instant."""
    for stored, fact in past.facts("session.patient_checked_out"):
        if fact.cause in causes:
            meeting = past.meetings[stored.stream]
            yield fact.left_at, meeting.sighting(meeting.present[fact.attendance_id])


def _early_departures(past: Past) -> Iterator[Sighting]:
    return (sighting for _, sighting in _left(past, "left_early"))


def _called_out(past: Past) -> Iterator[Sighting]:
    """Left one room in the minute of coming to a medication visit."""
    visits = {
        (fact.patient_id, fact.arrived_at)
        for _, fact in past.facts("session.patient_checked_in") if fact.service_kind == "medication_visit"
    }  # fmt: skip
    for left_at, sighting in _left(past, "called_out", "checked_in_elsewhere"):
        if (sighting.patients[0], left_at) in visits:
            yield sighting


def _breaks(past: Past) -> Iterator[Sighting]:
    return (past.meetings[stored.stream].sighting() for stored, _ in past.facts("session.break_taken"))


def _walk_ins(past: Past) -> Iterator[Sighting]:
    for stored, fact in past.facts("session.patient_checked_in"):
        if fact.cause == "walk_in":
            yield past.meetings[stored.stream].sighting(fact.patient_id)


def _substitutes(past: Past) -> Iterator[Sighting]:
    for stored, fact in past.facts("group.facilitator_substituted"):
        for meeting in past.meetings.values():
            if (meeting.group_id, meeting.date) == (stored.stream, fact.on):
                yield meeting.sighting()


def _no_shows(past: Past) -> Iterator[Sighting]:
    for stored, fact in past.facts("session.patient_marked_absent"):
        if not fact.excused:
            yield past.meetings[stored.stream].sighting(fact.patient_id)


def _cancelled_groups(past: Past) -> Iterator[Sighting]:
    for stored, _ in past.facts("session.cancelled"):
        meeting = past.meetings[stored.stream]
        if meeting.group_id is not None:
            yield Sighting(meeting.program_id, meeting.date, stored.patients)


def _groups_over_limit(past: Past) -> Iterator[Sighting]:
    for stored, fact in past.facts("session.closed"):
        meeting = past.meetings[stored.stream]
        if meeting.group_id is not None and fact.head_count > past.seats(meeting.group_id):
            yield meeting.sighting()


def _with_reason(past: Past, reasons: set[str]) -> Iterator[Sighting]:
    for day in past.days:
        if _reasons(day) & reasons:
            yield _on(day)


def _signed_late(past: Past) -> Iterator[Sighting]:
    return _with_reason(past, {"signature_late"})


def _never_signed(past: Past) -> Iterator[Sighting]:
    """The payer's window has closed without a signature."""
    for day in past.days:
        if any(one.code in UNDOCUMENTED and one.outcome == "held" for one in day.reasons):
            yield _on(day)


def _license_lapsed(past: Past) -> Iterator[Sighting]:
    return _with_reason(past, {"credential_not_active_on_service_date"})


def _corrections(past: Past) -> Iterator[Sighting]:
    for stored, fact in past.facts("session.attendance_corrected"):
        yield past.meetings[stored.stream].sighting(fact.patient_id)


def _ran_out(past: Past) -> Iterator[Sighting]:
    """The first day without a unit, after a day of the same week that still had one."""
    weeks: defaultdict[tuple[str, str, str], list[DayView]] = defaultdict(list)
    for day in past.days:
        weeks[day.patient_id, day.enrollment_id, day.week].append(day)
    for days in weeks.values():
        without = [day for day in days if _reasons(day) & RAN_OUT]
        if without and any(day.authorization_units and day.service_date < without[0].service_date for day in days):
            yield _on(without[0])


def _approved_late(past: Past) -> Iterator[Sighting]:
    for one in past.ledger:
        if one.retroactive and one.status == "approved":
            first = [day for day in past.days if day.authorization_id == one.authorization_id]
            yield Sighting(one.program_id, first[0].service_date if first else one.valid_from, (one.patient_id,))


def _step_ups(past: Past) -> Iterator[Sighting]:
    for stored, fact in past.facts("enrollment.level_of_care_changed"):
        if (fact.from_level, fact.to_level) == ("intensive_outpatient", "partial_hospitalization"):
            yield _in_episode(past, stored.stream, fact.effective_on)


def _drop_outs(past: Past) -> Iterator[Sighting]:
    for stored, fact in past.facts("enrollment.patient_discharged"):
        if fact.reason == "dropped_out":
            yield _in_episode(past, stored.stream, fact.discharged_on)


def _alerted(past: Past, kind: str) -> Iterator[Sighting]:
    for alert in past.alerts:
        if alert.kind == kind:
            yield Sighting(alert.program_id, alert.since.isoformat(), (alert.patient_id,))


def _deteriorations(past: Past) -> Iterator[Sighting]:
    return _alerted(past, "reliable_deterioration")


def _item_nine(past: Past) -> Iterator[Sighting]:
    return _alerted(past, "safety_item")


KINDS: dict[str, tuple[str, Finder]] = {
    "late_arrival": ("came late", _late_arrivals),
    "early_departure": ("left early", _early_departures),
    "called_out": ("called out to the prescriber", _called_out),
    "break": ("break", _breaks),
    "walk_in": ("walk-in", _walk_ins),
    "substitute": ("substitute facilitator", _substitutes),
    "no_show": ("no-show", _no_shows),
    "cancelled_group": ("group cancelled", _cancelled_groups),
    "group_over_limit": ("group over its limit", _groups_over_limit),
    "note_signed_late": ("day with a late signature", _signed_late),
    "note_never_signed": ("day with a missing signature", _never_signed),
    "license_lapsed": ("signed on a lapsed license", _license_lapsed),
    "corrected_after_closing": ("corrected after closing", _corrections),
    "authorization_ran_out": ("units ran out mid-week", _ran_out),
    "authorization_retroactive": ("approved retroactively", _approved_late),
    "step_up": ("step-up to partial hospital", _step_ups),
    "drop_out": ("dropped out", _drop_outs),
    "deterioration": ("reliable deterioration", _deteriorations),
    "item_nine": ("PHQ-9 item 9 above zero", _item_nine),
}
"""What an incident is called, and how it is found; the order is that of the report."""


def _reasons(day: DayView) -> set[str]:
    return {reason.code for reason in day.reasons}


def _on(day: DayView) -> Sighting:
    return Sighting(day.program_id, day.service_date, (day.patient_id,))


def _in_episode(past: Past, enrollment_id: str, date: str) -> Sighting:
    episode = past.episodes[enrollment_id]
    return Sighting(episode.program_id, date, (episode.patient_id,))


def _decided(days: list[DayView]) -> dict[str, list[str]]:
    """The dates of each patient's decided days, in order."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for day in days:
        found[day.patient_id].append(day.service_date)
    return found


def _told(
    kind: str, what: str, sightings: list[Sighting], past: Past, decided: dict[str, list[str]]
) -> Incident:
    """The kind with its first example that happened on a decided day; else the first, with the day before it."""
    examples = [(one, patient) for one in sightings for patient in one.patients]
    on_a_day = ((one, patient) for one, patient in examples if one.date in decided.get(patient, ()))
    example = next(on_a_day, examples[0] if examples else None)
    if example is None:
        return Incident(
            kind=kind, what=what, count=len(sightings), program=None, patient_id=None, date=None, explain_date=None
        )
    one, patient = example
    dates = decided.get(patient, [])
    before = bisect_right(dates, one.date)
    return Incident(
        kind=kind, what=what, count=len(sightings), program=past.reading.programs[one.program_id].code,
        patient_id=patient, date=one.date, explain_date=dates[before - 1] if before else next(iter(dates), None),
    )  # fmt: skip
