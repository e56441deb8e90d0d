"""The report: what the four read models say about the whole clinic, added up; money is in `revenue`, cohorts in
`improvement`.

Nothing is counted from facts but takebacks, which no read model keeps, and documents, whose signatures are checked.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from aggregates.assessment.instruments import Instrument, current
from aggregates.assessment.scales import Scale
from iop_es.demo import figures as told
from iop_es.demo import improvement, revenue
from iop_es.demo.documents import documents
from iop_es.demo.reading import EVERYTHING, Reading
from iop_es.wiring import House
from projections.audit import queries as audit_queries
from projections.billing import queries as billing_queries
from projections.billing.views import TotalView
from projections.caseload import queries as caseload_queries
from projections.caseload.views import CensusWeek
from projections.outcomes import queries as outcome_queries
from projections.outcomes import today
from projections.outcomes.alert_words import done, reason
from projections.outcomes.views import ProgramView

STATES = ("billed", "billable", "waiting", "held", "not_billable", "written_off")


def report(house: House, incidents: Sequence[told.Incident]) -> told.Report:
    """What every read model says now, with the incidents that were found; pictures are drawn afterwards.

    Raises NotProjectedYet.
    """
    reading, head = Reading(house), house.log.head()
    return told.Report(
        log=head.name,
        simulation=head.simulation,
        position=min(house.gate.positions().values()),
        now=house.gate.now(),
        programs=_programs(reading),
        facts=_facts(reading),
        census=_census(reading),
        billing=_billing(reading),
        claims=revenue.claims(reading),
        corrections=revenue.corrections(reading),
        accounts=revenue.accounts(reading),
        disputes=revenue.disputes(reading),
        other_terms=revenue.other_terms(reading),
        outcomes=_outcomes(reading),
        cohorts=improvement.cohorts(reading),
        stays=improvement.stays(reading),
        alerts=_alerts(reading),
        today=_today(reading),
        pictures=[],
        documents=documents(house),
        audit=_audit(reading),
        incidents=list(incidents),
    )


def _programs(reading: Reading) -> list[told.Program]:
    return [
        told.Program(program_id=program_id, code=one.code, level_of_care=one.level_of_care, focus=one.focus,
                population=one.population)
        for program_id, one in reading.programs.items()
    ]  # fmt: skip


def _facts(reading: Reading) -> told.Facts:
    counts = reading.ask("audit", audit_queries.counts, by="name", organization_wide=True)
    by_stream: Counter[str] = Counter()
    for count in counts:
        by_stream[(count.value or "").partition(".")[0]] += count.entries
    return told.Facts(total=by_stream.total(), by_stream=dict(by_stream.most_common()))


def _census(reading: Reading) -> list[told.Census]:
    first = reading.house.log.after(0, 1)
    weeks = reading.ask(
        "caseload", caseload_queries.census, limit=EVERYTHING,
        first=first[0].recorded_at[:10] if first else "1970-01-01", last=reading.house.gate.now()[:10],
    )  # fmt: skip
    return [
        _census_of(one.code, [week for week in weeks if week.program_id == program_id])
        for program_id, one in reading.programs.items()
    ]


def _census_of(code: str, weeks: list[CensusWeek]) -> told.Census:
    reasons: Counter[str] = Counter()
    for week in weeks:
        reasons.update(week.discharges_by_reason)
    attended, absent = sum(week.attended for week in weeks), sum(week.absent for week in weeks)
    discharges = sum(week.discharges for week in weeks)
    stayed = sum((week.length_of_stay_mean or 0.0) * week.discharges for week in weeks)
    return told.Census(
        program=code,
        referrals=sum(week.referrals for week in weeks),
        admissions=sum(week.admissions for week in weeks),
        discharges=discharges,
        discharges_by_reason=dict(reasons.most_common()),
        closed_without_admission=sum(week.referrals_closed for week in weeks),
        in_care=weeks[-1].census if weeks else 0,
        mean_stay_days=stayed / discharges if discharges else None,
        sessions_held=sum(week.sessions_held for week in weeks),
        sessions_cancelled=sum(week.sessions_cancelled for week in weeks),
        attendance_rate=attended / (attended + absent) if attended + absent else None,
        scheduled_minutes=sum(week.scheduled_minutes for week in weeks),
        delivered_minutes=sum(week.delivered_minutes for week in weeks),
        weeks=[
            told.CensusWeek(week=week.week, complete=week.complete, census=week.census, attended=week.attended,
                       absent=week.absent)
            for week in weeks
        ],
    )  # fmt: skip


def _billing(reading: Reading) -> told.Billing:
    by_program = {
        one.code: reading.ask("billing", billing_queries.totals, program_id=program_id)
        for program_id, one in reading.programs.items()
    }
    totals = [total for found in by_program.values() for total in found]
    return told.Billing(
        states=[
            told.State(
                **_added(of_state).model_dump(), state=state,
                by_program={code: sum(one.days for one in found if one.state == state)
                            for code, found in by_program.items()},
            )
            for state in STATES
            if (of_state := [total for total in totals if total.state == state])
        ],
        reasons=_reasons(totals),
    )  # fmt: skip


def _reasons(totals: list[TotalView]) -> list[told.Reason]:
    """What keeps days from being billed, the dearest first within a state; a warning keeps nothing."""
    groups: defaultdict[tuple[str, str, str, str], list[TotalView]] = defaultdict(list)
    for total in totals:
        if total.reason and total.owner and total.next_step and total.state in STATES[2:]:
            groups[total.state, total.reason, total.owner, total.next_step].append(total)
    found = [
        told.Reason(**_added(group).model_dump(), state=state, reason=reason, owner=owner, next_step=next_step)
        for (state, reason, owner, next_step), group in groups.items()
    ]
    return sorted(found, key=lambda one: (STATES.index(one.state), -one.expected_cents, -one.days, one.reason))


def _added(totals: Iterable[TotalView]) -> told.Days:
    sums: Counter[str] = Counter()
    for total in totals:
        sums.update({name: getattr(total, name) for name in told.Days.model_fields})
    return told.Days(**{name: sums[name] for name in told.Days.model_fields})


def _outcomes(reading: Reading) -> list[told.Outcome]:
    return [
        _outcome(reading, instrument, instrument.total, view)
        for instrument in current().values() if instrument.total is not None
        for view in reading.ask("outcomes", outcome_queries.comparison, instrument=instrument.code)
        if view.instrument_version is not None
    ]


def _outcome(reading: Reading, instrument: Instrument, total: Scale, view: ProgramView) -> told.Outcome:
    courses = reading.ask("outcomes", outcome_queries.course, programs=[view.program_id], instrument=instrument.code)
    points = [
        told.Point(month=int(point.point), n=point.n, mean=point.mean)
        for course in courses if course.instrument_version == view.instrument_version
        for point in course.points if point.mean is not None
    ]  # fmt: skip
    limit = total.thresholds[-1].reliable_change
    better = None if view.share_improved is None else view.share_improved + (view.share_recovered or 0)
    return told.Outcome(
        program=reading.programs[view.program_id].code, instrument=instrument.label, n=view.measured_again,
        baseline_only=view.episodes - view.measured_again, baseline_mean=view.baseline_mean_of_measured_again,
        last_mean=view.last_mean, mean_change=view.mean_change, share_improved=better,
        share_deteriorated=view.share_deteriorated,
        threshold_verified=None if limit is None else limit.verified, months=points,
    )


def _alerts(reading: Reading) -> list[told.Alerts]:
    standing = reading.ask("outcomes", today.alerts, limit=EVERYTHING)
    cleared = reading.ask("outcomes", today.alerts, state="cleared", limit=EVERYTHING)
    return [
        told.Alerts(kind=kind, alerts=len(own), urgent=sum(one.urgent for one in own),
               patients=len({one.patient_id for one in own}), open=sum(one.standing != "cleared" for one in own),
               cleared=sum(one.standing == "cleared" for one in own))
        for kind in sorted({one.kind for one in (*standing, *cleared)})
        for own in [[one for one in (*standing, *cleared) if one.kind == kind]]
    ]  # fmt: skip


def _today(reading: Reading) -> list[told.Listed]:
    return [
        told.Listed(
            program=reading.programs[one.program_id].code, patient_id=one.patient_id, kind=one.kind,
            since=one.since.isoformat(), age_days=one.age_days, urgent=one.urgent, why=reason(one), owner=one.owner_id,
            done=done(one),
        )
        for one in reading.ask("outcomes", today.alerts, limit=EVERYTHING)
    ]


def _audit(reading: Reading) -> told.Audit:
    kinds = reading.ask("audit", audit_queries.counts, by="kind", organization_wide=True)
    roles = reading.ask("audit", audit_queries.counts, by="role", organization_wide=True)
    entries = {one.value: one.entries for one in kinds}
    return told.Audit(
        entries=sum(one.entries for one in kinds),
        late_entries=sum(one.late for one in kinds),
        corrections=entries.get("correction", 0),
        overrides=entries.get("override", 0),
        signatures=entries.get("signature", 0),
        late_signatures=sum(any(one.code == "signature_late" for one in day.reasons) for day in reading.days()),
        by_kind=[told.Acts(kind=one.value or "", entries=one.entries, late=one.late) for one in kinds],
        by_role={one.value or "": one.entries for one in sorted(roles, key=lambda one: -one.entries)},
    )
