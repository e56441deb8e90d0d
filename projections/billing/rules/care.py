"""Was the patient in care that day, at which level, and are the physician's and the plan's papers in order?

The day of a level change belongs to the new level; the day of discharge still belongs to the episode. A first
certification covers the days since admission, a later one the days from its own date; each lasts for the payer's
interval at most (recertification: 42 CFR 424.24). A first one that comes later than that after the day is a warning,
which is our convention, unverified.

A certification, a plan of care or its review holds from the day that it tells of, whenever it was recorded: what is
recorded late can make a day billable that was held until then, and an answer of its own says so (`recording`). Late is
what was recorded after its own day, by the days of the program's zone; where it also was recorded after the day of
service, and nothing that was on record by then bears the day, the payer's terms decide (`late_recording`): a word, a
warning or a hold, and where they say nothing a warning, which is our convention, unverified. (42 CFR 424.11(d)(3) takes
a certification that is late with an explanation: general knowledge, unverified, so that no payer's terms rest on it.)
Recorded is when the log took it: of a history that was loaded that is the day of loading, whatever its lines say of
when it was true, as the signatures of such a history bear the time at which they are made.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from aggregates.days import covers, days_between
from projections.billing.day import Case, Outcome
from projections.billing.documents import Dated, Paper
from projections.billing.references import Reference
from projections.billing.times import day_there, plus_days

BEFORE_ADMISSION = frozenset({"intake", "crisis"})
Partial = tuple[str, str]
"""A day of partial hospitalization, and its episode."""
AnyDated = TypeVar("AnyDated", bound=Dated)
OUTCOMES: dict[str | None, Outcome] = {"none": "passed", "warn": "warning", "hold": "held", None: "warning"}
"""What becomes of a day that rests on what was recorded after it, by the payer's terms."""


def find(case: Case) -> None:
    """The episode, its program, and the level and focus of the day."""
    episode = case.patient.episodes.get(case.enrollment_id)
    case.program_id = next((visit.program_id for _, visit in case.visits if visit.program_id), "")
    if episode is not None:
        case.episode, case.program_id = episode, episode.program_id
    case.program = case.reference.programs.get(case.program_id, case.program)
    case.focus = case.episode.focus or case.program.focus or None
    level = latest(case.episode.levels, case.date)
    case.level = level.value if level else None


def ask(case: Case) -> None:
    """Admission, discharge, leave."""
    episode = case.episode
    if case.level is None:
        kinds = {visit.kind for _, visit in case.visits if visit.status in {"present", "open"}}
        outcome: Outcome = "not_billable" if kinds <= BEFORE_ADMISSION else "held"
        case.say("admission", outcome, "no_admission", episode.positions)
    else:
        entry = latest(episode.levels, case.date)
        case.say("admission", positions=entry.positions if entry else (), level=case.level)
    if episode.discharged_on is not None and case.date > episode.discharged_on:
        position = [episode.discharge_position or 0]
        case.say("discharge", "held", "after_discharge", position, discharged_on=episode.discharged_on)
    for leave in episode.leaves.values():
        if leave.on <= case.date and (not leave.value or case.date < leave.value):
            case.say("leave", "held", "on_leave", leave.positions, since=leave.on)


def ask_papers(case: Case, weeks_in_care: int) -> None:
    """Certification, plan review and duration, each only where the payer's terms ask for it.

    Weeks in care are the calendar weeks in which something was given, up to the day's own: how payers count them is not
    confirmed, so that this is a convention of ours, unverified.
    """
    if case.term("certification_days") is not None:
        _certification(case, case.terms.certification_days or 0)
    resting = []
    if case.term("plan_review_days") is not None:
        resting.append(_plan_review(case, case.terms.plan_review_days or 0))
    cap = case.term("duration_cap_weeks")
    if cap is not None:
        resting.append(_duration(case, cap, weeks_in_care))
    for number, paper in enumerate(resting):
        if paper is not None and paper not in resting[:number]:  # a review may be both
            _recording(case, "plan_review", paper.value, paper)


def ask_step_down(case: Case, last_partial: Partial | None) -> None:
    """Was there partial hospitalization so shortly before that the payer returns the claim for this day?

    Medicare's contractors do where such a day lies within seven days before an intensive outpatient claim begins, of
    the same patient and provider. `last_partial` is the last day of that level up to this one that was delivered in
    any program of the house under the day's payer: programs of one house mostly bill as one provider, and a warning
    too many costs a look. Whether that day is on a claim is not asked.
    """
    look_back = case.term("partial_hospitalization_look_back_days")
    if look_back is None or case.level != "intensive_outpatient":
        return
    last, enrollment_id = last_partial or ("", "")
    days = days_between(last, case.date) if last else 0
    if not last or days > look_back:
        case.say("look_back", look_back=look_back)
    else:
        _, about = case.told_of(enrollment_id, (), last_partial=last, days=days)
        case.say("look_back", "warning", "partial_hospitalization_before", about=about, look_back=look_back)


def accepted(certifications: list[Paper], titles: tuple[str, ...], reference: Reference) -> list[Paper]:
    """Those by somebody who held one of the payer's credentials on that day, as it is known now; all without titles."""
    found = []
    for entry in certifications:
        clinician = reference.clinicians.get(entry.value)
        periods = clinician.credentials.values() if clinician else ()
        if not titles or any(one.value in titles and covers(one.on, one.through, entry.on) for one in periods):
            found.append(entry)
    return found


def lasts_through(entry: Dated, days: int) -> str:
    """The last day of a certification, or the day of the next review: as it says, or by the payer's interval."""
    return min(entry.through or "", plus_days(entry.on, days))


def latest(entries: Sequence[AnyDated], day: str) -> AnyDated | None:
    """The last entry from this day or earlier; entries are in the order of their first days."""
    found = None
    for entry in entries:
        if entry.on > day:
            break
        found = entry
    return found


def _certification(case: Case, days: int) -> None:
    titles = case.term("certified_by")
    known = accepted(case.episode.certifications, titles, case.reference)
    newest, given = _reaching(known, case.date), latest(case.episode.certifications, case.date)
    if newest is None and given is not None:
        case.say("certification", "held", "certifier_not_accepted", given.positions, titles=", ".join(titles))
    elif newest is None:
        case.say("certification", "held", "certification_missing", case.episode.admission_positions)
    elif case.date > lasts_through(newest, days):
        through = lasts_through(newest, days)
        case.say("certification", "held", "certification_expired", newest.positions, through=through)
    else:
        _certified(case, _bearing(case, known, newest, _reaching, days), days)


def _reaching(certifications: Sequence[Paper], day: str) -> Paper | None:
    """The last one from this day or earlier, or else the first, which covers the days since admission."""
    return latest(certifications, day) or next(iter(certifications), None)


def _certified(case: Case, paper: Paper, days: int) -> None:
    later = {"certified_on": paper.on} if paper.on > case.date else {}
    late = days_between(case.date, paper.on) if later else 0
    if late > days:
        about = later | {"days_after": late, "interval": days}
        case.say("certification", "warning", "certification_missing", paper.positions, about=about)
    else:
        through = lasts_through(paper, days)
        case.say("certification", positions=paper.positions, about=later, through=through)
    _recording(case, "certification", "certification", paper)


def _plan_review(case: Case, days: int) -> Paper | None:
    """Whether the plan is reviewed; the plan or review that says so."""
    newest = latest(case.episode.reviews, case.date)
    if newest is None:
        case.say("plan_review", "held", "plan_missing")
        return None
    if case.date > lasts_through(newest, days):
        due_on = lasts_through(newest, days)
        case.say("plan_review", "held", "plan_review_overdue", newest.positions, due_on=due_on)
        return None
    review = _bearing(case, case.episode.reviews, newest, latest, days)
    case.say("plan_review", positions=review.positions, due_on=lasts_through(review, days))
    return review


def _duration(case: Case, cap: int, weeks: int) -> Paper | None:
    """Whether the stay is no longer than the payer wants, or reasoned; the review that does so where it is needed."""
    newest = latest(case.episode.rationales, case.date)
    if weeks > cap and newest is None:
        case.say("duration", "held", "duration_rationale_missing", weeks=weeks, cap=cap)
        return None
    rationale = _bearing(case, case.episode.rationales, newest, latest) if newest else None
    case.say("duration", positions=rationale.positions if rationale else (), weeks=weeks, cap=cap)
    return rationale if weeks > cap else None


def _bearing(
    case: Case, papers: list[Paper], newest: Paper, find: Callable[[Sequence[Paper], str], Paper | None],
    days: int | None = None,
) -> Paper:  # fmt: skip
    """What the day rests on: the newest, unless only that was recorded late and the day can do without it."""
    if _in_time(case, newest):
        return newest
    other = find([one for one in papers if _in_time(case, one)], case.date)
    return newest if other is None or (days is not None and case.date > lasts_through(other, days)) else other


def _in_time(case: Case, paper: Paper) -> bool:
    """Whether it was on record on its own day or on the day of service."""
    return day_there(paper.recorded_at, case.program.time_zone) <= max(paper.on, case.date)


def _recording(case: Case, code: str, name: str, paper: Paper) -> None:
    """That what the day rests on was recorded later than its own day, whatever follows from it."""
    recorded_on = day_there(paper.recorded_at, case.program.time_zone)
    if recorded_on <= paper.on:
        return
    about: dict[str, int | str] = {
        "paper": name, "told_on": paper.on, "recorded_on": recorded_on, "days": days_between(paper.on, recorded_on),
        "because": paper.late_reason or "no reason given",
    }  # fmt: skip
    outcome = "passed" if _in_time(case, paper) else OUTCOMES[case.term("late_recording")]
    if outcome == "passed":
        case.say("recording", positions=paper.positions, about=about)
    else:
        untold = {"untold": 1} if case.terms.late_recording is None else {}
        case.say("recording", outcome, f"{code}_recorded_late", paper.positions, about=about | untold)
