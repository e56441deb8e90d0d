"""The walk over a patient's weeks: each is decided from its days' inputs and the counters at the end of the last.

Only weeks that a batch made dirty are decided, and after them as many as it takes for the counters to come out
unchanged. A week is Monday through Sunday of the dates of service, which are dates in the program's own zone. What runs
past midnight reaches into the next day, so that a Monday and the Sunday before it are decided together.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from aggregates.payer_policy.terms import LONGEST_LOOK_BACK
from projections.billing.accounts.documents import Line, charged_days
from projections.billing.day import Case, Charged, Day, stages
from projections.billing.documents import Claim, Note, Patient, Visit, Week
from projections.billing.headers import header_of, says
from projections.billing.keeping import Kept, kept
from projections.billing.lines import ClaimedLine, total
from projections.billing.references import Reference
from projections.billing.rules import contenders, open_case, settle, weigh
from projections.billing.rules.authorization import Ledger
from projections.billing.rules.care import Partial
from projections.billing.rules.correct_by import correct_by
from projections.billing.rules.payer import filing_due_on
from projections.billing.rules.week import Total
from projections.billing.times import day_number, day_of, plus_days, week_of

PARTIAL = ":partial"
"""What follows an episode's and a payer's id in the counter of the payer's last day of partial hospitalization."""
Visits = list[tuple[str, Visit]]


@dataclass(slots=True)
class Inputs:
    """A patient's inputs as the walk needs them: visits by week, notes by session and day, units that claims hold.

    `further` are by week the lines of secondary claims, each with its claim's id and episode, `kept` what is kept of
    claims that others take back, `charged` by day and episode what the patient was charged.
    """

    visits: dict[str, Visits] = field(default_factory=dict)
    claimed: dict[str, set[tuple[str, str]]] = field(default_factory=dict)
    by_session: dict[str, list[Note]] = field(default_factory=dict)
    by_day: dict[str, list[Note]] = field(default_factory=dict)
    drawn: dict[str, set[int]] = field(default_factory=dict)
    further: dict[str, list[tuple[str, str, Line]]] = field(default_factory=dict)
    kept: dict[str, list[Kept]] = field(default_factory=dict)
    charged: dict[tuple[str, str], Charged] = field(default_factory=dict)


def walk(patient_id: str, patient: Patient, reference: Reference) -> dict[str, list[Day]]:
    """Decides what is dirty, keeps each decided week's counters in the document, and answers the days by week."""
    inputs = _inputs(patient)
    dirty = {week_of(day) for day in patient.dirty_days}
    dirty.update(week for day in patient.dirty_days for week in _beside(day, inputs))
    since = week_of(patient.dirty_from) if patient.dirty_from is not None else None
    decided: dict[str, list[Day]] = {}
    before: dict[str, int] = {}
    carried: dict[str, int] = {}
    filled = {*inputs.visits, *inputs.claimed, *inputs.further, *inputs.kept}
    for week in sorted({*patient.weeks, *filled, *dirty}):
        known = patient.weeks.get(week)
        fresh = known is not None and week not in dirty and (since is None or week < since) and before == carried
        if fresh and known is not None:
            before = carried = known.after
            continue
        before = before if known is None else known.after
        decided[week], entry = _week(patient_id, week, patient, reference, inputs, carried)
        carried = entry.after
        _keep(patient, week, entry, week in filled)
    return decided


def _beside(day: str, inputs: Inputs) -> Iterator[str]:
    """The week that a Monday or a Sunday touches, where the patient was there on the day on its other side: the two may
    overlap, or have overlapped before something changed."""
    week = week_of(day)
    if day == week:
        other = plus_days(day, -1)
    elif day == plus_days(week, 6):
        other = plus_days(day, 1)
    else:
        return
    if any(visit.date == other and visit.intervals for _, visit in inputs.visits.get(week_of(other), ())):
        yield week_of(other)


def _keep(patient: Patient, week: str, entry: Week, filled: bool) -> None:
    """Weeks stay in their order whatever the order of recording, so that any batches make the same document."""
    if not filled:
        patient.weeks.pop(week, None)
        return
    late = week not in patient.weeks and bool(patient.weeks) and week < next(reversed(patient.weeks))
    patient.weeks[week] = entry
    if late:
        patient.weeks = dict(sorted(patient.weeks.items()))


def _inputs(patient: Patient) -> Inputs:
    inputs = Inputs()
    for session_id, visit in patient.visits.items():
        inputs.visits.setdefault(week_of(visit.date), []).append((session_id, visit))
    for note in patient.notes.values():
        if note.session_id is not None:
            inputs.by_session.setdefault(note.session_id, []).append(note)
        elif note.kind == "daily":
            inputs.by_day.setdefault(note.date, []).append(note)
    for claim_id, claim in patient.claims.items():
        for line in claim.lines if claim.live else ():
            if claim.bills:
                inputs.claimed.setdefault(week_of(line.date), set()).add((line.date, claim.enrollment_id))
            else:
                inputs.further.setdefault(week_of(line.date), []).append((claim_id, claim.enrollment_id, line))
            if line.authorization_id is not None:
                inputs.drawn.setdefault(line.authorization_id, set()).update(line.units)
    _keep_taken(inputs, patient)
    for charge_id, _, one in charged_days(patient.money):
        inputs.claimed.setdefault(week_of(one.date), set()).add((one.date, one.enrollment_id))
        inputs.charged[one.date, one.enrollment_id] = Charged(
            charge_id, one.charge_cents, one.owed_cents, one.position, one.written_off
        )
    return inputs


def _keep_taken(inputs: Inputs, patient: Patient) -> None:
    """Days, and units, of claims that others take back: not free yet."""
    for one in kept(patient):
        week = week_of(one.line.date)
        inputs.kept.setdefault(week, []).append(one)
        if one.claim.after_claim is None:
            inputs.claimed.setdefault(week, set()).add((one.line.date, one.claim.enrollment_id))
        if one.line.authorization_id is not None:
            inputs.drawn.setdefault(one.line.authorization_id, set()).update(one.units)


def _week(
    patient_id: str, week: str, patient: Patient, reference: Reference, inputs: Inputs, carried: dict[str, int]
) -> tuple[list[Day], Week]:
    """The days of a week and its counters; authorizations and episodes share them, because their ids differ."""
    visits = inputs.visits.get(week, [])
    across = _across(week, inputs)
    cases = [
        _case(patient_id, week, key, patient, reference, visits, across, inputs)
        for key in sorted(_recorded(visits) | inputs.claimed.get(week, set()))
    ]
    totals: dict[str, Total] = {}
    for _, visit in visits:
        if visit.enrollment_id not in totals:
            totals[visit.enrollment_id] = Total(offered_before=_offered(carried, visit.enrollment_id))
        totals[visit.enrollment_id].plan([visit])
    for case in cases:
        open_case(case)
        totals.setdefault(case.enrollment_id, Total()).days.append(case)
    weeks = {case.enrollment_id: carried.get(case.enrollment_id, 0) + 1 for case in cases if case.delivered}
    served = _served(cases, carried)
    partial = _partial(cases, carried)
    ledger = Ledger({key: carried[key] for key in patient.authorizations if key in carried}, inputs.drawn)
    for _, _, line in inputs.further.get(week, ()):
        if line.authorization_id is not None:
            ledger.note(line.authorization_id, line.date, drawn=len(line.units))
    for one in inputs.kept.get(week, ()):
        if one.line.authorization_id is not None and one.units:
            ledger.note(one.line.authorization_id, one.line.date, drawn=len(one.units))
    for case in cases:
        last_partial = max((one for one in partial.get(case.payer_id, ()) if one[0] <= case.date), default=None)
        weigh(case, totals[case.enrollment_id], weeks, last_partial)
    contending = contenders(cases)
    for case in cases:
        rivals = [rival for rival in contending if rival.date == case.date]
        settle(case, rivals, ledger, served[case.enrollment_id, case.date])
    counts = {f"{case.enrollment_id}:{case.payer_id}": served[case.enrollment_id, case.date] for case in cases}
    offered = {
        f"{key}:offered": day_number(total.last_offered) for key, total in totals.items() if total.last_offered
    }
    kept = {key: count for key, count in carried.items() if not key.endswith(PARTIAL)}
    counters = {**kept, **weeks, **offered, **counts, **_remembered(partial, week), **ledger.last}
    after = dict(sorted(counters.items()))
    return [_day(case, inputs) for case in cases], Week(after, dict(sorted(ledger.week.items())))


def _across(week: str, inputs: Inputs) -> dict[str, Visits]:
    """By day the visits of the days beside it where the hours of one run into those of the other; hardly ever any."""
    visits = [one for one in inputs.visits.get(week, ()) if one[1].intervals]
    for monday, day in ((plus_days(week, -7), plus_days(week, -1)), (plus_days(week, 7), plus_days(week, 7))):
        visits += [one for one in inputs.visits.get(monday, ()) if one[1].date == day and one[1].intervals]
    since: dict[str, str] = {}
    until: dict[str, str] = {}
    for _, visit in visits:
        date = visit.date
        for start, stop in visit.intervals:
            if date not in since or start < since[date]:
                since[date] = start
            if date not in until or stop > until[date]:
                until[date] = stop
    found: dict[str, Visits] = {}
    for date, stop in until.items():
        after = plus_days(date, 1)
        if after in since and stop > since[after]:
            found.setdefault(date, []).extend(one for one in visits if one[1].date == after)
            found.setdefault(after, []).extend(one for one in visits if one[1].date == date)
    return found


def _offered(carried: dict[str, int], enrollment_id: str) -> str | None:
    """The last day before this week on which the episode had a service offered."""
    number = carried.get(f"{enrollment_id}:offered")
    return None if number is None else day_of(number)


def _partial(cases: list[Case], carried: dict[str, int]) -> dict[str | None, list[Partial]]:
    """By payer the delivered days of partial hospitalization in any program: this week's, and the last before it."""
    found: dict[str | None, list[Partial]] = {}
    for key, number in carried.items():
        if key.endswith(PARTIAL):
            enrollment_id, payer_id = key.removesuffix(PARTIAL).split(":")
            found.setdefault(payer_id, []).append((day_of(number), enrollment_id))
    for case in cases:
        if case.delivered and case.level == "partial_hospitalization" and case.payer_id is not None:
            found.setdefault(case.payer_id, []).append((case.date, case.enrollment_id))
    return found


def _remembered(partial: dict[str | None, list[Partial]], week: str) -> dict[str, int]:
    """The last such day under each payer, with its episode, as long as terms can look back to it from a day after this
    week."""
    first, found = plus_days(week, 7 - LONGEST_LOOK_BACK), dict[str, int]()
    for payer_id, days in partial.items():
        last, enrollment_id = max(days)
        if last >= first:
            found[f"{enrollment_id}:{payer_id}{PARTIAL}"] = day_number(last)
    return found


def _served(cases: list[Case], carried: dict[str, int]) -> dict[tuple[str, str], int]:
    """The number of each delivered day among its episode's under its payer; another day has that of the one before."""
    counts = dict(carried)
    found = {}
    for case in sorted(cases, key=lambda case: case.date):
        key = f"{case.enrollment_id}:{case.payer_id}"
        counts[key] = counts.get(key, 0) + (1 if case.delivered else 0)
        found[case.enrollment_id, case.date] = counts[key]
    return found


def _recorded(visits: Visits) -> set[tuple[str, str]]:
    return {(visit.date, visit.enrollment_id) for _, visit in visits if visit.status != "expected"}


def _case(
    patient_id: str, week: str, key: tuple[str, str], patient: Patient, reference: Reference, visits: Visits,
    across: dict[str, Visits], inputs: Inputs,
) -> Case:
    date, enrollment_id = key
    expected = [
        visit for _, visit in visits
        if (visit.date, visit.enrollment_id, visit.status) == (date, enrollment_id, "expected")
    ]  # fmt: skip
    same_day = [(session, visit) for session, visit in visits if visit.date == date and visit.status != "expected"]
    same_day.sort(key=lambda one: one[0])
    own = [(session, visit) for session, visit in same_day if visit.enrollment_id == enrollment_id]
    return Case(
        patient_id=patient_id, enrollment_id=enrollment_id, date=date, week=week, patient=patient, reference=reference,
        visits=own, around=same_day + sorted(across.get(date, ()), key=lambda one: one[0]), expected=expected,
        notes=list(_notes(own, key, patient, inputs)), charged=inputs.charged.get(key),
        kept=[
            one for one in inputs.kept.get(week, ())
            if (one.line.date, one.claim.enrollment_id, one.claim.after_claim) == (date, enrollment_id, None)
        ],
    )  # fmt: skip


def _notes(visits: Visits, key: tuple[str, str], patient: Patient, inputs: Inputs) -> Iterator[Note]:
    date, enrollment_id = key
    for session, _ in visits:
        yield from inputs.by_session.get(session, ())
    episode = patient.episodes.get(enrollment_id)
    program_id = episode.program_id if episode else next((visit.program_id for _, visit in visits), "")
    yield from (note for note in inputs.by_day.get(date, ()) if note.is_daily_of(enrollment_id, program_id))


def _day(case: Case, inputs: Inputs) -> Day:
    """The case closed: what its answers add up to, and what a claim or a reader needs of it."""
    found = stages(case.answers)
    day = Day(
        patient_id=case.patient_id, enrollment_id=case.enrollment_id, program_id=case.program_id,
        service_date=case.date, week=case.week, time_zone=case.program.time_zone,
        state=found[0].state if case.line is None else "billed", answers=case.answers, stages=found,
        minutes=case.minutes, sessions=len(case.counted),
        level_of_care=case.level, focus=case.focus, coverage_id=case.coverage_id,
        payer_id=case.coverage.payer_id if case.coverage else None, authorization_id=case.authorization_id,
        authorization_units=case.authorization_units, disclosure_through=case.disclosure_through,
        discharged_on=case.episode.discharged_on,
        secondary_ids=sorted({
            claim_id for claim_id, enrollment_id, line in inputs.further.get(case.week, ())
            if (enrollment_id, line.date) == (case.enrollment_id, case.date)
        }),
        positions=sorted({position for answer in case.answers for position in answer.positions}),
    )
    _price(day, case)
    _bill(day, case)
    return day


def _price(day: Day, case: Case) -> None:
    """The payer's terms, and the day's worth under them whether or not it can be billed."""
    if not case.delivered:
        day.cents = 0
    day.owed_cents, day.owed_basis, day.agreement_id = case.owed_cents, case.owed_basis, case.agreement_id
    day.charged = case.charged
    day.cents = day.cents if case.charge_cents is None else case.charge_cents
    if case.policy is None or case.version is None:
        return
    day.policy_id, day.policy_code = case.policy_id, case.policy.code
    day.policy_version = case.policy.versions.index(case.version) + 1
    if case.per_diem is not None:
        day.procedure_code, day.revenue_code = case.per_diem.procedure_code, case.per_diem.revenue_code
        day.rate_kind, day.units, day.lines = case.per_diem.rate_kind, case.units, case.lines
        day.cents = total([line.charge_cents for line in case.lines])
        day.expected_cents, day.share_cents = case.expected_cents, case.share_cents
        day.claim_form, day.type_of_bill = case.term("claim_form"), case.term("type_of_bill")
        day.condition_codes = list(case.term("condition_codes"))
        _sequence(day, case)
        day.header = header_of(case.patient, case.episode, case.coverage_id, case.date)
        day.filing_due_on = filing_due_on(case)
    day.unverified = [name for name in case.version.unverified if name.partition(".")[0] in case.used]


def _sequence(day: Day, case: Case) -> None:
    """What the claims of a stay must know of each other."""
    day.billing_period, day.interim_claims = case.term("billing_period"), case.term("interim_claims")
    day.sequential_claims = case.term("sequential_claims")


def _bill(day: Day, case: Case) -> None:
    day.kept = [_claimed(one.claim_id, one.claim, one.line) for one in case.kept if one.free]
    if case.claim is None or case.line is None:
        return
    day.claim_id, day.claim_status = case.claim_id, case.claim.status
    day.claimed, day.misnamed = [_claimed(*one) for one in case.claimed], case.misnamed
    day.told = {
        claim_id: header for claim_id, claim, line in case.claimed
        if line.date == max(one.date for one in claim.lines) and (header := says(claim, case.patient))
    }
    day.correct_by = {
        claim_id: last for claim_id, claim, _ in case.claimed
        if (last := correct_by(claim, case.date, case.patient, case.reference)) is not None
    }
    day.charge_cents = sum(line.charge_cents for line in day.claimed)
    left_at = min((claim.submitted_at for _, claim, _ in case.claimed if claim.submitted_at), default=None)
    if left_at is not None:
        day.amended_after = sum(at > left_at for note in case.notes for at in note.amended_at)
    answered = [line for _, _, line in case.claimed if line.paid_cents is not None]
    if answered:
        day.paid_cents = sum(line.paid_cents or 0 for line in answered)
        day.patient_cents = sum(line.patient_cents or 0 for line in answered)
        day.denied_cents = sum(line.denied_cents for line in answered)
        day.adjusted = [one for line in answered for one in line.adjusted]


def _claimed(claim_id: str, claim: Claim, line: Line) -> ClaimedLine:
    return ClaimedLine(
        claim_id, claim.form, line.revenue_code, line.procedure_code, line.modifiers, line.quantity, line.charge_cents,
        claim.payer_id, line.level, line.authorization_id, line.units,
    )  # fmt: skip
